"""What the pieces of one line cover in each town: union without double counting, and what is covered twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from .apart import disjoint_union, set_aside
from .area import AreaMeasure
from .parallel import Workers, shareable
from .pieces import Pieces, by_town, is_land
from .robust import Overlay, collect

_FEW = 8  # pieces: so few are looked at pair by pair
_PROBES = 4


@dataclass
class Cover:
    """Arrays over all towns (m,): ``union`` geometry (overlay CRS, None where nothing is covered), areas in m² as
    measured, before balancing. ``gross_m2`` counts overlapping features as often as they are there, ``union_m2``
    once; ``multi_m2`` is the land under two or more of them."""

    union: np.ndarray
    gross_m2: np.ndarray
    union_m2: np.ndarray
    multi_m2: np.ndarray


class Coverer:
    def __init__(self, town_count: int, measure: AreaMeasure, overlay: Overlay, workers: Workers):
        self._count, self._measure, self._overlay, self._workers = town_count, measure, overlay, workers

    def cover(self, pieces: Pieces, area: np.ndarray) -> Cover:
        """:param area: measured area of each piece, m², shape (n,)."""
        gross = np.bincount(pieces.town, weights=area, minlength=self._count)
        pairs = neighbours(pieces)
        few = (np.bincount(pieces.town, minlength=self._count) <= _FEW)[pieces.town]
        close = few[pairs[0]]
        met, pairs = self._meeting(pieces.geometry, pairs[:, close]), pairs[:, ~close]
        crowded = np.zeros(self._count, dtype=bool)
        crowded[pieces.town[met[0]]] = crowded[pieces.town[pairs[0]]] = True

        town, rows = by_town(pieces.town)
        union = np.full(self._count, None, dtype=object)
        alone = ~crowded[town]
        union[town[alone]] = self._each(lambda rows: _collect_parts(pieces.geometry[rows]), rows[alone])
        union[town[~alone]], suspect = self._join(pieces.geometry, rows[~alone])

        doubtful = np.unique(pieces.town[suspect])
        union_m2 = gross.copy()
        union_m2[doubtful] = self._measure.of_parts(union[doubtful])
        # Edges that neighbours draw apart overlap by rounding; land counted twice leaves more.
        double = gross - union_m2 > np.maximum(1e-4, 1e-10 * gross)
        pairs = pairs[:, double[pieces.town[pairs[0]]] & suspect[pairs].any(axis=0)]
        pairs = np.concatenate([met, self._meeting(pieces.geometry, pairs)], axis=1)
        multi_m2 = np.where(double, gross - union_m2, 0.0)
        self._correct_deep(multi_m2, pieces, pairs[:, double[pieces.town[pairs[0]]]])
        return Cover(union, gross, np.where(double, union_m2, gross), multi_m2)

    def unite(self, town: np.ndarray, geometry: np.ndarray) -> np.ndarray:
        """The union of each town's geometries, shape (m,); None where a town has none."""
        union = np.full(self._count, None, dtype=object)
        town, rows = by_town(town)
        union[town] = self._each(lambda rows: self._union(geometry[rows]), rows)
        return union

    def _join(self, geometry: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The union of each group of pieces (rows of ``geometry``), and of each piece whether it may overlap others of
        its group: all pairs that do have such a piece."""
        suspect = np.zeros(len(geometry), dtype=bool)

        def join(rows: np.ndarray, hopeful: bool) -> shapely.Geometry:
            group = geometry[rows]
            rest = disjoint_union(group) if hopeful and len(rows) > _FEW else None
            if rest is not None:
                return rest
            aside, rest = set_aside(group) if len(rows) > _FEW else (np.ones(len(rows), dtype=bool), None)
            suspect[rows] = aside
            if rest is not None and not aside.any():
                return rest
            return self._overlay.union(np.array([*group[aside], *([] if rest is None else [rest])]))

        # A layer in order is so in most towns, one in disorder seldom in any: a few tell which is tried first.
        union = np.full(len(groups), None, dtype=object)
        probe = np.zeros(len(groups), dtype=bool)
        probe[:: 1 + len(groups) // _PROBES] = True
        union[probe] = self._each(lambda rows: join(rows, True), groups[probe])
        failed = sum(bool(suspect[rows].any()) for rows in groups[probe])
        union[~probe] = self._each(lambda rows: join(rows, 2 * failed < probe.sum()), groups[~probe])
        return union, suspect

    def _each(self, function: Callable[[np.ndarray], shapely.Geometry], groups: np.ndarray) -> np.ndarray:
        def slice_of(part: np.ndarray) -> np.ndarray:
            result = np.empty(len(part), dtype=object)
            for i, group in enumerate(part):
                self._workers.check()
                result[i] = function(group)
            return result

        return self._workers.map(slice_of, groups, step=8)

    def _union(self, group: np.ndarray) -> shapely.Geometry:
        if len(group) == 1:
            return group[0]
        return (disjoint_union(group) if len(group) > _FEW else None) or self._overlay.union(group)

    def _meeting(self, geometry: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        """Those of the pairs that meet, if only in a point."""
        shareable(geometry[np.unique(pairs)])
        return pairs[:, self._workers.map(shapely.intersects, geometry[pairs[0]], geometry[pairs[1]])]

    def _correct_deep(self, multi_m2: np.ndarray, pieces: Pieces, pairs: np.ndarray) -> None:
        """Where no more than two pieces lie over each other, what is multi-covered is gross − union; that counts land
        under three twice, so towns where three pieces meet one another are measured."""
        pairs = pairs[:, np.isin(pieces.town[pairs[0]], pieces.town[triangles(pairs)])]
        a, b = pairs
        common = self._workers.map(self._overlay.intersection, pieces.geometry[a], pieces.geometry[b], step=500)
        land = is_land(common)
        pairs, common = pairs[:, land], common[land]
        deep = np.unique(pieces.town[triangles(pairs)])
        there = np.isin(pieces.town[pairs[0]], deep)
        union = self.unite(pieces.town[pairs[0, there]], common[there])
        multi_m2[deep] = self._measure.of_parts(union[deep])


def neighbours(pieces: Pieces) -> np.ndarray:
    """Pairs of pieces of one town whose bounds meet, shape (2, k), each pair once."""
    tree = shapely.STRtree(pieces.geometry)
    found = [np.empty((2, 0), dtype=np.int64)]
    for start in range(0, len(pieces), 20_000):  # so that the pairs of neighbours in other towns never pile up
        a, b = tree.query(pieces.geometry[start : start + 20_000])
        a = a + start
        found.append(np.stack([a, b])[:, (a < b) & (pieces.town[a] == pieces.town[b])])
    return np.concatenate(found, axis=1)


def triangles(pairs: np.ndarray) -> np.ndarray:
    """The first member of every three of which each two are a pair. :param pairs: shape (2, k), first below second."""
    first, second = pairs[:, np.lexsort(pairs[::-1])]
    start, stop = np.searchsorted(first, second, "left"), np.searchsorted(first, second, "right")
    count = stop - start
    edge = np.repeat(np.arange(len(first)), count)
    onward = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(start, count)
    size = pairs.max(initial=0) + 1
    closed = np.isin(first[edge] * size + second[onward], first * size + second)
    return np.unique(first[edge[closed]])


def _collect_parts(group: np.ndarray) -> shapely.Geometry:
    return collect(shapely.get_parts(group)) if len(group) > 1 else group[0]
