"""Buildings: what footprints cover of each town, and the floor area on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .area import AreaMeasure
from .cover import Coverer
from .pieces import Pieces
from .towns import Towns


@dataclass
class Built:
    """Of all towns (m,), m² balanced; 0 in towns without buildings. ``known_m2``: footprint whose floors are known;
    ``floor_area_m2``: on that part. ``twice_m2``: land under several footprints, counted once."""

    footprint_m2: np.ndarray
    known_m2: np.ndarray
    floor_area_m2: np.ndarray
    twice_m2: np.ndarray


def built(pieces: Pieces, floor_height_m: float, towns: Towns, measure: AreaMeasure, coverer: Coverer) -> Built:
    """Where footprints overlap (a tower on its podium) the land counts once, with the most floors.

    :param pieces: of footprints, ``zone`` the floors and ``source_id`` the height in metres.
    """
    floor = floors(pieces.zone, pieces.source_id, floor_height_m)
    area = measure.of_parts(pieces.geometry)
    order = np.argsort(-np.nan_to_num(floor), kind="stable")
    cover, geometry, changed = coverer.apart(pieces, area, lambda: order)
    area[changed] = measure.of_parts(geometry[changed])
    area = area * towns.balance[pieces.town]
    known = np.isfinite(floor)

    def total(value: np.ndarray) -> np.ndarray:
        return np.bincount(pieces.town, weights=value, minlength=len(towns))

    twice = (cover.gross_m2 - cover.union_m2) * towns.balance
    return Built(total(area), total(np.where(known, area, 0)), total(np.where(known, area * floor, 0)), twice)


def floors(floor_texts: np.ndarray, height_texts: np.ndarray, floor_height_m: float) -> np.ndarray:
    """Number of floors of each building: as stated, else its height by the height of a floor, one at least; NaN where
    neither is known."""
    stated, height = (_numbers(texts) for texts in (floor_texts, height_texts))
    by_height = np.maximum(1.0, np.floor(height / floor_height_m + 0.5))
    return np.where(np.isfinite(stated), stated, by_height)


def _numbers(texts: np.ndarray) -> np.ndarray:
    row, known = pd.factorize(texts)
    return np.array([positive(text) or np.nan for text in known])[row] if len(texts) else np.zeros(0)


def positive(text: str) -> float | None:
    """A number above 0; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None
