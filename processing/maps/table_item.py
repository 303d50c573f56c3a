"""The table of findings on a sheet, on further pages where it is long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qgis.core import (
    QgsLayoutFrame,
    QgsLayoutItemManualTable,
    QgsLayoutItemPage,
    QgsLayoutMultiFrame,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsTableCell,
)
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor

from .sheet import Sheet

SIZES_PT, TITLE_PT = (7.5, 7.0, 6.5, 6.0), 14.0
PAD_MM, GRID_MM = 0.6, 0.15
SLACK_MM = 1.0  # without it QGIS leaves the last row out
MARGIN_MM = 14  # of further pages
HEAD = QColor(230, 234, 238)
RULE = QColor(150, 156, 163)
COLUMNS_OF_PAGE = 2  # tables side by side on a further page of a large sheet


def draw_table(sheet: Sheet, headings: Sequence[str], rows: Sequence[Sequence[str]], continued: str) -> None:
    """Draw it in the sheet's place ``table``, the rest on further pages headed ``continued``."""
    area = sheet.area("table")
    if area is None or not rows:
        return
    size = _size(sheet, area.width(), [headings, *rows])
    height = sheet.fitter.line_height(size) + 2 * PAD_MM + GRID_MM
    room = max(1, int((area.height() - SLACK_MM) // height) - 1)
    _table(sheet, area, headings, rows[:room], size, height)
    rest, pages = rows[room:], 1
    while rest:
        rest = _further_page(sheet, pages, headings, rest, size, height, continued)
        pages += 1


def _further_page(
    sheet: Sheet, number: int, headings: Sequence[str], rows: Sequence[Sequence[str]], size: float, height: float,
    continued: str,
) -> Sequence[Sequence[str]]:  # fmt: skip
    """One more page with as many rows as it holds; those that are left."""
    pages = sheet.layout.pageCollection()
    first = pages.page(0).pageSize()
    page = QgsLayoutItemPage(sheet.layout)
    page.setPageSize(first)
    pages.addPage(page)
    top = page.pos().y()
    title = sheet.label(continued, TITLE_PT, bold=True)
    title.setHAlign(Qt.AlignmentFlag.AlignHCenter)
    sheet.add(title, MARGIN_MM, top + MARGIN_MM / 2, first.width() - 2 * MARGIN_MM, 10 * sheet.text_factor)
    start = MARGIN_MM / 2 + 12 * sheet.text_factor
    columns = COLUMNS_OF_PAGE if first.width() > first.height() else 1
    width = (first.width() - (columns + 1) * MARGIN_MM) / columns
    room = int((first.height() - start - MARGIN_MM - SLACK_MM) // height) - 1
    for column in range(columns):
        part, rows = rows[:room], rows[room:]
        left = MARGIN_MM + column * (width + MARGIN_MM)
        if part:
            place = QRectF(left, top + start, width, height * (len(part) + 1) + SLACK_MM)
            _table(sheet, place, headings, part, size, height)
    return rows


def _table(
    sheet: Sheet, area: QRectF, headings: Sequence[str], rows: Sequence[Sequence[str]], size: float, height: float
) -> None:
    layout = sheet.layout
    table = QgsLayoutItemManualTable.create(layout)
    layout.addMultiFrame(table)
    inside = _widths(sheet, area.width(), [headings, *rows], size)
    plain = sheet.text_format(size / sheet.text_factor)
    right = [any(_is_number(row[n]) for row in rows) for n in range(len(headings))]
    contents = [
        [_cell(sheet.fitter.shortened(text, inside[n], size), right[n], row is headings) for n, text in enumerate(row)]
        for row in (headings, *rows)
    ]
    table.setContentTextFormat(plain)
    table.setHeaderTextFormat(plain)
    table.setCellMargin(PAD_MM)
    table.setGridColor(RULE)
    table.setGridStrokeWidth(GRID_MM)
    table.setColumnWidths(inside)
    table.setRowHeights([height - 2 * PAD_MM - GRID_MM] * len(contents))
    table.setTableContents(contents)
    table.setResizeMode(QgsLayoutMultiFrame.ResizeMode.UseExistingFrames)
    frame = QgsLayoutFrame(layout, table)
    frame.attemptMove(QgsLayoutPoint(area.x(), area.y()))
    frame.attemptResize(QgsLayoutSize(area.width(), area.height()))
    table.addFrame(frame)
    sheet.own(table)


def _size(sheet: Sheet, width: float, rows: Sequence[Sequence[str]]) -> float:
    """The largest size at which nothing is cut, the smallest where something is at all of them."""
    room = width - len(rows[0]) * (2 * PAD_MM + GRID_MM) - GRID_MM
    for size in SIZES_PT:
        scaled = size * sheet.text_factor
        if sum(max(sheet.fitter.width(row[n], scaled) for row in rows) for n in range(len(rows[0]))) <= room:
            break
    return scaled


def _widths(sheet: Sheet, width: float, rows: Sequence[Sequence[str]], size: float) -> list[float]:
    """mm inside the cells of each column: what its longest text needs, the widest cut where all is too wide.

    QGIS adds margins and grid to what a cell is given.
    """
    needed = np.array([max(sheet.fitter.width(row[n], size) for row in rows) + 0.3 for n in range(len(rows[0]))])
    room = width - len(needed) * (2 * PAD_MM + GRID_MM) - GRID_MM
    if needed.sum() <= room:
        return (needed + (room - needed.sum()) / len(needed)).tolist()
    low, high = 0.0, float(needed.max())
    for _ in range(30):  # no column wider than `high`
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(needed, middle).sum() <= room else (low, middle)
    return np.minimum(needed, low).tolist()


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).isdigit()


def _cell(text: str, right: bool, head: bool) -> QgsTableCell:
    cell = QgsTableCell(text)
    if head:
        cell.setBackgroundColor(HEAD)
    cell.setHorizontalAlignment(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
    cell.setVerticalAlignment(Qt.AlignmentFlag.AlignVCenter)
    return cell
