"""Packages of earlier versions of the schema brought to the present one, step by step."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from ..errors import RedlineError
from ..profile import load_profile
from .aside import Aside
from .decisions import create_checklist
from .gpkg import connect, explain
from .layers import cannot_write
from .opening import SCHEMA_VERSION, open_package, refused, version_of
from .replace import WAIT_SECONDS

_BESIDE = ("", "-wal", "-shm", "-journal")  # a file of that name, or what one that was deleted has left


def _to_2(connection: sqlite3.Connection) -> None:
    """The checklist, and an index for decisions. Rules of that time could not hold a checklist, so its questions are
    the national ones."""
    create_checklist(connection)
    connection.execute("CREATE INDEX findings_finding ON findings (finding_id)")
    row = connection.execute("SELECT value FROM run WHERE key = 'profile'").fetchone()
    profile = (json.loads(row[0]) if row else None) or {}
    profile["checklist"] = [asdict(question) for question in load_profile().checklist]
    values = {"key": "profile", "value": json.dumps(profile, ensure_ascii=False)}
    connection.execute("DELETE FROM run WHERE key = :key", values)
    connection.execute("INSERT INTO run (key, value) VALUES (:key, :value)", values)


# By the version that a step starts from. A step is never changed once its version has been in use.
STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _to_2}


def bring_up(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the package at ``path`` to the present version, within the transaction of ``connection``.

    :raises RedlineError: ``package_newer``, ``not_a_package``.
    """
    version = version_of(connection)
    if version is None or version > SCHEMA_VERSION:
        raise refused(path, version)
    for earlier in range(version, SCHEMA_VERSION):
        STEPS[earlier](connection)
    connection.execute("UPDATE run SET value = ? WHERE key = 'schema_version'", (json.dumps(SCHEMA_VERSION),))


def migrated(path: str | Path, wait: float = WAIT_SECONDS) -> Path:
    """A copy of an earlier package beside it, brought to the present version; the package itself stays as it is.

    :returns: the copy, named after the version (成果_v2.gpkg, 成果_v2_2.gpkg where that is taken); ``path`` itself
        where it is of the present version.
    :raises RedlineError: ``package_read_only`` where nothing may be written beside the package, ``disk_full``,
        ``cannot_write``, ``package_damaged``, those of `open_package`. Nothing is left behind then.
    """
    path = Path(path)
    with open_package(path, wait) as package:
        if package.version == SCHEMA_VERSION:
            return path
        target = _free(path)
        try:
            aside = Aside(target)
        except OSError as error:
            raise _not_written(target, error) from error
        try:
            before = len(package.decisions())
            package.copy_to(aside.path)
            _bring_up_copy(aside.path, path, before)
            with open(aside.path, "rb+") as file:
                os.fsync(file.fileno())
            return _put(aside.path, path)
        except OSError as error:
            raise _not_written(target, error) from error
        finally:
            aside.discard()


def _bring_up_copy(copy: Path, path: Path, events: int) -> None:
    """Bring it up in one transaction, then see that it is whole and has lost none of so many decisions."""
    try:
        with closing(connect(copy)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            bring_up(connection, path)
            connection.execute("COMMIT")
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall()]
            (kept,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    if problems != ["ok"]:
        raise RedlineError("package_damaged", path=str(path), reason="; ".join(problems))
    if kept < events:
        raise RedlineError("cannot_write", path=str(path), reason=f"{kept} / {events}")


def _put(copy: Path, path: Path) -> Path:
    """Move the copy to a name beside ``path`` that nobody has taken meanwhile."""
    while True:
        target = _free(path)
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            os.replace(copy, target)
        except OSError:
            target.unlink()
            raise
        return target


def _free(path: Path) -> Path:
    count = 1
    while True:
        end = f"_v{SCHEMA_VERSION}" + (f"_{count}" if count > 1 else "")
        target = path.with_name(path.stem + end + path.suffix)
        if not any(os.path.lexists(f"{target}{suffix}") for suffix in _BESIDE):
            return target
        count += 1


def _not_written(target: Path, error: OSError) -> RedlineError:
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return RedlineError("package_read_only", path=str(target.parent), reason=str(error))
    if error.errno == errno.ENOSPC:
        return RedlineError("disk_full", path=str(target), reason=str(error))
    return cannot_write(target, error)
