"""The official ellipsoid area against its published series and test vectors."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from redline_review.core.analysis.area import PLANAR, AreaMeasure

CGCS2000 = pyproj.CRS.from_epsg(4490)
A_AXIS, INVERSE_FLATTENING = 6378137.0, 298.257222101
MINUTE = 1 / 60
METRES_PER_DEGREE = math.radians(A_AXIS)

# domain.md §5, computed there with 50 digits: ring in degrees, area in m², tolerance in m².
VECTORS = {
    "T1": ([(125.25, 43 + 50 * MINUTE), (125.3125, 43 + 50 * MINUTE), (125.3125, 43.875), (125.25, 43.875)],
           23264220.1413, 0.001),
    "T2": ([(125.30, 43.80), (125.32, 43.81), (125.305, 43.83)], 2458255.1555, 0.001),
    "T3": ([(125.30, 43.80), (125.34, 43.80), (125.34, 43.82), (125.32, 43.82), (125.32, 43.84), (125.30, 43.84)],
           10726797.3157, 0.001),
    "T4": ([(125, 43), (126, 43), (126, 44), (125, 44)], 8985483100.8648, 0.05),
    "T5": ([(126.501, 43.801), (126.529, 43.805), (126.533, 43.824), (126.497, 43.820)], 5435284.6359, 0.001),
}  # fmt: skip


def series_area(ring):
    """国土调查办发〔2008〕32号, edge by edge as printed; ring of (longitude, latitude) in degrees."""
    b = A_AXIS * (1 - 1 / INVERSE_FLATTENING)
    e2 = (A_AXIS**2 - b**2) / A_AXIS**2
    e4, e6, e8 = e2**2, e2**3, e2**4
    coefficients = (
        1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8,
        1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8,
        3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8,
        1 / 112 * e6 + 45 / 2304 * e8,
        5 / 2304 * e8,
    )
    total, lon0 = 0.0, math.radians(ring[0][0])
    for (l1, b1), (l2, b2) in zip(ring, ring[1:] + ring[:1], strict=True):
        l1, b1, l2, b2 = (math.radians(v) for v in (l1, b1, l2, b2))
        half, middle = (b2 - b1) / 2, (b1 + b2) / 2
        terms = (
            (-1) ** k * c * math.sin((2 * k + 1) * half) * math.cos((2 * k + 1) * middle)
            for k, c in enumerate(coefficients)
        )
        total += 2 * b**2 * ((l1 + l2) / 2 - lon0) * sum(terms)
    return abs(total)


@pytest.mark.parametrize("name", VECTORS)
def test_published_vectors_in_degrees_and_in_gauss_krueger(name):
    ring, expected, tolerance = VECTORS[name]
    polygon = shapely.Polygon(ring)
    assert AreaMeasure(CGCS2000).of(np.array([polygon]))[0] == pytest.approx(expected, abs=tolerance)
    for code in (4509, 4530, 4551):  # 6°, 3° with and without zone prefix
        crs = pyproj.CRS.from_epsg(code)
        to_plane = pyproj.Transformer.from_crs(CGCS2000, crs, always_xy=True)
        plane = shapely.transform(polygon, lambda xy, t=to_plane: np.column_stack(t.transform(*xy.T)))
        assert AreaMeasure(crs).of(np.array([plane]))[0] == pytest.approx(expected, abs=tolerance)


@given(
    lon=st.floats(74, 134), lat=st.floats(18, 53), size=st.floats(1e-4, 0.02),
    radii=st.lists(st.floats(0.3, 1), min_size=3, max_size=40),
)  # fmt: skip
def test_equals_the_printed_series_on_random_polygons(lon, lat, size, radii):
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    ring = [(lon + size * r * math.cos(a), lat + size * r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    polygon = shapely.Polygon(ring)
    # A double holds 130° to 1.6e-9 m, on both sides: below some 50 m² that is more than 1e-9 of the area.
    rounding = shapely.length(polygon) * METRES_PER_DEGREE * 5e-9
    measured = AreaMeasure(CGCS2000).of(np.array([polygon]))[0]
    assert measured == pytest.approx(series_area(ring), rel=1e-9, abs=rounding)


def test_small_patches_lose_nothing_to_cancellation():
    # 0.5 m² at full coordinates, against the shoelace sum of the very same vertices in exact arithmetic.
    x, y = 42_512_345.678, 4_851_234.567
    crs = pyproj.CRS.from_epsg(4530)
    patch = shapely.box(x, y, x + 1, y + 0.5)
    to_equal_area = pyproj.Transformer.from_crs(crs, "+proj=cea +a=6378137 +rf=298.257222101", always_xy=True)
    ring = [tuple(map(Fraction, to_equal_area.transform(*xy))) for xy in patch.exterior.coords]
    exact = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))) / 2
    assert exact == pytest.approx(0.5, rel=1e-4)
    assert AreaMeasure(crs).of(np.array([patch]))[0] == pytest.approx(float(exact), rel=1e-12)


def test_holes_parts_and_orientation():
    outer, hole = shapely.box(125.3, 43.8, 125.4, 43.9), shapely.box(125.33, 43.83, 125.35, 43.85)
    measure = AreaMeasure(CGCS2000)
    holed = shapely.Polygon(outer.exterior.coords, [hole.exterior.coords])
    parts = shapely.MultiPolygon([holed, hole])
    a_outer, a_hole, a_holed, a_parts, a_reversed = measure.of(
        np.array([outer, hole, holed, parts, shapely.reverse(holed)])
    )
    assert a_holed == pytest.approx(a_outer - a_hole, rel=1e-14)
    assert a_parts == pytest.approx(a_outer, rel=1e-14)
    assert a_reversed == pytest.approx(a_holed, rel=1e-14)


def test_nothing_has_no_area():
    nothing = [None, shapely.Polygon(), shapely.Point(125, 43), shapely.LineString([(125, 43), (126, 44)])]
    assert AreaMeasure(CGCS2000).of(np.array(nothing, dtype=object)).tolist() == [0, 0, 0, 0]
    assert AreaMeasure(CGCS2000).of(np.array([], dtype=object)).tolist() == []


def test_result_does_not_depend_on_threads_or_chunks(monkeypatch):
    rng = np.random.default_rng(7)
    centres = rng.uniform((125, 43), (126, 44), (300, 2))
    polygons = np.array([shapely.Point(c).buffer(0.01) for c in centres])
    expected = AreaMeasure(CGCS2000, threads=1).of(polygons)
    monkeypatch.setattr("redline_review.core.analysis.area._CHUNK", 100)
    assert AreaMeasure(CGCS2000, threads=2).of(polygons).tolist() == expected.tolist()


def test_planar_is_the_area_in_the_plane():
    crs = pyproj.CRS.from_epsg(4530)
    box = shapely.box(42_500_000, 4_850_000, 42_500_100, 4_850_100)
    assert AreaMeasure(crs, PLANAR).of(np.array([box, None], dtype=object)).tolist() == [10_000, 0]


def test_the_ellipsoid_is_that_of_the_crs():
    ring = shapely.Polygon(VECTORS["T4"][0])
    krassowsky = AreaMeasure(pyproj.CRS.from_epsg(4214)).of(np.array([ring]))[0]  # Beijing 1954
    assert abs(krassowsky - VECTORS["T4"][1]) > 100_000
