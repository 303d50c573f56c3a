"""Two reviews compared: what changed per town, line and finding, with the land won and lost. See docs/compare.md."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from ..analysis.coverage import ABSENT
from ..analysis.findings import ZONE
from ..analysis.judge import UNCHECKED
from ..analysis.robust import Overlay, polygons_only
from ..errors import Cancelled, Issue
from ..inputs.crs import Transformation
from ..inputs.source import Field
from ..profile import Changes
from .layers import LayerWriter
from .lifecycle import standing
from .opened import Package
from .package import open_package
from .previous import GONE, GROWN, NEW, SHRUNK, UNCHANGED, Previous
from .request import Progress

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
SIDES = ("old", "new")
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
        one, two = (_Side(stack.enter_context(open_package(path))) for path in (old, new))
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

    def __init__(self, old: _Side, new: _Side, previous: Previous, transformation: Transformation):
        self._old, self._new, self._previous, self._transformation = old, new, previous, transformation
        self._overlay = Overlay()
        self.counts: Counter[str] = Counter()

    def findings(self, towns: pd.Index) -> pd.DataFrame:
        """The columns of `LAYER`, ``geometry``, and ``before`` and ``after``, the land of either side."""
        old, new = self._old.package.findings(towns), self._new.package.findings(towns)
        old["geometry"] = self._transformation(old["geometry"].to_numpy(object))
        new = new[new["state"] != GONE].reset_index(drop=True)
        alive = (old["state"] != GONE).to_numpy()
        of, new["change"], gone = self._match(old, alive, new, towns)
        left = np.setdiff1d(np.flatnonzero(alive), of)
        # The row -1 is none: all of it is missing then.
        a, b = np.r_[of, left].astype(np.int64), np.r_[np.arange(len(new)), np.full(len(left), -1)]
        before, after, in_old, in_new = old.reindex(a), new.reindex(b), a >= 0, b >= 0
        shown = [*(field.name for field in LAYER if field.name in old), "geometry"]
        columns = {name: np.where(in_new, after[name], before[name]) for name in shown}
        columns["old_finding_id"] = before["finding_id"].to_numpy(object)
        columns["old_severity"], columns["new_severity"] = (one["severity"].to_numpy(object) for one in (before, after))
        frame = pd.DataFrame(columns, dtype=object)
        frame["change"] = np.where(in_new, after["change"], np.where(np.isin(a, gone), GONE, NOT_CHECKED))
        frame.loc[~frame["town_id"].isin(self._old.towns), "change"] = TOWN_NEW
        frame.loc[~frame["town_id"].isin(self._new.towns), "change"] = TOWN_GONE
        # An id that this review knows of a finding gone before still has its decision; one of another finding has not.
        old_id = np.where(in_old, before["finding_id"], frame["finding_id"])
        frame["old_decision"] = self._old.decisions(old_id, in_old, old.loc[alive, "finding_id"])
        frame["new_decision"] = self._new.decisions(frame["finding_id"], in_new, new["finding_id"])
        frame["before"], frame["after"] = _land(before["geometry"]), _land(after["geometry"])
        self._areas(frame, before["area_m2"], after["area_m2"], in_old, in_new)
        self.counts.update(frame["change"])
        return frame

    def _match(
        self, old: pd.DataFrame, alive: np.ndarray, new: pd.DataFrame, towns: pd.Index
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As a re-run would: row in ``old`` of each new finding (-1: none), its state, and rows of old ones gone."""
        # Numbers are not given anew here, and looking for them takes a query each.
        found = self._previous.match(new.assign(number=""), self._new.ledger_of(towns))
        row = pd.Index(old["finding_id"]).get_indexer(found["finding_id"])
        of, gone = row[: len(new)], row[len(new) :]
        return np.where((of >= 0) & alive[of], of, -1) if len(old) else of, found["state"].to_numpy()[: len(new)], gone

    def _areas(
        self, frame: pd.DataFrame, old_m2: pd.Series, new_m2: pd.Series, in_old: np.ndarray, in_new: np.ndarray
    ) -> None:
        """Areas of both sides and what was won and lost; NaN where a side did not look at all of the town's line."""
        old, new = (np.nan_to_num(area.to_numpy(float)) for area in (old_m2, new_m2))
        won, lost = won_and_lost(old, new, frame["before"].to_numpy(), frame["after"].to_numpy(), self._overlay)
        knows_old, knows_new = in_old | self._old.checked(frame), in_new | self._new.checked(frame)
        frame["old_m2"], frame["new_m2"] = np.where(knows_old, old, np.nan), np.where(knows_new, new, np.nan)
        frame["won_m2"] = np.where(knows_old | ~in_new, won, np.nan)
        frame["lost_m2"] = np.where(knows_new | ~in_old, lost, np.nan)

    def towns(self, towns: pd.Index, findings: pd.DataFrame) -> pd.DataFrame:
        """The columns of `TABLE`: each town's verdicts, then its lines."""
        (old, old_lines), (new, new_lines) = self._old.town_rows(towns), self._new.town_rows(towns)
        lines = old_lines.merge(new_lines, how="outer", on=_KEY, suffixes=("_old", "_new"))
        keys = pd.MultiIndex.from_frame(lines[_KEY])
        before, after = self._land_of_lines(findings, keys)
        a, b = (lines[name].to_numpy(float) for name in ("m2_old", "m2_new"))
        won, lost = won_and_lost(np.nan_to_num(a), np.nan_to_num(b), before, after, self._overlay)
        lines["won_m2"] = np.where(self._old.checked(lines) & ~np.isnan(b), won, np.nan)
        lines["lost_m2"] = np.where(self._new.checked(lines) & ~np.isnan(a), lost, np.nan)
        lines = lines.rename(columns={f"{name}_{side}": f"{side}_{name}" for name in ("check", "m2") for side in SIDES})
        verdicts = pd.DataFrame({"town_id": towns, "line": ""}, dtype=object)
        for side, known in zip(SIDES, (old, new), strict=True):
            verdicts[f"{side}_verdict"] = verdicts["town_id"].map(known["verdict"]).astype(object)
        rows = pd.concat([verdicts, lines], ignore_index=True)
        rows["town_name"] = rows["town_id"].map(new["town_name"].combine_first(old["town_name"]))
        order = [*dict.fromkeys(["", *self._new.lines, *self._old.lines])]
        places = np.lexsort((rows["line"].map(order.index), towns.get_indexer(rows["town_id"])))
        rows = rows.iloc[places].reset_index(drop=True)
        counts = _counts(findings, pd.MultiIndex.from_frame(rows[_KEY]))
        return pd.concat([rows, counts], axis=1).reindex(columns=[field.name for field in TABLE])

    def _land_of_lines(self, findings: pd.DataFrame, keys: pd.MultiIndex) -> tuple[np.ndarray, np.ndarray]:
        """What findings cover on either side of each town's line, each place once; empty where nothing changed.

        Zones are left out: they lie inside a stay-inside line, whose area is what lies outside.
        """
        found = findings[findings["kind"] != ZONE]
        moved = found[~shapely.equals_exact(found["before"].to_numpy(), found["after"].to_numpy())]
        touched = found[pd.MultiIndex.from_frame(found[_KEY]).isin(pd.MultiIndex.from_frame(moved[_KEY]))]
        sides = np.full((2, len(keys)), shapely.Polygon(), dtype=object)
        for key, some in touched.groupby(_KEY, sort=False):
            for side, name in zip(sides, ("before", "after"), strict=True):
                land = some[name].to_numpy()
                land = land[~shapely.is_empty(land)]
                if len(land):
                    side[keys.get_loc(key)] = self._overlay.union(land)
        return sides[0], sides[1]


class _Side:
    """One of the two packages. ``towns``, ``lines``: ids of those its ledger has; ``facts``: its manifest."""

    def __init__(self, package: Package):
        self.package, self.facts, self.crs = package, package.manifest(), package.crs
        ledger = package.ledger()
        self._ledger = ledger[[*_KEY, "coverage"]].assign(checked_pct=pd.to_numeric(ledger["checked_pct"]))
        self.towns, self.lines = pd.Index(ledger["town_id"].unique()), ledger["line"].unique()
        self._given = ledger.loc[ledger["coverage"] != ABSENT, "line"].unique()
        self._checked = pd.MultiIndex.from_frame(self._ledger.loc[self._ledger["checked_pct"] >= 100, _KEY])
        events = standing(package.decisions()).drop_duplicates("finding_id", keep="last")
        self._last = events.dropna(subset="finding_id").set_index("finding_id")["decision"]

    def ledger_of(self, towns: pd.Index) -> pd.DataFrame:
        """The ledger's ``town_id``, ``line``, ``coverage`` and ``checked_pct`` of some towns."""
        return self._ledger[self._ledger["town_id"].isin(towns)]

    def checked(self, frame: pd.DataFrame) -> np.ndarray:
        """Whether all of the row's town was checked against the row's line, bool (n,)."""
        return pd.MultiIndex.from_frame(frame[_KEY]).isin(self._checked)

    def decisions(self, ids: pd.Series | np.ndarray, own: np.ndarray, alive: pd.Series) -> pd.Series:
        """The last decision on each id; None where the row is not a finding of this side (``own``) but its id is."""
        last = pd.Series(ids, dtype=object).map(self._last).astype(object)  # pandas 3 makes texts, without None
        return last.mask(last.isna() | (~own & pd.Series(ids).isin(alive).to_numpy()), None)

    def town_rows(self, towns: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
        """``town_name`` and ``verdict`` by town; ``town_id``, ``line``, ``check`` and ``m2`` of the towns' lines.

        Which columns are a line's is told by their order: ours stand behind the towns' own, the lines given in the
        order of the ledger. No package says under which short name a line of its profile goes.
        """
        known = self.package.table("towns", towns).set_index("town_id", drop=False)
        names = list(known)
        ours = names[names.index("area_m2") :]
        shorts = [name.removesuffix("_check") for name in ours if name.endswith("_check")]
        parts = [pd.DataFrame(columns=[*_KEY, "check", "m2"], dtype=object)]
        for line, short in zip(self._given, shorts, strict=True):
            area = f"{short}_m2" if f"{short}_m2" in ours else f"{short}_out_m2"
            parts.append(known[["town_id"]].assign(line=line, check=known[f"{short}_check"], m2=known[area]))
        rows = self.ledger_of(towns)[_KEY].merge(pd.concat(parts, ignore_index=True), how="left", on=_KEY)
        return known[["town_name", "verdict"]], rows.fillna({"check": UNCHECKED})


def won_and_lost(
    old_m2: np.ndarray, new_m2: np.ndarray, old_land: np.ndarray, new_land: np.ndarray, overlay: Overlay
) -> tuple[np.ndarray, np.ndarray]:
    """m² of the new land that the old was not, and of the old that the new is not; each shape (n,).

    ``old_m2`` and ``new_m2`` are what the runs measured (on the ellipsoid, balanced), the land is planar, of one CRS.
    With W and L the planar areas of new − old and old − new, won ≈ new_m2 · W / |new| and lost ≈ old_m2 · L / |old|.
    Their difference is not quite new_m2 − old_m2, as the runs' scales differ a little: the rest is shared out in the
    ratio W : L, so that a side without land stays 0; and won is held between 0 or the growth, and new_m2. So always
    old_m2 − lost = new_m2 − won, the area in common, with won ≥ 0 and lost ≥ 0. Where the land is the same but its
    area is not (another way of measuring), the difference alone is won or lost.
    """
    rows = np.flatnonzero(~shapely.equals_exact(old_land, new_land))
    gained, left = np.zeros((2, len(old_m2)))
    gained[rows] = shapely.area(overlay.difference(new_land[rows], old_land[rows]))
    left[rows] = shapely.area(overlay.difference(old_land[rows], new_land[rows]))
    growth = new_m2 - old_m2
    won, lost = new_m2 * _ratio(gained, shapely.area(new_land)), old_m2 * _ratio(left, shapely.area(old_land))
    share = np.where(gained + left > 0, _ratio(gained, gained + left), growth > 0)
    won = np.clip(won + (growth - (won - lost)) * share, np.maximum(growth, 0), new_m2)
    return won, won - growth


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Share of ``part`` in ``whole``; 0 where that is nothing."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _counts(findings: pd.DataFrame, keys: pd.MultiIndex) -> pd.DataFrame:
    """Findings by change, a row for each town and line; the line "" stands for all."""
    counts = pd.concat([findings, findings.assign(line="")]).groupby([*_KEY, "change"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=keys, columns=CHANGES, fill_value=0)
    return counts.add_suffix("_n").reset_index(drop=True)


def _land(geometry: pd.Series) -> np.ndarray:
    """Valid land, empty where there is none. Rounding in a file or a change of CRS may make a ring touch itself."""
    land = geometry.to_numpy(object, copy=True)
    land[geometry.isna().to_numpy()] = shapely.Polygon()
    rows = np.flatnonzero(~shapely.is_valid(land))
    land[rows] = polygons_only(shapely.make_valid(land[rows]))
    return land


def _unlike(old: _Side, new: _Side) -> list[Issue]:
    """What makes figures of the two incomparable, or their order doubtful."""
    layer, issues = str(new.package.path), []
    if not new.towns.isin(old.towns).any():
        issues.append(Issue("compare_no_common_town", "warning", layer))
    for code, fact in (("compare_area_method", "area_method"), ("compare_review_object", "review_object")):
        if old.facts.get(fact) != new.facts.get(fact):
            issues.append(Issue(code, "warning", layer))
    if (old.facts.get("started") or "") > (new.facts.get("started") or ""):
        issues.append(Issue("compare_order", "warning", layer))
    return issues
