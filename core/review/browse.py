"""A package as the dock shows it: towns and findings as columns without geometry, boxes to zoom to, what holds now."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from .gpkg import connect, explain, geometries, select, statement
from .lifecycle import Present, present_decisions
from .package import open_package
from .reviewed import changes_of

FINDINGS = (
    "finding_id", "number", "town_id", "town_name", "line", "kind", "zone", "source_id", "severity", "area_m2",
    "share_pct", "width_m", "state", "rule",
)  # fmt: skip
_FINDINGS = """SELECT f.finding_id, f.number, f.town_id, f.town_name, f.line, f.kind, f.zone, f.source_id, f.severity,
    f.area_m2, f.share_pct, f.width_m, f.state, f.rule, b.minx, b.miny, b.maxx, b.maxy
    FROM findings AS f LEFT JOIN rtree_findings_geom AS b ON b.id = f.fid ORDER BY f.fid"""


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
    try:
        connection = connect(path, "ro")
        try:
            towns = _without_geometry(connection, "towns")
            findings, boxes = _findings(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    decided = present_decisions(events, findings, changes_of(facts), today or date.today())
    return Browsed(path, towns, findings, boxes, decided, facts, changed_sources(facts), os.access(path, os.W_OK))


def refreshed(browsed: Browsed, today: date | None = None) -> Browsed:
    """The same package after decisions were recorded: findings are as they were, only decisions and towns are read.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(browsed.path) as package:
        events = package.decisions()
    try:
        with closing(connect(browsed.path, "ro")) as connection:
            towns = _without_geometry(connection, "towns")
    except sqlite3.Error as error:
        raise explain(error, browsed.path) from error
    decided = present_decisions(events, browsed.findings, changes_of(browsed.facts), today or date.today())
    return replace(browsed, towns=towns, decided=decided)


def _without_geometry(connection: sqlite3.Connection, table: str) -> pd.DataFrame:
    columns = [row[1] for row in connection.execute(statement("PRAGMA table_info({table})", table=table))]
    names = ", ".join(statement("{name}", name=name) for name in columns if name not in ("fid", "geom"))
    return select(connection, statement("SELECT {{}} FROM {table} ORDER BY fid", table=table).format(names))


def _findings(connection: sqlite3.Connection) -> tuple[pd.DataFrame, np.ndarray]:
    rows = select(connection, _FINDINGS)
    boxes = rows[["minx", "miny", "maxx", "maxy"]].to_numpy(float)
    found = rows[list(FINDINGS)].copy()
    for name in ("area_m2", "share_pct", "width_m"):
        found[name] = pd.to_numeric(found[name])
    return found, boxes


def changed_sources(facts: Mapping[str, Any]) -> list[str]:
    """Roles of file sources whose size or time of change is another now, or that are gone."""
    changed = []
    for role, source in (facts.get("sources") or {}).items():
        place = Path(str(source.get("location", "")).split("|")[0])
        if "modified" not in source or "size" not in source:
            continue
        try:
            state = place.stat()
        except OSError:
            changed.append(role)
            continue
        modified = datetime.fromtimestamp(state.st_mtime, UTC).isoformat()
        if place.is_file() and place.suffix.lower() != ".shp" and (state.st_size, modified) != (
            source["size"], source["modified"],
        ):  # fmt: skip
            changed.append(role)
    return changed


def finding_wkb(path: str | Path, finding_id: str) -> bytes | None:
    """The geometry of one finding, in the towns' CRS, as WKB; None where it has none.

    :raises RedlineError: those of `open_package`.
    """
    path = Path(path)
    try:
        connection = connect(path, "ro")
        try:
            row = connection.execute("SELECT geom FROM findings WHERE finding_id = ?", (finding_id,)).fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    shape = geometries([row[0]])[0] if row else None
    return None if shape is None else shapely.to_wkb(shape)


def events_of(path: str | Path, finding_id: str) -> pd.DataFrame:
    """The history of one finding, in the order it was recorded.

    :raises RedlineError: those of `open_package`.
    """
    with open_package(path) as package:
        events = package.decisions()
    return events[events["finding_id"] == finding_id].reset_index(drop=True)


def land_in(path: str | Path, finding_id: str) -> dict[str, float]:
    """Land use inside one finding by class, m²; empty where the run had none.

    :raises RedlineError: those of `open_package`.
    """
    path = Path(path)
    with open_package(path) as package:
        if "finding_id" not in package.table("land_classes", []):
            return {}
    try:
        connection = connect(path, "ro")
        try:
            rows = select(connection, "SELECT * FROM land_classes WHERE finding_id = ?", [finding_id])
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return {} if not len(rows) else {k: float(v) for k, v in rows.iloc[0].items() if k.endswith("_m2")}
