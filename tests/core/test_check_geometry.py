"""Check of layers: geometry that is missing, broken, thin or spiked."""

import numpy as np
import pytest
import shapely
from checking import check, kinds, line_layer, only
from hypothesis import given
from hypothesis import strategies as st
from support import at, square
from tilings import tiling

BIG = square(-10, -10, 2000)


def ring(*corners, holes=()):
    return shapely.Polygon([at(*corner) for corner in corners], [[at(*corner) for corner in hole] for hole in holes])


BOW_TIE = ring((0, 0), (100, 100), (100, 0), (0, 100))
TOUCHING = ring((0, 0), (100, 0), (100, 100), (50, 0), (0, 100))
HOLE_OUTSIDE = ring((0, 0), (100, 0), (100, 100), (0, 100), holes=[[(200, 0), (300, 0), (300, 100)]])
NESTED = shapely.MultiPolygon([square(0, 0, 100), square(20, 20, 30)])
FLAT = ring((0, 0), (50, 50), (100, 100))


def found_in(*geometry, **options):
    found = check(line_layer(*geometry), line_layer(BIG, name="cover", line="eco_redline"), **options)
    return {code: n for code, n in kinds(found, "farm").items() if code != "check_lines_overlap"}, found


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "check_null"),
        (shapely.Polygon(), "check_empty"),
        (shapely.MultiPolygon(), "check_empty"),
        (shapely.Point(at(5, 5)), "check_not_polygon"),
        (shapely.GeometryCollection([square(0, 0, 50), shapely.Point(at(5, 5))]), "check_not_polygon"),
        (BOW_TIE, "check_self_crossing"),
        (TOUCHING, "check_self_touching"),
        (HOLE_OUTSIDE, "check_hole_outside"),
        (NESTED, "check_rings_nested"),
        (shapely.Polygon([at(0, 0), at(np.inf, 0), at(10, 10)]), "check_bad_coordinates"),
        (FLAT, "check_self_crossing"),
        (square(0, 0, 300, 0.1), "check_sliver"),
        (square(0, 0, 0.9), "check_sliver"),
        (ring((0, 0), (100, 0), (100, 50), (160, 50.2), (100, 50.4), (100, 100), (0, 100)), "check_spike"),
    ],
)
def test_found(geometry, code):
    large = [square(-10, -10, 2000, 5), square(-10, 995, 2000, 995)]
    codes, found = found_in(*large, geometry)
    assert code in codes, codes
    assert [issue.feature for issue in only(found, code)] == ["2"]


@pytest.mark.parametrize(
    "geometry",
    [
        square(0, 0, 300, 0.5),  # a ditch
        square(0, 0, 1.5),
        ring((0, 0), (100, 0), (100, 50), (160, 53), (100, 56), (100, 100), (0, 100)),  # 6°
        ring((0, 0), (100, 0), (100, 100), (0, 100), holes=[[(0, 0), (50, 20), (20, 50)]]),  # a hole at a corner
        shapely.MultiPolygon([square(0, 0, 10), square(20, 20, 10)]),
        ring((0, 0), (100, 0), (100, 0), (100, 100), (0, 100)),  # a vertex twice
    ],
)
def test_in_order(geometry):
    assert found_in(BIG, geometry)[0] == {"check_overlap": 1}


def test_places():
    """Where a fault is: the crossing, the tip of the spike, the sliver itself."""
    spike = ring((0, 200), (100, 200), (100, 250), (160, 250.2), (100, 250.4), (100, 300), (0, 300))
    thin = square(0, 400, 300, 0.1)
    _, found = found_in(BOW_TIE, spike, thin)
    places = {issue.code: issue.geometry for issue in found.issues if issue.layer == "farm"}
    assert places["check_self_crossing"].equals(shapely.Point(at(50, 50)))
    assert places["check_spike"].equals(shapely.Point(at(160, 250.2)))
    assert places["check_sliver"].equals(thin)
    (sharp,) = only(found, "check_spike")
    assert sharp.details["angle"] == pytest.approx(0.382, abs=0.001)
    assert sharp.details["length"] == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize("first", range(7))
@pytest.mark.parametrize("turn", [1, -1])
def test_a_spike_wherever_its_ring_begins(first, turn):
    """Alone, in a hole, and in a part; the other rings are not blamed."""
    corners = [(0, 200), (100, 200), (100, 250), (160, 250.2), (100, 250.4), (100, 300), (0, 300)]
    spike = ring(*np.roll(corners, first, axis=0)[::turn])
    frame = square(-50, 150, 300).exterior
    shapes = [spike, shapely.Polygon(frame, [spike.exterior]), shapely.MultiPolygon([square(500, 0, 10), spike])]
    told = only(found_in(*shapes)[1], "check_spike")
    assert [issue.feature for issue in told] == ["0", "1", "2"]
    assert all(issue.geometry.equals(shapely.Point(at(160, 250.2))) for issue in told)


def test_broken_polygons_are_compared_as_the_review_repairs_them():
    codes, found = found_in(BOW_TIE, square(80, 40, 20, 20), BIG)
    assert codes == {"check_self_crossing": 1, "check_overlap": 3}
    (lobe,) = [issue for issue in only(found, "check_overlap") if (issue.feature, issue.details["other"]) == ("0", "1")]
    assert lobe.details["area_m2"] == pytest.approx(400, rel=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_patches_of_a_survey_are_in_order(seed):
    codes, _ = found_in(*tiling(np.random.default_rng(seed), side=6))
    assert codes == {"check_town_beyond": 1}
