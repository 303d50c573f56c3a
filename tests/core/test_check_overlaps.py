"""Check of layers: features over each other, lines over each other, towns over and beside each other."""

from itertools import combinations

import numpy as np
import pytest
import shapely
from checking import check, kinds, line_layer, only, town_layer
from hypothesis import given, settings
from hypothesis import strategies as st
from support import at, square
from tilings import disordered, moved, tiling

from redline_review.core.inputs.checks import grid as grid_module
from redline_review.core.inputs.checks import overlap_checks
from redline_review.core.inputs.checks.listing import MOST

AROUND = square(-500, -500, 4000)


def within(*geometry, **options):
    towns = town_layer(square(0, 0, 10))
    found = check(line_layer(*geometry), towns=towns, **options)
    return {code: n for code, n in kinds(found, "farm").items() if "town" not in code}, found


def test_overlap_duplicate_and_neighbours():
    codes, found = within(square(0, 0, 100), square(90, 0, 100), square(190, 0, 50), square(190, 0, 50))
    assert codes == {"check_overlap": 1, "check_duplicate": 1}
    (over,) = only(found, "check_overlap")
    assert (over.feature, over.details["other"]) == ("0", "1")
    assert over.details["area_m2"] == pytest.approx(1000, rel=1e-3)
    assert over.geometry.equals(square(90, 0, 10, 100))


def test_small_overlaps_are_notices():
    _, found = within(square(0, 0, 100), square(99.995, 0, 50, 100), square(0, 99.9, 50, 100))
    told = {(issue.details["other"], issue.severity) for issue in only(found, "check_overlap")}
    assert told == {("1", "notice"), ("2", "warning")}


def test_rounding_is_no_overlap():
    assert within(square(0, 0, 100), square(99.9995, 0, 100))[0] == {}
    assert within(square(0, 0, 100), square(99.99, 0, 100))[0] == {"check_overlap": 1}


def pairs_of(patches):
    """Every pair that shares land, by plain shapely."""
    found = {}
    for (a, one), (b, other) in combinations(enumerate(patches), 2):
        common = one.intersection(other)
        if common.area and 2 * common.area / common.length > 0.01:
            found[a, b] = common.area
    return found


@pytest.mark.parametrize(("cells", "few"), [(1, 0), (1, 64), (3, 8), (40, 0)])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_every_pair_that_shares_land_is_found_once(cells, few, seed):
    """Whatever the grid, features cut by it included, and whether suspects are looked for in a cell: pairs and areas as
    plain shapely has them."""
    rng = np.random.default_rng(seed)
    patches = disordered(rng, tiling(rng, side=5))
    patches += [moved(shapely.segmentize(square(0, 0, 300), 1.0), rng.uniform(0, 200, 2))]  # one that is cut
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid_module, "_FEATURES", max(1, len(patches) // cells))
        patch.setattr(overlap_checks, "_FEW", few)
        _, found = within(*patches)
    told = {}
    for issue in only(found, "check_overlap") + only(found, "check_duplicate"):
        key = tuple(sorted((int(issue.feature), int(issue.details["other"]))))
        assert key not in told
        told[key] = issue.details["area_m2"]
    wanted = pairs_of(patches)
    assert set(wanted) <= set(told)
    for key, area in told.items():
        if key in wanted:
            assert area == pytest.approx(wanted[key], rel=2e-3, abs=0.05)
        else:  # between the width that counts here and the one that plain shapely was asked for
            common = patches[key[0]].intersection(patches[key[1]])
            assert 2 * common.area / common.length < 0.02


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_lines_over_each_other(seed):
    rng = np.random.default_rng(seed)
    one, by = tiling(rng, side=3), rng.uniform(-150, 150, 2)
    other = [moved(patch, by) for patch in tiling(rng, side=2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid_module, "_FEATURES", 2)
        found = check(line_layer(*one), line_layer(*other, name="eco", line="eco_redline"))
    told = sum(issue.details["area_m2"] for issue in only(found, "check_lines_overlap"))
    assert told == pytest.approx(shapely.union_all(one).intersection(shapely.union_all(other)).area, rel=2e-3, abs=0.05)


def test_lines_within_and_around_each_other():
    """The land is the inner feature, whichever line it is of, and whether or not it touches the outer one's edge."""
    outer, inner = square(0, 0, 100), [square(20, 20, 10), square(60, 0, 10), square(80, 80, 10)]
    for one, other in (([outer], inner), (inner, [outer])):
        found = check(line_layer(*one), line_layer(*other, name="eco", line="eco_redline"))
        told = only(found, "check_lines_overlap")
        assert len(told) == 3
        assert all(any(issue.geometry.equals(patch) for issue in told) for patch in inner)


def test_lines_that_only_touch():
    found = check(line_layer(square(0, 0, 100)), line_layer(square(100, 0, 100), name="eco", line="eco_redline"))
    assert "check_lines_overlap" not in kinds(found)


def test_results_do_not_depend_on_threads_or_memory():
    rng = np.random.default_rng(7)
    patches = [*tiling(rng, side=6), *(moved(patch, (30, 40)) for patch in tiling(rng, side=3))]
    wanted = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid_module, "_FEATURES", 4)
        for options in ({"threads": 1}, {"threads": 2}, {"threads": 2, "budget": 100}):
            _, found = within(*patches, **options)
            told = [(i.code, i.feature, i.details, i.geometry and i.geometry.wkb) for i in found.issues]
            wanted = wanted or told
            assert told == wanted
    assert sum(code == "check_overlap" for code, *_ in wanted) > 9


def test_a_wild_feature_does_not_hide_the_others():
    for far in (shapely.box(1e30, 1e30, 2e30, 2e30), shapely.box(0, 4_850_000, 1e300, 4_850_001)):
        codes, _ = within(square(0, 50_000, 100), square(50, 50_000, 100), far)
        assert codes["check_overlap"] == 1


def test_so_many_are_listed_and_all_are_counted():
    strips = [square(3 * n, 0, 3.2, 50) for n in range(MOST + 51)]
    codes, found = within(*strips)
    assert codes["check_overlap"] == MOST + 50
    assert len(only(found, "check_overlap")) == MOST
    assert [issue.details for issue in only(found, "check_more")] == [{"count": 50, "issue_kind": "check_overlap"}]


def test_towns_that_overlap():
    found = check(towns=town_layer(square(0, 0, 100), square(90, 0, 100)))
    assert kinds(found) == {"check_towns_overlap": 1}
    assert found.issues[0].severity == "error"


def gaps(*towns):
    found = check(towns=town_layer(*towns, name=[f"镇{n}" for n in range(len(towns))]))
    return kinds(found), only(found, "check_town_gap")


def test_a_gap_that_towns_enclose():
    frame = [square(0, 0, 300, 100), square(0, 200, 300, 100), square(0, 100, 100), square(200, 100, 100)]
    codes, found = gaps(*frame)
    assert codes == {"check_town_gap": 1}
    assert found[0].geometry.equals(square(100, 100, 100))
    assert found[0].details["towns"] == "镇0, 镇1, 镇2, 镇3"
    assert found[0].details["area_m2"] == pytest.approx(10_000, rel=1e-3)


def test_a_slit_that_is_open_at_its_ends():
    codes, found = gaps(square(0, 0, 1000), square(1000.5, 0, 1000))
    assert codes == {"check_town_gap": 1}
    assert found[0].geometry.area == pytest.approx(500, rel=0.01)


@pytest.mark.parametrize("width", [0.003, 0.02, 1.5])
def test_slits_however_thin(width):
    """As they are, although a quick look comes first; at the edge of a county of many vertices too."""
    county = tiling(np.random.default_rng(3), side=3, cell=2000.0, points=60, origin=at(1000 + width, -6500))
    codes, found = gaps(square(0, 0, 1000), square(1000 + width, 0, 500, 1000), *county)
    assert codes == {"check_town_gap": 1}
    assert found[0].geometry.area == pytest.approx(1000 * width, rel=0.05)


@pytest.mark.parametrize(
    "towns",
    [
        [square(0, 0, 1000), square(1000, 0, 1000)],
        [square(0, 0, 1000), square(1000, 300, 400)],  # a corner between two
        [square(0, 0, 1000), square(1010, 0, 1000)],  # apart: sites
        [square(0, 0, 300).difference(square(100, 100, 100)), square(300, 0, 100)],  # a hole of one town
        [square(0, 0, 300).difference(square(100, 100, 100)), square(100, 100, 100)],  # a town within another
        [square(0, 0, 100)],
    ],
)
def test_towns_in_order(towns):
    assert gaps(*towns) == ({}, [])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_towns_that_fill_a_county_are_in_order(seed):
    towns = tiling(np.random.default_rng(seed), side=4, cell=2000.0)
    assert gaps(*towns) == ({}, [])
