"""The land use of findings, and of all that a town has on a line: the table of every report on occupied land (压占)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .assess import Assessment
from .findings import ZONE
from .land_use import LandUse, LandUser

UNCOVERED = "@uncovered"  # in the place of a code: land that the land use layer does not reach
WHOLE = -1  # in the place of a finding: all of a town's land on the line

_NOTHING_M2 = 1e-4
_KEYS = ["line", "town", "finding", "code"]


def occupied_land(user: LandUser, land: LandUse, assessment: Assessment) -> pd.DataFrame:
    """Columns line, town, finding (row among the line's findings, or `WHOLE`), code, area_m2, net_m2.

    Rows of one finding add up to its area, those of a town and line to the town's land on that line. Where the findings
    of a town on a line are disjoint and make up all of it, theirs are added up; else it is looked at as a whole.
    """
    asked = pd.concat([_asked(assessment, line) for line in assessment.findings] or [_nothing()], ignore_index=True)
    town = asked["town"].to_numpy(np.int64)
    found = user.inside(land, town, asked["geometry"].to_numpy(object))
    row, area = found["row"].to_numpy(np.int64), found["area_m2"].to_numpy(float)
    whole = asked["whole_m2"].to_numpy(float)
    sums = np.bincount(row, weights=area, minlength=len(asked))
    bare = np.flatnonzero(whole - sums > np.maximum(_NOTHING_M2, 1e-9 * whole))
    fit = np.divide(whole, sums, out=np.ones(len(asked)), where=sums > 0)  # areas scatter in their last digits
    fit[bare] = 1.0
    found["area_m2"], found["net_m2"] = area * fit[row], found["net_m2"] * fit[row]
    rest = (whole - sums)[bare]
    found = pd.concat(
        [found, pd.DataFrame({"row": bare, "code": UNCOVERED, "area_m2": rest, "net_m2": rest})], ignore_index=True
    )
    found = found.join(asked[["line", "town", "finding", "counts"]], on="row")
    added = found[found["counts"].to_numpy(bool)].assign(finding=WHOLE)
    found = pd.concat([found, added], ignore_index=True)
    return found.groupby(_KEYS, as_index=False, sort=True)[["area_m2", "net_m2"]].sum()


def _asked(assessment: Assessment, line: str) -> pd.DataFrame:
    """Findings of a line, and the whole of it in towns where they do not add up to that; ``counts``: whether a finding
    is a part of such a sum."""
    findings, occupied = assessment.findings[line], assessment.occupied[line]
    whole = np.nan_to_num(assessment.occupied_m2[line])
    part = findings.kind != ZONE
    sums = np.bincount(findings.town[part], weights=findings.area_m2[part], minlength=len(whole))
    differs = np.abs(sums - whole) > np.maximum(_NOTHING_M2, 1e-9 * whole)
    towns = np.flatnonzero(differs & (occupied != None))  # noqa: E711 - elementwise
    return pd.DataFrame({
        "line": line,
        "town": np.concatenate([findings.town, towns]),
        "finding": np.concatenate([np.arange(len(findings)), np.full(len(towns), WHOLE)]),
        "counts": np.concatenate([part & ~differs[findings.town], np.zeros(len(towns), dtype=bool)]),
        "whole_m2": np.concatenate([findings.area_m2, whole[towns]]),
        "geometry": np.concatenate([findings.geometry, occupied[towns]]),
    })  # fmt: skip


def _nothing() -> pd.DataFrame:
    columns = {"line": object, "town": np.int64, "finding": np.int64, "counts": bool, "whole_m2": float}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in (columns | {"geometry": object}).items()})
