"""Decisions change only the reviewed verdict (审定结论): every rule of it."""

import itertools
import json
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from support import MemorySource, review, square

from redline_review.core.profile import Changes, load_profile
from redline_review.core.review.decisions import DECISION_FIELDS
from redline_review.core.review.lifecycle import Present, present_decisions, reviewed_verdicts, same_person
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record

TODAY = date(2026, 5, 1)
REQUIRED = ["eco_redline", "farmland", "urban_boundary"]
APPROVAL = {
    "authority": "吉林省自然资源厅", "authority_level": "other", "document": "吉自然资审〔2025〕1号",
    "approved_on": "2025-03-01", "approved_m2": 1000.0, "valid_until": "2027-03-01", "area_m2": 1000.0,
}  # fmt: skip
COUNTS = itertools.count()


def event(decision, author="张三", details=None, finding="f", **values):
    details = details if details is None or isinstance(details, str) else json.dumps(details, ensure_ascii=False)
    return {
        "event_id": f"e{next(COUNTS)}", "finding_id": finding, "town_id": "T", "decision": decision, "author": author,
        "reason": "理由", "details": details, "recorded_at": "2026-04-01T00:00:00+00:00", **values,
    }  # fmt: skip


def exception(author="张三", finding="f", **facts):
    return event("accepted_exception", author, {**APPROVAL, **facts}, finding)


def false_positive(author="张三", finding="f", **facts):
    return event("false_positive", author, {"area_m2": 1000.0, **facts}, finding)


def verified(author="李四", finding="f", details=None):
    return event("verified", author, details, finding)


def finding(severity="violation", name="f", line="eco_redline", area=1000.0, state="unchanged", town="T"):
    values = {"finding_id": name, "town_id": town, "line": line, "severity": severity, "state": state, "area_m2": area}
    return pd.DataFrame([values], dtype=object)


def decided(events, findings, today=TODAY, changes=None):
    frame = pd.DataFrame(events, columns=[one.name for one in DECISION_FIELDS], dtype=object)
    frame = frame.where(frame.notna(), None)
    return present_decisions(frame, findings, changes or Changes(), today)


def present(*events, today=TODAY, changes=None, **of_finding):
    """What holds on one finding."""
    return decided(events, finding(**of_finding), today, changes)["f"]


def verdict(events, *findings, machine="violation", unchecked="", below=(), profile=True, today=TODAY):
    """The reviewed verdict of a town with these findings."""
    findings = pd.concat(findings or [finding()], ignore_index=True)
    towns = pd.DataFrame([{"town_id": "T", "verdict": machine, "unchecked": unchecked}], dtype=object)
    ledger = pd.DataFrame([("T", line, m2) for line, m2 in below], columns=["town_id", "line", "below_m2"])
    facts = {"profile": {"required": REQUIRED, "tolerances": {"farmland": [1, None, 50], "eco_redline": [1, 1, None]}}}
    now = decided(events, findings, today)
    return reviewed_verdicts(towns, findings, ledger, facts if profile else {}, now).tolist()[0]


# 已批准占用.


def test_a_complete_exception_is_conditional_never_plain_clear():
    now = present(exception())
    assert (now.decision, now.counts, now.why, now.stale) == ("accepted_exception", True, (), False)
    for severity in ("violation", "warning"):
        assert verdict([exception()], finding(severity), machine=severity) == "conditional"


@pytest.mark.parametrize("severity", ["notice", "below_tolerance"])
def test_an_exception_for_what_weighs_nothing_makes_no_condition(severity):
    minor = finding(severity)
    assert present(exception(), severity=severity).counts  # it is recorded and holds
    assert verdict([exception()], minor, machine="clear") == "clear"
    assert verdict([exception()], minor, finding("warning", "g"), machine="warning") == "warning"
    assert verdict([exception(), exception(finding="g")], minor, finding("warning", "g")) == "conditional"


def test_an_exception_covers_its_own_finding_only():
    other = finding("warning", "g")
    assert verdict([exception()], finding(), other) == "warning"
    assert verdict([exception()], finding(), finding("violation", "g")) == "violation"
    assert verdict([exception(), exception(finding="g")], finding(), other) == "conditional"
    assert verdict([exception()], finding(), finding("notice", "g")) == "conditional"


@pytest.mark.parametrize("fact", ["authority", "document", "approved_on", "approved_m2", "valid_until"])
@pytest.mark.parametrize("value", [None, "", "  ", "absent", "unreadable"])
def test_an_exception_lacks_a_fact(fact, value):
    facts = {name: known for name, known in APPROVAL.items() if (name, value) != (fact, "absent")}
    if value == "unreadable" and fact in ("authority", "document"):
        facts[fact] = "\u3000"  # any other text will do
    elif value != "absent":
        facts[fact] = value
    one = event("accepted_exception", details=facts)
    now = present(one)
    assert (now.counts, now.stale) == (False, True) and "incomplete" in now.why
    assert verdict([one]) == "violation" and verdict([one], finding("warning"), machine="warning") == "warning"


@pytest.mark.parametrize("area", [0, -1000, float("nan"), float("inf"), 10**400, "1000平方米", "", []])
def test_an_approved_area_that_is_none(area):
    assert not present(exception(approved_m2=area)).counts


@pytest.mark.parametrize("written", ["2027-3-1", "2027/03/01", "2027年3月1日", "2027.3.1", "2027-03-01T00:00:00"])
def test_dates_as_people_write_them(written):
    assert present(exception(valid_until=written, approved_on=written), today=date(2027, 3, 1)).counts
    assert present(exception(valid_until=written), today=date(2027, 3, 2)).why == ("expired",)


@pytest.mark.parametrize("written", ["2027-13-01", "2027-02-30", "2027年", "近期", "20270", 2027, True, ["2027-03-01"]])
def test_what_is_no_date(written):
    assert present(exception(valid_until=written)).why == ("incomplete",)


@pytest.mark.parametrize(
    "written", ["长期", " 永久 ", "长期有效", "permanent", "Permanent", "LONG-TERM", "long term", "Ｌｏｎｇ－ｔｅｒｍ"]
)
def test_an_approval_without_end_never_expires(written):
    assert present(exception(valid_until=written), today=date.max).counts
    assert present(exception(approved_on=written)).why == ("incomplete",)  # no day on which it was given
    assert present(exception(valid_until=written), area=2000.0).why == ("outgrown",)


def test_an_approved_area_may_be_written_as_text():
    assert present(exception(approved_m2="1000.0")).counts
    assert not present(exception(approved_m2="990.0")).counts


def test_the_day_of_expiry_still_counts_the_day_after_does_not():
    until = TODAY.isoformat()
    assert present(exception(valid_until=until)).counts
    tomorrow = TODAY + timedelta(days=1)
    now = present(exception(valid_until=until), today=tomorrow)
    assert (now.counts, now.why, now.stale) == (False, ("expired",), True)
    assert verdict([exception(valid_until=until)]) == "conditional"
    assert verdict([exception(valid_until=until)], today=tomorrow) == "violation"


@pytest.mark.parametrize(
    ("area", "changes", "counts"),
    [
        (1000.0, Changes(1.0, 0.1), True),
        (400.0, Changes(1.0, 0.1), True),
        (1001.0, Changes(1.0, 0.1), True),  # exactly both limits
        (1001.01, Changes(1.0, 0.1), False),
        (1004.0, Changes(5.0, 0.1), False),  # within the m², not within the per cent
        (1004.0, Changes(1.0, 50.0), False),  # within the per cent, not within the m²
        (1004.0, Changes(5.0, 0.5), True),
        (1000.01, Changes(0.0, 0.0), False),
        (1000.0, Changes(0.0, 0.0), True),
    ],
)
def test_outgrown_by_the_limits_of_the_run(area, changes, counts):
    for one in ([exception()], [false_positive(), verified()]):
        now = present(*one, area=area, changes=changes)
        assert (now.counts, now.stale, now.why) == (counts, not counts, () if counts else ("outgrown",))


def test_the_approved_area_counts_not_the_area_at_the_time():
    assert present(exception(approved_m2=5000.0), area=4900.0).counts
    assert present(exception(approved_m2=900.0)).why == ("outgrown",)  # from the first day


@pytest.mark.parametrize(
    ("level", "counts"), [("state_council", True), ("delegated", True), ("other", False), ("", False), (None, False)]
)
def test_basic_farmland_needs_the_state_council_or_lawful_delegation(level, counts):
    now = present(exception(authority_level=level), line="farmland")
    assert (now.counts, now.stale, now.why) == (counts, not counts, () if counts else ("unlawful",))
    assert present(exception(authority_level=level), line="eco_redline").counts
    expected = "conditional" if counts else "violation"
    assert verdict([exception(authority_level=level)], finding(line="farmland")) == expected


def test_all_that_is_wrong_with_an_exception_is_told():
    one = exception(document="", valid_until="2020-01-01", approved_m2=1)
    assert present(one, line="farmland").why == ("incomplete", "expired", "outgrown", "unlawful")


def test_confirming_an_exception_adds_nothing_and_takes_nothing_away():
    assert verdict([exception(), verified()]) == "conditional"
    assert verdict([exception(document=""), verified()]) == "violation"


# 误判.


def test_a_false_positive_counts_only_when_a_second_person_has_confirmed_it():
    alone = present(false_positive())
    assert (alone.counts, alone.why, alone.stale, alone.confirmed_by) == (False, ("unconfirmed",), False, "")
    assert verdict([false_positive()]) == "violation"
    now = present(false_positive(), verified())
    assert (now.decision, now.author, now.counts, now.confirmed_by) == ("false_positive", "张三", True, "李四")
    assert verdict([false_positive(), verified()]) == "clear"
    assert verdict([false_positive(), verified()], finding(), finding("warning", "g")) == "warning"
    assert verdict([false_positive(), verified(), exception(finding="g")], finding(), finding("violation", "g")) == (
        "conditional"
    )


@pytest.mark.parametrize("name", ["Wang Gong", " wang  gong ", "WANGGONG", "Wang\u3000Gong", "Ｗａｎｇ Gong", "", None])
def test_the_same_person_is_no_second_one(name):
    now = present(false_positive("Wang Gong"), verified(name))
    assert (now.counts, now.confirmed_by, now.why) == (False, "", ("unconfirmed",))
    assert same_person("Wang Gong", name) and same_person(name, "Wang Gong")


@pytest.mark.parametrize("author", ["", "  ", None])
def test_what_nobody_has_signed_cannot_be_confirmed(author):
    now = present(false_positive(author), verified("李四"))
    assert (now.counts, now.why) == (False, ("unconfirmed",))


def test_the_second_person_may_come_after_the_first_has_tried():
    assert present(false_positive(), verified("张三"), verified("李四"), verified("张三")).confirmed_by == "李四"


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_a_wrong_line_needs_a_reference(reference):
    now = present(false_positive(line_wrong=True, reference=reference), verified())
    assert (now.counts, now.why) == (False, ("no_reference",))
    assert verdict([false_positive(line_wrong=True, reference=reference), verified()]) == "violation"
    assert present(false_positive(line_wrong=True, reference="误划〔2026〕3号"), verified()).counts
    assert present(false_positive(line_wrong=False, reference=reference), verified()).counts


@pytest.mark.parametrize(
    "later", [false_positive(), false_positive("李四"), event("open"), event("needs_adjustment"), event("resolved")]
)
def test_a_later_decision_annuls_a_confirmation(later):
    now = present(false_positive(), verified(), later)
    assert (now.decision, now.counts, now.confirmed_by) == (later["decision"], False, "")
    assert verdict([false_positive(), verified(), later]) == "violation"


def test_a_confirmation_of_an_earlier_decision_that_arrives_late_confirms_nothing():
    first, second = false_positive(), false_positive()
    late = verified(details={"confirms": first["event_id"]})
    assert present(first, late).counts
    assert present(first, second, late).why == ("unconfirmed",)
    assert present(first, second, late, verified(details={"confirms": second["event_id"]})).counts


def test_a_confirmation_of_nothing():
    assert decided([verified()], finding()) == {}
    assert verdict([verified()]) == "violation"
    assert present(verified(), false_positive()).why == ("unconfirmed",)


# 需调整, 已整改, 销号.


@pytest.mark.parametrize("severity", ["violation", "warning"])
@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([event("needs_adjustment")], ("no_effect",)),
        ([event("resolved")], ("unconfirmed",)),
        ([event("resolved"), verified()], ("no_effect",)),
        ([event("resolved"), verified("张三")], ("unconfirmed",)),
    ],
    ids=["needs adjustment", "resolved", "resolved and verified", "resolved, verified by the same"],
)
def test_what_was_put_right_changes_nothing_until_a_run_shows_it(events, why, severity):
    now = present(*events)
    assert (now.counts, now.why, now.stale) == (False, why, False)
    assert verdict(events, finding(severity), machine=severity) == severity
    assert verdict(events, finding(severity, state="gone"), machine="clear") == "clear"


def test_a_finding_that_is_gone_does_not_count():
    gone = finding("violation", state="gone")
    assert verdict([], gone, machine="clear") == "clear"
    assert verdict([exception()], gone, machine="clear") == "clear"  # nothing is left that was approved
    assert verdict([], gone, finding("warning", "g"), machine="warning") == "warning"


def test_open_again():
    now = present(exception(), event("open", "李四"))
    assert (now.decision, now.author, now.counts, now.why, now.stale) == ("open", "李四", False, (), False)
    assert verdict([exception(), event("open")]) == "violation"
    assert verdict([exception(), event("open"), exception()]) == "conditional"


@pytest.mark.parametrize("decision", ["contradicting", "no such decision", "Accepted_Exception"])
def test_what_is_no_decision_of_ours_changes_nothing(decision):
    assert not present(exception(), event(decision, details=APPROVAL)).counts
    assert verdict([exception(), event(decision, details=APPROVAL)]) == "violation"


# What decisions cannot do.


@pytest.mark.parametrize("unchecked", ["farmland", "eco_redline,farmland", "urban_boundary,nature_reserve"])
@pytest.mark.parametrize("events", [[exception()], [false_positive(), verified()]], ids=["exception", "false positive"])
def test_nothing_turns_not_checked_into_clear(events, unchecked):
    for machine, severity in (("violation", "violation"), ("not_checked", "warning"), ("not_checked", "notice")):
        assert verdict(events, finding(severity), machine=machine, unchecked=unchecked) == "not_checked"
    assert verdict(events, finding(), finding("violation", "g"), unchecked=unchecked) == "violation"


def test_a_line_that_is_not_required_leaves_no_gap():
    confirmed = [false_positive(), verified()]
    assert verdict(confirmed, unchecked="nature_reserve") == "clear"
    assert verdict(confirmed, unchecked="farm") == "clear"  # no part of an id is the id
    assert verdict([exception()], unchecked="nature_reserve") == "conditional"


@pytest.mark.parametrize("events", [[exception()], [false_positive(), verified()]], ids=["exception", "false positive"])
def test_a_manifest_without_rules_makes_no_gap_clear(events):
    for machine in ("violation", "not_checked"):
        assert verdict(events, machine=machine, unchecked="farmland", profile=False) == "not_checked"
    assert verdict(events, machine="not_checked", unchecked=None, profile=False) == "not_checked"


def test_statistics_stay_not_judged():
    for events in ([], [exception()], [false_positive(), verified()]):
        assert verdict(events, finding("notice"), machine="not_judged", unchecked="farmland") == "not_judged"


@pytest.mark.parametrize(
    ("events", "within"),
    [
        ([], "clear"),
        ([exception(authority_level="delegated")], "clear"),
        ([false_positive(), verified()], "clear"),
    ],
    ids=["undecided", "exception", "false positive"],
)
def test_a_warning_from_the_cap_on_slivers_stays(events, within):
    sliver = finding("below_tolerance", line="farmland")
    assert verdict(events, sliver, machine="warning", below=[("farmland", 50.01)]) == "warning"
    assert verdict(events, sliver, machine="clear", below=[("farmland", 50.0)]) == within
    assert verdict(events, sliver, machine="clear", below=[("eco_redline", 1e6), ("farmland", None)]) == within


@pytest.mark.parametrize("machine", ["violation", "warning", "clear", "not_checked", "not_judged"])
def test_without_decisions_the_machine_is_right(machine):
    severities = {"violation": ["violation", "warning"], "warning": ["warning", "notice"], "not_checked": ["warning"]}
    rows = [finding(one, f"f{n}") for n, one in enumerate(severities.get(machine, ["notice", "below_tolerance"]))]
    gap = "farmland" if machine in ("not_checked", "not_judged") else ""
    assert verdict([], *rows, machine=machine, unchecked=gap) == machine


def test_towns_do_not_mix():
    findings = pd.concat([finding(), finding(name="g", town="U"), finding("warning", "h", town="V")])
    towns = pd.DataFrame({"town_id": ["W", "V", "U", "T"], "verdict": ["clear", "warning", "violation", "violation"],
                          "unchecked": [None, "", "", ""]})  # fmt: skip
    ledger = pd.DataFrame({"town_id": [], "line": [], "below_m2": []})
    now = decided([exception(), event("open", finding=None)], findings)
    assert list(now) == ["f"]
    found = reviewed_verdicts(towns, findings, ledger, {"profile": {"required": REQUIRED}}, now)
    assert found.tolist() == ["clear", "warning", "violation", "conditional"]


# Broken events.


@pytest.mark.parametrize("details", ["{", "[]", "null", "3", "", "\x00", "[" * 100_000, '{"approved_m2": 1e999}'])
def test_broken_details(details):
    for one, why in (
        (event("accepted_exception", details=details), "incomplete"),
        (event("open", details=details), None),
    ):
        now = present(one)
        assert not now.counts and now.why == ((why,) if why else ())
        assert verdict([one]) == "violation"
    now = present(event("false_positive", details=details), verified())
    assert now.counts == (details in ("", '{"approved_m2": 1e999}'))
    assert now.stale != now.counts


def test_a_confirmation_with_broken_details_is_one():
    assert present(false_positive(), verified(details="{")).counts


def test_missing_author_time_and_finding():
    now = present(event("accepted_exception", None, APPROVAL, recorded_at=None))
    assert (now.author, now.recorded_at, now.counts) == ("", "", True)
    elsewhere = decided([exception(finding="no such finding")], finding())
    assert list(elsewhere) == ["no such finding"]
    assert verdict([exception(finding="no such finding")]) == "violation"
    assert decided([], finding()) == {}
    assert Present().counts is False


# Through the real review.

CAPPED = replace(load_profile(), lines=tuple(
    replace(line, min_area_m2=300, max_below_tolerance_m2=150) for line in load_profile().lines
))  # fmt: skip
FARM, ECO = square(100, 100, 100), square(400, 400, 100)
WIDE = [square(9000, 9000, 10), square(-3000, -3000, 10)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"review_object": "site"},
        {"review_object": "administrative_unit"},
        {"review_object": "site", "coverage": [square(-5000, -5000, 20_000, 5500)]},
        {"review_object": "site", "profile": CAPPED},
    ],
    ids=["planned area", "site", "unit", "partly covered", "slivers over their cap"],
)
def test_undecided_the_reviewed_verdict_is_the_machines(tmp_path, options):
    towns = [square(0, 0, 1000), square(2000, 0, 1000), square(4000, 0, 1000)]
    lines = {
        "eco_redline": MemorySource("eco", [ECO, *WIDE], {"HXFQMC": ["核心保护区"] * 3}),
        "farmland": [FARM, square(2990, 500, 20), *WIDE],
        "urban_boundary": MemorySource("udb", [square(-5000, -5000, 20_000)], {"GHFQMC": ["集中建设区"]}),
    }
    path = tmp_path / "成果.gpkg"
    summary, findings, _ = review(towns, lines, package=path, **options)
    record(path, [Decided(one, "needs_adjustment", "张三") for one in findings["finding_id"]])
    with open_package(path) as package:
        assert package.towns()["reviewed_verdict"].tolist() == summary["verdict"].tolist()
    assert len(findings) == 3


@pytest.mark.parametrize("given", [True, False])
def test_a_town_freed_of_its_violations_is_clear_only_if_all_of_it_was_checked(tmp_path, given):
    lines = {"farmland": [FARM, *WIDE], "eco_redline": WIDE}
    if given:
        lines["urban_boundary"] = MemorySource("udb", [square(-5000, -5000, 20_000)], {"GHFQMC": ["集中建设区"]})
    path = tmp_path / "成果.gpkg"
    coverage = [square(-5000, -5000, 20_000)]
    _, findings, _ = review([square(0, 0, 1000)], lines, package=path, review_object="site", coverage=coverage)
    (found,) = findings["finding_id"]
    record(path, [Decided(found, "false_positive", "张三", reason="影像误读"), Decided(found, "verified", "李四")])
    with open_package(path) as package:
        town = package.towns().iloc[0]
    assert town["verdict"] == "violation"
    assert town["reviewed_verdict"] == ("clear" if given else "not_checked")
