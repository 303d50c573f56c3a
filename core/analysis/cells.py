"""Cutting polygons of many vertices down to the surroundings of what they are to meet.

The boxes of what meets a polygon are parted into ever smaller groups that lie together, and the polygon is cut down to
the box of each group on the way, only where there are any. Each box gets the smallest piece that holds all of the
polygon within it. No seam runs through a box, so nothing has to be joined again and no hairline is left.
"""

from __future__ import annotations

import numpy as np
import shapely

from .robust import Overlay

MANY_VERTICES = 1024  # below this a polygon is met whole
FEW_VERTICES = 256  # a piece this small is not divided further
_PARTS = 4  # a group is parted into so many by so many cells: fewer levels to cut through than with two
_DEEPEST = 8


def near_pieces(polygons: np.ndarray, boxes: np.ndarray, overlay: Overlay) -> np.ndarray:
    """For each box the part of its polygon that matters there.

    :param polygons: shape (n,), valid polygons or multipolygons, the same object in each row that has it.
    :param boxes: shape (n, 4), xmin ymin xmax ymax, same CRS.
    :returns: object array, shape (n,): geometries equal to the polygon within each box (perhaps more, outside it);
        boxes that are close share one.
    """
    found = polygons.copy()
    first, polygon = np.unique([id(one) for one in polygons], return_index=True, return_inverse=True)[1:]
    low, high = np.full((len(first), 2), np.inf), np.full((len(first), 2), -np.inf)
    np.minimum.at(low, polygon, boxes[:, :2])
    np.maximum.at(high, polygon, boxes[:, 2:])
    corner, size = low[polygon], np.maximum((high - low).max(axis=1), 1e-9)[polygon]
    extent = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    # A box goes down with its neighbours only while the cells are larger than it, so that it widens none by much.
    depth = np.log(size / np.maximum(extent, size * float(_PARTS) ** -_DEEPEST)) / np.log(_PARTS)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2

    pieces, piece = polygons[first], polygon
    rows = np.arange(len(boxes))
    for level in range(_DEEPEST + 1):
        rows = rows[depth[rows] > level]
        many = (np.bincount(piece[rows], minlength=len(pieces)) > 1) & (
            shapely.get_num_coordinates(pieces) > FEW_VERTICES
        )
        rows = rows[many[piece[rows]]]
        if not len(rows):
            break
        cell = np.floor((centre[rows] - corner[rows]) / (size[rows] / _PARTS ** (level + 1))[:, None]).astype(np.int64)
        order = np.lexsort((cell[:, 1], cell[:, 0], piece[rows]))
        rows, group = rows[order], np.column_stack([piece[rows], cell])[order]
        starts = np.flatnonzero(np.r_[True, (np.diff(group, axis=0) != 0).any(axis=1)])
        around = shapely.box(
            *np.minimum.reduceat(boxes[rows, :2], starts).T, *np.maximum.reduceat(boxes[rows, 2:], starts).T
        )
        pieces = overlay.intersection(pieces[group[starts, 0]], around)
        piece = np.zeros(len(boxes), dtype=np.int64)
        piece[rows] = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(rows)]))
        found[rows] = pieces[piece[rows]]
    return found
