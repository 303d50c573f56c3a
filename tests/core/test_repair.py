"""Repair on a copy: what a feature covers, what changed, and what could not be used."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redline_review.core.inputs.files import FileSource
from redline_review.core.inputs.repair import polygon_parts, repair, star_shaped, usable_polygons
from redline_review.core.report.texts import LANGUAGES, Texts

SQUARE = shapely.box(0, 0, 10, 10)
BOW_TIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
PARTS_OVERLAP = shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
HOLE_LEAVES_SHELL = shapely.Polygon(shapely.box(0, 0, 4, 4).exterior, [shapely.box(2, 1, 6, 3).exterior])
HOLE_OUTSIDE = shapely.Polygon(shapely.box(0, 0, 2, 2).exterior, [shapely.box(5, 5, 6, 6).exterior])
HOLES_OVERLAP = shapely.Polygon(SQUARE.exterior, [shapely.box(1, 1, 4, 4).exterior, shapely.box(3, 3, 6, 6).exterior])
SPIKE = shapely.Polygon([(0, 0), (10, 0), (20, 0), (10, 0), (10, 10), (0, 10)])
FLAT = shapely.Polygon([(0, 0), (1, 1), (2, 2)])


def geoms(*items):
    return np.array([*items, None], dtype=object)[:-1]


@pytest.mark.parametrize(
    ("broken", "area"),
    [
        (BOW_TIE, 2.0),  # both lobes
        (PARTS_OVERLAP, 7.0),  # the ground drawn twice is covered, once
        (HOLE_LEAVES_SHELL, 12.0),  # a hole adds no ground
        (HOLE_OUTSIDE, 5.0),  # but one wholly outside is a part
        (HOLES_OVERLAP, 83.0),
        (SPIKE, 100.0),
    ],
)
def test_repair_covers_what_is_meant(broken, area):
    assert not broken.is_valid
    mended = repair(broken)
    assert mended.is_valid
    assert mended.area == pytest.approx(area, rel=1e-12)
    assert mended.geom_type in ("Polygon", "MultiPolygon")


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(3, 9))
def test_repair_covers_what_its_rings_wind_around(seed, parts, corners):
    """On random multipolygons of self-crossing rings, point by point against counted crossings."""
    random = np.random.default_rng(seed)
    rings = random.uniform(0, 10, (parts, corners, 2)).tolist()
    mended = repair(shapely.MultiPolygon([shapely.Polygon(ring) for ring in rings]))
    assert mended.is_valid
    for x, y in random.uniform(0, 10, (20, 2)):
        inside = any(_crossings(ring, x, y) % 2 for ring in rings)
        assert shapely.intersects_xy(mended, x, y) == inside


def _crossings(ring, x, y):
    count = 0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y):
            count += x < x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return count


def test_valid_polygons_are_not_touched():
    source = geoms(SQUARE, shapely.MultiPolygon([SQUARE]))
    result, issues, unusable = usable_polygons(source, [1, 2], "基本农田")
    assert result[0] is source[0]
    assert result[1] is source[1]
    assert (issues, unusable) == ([], [])


def test_the_source_stays_as_it_is():
    source = geoms(BOW_TIE, None, SQUARE)
    usable_polygons(source, [1, 2, 3], "a")
    assert source[0] is BOW_TIE
    assert source[1] is None


def test_every_repair_is_listed_with_its_change():
    slight = shapely.MultiPolygon([shapely.box(0, 0, 1000, 10), shapely.box(999.5, 0, 1001, 10)])
    result, issues, unusable = usable_polygons(geoms(slight, SQUARE, BOW_TIE, SPIKE), [7, 8, 9, 10], "红线")
    assert shapely.area(result).tolist() == pytest.approx([10_010, 100, 2, 100])
    assert [(issue.code, issue.layer, issue.feature) for issue in issues] == [
        ("repaired", "红线", "7"),
        ("repaired", "红线", "9"),
        ("repaired", "红线", "10"),
    ]
    assert [issue.severity for issue in issues] == ["notice", "warning", "notice"]
    details = issues[0].details
    assert details["before_m2"] == pytest.approx(10_015)
    assert details["after_m2"] == pytest.approx(10_010)
    assert details["change_pct"] == pytest.approx(100 * 5 / 10_015)
    assert issues[0].geometry.bounds == slight.bounds
    assert unusable == []


def test_the_flag_stands_above_a_tenth_of_a_percent():
    def overlapping(width):
        return shapely.MultiPolygon([shapely.box(0, 0, 100, 1), shapely.box(100 - width, 0, 200 - width, 1)])

    _, issues, _ = usable_polygons(geoms(overlapping(0.19), overlapping(0.21)), [1, 2], "a")
    assert [issue.severity for issue in issues] == ["notice", "warning"]


def test_only_polygon_parts_are_kept():
    collection = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.GeometryCollection([SQUARE, shapely.LineString([(0, 0), (5, 5)])])]
    )
    result, issues, _ = usable_polygons(
        geoms(collection, shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), FLAT), [1, 2, 3, 4], "a"
    )
    assert result[0].equals(SQUARE)
    assert result[1:].tolist() == [None, None, None]
    assert [issue.code for issue in issues] == ["parts_dropped", "no_polygon", "no_polygon", "no_polygon"]
    assert polygon_parts(shapely.Point(0, 0)) is None


def _hard_ring(random):
    """A ring of some vertices around the origin, most often spoilt."""
    turns = random.choice([1, 1, 1, 2, 3])
    angles = np.sort(random.uniform(0, 2 * np.pi * turns, random.integers(3, 14)))
    radii = random.uniform(random.choice([0.1, 0.9]), 1, len(angles))
    ring = np.column_stack([np.cos(angles) * radii, np.sin(angles) * radii])
    at, other = random.integers(len(ring), size=2)
    spoil = random.integers(10)
    if spoil == 0:
        ring[[at, other]] = ring[[other, at]]  # a bow-tie
    elif spoil == 1:
        ring = np.insert(ring, at, ring[at], axis=0)  # a point twice
    elif spoil == 2:
        ring = np.insert(ring, at, [ring[at], random.choice([0.5, 3.0]) * ring[at]], axis=0)  # a spike
    elif spoil == 3:
        ring = np.insert(ring, at, ring[other], axis=0)  # touches itself
    elif spoil == 4:
        ring[1, random.integers(2)] = random.choice([np.inf, -np.inf, np.nan, 1e200, 1e300])
    elif spoil == 5:
        ring[:, random.integers(2)] *= 10.0 ** -random.integers(1, 18)  # all but a line
    elif spoil == 6:
        ring = np.concatenate([ring, ring])  # wound twice
    elif spoil == 7:
        ring = ring.round(1)
    ring = ring * 10.0 ** random.integers(-3, 5) + random.choice([0, 1e3, 4e7], 2)
    return ring[:: random.choice([1, -1])]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_passes_for_star_shaped_is_valid(seed):
    random = np.random.default_rng(seed)
    rings = [_hard_ring(random) for _ in range(200)]
    polygons = geoms(*(shapely.polygons(shapely.linearrings(np.concatenate([ring, ring[:1]]))) for ring in rings))
    star = star_shaped(polygons)
    assert shapely.is_valid(polygons[star]).all()
    assert star.any()
    usable = usable_polygons(polygons, np.arange(len(polygons)), "rings")[0]
    assert shapely.is_valid(usable[~shapely.is_missing(usable)]).all()
    # Each is told from its own vertices, whatever stands beside it.
    assert star.tolist() == [star_shaped(geoms(polygon))[0] for polygon in polygons]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_convex_polygons_around_their_middle_are_star_shaped(seed):
    random = np.random.default_rng(seed)
    points = np.array((4.2e7, 4.8e6)) + 10.0 ** random.uniform(-1, 4) * random.random((100, random.integers(4, 40), 2))
    convex = shapely.convex_hull(shapely.multipoints(points))
    convex = np.where(random.random(100) < 0.5, convex, shapely.reverse(convex))
    x1, y1, x2, y2 = shapely.bounds(convex).T
    depth = shapely.distance(shapely.boundary(convex), shapely.points((x1 + x2) / 2, (y1 + y2) / 2))
    held = shapely.contains_xy(convex, (x1 + x2) / 2, (y1 + y2) / 2) & (depth > 1e-3 * (x2 - x1))
    assert star_shaped(convex)[held].all()
    assert held.sum() > 50


def test_only_single_rings_are_taken_for_star_shaped():
    holed = shapely.Polygon(SQUARE.exterior, [shapely.box(4, 4, 6, 6).exterior])
    others = [None, shapely.Polygon(), shapely.Point(1, 1), shapely.MultiPolygon([SQUARE]), holed, HOLE_LEAVES_SHELL]
    l_shape = shapely.Polygon([(0, 0), (9, 0), (9, 1), (1, 1), (1, 9), (0, 9)])
    assert star_shaped(geoms(SQUARE, *others, l_shape, SQUARE.reverse())).tolist() == [True, *[False] * 7, True]
    assert star_shaped(geoms()).tolist() == []
    assert star_shaped(geoms(None, shapely.Polygon())).tolist() == [False, False]


def test_null_and_empty_are_listed():
    empty = geoms(None, shapely.Polygon(), shapely.MultiPolygon(), shapely.GeometryCollection())
    result, issues, unusable = usable_polygons(empty, [1, 2, 3, 4], "a")
    assert result.tolist() == [None] * 4
    assert [(issue.code, issue.feature) for issue in issues] == [("no_geometry", str(fid)) for fid in (1, 2, 3, 4)]
    assert unusable == []
    result, issues, unusable = usable_polygons(geoms(), [], "a")
    assert (len(result), issues, unusable) == (0, [], [])


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_bad_coordinates_leave_their_surroundings_unchecked(bad):
    ring = shapely.linearrings([[2, 3], [bad, 3], [8, 9], [2, 3]])
    nowhere = shapely.polygons(shapely.linearrings([[math.inf, math.inf]] * 4))
    result, issues, unusable = usable_polygons(geoms(shapely.polygons(ring), nowhere, SQUARE), [1, 2, 3], "a")
    assert result.tolist() == [None, None, SQUARE]
    assert [(issue.code, issue.severity) for issue in issues] == [("bad_coordinates", "error")] * 2
    assert unusable == [(2, 3, 8, 9)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_issue_has_its_text(language):
    ring = shapely.linearrings([[2, 3], [math.inf, 3], [8, 9], [2, 3]])
    mixed = shapely.GeometryCollection([SQUARE, shapely.Point(0, 0)])
    broken = geoms(BOW_TIE, None, FLAT, mixed, shapely.polygons(ring))
    _, issues, _ = usable_polygons(broken, range(5), "图层")
    for issue in issues:
        text = Texts(language).issue(issue)
        assert "图层" in text
        assert issue.feature in text
        assert "{" not in text


def test_order_does_not_matter_over_many():
    """Chunks on threads come together in the order given."""
    many = shapely.box(np.arange(5000), 0, np.arange(5000) + 1, 1).astype(object)
    broken = np.arange(0, 5000, 997)
    many[broken] = BOW_TIE
    result, issues, _ = usable_polygons(many, np.arange(5000), "a")
    assert [int(issue.feature) for issue in issues] == broken.tolist()
    assert np.flatnonzero(result != many).tolist() == broken.tolist()


def test_the_large_polygon(shared_data):
    polygon = shapely.from_wkt((shared_data / "large_polygon" / "polygon_2056.wkt").read_text())
    (mended,), (issue,), _ = usable_polygons(geoms(polygon), [1], "a")
    assert mended.is_valid
    assert mended.area == pytest.approx(31_243_865.277, abs=0.0005)
    assert issue.details["before_m2"] == pytest.approx(31_243_865.277, abs=0.0005)
    assert issue.severity == "notice"


@pytest.mark.parametrize(
    ("layer", "column"), [("protected_areas", "eco"), ("farmland", "farm"), ("derived_urban_boundary", "urban")]
)
def test_unions_of_liechtenstein(shared_data, layer, column):
    folder = shared_data / "liechtenstein"
    reference = pd.read_csv(folder / "reference.csv").set_index("name")[column]
    (towns,) = FileSource(folder / "layers.gpkg", "municipalities").batches(["name"])
    union = shapely.union_all(
        [
            shapely.union_all(usable_polygons(batch.geometry, batch.fid, layer)[0])
            for batch in FileSource(folder / "layers.gpkg", layer).batches()
        ]
    )
    areas = shapely.area(shapely.intersection(towns.geometry, union))
    np.testing.assert_allclose(areas, reference[towns.fields["name"]], atol=1e-3)


def test_the_invalid_features_of_liechtenstein(shared_data):
    invalid = 0
    for layer in ("farmland", "urban_landuse", "landuse_landcover"):
        for batch in FileSource(shared_data / "liechtenstein" / "layers.gpkg", layer).batches():
            result, issues, unusable = usable_polygons(batch.geometry, batch.fid, layer)
            assert shapely.is_valid(result).all()
            assert {issue.code for issue in issues} <= {"repaired"}
            assert unusable == []
            assert all(issue.details["change_pct"] < 1e-6 for issue in issues)
            invalid += len(issues)
    assert invalid == 23
