"""Features of layers by cells of a grid, so that what lies over each other is looked for cell by cell."""

from __future__ import annotations

import math

import numpy as np
import shapely

from ...analysis.pieces import Pieces
from ...analysis.robust import Overlay, polygons_only

_FEATURES = 4000  # of a cell, about
_MOST_CELLS = 4096
_LARGE = 512  # vertices from which on a feature is cut by the cells
_FARTHEST = 1e9  # m: beyond any CRS's coordinates
_SPREAD = 9  # cells from which on it is


class Grid:
    """Cells over a box. box: x and y, least and most, finite; count: features that lie in it, about."""

    def __init__(self, box: tuple[float, float, float, float], count: int):
        box = tuple(np.clip(box, -_FARTHEST, _FARTHEST).tolist())
        width, height = max(box[2] - box[0], 1e-9), max(box[3] - box[1], 1e-9)
        cells = min(_MOST_CELLS, max(1, count // _FEATURES))
        self.columns = max(1, min(cells, round(math.sqrt(cells * width / height))))
        self.rows = max(1, round(cells / self.columns))
        self._origin, self._step = np.array(box[:2]), np.array([width / self.columns, height / self.rows])
        self._overlay = Overlay()

    def __len__(self) -> int:
        return self.columns * self.rows

    def cell(self, xy: np.ndarray) -> np.ndarray:
        """The cell each of the places (n, 2) lies in, those beyond the box in the nearest; int64 (n,)."""
        column, row = self._place(xy).T
        return row * self.columns + column

    def alone(self, bounds: np.ndarray) -> np.ndarray:
        """Which of the bounds (n, 4) meet one cell only; bool (n,)."""
        return (self._place(bounds[:, :2]) == self._place(bounds[:, 2:])).all(axis=1)

    def pieces(self, geometry: np.ndarray, fid: np.ndarray) -> Pieces:
        """Features by the cells they meet: ``town`` is the cell, ``source_id`` the feature, ``whole`` whether it is
        uncut. geometry: (n,) valid polygons or None. No geometry is in two cells: threads share none."""
        rows = np.flatnonzero(~shapely.is_missing(geometry) & ~shapely.is_empty(geometry))
        bounds = shapely.bounds(geometry[rows])
        first, last = self._place(bounds[:, :2]), self._place(bounds[:, 2:])
        span = last - first + 1
        count = span.prod(axis=1)
        feature = np.repeat(np.arange(len(rows)), count)
        step = np.arange(len(feature)) - np.repeat(np.cumsum(count) - count, count)
        column = first[feature, 0] + step % span[feature, 0]
        row = first[feature, 1] + step // span[feature, 0]
        shapes = geometry[rows[feature]]
        several = count > 1
        cut = several & ((shapely.get_num_coordinates(geometry[rows]) > _LARGE) | (count > _SPREAD))
        copied = several[feature] & ~cut[feature]
        shapes[copied] = shapely.from_wkb(shapely.to_wkb(shapes[copied]))
        for place in np.flatnonzero(cut[feature]):
            shapes[place] = self._part(shapes[place], int(column[place]), int(row[place]))
        kept = ~shapely.is_empty(shapes)
        cell = (row * self.columns + column)[kept]
        blank = np.full(len(cell), "", dtype=object)
        names = fid[rows[feature[kept]]].astype(str).astype(object)
        return Pieces(cell, names, blank, ~cut[feature[kept]], shapes[kept])

    def _place(self, xy: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            found = np.floor((xy - self._origin) / self._step)
        return np.clip(found, 0, [self.columns - 1, self.rows - 1]).astype(np.int64)

    def _part(self, geometry: shapely.Geometry, column: int, row: int) -> shapely.Geometry:
        """What lies in a cell; those at the rim reach on beyond the box."""
        low = self._origin + self._step * [column, row]
        high = low + self._step
        reach = shapely.bounds(geometry)
        ends = (column == 0, row == 0), (column == self.columns - 1, row == self.rows - 1)
        low = np.where(ends[0], np.minimum(low, reach[:2]), low)
        high = np.where(ends[1], np.maximum(high, reach[2:]), high)
        part = shapely.clip_by_rect(geometry, *low, *high)
        if shapely.is_empty(part) or shapely.is_valid(part):
            return polygons_only(part)
        return self._overlay.intersection(np.array([geometry]), np.array([shapely.box(*low, *high)]))[0]
