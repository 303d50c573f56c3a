"""Which towns and findings are asked for: each criterion, and all together against a plain loop."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redline_review.core.review.browse import Browsed
from redline_review.core.review.lifecycle import Present
from redline_review.core.review.narrow import SIZES, Wanted, narrowed

BOX = (0.0, 0.0, 10.0, 10.0)
TOWNS = [("A", "青禾镇", "violation"), ("B", "Songhua 松花", "clear"), ("C", None, "warning")]
FINDINGS = [
    # town, number, line, zone, severity, state, area, share, width, box
    ("A", "青禾-农001", "farmland", None, "violation", "new", 100.0, 1.0, 2.0, BOX),
    ("A", "青禾-农002", "farmland", "", "warning", "gone", 20.0, 0.2, np.nan, (20, 20, 30, 30)),
    ("B", "松花-红001", "eco_redline", "核心区", "notice", "grown", 300.0, 3.0, 4.0, (10, 10, 12, 12)),
    ("B", None, "eco_redline", "一般区", "violation", "new", None, None, None, (np.nan,) * 4),
    ("X", "无镇-001", "farmland", None, "violation", "new", 5.0, 0.1, 0.5, (5, 5, 6, 6)),
    (None, "无镇-002", "farmland", None, "violation", "new", 5.0, 0.1, 0.5, (50, 50, 60, 60)),
]
NAMES = ("town_id", "number", "line", "zone", "severity", "state", *SIZES)


def browsed(towns=TOWNS, findings=FINDINGS, decided=None):
    towns = pd.DataFrame(towns, columns=["town_id", "town_name", "reviewed_verdict"], dtype=object)
    frame = pd.DataFrame([row[:-1] for row in findings], columns=NAMES, dtype=object)
    frame["finding_id"] = [f"F{n}" for n in range(len(frame))]
    boxes = np.array([row[-1] for row in findings], dtype=float).reshape(-1, 4)
    return Browsed(
        None, towns, frame, np.arange(len(frame)), boxes, np.arange(len(towns)), np.zeros((len(towns), 4)),
        decided={one: Present(decision) for one, decision in (decided or {}).items()},
    )  # fmt: skip


def shown(wanted, found=None):
    """Ids of the towns, rows of the findings."""
    found = found or browsed()
    towns, findings = narrowed(found, wanted)
    assert towns.dtype == findings.dtype == bool
    return found.towns["town_id"][towns].tolist(), np.flatnonzero(findings).tolist()


def test_nothing_asked_leaves_everything():
    assert shown(Wanted()) == (["A", "B", "C"], [0, 1, 2, 3, 4, 5])
    assert shown(Wanted(text="  ")) == (["A", "B", "C"], [0, 1, 2, 3, 4, 5])


@pytest.mark.parametrize(
    ("verdicts", "towns", "findings"),
    [
        ({"violation"}, ["A"], [0, 1]),
        ({"clear", "warning"}, ["B", "C"], [2, 3]),
        ({"conditional"}, [], []),
        # All towns are asked for: a finding of no town is none of theirs.
        ({"violation", "clear", "warning"}, ["A", "B", "C"], [0, 1, 2, 3]),
    ],
)
def test_verdicts_of_towns(verdicts, towns, findings):
    assert shown(Wanted(frozenset(verdicts))) == (towns, findings)


def test_undecided_are_those_that_stand_above_tolerance_without_a_decision():
    assert shown(Wanted(undecided=True)) == (["A", "B"], [0, 3, 4, 5])
    decided = browsed(decided={"F0": "resolved", "F3": "open"})
    assert shown(Wanted(undecided=True), decided) == (["B"], [3, 4, 5])


@pytest.mark.parametrize(
    ("text", "towns", "findings"),
    [
        ("青禾镇", ["A"], [0, 1]),
        ("SONGHUA", ["B"], [2, 3]),
        ("红001", ["B"], [2]),
        ("无镇", [], [4, 5]),
        ("c", ["C"], []),
        ("none", [], []),  # a number or name that is not there is not the word None
        ("nan", [], []),
        ("镇 a", [], []),  # name and id are not one text
    ],
)
def test_text_in_names_ids_and_numbers(text, towns, findings):
    assert shown(Wanted(text=text)) == (towns, findings)


def test_a_text_in_every_towns_name_does_not_show_findings_of_no_town():
    towns = [("A", "甲镇", "clear"), ("B", "乙镇", "clear")]
    findings = [("A", "1", *FINDINGS[0][2:]), (None, "2", *FINDINGS[0][2:])]
    assert shown(Wanted(text="镇"), browsed(towns, findings)) == (["A", "B"], [0])


@pytest.mark.parametrize(
    ("values", "towns", "findings"),
    [
        ({"line": {"eco_redline"}}, ["B"], [2, 3]),
        ({"zone": {None}}, ["A"], [0, 1, 4, 5]),  # not stated, be it null or empty
        ({"zone": {None, "核心区"}}, ["A", "B"], [0, 1, 2, 4, 5]),
        ({"severity": {"violation"}, "state": {"new"}}, ["A", "B"], [0, 3, 4, 5]),
        ({"decision": {"open"}}, ["A", "B"], [1, 2, 3, 4, 5]),
        ({"decision": {"resolved", "verified"}}, ["A"], [0]),
        ({"line": {"no such"}}, [], []),
    ],
)
def test_values_of_columns(values, towns, findings):
    wanted = Wanted(values={name: frozenset(one) for name, one in values.items()})
    assert shown(wanted, browsed(decided={"F0": "resolved"})) == (towns, findings)


@pytest.mark.parametrize(
    ("least", "findings"),
    [
        ({"area_m2": 100.0}, [0, 2]),  # as large as asked is large enough; unknown is not
        ({"share_pct": 0.15}, [0, 1, 2]),
        ({"width_m": 0.1}, [0, 2, 4, 5]),
        ({"area_m2": 10, "width_m": 3}, [2]),
    ],
)
def test_least_sizes(least, findings):
    assert shown(Wanted(least=least))[1] == findings


@pytest.mark.parametrize(
    ("box", "towns", "findings"),
    [
        ((10, 10, 11, 11), ["A", "B"], [0, 2]),  # touching is enough
        ((-5, -5, 70, 70), ["A", "B"], [0, 1, 2, 4, 5]),  # where no land is known, nothing is
        ((31, 31, 40, 40), [], []),
        ((np.inf, np.inf, -np.inf, -np.inf), [], []),
    ],
)
def test_a_part_of_the_map(box, towns, findings):
    assert shown(Wanted(box=box)) == (towns, findings)


def test_without_towns_or_findings():
    everything = Wanted(frozenset({"clear"}), True, "a", {"line": frozenset({"x"})}, {"area_m2": 1.0}, BOX)
    none = browsed([], [])
    assert shown(everything, none) == shown(Wanted(), none) == ([], [])
    assert shown(Wanted(text="无镇"), browsed([])) == ([], [4, 5])
    assert shown(Wanted(frozenset({"clear"})), browsed([])) == ([], [])


def plainly(found, wanted):
    """The same, row by row."""
    names = {one: name for one, name, _ in reversed(found.towns.to_numpy(object).tolist())}
    known = set(names)
    rows = found.findings.to_dict("records")
    verdicts = {}
    for one, verdict in zip(found.towns["town_id"], found.towns["reviewed_verdict"], strict=True):
        verdicts.setdefault(one, verdict)
    text = wanted.text.strip().casefold()

    def named(town):
        return any(text in (one or "").casefold() for one in (names[town], town))

    def fits(n, row):
        town, decision = row["town_id"] if row["town_id"] in known else None, found.decisions[n]
        values = {**row, "decision": decision}
        left, bottom, right, top = found.boxes[n]
        box = wanted.box
        return all((
            not wanted.verdicts or (town is not None and verdicts[town] in wanted.verdicts),
            not wanted.undecided or found.undecided[n],
            not text or text in (row["number"] or "").casefold() or (town is not None and named(town)),
            all((values[name] or None) in asked for name, asked in wanted.values.items()),
            all(row[name] is not None and row[name] >= least for name, least in wanted.least.items()),
            box is None or (left <= box[2] and right >= box[0] and bottom <= box[3] and top >= box[1]),
        ))  # fmt: skip

    findings = [n for n, row in enumerate(rows) if fits(n, row)]
    with_any = {rows[n]["town_id"] for n in findings}
    towns = [
        one for one in known
        if (not wanted.verdicts or verdicts[one] in wanted.verdicts)
        and (not text or named(one) or one in with_any)
        and (not wanted.of_findings or one in with_any)
    ]  # fmt: skip
    return set(towns), findings


WORDS = st.sampled_from(["", "a", "B", "镇", "镇a", None])
SOME = st.sampled_from([0.0, 1.0, 2.5, 7.0, None])
EDGE = st.floats(0, 9)
BOXES = st.one_of(
    st.just((np.nan,) * 4),
    st.tuples(EDGE, EDGE, st.floats(0, 3), st.floats(0, 3)).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])),
)
VERDICTS = st.sampled_from(["violation", "clear", "warning"])
SEVERITIES = st.sampled_from(["violation", "warning", "notice", "below_tolerance"])
STATES = st.sampled_from(["new", "gone", None])
FINDING = st.tuples(
    st.sampled_from(["A", "B", "C", "Z", None]), WORDS, st.sampled_from(["farmland", "eco_redline"]), WORDS, SEVERITIES,
    STATES, SOME, SOME, SOME, BOXES,
)  # fmt: skip
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "line": st.frozensets(st.sampled_from(["farmland", "other"]), min_size=1),
        "zone": st.frozensets(st.sampled_from(["a", "镇", None]), min_size=1),
        "state": st.frozensets(st.sampled_from(["new", None]), min_size=1),
        "decision": st.frozensets(st.sampled_from(["open", "resolved"]), min_size=1),
    },
)


@settings(max_examples=300, deadline=None)
@given(
    verdicts=st.lists(VERDICTS, max_size=3), names=st.tuples(WORDS, WORDS, WORDS), rows=st.lists(FINDING, max_size=8),
    decided=st.dictionaries(st.sampled_from(["F0", "F1", "F5"]), st.sampled_from(["open", "resolved"])),
    wanted=st.builds(
        Wanted, st.frozensets(VERDICTS, max_size=2), st.booleans(), st.sampled_from(["", " A", "镇", "q"]), ASKED,
        st.dictionaries(st.sampled_from(SIZES), st.sampled_from([0.5, 2.5]), max_size=2), st.none() | BOXES,
    ),
)  # fmt: skip
def test_as_a_plain_loop_finds_it(verdicts, names, rows, decided, wanted):
    found = browsed(list(zip("ABC", names, verdicts, strict=False)), rows, decided)
    towns, findings = shown(wanted, found)
    assert (set(towns), findings) == plainly(found, wanted)
