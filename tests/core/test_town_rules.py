"""The rules a town is measured by: thresholds, kinds, the list, and what they come to."""

import numpy as np
import pandas as pd
import pytest

from redline_review.core.analysis.judge import ADMINISTRATIVE_UNIT, PLANNED_AREA
from redline_review.core.analysis.town_rules import judge_rules, list_rule, overall
from redline_review.core.intensity_rules import TownRule
from redline_review.core.profile import load_profile

NAN = np.nan
COLUMNS = ["town", "rule", "figure", "result", "remark"]


def texts(*values):
    return np.array(values, dtype=object)


def rule(**options):
    return TownRule("r", "jobs", "规则", **options)


def judged(one, *values, kinds=None, review_object=PLANNED_AREA):
    """(town, result, remark) of each row."""
    kinds = texts(*(kinds or ["科技创新"] * len(values)))
    frame = judge_rules((one,), {"jobs": np.array(values, dtype=float)}, kinds, review_object)
    return list(frame[["town", "result", "remark"]].itertuples(index=False, name=None))


def test_thresholds():
    assert judged(rule(at_least=1, at_most=5), 0.999, 1, 3, 5, 5.001, NAN) == [
        (0, "watch", "below_least"), (1, "meets", ""), (2, "meets", ""), (3, "meets", ""),
        (4, "watch", "above_most"), (5, "no_data", "unknown"),
    ]  # fmt: skip
    assert judged(rule(), 7, NAN) == [(0, "meets", ""), (1, "no_data", "unknown")]


def test_on_a_threshold_meets_whatever_the_rounding_of_a_quotient():
    share, area = 0.3 * 3 / 3 * 100 / 1e2 * 1e2 + 4e-15, 0.1 + 0.2  # 30 and 0.3, a hair above
    assert share > 30 and area > 0.3
    assert judged(rule(at_most=30), share) == judged(rule(at_most=0.3), area) == [(0, "meets", "")]
    assert judged(rule(at_least=0.3), 0.3 - 1e-16) == [(0, "meets", "")]
    assert judged(rule(at_least=0.3), 0.299999) == [(0, "watch", "below_least")]


def test_above_what_is_encouraged_meets_with_a_remark():
    one = rule(at_most=30, encouraged_at_most=25)
    assert judged(one, 25, 25.1, 30, 30.1) == [
        (0, "meets", ""), (1, "meets", "above_encouraged"), (2, "meets", "above_encouraged"),
        (3, "watch", "above_most"),
    ]  # fmt: skip
    assert judged(rule(encouraged_at_most=25), 99) == [(0, "meets", "above_encouraged")]


def test_only_the_upper_limit_is_lifted_for_some_kinds():
    one = rule(at_least=1, at_most=5, no_upper_limit_for=("文旅", "Sport"))
    assert judged(one, 9, 9, 9, 9, kinds=["生态文旅类", "科技", "winter SPORTS", ""]) == [
        (0, "meets", ""), (1, "watch", "above_most"), (2, "meets", ""), (3, "watch", "kind_unknown"),
    ]  # fmt: skip
    assert judged(one, 0.5, 0.5, 3, NAN, kinds=["文旅", "", "", "文旅"]) == [
        (0, "watch", "below_least"), (1, "watch", "below_least"), (2, "meets", ""), (3, "no_data", "unknown"),
    ]  # fmt: skip
    assert judged(rule(at_most=5), 9, kinds=[""]) == [(0, "watch", "above_most")]


def test_a_rule_for_some_kinds_is_for_no_others():
    one = rule(at_least=500_000, only_for=("文旅", "文化旅游"))
    assert judged(one, 1, 600_000, 1, NAN, 1, kinds=["科技", "文旅", "", "文化旅游类", "文旅"]) == [
        (1, "meets", ""), (2, "no_data", "kind_not_stated"), (3, "no_data", "unknown"), (4, "watch", "below_least"),
    ]  # fmt: skip
    assert judged(one, NAN, kinds=[""]) == []


def test_a_rule_is_for_its_review_objects():
    assert judged(rule(at_least=1), 5, review_object=ADMINISTRATIVE_UNIT) == []
    both = rule(at_least=1, objects=(PLANNED_AREA, ADMINISTRATIVE_UNIT))
    assert judged(both, 5, review_object=ADMINISTRATIVE_UNIT) == judged(both, 5) == [(0, "meets", "")]


def test_the_national_rules():
    profile = load_profile()
    figures = {
        "area_km2": np.array([6.0, 6.0]), "planned_residential_pct": np.array([28.0, 31.0]),
        "jobs": np.array([2000.0, NAN]), "visitors": np.array([400_000.0, 1.0]),
    }  # fmt: skip
    kinds = texts("文旅", "先进制造")
    frame = judge_rules(profile.town_rules, figures, kinds, PLANNED_AREA)
    assert list(frame.columns) == COLUMNS
    rules = [one.id for one in profile.town_rules]
    order = [(town, rules.index(one)) for town, one in zip(frame["town"], frame["rule"], strict=True)]
    assert order == sorted(order)
    said = {(row.town, row.rule): (row.result, row.remark) for row in frame.itertuples()}
    assert said[0, "planned_area"] == ("meets", "") and said[1, "planned_area"] == ("watch", "above_most")
    assert said[0, "residential_share"] == ("meets", "above_encouraged")
    assert said[1, "residential_share"] == ("watch", "above_most")
    assert said[0, "jobs"] == ("meets", "") and said[1, "jobs"] == ("no_data", "unknown")
    assert said[0, "visitors"] == ("watch", "below_least") and (1, "visitors") not in said
    assert (0, "research") not in said and said[1, "research"] == ("no_data", "unknown")  # no such figure at all
    assert not any(one == "development_intensity" for _, one in said)
    values = frame.set_index(["town", "rule"])["figure"]
    assert values[0, "planned_area"] == 6 and np.isnan(values[1, "tax"])
    built = {"construction_pct": np.array([30.0, 41.0])}
    frame = judge_rules(profile.town_rules, built, kinds, ADMINISTRATIVE_UNIT)
    assert frame[["rule", "result"]].to_numpy().tolist() == [
        ["development_intensity", "meets"], ["development_intensity", "watch"],
    ]  # fmt: skip


def test_frames_are_of_one_kind_with_or_without_rows():
    full = judge_rules((rule(at_least=1),), {"jobs": np.array([1.0])}, texts("文旅"), PLANNED_AREA)
    listed = list_rule(texts("listed"))
    for empty in (
        judge_rules((), {}, texts("文旅"), PLANNED_AREA),
        judge_rules((rule(only_for=("体育",)),), {}, texts("文旅"), PLANNED_AREA),
        judge_rules((rule(),), {}, texts(), PLANNED_AREA),
    ):
        assert len(empty) == 0 and empty.dtypes.tolist() == full.dtypes.tolist() == listed.dtypes.tolist()
        assert list(empty.columns) == list(full.columns) == list(listed.columns) == COLUMNS
    assert full.dtypes.astype(str).tolist() == ["int64", "object", "float64", "object", "object"]


def said_of_list(status, proven=None):
    frame = list_rule(texts(*status), proven)
    assert frame["rule"].tolist() == ["provincial_list"] * len(status)
    assert frame["town"].tolist() == list(range(len(status))) and frame["figure"].isna().all()
    return list(zip(frame["result"], frame["remark"], strict=True))


def test_towns_on_the_list_meet_and_without_a_list_nothing_is_known():
    for proven in (None, np.array([True, True, True]), np.array([NAN, NAN, NAN])):
        assert said_of_list(["listed", "renamed", "no_data"], proven) == [
            ("meets", ""), ("meets", ""), ("no_data", "unknown"),
        ]  # fmt: skip


@pytest.mark.parametrize("status", ["not_listed", "cleared", "removed", "proposed"])
def test_towns_off_the_list_are_judged_by_what_is_proven(status):
    new, old = ("watch", "new_construction"), ("meets", "old_village")
    unproven = ("no_data", "no_new_construction_proven")
    assert said_of_list([status] * 3, np.array([1.0, 0.0, NAN])) == [new, old, unproven]
    assert said_of_list([status] * 2, np.array([True, False])) == [new, old]
    assert said_of_list([status] * 3, texts(True, False, None)) == [new, old, unproven]
    assert said_of_list([status]) == [unproven]


def test_what_the_rules_come_to():
    towns = [0, 0, 0, 1, 1, 2, 2, 4]
    results = ["meets", "watch", "no_data", "no_data", "meets", "meets", "meets", "watch"]
    frame = pd.DataFrame({"town": towns, "result": results})
    for shuffled in (frame, frame.iloc[::-1]):
        assert overall(shuffled, 5).tolist() == ["watch", "no_data", "meets", "no_data", "watch"]
    assert overall(list_rule(texts()), 2).tolist() == ["no_data", "no_data"]
    assert overall(frame, 5).dtype == object
