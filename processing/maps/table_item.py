"""A table on a sheet, drawn row by row where there is room."""

from __future__ import annotations

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

from .sheet import Sheet
from .table_fit import SLACK_MM, Laid

HEAD, TOTAL = QColor(230, 234, 238), QColor(243, 245, 247)
RULE = QColor(150, 156, 163)


def draw_rows(sheet: Sheet, table: Laid, first: int, last: int, left: float, top: float) -> float:
    """Draw the headings and the rows from ``first`` until before ``last``; mm that they take."""
    layout = sheet.layout
    item = QgsLayoutItemManualTable.create(layout)
    layout.addMultiFrame(item)
    rows = [0, *range(first + 1, last + 1)]
    plain = sheet.text_format(table.size / sheet.text_factor)
    item.setContentTextFormat(plain)
    item.setHeaderTextFormat(plain)
    item.setCellMargin(table.pad)
    item.setGridColor(RULE)
    item.setGridStrokeWidth(table.grid)
    item.setColumnWidths(table.inside)
    item.setRowHeights([table.heights[row] - 2 * table.pad - table.grid for row in rows])
    totals = len(table.cells) - table.totals
    grounds = [HEAD if row == 0 else TOTAL if row >= totals else None for row in rows]
    item.setTableContents([
        [_cell(text, right, ground) for text, right in zip(table.cells[row], table.right, strict=True)]
        for row, ground in zip(rows, grounds, strict=True)
    ])  # fmt: skip
    item.setResizeMode(QgsLayoutMultiFrame.ResizeMode.UseExistingFrames)
    height = sum(table.heights[row] for row in rows)
    frame = QgsLayoutFrame(layout, item)
    frame.attemptMove(QgsLayoutPoint(left, top))
    frame.attemptResize(QgsLayoutSize(table.width + table.grid, height + SLACK_MM))
    item.addFrame(frame)
    sheet.own(item)
    return height


def _cell(text: str, right: bool, ground: QColor | None) -> QgsTableCell:
    cell = QgsTableCell(text)
    if ground is not None:
        cell.setBackgroundColor(ground)
    cell.setHorizontalAlignment(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
    cell.setVerticalAlignment(Qt.AlignmentFlag.AlignVCenter)
    return cell
