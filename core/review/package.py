"""The review package: one GeoPackage that holds all of a run. See docs/package.md."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyproj

from ..errors import RedlineError
from ..inputs.source import Field
from ..threads import Behind
from . import decisions
from .aside import Aside
from .bulk import ANY, MULTI_POLYGON, LayerFile
from .gpkg import MARK, connect, create_table, insert, require_rtree, statement
from .layers import LayerWriter, cannot_write
from .migrate import bring_up
from .opening import SCHEMA_VERSION, is_package, open_package
from .replace import WAIT_SECONDS, put_tables
from .reviewed import renew

__all__ = ["LAYERS", "SCHEMA_VERSION", "PackageWriter", "is_package", "open_package"]

LAYERS = ("towns", "findings", "lines", "line_conflicts", "data_issues")

# What reading by town and deciding on a finding need an index for.
_INDEXES = {
    "findings": (
        "CREATE INDEX findings_town ON findings (town_id)", "CREATE INDEX findings_finding ON findings (finding_id)",
    ),
    "towns": ("CREATE INDEX towns_town ON towns (town_id)",),
}  # fmt: skip


class PackageWriter:
    """Builds a package in a temporary GeoPackage beside ``path`` and puts it there when it is whole.

    Into a package that is there already it goes in one transaction (see `replace`), so that QGIS may hold it open;
    what people recorded there, up to that very moment, stays, and a package of an earlier version becomes one of this.

    :param wait: seconds to wait for another process that is writing to the package.

    All methods raise RedlineError and leave the target as it was: ``not_a_package`` where something else is there,
    ``package_newer``, ``package_damaged``, ``package_locked``, ``package_read_only``, ``disk_full``, ``cannot_write``,
    ``no_rtree``.
    """

    def __init__(self, path: str | Path, wait: float = WAIT_SECONDS):
        self.path, self._wait = Path(path), wait
        self._aside: Aside | None = None
        self._layers: dict[str, _PackageLayer] = {}
        # The file is built in a thread of its own; what goes wrong there shows at the next call.
        self._behind = Behind()
        self._checked = False
        require_rtree()
        self._check_target()
        try:
            self._aside = Aside(self.path)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def layer(self, name: str, fields: list[Field], crs: pyproj.CRS) -> LayerWriter:
        """A layer of `LAYERS`, made at once, to be written in as many parts as wanted; `commit` closes it."""
        if name not in LAYERS:
            raise ValueError(name)
        writer = _PackageLayer(self, name)
        writer.open(fields, crs)
        with self._aborting():
            self._behind.wait()
        self._layers[name] = writer
        return writer

    def table(self, name: str, columns: list[Field], rows: pd.DataFrame) -> None:
        """A table without geometry, with all its rows. It needs a layer to be there first."""

        def fill(connection: sqlite3.Connection) -> None:
            create_table(connection, name, columns)
            insert(connection, name, columns, rows)

        self._change(fill)

    def rows(self, name: str, columns: list[Field], rows: pd.DataFrame) -> None:
        """More rows for a table that `table` made."""
        if len(rows):
            self._change(insert, name, columns, rows)

    def carry_events(self, table: str, events: pd.DataFrame) -> None:
        """Take over events of an earlier package into a table of `decisions.EVENTS`, with its columns."""
        self._change(decisions.add_events, table, events)

    def carry_numbers(self, numbers: pd.DataFrame) -> None:
        """Take over numbers given by earlier runs (columns of `decisions.NUMBER_FIELDS`)."""
        self._change(decisions.add_numbers, numbers)

    def complete(self) -> None:
        """All is there: begin to index and check it."""
        missing = [name for name in LAYERS if name not in self._layers]
        if missing:
            raise ValueError(f"layers not made: {missing}")
        self.soon(self._finish)
        self._checked = True

    def commit(self) -> None:
        """Check what was built and put it in its place."""
        if not self._checked:
            self.complete()
        with self._aborting():
            self._behind.wait()
        # It may have come or gone since the run began.
        if self._check_target():
            first = partial(bring_up, path=self.path)
            put_tables(self._aside.path, self.path, self._wait, first, _merge, tuple(decisions.EVENTS), sweep=True)
        else:
            with self._aborting():
                self._put_new()
        self.abort()
        open_package(self.path).close()

    def abort(self) -> None:
        """Throw away what was built; does nothing after `commit`."""
        self._behind.end()
        if self._aside:
            self._aside.discard()
        self._aside = None

    def soon(self, action: Callable[..., None], *arguments: Any) -> None:
        """Do this to the file that is being built, after all that was asked for before."""
        with self._aborting():
            self._behind.call(self._explained, action, *arguments)

    def _change(self, action: Callable[..., None], *arguments: Any) -> None:
        """``action(connection, *arguments)`` in one transaction."""
        if not self._layers:
            raise ValueError("a package begins with its layers")
        self.soon(self._transaction, action, *arguments)

    def _transaction(self, action: Callable[..., None], *arguments: Any) -> None:
        with closing(connect(self._aside.path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # it is flushed to disk once, before it takes its place
            connection.execute("BEGIN")
            action(connection, *arguments)
            connection.execute("COMMIT")

    def _explained(self, action: Callable[..., None], *arguments: Any) -> None:
        try:
            action(*arguments)
        except RedlineError:
            raise
        except Exception as error:  # of pyogrio, of fiona, of SQLite or of the system
            raise cannot_write(self.path, error) from error

    @contextmanager
    def _aborting(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            self.abort()
            raise

    def _check_target(self) -> bool:
        """Whether a package is there that may be refilled."""
        if not self.path.exists():
            return False
        open_package(self.path).close()
        if not os.access(self.path, os.W_OK):
            raise RedlineError("package_read_only", path=str(self.path), reason="")
        return True

    def _finish(self) -> None:
        for layer in self._layers.values():
            layer.index()
        self._transaction(renew)  # decisions that were carried over
        self._transaction(self._check_built)

    def _check_built(self, connection: sqlite3.Connection) -> None:
        problems = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall()]
        counts = {
            name: connection.execute(statement("SELECT count(*) FROM {layer}", layer=name)).fetchone()[0]
            for name in LAYERS
        }
        # GDAL leaves them open where it appended; with them QGIS need not count.
        connection.executemany(
            "UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?",
            [(count, name) for name, count in counts.items()],
        )
        # GDAL does not tell of a disk that fills up while it closes a file: what was written is counted.
        short = [name for name, count in counts.items() if count != self._layers[name].count]
        if problems != ["ok"] or short:
            raise RedlineError("cannot_write", path=str(self.path), reason="; ".join([*problems, *short]))

    def _put_new(self) -> None:
        try:
            with open(self._aside.path, "rb+") as file:
                os.fsync(file.fileno())
            # Left by a package that was deleted while it was open: SQLite would take them for the new one's.
            for suffix in ("-wal", "-shm", "-journal"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            self._aside.put()
        except OSError as error:
            raise cannot_write(self.path, error) from error


def _merge(connection: sqlite3.Connection) -> None:
    """What people recorded in the package itself and what is carried over, and what it makes of the new run."""
    decisions.merge_events(connection)
    renew(connection)


def _index(connection: sqlite3.Connection, layer: str) -> None:
    """Sorting the rows that are there takes less time than keeping an index in order while they come."""
    for command in _INDEXES.get(layer, ()):
        connection.execute(command)


class _PackageLayer(LayerWriter):
    """A layer of the package that is being built; it has its place when the package has."""

    def __init__(self, package: PackageWriter, name: str):
        self._package, self._name = package, name
        self._file: LayerFile | None = None
        self._finished = False
        self.count = 0

    def open(self, fields: list[Field], crs: pyproj.CRS | None) -> None:
        path, first = self._package._aside.path, not self._package._layers
        # What is wrong with the data may be a point or a line.
        kind = ANY if self._name == "data_issues" else MULTI_POLYGON

        def create() -> None:
            self._file = LayerFile(path, self._name, fields, crs, kind)
            self._file.create()
            with closing(connect(path)) as connection:
                if first:
                    decisions.create(connection)
                connection.execute("UPDATE gpkg_contents SET description = ? WHERE table_name = ?", (MARK, self._name))

        self._package.soon(create)

    def write(self, frame: pd.DataFrame) -> None:
        self._package.soon(self._append, frame)

    def _append(self, frame: pd.DataFrame) -> None:
        self._file.append(frame)
        self.count += len(frame)
        if self._name == "findings":
            self._package._transaction(decisions.keep_numbers, frame)

    def finish(self) -> None:
        """All features are there: index them behind the caller."""
        self._package.soon(self.index)

    def index(self) -> None:
        if not self._finished:
            self._file.finish()
            self._package._transaction(_index, self._name)
        self._finished = True

    def close(self) -> None:
        """Nothing to do: `PackageWriter.commit` puts all layers in place together."""

    def abort(self) -> None:
        """Nothing to do: `PackageWriter.abort` throws all layers away together."""
