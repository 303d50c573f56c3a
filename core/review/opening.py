"""Opening a review package: whether it is one, and of which version of the schema."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from ..errors import RedlineError
from . import decisions
from .gpkg import APPLICATION_ID, connect, explain, primary_code
from .opened import Package
from .replace import WAIT_SECONDS

SCHEMA_VERSION = 2


def open_package(path: str | Path, wait: float = WAIT_SECONDS, newer: bool = False) -> Package:
    """Open a package of this or an earlier version for reading; use as a context manager.

    :param newer: one of a later version too; what it has that this version does not know is not seen.
    :raises RedlineError: ``no_package``, ``not_a_package``, ``package_newer``, ``package_damaged``, ``package_locked``.
    """
    path = Path(path)
    if not path.is_file():
        raise RedlineError("no_package", path=str(path))
    try:
        connection = _readable(path, wait)
    except sqlite3.Error as error:
        raise _not_opened(error, path) from error
    try:
        version = version_of(connection)
    except (sqlite3.Error, ValueError) as error:
        connection.close()
        raise _not_opened(error, path) from error
    if version is None or (version > SCHEMA_VERSION and not newer):
        connection.close()
        raise refused(path, version)
    return Package(path, connection, version)


def is_package(path: str | Path) -> bool:
    """Whether a review package of ours, of whatever version, is at ``path``; a damaged one raises RedlineError."""
    if not Path(path).exists():
        return False
    try:
        open_package(path, newer=True).close()
    except RedlineError as error:
        if error.code in ("not_a_package", "no_package"):
            return False
        raise
    return True


def require_present(connection: sqlite3.Connection, path: Path) -> None:
    """What is recorded goes into packages of this version only: another one would lose or misunderstand it.

    :raises RedlineError: ``package_older``, ``package_newer``, ``not_a_package``.
    """
    version = version_of(connection)
    if version != SCHEMA_VERSION:
        raise refused(path, version)


def version_of(connection: sqlite3.Connection) -> int | None:
    """Version of the package's schema; None where it is no package of ours.

    It stands in the table ``run``: SQLite's own ``user_version`` holds that of GeoPackage. Raises ValueError where it
    cannot be read.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}
    if application != APPLICATION_ID or not {"run", decisions.DECISIONS, "gpkg_contents"} <= tables:
        return None
    columns = {row[1] for row in connection.execute("PRAGMA table_info(run)").fetchall()}
    if not {"key", "value"} <= columns:
        return None
    row = connection.execute("SELECT value FROM run WHERE key = 'schema_version'").fetchone()
    if row is None:
        return None
    version = json.loads(row[0] or "null")
    if type(version) is not int or version < 1:
        raise ValueError(f"schema_version {row[0]}")
    return version


def refused(path: Path, version: int | None) -> RedlineError:
    """The error for what is no package, or one of another version than the present."""
    if version is None:
        return RedlineError("not_a_package", path=str(path))
    code = "package_newer" if version > SCHEMA_VERSION else "package_older"
    return RedlineError(code, path=str(path), version=version)


def _readable(path: Path, wait: float) -> sqlite3.Connection:
    """Opened so that a half-done transaction of a killed program is rolled back; on read-only media as they are."""
    # A file opened for writing falls back to reading by itself where it may not be written.
    connection = connect(path, "rw", wait)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return connection
    except sqlite3.Error as error:
        connection.close()
        # In WAL mode even a reader makes a file beside the package, which read-only media do not allow.
        blocked = primary_code(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        journal = path.with_name(path.name + "-journal")
        if not blocked or (journal.exists() and journal.stat().st_size > 0):
            raise
    return connect(path, "ro", wait, immutable=True)


def _not_opened(error: Exception, path: Path) -> RedlineError:
    if isinstance(error, ValueError):
        return RedlineError("package_damaged", path=str(path), reason=str(error))
    known = explain(error, path)
    if known.code == "not_a_geopackage":
        return RedlineError("not_a_package", path=str(path))
    return known if known.code == "package_locked" else RedlineError("package_damaged", **known.details)
