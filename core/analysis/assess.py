"""From pieces to a review: findings, ledger, conflicts and the summary of each town."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from ..profile import KEEP_OUT, Line, Profile
from . import judge
from .area import AreaMeasure
from .cover import Cover, Coverer
from .coverage import ABSENT, DECLARED, NOT_DECLARED, Checked, LineExtent, checked_land
from .findings import Finder, Findings
from .parallel import Workers, shareable
from .pieces import Pieces, is_land
from .robust import Overlay
from .roles import CONSTRUCTION, COVERAGE
from .towns import Towns


@dataclass
class Assessment:
    """Of one group of towns. ``findings``: by line id; ``occupied``: by line id, the land that the line's findings are
    about, of all towns (m,), overlay CRS, None where there is none; ``occupied_m2``: its balanced area; ``conflicts``:
    columns town (row), line_a, line_b, area_m2, geometry (overlay CRS); ``ledger``: one row per town and line;
    ``summary``: columns of SUMMARY after ``area_m2``, indexed by town row."""

    findings: dict[str, Findings]
    occupied: dict[str, np.ndarray]
    occupied_m2: dict[str, np.ndarray]
    conflicts: pd.DataFrame
    ledger: pd.DataFrame
    summary: pd.DataFrame

    @property
    def finding_count(self) -> int:
        """Findings above tolerance."""
        return sum(int((found.severity != judge.BELOW_TOLERANCE).sum()) for found in self.findings.values())


@dataclass
class _LineResult:
    cover: Cover
    checked: Checked
    findings: Findings
    below_m2: np.ndarray
    outside: np.ndarray | None
    outside_m2: np.ndarray | None

    @property
    def occupied(self) -> tuple[np.ndarray, np.ndarray]:
        """What a finding is about, all of it together, and its measured area."""
        return (self.cover.union, self.cover.union_m2) if self.outside is None else (self.outside, self.outside_m2)

    @property
    def reached(self) -> np.ndarray:
        """Towns whose land on the line is known: some of it is checked, or a feature of the line is there anyway."""
        return (self.checked.share > 0) | (self.cover.gross_m2 > 0)

    @property
    def judged(self) -> np.ndarray:
        """Towns of which it is known what the line's test is about: land on it, or outside it."""
        return self.reached if self.outside is None else self.checked.share > 0


class Assessor:
    """:param extents: of each line that was given, by its id; lines of the profile that are not in it are absent.
    :param for_package: whether what a package alone holds is worked out too: what features of one line cover several
        times (NaN in the ledger otherwise), and the conflicts of all pairs of lines, not only of keep-out lines.
    """

    def __init__(
        self, towns: Towns, profile: Profile, review_object: str, extents: dict[str, LineExtent],
        measure: AreaMeasure, overlay: Overlay, workers: Workers, for_package: bool = True,
    ):  # fmt: skip
        self._for_package = for_package
        self._towns, self._profile, self._object, self._extents = towns, profile, review_object, extents
        self._measure, self._overlay, self._workers = measure, overlay, workers
        self._coverer = Coverer(len(towns), measure, overlay, workers, with_multi=for_package)
        self.lines = [line for line in profile.lines if line.id in extents]

    def group(self, members: np.ndarray, pieces: dict[str, Pieces]) -> Assessment:
        """Assess the towns ``members`` (row numbers) from all their pieces."""
        built = pieces.get(CONSTRUCTION, Pieces.empty())
        construction = self._coverer.unite(built.town, built.geometry)
        finder = Finder(
            self._towns, self._profile, self._object, shareable(construction),
            self._measure, self._coverer, self._overlay, self._workers,
        )  # fmt: skip
        coverage = pieces.get(COVERAGE, Pieces.empty())
        results = {
            line.id: self._line(line, members, pieces.get(line.id, Pieces.empty()), coverage, finder)
            for line in self.lines
        }
        conflicts = self._conflicts(results)
        return Assessment(
            {line_id: result.findings for line_id, result in results.items()},
            {line_id: result.occupied[0] for line_id, result in results.items()},
            {line_id: result.occupied[1] * self._towns.balance for line_id, result in results.items()},
            conflicts,
            self._ledger(members, results),
            self._summary(members, results, conflicts),
        )

    def _line(self, line: Line, members: np.ndarray, pieces: Pieces, coverage: Pieces, finder: Finder) -> _LineResult:
        self._workers.check()
        area = self._measure.of_parts(pieces.geometry)
        cover = self._coverer.cover(pieces, area)
        checked = checked_land(
            line.id, self._extents[line.id], coverage, self._towns, members, self._profile.uncovered_limit_pct,
            self._measure, self._coverer, self._overlay, self._workers,
        )  # fmt: skip
        if line.test == KEEP_OUT:
            balanced = area * self._towns.balance[pieces.town]
            found, below_m2 = finder.overlaps(line, pieces, balanced, cover.union)
            return _LineResult(cover, checked, found, below_m2, None, None)
        outside = checked.region.copy()
        both = np.flatnonzero((outside != None) & (cover.union != None))  # noqa: E711 - elementwise
        outside[both] = self._workers.map(self._overlay.difference, outside[both], cover.union[both], step=16)
        found, below_m2 = finder.outside(line, outside)
        zones = finder.zones(line, pieces, cover.union)
        found = Findings.join([found, zones])
        return _LineResult(cover, checked, found, below_m2, outside, self._measure.of_parts(outside))

    def _conflicts(self, results: dict[str, _LineResult]) -> pd.DataFrame:
        rows = []
        compared = [line.id for line in self.lines if self._for_package or line.test == KEEP_OUT]
        for a, b in combinations(compared, 2):
            first, second = results[a].cover.union, results[b].cover.union
            town = np.flatnonzero((first != None) & (second != None))  # noqa: E711 - elementwise
            common = self._workers.map(self._overlay.intersection, first[town], second[town], step=16)
            land = is_land(common)
            town, common = town[land], common[land]
            area = self._measure.of_parts(common) * self._towns.balance[town]
            rows.append(pd.DataFrame({"town": town, "line_a": a, "line_b": b, "area_m2": area, "geometry": common}))
        columns = {"town": np.int64, "line_a": object, "line_b": object, "area_m2": float, "geometry": object}
        if not rows:
            return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
        return pd.concat(rows, ignore_index=True)

    def _ledger(self, members: np.ndarray, results: dict[str, _LineResult]) -> pd.DataFrame:
        towns, balance = self._towns, self._towns.balance
        rows = []
        for line_id, result in results.items():
            cover, share = result.cover, result.checked.share
            known = result.reached
            union = np.where(known, cover.union_m2, np.nan)[members]
            below = np.where(result.judged, result.below_m2, np.nan)[members]
            measured = towns.measured_m2[members]
            declared = DECLARED if self._extents[line_id].declared else NOT_DECLARED
            rows.append(
                pd.DataFrame({
                    "town": members, "line": line_id, "coverage": declared, "checked_pct": share[members] * 100,
                    "official_m2": towns.official_m2[members], "approved_m2": towns.approved_m2[members],
                    "measured_m2": measured, "gross_m2": np.where(known, cover.gross_m2, np.nan)[members],
                    "multi_m2": np.where(known, cover.multi_m2, np.nan)[members], "union_m2": union,
                    "residual_m2": measured - union, "below_m2": below,
                    "adjust_m2": union * (balance[members] - 1), "balanced_m2": union * balance[members],
                    "rest_m2": towns.official_m2[members] - union * balance[members],
                })
            )  # fmt: skip
        absent = [line.id for line in self._profile.lines if line.required and line.id not in results]
        for line_id in absent:
            frame = {"town": members, "line": line_id, "coverage": ABSENT, "checked_pct": 0.0}
            control = {"official_m2": towns.official_m2[members], "approved_m2": towns.approved_m2[members]}
            rows.append(pd.DataFrame(frame | control))
        return pd.concat(rows, ignore_index=True)

    def _summary(self, members: np.ndarray, results: dict[str, _LineResult], conflicts: pd.DataFrame) -> pd.DataFrame:
        count, balance, official = len(self._towns), self._towns.balance, self._towns.official_m2
        columns: dict[str, np.ndarray] = {}
        below, number = np.full((2, count), np.nan)
        verdicts = np.full((len(results), count), judge.CLEAR, dtype=object)
        for row, (line, result) in enumerate(zip(self.lines, results.values(), strict=True)):
            found, cover, share = result.findings, result.cover, result.checked.share
            above = found.severity != judge.BELOW_TOLERANCE
            n = np.bincount(found.town[above], minlength=count)
            by_town = pd.Series(found.severity).groupby(found.town).agg(list)
            for town in np.union1d(by_town.index, np.flatnonzero(result.below_m2 > 0)):
                severities = by_town.get(town, [])
                verdicts[row, town] = judge.line_verdict(severities, result.below_m2[town], line, self._object)
            checks = np.full(count, "", dtype=object)
            checks[members] = [judge.line_check(verdicts[row, t], share[t]) for t in members]
            covered = np.where(result.reached, cover.union_m2 * balance, np.nan)
            if line.test == KEEP_OUT:
                columns[f"{line.short}_m2"], judged_m2 = covered, covered
            else:
                judged_m2 = np.where(result.judged, result.outside_m2 * balance, np.nan)
                columns[f"{line.short}_in_m2"] = covered
                columns[f"{line.short}_out_m2"] = judged_m2
            # Parts of a town may come to more than it by the last digits.
            columns[f"{line.short}_pct"] = np.minimum(judged_m2 / official * 100, 100.0)
            n = np.where(result.judged | (n > 0), n, np.nan)  # a zone may be found where nothing was checked
            columns[f"{line.short}_n"] = _whole(n)
            columns[f"{line.short}_check"] = checks
            below = _plus(below, np.where(result.judged, result.below_m2, np.nan))
            number = _plus(number, n)
        columns["shared_m2"] = self._shared(results, conflicts)
        columns["sliver_m2"], columns["findings"] = below, _whole(number)
        gaps = self._gaps(members, results)
        unchecked, verdict = np.full((2, count), "", dtype=object)
        unchecked[members] = [",".join(lines) for lines in gaps]
        columns["unchecked"] = unchecked
        shares = np.array([result.checked.share for result in results.values()]).reshape(-1, count)
        least = shares.min(axis=0, initial=1.0) if len(shares) else np.zeros(count)
        columns["check_pct"] = np.where(np.isnan(official), 0.0, least * 100)
        required = {line.id for line in self._profile.lines if line.required}
        verdict[members] = [
            judge.town_verdict(verdicts[:, t], not required.isdisjoint(lines), self._object)
            for t, lines in zip(members, gaps, strict=True)
        ]
        columns["verdict"] = verdict
        return pd.DataFrame(columns).loc[members]

    def _gaps(self, members: np.ndarray, results: dict[str, _LineResult]) -> list[list[str]]:
        """Of each of ``members`` the lines that are absent or do not cover all of it, in the profile's order."""
        considered = [line.id for line in self._profile.lines if line.required or line.id in results]
        return [[i for i in considered if i not in results or results[i].checked.share[town] < 1] for town in members]

    def _shared(self, results: dict[str, _LineResult], conflicts: pd.DataFrame) -> np.ndarray:
        """Land of each town under two or more keep-out lines, m², balanced; NaN where fewer than two are known."""
        keep_out = [line.id for line in self.lines if line.test == KEEP_OUT]
        if len(keep_out) < 2:
            return np.full(len(self._towns), np.nan)
        known = np.sum([results[line].reached for line in keep_out], axis=0) >= 2
        rows = conflicts[conflicts["line_a"].isin(keep_out) & conflicts["line_b"].isin(keep_out)]
        town = rows["town"].to_numpy()
        if len(keep_out) == 2:
            shared = np.bincount(town, rows["area_m2"].to_numpy(float), minlength=len(self._towns))
        else:
            union = self._coverer.unite(town, rows["geometry"].to_numpy(object))
            shared = self._measure.of_parts(union) * self._towns.balance
        return np.where(known, shared, np.nan)


def _plus(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The sum of what is known, NaN where neither is."""
    return np.where(np.isnan(one), other, one + np.nan_to_num(other))


def _whole(counts: np.ndarray) -> np.ndarray:
    """Counts as Python's integers, None where unknown: as floats they would be fractions in a file."""
    return np.where(np.isnan(counts), None, np.nan_to_num(counts).astype(np.int64).astype(object))
