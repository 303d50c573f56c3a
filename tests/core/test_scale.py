"""Areas by the scale of areas of a region, against the same areas along bent edges; and moments of polygons."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redline_review.core.analysis.area import AreaMeasure
from redline_review.core.analysis.scale import moments

EASY = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1)
# CRS and a place in degrees: amid its zone, at the rim, and as far from the central meridian as a county lies.
PLACES = {
    "Gauss-Krüger with zone": (4530, 126.1, 43.8), "its rim": (4530, 127.5, 49.9), "far outside": (4530, 130.5, 43.8),
    "Gauss-Krüger": (4549, 120.3, 30.2), "the tropics": (4549, 117.0, 18.3), "Switzerland": (2056, 7.4, 46.9),
    "its east": (2056, 10.4, 46.6), "Britain": (27700, -3.2, 51.5), "Shetland": (27700, -1.2, 60.5),
    "Europe, conformal": (3034, 10.0, 52.0), "its south": (3034, -9.0, 37.0),
}  # fmt: skip
HALF_M = 60_000.0  # half the side of a region


def region(place, half=HALF_M):
    code, lon, lat = PLACES[place]
    crs = pyproj.CRS.from_epsg(code)
    x, y = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(lon, lat)
    return crs, np.array([x - half, y - half, x + half, y + half])


def polygon(rng, centre, extent):
    """Star-shaped, turning either way, about ``extent`` metres across; every other one with holes."""

    def ring(centre, reach, least):
        angles = np.sort(rng.uniform(0, 2 * np.pi / 9, 9)) + np.linspace(0, 2 * np.pi, 9, endpoint=False)
        radii = reach * rng.uniform(least, 1, 9)
        return (centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])[:: rng.choice([1, -1])]

    reach = extent / 2
    holes = [ring(centre + np.array([aside, 0.0]), reach / 8, 0.3) for aside in (-reach / 8, reach / 8)]
    return shapely.Polygon(ring(centre, reach, 0.5), holes[: rng.integers(3)])


def parts(rng, bounds, count=40, least=5.0, most=9000.0):
    """Polygons and multipolygons of all sizes within the bounds."""
    made = []
    for extent in np.exp(rng.uniform(np.log(least), np.log(most), count)):
        centre = rng.uniform(bounds[:2] + extent / 2, bounds[2:] - extent / 2)
        if rng.random() < 0.7:
            made.append(polygon(rng, centre, extent))
        else:
            places = centre + np.array([(-0.25, 0), (0.25, 0)]) * extent
            made.append(shapely.MultiPolygon([polygon(rng, place, extent * 0.4) for place in places]))
    return np.array(made, dtype=object)


def rounding(geometry, crs):
    """What an area may differ by because coordinates, here and in the equal-area plane, are rounded, m²."""
    largest = max(1e7, np.abs(shapely.get_coordinates(geometry)).max())
    return shapely.length(geometry) * 2 * np.spacing(largest)


@pytest.mark.parametrize("place", PLACES)
@settings(EASY, max_examples=5)
@given(seed=seeds)
def test_equals_areas_along_bent_edges(place, monkeypatch, seed):
    monkeypatch.setattr("redline_review.core.analysis.area._STRAIGHT_M", 0.0)  # it leaves out up to 1e-7 m² an edge
    rng = np.random.default_rng(seed)
    half = 10 ** rng.uniform(3.7, 5.5)  # from a village to a prefecture
    crs, bounds = region(place, half)
    geometry = parts(rng, bounds)
    fast = AreaMeasure(crs, region=bounds)
    assert fast._scale.knows(shapely.bounds(geometry)).all()
    bent = AreaMeasure(crs).of_parts(geometry)
    assert (np.abs(fast.of_parts(geometry) - bent) <= 1e-9 * bent + rounding(geometry, crs)).all()


@pytest.mark.parametrize("place", PLACES)
def test_equals_areas_along_edges_split_ever_finer(place):
    crs, bounds = region(place)
    geometry = parts(np.random.default_rng(4), bounds, count=15, least=200, most=1500)
    finely = AreaMeasure(crs).of(shapely.segmentize(geometry, 1.0))
    assert AreaMeasure(crs, region=bounds).of_parts(geometry) == pytest.approx(finely, rel=1e-9)


@pytest.mark.parametrize("place", PLACES)
def test_parts_add_up_however_they_are_cut(place):
    """Also where one piece is measured by the scale in its middle, one by moments, one along its edges."""
    crs, bounds = region(place)
    measure = AreaMeasure(crs, region=bounds)
    rng = np.random.default_rng(6)
    for extent in (300, 3000, 9900, 30_000):
        whole = polygon(rng, (bounds[:2] + bounds[2:]) / 2, extent)
        x1, y1, x2, y2 = whole.bounds
        at = np.sort(rng.uniform(x1, x2, 5))
        strips = shapely.box(np.r_[x1, at], y1, np.r_[at, x2], y2)
        assert measure.of_parts(shapely.intersection(whole, strips)).sum() == pytest.approx(
            measure.of_parts(np.array([whole]))[0], rel=1e-9
        )


def test_what_is_large_or_outside_goes_along_its_edges():
    crs, bounds = region("Gauss-Krüger with zone")
    rng = np.random.default_rng(2)
    amid, corner = (bounds[:2] + bounds[2:]) / 2, bounds[2:]
    outside = [*parts(rng, bounds + 4 * HALF_M, count=20), polygon(rng, corner + 0.1 * HALF_M, 5000.0)]
    large = [shapely.box(*(amid - half), *(amid + half)) for half in (5_000.0, 5_001.0, 30_000.0)]
    geometry = np.array([*outside, *large], dtype=object)
    fast = AreaMeasure(crs, region=bounds)
    assert not fast._scale.knows(shapely.bounds(geometry)).any()
    inside = parts(rng, bounds, count=20)
    mixed = np.concatenate([inside, geometry])[rng.permutation(len(inside) + len(geometry))]
    bent = AreaMeasure(crs).of_parts(mixed)
    measured = fast.of_parts(mixed)
    assert measured == pytest.approx(bent, rel=5e-9, abs=1e-6)
    known = fast._scale.knows(shapely.bounds(mixed))
    assert known.sum() == len(inside)
    assert measured[~known].tolist() == bent[~known].tolist()
    assert measured[known].tolist() == fast.of_parts(mixed[known]).tolist()


def test_just_within_the_limits():
    crs, bounds = region("far outside")
    amid, corner = (bounds[:2] + bounds[2:]) / 2, bounds[:2]
    sides = np.array([399.9, 400.0, 400.1, 9_990.0, 9_999.9])
    geometry = np.array([shapely.box(*place, *(place + side)) for side in sides for place in (amid, corner)])
    fast = AreaMeasure(crs, region=bounds)
    assert fast._scale.knows(shapely.bounds(geometry)).all()
    assert fast.of_parts(geometry) == pytest.approx(AreaMeasure(crs).of_parts(geometry), rel=1e-9)


def test_where_no_polynomial_fits_the_edges_are_measured():
    """A region across half a continent, or where the plane has no place on the ellipsoid."""
    crs, bounds = region("Gauss-Krüger")
    for wide in (bounds + np.array([-1, -1, 1, 1]) * 3e6, bounds + 1e9):
        fast = AreaMeasure(crs, region=wide)
        geometry = parts(np.random.default_rng(3), bounds, count=10)
        assert not fast._scale.knows(shapely.bounds(geometry)).any()
        assert fast.of_parts(geometry).tolist() == AreaMeasure(crs).of_parts(geometry).tolist()
    for nowhere in (None, np.full(4, np.nan)):
        assert AreaMeasure(crs, region=nowhere)._scale is None


def test_a_single_place_is_a_region():
    crs, bounds = region("Switzerland")
    place = polygon(np.random.default_rng(1), bounds[:2], 50.0)
    fast = AreaMeasure(crs, region=np.array(place.bounds))
    assert fast._scale.knows(shapely.bounds([place])).all()
    bent = AreaMeasure(crs).of_parts(np.array([place]))
    assert fast.of_parts(np.array([place])) == pytest.approx(bent, rel=5e-9)


def test_nothing_has_no_area():
    crs, bounds = region("Gauss-Krüger with zone")
    x, y = (bounds[:2] + bounds[2:]) / 2
    line = shapely.LineString([(x, y), (x + 10, y)])
    nothing = [
        None, shapely.Polygon(), shapely.MultiPolygon(), shapely.Point(x, y), shapely.MultiPoint([(x, y), (x + 9, y)]),
        line, shapely.affinity.scale(line, 300), shapely.Polygon([(x, y), (x + 5, y), (x + 9, y)]),
        shapely.Polygon([(x, y), (x + 900, y), (x + 500, y)]),
    ]  # fmt: skip
    measure = AreaMeasure(crs, region=bounds)
    assert measure.of_parts(np.array(nothing, dtype=object)) == pytest.approx(np.zeros(len(nothing)), abs=1e-12)
    assert measure.of_parts(np.array([], dtype=object)).tolist() == []
    square = shapely.box(x, y, x + 10, y + 10)
    among = measure.of_parts(np.array([None, square, shapely.Polygon(), square, shapely.Point(x, y)], dtype=object))
    assert among == pytest.approx(among[1] * np.array([0, 1, 0, 1, 0]))
    assert among[1] == pytest.approx(100, rel=1e-3)


@EASY
@given(seed=seeds)
def test_moments_equal_sums_over_triangles(seed):
    rng = np.random.default_rng(seed)
    bounds = np.array([42_500_000, 4_850_000, 42_510_000, 4_860_000])
    geometry = np.array([*parts(rng, bounds, count=12), None, shapely.Polygon(), shapely.Point(bounds[:2])])
    boxes = np.nan_to_num(shapely.bounds(geometry)).reshape(-1, 2, 2)
    x, y = (boxes[:, 0] + rng.uniform(-0.5, 1.5, (len(geometry), 2)) * (boxes[:, 1] - boxes[:, 0])).T
    found = moments(geometry, x, y).T
    for polygon, moment, u0, v0 in zip(geometry, found, x, y, strict=True):
        triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
        corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2) - (u0, v0)
        (a, b), (c, d) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
        area = np.abs(a * d - b * c) / 2
        # A polynomial of second degree over a triangle: its area times the mean at the middles of its edges.
        u, v = np.moveaxis((corners[:, 1:] + corners[:, :-1]) / 2, 2, 0)
        mean = np.array([np.ones_like(u), u, v, u * u, u * v, v * v]).mean(axis=2)
        sure = 1e-12 * area.sum() * np.hypot(u, v).max(initial=0) ** np.array([0, 1, 1, 2, 2, 2])
        assert (np.abs(moment - mean @ area) <= sure).all()


def test_moments_of_known_figures():
    square, hole = shapely.box(0, 0, 6, 6), shapely.box(1, 1, 3, 3)
    holed = shapely.Polygon(square.exterior, [hole.exterior])
    middle = shapely.MultiPolygon([shapely.box(-1, -1, 0, 0), shapely.box(0, 0, 1, 1)])
    found = moments(np.array([square, holed, holed.reverse(), middle]), np.zeros(4), np.zeros(4)).T
    whole, out = np.array([36, 108, 108, 432, 324, 432]), np.array([4, 8, 8, 4 * 13 / 3, 16, 4 * 13 / 3])
    assert found == pytest.approx(np.array([whole, whole - out, whole - out, [2, 0, 0, 2 / 3, 0.5, 2 / 3]]))
    about_centre = moments(np.array([square]), np.array([3.0]), np.array([3.0]))[:, 0]
    assert about_centre == pytest.approx(np.array([36, 0, 0, 108, 0, 108]))
