"""The tables of a package that outlive its runs: decisions of the reviewers and numbers once given to findings."""

from __future__ import annotations

import sqlite3

import pandas as pd

from ..inputs.source import Field
from .gpkg import MARK, insert, insert_rows, register_table

DECISIONS, NUMBERS = "decisions", "numbers"

DECISION_FIELDS = [
    Field("event_id", "text"), Field("finding_id", "text"), Field("town_id", "text"), Field("decision", "text"),
    Field("reason", "text"), Field("legal_basis", "text"), Field("author", "text"), Field("remark", "text"),
    Field("details", "text"), Field("recorded_at", "text"),
]  # fmt: skip
NUMBER_FIELDS = [
    Field("finding_id", "text"), Field("number", "text"), Field("town_id", "text"), Field("line", "text"),
]  # fmt: skip

# The triggers make the events append-only for every program that writes to the file. The one on INSERT is for
# INSERT OR REPLACE, which deletes without a delete trigger; an event that is there already is simply left as it is.
_DECISIONS = (
    """CREATE TABLE decisions (
        fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, event_id TEXT NOT NULL UNIQUE, finding_id TEXT, town_id TEXT,
        decision TEXT NOT NULL, reason TEXT, legal_basis TEXT, author TEXT, remark TEXT, details TEXT,
        recorded_at TEXT NOT NULL)""",
    "CREATE INDEX decisions_finding ON decisions (finding_id)",
    """CREATE TRIGGER decisions_known BEFORE INSERT ON decisions
        WHEN EXISTS (SELECT 1 FROM decisions WHERE event_id = NEW.event_id)
        BEGIN SELECT RAISE(IGNORE); END""",
    """CREATE TRIGGER decisions_replace BEFORE INSERT ON decisions
        WHEN EXISTS (SELECT 1 FROM decisions WHERE fid = NEW.fid AND event_id <> NEW.event_id)
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER decisions_delete BEFORE DELETE ON decisions
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
)
_NUMBERS = (
    """CREATE TABLE numbers (
        fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, finding_id TEXT NOT NULL UNIQUE, number TEXT NOT NULL,
        town_id TEXT, line TEXT)""",
    "CREATE INDEX numbers_town ON numbers (town_id)",
    "CREATE INDEX numbers_number ON numbers (number)",
)


def create(connection: sqlite3.Connection) -> None:
    for command in (*_DECISIONS, *_NUMBERS):
        connection.execute(command)
    register_table(connection, DECISIONS)
    register_table(connection, NUMBERS)


def add_decisions(connection: sqlite3.Connection, events: pd.DataFrame) -> None:
    """Append events with the columns of `DECISION_FIELDS`; those that are there already stay as they are."""
    insert(connection, DECISIONS, DECISION_FIELDS, events)


def add_numbers(connection: sqlite3.Connection, numbers: pd.DataFrame) -> None:
    """Keep numbers given by earlier runs. A finding of this run that has one of its own keeps it."""
    known = pd.DataFrame(connection.execute("SELECT finding_id FROM numbers").fetchall(), columns=["finding_id"])
    insert(connection, NUMBERS, NUMBER_FIELDS, numbers[~numbers["finding_id"].isin(known["finding_id"])])


def keep_numbers(connection: sqlite3.Connection, findings: pd.DataFrame) -> None:
    """Enter the numbers of findings of this run."""
    columns = [findings[field.name].tolist() for field in NUMBER_FIELDS]
    names = [field.name for field in NUMBER_FIELDS]
    insert_rows(connection, NUMBERS, names, columns, or_ignore=True)


def merge_decisions(connection: sqlite3.Connection) -> None:
    """Append what ``built`` carries over to the decisions of the package itself, within the same transaction."""
    connection.execute(
        "INSERT OR IGNORE INTO main.decisions (event_id, finding_id, town_id, decision, reason, legal_basis, author, "
        "remark, details, recorded_at) SELECT event_id, finding_id, town_id, decision, reason, legal_basis, author, "
        "remark, details, recorded_at FROM built.decisions ORDER BY fid"
    )
    connection.execute(
        "UPDATE main.gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), description = ? "
        "WHERE table_name = ?",
        (MARK, DECISIONS),
    )
