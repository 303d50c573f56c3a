"""The block in which those who made and checked a sheet sign."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsFillSymbol, QgsLayoutItemShape
from qgis.PyQt.QtCore import Qt

from .sheet import Sheet

SIGNERS = ("made", "checked", "approved", "experts")
SIZE_PT = 8.0
PAD_MM = 2.0  # beside the longest title
TALL = {"experts": 1.6}  # times the height of the others: opinions are written there


def draw_signoff(sheet: Sheet, titles: Sequence[str]) -> None:
    """A row for each of `SIGNERS` in the sheet's place ``signoff``, with room to write."""
    area = sheet.area("signoff")
    if area is None:
        return
    size, scale = SIZE_PT * sheet.text_factor, sheet.text_factor
    head = max(sheet.fitter.width(title, size) for title in titles) + 2 * PAD_MM * scale
    parts = [TALL.get(name, 1.0) for name in SIGNERS]
    top = area.y()
    for part, title in zip(parts, titles, strict=True):
        height = area.height() * part / sum(parts)
        for left, width in ((0, head), (head, area.width() - head)):
            cell = QgsLayoutItemShape(sheet.layout)
            cell.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
            cell.setSymbol(QgsFillSymbol.createSimple({"style": "no", "outline_width": str(0.15 * scale)}))
            sheet.add(cell, area.x() + left, top, width, height)
        label = sheet.label(title, SIZE_PT)
        label.setHAlign(Qt.AlignmentFlag.AlignHCenter)
        label.setVAlign(Qt.AlignmentFlag.AlignVCenter)
        sheet.add(label, area.x(), top, head, height)
        top += height
