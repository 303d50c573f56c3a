"""Which findings a sheet labels and where their call-outs point to."""

from __future__ import annotations

import numpy as np
import shapely

from ...review.opened import Package
from ..content import TownContent
from .tables import ABOVE


def labelled(town: TownContent, most: int) -> np.ndarray:
    """Positions in `TownContent.findings` of the largest above tolerance that are still there, the largest first."""
    found = town.findings
    worth = (found["severity"].isin(ABOVE) & (found["state"] != "gone")).to_numpy(bool)
    order = np.argsort(-found["area_m2"].to_numpy(float), kind="stable")
    return order[worth[order]][:most]


def too_small(town: TownContent, metres: float, most: int) -> np.ndarray:
    """Positions of the largest of those that are less than so many metres wide if they were square."""
    rows = labelled(town, len(town.findings))
    return rows[town.findings["area_m2"].to_numpy(float)[rows] ** 0.5 < metres][:most]


@np.errstate(invalid="ignore")  # GEOS leaves the processor's flag behind, not a wrong result
def anchor_points(package: Package, fids: np.ndarray, within: shapely.Geometry) -> np.ndarray:
    """A point on the largest part of each finding inside ``within``, (n, 2) in the package's CRS; NaN without one.

    :param fids: of features of the package's ``findings``. :param within: what the map shows.
    """
    shapes = np.array([package.shape("findings", int(fid)) for fid in fids], dtype=object)
    points = np.full((len(fids), 2), np.nan)
    seen = shapely.intersection(shapes, within)
    for row, shape in enumerate(seen):
        parts = [part for part in shapely.get_parts(shape) if shapely.area(part) > 0] if shape is not None else []
        if parts:
            point = shapely.point_on_surface(max(parts, key=shapely.area))
            points[row] = point.x, point.y
    return points
