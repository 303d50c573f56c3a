"""What the pieces of one line cover in each town: union without double counting, and what is covered twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from .area import AreaMeasure
from .parallel import Workers, shareable
from .pieces import Pieces, is_land
from .robust import Overlay, collect


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
        crowded = np.zeros(self._count, dtype=bool)
        crowded[pieces.town[pairs[0]]] = True
        union, disjoint = self.unite(pieces.town, pieces.geometry, crowded)
        union_m2 = gross.copy()
        doubtful = np.flatnonzero(~disjoint)
        union_m2[doubtful] = self._measure.of_parts(union[doubtful])
        # Edges that neighbours draw apart overlap by rounding; land counted twice leaves more.
        double = ~disjoint & (gross - union_m2 > np.maximum(1e-4, 1e-10 * gross))
        return Cover(union, gross, np.where(double, union_m2, gross), self._multi(pieces, pairs, double))

    def unite(
        self, town: np.ndarray, geometry: np.ndarray, crowded: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The union of each town's geometries and whether they are known to be disjoint, both of shape (m,).

        The union is None where a town has none. Geometries of a town not ``crowded`` do not meet and are collected.
        """
        union = np.full(self._count, None, dtype=object)
        disjoint = np.ones(self._count, dtype=bool)
        order = np.argsort(town, kind="stable")
        town, starts = np.unique(town[order], return_index=True)
        groups = np.empty(len(town), dtype=object)
        groups[:] = np.split(geometry[order], starts[1:]) if len(town) else []
        must = np.ones(len(town), dtype=bool) if crowded is None else crowded[town]
        union[town[~must]] = self._each(_collect_parts, groups[~must])
        joined = self._each(_disjoint_union, groups[must])
        meet = joined == None  # noqa: E711 - elementwise
        joined[meet] = self._each(self._overlay.union, groups[must][meet])
        union[town[must]], disjoint[town[must]] = joined, ~meet
        return union, disjoint

    def _each(self, function: Callable, groups: np.ndarray) -> np.ndarray:
        def slice_of(part: np.ndarray) -> np.ndarray:
            result = np.empty(len(part), dtype=object)
            for i, group in enumerate(part):
                self._workers.check()
                result[i] = group[0] if len(group) == 1 else function(group)
            return result

        return self._workers.map(slice_of, groups, step=16)

    def _multi(self, pieces: Pieces, pairs: np.ndarray, double: np.ndarray) -> np.ndarray:
        a, b = pairs[:, double[pieces.town[pairs[0]]]]
        shareable(pieces.geometry[double[pieces.town]])
        meets = self._workers.map(shapely.intersects, pieces.geometry[a], pieces.geometry[b])
        a, b = a[meets], b[meets]
        common = self._workers.map(self._overlay.intersection, pieces.geometry[a], pieces.geometry[b], step=500)
        land = is_land(common)
        union, _ = self.unite(pieces.town[a[land]], common[land])
        return self._measure.of_parts(union)


def neighbours(pieces: Pieces) -> np.ndarray:
    """Pairs of pieces of one town whose bounds meet, shape (2, k), each pair once."""
    tree = shapely.STRtree(pieces.geometry)
    found = [np.empty((2, 0), dtype=np.int64)]
    for start in range(0, len(pieces), 20_000):  # so that the pairs of neighbours in other towns never pile up
        a, b = tree.query(pieces.geometry[start : start + 20_000])
        a = a + start
        found.append(np.stack([a, b])[:, (a < b) & (pieces.town[a] == pieces.town[b])])
    return np.concatenate(found, axis=1)


def _collect_parts(group: np.ndarray) -> shapely.Geometry:
    return collect(shapely.get_parts(group))


def _disjoint_union(group: np.ndarray) -> shapely.Geometry | None:
    """The union of polygons if they are disjoint, by cancelling the edges they share; None if they are not, or not
    known to be.

    What is left when edges drawn an even number of times cancel bounds the land under an odd number of polygons. If
    it is a valid polygon, and of the area of all of them together, no land lies under two. This takes a fifteenth of
    the time of a union; neighbours whose vertices do not match need that.
    """
    parts = shapely.get_parts(group)
    try:
        union = shapely.coverage_union_all(parts)
    except shapely.errors.GEOSException:
        return None
    total = shapely.area(parts).sum()
    return union if shapely.is_valid(union) and abs(shapely.area(union) - total) <= 1e-12 * total else None
