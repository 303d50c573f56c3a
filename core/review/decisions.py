"""The tables of a package that outlive its runs: what reviewers decide and answer, numbers once given to findings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import pandas as pd

from ..inputs.source import Field
from .gpkg import MARK, insert, insert_rows, register_table, statement

DECISIONS, CHECKLIST, NUMBERS = "decisions", "checklist", "numbers"

DECISION_FIELDS = [
    Field("event_id", "text"), Field("finding_id", "text"), Field("town_id", "text"), Field("decision", "text"),
    Field("reason", "text"), Field("legal_basis", "text"), Field("author", "text"), Field("remark", "text"),
    Field("details", "text"), Field("recorded_at", "text"),
]  # fmt: skip
CHECKLIST_FIELDS = [
    Field("event_id", "text"), Field("town_id", "text"), Field("question", "text"), Field("answer", "text"),
    Field("evidence", "text"), Field("author", "text"), Field("recorded_at", "text"),
]  # fmt: skip
NUMBER_FIELDS = [
    Field("finding_id", "text"), Field("number", "text"), Field("town_id", "text"), Field("line", "text"),
]  # fmt: skip

EVENTS = {DECISIONS: DECISION_FIELDS, CHECKLIST: CHECKLIST_FIELDS}  # what people record: only ever appended

_DECISIONS = (
    """CREATE TABLE decisions (
        fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, event_id TEXT NOT NULL UNIQUE, finding_id TEXT, town_id TEXT,
        decision TEXT NOT NULL, reason TEXT, legal_basis TEXT, author TEXT, remark TEXT, details TEXT,
        recorded_at TEXT NOT NULL)""",
    "CREATE INDEX decisions_finding ON decisions (finding_id)",
)
_CHECKLIST = (
    """CREATE TABLE checklist (
        fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, event_id TEXT NOT NULL UNIQUE, town_id TEXT NOT NULL,
        question TEXT NOT NULL, answer TEXT NOT NULL, evidence TEXT, author TEXT, recorded_at TEXT NOT NULL)""",
    "CREATE INDEX checklist_town ON checklist (town_id)",
)
# They make events append-only for every program that writes to the file. The one on INSERT is for INSERT OR REPLACE,
# which deletes without a delete trigger; an event that is there already is simply left as it is.
_APPEND_ONLY = {
    "known": """CREATE TRIGGER {name} BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE event_id = NEW.event_id)
        BEGIN SELECT RAISE(IGNORE); END""",
    "replace": """CREATE TRIGGER {name} BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE fid = NEW.fid AND event_id <> NEW.event_id)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    "update": """CREATE TRIGGER {name} BEFORE UPDATE ON {table}
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    "delete": """CREATE TRIGGER {name} BEFORE DELETE ON {table}
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
}
_NUMBERS = (
    """CREATE TABLE numbers (
        fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, finding_id TEXT NOT NULL UNIQUE, number TEXT NOT NULL,
        town_id TEXT, line TEXT)""",
    "CREATE INDEX numbers_town ON numbers (town_id)",
    "CREATE INDEX numbers_number ON numbers (number)",
)


def create(connection: sqlite3.Connection) -> None:
    """The tables in a new package."""
    _create(connection, DECISIONS, _DECISIONS)
    _protect(connection, DECISIONS)
    create_checklist(connection)
    _create(connection, NUMBERS, _NUMBERS)


def create_checklist(connection: sqlite3.Connection) -> None:
    """The table of answers, which packages of version 1 lack."""
    _create(connection, CHECKLIST, _CHECKLIST)
    _protect(connection, CHECKLIST)


def _create(connection: sqlite3.Connection, table: str, commands: Iterable[str]) -> None:
    for command in commands:
        connection.execute(command)
    register_table(connection, table)


def _protect(connection: sqlite3.Connection, table: str) -> None:
    for what, trigger in _APPEND_ONLY.items():
        connection.execute(statement(trigger, name=f"{table}_{what}", table=table))


def add_events(connection: sqlite3.Connection, table: str, events: pd.DataFrame) -> None:
    """Append to one of `EVENTS` what has its columns; events that are there already stay as they are."""
    insert(connection, table, EVENTS[table], events)


def add_numbers(connection: sqlite3.Connection, numbers: pd.DataFrame) -> None:
    """Keep numbers given by earlier runs. A finding of this run that has one of its own keeps it."""
    known = pd.DataFrame(connection.execute("SELECT finding_id FROM numbers").fetchall(), columns=["finding_id"])
    insert(connection, NUMBERS, NUMBER_FIELDS, numbers[~numbers["finding_id"].isin(known["finding_id"])])


def keep_numbers(connection: sqlite3.Connection, findings: pd.DataFrame) -> None:
    """Enter the numbers of findings of this run."""
    columns = [findings[field.name].tolist() for field in NUMBER_FIELDS]
    names = [field.name for field in NUMBER_FIELDS]
    insert_rows(connection, NUMBERS, names, columns, or_ignore=True)


def merge_events(connection: sqlite3.Connection) -> None:
    """Append what ``built`` carries over to the events of the package itself, within the same transaction."""
    for table, fields in EVENTS.items():
        names = ", ".join(statement("{name}", name=field.name) for field in fields)
        command = "INSERT OR IGNORE INTO main.{table} ({{0}}) SELECT {{0}} FROM built.{table} ORDER BY fid"
        connection.execute(statement(command, table=table).format(names))
        connection.execute(
            "UPDATE main.gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), description = ? "
            "WHERE table_name = ?",
            (MARK, table),
        )
