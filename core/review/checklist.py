"""The checklist (核对清单): questions on each town that people answer, kept and merged as decisions are."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import RedlineError
from ..profile import NO, YES, Question, Text
from .decisions import CHECKLIST, CHECKLIST_FIELDS
from .gpkg import insert, select, sound
from .opening import open_package
from .recording import WAIT_SECONDS, writing
from .reviewed import facts_of

NOT_APPLICABLE = "not_applicable"
ANSWERS = (YES, NO, NOT_APPLICABLE)
OPEN = "open"  # takes an answer back
CONTRADICTING = "contradicting"  # recorded by a merge: two people have answered differently

_TOWNS = "SELECT town_id, town_name FROM towns WHERE town_id IN (SELECT value FROM json_each(?))"
_NAMES = [field.name for field in CHECKLIST_FIELDS]
# Both sides of a merge give a disagreement the same id, so that merging back and forth adds it once.
_DISAGREEMENTS = uuid.UUID("3f1c7a0e-5d0b-4b52-9a55-8f6f0c8b7c12")


@dataclass
class Answered:
    """One answer as a person gives it. ``answer``: one of `ANSWERS`, or `OPEN` to take back what was answered;
    ``evidence``: what it rests on; ``recorded_at``: when it was given, now where empty."""

    town_id: str
    question: str
    answer: str
    author: str
    evidence: str = ""
    event_id: str = ""
    recorded_at: str = ""


@dataclass(frozen=True)
class Disagreement:
    """Two people have answered a question on a town differently, neither knowing of the other.

    ``question``: its id; ``asked``: its text, the id where the package does not have it.
    """

    town_id: str
    town_name: str
    question: str
    asked: Text
    ours: str
    our_author: str
    theirs: str
    their_author: str


def questions_of(facts: Mapping[str, Any]) -> list[Question]:
    """The questions of a package, from its manifest, in the order of the profile."""
    known = {field.name for field in fields(Question)}
    listed = (facts.get("profile") or {}).get("checklist") or []
    return [Question(**{key: value for key, value in one.items() if key in known}) for one in listed]


def present_answers(events: pd.DataFrame) -> pd.DataFrame:
    """What is answered now: a row for each town and question that has any event, in the order they first came.

    Columns ``town_id``, ``question``, ``answer`` (of `ANSWERS`, or `OPEN`), ``evidence``, ``author``, ``recorded_at``,
    texts without null, and ``unsettled``, bool: a merge has found two answers, and neither counts until one is given
    anew; ``answer`` is `OPEN` then, and ``author`` names both.

    :param events: of `decisions.CHECKLIST_FIELDS`, in the order they were recorded.
    """
    columns = ["town_id", "question", "answer", "evidence", "author", "recorded_at"]
    last = {(event["town_id"], event["question"]): event for event in events[columns].to_dict("records")}
    now = pd.DataFrame(list(last.values()), columns=columns, dtype=object).fillna("")
    unsettled = (now["answer"] == CONTRADICTING).astype(bool)
    return now.assign(answer=now["answer"].mask(unsettled, OPEN), unsettled=unsettled)


def answer(path: str | Path, answered: Sequence[Answered], wait: float = WAIT_SECONDS) -> list[str]:
    """Append answers to a package, all of them or none, on disk when it returns; the ids of the events.

    :raises RedlineError: ``checklist_unknown_answer``, ``checklist_without_town``, ``checklist_unknown_question``,
        ``decision_without_author``; and ``package_older``, ``package_locked``, ``package_read_only``, ``disk_full``,
        ``cannot_write`` and those of `open_package`. Nothing is recorded then.
    """
    path = Path(path)
    open_package(path, wait).close()
    if not answered:
        return []
    with writing(path, wait) as connection:
        towns = _town_names(connection, {one.town_id for one in answered})
        questions = {one.id for one in questions_of(facts_of(connection))}
        for one in answered:
            _check(one, towns, questions)
        rows = [_row(one) for one in answered]
        insert(connection, CHECKLIST, CHECKLIST_FIELDS, pd.DataFrame(rows))
    return [row["event_id"] for row in rows]


def _town_names(connection: sqlite3.Connection, town_ids: Iterable[str]) -> dict[str, str]:
    """Names of those towns that the package has, by their ids."""
    wanted = json.dumps(sorted(town_ids), ensure_ascii=False)
    return {town: name or town for town, name in connection.execute(_TOWNS, [wanted])}


def _check(one: Answered, towns: Mapping[str, str], questions: set[str]) -> None:
    if one.town_id not in towns:
        raise RedlineError("checklist_without_town", town=one.town_id)
    if one.question not in questions:
        raise RedlineError("checklist_unknown_question", town=towns[one.town_id], question=one.question)
    if one.answer not in (*ANSWERS, OPEN):
        allowed = ", ".join((*ANSWERS, OPEN))
        raise RedlineError("checklist_unknown_answer", town=towns[one.town_id], answer=one.answer, allowed=allowed)
    if not (one.author or "").strip():
        raise RedlineError("decision_without_author", finding=towns[one.town_id])


def _row(one: Answered) -> dict[str, Any]:
    return {
        "event_id": one.event_id or str(uuid.uuid4()), "town_id": one.town_id, "question": one.question,
        "answer": one.answer, "evidence": sound(one.evidence or "") or None, "author": sound(one.author.strip()),
        "recorded_at": one.recorded_at or _now(),
    }  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class MergedAnswers:
    """``fresh``: how many events are new here; ``known``: were here already; ``unknown``: ids of towns that this
    package does not have, whose answers were left out."""

    fresh: int
    known: int
    unknown: list[str]
    disagreements: list[Disagreement]


def merge_answers(connection: sqlite3.Connection, events: Sequence[Mapping[str, Any]]) -> MergedAnswers:
    """Append a colleague's answers, within the transaction of ``connection``. Where another answer to a question would
    hold here than at the colleague's, a disagreement is recorded: neither counts until somebody answers anew.

    :param events: of `decisions.CHECKLIST_FIELDS`, in the order they were recorded there.
    """
    asked = {event["town_id"] for event in events}
    towns = _town_names(connection, asked)
    theirs = [event for event in events if event["town_id"] in towns]
    ours = select(connection, "SELECT * FROM checklist ORDER BY fid").to_dict("records")
    known, sent = {event["event_id"] for event in ours}, {event["event_id"] for event in theirs}
    fresh = [event for event in theirs if event["event_id"] not in known]
    # The events that are new to a side come last there: what will hold here, and there once ours have been sent.
    there = _last(theirs) | _last(event for event in ours if event["event_id"] not in sent)
    here = _last(ours) | _last(fresh)
    texts = {one.id: one.question for one in questions_of(facts_of(connection))}
    rows, found = list(fresh), []
    for key in _last(theirs):
        one, other = there[key], here[key]
        if one["answer"] != other["answer"]:
            town, question = key
            sides = one["answer"], one["author"] or "", other["answer"], other["author"] or ""
            found.append(Disagreement(town, towns[town], question, texts.get(question, question), *sides))
            rows.append(_disagreement(one, other))
    if rows:
        insert(connection, CHECKLIST, CHECKLIST_FIELDS, pd.DataFrame(rows, columns=_NAMES))
    return MergedAnswers(len(fresh), len(theirs) - len(fresh), sorted(asked - set(towns)), found)


def _last(events: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The last event on each town and question."""
    return {(event["town_id"], event["question"]): event for event in events}


def _disagreement(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    one, two = sorted((one, two), key=lambda event: event["event_id"])
    return {
        "event_id": str(uuid.uuid5(_DISAGREEMENTS, f"{one['event_id']}/{two['event_id']}")),
        "town_id": one["town_id"], "question": one["question"], "answer": CONTRADICTING, "evidence": None,
        "author": f"{one['author'] or ''}, {two['author'] or ''}", "recorded_at": _now(),
    }  # fmt: skip
