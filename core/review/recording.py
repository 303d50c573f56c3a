"""Recording decisions in a package: checked, appended in one transaction, on disk when `record` returns."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import RedlineError
from . import lifecycle
from .decisions import DECISION_FIELDS, DECISIONS
from .gpkg import connect, explain, insert, select
from .lifecycle import EXCEPTION, FALSE_POSITIVE, OPEN, RESOLVED, VERIFIED, same_person
from .package import open_package
from .reviewed import events_on, renew

WAIT_SECONDS = 5.0

_FINDINGS = "SELECT finding_id, town_id, area_m2 FROM findings WHERE finding_id IN (SELECT value FROM json_each(?))"


@dataclass
class Decided:
    """One decision as a person makes it. ``finding_id`` None: about the town. ``details``: facts of the decision, as
    `core.review.lifecycle` asks for them. ``recorded_at``: when it was made, now where empty."""

    finding_id: str | None
    decision: str
    author: str
    reason: str = ""
    legal_basis: str = ""
    remark: str = ""
    town_id: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    event_id: str = ""
    recorded_at: str = ""


def record(
    path: str | Path, decided: Sequence[Decided], today: date | None = None, wait: float = WAIT_SECONDS
) -> list[str]:
    """Append decisions and bring the reviewed verdicts of their towns up to date; all of them or none.

    The package is asked for its state under the same lock, so that two people who write at once lose nothing and
    nobody confirms what has meanwhile been decided anew.

    :returns: the ids of the events.
    :raises RedlineError: ``decision_unknown``, ``decision_without_author``, ``decision_without_finding``,
        ``decision_facts_missing``, ``nothing_to_confirm``, ``confirmed_by_author``; and ``package_locked``,
        ``package_read_only``, ``disk_full``, ``cannot_write`` and those of `open_package`. Nothing is recorded then.
    """
    path = Path(path)
    open_package(path).close()
    for one in decided:
        _check(one)
    try:
        with closing(connect(path, wait=wait)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                ids = _append(connection, decided)
                renew(connection, [one.town_id for one in decided], today)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return ids


def _check(one: Decided) -> None:
    if one.decision not in lifecycle.DECISIONS:
        raise RedlineError("decision_unknown", decision=one.decision, known=", ".join(lifecycle.DECISIONS))
    if not one.author.strip():
        raise RedlineError("decision_without_author", finding=one.finding_id or one.town_id)
    if one.decision in (EXCEPTION, FALSE_POSITIVE) and not one.reason.strip():
        raise RedlineError("decision_facts_missing", finding=one.finding_id, facts="reason")
    if one.decision == EXCEPTION:
        missing = [name for name in lifecycle.EXCEPTION_FACTS if one.details.get(name) in (None, "")]
        if missing:
            raise RedlineError("decision_facts_missing", finding=one.finding_id, facts=", ".join(missing))


def _append(connection: sqlite3.Connection, decided: Sequence[Decided]) -> list[str]:
    wanted = json.dumps([one.finding_id for one in decided if one.finding_id], ensure_ascii=False)
    findings = select(connection, _FINDINGS, [wanted]).set_index("finding_id")
    earlier = events_on(connection, [one.finding_id for one in decided if one.finding_id]).to_dict("records")
    rows = []
    for one in decided:
        if one.finding_id is not None:
            if one.finding_id not in findings.index:
                raise RedlineError("decision_without_finding", finding=one.finding_id)
            one.town_id = findings.at[one.finding_id, "town_id"]
            # The area at the time tells later whether the finding has outgrown the decision.
            one.details.setdefault("area_m2", findings.at[one.finding_id, "area_m2"])
        _check_confirmation(one, earlier)
        rows.append(_row(one))
        earlier.append(rows[-1])
    insert(connection, DECISIONS, DECISION_FIELDS, pd.DataFrame(rows))
    return [row["event_id"] for row in rows]


def _check_confirmation(one: Decided, earlier: list[dict[str, Any]]) -> None:
    """A 误判 and a 销号 are confirmed by a second person."""
    if one.decision != VERIFIED:
        return
    own = [event for event in earlier if event["finding_id"] == one.finding_id and event["decision"] != VERIFIED]
    if not own or own[-1]["decision"] not in (FALSE_POSITIVE, RESOLVED):
        raise RedlineError("nothing_to_confirm", finding=one.finding_id)
    if same_person(own[-1]["author"], one.author):
        raise RedlineError("confirmed_by_author", finding=one.finding_id, author=one.author)


def _row(one: Decided) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    texts = {name: getattr(one, name) or None for name in ("reason", "legal_basis", "remark")}
    return {
        "event_id": one.event_id or str(uuid.uuid4()), "finding_id": one.finding_id, "town_id": one.town_id,
        "decision": one.decision, "author": one.author.strip(), "recorded_at": one.recorded_at or now,
        "details": json.dumps(one.details, ensure_ascii=False, default=str) if one.details else None, **texts,
    }  # fmt: skip


def undo(one: Decided, author: str) -> Decided:
    """The event that takes a decision back: events are never deleted."""
    return Decided(one.finding_id, OPEN, author, reason="", town_id=one.town_id)
