"""Cutting a polygon of very many vertices to the surroundings of each town before it meets the town.

The towns are parted into ever smaller groups that lie together, and the polygon is cut down to the box of each group
on the way, only where towns are. Each town meets the smallest piece that holds all of the polygon near it. No town is
ever cut by a seam, so nothing has to be joined again and no hairline is left where a seam would have run.
"""

from __future__ import annotations

import numpy as np
import shapely

from .robust import Overlay

MANY_VERTICES = 1024  # below this a polygon is met whole
FEW_VERTICES = 256  # a piece this small is not divided further
_PARTS = 4  # a group is parted into so many by so many cells: fewer levels to cut through than with two
_DEEPEST = 8


def near_pieces(polygon: shapely.Geometry, boxes: np.ndarray, overlay: Overlay) -> np.ndarray:
    """For each box the part of ``polygon`` that matters there.

    :param polygon: valid polygon or multipolygon.
    :param boxes: shape (n, 4), xmin ymin xmax ymax of the towns, same CRS.
    :returns: object array, shape (n,): geometries equal to ``polygon`` within each box (perhaps more, outside it);
        towns that are close share one.
    """
    found = np.full(len(boxes), polygon, dtype=object)
    corner = boxes[:, :2].min(axis=0)
    size = max(*(boxes[:, 2:].max(axis=0) - corner), 1e-9)
    extent = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    # A town goes down with its neighbours only while the cells are larger than it, so that it widens no box by much.
    depth = np.log(size / np.maximum(extent, size * _PARTS**-_DEEPEST)) / np.log(_PARTS)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2

    def descend(piece: shapely.Geometry, level: int, towns: np.ndarray) -> None:
        found[towns] = piece
        towns = towns[depth[towns] > level]
        if len(towns) < 2 or shapely.get_num_coordinates(piece) <= FEW_VERTICES:
            return
        cell = np.floor((centre[towns] - corner) / (size / _PARTS ** (level + 1))).astype(np.int64)
        order = np.lexsort(cell.T)
        changes = np.flatnonzero(np.any(np.diff(cell[order], axis=0) != 0, axis=1)) + 1
        for group in np.split(towns[order], changes):
            around = shapely.box(*boxes[group, :2].min(axis=0), *boxes[group, 2:].max(axis=0))
            part = overlay.intersection(np.array([piece]), np.array([around]))[0]
            descend(part, level + 1, group)

    descend(polygon, 0, np.arange(len(boxes)))
    return found
