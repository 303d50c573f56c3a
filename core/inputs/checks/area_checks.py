"""Areas that attributes declare, against the official ellipsoid area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import Issue
from ..source import Field
from .listing import Listing

LIMIT_PCT, LIMIT_M2 = 0.1, 1.0  # planar areas within a 3° zone differ by up to 0.07 %
UNITS = {"m²": 1.0, "ha": 10_000.0, "mu": 2000 / 3, "km²": 1_000_000.0}
_LIKE = 0.02  # a median ratio this close to a unit is that unit
_DECIMALS = 6


@dataclass(frozen=True)
class AreaField:
    """``net``: without ridges and the like, so that it may be smaller than the patch, but not larger."""

    unit: str
    net: bool = False


FIELDS = {
    "MJ": AreaField("m²"), "TBMJ": AreaField("m²"), "QYMJ": AreaField("km²"), "YJJBNTTBMJ": AreaField("m²"),
    "YJJBNTMJ": AreaField("m²", net=True), "TBDLMJ": AreaField("m²", net=True), "JSMJ": AreaField("m²"),
    "DCMJ": AreaField("m²"), "GHMJ": AreaField("m²"), "BHTBMJ": AreaField("m²"), "DKMJ": AreaField("ha"),
}  # fmt: skip


def area_fields(fields: list[Field]) -> list[str]:
    """The columns that declare the area of their feature."""
    return [field.name for field in fields if field.name.upper() in FIELDS]


def check_areas(
    layer: str, field: str, values: np.ndarray, official: np.ndarray, fid: np.ndarray, places: np.ndarray,
    listing: Listing,
) -> None:  # fmt: skip
    """values: (n,) as delivered; official: m² (n,), NaN where a feature has no usable geometry; places: (n, 2), of the
    features, not finite where they have none.

    The unit is the field's own unless the areas themselves say another. Values that were rounded may differ by it.
    """
    kind = FIELDS[field.upper()]
    declared = np.array([_number(value) for value in values])
    known = np.flatnonzero((declared > 0) & (official > 0))
    bad = np.flatnonzero(np.isnan(declared) & np.array([value not in (None, "") for value in values]))
    if len(bad):
        details = {"field": field}
        listing.add_rows(
            "check_area_no_number", "warning", layer, fid[bad], lambda row: {**details, "value": values[bad[row]]},
            places[bad],
        )  # fmt: skip
    if not len(known):
        return
    unit = _unit(declared[known], official[known], kind)
    if unit != kind.unit:
        details = {"field": field, "unit": unit, "expected": kind.unit}
        listing.add(Issue("check_area_unit", "warning", layer, details=details))
    factor = UNITS[unit]
    rounding = factor * 0.5 * 10.0 ** -_decimals(declared[known])
    off = declared[known] * factor - official[known]
    limit = np.maximum(LIMIT_M2, LIMIT_PCT / 100 * official[known]) + rounding
    rows = known[off > limit] if kind.net else known[np.abs(off) > limit]

    def differs(row: int) -> dict[str, object]:
        at = rows[row]
        said = declared[at] * factor
        share = 100 * (said - official[at]) / official[at]
        return {"field": field, "declared_m2": said, "official_m2": official[at], "difference_pct": share}

    if len(rows):
        listing.add_rows("check_area_differs", "warning", layer, fid[rows], differs, places[rows])


def _unit(declared: np.ndarray, official: np.ndarray, kind: AreaField) -> str:
    """The unit the values are most likely in."""
    ratio = float(np.median(official / declared))
    if kind.net:  # a net area alone does not tell m² from something slightly larger
        return kind.unit
    near = {name: abs(ratio / factor - 1) for name, factor in UNITS.items()}
    best = min(near, key=near.__getitem__)
    return best if near[best] <= _LIKE else kind.unit


def _decimals(values: np.ndarray) -> int:
    """Places behind the point that the values have."""
    for places in range(_DECIMALS):
        if np.allclose(values, np.round(values, places), rtol=0, atol=1e-9 * np.maximum(1, np.abs(values))):
            return places
    return _DECIMALS


def _number(value: object) -> float:
    try:
        return float(value) if value not in (None, "") else np.nan
    except (TypeError, ValueError):
        return np.nan
