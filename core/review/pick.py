"""What of a package lies at a place of the map, and the land of one town or finding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from .browse import Browsed
from .package import open_package


def findings_at(browsed: Browsed, x: float, y: float, reach: float) -> list[int]:
    """Rows of the findings at a point or within ``reach`` of it (in units of the package's CRS), the smallest first.

    :raises RedlineError: those of `open_package`.
    """
    bounds = browsed.boxes
    near = (bounds[:, 0] <= x + reach) & (bounds[:, 2] >= x - reach)
    rows = np.flatnonzero(near & (bounds[:, 1] <= y + reach) & (bounds[:, 3] >= y - reach))
    if not len(rows) or browsed.path is None:
        return rows.tolist()
    with open_package(browsed.path, newer=True) as package:
        shapes = np.array([package.shape("findings", int(browsed.fids[row])) for row in rows], dtype=object)
    there = shapely.dwithin(shapes, shapely.Point(x, y), reach)
    area = browsed.findings["area_m2"].to_numpy(float)[rows]
    return [int(row) for row in rows[np.argsort(area, kind="stable")] if there[rows == row][0]]


def shape_wkb(path: str | Path, layer: str, fid: int) -> bytes | None:
    """The geometry of a feature of a package's layer as WKB, in the towns' CRS; None where it has none.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(path, newer=True) as package:
        shape = package.shape(layer, fid)
    return None if shape is None else shapely.to_wkb(shape)
