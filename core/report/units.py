"""Numbers as planners print them: hectares (公顷) and mu (亩), and rows that add up to their total as printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

HA_M2, MU_M2 = 10_000.0, 2000 / 3
HA_DECIMALS, MU_DECIMALS, M2_DECIMALS, PCT_DECIMALS = 4, 2, 2, 2


def ha(m2: float | None) -> str:
    """Square metres as hectares, four decimals; empty where unknown."""
    return number(None if m2 is None else m2 / HA_M2, HA_DECIMALS)


def mu(m2: float | None) -> str:
    """Square metres as mu, two decimals; empty where unknown."""
    return number(None if m2 is None else m2 / MU_M2, MU_DECIMALS)


def number(value: float | None, decimals: int) -> str:
    """With separators of thousands; empty for None and NaN, never a negative zero."""
    if value is None or value != value:
        return ""
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def adding_up(values: Sequence[float], decimals: int, total: float | None = None) -> np.ndarray:
    """Values rounded so that they add up to their rounded total, each by less than one unit of the last place.

    The largest remainders are rounded up (Hamilton's method). NaN stays NaN and counts for nothing.

    :param values: shape (n,). :param total: of all; their sum where None. A total that differs from the sum by more
        than rounding can explain is no total of these: each is rounded by itself then.
    """
    given = np.asarray(values, dtype=float)
    scaled = given * 10**decimals
    known = np.isfinite(scaled)
    target = round(float(scaled[known].sum()) if total is None else total * 10**decimals)
    down = np.floor(scaled + 1e-9)
    more = target - int(down[known].sum())
    if not 0 <= more <= known.sum():
        return np.round(given, decimals)
    remainder = np.where(known, scaled - down, -1.0)
    up = np.argsort(-remainder, kind="stable")[:more]
    down[up] += 1
    return np.where(known, down / 10**decimals, np.nan)


def rows_adding_up(parts: np.ndarray, decimals: int, totals: np.ndarray) -> np.ndarray:
    """Each row rounded as `adding_up` rounds one, to its own total; shapes (n, k) and (n,). NaN counts for nothing."""
    scaled, target = parts * 10**decimals, np.round(totals * 10**decimals)
    known = np.isfinite(scaled)
    down = np.where(known, np.floor(scaled + 1e-9), 0.0)
    more = target - down.sum(axis=1)
    place = np.argsort(np.argsort(-np.where(known, scaled - down, -1.0), axis=1, kind="stable"), axis=1)
    fits = ((more >= 0) & (more <= known.sum(axis=1)))[:, None]
    rounded = np.where(fits, down + (place < more[:, None]), np.round(scaled))
    return np.where(known, rounded / 10**decimals, np.nan)
