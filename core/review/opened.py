"""Reading a review package."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from .decisions import CHECKLIST_FIELDS
from .gpkg import connect, explain, geometries, select, statement

_CRS = """SELECT s.organization, s.organization_coordsys_id, s.definition FROM gpkg_contents AS c
    JOIN gpkg_spatial_ref_sys AS s ON s.srs_id = c.srs_id WHERE c.table_name = 'towns'"""


_BOXES = """SELECT f.fid, b.minx, b.miny, b.maxx, b.maxy FROM {layer} AS f
    LEFT JOIN {index} AS b ON b.id = f.fid ORDER BY f.fid"""

_LINES_IN = """SELECT DISTINCT l.line FROM rtree_lines_geom AS b JOIN lines AS l ON l.fid = b.id
    WHERE b.minx <= ? AND b.maxx >= ? AND b.miny <= ? AND b.maxy >= ?"""


class Package:
    """A package open for reading, made by `open_package`. Other programs may write to it meanwhile: each call reads
    one state of it and holds no lock afterwards. Columns of data frames hold Python objects, None for null.

    ``version``: of its schema, `opening.SCHEMA_VERSION` or another.

    All methods raise RedlineError ``package_locked`` or ``package_damaged``.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, version: int):
        self.path, self.version = path, version
        self._connection = connection

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @property
    def crs(self) -> pyproj.CRS:
        """The towns' CRS, in which all layers are."""
        with self._explained():
            organization, code, definition = self._connection.execute(_CRS).fetchone()
        known = organization.upper() == "EPSG"
        return pyproj.CRS.from_user_input(f"EPSG:{code}" if known else definition)

    def towns(self, town_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """The towns asked for, all where None, with ``geometry``."""
        return self._layer("towns", town_ids)

    def findings(self, town_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """The findings of the towns asked for, all where None, with ``geometry``; no other is read."""
        return self._layer("findings", town_ids)

    def layer(self, name: str) -> pd.DataFrame:
        """All of another layer, with ``geometry``."""
        return self._layer(name)

    def decisions(self) -> pd.DataFrame:
        """All decisions, in the order in which they were recorded here."""
        return self._rows("decisions")

    def checklist(self) -> pd.DataFrame:
        """All answers to the checklist (columns of `decisions.CHECKLIST_FIELDS`), in the order in which they were
        recorded here; none in a package of version 1."""
        if self.version < 2:
            return pd.DataFrame({field.name: pd.Series(dtype=object) for field in CHECKLIST_FIELDS})
        return self._rows("checklist")

    def numbers(self, town_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """Numbers ever given, of the towns asked for: finding_id, number, town_id, line."""
        return self._rows("numbers", town_ids)

    def numbers_beginning(self, prefix: str) -> list[str]:
        """Numbers ever given that begin with ``prefix``, of whatever town."""
        # A range, because only that uses the index: the last character's successor ends it.
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        with self._explained():
            rows = self._connection.execute(
                "SELECT number FROM numbers WHERE number >= ? AND number < ?", (prefix, end)
            ).fetchall()
        return [number for (number,) in rows]

    def ledger(self) -> pd.DataFrame:
        """The area ledger, a row per town and line."""
        return self._rows("ledger")

    def table(self, name: str, town_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """A table that only some runs write (``intensity``, ``indicators``, ``land_use``, ``town_rules``), of the
        towns asked for; without rows and columns where the package has none."""
        return self._rows(name, town_ids) if self._has(name) else pd.DataFrame()

    def _has(self, table: str) -> bool:
        with self._explained():
            known = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
            return bool(self._connection.execute(known, (table,)).fetchone()[0])

    def without_geometry(self, name: str) -> pd.DataFrame:
        """A layer's columns but for its geometry, in its order."""
        with self._explained():
            listed = self._connection.execute(statement("PRAGMA table_info({table})", table=name)).fetchall()
            names = [row[1] for row in listed if row[1] not in ("fid", "geom")]
            columns = ", ".join(statement("{name}", name=one) for one in names)
            return select(
                self._connection, statement("SELECT {{}} FROM {table} ORDER BY fid", table=name).format(columns)
            )

    def boxes(self, layer: str = "findings") -> tuple[np.ndarray, np.ndarray]:
        """Ids of a layer's features, int (n,), and their bounds in the towns' CRS, float (n, 4), NaN without geometry;
        single precision, outward."""
        command = statement(_BOXES, layer=layer, index=f"rtree_{layer}_geom")
        with self._explained():
            found = select(self._connection, command)
        return found["fid"].to_numpy(np.int64), found.iloc[:, 1:].to_numpy(float)

    def shape(self, layer: str, fid: int) -> shapely.Geometry | None:
        """The geometry of one feature."""
        with self._explained():
            found = self._connection.execute(
                statement("SELECT geom FROM {layer} WHERE fid = ?", layer=layer), [fid]
            ).fetchone()
        return geometries([found[0]])[0] if found else None

    def lines_in(self, box: Sequence[float]) -> set[str]:
        """The lines of which something has bounds that touch (left, bottom, right, top), in the towns' CRS."""
        left, bottom, right, top = map(float, box)
        with self._explained():
            found = self._connection.execute(_LINES_IN, [right, left, top, bottom]).fetchall()
        return {line for (line,) in found}

    def events_since(self, fid: int) -> pd.DataFrame:
        """Decisions recorded in this file after the one with this ``fid``, with ``fid``; all where 0."""
        with self._explained():
            return select(self._connection, "SELECT * FROM decisions WHERE fid > ? ORDER BY fid", [fid])

    def of_findings(self, table: str, finding_ids: Iterable[str]) -> pd.DataFrame:
        """Rows of a table on these findings; without rows and columns where the package has no such table."""
        if not self._has(table):
            return pd.DataFrame()
        command = "SELECT * FROM {table} WHERE finding_id IN (SELECT value FROM json_each(?)) ORDER BY fid"
        with self._explained():
            ids = json.dumps(list(finding_ids), ensure_ascii=False)
            return select(self._connection, statement(command, table=table), [ids])

    def manifest(self) -> dict[str, Any]:
        """The facts of the run by their keys."""
        rows = self._rows("run")
        return {key: json.loads(value) for key, value in zip(rows["key"], rows["value"], strict=True)}

    def copy_to(self, path: Path) -> None:
        """A copy of the whole file in one state of it, with what a ``-wal`` beside it still holds.

        :raises RedlineError: also ``disk_full`` and ``cannot_write``.
        """
        with self._explained(), closing(connect(path, "rwc")) as copy:
            # Without the lock, another program's would make the backup wait for ever.
            self._connection.execute("BEGIN")
            try:
                self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                self._connection.backup(copy)
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whatever the package's mode

    def _layer(self, name: str, town_ids: Iterable[str] | None = None) -> pd.DataFrame:
        frame = self._rows(name, town_ids)
        shapes = geometries(frame.pop("geom").tolist())
        return frame.assign(geometry=shapes)

    def _rows(self, table: str, town_ids: Iterable[str] | None = None) -> pd.DataFrame:
        values: list[str] = []
        command = "SELECT * FROM {table} ORDER BY fid"
        if town_ids is not None:
            # All towns in one value: the number of values of a statement is limited.
            values.append(json.dumps([str(town) for town in town_ids], ensure_ascii=False))
            command = "SELECT * FROM {table} WHERE town_id IN (SELECT value FROM json_each(?)) ORDER BY fid"
        with self._explained():
            return select(self._connection, statement(command, table=table), values).drop(columns="fid")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
