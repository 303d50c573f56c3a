"""Tables of a built GeoPackage put into an existing one in a single transaction, while QGIS may hold it open.

An existing file is never renamed away: QGIS's ``-wal`` and ``-shm`` files would outlive it and spoil the new one, and
Windows does not rename open files. Killed at any moment, the file holds all of the old or all of the new tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ..errors import RedlineError
from .gpkg import MARK, connect, explain, statement, uri
from .spatial_index import nodes_are_open

# Registrations of a table, beside gpkg_contents itself and gpkg_geometry_columns, which need their CRS translated.
_REGISTERED = ("gpkg_extensions", "gpkg_ogr_contents")
WAIT_SECONDS = 10.0


def put_tables(
    built: Path, target: Path, wait: float = WAIT_SECONDS, first: Callable[[sqlite3.Connection], None] | None = None,
    then: Callable[[sqlite3.Connection], None] | None = None, keep: tuple[str, ...] = (), sweep: bool = False,
) -> None:  # fmt: skip
    """Replace the tables of ``target`` by those of the same names in ``built``; all else in it stays.

    :param wait: seconds to wait for another process that is writing.
    :param first: what to do before, in the same transaction. :param then: after; ``built`` is attached under that name.
    :param keep: tables that are left as they are in ``target``.
    :param sweep: also take away tables a run wrote earlier (gpkg_contents says so) that ``built`` does not have.
    :raises RedlineError: ``package_locked``, ``package_read_only``, ``disk_full``, ``package_damaged``,
        ``not_a_geopackage``, ``cannot_write``; the target is then as it was.
    """
    try:
        with closing(connect(target, wait=wait)) as connection:
            # Freed pages are not overwritten with zeros: faster, and no secret is in them.
            connection.execute("PRAGMA secure_delete = OFF")
            if "gpkg_contents" not in _tables(connection, "main"):
                raise RedlineError("not_a_geopackage", path=str(target))
            connection.create_function("labelled", 2, _labelled, deterministic=True)
            connection.execute("ATTACH DATABASE ? AS built", (uri(built, "ro", immutable=True),))
            connection.execute("BEGIN IMMEDIATE")
            try:
                if first:
                    first(connection)
                _replace(connection, keep, sweep)
                if then:
                    then(connection)
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself where the disk was full
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    except (sqlite3.Error, OSError) as error:
        raise explain(error, target) from error


def _replace(connection: sqlite3.Connection, keep: tuple[str, ...], sweep: bool) -> None:
    contents = connection.execute("SELECT table_name FROM built.gpkg_contents").fetchall()
    new = [name for (name,) in contents if name not in keep]
    old = set(new)
    if sweep:
        ours = connection.execute("SELECT table_name FROM main.gpkg_contents WHERE description = ?", (MARK,))
        old |= {name for (name,) in ours.fetchall() if name not in keep}
    for name in sorted(old):
        _drop(connection, name)
    for name in _REGISTERED:
        _make_registry(connection, name)
    ids = _translate_crs(connection)
    for name in new:
        _copy(connection, name, ids)


def _drop(connection: sqlite3.Connection, name: str) -> None:
    # The index table goes by the name GDAL gives it; its triggers fall with the table they watch.
    columns = connection.execute(
        "SELECT column_name FROM main.gpkg_geometry_columns WHERE lower(table_name) = lower(?)", (name,)
    ).fetchall()
    for (column,) in columns:
        connection.execute(statement("DROP TABLE IF EXISTS main.{index}", index=f"rtree_{name}_{column}"))
    connection.execute(statement("DROP TABLE IF EXISTS main.{table}", table=name))
    present = _tables(connection, "main")
    for registry in ("gpkg_geometry_columns", *_REGISTERED, "gpkg_contents"):
        if registry in present:
            command = statement("DELETE FROM main.{registry} WHERE lower(table_name) = lower(?)", registry=registry)
            connection.execute(command, (name,))


def _copy(connection: sqlite3.Connection, name: str, crs_ids: dict[int, int]) -> None:
    """Table, rows, index and registrations; triggers last, they use functions that only GDAL has."""
    connection.execute(_definition(connection, "table", name))
    connection.execute(statement("INSERT INTO main.{table} SELECT * FROM built.{table}", table=name))
    spatial = connection.execute(
        "SELECT column_name, srs_id FROM built.gpkg_geometry_columns WHERE table_name = ?", (name,)
    ).fetchone()
    if spatial:
        column, crs_id = spatial
        index = f"rtree_{name}_{column}"
        connection.execute(_definition(connection, "table", index))
        _copy_index(connection, index)
        if crs_ids[crs_id] != crs_id:
            _relabel(connection, name, column, crs_ids[crs_id])
    definitions = connection.execute(
        "SELECT sql FROM built.sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql NOT NULL",
        (name,),
    ).fetchall()
    for (definition,) in definitions:
        connection.execute(definition)
    for registry in ("gpkg_contents", "gpkg_geometry_columns", *_REGISTERED):
        if registry in _tables(connection, "built"):
            _register(connection, registry, name, crs_ids)


def _copy_index(connection: sqlite3.Connection, index: str) -> None:
    """The rows of a spatial index: node by node where both files have nodes of one size, a fraction of the time."""
    size = "SELECT length(data) FROM {schema}.{node} WHERE nodeno = 1"
    both = (statement(size, schema=schema, node=f"{index}_node") for schema in ("main", "built"))
    sizes = {connection.execute(command).fetchone() for command in both}
    if len(sizes) > 1 or not nodes_are_open(connection, f"{index}_node"):
        connection.execute(statement("INSERT INTO main.{index} SELECT * FROM built.{index}", index=index))
        return
    for part in ("node", "rowid", "parent"):
        command = "INSERT OR REPLACE INTO main.{part} SELECT * FROM built.{part}"
        connection.execute(statement(command, part=f"{index}_{part}"))


def _register(connection: sqlite3.Connection, registry: str, name: str, crs_ids: dict[int, int]) -> None:
    cursor = connection.execute(
        statement("SELECT * FROM built.{registry} WHERE table_name = ?", registry=registry), (name,)
    )
    columns = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        values = dict(zip(columns, row, strict=True))
        if "srs_id" in values:
            values["srs_id"] = crs_ids.get(values["srs_id"], values["srs_id"])
        names = ", ".join(statement("{column}", column=column) for column in columns)
        command = statement("INSERT INTO main.{registry} ", registry=registry)
        connection.execute(command + f"({names}) VALUES ({', '.join('?' * len(columns))})", list(values.values()))


def _make_registry(connection: sqlite3.Connection, name: str) -> None:
    """Optional tables of GeoPackage that the target, written by another program, may lack."""
    if name not in _tables(connection, "main") and name in _tables(connection, "built"):
        connection.execute(_definition(connection, "table", name))


def _definition(connection: sqlite3.Connection, kind: str, name: str) -> str:
    row = connection.execute("SELECT sql FROM built.sqlite_master WHERE type = ? AND name = ?", (kind, name)).fetchone()
    if row is None:
        raise RedlineError("package_damaged", path="built", reason=name)
    return row[0]


def _tables(connection: sqlite3.Connection, schema: str) -> set[str]:
    command = statement("SELECT name FROM {schema}.sqlite_master WHERE type = 'table'", schema=schema)
    return {name for (name,) in connection.execute(command).fetchall()}


def _translate_crs(connection: sqlite3.Connection) -> dict[int, int]:
    """Id in the target of each CRS of ``built``, added where the target lacks it.

    CRSs without an EPSG code are numbered from 100000 in each file, so the same id may mean another CRS there.
    """
    read = (
        "SELECT srs_id, organization, organization_coordsys_id, definition, srs_name, description "
        "FROM {schema}.gpkg_spatial_ref_sys"
    )
    there = connection.execute(statement(read, schema="main")).fetchall()
    by_id = {row[0]: row for row in there}
    ids: dict[int, int] = {}
    for row in connection.execute(statement(read, schema="built")).fetchall():
        old, organization, _, definition = row[:4]
        standard = old <= 0 or str(organization).upper() == "EPSG"
        if old in by_id and (standard or by_id[old][3] == definition):
            ids[old] = old
            continue
        same = [other[0] for other in there if other[3] == definition]
        if same:
            ids[old] = same[0]
            continue
        ids[old] = old if old not in by_id else max([99_999, *by_id, *ids.values()]) + 1
        connection.execute(
            "INSERT INTO main.gpkg_spatial_ref_sys (srs_id, organization, organization_coordsys_id, definition, "
            "srs_name, description) VALUES (?, ?, ?, ?, ?, ?)",
            (ids[old], *row[1:]),
        )
    return ids


def _relabel(connection: sqlite3.Connection, name: str, column: str, crs_id: int) -> None:
    """Write the id the CRS has in this file into every geometry."""
    command = statement("UPDATE main.{table} SET {column} = labelled({column}, ?)", table=name, column=column)
    connection.execute(command, (crs_id,))


def _labelled(blob: bytes | None, crs_id: int) -> bytes | None:
    """A GeoPackage geometry of another CRS: its id stands in bytes 4 to 8, in the byte order its flags say."""
    if blob is None:
        return None
    return blob[:4] + crs_id.to_bytes(4, "little" if blob[3] & 1 else "big", signed=True) + blob[8:]
