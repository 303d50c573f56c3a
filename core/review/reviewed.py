"""Keeping the reviewed verdicts (审定结论) in a package up to date with its decisions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ..profile import Changes
from . import lifecycle
from .decisions import DECISION_FIELDS
from .gpkg import know_geometry, select

# All towns in one value: the number of values of a statement is limited.
_TOWNS = "SELECT town_id, verdict, unchecked FROM towns WHERE town_id IN (SELECT value FROM json_each(?))"
_FINDINGS = """SELECT finding_id, town_id, line, severity, state, area_m2 FROM findings
    WHERE town_id IN (SELECT value FROM json_each(?))"""
_LEDGER = "SELECT town_id, line, below_m2 FROM ledger WHERE town_id IN (SELECT value FROM json_each(?))"
_EVENTS = "SELECT * FROM decisions WHERE finding_id IN (SELECT value FROM json_each(?)) ORDER BY fid"


def renew(connection: sqlite3.Connection, town_ids: Sequence[str] | None = None, today: date | None = None) -> None:
    """Set ``reviewed_verdict`` of these towns, or of all that have decisions, as all events make it; within the
    transaction of ``connection``. ``today`` tells which approvals have run out."""
    if town_ids is None:
        found = "SELECT DISTINCT f.town_id FROM findings AS f JOIN decisions AS d USING (finding_id)"
        town_ids = [town for (town,) in connection.execute(found)]
    if not town_ids:
        return
    wanted = json.dumps(sorted(set(town_ids)), ensure_ascii=False)
    towns, findings = select(connection, _TOWNS, [wanted]), select(connection, _FINDINGS, [wanted])
    facts = facts_of(connection)
    events = events_on(connection, findings["finding_id"])
    decided = lifecycle.present_decisions(events, findings, changes_of(facts), today or date.today())
    verdicts = lifecycle.reviewed_verdicts(towns, findings, select(connection, _LEDGER, [wanted]), facts, decided)
    rows = list(zip(np.asarray(verdicts, dtype=object).tolist(), towns["town_id"].tolist(), strict=True))
    know_geometry(connection)
    connection.executemany("UPDATE towns SET reviewed_verdict = ? WHERE town_id = ?", rows)


def events_on(connection: sqlite3.Connection, finding_ids: Iterable[str]) -> pd.DataFrame:
    """All events on these findings, in the order they were recorded."""
    wanted = json.dumps(list(finding_ids), ensure_ascii=False)
    return select(connection, _EVENTS, [wanted])[[field.name for field in DECISION_FIELDS]]


def facts_of(connection: sqlite3.Connection) -> dict[str, Any]:
    """The manifest of the run that made the package."""
    return {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM run")}


def changes_of(facts: Mapping[str, Any]) -> Changes:
    """What that run calls unchanged."""
    limits = (facts.get("profile") or {}).get("changes")
    return Changes(*limits) if limits else Changes()
