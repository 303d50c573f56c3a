"""Features cut by towns of many vertices, of which only the surroundings meet each: against plain intersections."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ORIGIN
from tilings import tiling

from redline_review.core.analysis import pieces
from redline_review.core.analysis.apart import disjoint_union
from redline_review.core.analysis.parallel import workers
from redline_review.core.analysis.pieces import Cutter
from redline_review.core.analysis.robust import Overlay

EASY = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1)
LAND_M2 = 1e-6


def county(seed, long_edges=False):
    """Four towns that share wavy borders of 1,200 vertices, and 400 patches that share their edges across them."""
    rng = np.random.default_rng(seed)
    towns = np.array(tiling(rng, side=2, cell=600.0, points=1200, origin=ORIGIN + 60), dtype=object)
    if long_edges:  # of half of each border nothing is left but one straight edge
        xy = [shapely.get_coordinates(town.exterior) for town in towns]
        towns = np.array([shapely.Polygon(ring[np.arange(len(ring)) % 1201 < 600]) for ring in xy], dtype=object)
    patches = np.array(tiling(rng, side=20, cell=66.0), dtype=object)
    return towns, patches


def cut(towns, features, threads=2):
    with workers(threads=threads) as pool:
        return Cutter(towns, Overlay(), pool).cut(features)


def check(towns, features, found):
    feature, town, geometry, whole = found
    a, b = np.divmod(np.arange(len(features) * len(towns)), len(towns))
    plain = shapely.intersection(features[a], towns[b])
    land = shapely.area(plain) > LAND_M2
    assert list(zip(feature, town, strict=True)) == list(zip(a[land], b[land], strict=True))
    assert shapely.area(shapely.symmetric_difference(geometry, plain[land])).max() < 1e-9
    assert shapely.is_valid(geometry).all()
    assert whole.tolist() == shapely.covered_by(features[a[land]], towns[b[land]]).tolist()
    assert (geometry[whole] == features[feature[whole]]).all()
    for n in range(len(towns)):
        union = disjoint_union(geometry[town == n])
        assert union is not None
        assert shapely.area(union) == pytest.approx(shapely.area(shapely.union_all(plain[land & (b == n)])), rel=1e-12)


def same(one, other):
    for a, b in zip(one, other, strict=True):
        assert (
            a.tolist() == b.tolist() if a.dtype != object else shapely.to_wkb(a).tolist() == shapely.to_wkb(b).tolist()
        )


@pytest.fixture
def cut_down(monkeypatch):
    """Vertices of the towns that were cut to features' surroundings, and of what each feature then met."""
    seen = []

    def watched(polygon, boxes, overlay):
        near = near_pieces(polygon, boxes, overlay)
        seen.append((shapely.get_num_coordinates(polygon), shapely.get_num_coordinates(near)))
        return near

    near_pieces = pieces.near_pieces
    monkeypatch.setattr(pieces, "near_pieces", watched)
    return seen


@EASY
@given(seed=seeds)
@pytest.mark.parametrize("long_edges", [False, True])
def test_equals_plain_intersections(cut_down, long_edges, seed):
    cut_down.clear()
    towns, patches = county(seed, long_edges)
    check(towns, patches, cut(towns, patches))
    assert len(cut_down) == 4
    if not long_edges:
        assert all(np.median(met) < vertices / 4 for vertices, met in cut_down)


def test_a_feature_of_many_vertices_is_cut_alike_by_any_number_of_threads():
    line = np.array([rough(ORIGIN + 600, 500, 3000, 5)])
    rng = np.random.default_rng(6)
    sites = shapely.buffer(shapely.points(ORIGIN + rng.uniform(0, 1200, (60, 2))), 40, quad_segs=3)
    found = []
    for threads in (1, 2, 5):
        with workers(threads=threads) as pool:
            found.append(Cutter(sites, Overlay(), pool).cut(line))
    with workers(threads=2) as pool:
        found.append(next(iter(pool.in_order(Cutter(sites, Overlay(), pool).cut, [(line,), (line,)]))))
    for other in found[1:]:
        assert shapely.equals_exact(found[0][2], other[2], 0).all()
    assert shapely.area(found[0][2]).sum() == pytest.approx(shapely.area(shapely.intersection(sites, line[0])).sum())
