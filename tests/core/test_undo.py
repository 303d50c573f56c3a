"""Taking decisions back: what was before holds again, in one file and between two desks."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packages import box, findings, review

from redline_review.core.errors import RedlineError
from redline_review.core.report.texts import Texts
from redline_review.core.review.exchange import export_decisions, merge_decisions
from redline_review.core.review.lifecycle import present_decisions, standing
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record, undo
from redline_review.core.review.reviewed import changes_of

TODAY = date(2026, 5, 1)
ONE, TWO, REDLINE = "A/farmland/F1", "A/farmland/F2", "B/eco_redline/E1"
APPROVAL = {
    "authority": "国务院", "authority_level": "state_council", "document": "国函〔2025〕1号",
    "approved_on": "2025-03-01", "approved_m2": 10_000, "valid_until": "长期",
}  # fmt: skip
ROWS = [("A", "farmland", "F1", box(0, 0, 100)), ("A", "farmland", "F2", box(500, 0, 100)),
        ("B", "eco_redline", "E1", box(20_000, 0, 100))]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("undo") / "成果.gpkg"
    review(path, findings(ROWS))
    return path


@pytest.fixture
def path(made, tmp_path):
    return shutil.copy(made, tmp_path / "我的.gpkg")


@pytest.fixture
def pair(made, tmp_path):
    """The same package at two desks."""
    return tuple(shutil.copy(made, tmp_path / name) for name in ("我的.gpkg", "同事 的.gpkg"))


def decided(decision, author="张三", finding=REDLINE):
    details = dict(APPROVAL) if decision == "accepted_exception" else {}
    return Decided(finding, decision, author, "" if decision == "undone" else "理由", details=details)


def events(path):
    with open_package(path) as package:
        return package.decisions()


def present(path, finding=REDLINE):
    """What holds on a finding; None where nothing does."""
    with open_package(path) as package:
        events, found, facts = package.decisions(), package.findings(), package.manifest()
    return present_decisions(events, found, changes_of(facts), TODAY).get(finding)


def held(path, finding=REDLINE):
    now = present(path, finding)
    return ("open", "", "") if now is None else (now.decision, now.author, now.confirmed_by)


def verdict(path, town="B"):
    with open_package(path) as package:
        return package.towns([town])["reviewed_verdict"][0]


def sent(source, target, folder):
    file = folder / "决定.json"
    export_decisions(source, file)
    return merge_decisions(target, file)


def events_without_a_name(path):
    """One, as another program may write it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO decisions (event_id, finding_id, town_id, decision, recorded_at) "
            "VALUES ('e', ?, 'B', 'resolved', '2026-05-01T08:00:00Z')",
            [REDLINE],
        )


def refused(code, path, *arguments):
    before = path.read_bytes()
    with pytest.raises(RedlineError) as caught:
        undo(path, *arguments)
    assert caught.value.code == code and path.read_bytes() == before
    return caught.value


# In one file.


def test_undo_restores_an_exception(path):
    (first,) = record(path, [decided("accepted_exception")])
    (second,) = record(path, [decided("needs_adjustment", "李四")])
    assert verdict(path) == "violation"
    (event,) = undo(path, [REDLINE], "李四")
    assert held(path) == ("accepted_exception", "张三", "") and present(path).counts
    assert verdict(path) == "conditional"
    last = events(path).iloc[-1]
    assert (last.event_id, last.decision, last.author, last.town_id) == (event, "undone", "李四", "B")
    assert json.loads(last.details) == {"undoes": second} != {"undoes": first}


def test_undo_restores_a_decision_with_its_confirmation(path):
    record(path, [decided("false_positive"), decided("verified", "李四")])
    record(path, [decided("resolved", "王五"), decided("verified", "张三")])
    assert held(path) == ("resolved", "王五", "张三") and verdict(path) == "violation"
    undo(path, [REDLINE], "张三")  # the confirmation
    undo(path, [REDLINE], "王五")  # then 已整改 itself
    assert held(path) == ("false_positive", "张三", "李四") and verdict(path) == "clear"


def test_undo_of_a_confirmation_leaves_the_decision(path):
    record(path, [decided("false_positive"), decided("verified", "李四")])
    assert verdict(path) == "clear"
    undo(path, [REDLINE], "李四")
    assert held(path) == ("false_positive", "张三", "") and present(path).why == ("unconfirmed",)
    assert verdict(path) == "violation"
    record(path, [decided("verified", "李四")])  # it may be confirmed again
    assert verdict(path) == "clear"


def test_undo_of_the_first_decision_leaves_the_finding_open(path):
    record(path, [decided("accepted_exception")])
    undo(path, [REDLINE], "张三")
    assert present(path) is None and verdict(path) == "violation"
    refused("nothing_to_undo", path, [REDLINE], "张三")


def test_two_undos_take_back_two_events_never_the_undoing(path):
    record(path, [decided("accepted_exception"), decided("needs_adjustment", "李四"), decided("resolved", "王五")])
    for who, expected in (("王五", "needs_adjustment"), ("李四", "accepted_exception"), ("张三", "open")):
        undo(path, [REDLINE], who)
        assert held(path)[0] == expected
    assert events(path).decision.tolist()[3:] == ["undone"] * 3
    record(path, [decided("false_positive")])
    undo(path, [REDLINE], "张三")
    assert held(path)[0] == "open"


def test_a_finding_named_twice_loses_two(path):
    record(path, [decided("accepted_exception"), decided("resolved"), decided("needs_adjustment")])
    undo(path, [REDLINE, REDLINE], "张三")
    assert held(path)[0] == "accepted_exception"


class TestWhose:
    """Everybody takes back his own, and nothing else silently."""

    def test_anothers_is_not_taken_back(self, path):
        record(path, [decided("accepted_exception"), decided("resolved", "李四")])
        for who in ("王五", "张三"):  # one who has decided nothing, one whose decision lies below
            error = refused("decided_by_another", path, [REDLINE], who)
            assert error.details["author"] == "李四" and "李四" in Texts("zh_CN").error(error)
        assert held(path) == ("resolved", "李四", "") and verdict(path) == "violation"

    def test_nor_is_a_confirmation_or_the_decision_below_it(self, path):
        record(path, [decided("false_positive"), decided("verified", "李四")])
        refused("decided_by_another", path, [REDLINE], "张三")
        assert held(path) == ("false_positive", "张三", "李四") and verdict(path) == "clear"

    def test_one_refused_all_refused(self, path):
        record(path, [decided("resolved", finding=ONE), decided("resolved", "李四", TWO)])
        error = refused("decided_by_another", path, [ONE, TWO], "张三")
        with open_package(path) as package:
            assert error.details["finding"] == package.numbers().set_index("finding_id")["number"][TWO]

    def test_a_name_is_one_however_it_is_written(self, path):
        record(path, [decided("resolved", "Wang Gong")])
        undo(path, [REDLINE], "ｗａｎｇｇｏｎｇ")
        assert present(path) is None

    def test_what_bears_no_name_is_nobodys(self, path):
        events_without_a_name(path)
        assert refused("decided_by_another", path, [REDLINE], "张三").details["author"] == "—"

    def test_of_this_desk_whatever_name_it_bears(self, path):
        (typed_wrong,) = record(path, [decided("resolved", "李四")])
        refused("decided_by_another", path, [REDLINE], "张三")
        undo(path, [REDLINE], "张三", events=[typed_wrong])
        assert present(path) is None and events(path).author.tolist() == ["李四", "张三"]
        refused("nothing_to_undo", path, [REDLINE], "张三", 5, None, [typed_wrong])

    def test_not_what_somebody_has_decided_on_since(self, path):
        record(path, [decided("accepted_exception")])
        (mine,) = record(path, [decided("needs_adjustment")])
        (theirs,) = record(path, [decided("resolved", "李四")])
        error = refused("decided_since", path, [REDLINE], "张三", 5, None, [mine])
        assert error.details["author"] == "李四" and "李四" in Texts("zh_CN").error(error)
        undo(path, [REDLINE], "李四", events=[theirs])
        undo(path, [REDLINE], "张三", events=[mine])
        assert held(path) == ("accepted_exception", "张三", "")

    def test_nor_what_somebody_has_confirmed_since(self, path):
        (mine,) = record(path, [decided("false_positive")])
        record(path, [decided("verified", "李四")])
        refused("decided_since", path, [REDLINE], "张三", 5, None, [mine])
        assert verdict(path) == "clear"

    def test_of_several_findings_each_its_own(self, path):
        made = record(path, [decided("resolved", finding=ONE), decided("resolved", finding=TWO)])
        record(path, [decided("needs_adjustment", "李四", TWO)])
        refused("decided_since", path, [ONE, TWO], "张三", 5, None, made)
        refused("nothing_to_undo", path, [TWO, ONE], "张三", 5, None, made)
        undo(path, [ONE], "张三", events=made[:1])
        assert held(path, ONE)[0] == "open" and held(path, TWO)[0] == "needs_adjustment"


def test_several_findings_in_one_transaction_or_none(path):
    record(path, [decided("resolved", finding=ONE), decided("accepted_exception")])
    error = refused("nothing_to_undo", path, [ONE, TWO, REDLINE], "张三")
    with open_package(path) as package:
        number = package.numbers().set_index("finding_id")["number"][TWO]
    assert error.details["finding"] == number and number in Texts("zh_CN").error(error)
    assert len(set(undo(path, [ONE, REDLINE], "张三"))) == 2
    assert held(path, ONE) == held(path) == ("open", "", "") and verdict(path) == "violation"
    refused("decision_without_finding", path, ["nowhere"], "张三")
    assert undo(path, [], "张三") == []


@pytest.mark.parametrize("author", ["", " ", None])
def test_who_takes_back_is_known(path, author):
    record(path, [decided("resolved")])
    refused("decision_without_author", path, [REDLINE], author)


def test_what_was_taken_back_is_not_confirmed(path):
    record(path, [decided("needs_adjustment"), decided("resolved"), decided("undone")])
    with pytest.raises(RedlineError, match="nothing to confirm"):
        record(path, [decided("verified", "李四")])
    with pytest.raises(RedlineError, match="no decision to take back"):
        record(path, [Decided(None, "undone", "张三", town_id="A")])  # what is said of a town has no verdict


def test_the_restored_decision_is_judged_by_what_is_now(path):
    expired = {**APPROVAL, "valid_until": "2026-04-30"}
    record(path, [Decided(REDLINE, "accepted_exception", "张三", "重点项目", details=expired)], date(2026, 4, 1))
    record(path, [decided("resolved")])
    undo(path, [REDLINE], "张三", today=TODAY)
    assert present(path).why == ("expired",) and verdict(path) == "violation"


# Between two desks.


def test_a_merged_decision_is_undone_at_both_desks(pair, tmp_path):
    mine, theirs = pair
    record(theirs, [decided("false_positive", "李四"), decided("verified", "王五")])
    sent(theirs, mine, tmp_path)
    assert verdict(mine) == "clear"
    refused("decided_by_another", mine, [REDLINE], "张三")
    for who in ("王五", "李四"):  # who sit at this desk today
        undo(mine, [REDLINE], who)
    back = sent(mine, theirs, tmp_path)
    assert (back.merged, back.known, back.contradictions) == (2, 2, [])
    assert held(mine) == held(theirs) == ("open", "", "") and verdict(theirs) == "violation"
    assert sent(theirs, mine, tmp_path).merged == sent(mine, theirs, tmp_path).merged == 0
    assert events(theirs).equals(events(mine))


def test_undone_at_both_desks_is_undone_once(pair, tmp_path):
    mine, theirs = pair
    record(mine, [decided("accepted_exception"), decided("resolved")])
    sent(mine, theirs, tmp_path)
    for path in pair:  # at the office, and on the laptop
        undo(path, [REDLINE], "张三")
    sent(mine, theirs, tmp_path)
    sent(theirs, mine, tmp_path)
    assert held(mine) == held(theirs) == ("accepted_exception", "张三", "") and len(events(mine)) == 4


def test_undone_here_confirmed_there(pair, tmp_path):
    mine, theirs = pair
    record(mine, [decided("resolved"), decided("false_positive")])
    sent(mine, theirs, tmp_path)
    undo(mine, [REDLINE], "张三")
    record(theirs, [decided("verified", "李四")])
    assert sent(theirs, mine, tmp_path).contradictions == sent(mine, theirs, tmp_path).contradictions == []
    # The confirmation is of what was taken back: it does not confirm what was before.
    assert held(mine) == held(theirs) == ("resolved", "张三", "") and verdict(theirs) == "violation"


def test_what_was_taken_back_contradicts_nothing(pair, tmp_path):
    mine, theirs = pair
    record(mine, [decided("resolved")])
    undo(mine, [REDLINE], "张三")
    record(theirs, [decided("needs_adjustment", "李四")])
    assert sent(theirs, mine, tmp_path).contradictions == sent(mine, theirs, tmp_path).contradictions == []
    assert held(mine) == held(theirs) == ("needs_adjustment", "李四", "")


def test_what_stands_behind_what_was_taken_back_contradicts(pair, tmp_path):
    mine, theirs = pair
    record(mine, [decided("false_positive"), decided("resolved")])
    undo(mine, [REDLINE], "张三")
    record(theirs, [decided("needs_adjustment", "李四")])
    (one,) = sent(theirs, mine, tmp_path).contradictions
    assert (one.ours, one.theirs) == ("false_positive", "needs_adjustment")
    sent(mine, theirs, tmp_path)
    assert held(mine)[0] == held(theirs)[0] == "contradicting"


def test_a_contradiction_asks_for_a_decision_not_for_undoing(pair, tmp_path):
    mine, theirs = pair
    record(mine, [decided("false_positive")])
    record(theirs, [decided("needs_adjustment", "李四")])
    sent(theirs, mine, tmp_path)
    refused("contradiction_not_undone", mine, [REDLINE], "张三")
    record(mine, [decided("accepted_exception")])
    undo(mine, [REDLINE], "张三")
    assert held(mine)[0] == "contradicting" and present(mine).why == ("unsettled",)


def test_desks_that_would_fall_back_on_different_decisions_see_it(pair, tmp_path):
    mine, theirs = pair
    record(mine, [decided("resolved"), decided("needs_adjustment")])
    record(theirs, [decided("needs_adjustment", "李四")])
    assert sent(theirs, mine, tmp_path).contradictions == sent(mine, theirs, tmp_path).contradictions == []
    undo(theirs, [REDLINE], "张三")  # which stands last there, and in the middle here
    assert held(theirs)[0] == "resolved"
    assert len(sent(theirs, mine, tmp_path).contradictions) == 1
    sent(mine, theirs, tmp_path)
    assert held(mine)[0] == held(theirs)[0] == "contradicting"


# Any sequence, against a plain slow model.

EASY = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
AUTHORS = st.sampled_from(["张三", "李四", "王五"])
KINDS = ("open", "needs_adjustment", "accepted_exception", "false_positive", "resolved", "verified", "undone")
STEPS = st.lists(st.tuples(st.sampled_from((*KINDS, "verified", "undone", "undone")), AUTHORS), max_size=10)


class Pile:
    """Decisions one on the other, each with its confirmations. What is taken back is really taken away."""

    def __init__(self):
        self.pile = []

    def take(self, decision, author):
        """The code of why it cannot be, or None."""
        top = self.pile[-1] if self.pile else None
        if decision == "verified":
            if top is None or top[0] not in ("false_positive", "resolved"):
                return "nothing_to_confirm"
            if top[1] == author:
                return "confirmed_by_author"
            top[2].append(author)
        elif decision == "undone":
            if top is None:
                return "nothing_to_undo"
            if (top[2] or [top[1]])[-1] != author:
                return "decided_by_another"
            (top[2] or self.pile).pop()
        else:
            self.pile.append((decision, author, []))
        return None

    def holds(self):
        decision, author, confirmed = self.pile[-1] if self.pile else ("open", "", [])
        return decision, author, confirmed[-1] if confirmed else ""

    def verdict(self):
        decision, _, confirmed = self.holds()
        effect = {("accepted_exception", False): "conditional", ("false_positive", True): "clear"}
        return effect.get((decision, bool(confirmed)), "violation")


@EASY
@given(STEPS)
def test_any_sequence_comes_to_what_the_events_that_stand_come_to(made, tmp_path_factory, steps):
    path = shutil.copy(made, tmp_path_factory.mktemp("one") / "成果.gpkg")
    pile, count = Pile(), 0
    for decision, author in steps:
        code = pile.take(decision, author)
        try:
            record(path, [decided(decision, author)], TODAY)
        except RedlineError as error:
            assert error.code == code
        else:
            assert code is None
            count += 1
        assert held(path) == pile.holds() and verdict(path) == pile.verdict()
    assert len(events(path)) == count  # nothing is ever deleted


@EASY
@given(
    st.lists(st.tuples(st.sampled_from(("needs_adjustment", "resolved", "verified", "undone")), AUTHORS), max_size=10)
)
def test_each_desk_takes_back_its_own_last_or_nothing(made, tmp_path_factory, steps):
    """Each author sits at a desk that knows what it has recorded, the last of it first."""
    path = shutil.copy(made, tmp_path_factory.mktemp("desks") / "成果.gpkg")
    pile, known, on_top = Pile(), {"张三": [], "李四": [], "王五": []}, []
    for decision, author in steps:
        own = known[author]
        if decision != "undone":
            if pile.take(decision, author) is None:
                own += record(path, [decided(decision, author)], TODAY)
                on_top.append(own[-1])
        elif own and on_top[-1] == own[-1]:
            undo(path, [REDLINE], "赵六", today=TODAY, events=[own[-1]])  # under whatever name
            assert pile.take("undone", author) is None
            own.pop()
            on_top.pop()
        elif own:
            refused("decided_since", path, [REDLINE], author, 5, TODAY, [own[-1]])
        assert held(path) == pile.holds() and verdict(path) == pile.verdict()


@EASY
@given(st.lists(st.tuples(st.sampled_from((*KINDS, "undone", "send")), st.booleans()), max_size=12))
def test_two_desks_end_with_the_same(made, tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("two")
    desks = [shutil.copy(made, folder / f"{name}.gpkg") for name in ("甲", "乙")]
    for kind, first in steps:
        here, there = desks if first else reversed(desks)
        if kind == "send":
            sent(here, there, folder)
            continue
        try:
            record(here, [decided(kind, here.stem)], TODAY)
        except RedlineError as error:
            assert error.code in ("nothing_to_confirm", "confirmed_by_author", "nothing_to_undo",
                                  "decided_by_another", "contradiction_not_undone")  # fmt: skip
    for _ in range(2):
        sent(*desks, folder)
        sent(*reversed(desks), folder)
    one, two = map(events, desks)
    assert set(one.event_id) == set(two.event_id) and one.event_id.is_unique and two.event_id.is_unique
    assert set(standing(one).event_id) == set(standing(two).event_id)
    assert held(desks[0])[0] == held(desks[1])[0]
    assert sent(*desks, folder).merged == 0
