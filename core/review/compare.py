"""Two reviews compared: what changed per town, line and finding, with the land won and lost. See docs/compare.md."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..analysis.coverage import ABSENT
from ..analysis.findings import ZONE
from ..analysis.robust import Overlay, polygons_only
from ..errors import Cancelled, Issue
from ..inputs.crs import Transformation
from ..inputs.source import Field
from ..profile import Changes
from .layers import LayerWriter
from .package import open_package
from .previous import GONE, GROWN, NEW, SHRUNK, UNCHANGED, Previous
from .request import Progress
from .sides import Side

NOT_CHECKED, TOWN_NEW, TOWN_GONE = "not_checked", "town_new", "town_gone"
CHANGES = (NEW, GROWN, SHRUNK, UNCHANGED, GONE, NOT_CHECKED, TOWN_NEW, TOWN_GONE)
TOWNS_AT_A_TIME = 200

_AREAS = [Field(name, "real") for name in ("old_m2", "new_m2", "won_m2", "lost_m2")]
LAYER = [
    Field("finding_id", "text"), Field("number", "text"), Field("town_id", "text"), Field("town_name", "text"),
    Field("line", "text"), Field("kind", "text"), Field("zone", "text"), Field("change", "text"),
    Field("old_severity", "text"), Field("new_severity", "text"), *_AREAS,
    Field("old_decision", "text"), Field("new_decision", "text"), Field("old_finding_id", "text"),
]  # fmt: skip
TABLE = [
    Field("town_id", "text"), Field("town_name", "text"), Field("line", "text"),
    Field("old_verdict", "text"), Field("new_verdict", "text"), Field("old_check", "text"), Field("new_check", "text"),
    *_AREAS, *(Field(f"{change}_n", "integer") for change in CHANGES),
]  # fmt: skip
_KEY = ["town_id", "line"]


@dataclass(frozen=True)
class Comparison:
    """``counts``: findings by change, all of `CHANGES`; ``issues``: why the two are not, or not in all, alike."""

    counts: dict[str, int]
    town_count: int
    issues: list[Issue]


def compare(
    old: str | Path, new: str | Path, layer: LayerWriter | None = None, table: LayerWriter | None = None,
    progress: Progress = lambda percent, code: None, cancelled: Callable[[], bool] = lambda: False,
    towns_at_a_time: int = TOWNS_AT_A_TIME,
) -> Comparison:  # fmt: skip
    """Compare two review packages, some towns at a time, and write what was asked for.

    :param layer: gets a feature per finding of either package (fields `LAYER`), in the CRS of ``new``; what was gone
        in ``old`` already, or in ``new`` before this comparison, is left out. :param table: gets a row per town and
        line, and one per town with the line ``""`` (fields `TABLE`).
    :param progress: steps ``comparing``, ``placing`` (from where on a cancel comes too late) and ``done``.
    :raises RedlineError: those of `open_package` and of the writers; ``ballpark_transformation`` and
        ``no_transformation`` where nothing leads from one CRS to the other. Nothing is written then.
    :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    with ExitStack() as stack:
        one, two = (Side(stack.enter_context(open_package(path))) for path in (old, new))
        limits = Changes(*two.facts.get("profile", {}).get("changes", ()))
        previous = stack.enter_context(Previous(open_package(old), limits, two.crs))
        comparer = _Comparer(one, two, previous, Transformation(one.crs, two.crs, max_edge=math.inf, layer=str(old)))
        for writer, fields, crs in ((layer, LAYER, two.crs), (table, TABLE, None)):
            if writer is not None:
                stack.callback(writer.abort)
                writer.open(fields, crs)
        towns = two.towns.append(one.towns.difference(two.towns, sort=False))
        for start in range(0, len(towns), towns_at_a_time):
            if cancelled():
                raise Cancelled
            progress(98 * start / len(towns), "comparing")
            some = towns[start : start + towns_at_a_time]
            findings = comparer.findings(some)
            if layer is not None and len(findings):
                layer.write(findings)
            if table is not None:
                table.write(comparer.towns(some, findings))
        if cancelled():
            raise Cancelled
        progress(98, "placing")
        for writer in filter(None, (layer, table)):
            writer.close()
        progress(100, "done")
    return Comparison({change: comparer.counts[change] for change in CHANGES}, len(towns), _unlike(one, two))


class _Comparer:
    """The findings and towns of both sides, side by side. ``counts``: findings so far, by change."""

    def __init__(self, old: Side, new: Side, previous: Previous, transformation: Transformation):
        self._old, self._new, self._previous, self._transformation = old, new, previous, transformation
        self._overlay = Overlay()
        self.counts: Counter[str] = Counter()

    def findings(self, towns: pd.Index) -> pd.DataFrame:
        """The columns of `LAYER`, ``geometry``, and ``before`` and ``after``, the land of either side (None: none)."""
        old, new = self._old.findings(towns), self._new.findings(towns)
        new = new[new["state"] != GONE].reset_index(drop=True)
        of, gone = self._match(old, new, towns)
        left = np.setdiff1d(np.flatnonzero(old["state"] != GONE), of)
        # A row of -1 is none: its columns come out as NaN.
        a, b = np.r_[of, left], np.r_[np.arange(len(new)), np.full(len(left), -1)]
        in_old, in_new = a >= 0, b >= 0
        before, after = old.reindex(a), new.assign(change=self._states).reindex(b)
        kept = ("finding_id", "number", "town_id", "town_name", "line", "kind", "zone", "geometry")
        frame = pd.DataFrame({name: np.where(in_new, after[name], before[name]) for name in kept}, dtype=object)
        frame["change"] = np.where(in_new, after["change"], np.where(np.isin(a, gone), GONE, NOT_CHECKED))
        frame.loc[~frame["town_id"].isin(self._old.towns), "change"] = TOWN_NEW
        frame.loc[~frame["town_id"].isin(self._new.towns), "change"] = TOWN_GONE
        frame["old_finding_id"] = before["finding_id"].to_numpy(object)
        for name, side, there in (("old", before, in_old), ("new", after, in_new)):
            frame[f"{name}_severity"] = side["severity"].to_numpy(object)
        frame["before"], frame["after"] = _land(before["geometry"]), _land(after["geometry"])
        self._areas(frame, before["area_m2"], after["area_m2"])
        frame["old_decision"] = self._old.decided(np.where(in_old, before["finding_id"], frame["finding_id"]), ~in_old)
        frame["new_decision"] = self._new.decided(frame["finding_id"], ~in_new)
        self.counts.update(frame["change"])
        return frame
