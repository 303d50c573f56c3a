"""A feature of very many vertices is cut down before it is cut: alike by any number of threads."""

import numpy as np
import pytest
import shapely
from support import ORIGIN

from redline_review.core.analysis.parallel import workers
from redline_review.core.analysis.pieces import Cutter
from redline_review.core.analysis.robust import Overlay


def rough(centre, radius, vertices, seed):
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radii = radius * (1 + sum(np.sin(k * angles + rng.uniform(0, 6)) * 0.3 / k for k in (2, 5, 13, 40)))
    return shapely.Polygon(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])


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
