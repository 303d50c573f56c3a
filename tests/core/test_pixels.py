"""Covered fractions of pixels against GEOS and exactextract; true areas of pixels against the official area."""

import numpy as np
import pyproj
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st

from redline_review.core.analysis.area import AreaMeasure
from redline_review.core.analysis.pixels import PixelAreas, covered_fractions, edges_of

WIDTH, HEIGHT = 14, 11


def star(rng, x, y, radius, corners):
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.3, 1, corners)
    return shapely.make_valid(shapely.Polygon(np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)])))


def shape(rng):
    """Several polygons, some with a hole, some beyond the window."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        x, y, radius = rng.uniform(-2, WIDTH + 2), rng.uniform(-2, HEIGHT + 2), rng.uniform(0.2, 9)
        hole = star(rng, x, y, radius / 3, 8)
        parts.append(star(rng, x, y, radius, rng.integers(3, 30)).difference(hole))
    whole = shapely.union_all(parts)
    return shapely.multipolygons([part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"])


def fractions(geometry, column=0, row=0, width=WIDTH, height=HEIGHT):
    edges, _ = edges_of(shapely.get_parts(geometry))
    return covered_fractions(edges, column, row, width, height)


def by_geos(geometry, width=WIDTH, height=HEIGHT):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return shapely.area(shapely.intersection(shapely.box(x, y, x + 1, y + 1), geometry))


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_fractions_are_areas_of_intersections(seed):
    geometry = shape(np.random.default_rng(seed))
    assert fractions(geometry) == pytest.approx(by_geos(geometry), abs=3e-9)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32), column=st.integers(-3, 12), row=st.integers(-3, 9), width=st.integers(1, 9))
def test_a_window_has_the_fractions_of_the_whole(seed, column, row, width):
    geometry = shape(np.random.default_rng(seed))
    whole = fractions(geometry, -3, -3, 30, 30)
    assert fractions(geometry, column, row, width, 5) == pytest.approx(
        whole[row + 3 : row + 8, column + 3 : column + 3 + width], abs=3e-9
    )


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_rings_may_turn_either_way(seed):
    geometry = shape(np.random.default_rng(seed))
    rings = [
        shapely.Polygon(part.exterior.coords[::-1], [hole.coords[::-1] for hole in part.interiors])
        for part in geometry.geoms
    ]
    assert fractions(shapely.multipolygons(rings)) == pytest.approx(fractions(geometry), abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(corners=st.lists(st.tuples(st.integers(-2, WIDTH + 2), st.integers(-2, HEIGHT + 2)), min_size=3, max_size=9))
def test_vertices_and_edges_on_the_lines_between_pixels(corners):
    polygon = shapely.convex_hull(shapely.MultiPoint(corners))
    if polygon.geom_type == "Polygon":
        assert fractions(polygon) == pytest.approx(by_geos(polygon), abs=3e-9)


@pytest.mark.parametrize("seed", range(8))
def test_neighbours_share_the_pixels_between_them(seed):
    rng = np.random.default_rng(seed)
    edge = np.column_stack([rng.uniform(3, 9, 60), np.linspace(0, HEIGHT, 60)])
    west = shapely.Polygon([(0, 0), *edge, (0, HEIGHT)])
    east = shapely.Polygon([(WIDTH, 0), *edge, (WIDTH, HEIGHT)])
    assert fractions(west) + fractions(east) == pytest.approx(np.ones((HEIGHT, WIDTH)), abs=1e-9)


def test_inside_outside_and_nothing():
    around = shapely.box(-1e6, -1e6, 1e6, 1e6)
    assert (fractions(around) == 1).all()
    assert (fractions(around.difference(shapely.box(-5e5, -5e5, 5e5, 5e5))) == 0).all()
    for away in (shapely.box(-9, 0, -1, 5), shapely.box(20, 0, 30, 5), shapely.box(0, -9, 5, -1), shapely.Polygon()):
        assert (fractions(away) == 0).all()
    assert edges_of(np.array([], dtype=object))[0].shape == (4, 0)


def test_far_from_the_corner_nothing_is_lost():
    small = shapely.box(20_000.25, 30_000.5, 20_001.5, 30_002.25)
    found = fractions(small, 20_000, 30_000, 3, 3)
    assert found == pytest.approx(np.array([[0.375, 0.25, 0], [0.75, 0.5, 0], [0.1875, 0.125, 0]]), abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_as_exactextract_has_them(seed):
    geometry = shape(np.random.default_rng(100 + seed)).intersection(shapely.box(0, 0, WIDTH, HEIGHT))
    # North up there: rows are counted from the top.
    upright = shapely.transform(geometry, lambda xy: np.column_stack([xy[:, 0], HEIGHT - xy[:, 1]]))
    raster = NumPyRasterSource(np.ones((HEIGHT, WIDTH)), xmin=0, ymin=0, xmax=WIDTH, ymax=HEIGHT)
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(upright)}
    row = exact_extract(raster, feature, ["cell_id", "coverage"])[0]["properties"]
    exact = np.zeros(WIDTH * HEIGHT)
    exact[row["cell_id"].astype(int)] = row["coverage"]
    polygons = shapely.multipolygons([part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"])
    assert fractions(polygons).ravel() == pytest.approx(exact, abs=1e-6)


def turned(side, degrees, x, y):
    c, s = side * np.cos(np.radians(degrees)), side * np.sin(np.radians(degrees))
    return c, s, x, s, -c, y


CASES = {
    "projected": (4549, (100.0, 0, 520_000, 0, -100, 4_850_000)),
    "zone before the easting": (4530, (250.0, 0, 42_520_000, 0, -250, 4_850_000)),
    "geographic": (4490, (0.0025, 0, 125.1, 0, -0.0025, 43.9)),
    "not square": (4549, (150.0, 0, 520_000, 0, -90, 4_850_000)),
    "rotated": (4549, turned(120, 33, 520_000, 4_850_000)),
    "south up": (4549, (100.0, 0, 520_000, 0, 100, 4_850_000)),
    "in feet": (2263, (400.0, 0, 950_000, 0, -400, 200_000)),
    "equal-area": (3035, (100.0, 0, 4_300_000, 0, -100, 3_200_000)),
}


def outline(transform, column, row, width, height, pieces):
    """The rectangle of pixels as a polygon with ``pieces`` edges a side."""
    a, b, c, d, e, f = transform
    t = np.arange(pieces) / pieces
    x = column + width * np.concatenate([t, np.ones(pieces), 1 - t, np.zeros(pieces)])
    y = row + height * np.concatenate([np.zeros(pieces), t, np.ones(pieces), 1 - t])
    return shapely.Polygon(np.column_stack([a * x + b * y + c, d * x + e * y + f]))


@pytest.mark.parametrize("name", CASES)
def test_true_areas(name):
    code, transform = CASES[name]
    crs, window = pyproj.CRS.from_epsg(code), (300, 200, 260, 170)
    areas = PixelAreas(crs, transform).of(*window)(0, 170)
    assert areas.shape == (170, 260)
    measure = AreaMeasure(crs)
    for column, row in ((0, 0), (259, 0), (100, 80), (0, 169), (259, 169)):
        pixel = outline(transform, 300 + column, 200 + row, 1, 1, 16)
        assert areas[row, column] == pytest.approx(measure.of(np.array([pixel]))[0], rel=1e-9)
    assert areas.sum() == pytest.approx(measure.of(np.array([outline(transform, *window, 4000)]))[0], rel=1e-9)


@pytest.mark.parametrize("transform", [(0.05, 0, 60, 0, -0.05, 80), (0.25, 0, -180, 0, -0.25, 90)])
def test_true_areas_over_a_continent(transform):
    crs = pyproj.CRS.from_epsg(4490)
    of = PixelAreas(crs, transform).of(0, 0, 500, 700)
    areas = of(0, 700)
    measure = AreaMeasure(crs)
    for column, row in ((0, 5), (499, 5), (250, 300), (3, 699)):
        pixel = outline(transform, column, row, 1, 1, 1)  # parallels and meridians are straight in the plane
        assert areas[row, column] == pytest.approx(measure.of(np.array([pixel]))[0], rel=1e-9)
    assert np.array_equal(np.vstack([of(0, 333), of(333, 700)]), areas)


def test_planar_areas():
    plane = PixelAreas(pyproj.CRS.from_epsg(4549), turned(30, 20, 520_000, 4_850_000), "planar").of(3, 4, 6, 5)
    assert plane(1, 4) == pytest.approx(np.full((3, 6), 900.0))
    feet = PixelAreas(pyproj.CRS.from_epsg(2263), (100.0, 0, 0, 0, -100, 0), "planar").of(0, 0, 1, 1)
    assert feet(0, 1)[0, 0] == pytest.approx((100 * 1200 / 3937) ** 2)
