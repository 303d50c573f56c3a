"""Pieces waiting for their town: in memory up to a budget, beyond it on disk; memory does not grow with the layer."""

from __future__ import annotations

import ctypes
import math
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np
import shapely

from ..errors import RedlineError
from ..inputs.source import cuts
from .pieces import Pieces

BUDGET = 12_000_000  # vertices held in memory, about 350 MB
GROUP = 600_000  # vertices of the pieces of towns that are worked on together
_STRIPS = 256  # so many times at most are the towns parted on disk
_CHUNK = 75_000  # vertices written at a time: few enough for the processor's cache


class PieceStore:
    """Collects pieces by line and hands them back by group of towns.

    :param budget: vertices held in memory. :param group: vertices of a group, more only where one town has more, or
        where there are more than `_STRIPS` times as many in all.
    """

    def __init__(self, town_count: int, budget: int = BUDGET, group: int = GROUP):
        self._strip = np.arange(town_count) * _STRIPS // max(town_count, _STRIPS)
        self._weight = np.zeros(town_count, dtype=np.int64)  # vertices by strip; a strip has a town at least
        self._budget, self._limit, self._held = budget, group, 0
        self._parts: dict[str, list[Pieces]] = defaultdict(list)
        self._file: BinaryIO | None = None
        self._chunks: list[_Chunk] = []  # what is in the file

    def add(self, line: str, pieces: Pieces) -> None:
        if len(pieces):
            self._parts[line].append(pieces)
            count = shapely.get_num_coordinates(pieces.geometry)
            np.add.at(self._weight, self._strip[pieces.town], count)
            self._held += int(count.sum())
            if self._held > self._budget:
                self._spill()

    def groups(self) -> Iterator[tuple[np.ndarray, dict[str, Pieces]]]:
        """Each group of towns (row numbers, in order) with all their pieces by line."""
        if self._file is not None:
            self._spill()
        held = {line: Pieces.join(parts) for line, parts in self._parts.items()}
        self._parts.clear()
        for slice_ in cuts(self._weight[: self._strip[-1] + 1], _STRIPS, self._limit):
            strips = np.arange(slice_.start, slice_.stop)
            members = np.flatnonzero(np.isin(self._strip, strips))
            if self._file is not None:
                yield members, self._load(slice_)
            else:
                mine = {line: np.isin(self._strip[pieces.town], strips) for line, pieces in held.items()}
                yield members, {line: pieces.take(mine[line]) for line, pieces in held.items()}

    def close(self) -> None:
        self._parts.clear()
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> PieceStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spill(self) -> None:
        """:raises RedlineError: ``temporary_files`` where the disk is full."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="redline-pieces-")  # noqa: SIM115 - until `close`
            for line, parts in self._parts.items():
                self._write(line, Pieces.join(parts))
            self._file.flush()
        except OSError as error:
            reason = error.strerror or str(error)
            raise RedlineError("temporary_files", path=tempfile.gettempdir(), reason=reason) from error
        self._parts.clear()
        self._held = 0
        _give_back()

    def _write(self, line: str, pieces: Pieces) -> None:
        strip = self._strip[pieces.town]
        order = np.argsort(strip, kind="stable")
        for rows in cuts(shapely.get_num_coordinates(pieces.geometry[order]), len(order), _CHUNK):
            self._chunks.append(_Chunk(self._file, line, pieces.take(order[rows]), strip[order[rows]]))

    def _load(self, strips: slice) -> dict[str, Pieces]:
        parts: dict[str, list[Pieces]] = defaultdict(list)
        for chunk in self._chunks:
            if chunk.has(strips):
                parts[chunk.line].append(chunk.read(self._file, strips))
        return {line: Pieces.join(found) for line, found in parts.items()}


class _Array(NamedTuple):
    """An array in a file: its type, the shape of a row, where it begins, and the first row of each strip."""

    dtype: np.dtype
    row: tuple[int, ...]
    place: int
    first: np.ndarray

    def read(self, file: BinaryIO, strips: slice) -> np.ndarray:
        start, stop = int(self.first[strips.start]), int(self.first[strips.stop])
        size = self.dtype.itemsize * math.prod(self.row)
        file.seek(self.place + start * size)
        return np.ndarray((stop - start, *self.row), self.dtype, bytearray(file.read((stop - start) * size)))


class _Chunk:
    """Pieces of a line written to a file, in the order of their strips. Geometry is written as coordinates and how many
    of them a ring has, and so on: WKB would take ten times as long to write and twice as long to read.

    :param strip: that of each piece, in order.
    """

    def __init__(self, file: BinaryIO, line: str, pieces: Pieces, strip: np.ndarray):
        self.line = line
        parts, piece = shapely.get_parts(pieces.geometry, return_index=True)
        _, xy, (rings, polygons) = shapely.to_ragged_array(parts, include_z=False)
        multi = shapely.get_type_id(pieces.geometry) == shapely.GeometryType.MULTIPOLYGON
        texts = [pieces.source_id.astype(str), pieces.zone.astype(str)]
        counts = [np.bincount(piece, minlength=len(pieces)), np.diff(polygons), np.diff(rings)]
        # Rows of a piece, a part, a ring and a vertex.
        levels = [[pieces.town, pieces.whole, *texts, multi, counts[0]], [counts[1]], [counts[2]], [xy]]
        first = np.searchsorted(strip, np.arange(_STRIPS + 1))
        self._arrays: list[_Array] = []
        for level, count in zip(levels, [*counts, None], strict=True):
            for array in level:
                self._arrays.append(_Array(array.dtype, array.shape[1:], file.seek(0, os.SEEK_END), first))
                file.write(array.tobytes())
            if count is not None:
                first = np.concatenate([[0], np.cumsum(count)])[first]

    def has(self, strips: slice) -> bool:
        first = self._arrays[0].first
        return first[strips.start] < first[strips.stop]

    def read(self, file: BinaryIO, strips: slice) -> Pieces:
        arrays = (array.read(file, strips) for array in self._arrays)
        town, whole, source_id, zone, multi, of_piece, of_part, of_ring, xy = arrays
        rings, polygons = (np.concatenate([[0], np.cumsum(count)]) for count in (of_ring, of_part))
        parts = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (rings, polygons))
        piece = np.repeat(np.arange(len(town)), of_piece)
        geometry, of_multi = np.empty(len(town), dtype=object), multi[piece]
        geometry[~multi] = parts[~of_multi]
        shapely.multipolygons(parts[of_multi], indices=piece[of_multi], out=geometry)
        return Pieces(town, source_id.astype(object), zone.astype(object), whole, geometry)


def _give_back() -> None:
    """Have freed memory go back to the system. On Linux the C library keeps it, for each thread that once had it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
        if trim is not None:
            trim(0)
