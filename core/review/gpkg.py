"""GeoPackage by SQLite alone: tables without geometry, and reading what other processes may change meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import shapely

from ..errors import RedlineError
from ..inputs.source import Field

APPLICATION_ID = 0x47504B47  # "GPKG"; GP10 and GP11 of older files are not ours
TYPES = {"integer": "INTEGER", "real": "REAL", "text": "TEXT", "boolean": "BOOLEAN", "date": "DATE"}
TYPES |= {"datetime": "DATETIME"}
MARK = "Redline Review"  # description in gpkg_contents of every table a run writes: what a later run may replace

# Bytes of the envelope behind the eight of a GeoPackage geometry's header, by the envelope code in its flags.
_ENVELOPE = np.array([0, 32, 48, 48, 64, 0, 0, 0])
_WAIT_SECONDS = 10.0


def statement(template: str, **names: str) -> str:
    """SQL with identifiers put in, each in double quotes. Values never go this way: they are bound."""
    return template.format(**{key: '"' + name.replace('"', '""') + '"' for key, name in names.items()})


def connect(path: Path, mode: str = "rw", wait: float = _WAIT_SECONDS, immutable: bool = False) -> sqlite3.Connection:
    """Open an existing file (``rwc`` also makes one); transactions are begun and ended by hand.

    :param wait: seconds to wait for a lock another process holds.
    """
    return sqlite3.connect(uri(path, mode, immutable), uri=True, timeout=wait, isolation_level=None)


def uri(path: Path, mode: str, immutable: bool = False) -> str:
    """The file as SQLite's URI; ``file:////server/…`` for a network path, whose host SQLite would not take."""
    place = path.absolute().as_posix()
    root = "" if place.startswith("/") else "/"
    return f"file://{root}{quote(place, safe='/:')}?mode={mode}" + ("&immutable=1" if immutable else "")


def require_rtree() -> None:
    """:raises RedlineError: ``no_rtree`` where this Python's SQLite lacks the module GeoPackages are indexed with."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING rtree(id, minx, maxx, miny, maxy)")
    except sqlite3.OperationalError as error:
        raise RedlineError("no_rtree", version=sqlite3.sqlite_version) from error
    finally:
        connection.close()


def explain(error: Exception, path: Path) -> RedlineError:
    """The error of ours that an error of SQLite or the file system stands for."""
    codes = {
        sqlite3.SQLITE_BUSY: "package_locked", sqlite3.SQLITE_LOCKED: "package_locked",
        sqlite3.SQLITE_READONLY: "package_read_only", sqlite3.SQLITE_PERM: "package_read_only",
        sqlite3.SQLITE_FULL: "disk_full", sqlite3.SQLITE_CORRUPT: "package_damaged",
        sqlite3.SQLITE_NOTADB: "not_a_geopackage",
    }  # fmt: skip
    code = codes.get(primary_code(error), "cannot_write")
    return RedlineError(code, path=str(path), reason=str(error))


def primary_code(error: Exception) -> int:
    """SQLite's primary result code; the extended one says more than is told here."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def create_table(connection: sqlite3.Connection, name: str, fields: Sequence[Field]) -> None:
    """Make a table without geometry and register it, so that QGIS lists and opens it."""
    columns = "".join(statement(", {field} " + TYPES[field.type], field=field.name) for field in fields)
    key = "(fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    connection.execute(statement("CREATE TABLE {table} ", table=name) + key + columns + ")")
    register_table(connection, name)


def register_table(connection: sqlite3.Connection, name: str) -> None:
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES (?, 'attributes', ?, ?)",
        (name, name, MARK),
    )


def insert(connection: sqlite3.Connection, name: str, fields: Sequence[Field], frame: pd.DataFrame) -> None:
    """Add the rows of ``frame``; NaN, NaT and None become NULL."""
    columns = [_plain(frame[field.name]) for field in fields]
    names = ", ".join(statement("{field}", field=field.name) for field in fields)
    command = statement("INSERT INTO {table} ", table=name) + f"({names}) VALUES ({', '.join('?' * len(fields))})"
    connection.executemany(command, zip(*columns, strict=True))


def _plain(column: pd.Series) -> list[Any]:
    """Python's own values: SQLite would store a number of numpy's as bytes."""
    pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
    values = [None if missing else value for value, missing in pairs]
    return [value.isoformat() if hasattr(value, "isoformat") else value for value in values]


def select(connection: sqlite3.Connection, command: str, values: Sequence[Any] = ()) -> pd.DataFrame:
    """All rows of a query at once, so that no lock outlives the call; columns hold Python objects."""
    cursor = connection.execute(command, values)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    return pd.DataFrame(rows, columns=names, dtype=object)


def geometries(blobs: Sequence[bytes | None]) -> np.ndarray:
    """Shapely geometries of GeoPackage blobs, shape (n,); None where there is none.

    The header (GeoPackage 1.3, 2.1.3) is ``GP``, version, flags, CRS id and an envelope, then comes plain WKB.
    """
    wkb = np.empty(len(blobs), dtype=object)
    wkb[:] = [None if blob is None else blob[8 + _ENVELOPE[blob[3] >> 1 & 7] :] for blob in blobs]
    return shapely.from_wkb(wkb)
