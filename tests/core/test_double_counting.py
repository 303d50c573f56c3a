"""Land drawn twice is found and counted once: against plain unions of surveys in disorder."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ORIGIN, review
from tilings import COARSE, FINE, disordered, tiling

from redline_review.core.analysis.apart import disjoint_union, set_aside
from redline_review.core.review.package import open_package

EASY = settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1)
NOTHING_M2 = 1e-6  # neighbours that draw a shared edge apart overlap by rounding


def survey(seed):
    rng = np.random.default_rng(seed)
    return np.array(disordered(rng, tiling(rng, side=rng.integers(2, 13))), dtype=object)


def pairs_sharing_land(group):
    a, b = shapely.STRtree(group).query(group)
    a, b = a[a < b], b[a < b]
    land = shapely.area(shapely.intersection(group[a], group[b])) > NOTHING_M2
    return a[land], b[land]


def differ_by(one, other):
    return shapely.area(shapely.symmetric_difference(one, other))


@EASY
@given(seed=seeds)
def test_what_is_not_set_aside_is_disjoint(seed):
    group = survey(seed)
    aside, rest = set_aside(group)
    a, b = pairs_sharing_land(group)
    assert (aside[a] | aside[b]).all()
    if rest is None:
        assert aside.all()
    else:
        assert differ_by(rest, shapely.union_all(group[~aside])) < NOTHING_M2


@EASY
@given(seed=seeds)
def test_a_union_by_cancelling_edges_is_the_union(seed):
    group = survey(seed)
    union = disjoint_union(group)
    if len(pairs_sharing_land(group)[0]):
        assert union is None
    elif union is not None:
        assert differ_by(union, shapely.union_all(group)) < NOTHING_M2


@pytest.mark.parametrize("share", [0.5, 1e-2, 1e-4])
def test_a_little_shared_land_among_much(share):
    """A patch in the place of its neighbour, made smaller, in a county of 13 km²."""
    rng = np.random.default_rng(5)
    patches = tiling(rng, cell=300.0)
    within = shapely.transform(patches[40], lambda xy: patches[40].centroid.coords[0] + share * (xy - xy.mean(axis=0)))
    group = np.array([*patches, within], dtype=object)
    assert disjoint_union(group) is None


def test_a_survey_in_order_is_told_by_its_edges_alone():
    """Also with holes that others fill, enclaves, missing patches and features of several parts."""
    rng = np.random.default_rng(8)
    patches = tiling(rng)
    filler = shapely.transform(patches[50], lambda xy: (xy + patches[50].centroid.coords[0]) / 2)
    patches[50] = shapely.Polygon(patches[50].exterior, [filler.exterior])
    parts = shapely.MultiPolygon([patches.pop(3), patches.pop(90), filler.reverse()])
    group = np.array([*patches[:60], *patches[63:], parts], dtype=object)
    aside, rest = set_aside(group)
    assert not aside.any()
    assert rest.equals(disjoint_union(group))
    assert differ_by(rest, shapely.union_all(group)) < NOTHING_M2
    twice = np.array([*group, group[70].reverse()], dtype=object)
    assert np.flatnonzero(set_aside(twice)[0]).tolist() == [len(group)]
    few = np.array([*group, shapely.Point(patches[20].exterior.coords[0]).buffer(20)], dtype=object)
    assert set_aside(few)[0].sum() <= 2
    assert set_aside(few)[0][-1]


def squares(cells, size=10.0):
    return np.array([shapely.box(size * x, size * y, size * x + size, size * y + size) for x, y in cells], dtype=object)


def board(width, without=()):
    return squares([(x, y) for x in range(width) for y in range(width) if (x, y) not in set(without)])


RINGS = {
    "gaps that touch in a corner": board(6, [(1, 1), (2, 2), (3, 2), (4, 4)]),
    "a gap that touches the rim in a corner": board(6, [(0, 0), (1, 1)]),
    "patches that touch in corners only": squares([(x, y) for x in range(8) for y in range(8) if (x + y) % 2]),
    "an island in a gap, a gap in the island": np.concatenate([
        board(9, [(x, y) for x in range(1, 8) for y in range(1, 8)]),
        squares([(x, y) for x in range(2, 7) for y in range(2, 7) if (x, y) != (4, 4)]),
    ]),
    "far from one another": squares([(3 * x, 3 * y) for x in range(30) for y in range(30)]),
    "rings that turn either way": np.array(
        [one.reverse() if n % 3 else one for n, one in enumerate(board(5, [(2, 2)]))], dtype=object
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RINGS)
def test_rims_of_every_shape(case):
    group = RINGS[case]
    union = disjoint_union(group)
    assert shapely.area(union) == shapely.area(group).sum() and shapely.is_valid(union)
    assert union.equals(shapely.union_all(group))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("case", RINGS)
def test_a_layer_that_was_pasted_twice(case, turned):
    """All edges cancel then."""
    group = RINGS[case]
    both = np.concatenate([group, shapely.reverse(group) if turned else group])
    assert disjoint_union(both) is None
    aside, rest = set_aside(both)
    assert (aside[: len(group)] | aside[len(group) :]).all()
    assert aside.all() if rest is None else rest.equals(shapely.union_all(both[~aside]))


def land(geometry):
    """The polygons, without slivers of rounding: with them GEOS now and then loses ground in a union."""
    parts = shapely.get_parts(geometry)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return parts[2 * shapely.area(parts) > 1e-7 * shapely.length(parts)]


def area_of_union(parts, grid):
    try:
        return shapely.union_all(parts, grid_size=grid).area
    except shapely.errors.GEOSException:
        return shapely.union_all(parts, grid_size=1e-6).area


def check_ledger(folder, seed, kinds, grid, sure):
    """Of a line in disorder, in towns that tile its land: against plain unions on ``grid``, to ``sure`` m²."""
    rng = np.random.default_rng(seed)
    patches = disordered(rng, tiling(rng, side=rng.integers(2, 13)), kinds)
    bounds = shapely.total_bounds(patches)
    side = rng.integers(1, 6)
    towns = tiling(rng, side=side, cell=(bounds[2:] - bounds[:2]).min() / side, points=40, origin=bounds[:2])
    everywhere = [shapely.box(*(ORIGIN - 9999), *(ORIGIN + 9999))]
    lines = {"farmland": patches}
    summary, _, _ = review(towns, lines, coverage=everywhere, package=folder / "p.gpkg")
    without, _, _ = review(towns, lines, coverage=everywhere)
    columns = [name for name in without if name != "geometry"]
    pd.testing.assert_frame_equal(summary[columns], without[columns])
    with open_package(folder / "p.gpkg") as opened:
        ledger = opened.ledger().query("line == 'farmland'").set_index("town_id").loc[summary.town_id]

    for town, row, farm_m2 in zip(towns, ledger.itertuples(), summary.farm_m2, strict=True):
        pieces = land(shapely.intersection(town, patches))
        a, b = shapely.STRtree(pieces).query(pieces)
        several = area_of_union(land(shapely.intersection(pieces[a[a < b]], pieces[b[a < b]])), grid)
        union = area_of_union(pieces, grid)
        assert row.gross_m2 == pytest.approx(shapely.area(pieces).sum(), rel=1e-12, abs=1e-6)
        assert (row.union_m2, farm_m2) == pytest.approx((union, union), rel=1e-12, abs=sure)
        assert row.multi_m2 == pytest.approx(several, rel=1e-12, abs=sure)


@settings(EASY, max_examples=12)
@given(seed=seeds)
def test_land_counted_several_times_in_the_ledger(tmp_path_factory, seed):
    check_ledger(tmp_path_factory.mktemp("ledger"), seed, COARSE, grid=None, sure=0.01)


@settings(EASY, max_examples=6)
@given(seed=seeds)
def test_it_is_so_where_lines_all_but_coincide(tmp_path_factory, seed):
    """Plain unions fail there now and then, but for those on a grid, which are rounded."""
    check_ledger(tmp_path_factory.mktemp("ledger"), seed, (*COARSE, *FINE), grid=1e-4, sure=0.1)
