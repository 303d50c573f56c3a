"""Pieces: what of each feature of a line lies in each town."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import shapely

from ..inputs.source import cuts
from .cells import FEW_VERTICES, MANY_VERTICES, near_pieces
from .parallel import Workers, shareable
from .robust import Overlay, polygons_only

# Pieces thinner than this are rounding of coordinates (8e-9 m at eastings of 4e7), not land.
NOISE_WIDTH_M = 1e-6
_PREPARED = 100_000  # vertices, about 20 MB in each thread; 50,000 to 450,000 take the same time
_SLICES = 4  # parts in which a polygon of many vertices is cut down
_WORTH_CUTTING = 16  # features that cross a town's edge: for fewer the town is not cut to their surroundings


@dataclass
class Pieces:
    """Arrays of one length, one entry per town × feature that share land.

    ``geometry``: polygons and multipolygons in the overlay CRS. ``whole``: the feature lies wholly in the town, uncut.
    ``zone``: its zone attribute, ``""`` where missing.
    """

    town: np.ndarray
    source_id: np.ndarray
    zone: np.ndarray
    whole: np.ndarray
    geometry: np.ndarray

    def __len__(self) -> int:
        return len(self.town)

    def take(self, rows: np.ndarray) -> Pieces:
        return Pieces(*(getattr(self, f.name)[rows] for f in fields(self)))

    @classmethod
    def empty(cls) -> Pieces:
        return cls(*(np.array([], dtype=d) for d in (np.int64, object, object, bool, object)))

    @classmethod
    def join(cls, parts: list[Pieces]) -> Pieces:
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))


class Cutter:
    """Cuts features by towns: only what crosses a town's edge is cut, what lies inside is taken as it is.

    :param towns: shape (m,), valid polygons in the overlay CRS, or None for a town without geometry.
    """

    def __init__(self, towns: np.ndarray, overlay: Overlay, workers: Workers):
        self._wkb = shapely.to_wkb(towns)
        self._overlay, self._workers = overlay, workers
        self._tree = shapely.STRtree(towns)
        self._boxes = shapely.bounds(towns)
        self._size = shapely.get_num_coordinates(towns)
        self._longest = longest_edges(towns)
        self._own = threading.local()

    def _towns(self, rows: np.ndarray) -> np.ndarray:
        """Prepared towns of the calling thread: GEOS builds and uses a prepared index unsafely between threads. An
        index takes ten times the town's memory, so no more than `_PREPARED` are kept."""
        own = self._own
        if not hasattr(own, "towns"):
            own.towns, own.size = np.full(len(self._wkb), None, dtype=object), 0
        wanted = np.unique(rows)
        fresh = wanted[own.towns[wanted] == None]  # noqa: E711 - elementwise
        if len(fresh):
            if own.size + self._size[fresh].sum() > _PREPARED:
                own.towns[:], own.size, fresh = None, 0, wanted
            towns = shapely.from_wkb(self._wkb[fresh])
            shapely.prepare(towns)
            own.towns[fresh] = towns
            own.size += self._size[fresh].sum()
        return own.towns[rows]

    def cut(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What of each feature lies in each town.

        :param features: shape (n,), valid polygons in the overlay CRS, or None.
        :returns: ``feature`` and ``town`` (row numbers), ``geometry``, ``whole``, of one length; ordered by feature.
        """
        feature, town = self._tree.query(features)
        order = np.lexsort((town, feature))
        feature, town = feature[order], town[order]
        geometry = features[feature]
        whole = np.zeros(len(feature), dtype=bool)
        boxes = shapely.bounds(features)[feature]
        held = self._boxes[town]
        within = (boxes[:, :2] >= held[:, :2]) & (boxes[:, 2:] <= held[:, 2:])
        for rows in self._few_towns(town, np.flatnonzero(within.all(axis=1))):
            whole[rows] = self._workers.map(lambda t, g: shapely.covers(self._towns(t), g), town[rows], geometry[rows])

        crossing = np.flatnonzero(~whole)
        self._narrow_down(features, feature, town, crossing, geometry)
        kept = whole.copy()
        for rows in self._few_towns(town, crossing):
            meets = self._workers.map(lambda t, g: shapely.intersects(self._towns(t), g), town[rows], geometry[rows])
            rows = rows[meets]
            near = self._town_near(town[rows], boxes[rows])
            geometry[rows] = self._workers.map(self._overlay.intersection, near, geometry[rows], step=500)
            kept[rows] = is_land(geometry[rows])
        return feature[kept], town[kept], geometry[kept], whole[kept]

    def _few_towns(self, town: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
        """These rows, those of a town together, so many towns at a time as may be kept prepared."""
        rows = rows[np.argsort(town[rows], kind="stable")]
        towns, starts = np.unique(town[rows], return_index=True)
        ends = np.append(starts, len(rows))
        for part in cuts(self._size[towns], len(towns), _PREPARED):
            yield rows[ends[part.start] : ends[part.stop]]

    def _town_near(self, town: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Of each town what matters within a feature's box: cutting a patch by a town takes time for all its vertices.

        The boxes are widened by the town's longest edge, so that an edge is cut by none that a feature crosses:
        neighbours that share an edge then meet the town's boundary in the same point to the last digit.
        """
        near = self._towns(town)
        worth = (self._size > FEW_VERTICES) & (np.bincount(town, minlength=len(self._size)) >= _WORTH_CUTTING)
        rows = np.flatnonzero(worth[town])
        wide = boxes[rows] + self._longest[town[rows], None] * np.array([-1, -1, 1, 1])
        near[rows] = near_pieces(near[rows], wide, self._overlay)
        return shareable(near)

    def _narrow_down(
        self, features: np.ndarray, feature: np.ndarray, town: np.ndarray, crossing: np.ndarray, geometry: np.ndarray
    ) -> None:
        large = np.flatnonzero(shapely.get_num_coordinates(features) > MANY_VERTICES)
        for i in large[np.isin(large, feature[crossing])]:
            self._workers.check()
            rows = crossing[feature[crossing] == i]
            # From west to east in parts that do not depend on the threads, so that the last digits do not either; each
            # part has a copy of the polygon of its own to cut.
            rows = rows[np.lexsort((town[rows], self._boxes[town[rows], 0]))]
            parts, wkb = np.array_split(self._boxes[town[rows]], _SLICES), shapely.to_wkb(features[i])

            def cut_down(slices: np.ndarray, parts: list = parts, wkb: bytes = wkb) -> np.ndarray:
                near = [
                    near_pieces(np.full(len(parts[k]), shapely.from_wkb(wkb)), parts[k], self._overlay) for k in slices
                ]
                return np.concatenate(near)

            near = self._workers.map(cut_down, np.arange(_SLICES), step=1)
            geometry[rows] = shareable(near)


def longest_edges(geometry: np.ndarray) -> np.ndarray:
    """Length of each geometry's longest edge in units of its coordinates, shape (n,); perhaps more with several rings,
    0 where there is none."""
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    longest = np.zeros(len(geometry))
    same = owner[1:] == owner[:-1]
    np.maximum.at(longest, owner[1:][same], np.hypot(*np.diff(xy, axis=0)[same].T))
    return longest


def by_town(town: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The towns that occur, and of each the rows where it does: object array of index arrays."""
    order = np.argsort(town, kind="stable")
    towns, starts = np.unique(town[order], return_index=True)
    rows = np.empty(len(towns), dtype=object)
    rows[:] = np.split(order, starts[1:]) if len(towns) else []
    return towns, rows


def is_land(geometry: np.ndarray) -> np.ndarray:
    """Whether each polygonal geometry is wider than rounding (`NOISE_WIDTH_M`); False for empty and None."""
    return widths(geometry) > NOISE_WIDTH_M


def widths(geometry: np.ndarray) -> np.ndarray:
    """Mean width in metres, 2·area/perimeter in the plane of the overlay CRS; 0 for empty and None."""
    length = shapely.length(geometry)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(length > 0, 2 * shapely.area(geometry) / length, 0.0)


def land_parts(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Connected pieces of each geometry and the row each comes from; rounding noise left out."""
    parts, row = shapely.get_parts(polygons_only(geometry), return_index=True)
    land = is_land(parts)
    return parts[land], row[land]
