"""Recording decisions in a package: checked, appended in one transaction, on disk when `record` returns."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
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

_TOWNS = "SELECT town_id FROM towns WHERE town_id IN (SELECT value FROM json_each(?))"
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
    open_package(path, wait).close()
    for one in decided:
        _check(one)
    if not decided:
        return []
    with writing(path, wait) as connection:
        rows = _append(connection, decided)
        renew(connection, [row["town_id"] for row in rows], today)
    return [row["event_id"] for row in rows]


@contextmanager
def writing(path: Path, wait: float) -> Iterator[sqlite3.Connection]:
    """One transaction on a package, on disk when it is left without an error; undone otherwise.

    :raises RedlineError: ``package_locked``, ``package_read_only``, ``disk_full``, ``cannot_write``.
    """
    if not os.access(path, os.W_OK):  # in WAL mode SQLite would only say that it cannot open the file
        raise RedlineError("package_read_only", path=str(path), reason="")
    try:
        with closing(connect(path, wait=wait)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _check(one: Decided) -> None:
    if one.decision not in lifecycle.DECISIONS:
        raise RedlineError("decision_unknown", decision=one.decision, known=", ".join(lifecycle.DECISIONS))
    if not (one.author or "").strip():
        raise RedlineError("decision_without_author", finding=one.finding_id or one.town_id)
    if one.decision in (EXCEPTION, FALSE_POSITIVE) and not (one.reason or "").strip():
        raise RedlineError("decision_facts_missing", finding=one.finding_id, facts="reason")
    if one.decision == EXCEPTION:
        missing = lifecycle.missing_facts(one.details)
        if missing:
            raise RedlineError("decision_facts_missing", finding=one.finding_id, facts=", ".join(missing))


def _append(connection: sqlite3.Connection, decided: Sequence[Decided]) -> list[dict[str, Any]]:
    asked = [one.finding_id for one in decided if one.finding_id is not None]
    about = [one.town_id for one in decided if one.finding_id is None]
    findings = select(connection, _FINDINGS, [_array(asked)]).drop_duplicates("finding_id").set_index("finding_id")
    towns = set(select(connection, _TOWNS, [_array(about)])["town_id"])
    # What is to be confirmed: the last decision on each finding.
    last = {event["finding_id"]: event for event in events_on(connection, asked).to_dict("records")
            if event["decision"] != VERIFIED}  # fmt: skip
    rows = []
    for one in decided:
        there = one.town_id in towns if one.finding_id is None else one.finding_id in findings.index
        if not there:
            raise RedlineError("decision_without_finding", finding=one.finding_id or one.town_id)
        own, facts = last.get(one.finding_id), dict(one.details)
        if one.finding_id is not None:
            one = replace(one, town_id=findings.at[one.finding_id, "town_id"])
            # The area at the time tells later whether the finding has outgrown the decision.
            if not one.recorded_at or "area_m2" not in facts:
                facts["area_m2"] = findings.at[one.finding_id, "area_m2"]
        if one.decision == VERIFIED:
            _check_confirmation(one, own)
            facts["confirms"] = own["event_id"]
        rows.append(_row(replace(one, details=facts)))
        if one.finding_id is not None and one.decision != VERIFIED:
            last[one.finding_id] = rows[-1]
    insert(connection, DECISIONS, DECISION_FIELDS, pd.DataFrame(rows))
    return rows


def _check_confirmation(one: Decided, own: dict[str, Any] | None) -> None:
    """A 误判 and a 销号 are confirmed by a second person."""
    if own is None or own["decision"] not in (FALSE_POSITIVE, RESOLVED):
        raise RedlineError("nothing_to_confirm", finding=one.finding_id or one.town_id)
    if same_person(own["author"], one.author):
        raise RedlineError("confirmed_by_author", finding=one.finding_id, author=one.author)


def _row(one: Decided) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    texts = {name: _sound(getattr(one, name) or "") or None for name in ("reason", "legal_basis", "remark")}
    facts = json.dumps(one.details, ensure_ascii=False, default=str) if one.details else None
    return {
        "event_id": one.event_id or str(uuid.uuid4()), "finding_id": one.finding_id, "town_id": one.town_id,
        "decision": one.decision, "author": _sound(one.author.strip()), "recorded_at": one.recorded_at or now,
        "details": facts and _sound(facts), **texts,
    }  # fmt: skip


def _sound(text: str) -> str:
    """The text with half characters, of an emoji cut in two, replaced: SQLite takes none."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _array(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def undo(one: Decided, author: str) -> Decided:
    """The event that takes a decision back: events are never deleted."""
    return Decided(one.finding_id, OPEN, author, reason="", town_id=one.town_id)
