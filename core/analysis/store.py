"""Pieces waiting for their town: in memory up to a budget, beyond it on disk; memory does not grow with the layer."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import shapely

from .pieces import Pieces

BUDGET = 16_000_000  # vertices held in memory, about 500 MB
GROUPS = 16  # of towns, worked on one after the other: while one is written the next is assessed


class PieceStore:
    """Collects pieces by line and hands them back by group of towns."""

    def __init__(self, town_count: int, budget: int = BUDGET):
        self._group = np.arange(town_count) * GROUPS // max(1, town_count)
        self._budget, self._held = budget, 0
        self._parts: dict[str, list[Pieces]] = defaultdict(list)
        self._folder: tempfile.TemporaryDirectory | None = None

    def add(self, line: str, pieces: Pieces) -> None:
        if len(pieces):
            self._parts[line].append(pieces)
            self._held += int(shapely.get_num_coordinates(pieces.geometry).sum())
            if self._held > self._budget:
                self._spill()

    def groups(self) -> Iterator[tuple[np.ndarray, dict[str, Pieces]]]:
        """Each group of towns (row numbers, in order) with all their pieces by line."""
        if self._folder is not None:
            self._spill()
        held = {line: Pieces.join(parts) for line, parts in self._parts.items()}
        self._parts.clear()
        for group in np.unique(self._group):
            members = np.flatnonzero(self._group == group)
            if self._folder is not None:
                yield members, self._load(group)
            else:
                yield members, {line: pieces.take(self._group[pieces.town] == group) for line, pieces in held.items()}

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
            group = self._group[pieces.town]
            for g in np.unique(group):
                with open(self._file(g), "ab") as file:
                    _dump(file, line, pieces.take(group == g))
        self._parts.clear()
        self._held = 0

    def _load(self, group: int) -> dict[str, Pieces]:
        parts: dict[str, list[Pieces]] = defaultdict(list)
        path = self._file(group)
        if path.exists():
            with open(path, "rb") as file:
                while file.peek(1):
                    line, pieces = _read(file)
                    parts[line].append(pieces)
        return {line: Pieces.join(found) for line, found in parts.items()}

    def _file(self, group: int) -> Path:
        return Path(self._folder.name) / f"{group}.npy"


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
