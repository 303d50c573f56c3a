"""The block in which those who made and checked a sheet sign."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsFillSymbol, QgsLayoutItemShape
from qgis.PyQt.QtCore import Qt

from .sheet import Sheet

SIGNERS = ("made", "checked", "approved", "experts")
SIZE_PT = 8.0
HEAD_SHARE = 0.24  # of the block's width


def draw_signoff(sheet: Sheet, titles: Sequence[str]) -> None:
    """A row for each in the sheet's place ``signoff``, with room to write."""
    area = sheet.area("signoff")
    if area is None:
        return
    height = area.height() / len(titles)
    for row, title in enumerate(titles):
        top = area.y() + row * height
        head = area.width() * HEAD_SHARE
        for left, width in ((0, head), (head, area.width() - head)):
            cell = QgsLayoutItemShape(sheet.layout)
            cell.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
            cell.setSymbol(QgsFillSymbol.createSimple({"style": "no", "outline_width": "0.15"}))
            sheet.add(cell, area.x() + left, top, width, height)
        label = sheet.label(title, SIZE_PT)
        label.setHAlign(Qt.AlignmentFlag.AlignHCenter)
        label.setVAlign(Qt.AlignmentFlag.AlignVCenter)
        sheet.add(label, area.x(), top, head, height)
