"""Which part of each town a line's data covers: declared by polygons, or at most suggested by the layer's box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from .area import AreaMeasure
from .cover import Coverer
from .parallel import Workers
from .pieces import Pieces
from .robust import Overlay
from .towns import Towns

DECLARED, NOT_DECLARED, ABSENT = "declared", "not_declared", "absent"


@dataclass
class LineExtent:
    """What is known of a line's data beside its features.

    ``box``: the layer's bounds as a polygon in the overlay CRS, None for a layer without features.
    ``declared``: whether coverage polygons speak of this line. ``unusable``: bounds of features that could not be read,
    shape (k, 4).
    """

    box: shapely.Geometry | None
    declared: bool
    unusable: np.ndarray


@dataclass
class Checked:
    """``share``: checked share of each town, 0 to 1, shape (m,). ``region``: the land that is checked, overlay CRS,
    the town itself where all of it is, None where nothing is."""

    share: np.ndarray
    region: np.ndarray


def checked_land(
    line_id: str, extent: LineExtent, coverage: Pieces, towns: Towns, members: np.ndarray, slack_pct: float,
    measure: AreaMeasure, coverer: Coverer, overlay: Overlay, workers: Workers,
) -> Checked:  # fmt: skip
    """The checked land of the towns ``members`` for one line; nothing is checked in the others.

    Without declared coverage a town that meets the layer's box counts as checked, as far as the box reaches into it,
    and its whole land is looked at: a box is no boundary to cut findings by.

    :param coverage: pieces of the coverage polygons, their ``zone`` naming the line, ``""`` for all lines.
    :param slack_pct: a town counts as covered when no more than this percentage of it is not.
    """
    region = np.full(len(towns), None, dtype=object)
    share = np.zeros(len(towns))
    if extent.declared:
        mine = np.isin(coverage.zone.astype(str), ("", line_id))
        union = coverer.unite(coverage.town[mine], coverage.geometry[mine])
        covered = measure.of_parts(union)
    else:
        covered = np.zeros(len(towns))
        if extent.box is not None:
            # A copy of its own: GEOS prepares a geometry unsafely where other threads use it.
            box = shapely.from_wkb(shapely.to_wkb(extent.box))
            shapely.prepare(box)
            inside = shapely.covers(box, towns.overlay[members])
            covered[members[inside]] = towns.measured_m2[members[inside]]
            across = members[~inside]
            part = workers.map(lambda town: overlay.intersection(town, np.full(len(town), box)), towns.overlay[across])
            covered[across] = measure.of_parts(part)
        union = np.where(covered > 0, towns.overlay, None)
    with np.errstate(divide="ignore", invalid="ignore"):
        share[members] = np.nan_to_num(covered[members] / towns.measured_m2[members])
    share = np.where(share >= 1 - slack_pct / 100, 1.0, np.minimum(share, 1.0))
    share[_touched(towns.boxes, extent.unusable)] = 0.0
    seen = np.flatnonzero(share > 0)
    region[seen] = np.where(share[seen] == 1.0, towns.overlay[seen], union[seen])
    return Checked(share, region)


def _touched(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether each of ``boxes`` meets any of ``others``."""
    if not len(others):
        return np.zeros(len(boxes), dtype=bool)
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.any(np.all(low <= high, axis=2), axis=1)
