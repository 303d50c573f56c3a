"""Cutting a polygon of very many vertices to the surroundings of each town before it meets the town.

A quadtree of loose cells: a cell of level k reaches half its size over its sides, so that every town no larger than
the cell lies wholly within one. The polygon is cut down from level to level only where towns are, and each town meets
the smallest piece that holds all of the polygon near it. No town is ever cut by a seam, so nothing has to be joined
again and no hairline is left where a seam would have run.
"""

from __future__ import annotations

import numpy as np
import shapely

from .robust import Overlay

MANY_VERTICES = 1024  # below this a polygon is met whole
FEW_VERTICES = 256  # a piece this small is not divided further
_DEEPEST = 16


def near_pieces(polygon: shapely.Geometry, boxes: np.ndarray, overlay: Overlay) -> np.ndarray:
    """For each box the part of ``polygon`` that matters there.

    :param polygon: valid polygon or multipolygon.
    :param boxes: shape (n, 4), xmin ymin xmax ymax of the towns, same CRS.
    :returns: object array, shape (n,): geometries equal to ``polygon`` within each box (perhaps more, outside it);
        towns that are close share one.
    """
    found = np.full(len(boxes), polygon, dtype=object)
    xmin, ymin, xmax, ymax = shapely.bounds(polygon)
    size = max(xmax - xmin, ymax - ymin)
    if size <= 0:
        return found
    extent = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    centre = np.column_stack([boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]]) / 2
    with np.errstate(divide="ignore"):
        depth = np.clip(np.floor(np.log2(size / np.maximum(extent, size / 2**_DEEPEST))), 0, _DEEPEST).astype(int)

    def descend(piece: shapely.Geometry, level: int, towns: np.ndarray) -> None:
        found[towns] = piece
        towns = towns[depth[towns] > level]
        if not len(towns) or shapely.get_num_coordinates(piece) <= FEW_VERTICES:
            return
        cell = size / 2 ** (level + 1)
        index = np.floor((centre[towns] - (xmin, ymin)) / cell).astype(int)
        order = np.lexsort(index.T)
        changes = np.flatnonzero(np.any(np.diff(index[order], axis=0) != 0, axis=1)) + 1
        for group in np.split(order, changes):
            x, y = (xmin, ymin) + (index[group[0]] + 0.5) * cell
            loose = shapely.box(x - cell, y - cell, x + cell, y + cell)
            part = overlay.intersection(np.array([piece]), np.array([loose]))[0]
            descend(part, level + 1, towns[group])

    descend(polygon, 0, np.arange(len(boxes)))
    return found
