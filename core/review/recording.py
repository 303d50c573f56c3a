"""Recording decisions in a package: checked, appended in one transaction, on disk when `record` returns."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ..errors import RedlineError
from . import lifecycle
from .decisions import DECISION_FIELDS, DECISIONS
from .gpkg import connect, explain, insert, sound
from .lifecycle import (
    CONTRADICTION,
    EXCEPTION,
    FALSE_POSITIVE,
    RESOLVED,
    UNDONE,
    VERIFIED,
    last_of,
    made_by,
    same_person,
)
from .opening import open_package, require_present
from .reviewed import events_on, renew

WAIT_SECONDS = 5.0

_TOWNS = "SELECT town_id, town_name FROM towns WHERE town_id IN (SELECT value FROM json_each(?))"
_FINDINGS = """SELECT finding_id, number, town_id, area_m2 FROM findings
    WHERE finding_id IN (SELECT value FROM json_each(?))"""
_ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode  # `json.dumps` makes one for each call


class _Finding(NamedTuple):
    number: str | None
    town_id: str
    area_m2: float | None


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
        ``decision_without_town``, ``decision_facts_missing``, ``nothing_to_confirm``, ``confirmed_by_author``,
        ``nothing_to_undo``, ``decided_by_another``, ``decided_since``, ``contradiction_not_undone``, which name the
        finding by its number; ``package_locked``, ``package_read_only``, ``disk_full``, ``cannot_write`` and those of
        `open_package`. Nothing is recorded then.
    """
    path = Path(path)
    open_package(path, wait).close()
    if not decided:
        return []
    with writing(path, wait) as connection:
        rows = _append(connection, decided)
        renew(connection, [row["town_id"] for row in rows], today)
    return [row["event_id"] for row in rows]


def undo(
    path: str | Path, finding_ids: Sequence[str], author: str, wait: float = WAIT_SECONDS, today: date | None = None,
    events: Sequence[str] = (),
) -> list[str]:  # fmt: skip
    """Take back the last event that stands on each finding, a confirmation or a decision: what was before holds again.

    Only one's own is taken back: what bears the author's name or, whatever name it bears, is among ``events``. Nothing
    is deleted: that it was taken back is an event as well. A finding that is named twice loses two. For all findings
    or for none; the ids of the events.

    :param events: the event to be taken back on each finding, as `record` has returned them; where another stands last
        by now, nothing is. Without them it is whichever stands last.
    :raises RedlineError: those of `record`.
    """
    meant = [{"undoes": event} for event in events] or [{} for _ in finding_ids]
    taken = [Decided(one, UNDONE, author, details=facts) for one, facts in zip(finding_ids, meant, strict=True)]
    return record(path, taken, today, wait)


@contextmanager
def writing(path: Path, wait: float) -> Iterator[sqlite3.Connection]:
    """One transaction on a package, on disk when it is left without an error; undone otherwise.

    :raises RedlineError: ``package_older``, ``package_newer``, ``package_locked``, ``package_read_only``,
        ``disk_full``, ``cannot_write``.
    """
    if not os.access(path, os.W_OK):  # in WAL mode SQLite would only say that it cannot open the file
        raise RedlineError("package_read_only", path=str(path), reason="")
    try:
        with closing(connect(path, wait=wait)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            # Pages of a large transaction written before its end would keep readers out until then.
            connection.execute("PRAGMA cache_spill = OFF")
            connection.execute("BEGIN IMMEDIATE")
            try:
                require_present(connection, path)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _append(connection: sqlite3.Connection, decided: Sequence[Decided]) -> list[dict[str, Any]]:
    asked = [one.finding_id for one in decided if one.finding_id is not None]
    about = [one.town_id for one in decided if one.finding_id is None]
    findings: dict[str | None, _Finding] = {}
    for finding_id, *known in connection.execute(_FINDINGS, [_array(asked)]):
        findings.setdefault(finding_id, _Finding(*known))
    towns = dict(connection.execute(_TOWNS, [_array(about)])) if about else {}
    stand: dict[str | None, list[dict[str, Any]]] = {}
    for event in lifecycle.records(lifecycle.standing(events_on(connection, asked))):
        stand.setdefault(event["finding_id"], []).append(event)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    rows = []
    for one in decided:
        finding = findings.get(one.finding_id)
        name = _name(one, finding, towns)
        _check(one, name)
        own = stand.get(one.finding_id, [])
        facts = _facts(one, name, finding, own)
        rows.append(_row(one, finding.town_id if finding is not None else one.town_id, facts, now))
        if one.decision == UNDONE:
            stand[one.finding_id] = [event for event in own if event["event_id"] != facts["undoes"]]
        elif finding is not None:
            stand[one.finding_id] = [*own, rows[-1]]
    insert(connection, DECISIONS, DECISION_FIELDS, pd.DataFrame(rows))
    return rows


def _name(one: Decided, finding: _Finding | None, towns: dict[str, str]) -> str:
    """How people call what is decided on: the finding's number (图斑编号), the town's name."""
    if one.finding_id is None:
        if one.town_id not in towns:
            raise RedlineError("decision_without_town", town=one.town_id)
        return towns[one.town_id] or one.town_id
    if finding is None:
        raise RedlineError("decision_without_finding", finding=one.finding_id)
    return finding.number or one.finding_id


def _check(one: Decided, name: str) -> None:
    if one.decision not in lifecycle.DECISIONS:
        raise RedlineError("decision_unknown", finding=name, decision=one.decision, known=lifecycle.DECISIONS)
    if not (one.author or "").strip():
        raise RedlineError("decision_without_author", finding=name)
    missing = lifecycle.missing_facts(one.details) if one.decision == EXCEPTION else []
    if one.decision in (EXCEPTION, FALSE_POSITIVE) and not (one.reason or "").strip():
        missing.insert(0, "reason")
    if missing:
        raise RedlineError("decision_facts_missing", finding=name, facts=missing)


def _facts(one: Decided, name: str, finding: _Finding | None, own: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The details with the facts that the plugin enters. ``own``: the events that stand on the finding."""
    facts = dict(one.details)
    if one.decision == UNDONE:
        facts["undoes"] = _to_undo(one, own, name)["event_id"]
    elif finding is not None and (not one.recorded_at or "area_m2" not in facts):
        # The area at the time tells later whether the finding has outgrown the decision.
        facts["area_m2"] = finding.area_m2
    if one.decision == VERIFIED:
        facts["confirms"] = _to_confirm(one, own, name)["event_id"]
    return facts


def _to_confirm(one: Decided, own: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """The 误判 or 已整改 that a second person confirms."""
    last, _ = last_of(own)
    if last is None or last["decision"] not in (FALSE_POSITIVE, RESOLVED):
        raise RedlineError("nothing_to_confirm", finding=name)
    if same_person(last["author"], one.author):
        raise RedlineError("confirmed_by_author", finding=name, author=one.author)
    return last


def _to_undo(one: Decided, own: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """The confirmation that holds, or else the last decision: of the one who takes it back."""
    last, confirmation = last_of(own)
    meant = one.details.get("undoes")
    if last is None or (meant and meant not in {event["event_id"] for event in own}):
        raise RedlineError("nothing_to_undo", finding=name)
    if last["decision"] == CONTRADICTION:  # which of the two came last differs between the desks
        raise RedlineError("contradiction_not_undone", finding=name)
    stands = confirmation or last
    if meant and stands["event_id"] != meant:
        raise RedlineError("decided_since", finding=name, author=stands["author"] or "—")
    if not meant and not made_by(stands["author"], one.author):
        raise RedlineError("decided_by_another", finding=name, author=stands["author"] or "—")
    return stands


def _row(one: Decided, town_id: str, details: dict[str, Any], now: str) -> dict[str, Any]:
    facts = _ENCODE(details) if details else None
    return {
        "event_id": one.event_id or str(uuid.uuid4()), "finding_id": one.finding_id, "town_id": town_id,
        "decision": one.decision, "reason": _kept(one.reason), "legal_basis": _kept(one.legal_basis),
        "author": _kept(one.author.strip()), "remark": _kept(one.remark), "details": _kept(facts),
        "recorded_at": one.recorded_at or now,
    }  # fmt: skip


def _kept(text: str | None) -> str | None:
    return sound(text) if text else None


def _array(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
