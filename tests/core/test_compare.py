"""Two reviews compared: what became of each finding, and the land won and lost."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import geopandas
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from packages import decision, record
from support import FrameWriter, MemorySource, at, review, square

from redline_review.core.analysis.robust import Overlay
from redline_review.core.errors import Cancelled, RedlineError
from redline_review.core.profile import Changes, load_profile
from redline_review.core.review import gpkg
from redline_review.core.review.compare import CHANGES, LAYER, TABLE, compare, won_and_lost
from redline_review.core.review.layers import FileWriter
from redline_review.core.review.recording import Decided, undo
from redline_review.core.review.recording import record as settle

TOWN = square(0, 0, 1000)
ONE, TWO = square(100, 100, 100), square(300, 300, 100)


@pytest.fixture
def reviewed(tmp_path):
    """Run a review into a package; lines are dicts of source id → geometry, or sources."""

    def run(name, lines, towns=(TOWN,), codes=None, crs=None, **options):
        to = pyproj.Transformer.from_crs("EPSG:4530", crs or "EPSG:4530", always_xy=True).transform

        def layer(name, geometry, **fields):
            moved = shapely.transform(np.array(geometry, dtype=object), lambda xy: np.column_stack(to(*xy.T)))
            return MemorySource(name, moved, fields, crs=pyproj.CRS(crs or "EPSG:4530"))

        codes = codes or [f"T{n}" for n in range(len(towns))]
        sources = {
            line: layer(line, [*some.values()], BSM=[*some]) if isinstance(some, dict) else some
            for line, some in lines.items()
        }
        options["coverage"] = layer("coverage", options.get("coverage", [square(-10_000, -10_000, 200_000)]))
        path = tmp_path / f"{name}.gpkg"
        review(layer("towns", towns, code=codes), sources, package=path, **options)
        return path

    return run


def compared(old, new, **options):
    """Layer by finding id, table by town and line, and the comparison."""
    layer, table = FrameWriter(), FrameWriter()
    done = compare(old, new, layer, table, **options)
    frame, rows = layer.frame, table.frame.set_index(["town_id", "line"])
    assert [field.name for field in layer.fields] == [field.name for field in LAYER]
    if len(frame):
        pairs = frame[["old_m2", "new_m2", "won_m2", "lost_m2"]].astype(float).dropna()
        assert (pairs >= 0).all(axis=None)
        assert (pairs.old_m2 - pairs.lost_m2).to_numpy() == pytest.approx((pairs.new_m2 - pairs.won_m2).to_numpy())
        counted = frame["change"].value_counts()
        assert {change: counted.get(change, 0) for change in CHANGES} == done.counts
        assert rows.loc[(slice(None), ""), [f"{change}_n" for change in CHANGES]].sum().tolist() == [
            *done.counts.values()
        ]
    known = rows[["old_m2", "new_m2", "won_m2", "lost_m2"]].astype(float).dropna()
    assert (known.old_m2 - known.lost_m2).to_numpy() == pytest.approx((known.new_m2 - known.won_m2).to_numpy())
    return (frame.set_index("finding_id", drop=False) if len(frame) else frame), rows, done


def figures(row):
    return tuple(None if value is None or np.isnan(value) else round(value, 3) for value in row[
        ["old_m2", "new_m2", "won_m2", "lost_m2"]
    ])  # fmt: skip


FARM, ECO = ("T0", "farmland"), ("T0", "eco_redline")


@pytest.mark.parametrize("method", ["planar", "ellipsoid"])
def test_a_package_and_itself(reviewed, method):
    lines = {
        "farmland": {"1": ONE, "2": square(150, 150, 400), "3": square(500, 0, 0.5, 1)},
        "urban_boundary": {"u": square(0, 0, 900, 1000)},
    }
    path = reviewed("a", lines, (TOWN, square(2000, 0, 500)), area_method=method)
    layer, table, done = compared(path, path)
    assert set(layer["change"]) == {"unchanged"} and len(layer) == done.counts["unchanged"] > 4
    assert (layer[["won_m2", "lost_m2"]].to_numpy(float) == 0).all()
    assert layer["geometry"].map(lambda shape: shape.area > 0).all()
    known = table["old_m2"].notna()
    assert (table.loc[known, ["won_m2", "lost_m2"]].to_numpy(float) == 0).all() and known.sum() == 4
    assert (table["old_verdict"].dropna() == table["new_verdict"].dropna()).all() and done.issues == []
    assert table.index.tolist()[:4] == [("T0", ""), ("T0", "farmland"), ("T0", "urban_boundary"), ("T0", "eco_redline")]


@pytest.mark.parametrize(
    ("moved", "change", "figures_then"),
    [
        (square(100, 100, 120, 100), "grown", (10_000, 12_000, 2_000, 0)),
        (square(100, 100, 80, 100), "shrunk", (10_000, 8_000, 0, 2_000)),
        (square(120, 100, 100), "unchanged", (10_000, 10_000, 2_000, 2_000)),
        (square(90, 100, 100, 130), "grown", (10_000, 13_000, 4_000, 1_000)),
    ],
)
def test_a_boundary_moved(reviewed, moved, change, figures_then):
    layer, table, done = compared(reviewed("a", {"farmland": {"1": ONE}}), reviewed("b", {"farmland": {"1": moved}}))
    row = layer.loc["T0/farmland/1"]
    assert (row["change"], figures(row)) == (change, figures_then)
    assert row["geometry"].equals(moved) and row["old_severity"] == row["new_severity"] == "warning"
    assert figures(table.loc[FARM]) == figures_then and table.loc[FARM, f"{change}_n"] == 1
    assert done.counts[change] == 1 and done.town_count == 1


def test_a_town_moved(reviewed):
    """What is compared is the part inside the town."""
    lines = {"farmland": {"1": square(900, 0, 500, 100)}, "urban_boundary": {"u": square(0, 0, 900, 1000)}}
    layer, table, _ = compared(reviewed("a", lines), reviewed("b", lines, (square(0, 0, 1100, 1000),)))
    assert figures(layer.loc["T0/farmland/1"]) == (10_000, 20_000, 10_000, 0)
    assert figures(table.loc["T0", "urban_boundary"]) == (100_000, 200_000, 100_000, 0)


def test_on_the_ellipsoid_a_side_without_land_stays_nothing(reviewed):
    """The two towns are balanced by other factors, so the areas of the same land differ by a little."""
    options = {"area_method": "ellipsoid"}
    old = reviewed("a", {"farmland": {"1": ONE, "2": TWO}}, **options)
    wider = {"farmland": {"1": square(100, 100, 120, 100), "2": TWO}}
    new = reviewed("b", wider, (square(0, 0, 90_000, 1000),), **options)
    layer, _, _ = compared(old, new)
    row = layer.loc["T0/farmland/1"]
    assert row["lost_m2"] == pytest.approx(0, abs=1e-9) and row["won_m2"] == row["new_m2"] - row["old_m2"] > 1_900
    same = layer.loc["T0/farmland/2"]
    assert min(same["won_m2"], same["lost_m2"]) == 0
    assert same["won_m2"] + same["lost_m2"] == pytest.approx(abs(same["new_m2"] - same["old_m2"]))


def test_sources_numbered_anew(reviewed):
    old = reviewed("a", {"farmland": {"1": ONE, "2": TWO}})
    new = reviewed("b", {"farmland": {"2": ONE, "1": square(300, 300, 110, 100)}})
    layer, _, _ = compared(old, new)
    assert layer["change"].to_dict() == {"T0/farmland/2": "unchanged", "T0/farmland/1": "grown"}
    assert layer["old_finding_id"].to_dict() == {"T0/farmland/2": "T0/farmland/1", "T0/farmland/1": "T0/farmland/2"}
    assert figures(layer.loc["T0/farmland/1"]) == (10_000, 11_000, 1_000, 0)


def test_split_and_merged(reviewed):
    whole = {"farmland": {"1": ONE}}
    parts = {"farmland": {"a": square(100, 100, 30, 100), "b": square(130, 100, 70, 100)}}
    whole, parts = reviewed("whole", whole), reviewed("parts", parts)
    layer, table, _ = compared(whole, parts)
    assert layer["change"].to_dict() == {"T0/farmland/b": "shrunk", "T0/farmland/a": "new"}
    assert figures(layer.loc["T0/farmland/b"]) == (10_000, 7_000, 0, 3_000)
    assert figures(layer.loc["T0/farmland/a"]) == (0, 3_000, 3_000, 0)
    assert figures(table.loc[FARM]) == (10_000, 10_000, 0, 0)  # to the town the line is as it was
    layer, table, _ = compared(parts, whole)
    assert layer["change"].to_dict() == {"T0/farmland/1": "grown", "T0/farmland/a": "gone"}
    assert figures(layer.loc["T0/farmland/a"]) == (3_000, 0, 0, 3_000)
    assert layer.loc["T0/farmland/a", "geometry"].equals(square(100, 100, 30, 100))
    assert figures(table.loc[FARM]) == (10_000, 10_000, 0, 0)


def test_features_over_each_other_count_once_for_the_line(reviewed):
    old = reviewed("a", {"farmland": {"1": ONE, "2": square(150, 100, 100)}})
    new = reviewed("b", {"farmland": {"1": square(90, 100, 110, 100), "2": square(140, 100, 105, 100)}})
    layer, table, _ = compared(old, new)
    assert figures(layer.loc["T0/farmland/1"]) == (10_000, 11_000, 1_000, 0)
    assert figures(layer.loc["T0/farmland/2"]) == (10_000, 10_500, 1_000, 500)
    assert figures(table.loc[FARM]) == (15_000, 15_500, 1_000, 500)


def test_limits_are_the_new_runs(reviewed):
    wide = replace(load_profile(), changes=Changes(limit_m2=3000, limit_pct=25))
    narrow = {"farmland": {"1": ONE}}, {"farmland": {"1": square(100, 100, 120, 100)}}
    old, new = (reviewed(name, lines, profile=wide) for name, lines in zip("ab", narrow, strict=True))
    assert compared(old, new)[0]["change"].tolist() == ["unchanged"]
    assert compared(new, reviewed("c", narrow[0]))[0]["change"].tolist() == ["shrunk"]


def test_a_ring_that_crosses_itself(reviewed):
    """Geometry as a file or another program may have left it."""
    old, new = reviewed("a", {"farmland": {"1": square(150, 100, 100)}}), reviewed("b", {"farmland": {"1": ONE}})
    (x, y), size = at(100, 100), 100
    tie = shapely.Polygon([(x, y), (x + size, y + size), (x + size, y), (x, y + size)])
    with closing(sqlite3.connect(new)) as connection, connection:
        connection.execute("DROP TRIGGER rtree_findings_geom_update1")  # the index is no matter here
        gpkg.know_geometry(connection)
        connection.execute("UPDATE findings SET geom = ?", gpkg.blobs(np.array([tie]), 4530))
    row = compared(old, new)[0].loc["T0/farmland/1"]
    assert figures(row) == (10_000, 10_000, 5_625, 5_625)  # W = 2,500 of 5,000, L = 7,500 of 10,000


def test_gone_only_where_the_line_was_checked(reviewed):
    both = {"farmland": {"1": ONE}, "eco_redline": {"e": TWO}}
    old = reviewed("a", both)
    without = {"farmland": {"9": square(5000, 0, 10)}}
    layer, table, _ = compared(old, reviewed("b", without))
    assert layer["change"].to_dict() == {"T0/eco_redline/e": "not_checked", "T0/farmland/1": "gone"}
    assert figures(layer.loc["T0/eco_redline/e"]) == (10_000, None, 0, None)
    assert figures(layer.loc["T0/farmland/1"]) == (10_000, 0, 0, 10_000)
    assert figures(table.loc[ECO]) == (10_000, None, None, None) and table.loc[ECO, "not_checked_n"] == 1
    assert table.loc[ECO, ["old_check", "new_check"]].tolist() == ["hit", "unchecked"]
    assert table.loc[FARM, ["old_check", "new_check"]].tolist() == ["hit", "clear"]
    assert table.loc[("T0", ""), ["old_verdict", "new_verdict"]].tolist() == ["violation", "not_checked"]
    assert table.loc[("T0", ""), ["gone_n", "not_checked_n"]].tolist() == [1, 1]
    layer, table, _ = compared(reviewed("c", without), old)  # what was not looked at before was not won since
    assert layer["change"].to_dict() == {"T0/eco_redline/e": "new", "T0/farmland/1": "new"}
    assert figures(layer.loc["T0/eco_redline/e"]) == (None, 10_000, None, 0)
    assert figures(layer.loc["T0/farmland/1"]) == (0, 10_000, 10_000, 0)
    assert figures(table.loc[ECO]) == (None, 10_000, None, None)


def test_partly_checked(reviewed):
    old = reviewed("a", {"farmland": {"1": ONE, "2": TWO}}, coverage=[TOWN])
    new = reviewed("b", {"farmland": {"2": square(300, 300, 110, 100)}}, coverage=[square(0, 0, 1000, 500)])
    layer, table, _ = compared(old, new)
    assert layer["change"].to_dict() == {"T0/farmland/2": "grown", "T0/farmland/1": "not_checked"}
    assert figures(layer.loc["T0/farmland/2"]) == (10_000, 11_000, 1_000, 0)
    assert figures(table.loc[FARM]) == (20_000, 11_000, 1_000, None)


def test_towns_that_came_and_went(reviewed):
    towns = (TOWN, square(2000, 0, 1000), square(4000, 0, 1000))
    lines = {"farmland": {"1": square(0, 0, 9000, 100)}}
    old, new = reviewed("a", lines, towns[:2], ["A", "B"]), reviewed("b", lines, towns[1:], ["B", "C"])
    layer, table, done = compared(old, new, towns_at_a_time=1)
    assert layer["change"].to_dict() == {
        "B/farmland/1": "unchanged", "C/farmland/1": "town_new", "A/farmland/1": "town_gone",
    }  # fmt: skip
    assert figures(layer.loc["C/farmland/1"]) == (None, 100_000, None, 0)
    assert figures(layer.loc["A/farmland/1"]) == (100_000, None, 0, None)
    assert table.index.get_level_values("town_id").unique().tolist() == ["B", "C", "A"]
    assert table.loc[("C", ""), ["old_verdict", "new_verdict"]].fillna("").tolist() == ["", "not_checked"]
    assert figures(table.loc["A", "farmland"]) == (100_000, None, None, None)
    assert table.loc[("A", "farmland"), "town_gone_n"] == 1 and table.loc[("A", ""), "town_name"] == "A"
    assert done.town_count == 3 and done.issues == []
    at_once, rows, _ = compared(old, new)
    assert at_once.drop(columns="geometry").equals(layer.drop(columns="geometry")) and rows.equals(table)


def test_another_crs(reviewed):
    lines = {"farmland": {"1": ONE, "2": TWO, "3": square(600, 600, 50)}}
    fewer = {"farmland": {"1": ONE, "2": square(300, 300, 110, 100)}}
    options = {"area_method": "ellipsoid"}
    old = reviewed("a", lines, crs="EPSG:4490", **options)
    new = reviewed("b", fewer, **options)
    layer, _, _ = compared(old, new)
    assert layer["change"].to_dict() == {
        "T0/farmland/1": "unchanged", "T0/farmland/2": "grown", "T0/farmland/3": "gone",
    }  # fmt: skip
    assert layer.loc["T0/farmland/1", ["won_m2", "lost_m2"]].astype(float).max() < 0.01
    assert layer.loc["T0/farmland/2", "won_m2"] == pytest.approx(1_000, rel=1e-3)
    assert layer.loc["T0/farmland/2", "lost_m2"] == pytest.approx(0, abs=0.01)
    gone = layer.loc["T0/farmland/3", "geometry"]
    assert gone.symmetric_difference(square(600, 600, 50)).area < 0.01
    back, _, _ = compared(new, old)
    assert back.loc["T0/farmland/2", "geometry"].bounds[0] < 180  # in degrees, as the new package is
    assert back.loc["T0/farmland/2", "lost_m2"] == pytest.approx(1_000, rel=1e-3)


def test_no_way_between_two_datums(reviewed):
    xian = reviewed("a", {"farmland": {"1": ONE}}, crs="EPSG:2361")
    with pytest.raises(RedlineError, match="no reliable transformation") as raised:
        compare(xian, reviewed("b", {"farmland": {"1": ONE}}))
    assert raised.value.code == "ballpark_transformation"


def test_decisions_of_either_side(reviewed):
    old = reviewed("a", {"farmland": {"1": ONE, "2": TWO, "3": square(600, 600, 50)}})
    new = reviewed("b", {"farmland": {"x": ONE, "3": square(700, 100, 50)}})

    def event(name, finding, decided):
        return decision(name, f"T0/farmland/{finding}", town_id="T0", decision=decided)

    record(old, event("1", "1", "needs_adjustment"), event("2", "1", "accepted_exception"), event("3", "2", "open"))
    record(new, event("4", "x", "resolved"), event("5", "3", "false_positive"), event("6", "2", "resolved"))
    layer = FrameWriter()
    compare(old, new, layer)
    decided = layer.frame.set_index(["finding_id", "change"])[["old_decision", "new_decision"]].to_dict("index")
    assert {key: tuple(values.values()) for key, values in decided.items()} == {
        ("T0/farmland/x", "unchanged"): ("accepted_exception", "resolved"),
        ("T0/farmland/3", "new"): (None, "false_positive"),
        ("T0/farmland/2", "gone"): ("open", "resolved"),
        ("T0/farmland/3", "gone"): (None, None),  # the id is another finding's now, and so is the decision
    }


def test_decisions_that_were_taken_back_are_not_shown(reviewed):
    old, new = (reviewed(name, {"farmland": {"1": ONE}}) for name in "ab")
    for path in (old, new):
        settle(path, [Decided("T0/farmland/1", one, "王工") for one in ("resolved", "needs_adjustment")])
    undo(old, ["T0/farmland/1"], "王工")
    undo(new, ["T0/farmland/1"] * 2, "王工")
    layer = FrameWriter()
    compare(old, new, layer)
    assert layer.frame[["old_decision", "new_decision"]].to_numpy().tolist() == [["resolved", None]]


def test_says_what_the_re_run_said(reviewed):
    first = reviewed("a", {"farmland": {"1": ONE, "2": TWO, "3": square(600, 600, 50)}})
    second = reviewed("b", {"farmland": {"1": ONE}}, previous=first)
    lines = {"farmland": {"n": square(100, 100, 100, 120), "2": TWO, "4": square(800, 800, 50)}}
    third = reviewed("c", lines, previous=second)
    for old, new, expected in (
        (first, second, {"1": "unchanged", "2": "gone", "3": "gone"}),
        (second, third, {"1": "grown", "2": "new", "4": "new"}),
        (first, third, {"1": "grown", "2": "unchanged", "3": "gone", "4": "new"}),
    ):
        layer, _, _ = compared(old, new)
        assert {key.rpartition("/")[2]: change for key, change in layer["change"].items()} == expected
    again = compared(second, third)[0].loc["T0/farmland/2"]  # gone there, so there is nothing to compare it with
    assert figures(again) == (0, 10_000, 10_000, 0) and pd.isna(again["old_severity"])
    numbers = compared(first, third)[0]["number"]
    assert numbers["T0/farmland/1"].endswith("001") and numbers["T0/farmland/4"].endswith("004")


def test_below_tolerance_and_zones_are_compared(reviewed):
    """A finding of a zone lies inside the boundary: it is no part of what lies outside."""

    def lines(zone, sliver):
        shapes = [square(0, 0, 900, 1000), zone]
        boundary = MemorySource("b", shapes, {"BSM": ["u", "v"], "GHFQMC": ["城镇集中建设区", "特别用途区"]})
        return {"urban_boundary": boundary, "farmland": {"s": square(-50, 500, 50 + sliver, 100)}}

    old = reviewed("a", lines(square(0, 0, 100), 0.4), min_area=60.0)
    new = reviewed("b", lines(square(300, 0, 150, 100), 0.5), min_area=60.0)
    layer, table, _ = compared(old, new)
    zones = layer[layer["kind"] == "zone"]
    assert figures(zones.iloc[0]) == (10_000, 15_000, 15_000, 10_000) and zones.iloc[0]["zone"] == "特别用途区"
    assert figures(table.loc["T0", "urban_boundary"]) == (100_000, 100_000, 0, 0)
    sliver = layer[layer["line"] == "farmland"].iloc[0]
    assert sliver["new_severity"] == "below_tolerance" and sliver["change"] == "grown"
    assert table.loc[FARM, "grown_n"] == 1


def test_reviews_that_are_not_alike(reviewed):
    lines = {"farmland": {"1": ONE}}
    old = reviewed("a", lines, area_method="ellipsoid", review_object="site")
    new = reviewed("b", lines, (square(5000, 0, 10),), ["other"])
    issues = compare(old, new).issues
    codes = {"compare_no_common_town", "compare_area_method", "compare_review_object"}
    assert {issue.code for issue in issues} == codes and {issue.layer for issue in issues} == {str(new)}


def test_nothing_is_written_when_it_ends_early(reviewed, tmp_path):
    path = reviewed("a", {"farmland": {"1": ONE}})
    target = tmp_path / "out.gpkg"
    steps = []
    with pytest.raises(Cancelled):
        compare(path, path, FileWriter(target), None, lambda *step: steps.append(step), lambda: True)
    assert steps == []

    def too_late(percent, code):
        if code == "placing":
            raise Cancelled

    with pytest.raises(Cancelled):
        compare(path, path, FileWriter(target), FileWriter(tmp_path / "table.csv"), too_late)
    with pytest.raises(RedlineError) as raised:
        compare(path, tmp_path / "none.gpkg", FileWriter(target))
    assert raised.value.code == "no_package"
    with pytest.raises(RedlineError) as raised:
        compare(path, path, FileWriter(path, "changes"))
    assert raised.value.code == "target_is_package"
    assert [file.name for file in tmp_path.iterdir()] == ["a.gpkg"]


def test_files(reviewed, tmp_path):
    old, new = reviewed("a", {"farmland": {"1": ONE}}), reviewed("b", {"farmland": {"2": TWO}})
    steps = []
    target = tmp_path / "out.gpkg"
    compare(old, new, FileWriter(target, "changes"), FileWriter(target, "by town"), lambda *step: steps.append(step))
    layer, table = (geopandas.read_file(target, layer=name, engine="pyogrio") for name in ("changes", "by town"))
    assert dict(zip(layer["change"], layer.geometry.area, strict=True)) == pytest.approx({"new": 1e4, "gone": 1e4})
    assert [*table] == [field.name for field in TABLE] and table["gone_n"].tolist() == [1, 1, 0, 0]
    assert [code for _, code in steps] == ["comparing", "placing", "done"]


def test_towns_without_findings(reviewed):
    path = reviewed("a", {"farmland": {"1": square(5000, 0, 10)}})
    layer, table = FrameWriter(), FrameWriter()
    done = compare(path, path, layer, table)
    assert not len(layer.frame) and not any(done.counts.values())
    row = table.frame.set_index("line").loc["farmland"]
    assert figures(row) == (0, 0, 0, 0) and row["new_check"] == "clear"


def test_won_and_lost_of_any_areas():
    """Whatever the runs measured: what is in common is the same seen from either side, and nothing is negative."""
    random = np.random.default_rng(5)
    corner, size = random.uniform(0, 100, (2, 300, 2)), random.uniform(1, 80, (2, 300, 2))
    old, new = (shapely.box(*c.T, *(c + s).T) for c, s in zip(corner, size, strict=True))
    new[:50], old[50:80], new[80:110] = old[:50], shapely.Polygon(), shapely.Polygon()
    scale = random.uniform(0.8, 1.2, (2, 300))
    old_m2, new_m2 = shapely.area(old) * scale[0], shapely.area(new) * scale[1]
    won, lost = won_and_lost(old_m2, new_m2, old, new, Overlay())
    assert old_m2 - lost == pytest.approx(new_m2 - won) and (won >= 0).all() and (lost >= 0).all()
    assert (won <= new_m2).all() and (lost <= old_m2 + 1e-9).all()
    assert won[:50] == pytest.approx(np.maximum(new_m2 - old_m2, 0)[:50])
    assert won[50:80] == pytest.approx(new_m2[50:80]) and lost[80:110] == pytest.approx(old_m2[80:110])
    with np.errstate(invalid="ignore"):
        apart = ~shapely.intersects(old, new)
    assert won[apart] == pytest.approx(new_m2[apart]) and lost[apart] == pytest.approx(old_m2[apart])
    old_m2, new_m2 = shapely.area(old), shapely.area(new)
    won, lost = won_and_lost(old_m2, new_m2, old, new, Overlay())  # of one measure: exactly the land itself
    assert won == pytest.approx(shapely.area(shapely.difference(new, old)))
    assert lost == pytest.approx(shapely.area(shapely.difference(old, new)))
