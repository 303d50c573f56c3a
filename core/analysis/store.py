"""Pieces waiting for their town: in memory up to a budget, beyond it on disk; memory does not grow with the layer."""

from __future__ import annotations

import ctypes
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import shapely

from ..inputs.source import cuts
from .pieces import Pieces

BUDGET = 12_000_000  # vertices held in memory, about 350 MB
GROUP = 600_000  # vertices of the pieces of towns that are worked on together
_STRIPS = 256  # so many times at most are the towns parted on disk


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
        self._folder: tempfile.TemporaryDirectory | None = None

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
        if self._folder is not None:
            self._spill()
        held = {line: Pieces.join(parts) for line, parts in self._parts.items()}
        self._parts.clear()
        for slice_ in cuts(self._weight[: self._strip[-1] + 1], _STRIPS, self._limit):
            strips = np.arange(slice_.start, slice_.stop)
            members = np.flatnonzero(np.isin(self._strip, strips))
            if self._folder is not None:
                yield members, self._load(strips)
            else:
                mine = {line: np.isin(self._strip[pieces.town], strips) for line, pieces in held.items()}
                yield members, {line: pieces.take(mine[line]) for line, pieces in held.items()}

    def close(self) -> None:
        self._parts.clear()
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> PieceStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="redline-pieces-")
        for line, parts in self._parts.items():
            pieces = Pieces.join(parts)
            strip = self._strip[pieces.town]
            order = np.argsort(strip, kind="stable")
            for rows in np.split(order, np.flatnonzero(np.diff(strip[order])) + 1):
                with open(self._file(strip[rows[0]]), "ab") as file:
                    _dump(file, line, pieces.take(rows))
        self._parts.clear()
        self._held = 0
        _give_back()

    def _load(self, strips: np.ndarray) -> dict[str, Pieces]:
        parts: dict[str, list[Pieces]] = defaultdict(list)
        for path in map(self._file, strips):
            if path.exists():
                with open(path, "rb") as file:
                    while file.peek(1):
                        line, pieces = _read(file)
                        parts[line].append(pieces)
        return {line: Pieces.join(found) for line, found in parts.items()}

    def _file(self, strip: int) -> Path:
        return Path(self._folder.name) / f"{strip}.npy"


def _give_back() -> None:
    """Have freed memory go back to the system. On Linux the C library keeps it, for each thread that once had it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
        if trim is not None:
            trim(0)


def _dump(file: BinaryIO, line: str, pieces: Pieces) -> None:
    wkb = shapely.to_wkb(pieces.geometry)
    lengths = np.array([len(item) for item in wkb], dtype=np.int64)
    texts = [pieces.source_id.astype(str), pieces.zone.astype(str)]
    for array in (np.array(line), pieces.town, pieces.whole, *texts, lengths, np.frombuffer(b"".join(wkb), np.uint8)):
        np.save(file, array, allow_pickle=False)


def _read(file: BinaryIO) -> tuple[str, Pieces]:
    line, town, whole, source_id, zone, lengths, data = (np.load(file, allow_pickle=False) for _ in range(7))
    ends = np.cumsum(lengths)
    data = data.tobytes()
    wkb = np.array([data[end - length : end] for end, length in zip(ends, lengths, strict=True)], dtype=object)
    return str(line), Pieces(town, source_id.astype(object), zone.astype(object), whole, shapely.from_wkb(wkb))
