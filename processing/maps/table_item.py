"""Tables on a sheet: measured for a width, drawn row by row where there is room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from qgis.core import (
    QgsLayoutFrame,
    QgsLayoutItemManualTable,
    QgsLayoutMultiFrame,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsTableCell,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from ...core.report.sheet_tables import SheetTable
from .sheet import Sheet

SIZES_PT = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
BROKEN_PT = 7.0
FEW = 5  # Chinese characters that stand on a line at least
USUAL_PT = 7.5  # larger only where all rows have room
PAD_MM, GRID_MM = 0.6, 0.15
SLACK_MM = 1.0  # without it QGIS leaves the last row out
SENTENCE_MM = 75.0  # the least width of sentences, on A3
HEAD = QColor(230, 234, 238)
RULE = QColor(150, 156, 163)


@dataclass(frozen=True)
class Laid:
    """A table as it stands in so many mm. ``cells``: headings, then rows, as they are printed; ``inside``: mm within
    the cells of each column; ``heights``: mm of each of ``cells``; ``right``: columns of numbers; ``size``: points."""

    cells: list[list[str]]
    inside: list[float]
    heights: list[float]
    right: list[bool]
    size: float


def natural_width(sheet: Sheet, table: SheetTable) -> float:
    """mm in which nothing of a table is cut or broken, at the usual size; sentences are broken."""
    needed = _needed(sheet, table, USUAL_PT * sheet.text_factor)
    if table.broken is not None:
        needed[table.broken] = min(needed[table.broken], SENTENCE_MM * sheet.text_factor)
    return float(needed.sum()) + _lines(len(needed))


def laid(sheet: Sheet, table: SheetTable, width: float, height: float = 0) -> Laid:
    """The table in a width.

    In the largest type in which every text stands on one line and, above the usual, all rows stand in ``height``. Where
    there is none, texts are broken between words, and cut only where that does not help either.
    """
    for size in SIZES_PT:
        inside = _unbroken(sheet, table, width, size * sheet.text_factor)
        if inside is not None:
            made = _laid(sheet, table, inside, size * sheet.text_factor)
            if size <= USUAL_PT or sum(made.heights) + SLACK_MM <= height:
                return made
    inside = _broken(sheet, table, width, BROKEN_PT * sheet.text_factor)
    return _laid(sheet, table, inside, BROKEN_PT * sheet.text_factor, everywhere=True)


def draw_rows(sheet: Sheet, table: Laid, first: int, last: int, left: float, top: float) -> float:
    """Draw the headings and the rows from ``first`` until before ``last``; mm that they take."""
    layout = sheet.layout
    item = QgsLayoutItemManualTable.create(layout)
    layout.addMultiFrame(item)
    rows = [0, *range(first + 1, last + 1)]
    plain = sheet.text_format(table.size / sheet.text_factor)
    item.setContentTextFormat(plain)
    item.setHeaderTextFormat(plain)
    item.setCellMargin(PAD_MM)
    item.setGridColor(RULE)
    item.setGridStrokeWidth(GRID_MM)
    item.setColumnWidths(table.inside)
    item.setRowHeights([table.heights[row] - 2 * PAD_MM - GRID_MM for row in rows])
    item.setTableContents([
        [_cell(text, right, row == 0) for text, right in zip(table.cells[row], table.right, strict=True)]
        for row in rows
    ])  # fmt: skip
    item.setResizeMode(QgsLayoutMultiFrame.ResizeMode.UseExistingFrames)
    height = sum(table.heights[row] for row in rows)
    frame = QgsLayoutFrame(layout, item)
    frame.attemptMove(QgsLayoutPoint(left, top))
    frame.attemptResize(QgsLayoutSize(sum(table.inside) + _lines(len(table.inside)) + GRID_MM, height + SLACK_MM))
    item.addFrame(frame)
    sheet.own(item)
    return height


def _laid(sheet: Sheet, table: SheetTable, inside: np.ndarray, size: float, everywhere: bool = False) -> Laid:
    """The table in columns of so many mm, in type of so many points; texts broken ``everywhere`` or in sentences."""
    fitter, line = sheet.fitter, sheet.fitter.line_height(size)

    def printed(text: str, n: int) -> str:
        if not everywhere and n != table.broken:
            return text
        return "\n".join(fitter.shortened(one, inside[n], size) for one in fitter.wrap(text, inside[n], size))

    cells = [[printed(text, n) for n, text in enumerate(row)] for row in (table.headings, *table.rows)]
    heights = [max(text.count("\n") + 1 for text in row) * line + 2 * PAD_MM + GRID_MM for row in cells]
    right = [n != table.broken and any(_is_number(row[n]) for row in table.rows) for n in range(len(inside))]
    return Laid(cells, inside.tolist(), heights, right, size)


def _unbroken(sheet: Sheet, table: SheetTable, width: float, size: float) -> np.ndarray | None:
    """mm of each column in which nothing but sentences is broken; None where that is too wide."""
    needed, room, broken = _needed(sheet, table, size), width - _lines(len(table.headings)), table.broken
    if broken is not None:
        least = min(needed[broken], SENTENCE_MM * sheet.text_factor, room / 2)
        needed[broken] = max(least, min(needed[broken], room - np.delete(needed, broken).sum()))
    if needed.sum() > room + 0.01:
        return None
    if broken is None:
        return needed + (room - needed.sum()) / len(needed)
    needed[broken] += room - needed.sum()
    return needed


def _broken(sheet: Sheet, table: SheetTable, width: float, size: float) -> np.ndarray:
    """mm of each column where texts are broken: as even as whole words and numbers let them be."""
    needed, room = _needed(sheet, table, size), width - _lines(len(table.headings))
    few = sheet.fitter.width("中" * FEW, size)
    columns = zip(table.headings, *table.rows, strict=True)
    words = [max(sheet.fitter.longest(text, size) for text in dict.fromkeys(column)) + 0.3 for column in columns]
    least = np.maximum(words, np.minimum(needed, few))
    least *= min(1.0, room / least.sum())
    low, high = 0.0, float(needed.max())
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(middle, least, needed).sum() <= room else (low, middle)
    return np.clip(low, least, np.maximum(needed, least))


def _needed(sheet: Sheet, table: SheetTable, size: float) -> np.ndarray:
    """mm of the longest text of each column."""
    columns = zip(table.headings, *table.rows, strict=True)
    return np.array([max(sheet.fitter.width(text, size) for text in dict.fromkeys(column)) + 0.3 for column in columns])


def _lines(columns: int) -> float:
    """mm of margins and grid, which QGIS adds to what cells are given."""
    return columns * (2 * PAD_MM + GRID_MM) + GRID_MM


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).removeprefix("-").isdigit()


def _cell(text: str, right: bool, head: bool) -> QgsTableCell:
    cell = QgsTableCell(text)
    if head:
        cell.setBackgroundColor(HEAD)
    cell.setHorizontalAlignment(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
    cell.setVerticalAlignment(Qt.AlignmentFlag.AlignVCenter)
    return cell
