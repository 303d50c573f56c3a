"""How wide and high a table is: which type, columns and rows it has in a width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.report.sheets.tables import SheetTable
from .text_fit import Fitter

SIZES_PT = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
USUAL_PT = 7.5  # larger only where all rows have room
BROKEN_PT = 7.0  # where texts are broken into lines
FEW = 5  # Chinese characters that stand on a line at least
PAD_MM, GRID_MM = 0.6, 0.15  # on A3
SLACK_MM = 1.0  # below a table; without it QGIS leaves the last row out
SENTENCE_MM = 75.0  # the least width of sentences, on A3


@dataclass(frozen=True)
class Laid:
    """A table as it stands in so many mm. ``cells``: headings, then rows, as they are printed; ``inside``: mm within
    the cells of each column; ``heights``: mm of each of ``cells``; ``right``: columns of numbers; ``size``: points;
    ``pad``, ``grid``: mm within a cell's edge, and of the lines; ``totals``: how many of the last rows are totals."""

    cells: list[list[str]]
    inside: list[float]
    heights: list[float]
    right: list[bool]
    size: float
    pad: float
    grid: float
    totals: int = 0

    @property
    def width(self) -> float:
        return sum(self.inside) + _between(len(self.inside), self.pad, self.grid)


class Measured:
    """A table whose texts have been measured, once for all widths."""

    def __init__(self, table: SheetTable, fitter: Fitter, factor: float):
        """:param factor: by which text is larger than on A3."""
        self.table, self._fitter, self._factor = table, fitter, factor
        self._pad, self._grid = PAD_MM * factor, GRID_MM * factor
        self._columns = [list(dict.fromkeys(one)) for one in zip(table.headings, *table.rows, strict=True)]
        self._widest = np.array([max(fitter.width(text, 1) for text in column) for column in self._columns])  # at 1 pt
        self._right = [n != table.broken and any(map(_is_number, column)) for n, column in enumerate(self._columns)]
        self._known: dict[tuple[float, float], Laid] = {}

    def natural_width(self) -> float:
        """mm in which nothing is cut or broken, at the usual size; sentences are broken."""
        needed = self._needed(USUAL_PT * self._factor)
        if self.table.broken is not None:
            needed[self.table.broken] = min(needed[self.table.broken], SENTENCE_MM * self._factor)
        return float(needed.sum()) + _between(len(needed), self._pad, self._grid)

    def laid(self, width: float, height: float = 0) -> Laid:
        """The table in a width.

        In the largest type in which every text stands on one line and, above the usual, all rows stand in ``height``.
        Where there is none, texts are broken between words, and cut only where that does not help either.
        """
        if (width, height) not in self._known:
            self._known[width, height] = self._laid(width, height)
        return self._known[width, height]

    def _laid(self, width: float, height: float) -> Laid:
        room = width - _between(len(self._columns), self._pad, self._grid)
        for size in SIZES_PT:
            inside = self._unbroken(room, size * self._factor)
            if inside is not None:
                made = self._set(inside, size * self._factor)
                if size <= USUAL_PT or sum(made.heights) + SLACK_MM <= height:
                    return made
        return self._set(self._broken(room, BROKEN_PT * self._factor), BROKEN_PT * self._factor, everywhere=True)

    def _set(self, inside: np.ndarray, size: float, everywhere: bool = False) -> Laid:
        """In columns of so many mm, in type of so many points; texts broken ``everywhere`` or in sentences only."""
        fitter, broken = self._fitter, range(len(inside)) if everywhere else (self.table.broken,)

        def printed(row: list[str]) -> list[str]:
            made = list(row)
            for n in broken:
                if n is not None:
                    lines = fitter.wrap(row[n], inside[n], size)
                    made[n] = "\n".join(fitter.shortened(line, inside[n], size) for line in lines)
            return made

        cells = [printed(row) for row in (self.table.headings, *self.table.rows)]
        line = fitter.line_height(size)
        lines = [max(text.count("\n") + 1 for text in row) for row in cells]
        heights = [count * line + 2 * self._pad + self._grid for count in lines]
        return Laid(cells, inside.tolist(), heights, self._right, size, self._pad, self._grid, self.table.totals)

    def _unbroken(self, room: float, size: float) -> np.ndarray | None:
        """mm of each column in which nothing but sentences is broken; None where that is too wide."""
        needed, broken = self._needed(size), self.table.broken
        if broken is not None:
            least = min(needed[broken], SENTENCE_MM * self._factor, room / 2)
            needed[broken] = max(least, min(needed[broken], room - np.delete(needed, broken).sum()))
        if needed.sum() > room + 0.01:
            return None
        if broken is None:
            return needed + (room - needed.sum()) / len(needed)
        needed[broken] += room - needed.sum()
        return needed

    def _broken(self, room: float, size: float) -> np.ndarray:
        """mm of each column where texts are broken: as even as whole words and numbers let them be."""
        needed, few = self._needed(size), self._fitter.width("中" * FEW, size)
        words = [max(self._fitter.longest(text, size) for text in column) + 0.3 for column in self._columns]
        least = np.maximum(words, np.minimum(needed, few))
        least *= min(1.0, room / least.sum())
        low, high = 0.0, float(needed.max())
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (middle, high) if np.clip(middle, least, needed).sum() <= room else (low, middle)
        return np.clip(low, least, np.maximum(needed, least))

    def _needed(self, size: float) -> np.ndarray:
        """mm of the longest text of each column."""
        return self._widest * size + 0.3


def _between(columns: int, pad: float, grid: float) -> float:
    """mm of margins and grid, which QGIS adds to what cells are given."""
    return columns * (2 * pad + grid) + grid


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).removeprefix("-").isdigit()
