"""Land use: what class of land lies where in a group of towns, and in findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from .area import AreaMeasure
from .cover import Coverer
from .parallel import Workers
from .pieces import Pieces
from .robust import Overlay
from .shared_land import shared_land
from .towns import Towns


@dataclass
class LandUse:
    """Disjoint pieces of land of a group of towns; arrays of one length n. ``geometry``: overlay CRS; ``code``: as the
    layer has it, trimmed; ``area_m2``: balanced to the town; ``net_m2``: without what the layer deducts for field
    ridges and the like (净面积). ``twice_m2``: of each town (m,) the land that the layer draws more than once.
    """

    town: np.ndarray
    code: np.ndarray
    geometry: np.ndarray
    area_m2: np.ndarray
    net_m2: np.ndarray
    twice_m2: np.ndarray

    def by_code(self) -> pd.DataFrame:
        """Area by town and code: columns town, code, area_m2, net_m2."""
        frame = pd.DataFrame({"town": self.town, "code": self.code, "area_m2": self.area_m2, "net_m2": self.net_m2})
        return frame.groupby(["town", "code"], as_index=False, sort=True).sum()


class LandUser:
    """Makes `LandUse` of pieces, and finds it inside other land.

    :param code_of: the code for the text a layer has.
    """

    def __init__(
        self, towns: Towns, measure: AreaMeasure, coverer: Coverer, overlay: Overlay, workers: Workers,
        code_of: Callable[[str], str],
    ):  # fmt: skip
        self._towns, self._measure, self._coverer = towns, measure, coverer
        self._overlay, self._workers, self._code_of = overlay, workers, code_of

    def land_use(self, pieces: Pieces) -> LandUse:
        """Land that several features claim counts once, for the first code in order, so that neither the order of
        features nor how they come in batches matters.

        :param pieces: of a land use layer, ``zone`` its code and ``source_id`` the share deducted (KCXS).
        """
        code_row, codes = pd.factorize(pieces.zone)
        code = np.array([self._code_of(text) for text in codes], dtype=object)[code_row]
        area = self._measure.of_parts(pieces.geometry)
        cover, geometry, changed = self._coverer.apart(
            pieces, area, lambda: np.lexsort((pieces.source_id.astype(str), code.astype(str)))
        )
        area[changed] = self._measure.of_parts(geometry[changed])
        balanced = area * self._towns.balance[pieces.town]
        net = balanced * (1 - deductions(pieces.source_id))
        return LandUse(pieces.town, code, geometry, balanced, net, cover.gross_m2 - cover.union_m2)

    def inside(self, land: LandUse, town: np.ndarray, geometry: np.ndarray) -> pd.DataFrame:
        """Land use inside other land of the same towns.

        :param town: shape (k,), town of each of ``geometry``, valid polygons in the overlay CRS or None.
        :returns: columns row (of ``geometry``), code, area_m2 (balanced to the town), net_m2.
        """
        rows = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
        pieces = np.where(shapely.is_empty(land.geometry), None, land.geometry)
        balance = self._towns.balance
        row, piece, area = shared_land(
            geometry[rows], town[rows], pieces, land.town, land.area_m2 / balance[land.town],
            self._measure, self._overlay, self._workers,
        )  # fmt: skip
        row, area = rows[row], area * balance[land.town[piece]]
        with np.errstate(divide="ignore", invalid="ignore"):
            net = area * np.nan_to_num(land.net_m2[piece] / land.area_m2[piece])
        frame = pd.DataFrame({"row": row, "code": land.code[piece], "area_m2": area, "net_m2": net})
        return frame.groupby(["row", "code"], as_index=False, sort=True).sum()


def deductions(texts: np.ndarray) -> np.ndarray:
    """The share of each patch that is deducted (扣除系数, KCXS), 0 to 1; 0 where there is none or none that can be."""
    row, known = pd.factorize(texts)
    return np.array([deduction(text) or 0.0 for text in known])[row] if len(texts) else np.zeros(0)


def deduction(text: str) -> float | None:
    """0 for no text, None for one that is no share."""
    try:
        share = float(text) if text else 0.0
    except ValueError:
        return None
    return share if 0 <= share < 1 else None
