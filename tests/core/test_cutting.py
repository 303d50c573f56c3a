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
from redline_review.core.analysis.cells import near_pieces
from redline_review.core.analysis.parallel import workers
from redline_review.core.analysis.pieces import Cutter
from redline_review.core.analysis.robust import Overlay

EASY = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1)
ROUNDING_M = 1e-6  # what is thinner is no land


def county(seed, long_edges=False):
    """Four towns that share wavy borders of 1,200 vertices an edge, and 400 patches that share theirs across them."""
    rng = np.random.default_rng(seed)
    towns = tiling(rng, side=2, cell=600.0, points=1200, origin=ORIGIN + 60)
    if long_edges:  # where they run through two bands their borders are straight
        rings = [shapely.get_coordinates(town)[:-1] for town in towns]
        rings = [xy[~(((xy - ORIGIN) % 600 > 250) & ((xy - ORIGIN) % 600 < 450)).any(axis=1)] for xy in rings]
        towns = [shapely.Polygon(xy) for xy in rings]
    return np.array(towns), np.array(tiling(rng, side=20, cell=66.0))


def rough(centre, radius, vertices, seed):
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radii = radius * (1 + sum(np.sin(k * angles + rng.uniform(0, 6)) * 0.3 / k for k in (2, 5, 13, 40)))
    return shapely.Polygon(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])


def unlike_towns():
    """Of very many vertices, of few and so with long edges, apart and over each other, and one without geometry."""
    middle = ORIGIN + 600
    return np.array(
        [rough(middle, 450, 4000, 1), rough(middle + 200, 300, 9, 2), None, rough(middle - 300, 250, 700, 3)]
    )


def cut(towns, features, threads=2, as_task=False):
    with workers(threads=threads) as pool:
        cutter = Cutter(towns, Overlay(), pool)
        if not as_task:
            return cutter.cut(features)
        found, again = pool.in_order(cutter.cut, [(features,), (features,)])
    same(found, again)
    return found


def same(one, other):
    """To the last digit."""
    for a, b in zip(one, other, strict=True):
        if a.dtype == object:
            a, b = shapely.to_wkb(a), shapely.to_wkb(b)
        assert a.tolist() == b.tolist()


def check(towns, features, found, disjoint=True):
    feature, town, geometry, whole = found
    """Rows, land and identity of the pieces; and that those of ``disjoint`` neighbours meet in the very same points."""
    a, b = np.divmod(np.arange(len(features) * len(towns)), len(towns))
    plain = shapely.intersection(features[a], towns[b])
    land = 2 * shapely.area(plain) > ROUNDING_M * shapely.length(plain)
    assert list(zip(feature, town, strict=True)) == list(zip(a[land], b[land], strict=True))
    assert shapely.area(shapely.symmetric_difference(geometry, plain[land])).max() < 1e-9
    assert shapely.is_valid(geometry).all()
    assert whole.tolist() == shapely.covered_by(features[a[land]], towns[b[land]]).tolist()
    assert (geometry[whole] == features[feature[whole]]).all()
    for n in np.unique(town) if disjoint else ():
        union = disjoint_union(geometry[town == n])
        assert union is not None
        assert shapely.area(union) == pytest.approx(shapely.area(shapely.union_all(plain[land & (b == n)])), rel=1e-12)


@pytest.fixture
def cut_down(monkeypatch):
    """Vertices of the town that each crossing feature would have met, and of what it met."""
    seen = []

    def watched(polygons, boxes, overlay):
        near = near_pieces(polygons, boxes, overlay)
        seen.append((shapely.get_num_coordinates(polygons), shapely.get_num_coordinates(near)))
        return near

    monkeypatch.setattr(pieces, "near_pieces", watched)
    return seen


@EASY
@given(seed=seeds)
@pytest.mark.parametrize("long_edges", [False, True])
def test_equals_plain_intersections(cut_down, long_edges, seed):
    cut_down.clear()
    towns, patches = county(seed, long_edges)
    check(towns, patches, cut(towns, patches))
    vertices, met = np.concatenate(cut_down, axis=1)
    assert len(met) > 100
    assert long_edges or np.median(met / vertices) < 0.1


def test_towns_of_all_kinds():
    patches = np.array([None, *tiling(np.random.default_rng(4), side=24, cell=50.0, points=8), shapely.Point(ORIGIN)])
    check(unlike_towns(), patches, cut(unlike_towns(), patches))


def test_features_and_towns_of_very_many_vertices_together():
    towns, _ = county(3)
    holed = shapely.Polygon(
        rough(ORIGIN + 600, 550, 6000, 5).exterior, [rough(ORIGIN + 550, 90, 2000, 6).exterior.reverse()]
    )
    small = tiling(np.random.default_rng(1), side=4, cell=30.0, points=2, origin=ORIGIN + 900)
    features = np.array([holed, rough(ORIGIN + 100, 90, 1500, 7), *small])
    check(towns, features, cut(towns, features), disjoint=False)


def test_features_of_very_many_vertices_in_many_towns():
    towns = np.array(tiling(np.random.default_rng(8)))
    middle = ORIGIN + 600
    holed = shapely.Polygon(rough(middle, 450, 6000, 5).exterior, [rough(middle, 50, 2000, 6).exterior.reverse()])
    features = np.array([holed, rough(middle + 200, 300, 3000, 7)])
    check(towns, features, cut(towns, features), disjoint=False)


@EASY
@given(seed=seeds)
def test_within_its_box_a_piece_is_the_polygon(seed):
    """For boxes of all sizes, in swarms and alone, of several polygons at a time."""
    rng = np.random.default_rng(seed)
    polygons = np.array([rough(ORIGIN + rng.uniform(0, 500, 2), 400, 3000, n) for n in range(3)], dtype=object)
    polygon = rng.integers(3, size=80)
    swarm = rng.uniform(-300, 800, (6, 2))[rng.integers(6, size=80)]
    corner = ORIGIN + swarm + rng.uniform(0, 1, (80, 2)) * 10 ** rng.uniform(-1, 3, (80, 1))
    boxes = np.column_stack([corner, corner + 10 ** rng.uniform(-1, 2.5, (80, 2))])
    near = check_near(polygons[polygon], boxes)
    assert np.median(shapely.get_num_coordinates(near)) < 1500


def test_polygons_whose_boxes_lie_alike_are_not_taken_for_one_another():
    polygons = np.array([rough(ORIGIN + 300, 400, 3000, n) for n in range(3)], dtype=object)
    boxes = np.tile(ORIGIN, 2) + np.array([[0, 0, 800, 800], [1, 1, 90, 90], [60, 50, 170, 160]])
    check_near(np.repeat(polygons, 3), np.tile(boxes, (3, 1)))


def check_near(polygons, boxes):
    near, around = near_pieces(polygons, boxes, Overlay()), shapely.box(*boxes.T)
    whole = shapely.intersection(polygons, around)
    assert shapely.area(shapely.symmetric_difference(shapely.intersection(near, around), whole)).max() < 1e-6
    return near


@pytest.mark.parametrize("long_edges", [False, True])
def test_threads_tasks_and_memory_change_nothing(monkeypatch, long_edges):
    """Also where no more than one town is kept prepared, or none."""
    towns, patches = county(7, long_edges)
    features = np.array([*patches, rough(ORIGIN + 600, 500, 3000, 5)])
    one = cut(towns, features, threads=1)
    ways = [(2, False, 9**9), (3, False, 6000), (1, False, 1), (2, True, 9**9), (3, True, 1)]
    for threads, as_task, prepared in ways:
        monkeypatch.setattr(pieces, "_PREPARED", prepared)
        same(one, cut(towns, features, threads, as_task))


def test_no_more_towns_are_prepared_at_a_time_than_there_is_room_for(monkeypatch):
    """However many towns the features of one batch lie in."""
    towns = np.array(tiling(np.random.default_rng(5), side=10, points=20))
    patches = np.array(tiling(np.random.default_rng(6), side=25, cell=48.0))
    prepared, prepare = [], shapely.prepare

    def watched(geometry):
        prepared.append(shapely.get_num_coordinates(geometry).sum())
        prepare(geometry)

    monkeypatch.setattr(shapely, "prepare", watched)
    monkeypatch.setattr(pieces, "_PREPARED", 10 * shapely.get_num_coordinates(towns).max())
    check(towns, patches, cut(towns, patches, threads=1))
    assert len(prepared) >= 10
    assert max(prepared) <= pieces._PREPARED
    assert sum(prepared) <= 2 * shapely.get_num_coordinates(towns).sum()  # once for what is inside, once for the rest


def test_features_one_by_one_are_cut_as_all_together():
    """Each then meets the whole town, which is cut to the surroundings of many only."""
    towns, patches = county(9)
    feature, town, geometry, whole = cut(towns, patches)
    alone = [cut(towns, patches[k : k + 1], threads=1) for k in range(len(patches))]
    assert np.concatenate([found[0] + k for k, found in enumerate(alone)]).tolist() == feature.tolist()
    for part, joined in ((1, town), (3, whole)):
        assert np.concatenate([found[part] for found in alone]).tolist() == joined.tolist()
    plain = np.concatenate([found[2] for found in alone])
    assert shapely.area(shapely.symmetric_difference(geometry, plain)).max() < 1e-9


def test_batch_by_batch_with_room_for_one_prepared_town(monkeypatch):
    """What is prepared already, and what has to go for the next, changes from batch to batch."""
    towns, patches = county(11)
    one = cut(towns, patches)
    monkeypatch.setattr(pieces, "_PREPARED", 6000)
    order = np.argsort(shapely.get_x(shapely.centroid(patches)) // 300, kind="stable")
    with workers(threads=1) as pool:
        cutter = Cutter(towns, Overlay(), pool)
        batches = [cutter.cut(patches[rows]) for rows in np.array_split(order, 12)]
    feature = np.concatenate([rows[found[0]] for rows, found in zip(np.array_split(order, 12), batches, strict=True)])
    town, geometry, whole = (np.concatenate([found[part] for found in batches]) for part in (1, 2, 3))
    again = np.lexsort((town, feature))
    assert feature[again].tolist() == one[0].tolist()
    assert town[again].tolist() == one[1].tolist()
    assert shapely.area(shapely.symmetric_difference(geometry[again], one[2])).max() < 1e-9
    assert whole[again].tolist() == one[3].tolist()


def test_what_touches_a_town_is_no_piece_of_it():
    towns = np.array(tiling(np.random.default_rng(2), side=3, points=20))
    feature, town, geometry, whole = cut(towns, towns)
    assert (feature.tolist(), town.tolist(), whole.all()) == ([*range(9)], [*range(9)], True)
    # One drawn with vertices of its own overlaps its neighbours by what rounding does.
    feature, town, geometry, _ = cut(towns, shapely.segmentize(towns, 1.0))
    assert (feature.tolist(), town.tolist()) == ([*range(9)], [*range(9)])
    assert shapely.area(geometry) == pytest.approx(shapely.area(towns), rel=1e-9)


def test_nothing_to_cut():
    towns, patches = county(1)
    nowhere = np.array([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)])
    for found in (cut(towns, nowhere), cut(towns, patches[:0]), cut(np.array([None]), patches)):
        assert [len(part) for part in found] == [0] * 4
