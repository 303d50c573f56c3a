"""Decisions and answers to the checklist that travel: written to a small file, taken to a colleague, merged back.
Nothing twice, nothing lost."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import RedlineError
from .aside import Aside
from .checklist import ANSWERS, CONTRADICTING, OPEN, Disagreement, merge_answers
from .decisions import CHECKLIST, CHECKLIST_FIELDS, DECISION_FIELDS, DECISIONS
from .gpkg import insert, select, sound
from .layers import cannot_write
from .lifecycle import CONTRADICTION, VERIFIED, standing
from .lifecycle import DECISIONS as KNOWN
from .opening import open_package
from .recording import WAIT_SECONDS, writing
from .reviewed import events_on, renew

FORMAT, VERSION = "redline_decisions", 2  # 1 had no answers
_NAMES = [one.name for one in DECISION_FIELDS]
_NEEDED = ("event_id", "decision", "author", "recorded_at")
_ANSWER_NAMES = [one.name for one in CHECKLIST_FIELDS]
_NEEDED_OF_ANSWERS = ("event_id", "town_id", "question", "answer", "author", "recorded_at")
# Both sides of a merge give a contradiction the same id, so that merging back and forth adds it once.
_CONTRADICTIONS = uuid.UUID("6f0a51a6-2f0e-4a4c-9d0b-0d9b6c6b7a51")


@dataclass(frozen=True)
class Contradiction:
    """Two people have decided differently on one finding, neither knowing of the other."""

    finding_id: str
    number: str
    ours: str
    our_author: str
    theirs: str
    their_author: str


@dataclass
class Merged:
    """``merged``: events that are new here, decisions and answers; ``known``: that were here already; ``unknown``: ids
    of findings that this package does not have, ``unknown_towns``: of towns, whose events were left out."""

    merged: int = 0
    known: int = 0
    unknown: list[str] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    unknown_towns: list[str] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)


def export_decisions(package: str | Path, target: str | Path) -> int:
    """Write all decisions of a package, and all answers to its checklist, to a JSON file; how many events.

    :raises RedlineError: those of `open_package`; ``cannot_write``.
    """
    target = Path(target)
    with open_package(package) as opened:
        events, answers, facts = opened.decisions(), opened.checklist(), opened.manifest()
    rows, answered = _rows(events, _NAMES), _rows(answers, _ANSWER_NAMES)
    content = {FORMAT: VERSION, "run_id": facts.get("run_id"), "events": rows, CHECKLIST: answered}
    try:
        aside = Aside(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    try:
        aside.path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        aside.put()
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        aside.discard()
    return len(rows) + len(answered)


def _rows(events: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    events = events.reindex(columns=names).astype(object)
    return events.where(events.notna(), None).to_dict("records")


def copy_package(package: str | Path, target: str | Path) -> None:
    """A copy of a package, whole and in one file, to take along; decisions made in it are merged back later.

    Into a file that is there already it goes by SQLite's backup: QGIS may hold that open.

    :raises RedlineError: ``package_copied_to_itself``, ``disk_full``, ``cannot_write``, those of `open_package`.
    """
    package, target = Path(package), Path(target)
    with open_package(package, newer=True) as opened:
        if target.exists():
            if target.samefile(package):
                raise RedlineError("package_copied_to_itself", path=str(package))
            opened.copy_to(target)
            return
        try:
            aside = Aside(target)
        except OSError as error:
            raise cannot_write(target, error) from error
        try:
            opened.copy_to(aside.path)
            aside.put()
        except OSError as error:
            raise cannot_write(target, error) from error
        finally:
            aside.discard()


def merge_decisions(package: str | Path, source: str | Path, wait: float = WAIT_SECONDS) -> Merged:
    """Append the decisions and answers of a file to a package, in one transaction.

    Where both sides have decided on a finding since they parted, and differently, all events are kept and a
    contradiction is recorded: until somebody decides anew, neither counts. The same goes for answers to a question.

    :raises RedlineError: ``decisions_unreadable``, ``decisions_not_ours``, ``decisions_newer``, ``decisions_damaged``,
        ``decisions_of_other_review`` where none is on a finding or town of this package; those of `open_package` and
        `record`.
    """
    package, source = Path(package), Path(source)
    events, answers = _read(source)
    open_package(package, wait).close()
    with writing(package, wait) as connection:
        merged, of_answers = _merge(connection, events, source), merge_answers(connection, answers)
        if answers and not events and len(of_answers.unknown) == len({one["town_id"] for one in answers}):
            raise RedlineError("decisions_of_other_review", path=str(source))
    merged.merged += of_answers.fresh
    merged.known += of_answers.known
    merged.unknown_towns, merged.disagreements = of_answers.unknown, of_answers.disagreements
    return merged


def _read(source: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The events of a file, decisions and answers."""
    try:
        content = json.loads(source.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RedlineError("decisions_unreadable", path=str(source), reason=str(error)) from error
    except ValueError as error:
        raise RedlineError("decisions_not_ours", path=str(source)) from error
    if not isinstance(content, dict) or FORMAT not in content or not isinstance(content.get("events"), list):
        raise RedlineError("decisions_not_ours", path=str(source))
    if content[FORMAT] not in range(1, VERSION + 1):
        raise RedlineError("decisions_newer", path=str(source), version=content[FORMAT])
    answers = content.get(CHECKLIST, [])
    if not isinstance(answers, list):
        raise RedlineError("decisions_not_ours", path=str(source))
    decided = _checked(source, content["events"], _NAMES, _NEEDED, "decision", (*KNOWN, CONTRADICTION))
    known = (*ANSWERS, OPEN, CONTRADICTING)
    return decided, _checked(source, answers, _ANSWER_NAMES, _NEEDED_OF_ANSWERS, "answer", known)


def _checked(
    source: Path, events: list[Any], names: list[str], needed: Sequence[str], what: str, known: Sequence[str]
) -> list[dict[str, Any]]:
    """Events with these names, each with a text for what is needed, one of those known for ``what``."""
    for number, event in enumerate(events, 1):
        whole = isinstance(event, dict) and all(event.get(name) for name in needed)
        if not whole or not all(isinstance(event.get(name), str | None) for name in names) or event[what] not in known:
            raise RedlineError("decisions_damaged", path=str(source), event=number)
    return [{name: event.get(name) and sound(event[name]) for name in names} for event in events]


def _merge(connection: sqlite3.Connection, events: list[dict[str, Any]], source: Path) -> Merged:
    wanted = sorted({event["finding_id"] for event in events if event["finding_id"]})
    findings = select(
        connection,
        "SELECT finding_id, number, town_id FROM findings WHERE finding_id IN (SELECT value FROM json_each(?))",
        [json.dumps(wanted, ensure_ascii=False)],
    ).drop_duplicates("finding_id")
    findings = findings.set_index("finding_id")
    if wanted and not len(findings):
        raise RedlineError("decisions_of_other_review", path=str(source))
    merged = Merged(unknown=[one for one in wanted if one not in findings.index])
    ids = json.dumps([event["event_id"] for event in events])
    here = set(select(connection, "SELECT event_id FROM decisions WHERE event_id IN (SELECT value FROM json_each(?))",
                      [ids])["event_id"])  # fmt: skip
    ours = events_on(connection, list(findings.index))
    usable = [event for event in events if not event["finding_id"] or event["finding_id"] in findings.index]
    fresh = [event for event in usable if event["event_id"] not in here]
    merged.known, merged.merged = len(usable) - len(fresh), len(fresh)
    rows = [*fresh]
    for mine, other in _contradictions(ours.to_dict("records"), usable):
        finding = mine["finding_id"]
        merged.contradictions.append(
            Contradiction(
                finding, findings.at[finding, "number"], mine["decision"], mine["author"], other["decision"],
                other["author"],
            )
        )  # fmt: skip
        rows.append(_recorded(mine, other))
    if rows:
        insert(connection, DECISIONS, DECISION_FIELDS, pd.DataFrame(rows, columns=_NAMES))
        renew(connection, sorted({findings.at[row["finding_id"], "town_id"] for row in rows if row["finding_id"]}))
    return merged


def _contradictions(
    ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Our and their decision on each finding where another would be the last one here than at the other desk: each has
    its own events first, and then those of the other that it did not know."""
    here, there = (_last_decisions([*first, *then]) for first, then in ((ours, theirs), (theirs, ours)))
    return [(mine, here[one]) for one, mine in there.items() if one and _content(mine) != _content(here[one])]


def _last_decisions(events: Sequence[dict[str, Any]]) -> dict[str | None, dict[str, Any]]:
    """By finding, of the events that stand: what either side has taken back contradicts nothing."""
    held = standing(pd.DataFrame(events, columns=_NAMES, dtype=object).drop_duplicates("event_id"))
    return {event["finding_id"]: event for event in held.to_dict("records") if event["decision"] != VERIFIED}


def _content(event: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(event[name] or "" for name in ("decision", "reason", "legal_basis", "details"))


def _recorded(mine: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    one, two = sorted((mine["event_id"], other["event_id"]))
    return {
        "event_id": str(uuid.uuid5(_CONTRADICTIONS, f"{one}/{two}")), "finding_id": mine["finding_id"],
        "town_id": mine["town_id"], "decision": CONTRADICTION, "author": f"{mine['author']}, {other['author']}",
        "reason": None, "legal_basis": None, "remark": None, "details": json.dumps({"events": [one, two]}),
        "recorded_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }  # fmt: skip
