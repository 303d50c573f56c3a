"""Indicators of land-use intensity. Each formula, with its source, stands in docs/intensity.md.

NaN is "cannot be known", never 0.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..intensity_rules import (
    CONSTRUCTION,
    CROPLAND,
    FARM,
    GRADES,
    MAYBE_RESIDENTIAL,
    RESIDENTIAL,
    UNUSED,
    ClassSystem,
)

HECTARE, MU, KM2 = 10_000.0, 2000.0 / 3.0, 1_000_000.0  # m²
PER_AREA = {"m2": 1.0, "ha": HECTARE, "mu": MU, "km2": KM2}


def from_land_use(by_code: pd.DataFrame, system: ClassSystem, official_m2: np.ndarray) -> dict[str, np.ndarray]:
    """Indicators of one land use layer by name, each of shape (m,).

    :param by_code: columns town, code, area_m2, net_m2, m² balanced. :param official_m2: of the towns, shape (m,).
    """
    count = len(official_m2)
    town = by_code["town"].to_numpy(np.int64)
    area, net = by_code["area_m2"].to_numpy(float), by_code["net_m2"].to_numpy(float)
    classes = [system.of(code) for code in by_code["code"]]
    known = np.array([one is not None for one in classes], dtype=bool)
    main = np.array([one.main if one else "" for one in classes], dtype=object)
    use = np.array([one.use if one else "" for one in classes], dtype=object)
    grade = np.array([one.grade if one else 0 for one in classes], dtype=np.int64)

    def total(rows: np.ndarray, of: np.ndarray = area) -> np.ndarray:
        return np.bincount(town[rows], weights=of[rows], minlength=count)

    covered = total(known)
    there = covered > 0
    construction, residential, cropland = total(main == CONSTRUCTION), total(use == RESIDENTIAL), total(use == CROPLAND)
    unclear = total(use == MAYBE_RESIDENTIAL) > 0
    housing = np.where(unclear, np.nan, residential)
    first = pd.Series([code[:2] for code in by_code["code"]], dtype=object)
    shares = by_code.assign(first=first.to_numpy())[known].groupby(["town", "first"])["area_m2"].sum()
    values = {
        "construction_m2": construction,
        "construction_pct": share(construction, official_m2),
        "residential_m2": housing,
        "residential_pct": share(housing, construction),
        "cropland_m2": cropland,
        "cropland_net_m2": total(use == CROPLAND, net),
        "cropland_pct": share(cropland, official_m2),
        "agricultural_m2": total(main == FARM),
        "unused_land_m2": total(main == UNUSED),
        "land_use_degree": degree(np.column_stack([total(grade == g) for g in GRADES])),
        "land_use_mix": mix(shares, count),
    }
    values = {name: np.where(there, value, np.nan) for name, value in values.items()}
    return values | {"land_use_covered_pct": np.minimum(share(covered, official_m2), 100.0)}


def degree(by_grade: np.ndarray) -> np.ndarray:
    """The land-use degree index (土地利用程度综合指数, Zhuang & Liu 1997), 100 to 400: 100 · Σ grade · share of the
    covered land. :param by_grade: areas, shape (m, 4). NaN where nothing is covered."""
    return 100 * divide(by_grade @ np.array(GRADES, dtype=float), by_grade.sum(axis=1))


def mix(areas: pd.Series, count: int) -> np.ndarray:
    """Land-use mix: Shannon's entropy −Σ p·ln p of the shares of the first-level classes, 0 where there is one only.

    :param areas: indexed by town row and class.
    """
    town = areas.index.get_level_values(0).to_numpy(np.int64)
    area = areas.to_numpy(float)
    p = area / np.bincount(town, weights=area, minlength=count)[town]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, -p * np.log(p), 0.0)
    return np.abs(np.bincount(town, weights=terms, minlength=count))  # not −0


def from_figures(figures: dict[str, np.ndarray], construction_m2: np.ndarray) -> dict[str, np.ndarray]:
    """Figures per construction land. :param figures: of the towns, NaN where unknown; money in yuan."""
    return {
        "construction_m2_per_resident": divide(construction_m2, figures["residents"]),
        "gdp_per_km2": divide(figures["gdp"], construction_m2) * KM2,
        "tax_per_mu": divide(figures["tax"], construction_m2) * MU,
        "investment_per_mu": divide(figures["investment"], construction_m2) * MU,
        "jobs_per_km2": divide(figures["jobs"], construction_m2) * KM2,
        "gdp_per_job": divide(figures["gdp"], figures["jobs"]),
        "trade_investment_pct": 100 * divide(figures["trade_investment"], figures["investment"]),
    }


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Percent; NaN where the whole is nothing."""
    return 100 * divide(part, whole)


def divide(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b; NaN where b is 0 or NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b > 0, a / np.where(b > 0, b, 1), np.nan)
