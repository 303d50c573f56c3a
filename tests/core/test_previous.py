"""What changed since the run before: identity, numbers, states and decisions."""

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from packages import CRS, box, decision, findings, ledger, record, review

from redline_review.core.profile import Changes
from redline_review.core.review.package import open_package


@pytest.fixture
def path(tmp_path):
    return tmp_path / "成果.gpkg"


def told(frame):
    """finding id → (number, state)."""
    return {row.finding_id: (row.number, row.state) for row in frame.itertuples()}


def rerun(path, *runs, **options):
    """Each run refills the package of the one before; the last one's findings."""
    for index, rows in enumerate(runs):
        result = review(path, findings(rows), previous=path if index else None, **options)
    return told(result)


ONE = ("A", "farm", "1", box(0, 0, 100))
TWO = ("A", "farm", "2", box(200, 0, 100))


def test_first_run_numbers_by_town_and_line(path):
    rows = [ONE, TWO, ("A", "eco", "1", box(0, 0, 50)), ("B", "farm", "1", box(500, 0, 100))]
    assert rerun(path, rows) == {
        "A/farm/1": ("A镇-f001", "new"), "A/farm/2": ("A镇-f002", "new"),
        "A/eco/1": ("A镇-e001", "new"), "B/farm/1": ("B镇-f001", "new"),
    }  # fmt: skip


def test_unchanged_run(path):
    assert rerun(path, [ONE, TWO], [TWO, ONE]) == {
        "A/farm/1": ("A镇-f001", "unchanged"),
        "A/farm/2": ("A镇-f002", "unchanged"),
    }


@pytest.mark.parametrize(
    "shape, state",
    [
        (box(0, 0, 120, 100), "grown"),
        (box(0, 0, 80, 100), "shrunk"),
        (box(0, 0, 100.005, 100), "unchanged"),  # 0.5 m², 0.005 %
        (box(0, 0, 100.05, 100), "grown"),  # 5 m²: more than 1 m²
        (box(5, 0, 100), "unchanged"),  # moved, its area is the same
    ],
)
def test_moved_boundary(path, shape, state):
    assert rerun(path, [ONE], [("A", "farm", "1", shape)]) == {"A/farm/1": ("A镇-f001", state)}


def test_limit_is_the_profiles(path):
    wide = Changes(limit_m2=3000, limit_pct=25)
    assert rerun(path, [ONE], [("A", "farm", "1", box(0, 0, 120, 100))], changes=wide)["A/farm/1"][1] == "unchanged"


def test_other_ids_of_the_same_land(path):
    """Hash ids change with every vertex: the land tells."""
    assert rerun(path, [ONE, TWO], [("A", "farm", "x", box(200, 0, 99, 100)), ("A", "farm", "y", box(0, 0, 100))]) == {
        "A/farm/2": ("A镇-f002", "shrunk"),
        "A/farm/1": ("A镇-f001", "unchanged"),
    }


def test_ids_given_to_other_features(path):
    """A delivery numbers its features anew: the decision stays with the land, not with the id."""
    swapped = [("A", "farm", "2", ONE[3]), ("A", "farm", "1", TWO[3])]
    result = review(path, findings([ONE, TWO]))
    result = review(path, findings(swapped), previous=path)
    assert told(result) == {"A/farm/1": ("A镇-f001", "unchanged"), "A/farm/2": ("A镇-f002", "unchanged")}
    by_id = result.set_index("finding_id")["geometry"]
    assert by_id["A/farm/1"].equals(ONE[3]) and by_id["A/farm/2"].equals(TWO[3])


def test_id_given_to_land_elsewhere_is_a_new_finding(path):
    elsewhere = ("A", "farm", "1", box(5000, 0, 100))
    expected = {"A/farm/1#2": ("A镇-f002", "new"), "A/farm/1": ("A镇-f001", "gone")}
    assert rerun(path, [ONE], [elsewhere]) == expected
    expected["A/farm/1#2"] = ("A镇-f002", "unchanged")
    assert rerun(path, [ONE], [elsewhere], [elsewhere]) == expected


def test_split_feature_leaves_its_number_to_the_larger_part(path):
    parts = [("A", "farm", "a", box(0, 0, 30, 100)), ("A", "farm", "b", box(30, 0, 70, 100))]
    assert rerun(path, [ONE], parts) == {"A/farm/1": ("A镇-f001", "shrunk"), "A/farm/a": ("A镇-f002", "new")}


def test_merged_features_keep_the_number_of_the_larger(path):
    parts = [("A", "farm", "a", box(0, 0, 30, 100)), ("A", "farm", "b", box(30, 0, 70, 100))]
    assert rerun(path, parts, [ONE]) == {"A/farm/b": ("A镇-f002", "grown"), "A/farm/a": ("A镇-f001", "gone")}


def test_other_line_town_or_kind_is_never_the_same_finding(path):
    others = [
        ("A", "eco", "x", ONE[3]),
        ("B", "farm", "y", ONE[3]),
        ("A", "farm", "z", ONE[3], "zone"),
    ]
    result = rerun(path, [ONE], others)
    assert [state for _, state in result.values()] == ["new", "new", "new", "gone"]


def test_little_overlap_is_not_the_same_finding(path):
    result = rerun(path, [ONE], [("A", "farm", "x", box(60, 0, 100))])
    assert result == {"A/farm/x": ("A镇-f002", "new"), "A/farm/1": ("A镇-f001", "gone")}


def test_gone_and_come_back(path):
    gone = {"A/farm/1": ("A镇-f001", "unchanged"), "A/farm/2": ("A镇-f002", "gone")}
    assert rerun(path, [ONE, TWO], [ONE]) == gone
    assert rerun(path, [ONE, TWO], [ONE], [ONE]) == gone
    back = {"A/farm/1": ("A镇-f001", "unchanged"), "A/farm/2": ("A镇-f002", "new")}
    assert rerun(path, [ONE, TWO], [ONE], [ONE, TWO]) == back
    hashed = ("A", "farm", "other id", TWO[3])
    assert rerun(path, [ONE, TWO], [ONE], [ONE, hashed]) == back


def test_numbers_are_never_used_again(path):
    three = ("A", "farm", "3", box(900, 0, 100))
    assert rerun(path, [ONE, TWO], [ONE], [ONE, three])["A/farm/3"] == ("A镇-f003", "new")


def test_number_goes_on_when_the_town_has_another_name(path):
    review(path, findings([ONE, TWO]))
    renamed = findings([ONE, ("A", "farm", "3", box(900, 0, 100))])
    renamed["number"] = "新镇-f"
    result = told(review(path, renamed, previous=path))
    assert result["A/farm/1"] == ("A镇-f001", "unchanged")
    assert result["A/farm/3"] == ("新镇-f003", "new")


def test_number_another_town_once_had_is_not_given_again(path):
    review(path, findings([ONE, TWO]))
    other = findings([("B", "farm", "1", box(5000, 0, 10))])
    other["number"] = "A镇-f"  # B now has the name that A had
    assert told(review(path, other, previous=path))["B/farm/1"] == ("A镇-f003", "new")


def test_town_without_findings_now(path):
    review(path, findings([ONE]))
    result = review(path, findings([]), previous=path, checked=ledger(("A", "farm", 100.0)))
    assert told(result) == {"A/farm/1": ("A镇-f001", "gone")}


@pytest.mark.parametrize("share", [0.0, 60.0, np.nan])
def test_what_was_not_checked_is_not_gone(path, share):
    """A line left out of one run: nothing is said of its findings, and they have their numbers when it is back."""
    review(path, findings([ONE, TWO]))
    without = review(path, findings([]), previous=path, checked=ledger(("A", "farm", share)))
    assert len(without) == 0
    again = review(path, findings([TWO, ONE, ("A", "farm", "3", box(900, 0, 10))]), previous=path)
    assert told(again) == {
        "A/farm/2": ("A镇-f002", "new"),
        "A/farm/1": ("A镇-f001", "new"),
        "A/farm/3": ("A镇-f003", "new"),
    }


def test_towns_that_were_not_reviewed_are_not_read(path):
    review(path, findings([ONE, ("B", "farm", "1", box(500, 0, 100))]))
    assert list(told(review(path.with_name("b.gpkg"), findings([ONE]), previous=path))) == ["A/farm/1"]


def test_gathered_finding_is_known_wherever_it_lies(path):
    first = ("A", "udb", "below_tolerance", box(0, 0, 1), "outside")
    second = ("A", "udb", "below_tolerance", box(700, 0, 1), "outside")
    assert rerun(path, [first], [second]) == {"A/udb/below_tolerance": ("A镇-u001", "unchanged")}


def test_decisions_go_with_the_finding(path):
    later = path.with_name("later.gpkg")
    review(path, findings([ONE]))
    record(path, decision("e1", "A/farm/1"))
    review(later, findings([("A", "farm", "hash", box(0, 0, 100, 99))]), previous=path)
    with open_package(later) as package:
        assert package.findings()["finding_id"].tolist() == package.decisions()["finding_id"].tolist() == ["A/farm/1"]


def test_earlier_run_in_another_crs(path):
    review(path, findings([ONE, TWO]))
    other = pyproj.CRS("EPSG:4490")
    transformer = pyproj.Transformer.from_crs(CRS, other, always_xy=True)
    hashed = findings([("A", "farm", "x", box(1, 0, 100))])
    hashed["geometry"] = shapely.transform(
        hashed["geometry"].to_numpy(), lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
    )
    result = review(path, hashed, previous=path, crs=other)
    assert told(result) == {"A/farm/1": ("A镇-f001", "unchanged"), "A/farm/2": ("A镇-f002", "gone")}
    assert shapely.bounds(result["geometry"].to_numpy()).max() < 180


def test_types_of_columns_stay(path):
    review(path, findings([ONE, TWO]))
    result = review(path, findings([ONE]), previous=path)
    assert result["area_m2"].dtype == float and result["area_m2"].tolist() == [10_000, 10_000]
    assert result["geometry"].iloc[1].geom_type == "MultiPolygon"


@pytest.mark.parametrize("seed", range(6))
def test_a_run_is_unchanged_against_itself(path, seed):
    """In any order of rows, with overlapping patches, whether ids stay, change or are given to others."""
    random = np.random.default_rng(seed)
    rows = []
    for index in range(60):
        town, line = random.choice(["A", "B", "C"]), random.choice(["farm", "eco"])
        x, y, width, height = random.uniform(1, 300, 4)
        rows.append((str(town), str(line), str(index), box(x, y, width, height)))
    first = review(path, findings(rows))
    order = random.permutation(len(rows))
    again = findings(rows).iloc[order]
    if seed % 3 == 1:
        again["finding_id"] = [f"{town}/{line}/h{random.integers(1 << 40)}" for town, line, *_ in
                               (rows[i] for i in order)]  # fmt: skip
    if seed % 3 == 2:
        for _, part in again.groupby(["town_id", "line"]):
            again.loc[part.index, "finding_id"] = random.permutation(part["finding_id"].to_numpy())
    second = review(path, again, previous=path)
    assert set(second["state"]) == {"unchanged"}
    where = [frame.assign(place=[shape.wkt for shape in frame["geometry"]]) for frame in (first, second)]
    both = pd.merge(*where, on=["place", "town_id", "line"], suffixes=("", "_again"))
    assert len(both) == len(rows)
    assert (both["finding_id"] == both["finding_id_again"]).all()
    assert (both["number"] == both["number_again"]).all()
