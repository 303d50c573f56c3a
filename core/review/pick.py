"""What of a package lies at a place of the map, and the land of one town or finding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from .browse import READ_SECONDS, Browsed
from .package import open_package

Near = Callable[[list[int]], np.ndarray]  # bool, of features by their ids


def findings_at(browsed: Browsed, x: float, y: float, reach: float, near: Near | None = None) -> list[int]:
    """Rows of the findings at a point or within ``reach`` of it (in units of the package's CRS), the smallest first.

    :param near: which of the features with these ids are within reach; None: those of the package are looked at.
    :raises RedlineError: those of `open_package`.
    """
    bounds = browsed.boxes
    boxed = (bounds[:, 0] <= x + reach) & (bounds[:, 2] >= x - reach)
    rows = np.flatnonzero(boxed & (bounds[:, 1] <= y + reach) & (bounds[:, 3] >= y - reach))
    if not len(rows):
        return []
    fids = [int(fid) for fid in browsed.fids[rows]]
    rows = rows[near(fids) if near else _near(browsed.path, fids, shapely.Point(x, y), reach)]
    area = browsed.findings["area_m2"].to_numpy(float)[rows]
    return rows[np.argsort(area, kind="stable")].tolist()


def _near(path: Path, fids: list[int], place: shapely.Point, reach: float) -> np.ndarray:
    with open_package(path, READ_SECONDS, newer=True) as package:
        shapes = np.array([package.shape("findings", fid) for fid in fids], dtype=object)
    return shapely.dwithin(shapes, place, reach)


def shape_wkb(path: str | Path, layer: str, fid: int) -> bytes | None:
    """The geometry of a feature of a package's layer as WKB, in the towns' CRS; None where it has none.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(path, READ_SECONDS, newer=True) as package:
        shape = package.shape(layer, fid)
    return None if shape is None else shapely.to_wkb(shape)
