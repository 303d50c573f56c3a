"""The spatial index of a GeoPackage layer made in one go: ten times as fast as SQLite's R-tree takes rows in.

The index is a virtual table that keeps its nodes in three tables of its own; they are written here as SQLite lays them
out (its source, ext/rtree/rtree.c, "Database Format of R-Tree Tables"), with rows that lie together in one node.
`rtreecheck` of SQLite finds it sound (tests).
"""

from __future__ import annotations

import sqlite3

import numpy as np

from .gpkg import insert_rows, statement

_ROWS = 100_000  # sorted at a time, so that memory does not grow with the layer
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", 4)])
_HEAD = 4  # bytes before the cells of a node: depth of the tree (in the root alone), number of cells


def fill_index(connection: sqlite3.Connection, layer: str, column: str, boxes: np.ndarray) -> None:
    """Make the index ``rtree_<layer>_<column>``, which is there without a row, hold all features of the layer.

    :param boxes: `outward` of the features' bounds in the order of their keys, which count from 1.
    """
    index = f"rtree_{layer}_{column}"
    node, rowid, parent = (f"{index}_{name}" for name in ("node", "rowid", "parent"))
    keys = np.flatnonzero(~np.isnan(boxes[:, 0]))
    if not nodes_are_open(connection, node):
        rows = ((key + 1, *box) for key, box in zip(keys.tolist(), boxes[keys].tolist(), strict=True))
        connection.executemany(statement("INSERT INTO {index} VALUES (?, ?, ?, ?, ?)", index=index), rows)
        return
    size = connection.execute(statement("SELECT length(data) FROM {node} WHERE nodeno = 1", node=node)).fetchone()[0]
    nodes = _Nodes(connection, node, size)
    level: list[np.ndarray] = []
    for start in range(0, len(keys), _ROWS):
        some = keys[start : start + _ROWS]
        cells = np.zeros(len(some), dtype=_CELL)
        cells["id"], cells["box"] = some + 1, boxes[some]
        made, order, number = nodes.write(cells)
        insert_rows(connection, rowid, ("rowid", "nodeno"), (cells["id"][order].tolist(), number.tolist()))
        level.append(made)

    def link(nodes: np.ndarray, above: np.ndarray) -> None:
        insert_rows(connection, parent, ("nodeno", "parentnode"), (nodes.tolist(), above.tolist()))

    depth = 0
    cells = np.concatenate(level) if level else np.zeros(0, dtype=_CELL)
    if len(cells) == 1:
        # SQLite never has a root with one node below it, and calls the file damaged when a row of such a tree changes.
        nodes.raise_to_root(int(cells["id"][0]))
        connection.execute(statement("UPDATE {rowid} SET nodeno = 1", rowid=rowid))
        return
    while len(cells) > nodes.capacity:
        made, order, number = nodes.write(cells)
        link(cells["id"][order], number)
        cells, depth = made, depth + 1
    nodes.write_root(cells, depth + bool(level))
    link(cells["id"], np.ones(len(cells), dtype=np.int64))


def nodes_are_open(connection: sqlite3.Connection, node: str) -> bool:
    """Whether this SQLite lets an index's own tables be written; some are built to forbid it."""
    try:
        connection.execute(statement("UPDATE {node} SET data = data WHERE nodeno = 1", node=node))
    except sqlite3.OperationalError:
        return False
    return True


class _Nodes:
    """Writes nodes of ``size`` bytes, numbered from 2; number 1 is the root."""

    def __init__(self, connection: sqlite3.Connection, table: str, size: int):
        self._connection, self._table, self._size, self._next = connection, table, size, 2
        self.capacity = (size - _HEAD) // _CELL.itemsize

    def write(self, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Put cells into nodes; :returns: the cells of these nodes for the level above, and of each cell, in the order
        returned second, the number of its node."""
        order = _packed(cells["box"].astype(float), self.capacity)
        node = np.arange(len(cells)) // self.capacity
        starts = np.arange(0, len(cells), self.capacity)
        box = cells["box"][order].astype("f4")
        above = np.zeros(len(starts), dtype=_CELL)
        above["id"] = self._next + np.arange(len(starts))
        above["box"][:, 0::2] = np.minimum.reduceat(box[:, 0::2], starts)
        above["box"][:, 1::2] = np.maximum.reduceat(box[:, 1::2], starts)
        blobs = self._blobs(cells[order], np.bincount(node))
        insert_rows(self._connection, self._table, ("nodeno", "data"), (above["id"].tolist(), blobs))
        self._next += len(starts)
        return above, order, above["id"][node]

    def raise_to_root(self, node: int) -> None:
        """Make a leaf the root, at depth 0."""
        command = "UPDATE {table} SET data = (SELECT data FROM {table} WHERE nodeno = ?) WHERE nodeno = 1"
        self._connection.execute(statement(command, table=self._table), (node,))
        self._connection.execute(statement("DELETE FROM {table} WHERE nodeno = ?", table=self._table), (node,))

    def write_root(self, cells: np.ndarray, depth: int) -> None:
        root = bytearray(self._blobs(cells, np.array([len(cells)]))[0])
        root[:2] = depth.to_bytes(2, "big")
        command = statement("UPDATE {table} SET data = ? WHERE nodeno = 1", table=self._table)
        self._connection.execute(command, (bytes(root),))

    def _blobs(self, cells: np.ndarray, count: np.ndarray) -> list[bytes]:
        padded = np.zeros(len(count) * self.capacity, dtype=_CELL)
        padded[: len(cells)] = cells
        nodes = np.zeros((len(count), self._size), dtype=np.uint8)
        nodes[:, 2:_HEAD] = count.astype(">u2").view(np.uint8).reshape(-1, 2)
        nodes[:, _HEAD : _HEAD + self.capacity * _CELL.itemsize] = padded.view(np.uint8).reshape(len(count), -1)
        return [row.tobytes() for row in nodes]


def _packed(box: np.ndarray, capacity: int) -> np.ndarray:
    """An order in which neighbours come together: upright strips, each from south to north (sort-tile-recursive)."""
    x, y = box[:, 0] + box[:, 1], box[:, 2] + box[:, 3]
    strip = int(np.ceil(np.sqrt(len(box) / capacity))) * capacity
    order = np.argsort(x, kind="stable")
    strips = np.empty(len(box), dtype=np.int64)
    strips[order] = np.arange(len(box)) // strip
    return np.lexsort((y, strips))


def outward(bounds: np.ndarray) -> np.ndarray:
    """xmin, xmax, ymin, ymax, shape (n, 4), of bounds xmin, ymin, xmax, ymax: in single precision, rounded outward."""
    exact = bounds[:, [0, 2, 1, 3]]
    box = exact.astype("f4")
    low, high = box[:, 0::2], box[:, 1::2]
    box[:, 0::2] = np.where(low > exact[:, 0::2], np.nextafter(low, np.float32(-np.inf)), low)
    box[:, 1::2] = np.where(high < exact[:, 1::2], np.nextafter(high, np.float32(np.inf)), high)
    return box
