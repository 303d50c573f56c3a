"""Decisions that travel between two people: nothing twice, nothing lost, contradictions seen by both."""

import json
import shutil

import pytest
from packages import box, content, findings, review
from support import MemorySource

from redline_review.core.errors import RedlineError
from redline_review.core.review.decision_table import decide
from redline_review.core.review.exchange import copy_package, export_decisions, merge_decisions
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record

ONE, TWO = "A/farmland/F1", "A/farmland/F2"


@pytest.fixture
def pair(tmp_path):
    """The same package at two desks."""
    mine, theirs = tmp_path / "我的.gpkg", tmp_path / "同事 的.gpkg"
    rows = [("A", "farmland", "F1", box(0, 0, 100)), ("A", "farmland", "F2", box(500, 0, 100)),
            ("B", "eco_redline", "E1", box(20_000, 0, 100))]  # fmt: skip
    review(mine, findings(rows))
    shutil.copy(mine, theirs)
    return mine, theirs


def events(path):
    with open_package(path) as package:
        return package.decisions()


def sent(source, target, folder):
    file = folder / "决定.json"
    export_decisions(source, file)
    return merge_decisions(target, file)


def verdict(path, town="A"):
    with open_package(path) as package:
        return package.towns([town])["reviewed_verdict"][0]


def false_positive(finding, who, confirmed_by=None):
    first = [Decided(finding, "false_positive", who, reason="划定有误")]
    return first + ([Decided(finding, "verified", confirmed_by)] if confirmed_by else [])


def test_what_is_sent_arrives_once(pair, tmp_path):
    mine, theirs = pair
    record(mine, false_positive(ONE, "张三"))
    first = sent(mine, theirs, tmp_path)
    assert (first.merged, first.known, first.contradictions, first.unknown) == (1, 0, [], [])
    again = sent(mine, theirs, tmp_path)
    assert (again.merged, again.known) == (0, 1)
    assert events(theirs).equals(events(mine))


def test_a_colleague_confirms_and_sends_it_back(pair, tmp_path):
    mine, theirs = pair
    record(mine, [*false_positive(ONE, "张三"), *false_positive(TWO, "张三")])
    sent(mine, theirs, tmp_path)
    record(theirs, [Decided(ONE, "verified", "李四"), Decided(TWO, "verified", "李四")])
    assert verdict(mine) == "violation" and verdict(theirs) == "clear"
    back = sent(theirs, mine, tmp_path)
    assert (back.merged, back.known, back.contradictions) == (2, 2, [])
    assert verdict(mine) == "clear"


def test_two_who_decide_differently_see_it_and_neither_counts(pair, tmp_path):
    mine, theirs = pair
    record(mine, false_positive(ONE, "张三", "王五"))
    record(theirs, [Decided(ONE, "needs_adjustment", "李四", reason="须退让")])
    merged = sent(theirs, mine, tmp_path)
    (one,) = merged.contradictions
    assert (one.finding_id, one.ours, one.our_author, one.theirs, one.their_author) == (
        ONE, "false_positive", "张三", "needs_adjustment", "李四",
    )  # fmt: skip
    assert one.number.startswith("A镇-f")
    assert verdict(mine) == "violation"
    # The other way round it is the same contradiction, not a second one; and all is at both desks.
    back = sent(mine, theirs, tmp_path)
    assert set(events(mine).event_id) == set(events(theirs).event_id) and len(events(mine)) == 4
    assert sent(theirs, mine, tmp_path).merged == 0 and back.contradictions == []
    # Settled by a decision anew, which travels like any other.
    record(mine, [*false_positive(ONE, "张三", "王五"), *false_positive(TWO, "张三", "王五")])
    assert verdict(mine) == "clear"
    settled = sent(mine, theirs, tmp_path)
    assert settled.contradictions == [] and verdict(theirs) == "clear"


def test_the_same_decision_twice_is_no_contradiction(pair, tmp_path):
    mine, theirs = pair
    for path, who in ((mine, "张三"), (theirs, "李四")):
        record(path, [Decided(TWO, "needs_adjustment", who, reason="须退让")])
    merged = sent(theirs, mine, tmp_path)
    assert merged.contradictions == [] and merged.merged == 1


def test_contradictions_found_at_both_desks_at_once_are_one(pair, tmp_path):
    mine, theirs = pair
    record(mine, [Decided(ONE, "resolved", "张三")])
    record(theirs, [Decided(ONE, "needs_adjustment", "李四")])
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    export_decisions(mine, a)
    export_decisions(theirs, b)
    assert len(merge_decisions(mine, b).contradictions) == len(merge_decisions(theirs, a).contradictions) == 1
    assert sent(mine, theirs, tmp_path).merged == 0
    assert list(events(mine).decision).count("contradicting") == 1


def test_findings_that_are_not_here_are_named_not_lost_in_silence(pair, tmp_path):
    mine, _ = pair
    record(mine, [Decided(ONE, "resolved", "张三"), Decided("B/eco_redline/E1", "resolved", "张三")])
    other = tmp_path / "later.gpkg"
    review(other, findings([("A", "farmland", "F1", box(0, 0, 100))]))
    merged = sent(mine, other, tmp_path)
    assert (merged.merged, merged.unknown) == (1, ["B/eco_redline/E1"])


EVENT = '"event_id": "x", "author": "a", "recorded_at": "b"'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("no json", "decisions_not_ours"), ("[]", "decisions_not_ours"),
        ('{"redline_decisions": 1}', "decisions_not_ours"),
        ('{"redline_decisions": 9, "events": []}', "decisions_newer"),
        ('{"redline_decisions": 1, "events": [{"event_id": "x"}]}', "decisions_damaged"),
        (f'{{"redline_decisions": 1, "events": [{{{EVENT}, "decision": "drop"}}]}}', "decisions_damaged"),
        (f'{{"redline_decisions": 1, "events": [{{{EVENT}, "decision": "open", "finding_id": "elsewhere"}}]}}',
         "decisions_of_other_review"),
    ],
)  # fmt: skip
def test_files_that_are_none(pair, tmp_path, content, code):
    file = tmp_path / "x.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RedlineError) as error:
        merge_decisions(pair[0], file)
    assert error.value.code == code and "x.json" in str(error.value)
    assert len(events(pair[0])) == 0
    with pytest.raises(RedlineError, match="cannot be read"):
        merge_decisions(pair[0], tmp_path / "nowhere.json")


def test_the_file_is_text_that_people_can_read(pair, tmp_path):
    record(pair[0], [Decided(ONE, "resolved", "张三", remark="已退让 😀")])
    assert export_decisions(pair[0], tmp_path / "x.json") == 1
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert "已退让 😀" in text and json.loads(text)["run_id"] == "r"


def table(**columns):
    source = MemorySource("决定表", [None] * len(next(iter(columns.values()))), columns)
    source.geometry_kind = "none"
    return source


def test_a_table_of_decisions(pair):
    mine, _ = pair
    with open_package(mine) as package:
        numbers = dict(zip(package.numbers()["finding_id"], package.numbers()["number"], strict=True))
    rows = table(
        图斑编号=[numbers[ONE], TWO, None], 处理决定=["已批准占用", "resolved", None], 理由=["重点项目", None, None],
        审查人=["张三", None, None], 批准机关=["国务院", None, None], 批准层级=["国务院", None, None],
        批准文号=["国函〔2025〕1号", None, None], 批准日期=["2025-03-01", None, None], 批准面积=["20000", None, None],
        有效期至=["2099-12-31", None, None],
    )  # fmt: skip
    assert decide(mine, rows, author="李四") == 2
    found = events(mine).set_index("finding_id")
    assert found.decision.to_dict() == {ONE: "accepted_exception", TWO: "resolved"}
    assert found.author.to_dict() == {ONE: "张三", TWO: "李四"}
    assert json.loads(found.details[ONE])["authority_level"] == "state_council"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"number": ["?"], "decision": ["open"]}, "decision_row"),
        ({"finding_id": [ONE], "decision": ["drop it"]}, "decision_row"),
        ({"finding_id": [ONE, ONE], "decision": ["open", "accepted_exception"]}, "decision_facts_missing"),
        ({"finding_id": [ONE], "what": ["open"]}, "no_decision_column"),
        ({"finding_id": [], "decision": []}, "empty_layer"),
    ],
)
def test_a_table_with_a_mistake_records_nothing(pair, columns, code):
    with pytest.raises(RedlineError) as error:
        decide(pair[0], table(**columns), author="张三")
    assert error.value.code == code
    assert len(events(pair[0])) == 0


def test_a_copy_to_take_along_holds_what_was_decided_and_comes_back(tmp_path):
    here, there = tmp_path / "成果.gpkg", tmp_path / "U盘" / "副本.gpkg"
    there.parent.mkdir()
    review(here, findings([("A", "farmland", "F1", box(0, 0, 100))]))
    record(here, [Decided("A/farmland/F1", "needs_adjustment", "张三")])
    copy_package(here, there)
    assert content(there) == content(here) and [one.name for one in there.parent.iterdir()] == ["副本.gpkg"]
    record(there, [Decided("A/farmland/F1", "resolved", "李四")])
    export_decisions(there, tmp_path / "d.json")
    assert merge_decisions(here, tmp_path / "d.json").merged == 1
    copy_package(here, there)  # over the file that is there
    assert content(there) == content(here)
    with pytest.raises(RedlineError) as refused:
        copy_package(here, tmp_path / "U盘" / ".." / "成果.gpkg")
    assert refused.value.code == "package_copied_to_itself"
    with pytest.raises(RedlineError) as refused:
        copy_package(here, tmp_path / "none" / "x.gpkg")
    assert refused.value.code == "cannot_write"
