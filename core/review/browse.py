"""A package as the dock shows it: towns and findings as columns without geometry, boxes to zoom to, what holds now."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import RedlineError
from ..inputs.files import files_behind, state_of
from ..inputs.source import as_texts
from .checklist import Question, questions_of
from .lifecycle import OPEN, Present, present_decisions, reviewed_verdicts
from .line_names import NamedLines, lines_of
from .package import SCHEMA_VERSION, open_package
from .previous import GONE
from .reviewed import changes_of

CODED = ("line", "zone", "severity", "state")  # columns of findings that are filtered by their values
_UNKNOWN_TEXTS = ("number", "town_id", "town_name", "line", "kind", "zone", "source_id", "severity", "state", "rule")
_RECURRING = ("town_id", "town_name", "line", "kind", "zone", "severity", "state", "rule")
_NUMBERS = ("area_m2", "share_pct", "width_m")
_LIVE = ("violation", "warning")
# Of many, what a planner compares towns by; where they were measured.
INTENSITY = ("construction_pct", "planned_residential_pct", "land_use_degree", "far", "gdp_per_km2")
READ_SECONDS, WRITE_SECONDS = 0.5, 2.0  # for another program's lock: the window stands still meanwhile


@dataclass
class Browsed:
    """``path``: the package, None where a layer is shown; ``towns``, ``findings``: data frames without geometry, in the
    package's order; ``fids``, ``boxes``, ``town_fids``, ``town_boxes``: their features' ids and bounds in the CRS
    ``crs``, shapes (n,) and (n, 4), NaN without geometry; ``town_rows``: the row of each finding's town, -1 without;
    ``facts``: the run's manifest, ``lines`` and ``questions`` of its profile; ``changed``: roles of sources that are
    not as they were when the run read them; ``version``: of the package's schema; ``writable``: whether decisions can
    be recorded.

    What the decisions come to: ``decided`` by the finding's id, ``decisions`` the code that holds on each finding
    (object, (n,)), ``undecided`` those that stand above tolerance with nothing decided (bool, (n,)). ``intensity``:
    those of `INTENSITY` that are known of any town, float in the order of towns.
    """

    path: Path | None
    towns: pd.DataFrame
    findings: pd.DataFrame
    fids: np.ndarray
    boxes: np.ndarray
    town_fids: np.ndarray
    town_boxes: np.ndarray
    crs: str = ""
    ledger: pd.DataFrame = field(default_factory=pd.DataFrame)
    facts: Mapping[str, Any] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    version: int = SCHEMA_VERSION
    writable: bool = False
    decided: dict[str, Present] = field(default_factory=dict)
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    intensity: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines: NamedLines = lines_of(self.facts)
        self.questions: list[Question] = questions_of(self.facts)
        self.findings = _shared(self.findings)
        for name in _NUMBERS:
            known = pd.to_numeric(self.findings[name], errors="coerce") if name in self.findings else np.nan
            self.findings[name] = known
        if "reviewed_verdict" not in self.towns:
            self.towns = self.towns.assign(reviewed_verdict=self.towns.get("verdict"))
        towns = pd.Index(self.towns["town_id"])
        first = ~towns.duplicated()
        places = towns[first].get_indexer(self.findings["town_id"])
        self.town_rows = np.append(np.flatnonzero(first), -1)[places]
        self.codes = {name: _coded(self.findings[name]) for name in CODED}
        self.searched = [searchable(number) for number in self.findings["number"]]
        self._rows = {one: row for row, one in enumerate(self.findings["finding_id"])}
        alive = self.findings["severity"].isin(_LIVE) & (self.findings["state"] != GONE)
        self._alive = alive.to_numpy(bool)
        self.decisions = np.full(len(self.findings), OPEN, dtype=object)
        self.undecided = self._alive.copy()
        self._counts = Counter({OPEN: len(self.findings)})  # of findings by what holds on them
        self._show(self.decided)

    def ids(self, rows: list[int]) -> list[str]:
        """The ids of the findings in these rows."""
        return self.findings["finding_id"].iloc[rows].tolist()

    def values(self) -> dict[str, list[str | None]]:
        """The values there are in each column that findings are filtered by, sorted, None last."""
        found = {name: list(self.codes[name][1]) for name in CODED}
        found["decision"] = [decision for decision, count in self._counts.items() if count]
        return {name: sorted(values, key=lambda value: (value is None, value or "")) for name, values in found.items()}

    @property
    def older(self) -> bool:
        """Made by an earlier version of the plugin: to be migrated before anything is recorded."""
        return self.version < SCHEMA_VERSION

    @property
    def newer(self) -> bool:
        return self.version > SCHEMA_VERSION

    def row_of(self, finding_id: str) -> int:
        """The row of a finding, -1 where it is none of these."""
        return self._rows.get(finding_id, -1)

    @property
    def open_findings(self) -> np.ndarray:
        """How many undecided findings each town has, float, in the order of towns; NaN where nothing was checked."""
        rows = self.town_rows[self.undecided]
        count = np.bincount(rows[rows >= 0], minlength=len(self.towns)).astype(float)
        if "findings" in self.towns:
            count[self.towns["findings"].isna().to_numpy(bool) & (count == 0)] = np.nan
        return count

    def _show(self, decided: Mapping[str, Present]) -> None:
        for finding, now in decided.items():
            row = self.row_of(finding)
            if row >= 0:
                self._counts[self.decisions[row]] -= 1
                self._counts[now.decision] += 1
                self.decisions[row] = now.decision
                self.undecided[row] = self._alive[row] and now.decision == OPEN


def browse(path: str | Path, today: date | None = None) -> Browsed:
    """A package of this or another version of the schema; only one of this version is ``writable``.

    :raises RedlineError: those of `open_package` but ``package_newer``.
    """
    path = Path(path)
    try:
        return _browse(path, today or date.today())
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # facts that are none, columns that are gone
        raise RedlineError("package_damaged", path=str(path), reason=repr(error)) from error


def _browse(path: Path, today: date) -> Browsed:
    with open_package(path, newer=True) as package:
        facts, events = package.manifest(), package.events_since(0)
        towns, findings = package.without_geometry("towns"), package.without_geometry("findings")
        town_fids, town_boxes = package.boxes("towns")
        fids, boxes = package.boxes("findings")
        ledger, version = package.ledger(), package.version
        intensity = _intensity(package.table("intensity"), towns)
    browsed = Browsed(
        path, towns, findings, fids, boxes, town_fids, town_boxes, facts.get("crs", ""), ledger, facts,
        changed_sources(facts), version, version == SCHEMA_VERSION and os.access(path, os.W_OK),
        present_decisions(events, findings, changes_of(facts), today), events, intensity,
    )  # fmt: skip
    _judge(browsed, list(browsed.decided))  # an approval may have run out since a verdict was written
    return browsed


def _shared(findings: pd.DataFrame) -> pd.DataFrame:
    """The same with each of the texts that recur kept once: SQLite hands out a new one for every row."""
    kept: dict[Any, Any] = {}
    shared = {name: [kept.setdefault(one, one) for one in findings[name]] for name in _RECURRING if name in findings}
    return findings.assign(**{name: pd.Series(texts, findings.index, object) for name, texts in shared.items()})


def _intensity(measured: pd.DataFrame, towns: pd.DataFrame) -> dict[str, np.ndarray]:
    if not len(measured):
        return {}
    of_towns = measured.drop_duplicates("town_id").set_index("town_id").reindex(towns["town_id"])
    known = {name: of_towns[name].to_numpy(object).astype(float) for name in INTENSITY if name in of_towns}
    return {name: values for name, values in known.items() if not np.isnan(values).all()}


def browsed_layer(
    findings: pd.DataFrame, fids: np.ndarray, boxes: np.ndarray, crs: str, towns: pd.DataFrame | None = None,
    town_fids: np.ndarray | None = None, town_boxes: np.ndarray | None = None,
) -> Browsed:  # fmt: skip
    """A layer with the contract's fields, to be read only. What it lacks is unknown, None.

    :param findings: fields of FINDINGS, of whatever type; ``finding_id`` at least. :param towns: fields of SUMMARY;
        None: as the findings name them.
    """
    findings = _with_texts(findings, ("finding_id", *_UNKNOWN_TEXTS))
    if towns is None:
        towns = findings[["town_id", "town_name"]].dropna(subset="town_id").drop_duplicates("town_id")
        towns = towns.reset_index(drop=True)
    towns = _with_texts(towns, ("town_id", "town_name"))
    if town_fids is None or town_boxes is None:
        town_fids, town_boxes = np.arange(len(towns)), np.full((len(towns), 4), np.nan)
    return Browsed(None, towns, findings, fids, boxes, town_fids, town_boxes, crs)


def _with_texts(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The same with these columns as texts, None where there is none."""
    return frame.assign(**{name: _texts(frame[name]) if name in frame else None for name in names})


def _texts(values: pd.Series) -> pd.Series:
    texts = as_texts(values.astype(object).where(values.notna(), None).to_numpy(object))
    return pd.Series(np.where(texts == "", None, texts), values.index, object)  # pandas 3 knows no None in texts


def _coded(values: pd.Series) -> tuple[np.ndarray, list[str | None]]:
    """The code of each row and the values by code, None for what is not stated in whatever way."""
    codes, known = pd.factorize(values.fillna(""))
    return codes, [value or None for value in known]


def searchable(text: str | None) -> str:
    """As searches compare it, without case."""
    return "" if text is None or text != text else str(text).casefold()


def refreshed(browsed: Browsed, today: date | None = None) -> list[int] | None:
    """Take in what has been recorded in the package since, by anybody; the rows of the findings it is about. None where
    another package lies at its place by now, or a run has refilled it: it has to be browsed anew.

    :raises RedlineError: those of `open_package` but ``package_newer``.
    """
    today = today or date.today()
    known = browsed.events[["fid", "event_id"]].tail(1).to_numpy(object).tolist() if len(browsed.events) else []
    with open_package(browsed.path, READ_SECONDS, newer=True) as package:
        facts = package.manifest()
        fresh = package.events_since(int(known[0][0]) - 1 if known else 0)
    there = fresh[["fid", "event_id"]].head(len(known)).to_numpy(object).tolist()
    if facts.get("run_id") != browsed.facts.get("run_id") or there != known:
        return None
    fresh = fresh.iloc[len(known) :]
    if not len(fresh):
        return []
    browsed.events = pd.concat([browsed.events, fresh], ignore_index=True)
    touched = [one for one in fresh["finding_id"].dropna().unique() if browsed.row_of(one) >= 0]
    of_them = browsed.events[browsed.events["finding_id"].isin(touched)]
    rows = [browsed.row_of(one) for one in touched]
    now = present_decisions(of_them, browsed.findings.iloc[rows], changes_of(browsed.facts), today)
    now = {one: now.get(one, Present()) for one in touched}
    browsed.decided |= now
    browsed._show(now)
    _judge(browsed, touched)
    return rows


def _judge(browsed: Browsed, finding_ids: list[str]) -> None:
    """The reviewed verdicts of these findings' towns as they are today."""
    rows = np.unique(browsed.town_rows[[browsed.row_of(one) for one in finding_ids if browsed.row_of(one) >= 0]])
    rows = rows[rows >= 0]
    towns, found = browsed.towns.iloc[rows], browsed.findings[np.isin(browsed.town_rows, rows)]
    ledger = browsed.ledger[browsed.ledger["town_id"].isin(towns["town_id"])]
    verdicts = reviewed_verdicts(towns, found, ledger, browsed.facts, browsed.decided)
    column = browsed.towns["reviewed_verdict"].to_numpy(object).copy()
    column[rows] = verdicts
    browsed.towns = browsed.towns.assign(reviewed_verdict=column)


def history(browsed: Browsed, finding_id: str) -> pd.DataFrame:
    """The events on one finding, in the order they were recorded."""
    if not len(browsed.events):
        return browsed.events
    return browsed.events[browsed.events["finding_id"] == finding_id]


def land_in(path: str | Path, finding_id: str) -> dict[str, float]:
    """Land use inside one finding by class, m²; empty where the run had none.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(path, READ_SECONDS, newer=True) as package:
        rows = package.of_findings("land_classes", [finding_id])
    return {} if not len(rows) else {k: float(v) for k, v in rows.iloc[0].items() if k.endswith("_m2")}


def extent_of(boxes: np.ndarray) -> np.ndarray:
    """The bounds of all of these, shape (4,); NaN where none is known."""
    known = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(known):
        return np.full(4, np.nan)
    return np.concatenate([known[:, :2].min(axis=0), known[:, 2:].max(axis=0)])


def changed_sources(facts: Mapping[str, Any]) -> list[str]:
    """Roles of file sources whose size or time of change is another now, or that are gone."""
    changed = []
    for role, source in (facts.get("sources") or {}).items():
        if "modified" not in source or "size" not in source:
            continue
        location = str(source["location"]).split("|")[0]
        # What was read through QGIS is known by the one file that its layer names.
        parts = [Path(location)] if "provider" in source else files_behind(location)
        now = state_of([part for part in parts if part.exists()])
        if (now.get("size"), now.get("modified")) != (source["size"], source["modified"]):
            changed.append(role)
    return changed
