"""Cutting by towns: what is cut down first to be fast gives what plain cutting gives, to the last digit."""

import numpy as np
import pytest
import shapely
from support import ORIGIN
from tilings import tiling

from redline_review.core.analysis import pieces
from redline_review.core.analysis.apart import disjoint_union
from redline_review.core.analysis.parallel import workers
from redline_review.core.analysis.pieces import Cutter
from redline_review.core.analysis.robust import Overlay


def rough(centre, radius, vertices, seed):
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radii = radius * (1 + sum(np.sin(k * angles + rng.uniform(0, 6)) * 0.3 / k for k in (2, 5, 13, 40)))
    return shapely.Polygon(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])


def towns():
    """Of very many vertices, of few and so with long edges, apart and over each other."""
    middle = ORIGIN + 600
    return np.array(
        [rough(middle, 450, 4000, 1), rough(middle + 200, 300, 9, 2), rough(middle - 300, 250, 700, 3), None]
    )


def cut(features, threads=1, as_task=False):
    with workers(threads=threads) as pool:
        cutter = Cutter(towns(), Overlay(), pool)
        if as_task:
            (found, _) = pool.in_order(cutter.cut, [(features,), (features[:1],)])
            return found
        return cutter.cut(features)


def patches():
    return np.array(tiling(np.random.default_rng(4), side=24, cell=50.0, points=8), dtype=object)


def test_pieces_are_those_of_plain_cutting():
    features = patches()
    feature, town, geometry, whole = cut(features)
    expected = {}
    for t, polygon in enumerate(towns()[:3]):
        areas = shapely.area(shapely.intersection(features, polygon))
        expected |= {(f, t): areas[f] for f in np.flatnonzero(areas > 1e-6)}
    assert set(zip(feature, town, strict=True)) == set(expected)
    plain = np.array([expected[key] for key in zip(feature, town, strict=True)])
    assert shapely.area(geometry) == pytest.approx(plain, rel=1e-9, abs=1e-6)
    assert all(geometry[k] is features[feature[k]] for k in np.flatnonzero(whole))
    assert 0 < whole.sum() < len(whole)


def test_neighbours_meet_the_towns_edge_in_the_same_points():
    _, town, geometry, _ = cut(patches())
    for t, polygon in enumerate(towns()[:3]):
        union = disjoint_union(geometry[town == t])
        assert union is not None
        assert union.area == pytest.approx(polygon.intersection(shapely.union_all(patches())).area, rel=1e-9)


@pytest.mark.parametrize("threads, as_task, prepared", [(3, False, 600_000), (2, True, 600_000), (1, False, 500)])
def test_threads_and_memory_change_nothing(threads, as_task, prepared, monkeypatch):
    features = patches()
    one = cut(features)
    monkeypatch.setattr(pieces, "_PREPARED", prepared)
    other = cut(features, threads, as_task)
    for a, b in zip(one[:2], other[:2], strict=True):
        assert a.tolist() == b.tolist()
    assert shapely.equals_exact(one[2], other[2], 0).all()
    assert one[3].tolist() == other[3].tolist()
