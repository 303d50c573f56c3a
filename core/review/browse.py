"""A package as the dock shows it: towns and findings as columns without geometry, boxes to zoom to, what holds now."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..inputs.files import files_behind, state_of
from .gpkg import geometries
from .lifecycle import Present, present_decisions
from .package import open_package
from .reviewed import changes_of


@dataclass
class Browsed:
    """``towns``, ``findings``: data frames without geometry, in the package's order; ``boxes``: bounds of the findings
    in the towns' CRS, shape (n, 4), NaN without geometry; ``decided``: what holds on findings with decisions;
    ``facts``: the run's manifest; ``changed``: roles of sources that are not as they were when the run read them;
    ``writable``: whether decisions can be recorded."""

    path: Path
    towns: pd.DataFrame
    findings: pd.DataFrame
    boxes: np.ndarray
    decided: dict[str, Present]
    facts: Mapping[str, Any]
    changed: list[str]
    writable: bool

    @property
    def undecided(self) -> np.ndarray:
        """Findings above tolerance, still there, on which nothing has been decided; bool (n,)."""
        found = self.findings
        alive = found["severity"].isin(["violation", "warning"]) & (found["state"] != "gone")
        decided = [one for one, now in self.decided.items() if now.decision != "open"]
        return (alive & ~found["finding_id"].isin(decided)).to_numpy(bool)

    @property
    def open_findings(self) -> np.ndarray:
        """How many of these each town has, in the order of towns."""
        count = self.findings["town_id"][self.undecided].value_counts()
        return self.towns["town_id"].map(count).fillna(0).to_numpy(float)


def browse(path: str | Path, today: date | None = None) -> Browsed:
    """:raises RedlineError: those of `open_package`."""
    path = Path(path)
    with open_package(path) as package:
        facts, events = package.manifest(), package.decisions()
        towns, findings, boxes = (
            package.without_geometry("towns"),
            package.without_geometry("findings"),
            package.boxes(),
        )
    for name in ("area_m2", "share_pct", "width_m"):
        findings[name] = pd.to_numeric(findings[name])
    decided = present_decisions(events, findings, changes_of(facts), today or date.today())
    return Browsed(path, towns, findings, boxes, decided, facts, changed_sources(facts), os.access(path, os.W_OK))


def refreshed(browsed: Browsed, today: date | None = None) -> Browsed:
    """The same package after decisions were recorded: findings are as they were, only decisions and towns are read.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(browsed.path) as package:
        events, towns = package.decisions(), package.without_geometry("towns")
    decided = present_decisions(events, browsed.findings, changes_of(browsed.facts), today or date.today())
    return replace(browsed, towns=towns, decided=decided)


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


def finding_wkb(path: str | Path, finding_id: str) -> bytes | None:
    """The geometry of one finding, in the towns' CRS, as WKB; None where it has none.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(path) as package:
        rows = package.of_finding("findings", finding_id)
    shape = geometries(rows["geom"].tolist()[:1])[0] if len(rows) else None
    return None if shape is None else shapely.to_wkb(shape)


def events_of(path: str | Path, finding_id: str) -> pd.DataFrame:
    """The history of one finding, in the order it was recorded.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(path) as package:
        return package.of_finding("decisions", finding_id)


def land_in(path: str | Path, finding_id: str) -> dict[str, float]:
    """Land use inside one finding by class, m²; empty where the run had none.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(path) as package:
        rows = package.of_finding("land_classes", finding_id)
    return {} if not len(rows) else {k: float(v) for k, v in rows.iloc[0].items() if k.endswith("_m2")}
