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


@dataclass
class Cover:
    """Arrays over all towns (m,): ``union`` geometry (overlay CRS, None where nothing is covered), areas in m² as
    measured, before balancing. ``gross_m2`` counts overlapping features as often as they are there, ``union_m2``
    once; ``multi_m2`` is the land under two or more of them."""

    union: np.ndarray
    gross_m2: np.ndarray
    union_m2: np.ndarray
    multi_m2: np.ndarray


@dataclass
class _Look:
    """``double``: towns where land is covered several times, bool (m,); ``met``: pairs of pieces that meet, of towns
    with few; ``suspect``: which pieces may overlap others, bool (n,)."""

    cover: Cover
    double: np.ndarray
    met: np.ndarray
    suspect: np.ndarray


class Coverer:
    """:param with_multi: whether what is covered several times is measured; `Cover.multi_m2` is NaN otherwise."""

    def __init__(
        self, town_count: int, measure: AreaMeasure, overlay: Overlay, workers: Workers, with_multi: bool = True
    ):
        self._count, self._measure, self._overlay, self._workers = town_count, measure, overlay, workers
        self._with_multi = with_multi

    def cover(self, pieces: Pieces, area: np.ndarray) -> Cover:
        """:param area: measured area of each piece, m², shape (n,)."""
        look = self._look(pieces, area)
        if self._with_multi:
            twice = look.cover.gross_m2 - look.cover.union_m2
            look.cover.multi_m2 = self._multi(pieces, self._pairs(pieces, look), look.suspect, twice)
        return look.cover

    def apart(
        self, pieces: Pieces, area: np.ndarray, order: Callable[[], np.ndarray]
    ) -> tuple[Cover, np.ndarray, np.ndarray]:
        """The pieces made disjoint: land that several of a town have in common stays with the first in order.

        :param area: measured area of each piece, m², shape (n,). :param order: gives the rows in order, shape (n,);
            it is asked for only where pieces have land in common.
        :returns: what they cover, their geometry (empty where another has all of it), and the rows that lost land.
        """
        look = self._look(pieces, area)
        pairs, _ = self._common(pieces, self._pairs(pieces, look))
        if not pairs.size:
            return look.cover, pieces.geometry, np.empty(0, dtype=np.int64)
        rank = np.empty(len(pieces), dtype=np.int64)
        rank[order()] = np.arange(len(pieces))
        keeps, loses = np.where(rank[pairs[0]] < rank[pairs[1]], pairs, pairs[::-1])
        losers, groups = by_town(loses)
        taken = self._each(lambda rows: self._union(pieces.geometry[keeps[rows]]), groups)
        geometry = pieces.geometry.copy()
        geometry[losers] = self._workers.map(self._overlay.difference, geometry[losers], taken, step=100)
        return look.cover, geometry, losers

    def _look(self, pieces: Pieces, area: np.ndarray) -> _Look:
        gross = np.bincount(pieces.town, weights=area, minlength=self._count)
        number = np.bincount(pieces.town, minlength=self._count)
        crowded = number > _FEW
        met = self._meeting(pieces.geometry, neighbours(pieces, number <= _FEW))
        crowded[pieces.town[met[0]]] = True

        town, rows = by_town(pieces.town)
        union = np.full(self._count, None, dtype=object)
        alone = ~crowded[town]
        union[town[alone]] = self._each(lambda rows: _collect_parts(pieces.geometry[rows]), rows[alone])
        union[town[~alone]], suspect = self._join(pieces.geometry, rows[~alone])

        doubtful = np.unique(pieces.town[suspect])
        union_m2 = gross.copy()
        union_m2[doubtful] = self._measure.of_parts(union[doubtful])
        # Edges that neighbours draw apart overlap by rounding, and areas scatter by 4e-10: land counted twice leaves
        # more.
        double = gross - union_m2 > np.maximum(1e-4, 1e-9 * gross)
        union_m2 = np.where(double, union_m2, gross)
        return _Look(Cover(union, gross, union_m2, np.full(self._count, np.nan)), double, met, suspect)

    def _pairs(self, pieces: Pieces, look: _Look) -> np.ndarray:
        """All pairs with a suspect that meet, in towns where land is covered several times; shape (2, k)."""
        double, suspect = look.double, look.suspect
        number = np.bincount(pieces.town, minlength=self._count)
        pairs = neighbours(pieces, double & (number > _FEW))
        pairs = self._meeting(pieces.geometry, pairs[:, suspect[pairs].any(axis=0)])
        return np.concatenate([look.met[:, double[pieces.town[look.met[0]]]], pairs], axis=1)

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

        def join(rows: np.ndarray) -> shapely.Geometry:
            group = geometry[rows]
            aside, rest = set_aside(group) if len(rows) > _FEW else (np.ones(len(rows), dtype=bool), None)
            suspect[rows] = aside
            if rest is not None and not aside.any():
                return rest
            return self._overlay.union(np.array([*group[aside], *([] if rest is None else [rest])]))

        return self._each(join, groups), suspect

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

    def _multi(self, pieces: Pieces, pairs: np.ndarray, suspect: np.ndarray, twice: np.ndarray) -> np.ndarray:
        """Land of each town under two or more pieces, m², measured, shape (m,).

        Unless three pieces lie over one another it is just gross − union, ``twice``. Two of the three are suspects,
        since pieces that are none are disjoint.

        :param pairs: all pairs with a suspect that meet.
        """
        town = pieces.town
        several = (np.bincount(town[pairs[0]], minlength=self._count) >= 3)[town[pairs[0]]]
        both = suspect[pairs].all(axis=0)
        among, common = self._common(pieces, pairs[:, both & several])
        deep = np.zeros(self._count, dtype=bool)
        deep[town[among[0]]] = True
        mixed = np.zeros(self._count, dtype=bool)
        mixed[town[~suspect]] = True
        deep[mixed] = self._three(pieces, among, common, mixed)[mixed]
        rest, more = self._common(pieces, pairs[:, ~both & deep[town[pairs[0]]]])
        there = deep[town[among[0]]]
        of = np.concatenate([town[among[0, there]], town[rest[0]]])
        union = self.unite(of, np.concatenate([common[there], more]))
        return np.where(deep, self._measure.of_parts(union), twice)

    def _three(self, pieces: Pieces, pairs: np.ndarray, common: np.ndarray, towns: np.ndarray) -> np.ndarray:
        """In which of ``towns`` (bool) a third piece has a part of what a pair has in common; bool, shape (m,)."""
        found = np.zeros(self._count, dtype=bool)
        here = towns[pieces.town[pairs[0]]]
        pairs, common = pairs[:, here], common[here]
        rows = np.flatnonzero(np.isin(pieces.town, pieces.town[pairs[0]]))
        place, third = shapely.STRtree(pieces.geometry[rows]).query(common)
        third = rows[third]
        other = (pieces.town[pairs[0, place]] == pieces.town[third]) & (pairs[:, place] != third).all(axis=0)
        place, third = place[other], third[other]
        three = is_land(self._workers.map(self._overlay.intersection, common[place], pieces.geometry[third], step=500))
        found[pieces.town[third[three]]] = True
        return found

    def _common(self, pieces: Pieces, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of the pairs that share land, and what they share."""
        first, second = pieces.geometry[pairs]
        common = self._workers.map(self._overlay.intersection, first, second, step=500)
        land = is_land(common)
        return pairs[:, land], common[land]


def neighbours(pieces: Pieces, towns: np.ndarray) -> np.ndarray:
    """Pairs of pieces of one town whose bounds meet, shape (2, k), each pair once.

    :param towns: the towns looked at, bool, shape (m,).
    """
    rows = np.flatnonzero(towns[pieces.town])
    tree = shapely.STRtree(pieces.geometry[rows])
    found = [np.empty((2, 0), dtype=np.int64)]
    for start in range(0, len(rows), 20_000):  # so that the pairs of neighbours in other towns never pile up
        some = rows[start : start + 20_000]
        a, b = tree.query(pieces.geometry[some])
        a, b = some[a], rows[b]
        found.append(np.stack([a, b])[:, (a < b) & (pieces.town[a] == pieces.town[b])])
    return np.concatenate(found, axis=1)


def _collect_parts(group: np.ndarray) -> shapely.Geometry:
    return collect(shapely.get_parts(group)) if len(group) > 1 else group[0]
