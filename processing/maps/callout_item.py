"""Call-outs on a sheet: the numbers and areas of the largest findings, with leaders to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from qgis.core import QgsLayoutItemPolyline, QgsLayoutMeasurement, QgsLineSymbol
from qgis.PyQt.QtCore import QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QPolygonF

from ...core.report.callouts import place
from .sheet import Sheet

SIZE_PT = 7.0
PAD_MM = (0.8, 0.4)
COLOURS = {"violation": "#c8102e", "warning": "#d95f02", "notice": "#1f5aa0"}
FURNITURE = ("north", "scalebar", "inset")  # stand in the map's frame, and are not covered


def draw_callouts(
    sheet: Sheet, texts: Sequence[str], kinds: Sequence[str], anchors: np.ndarray, outline: shapely.Geometry | None
) -> int:
    """Draw those that have a place; how many. The most important stand first.

    :param texts: lines parted by a line break. :param kinds: severities, which give the colour.
    :param anchors: (n, 2) mm on the page, NaN where a finding is not to be seen. :param outline: of the town, in mm.
    """
    area, size = sheet.area("map"), SIZE_PT * sheet.text_factor
    line = sheet.fitter.line_height(size)
    sizes = [
        (
            max(sheet.fitter.width(part, size) for part in text.split("\n")) + 2 * PAD_MM[0],
            (text.count("\n") + 1) * line + 2 * PAD_MM[1],
        )
        for text in texts
    ]
    furniture = [sheet.area(name) for name in FURNITURE]
    avoid = [_box(one) for one in furniture if one is not None and one.intersects(area)]
    placed = place(anchors, np.array(sizes), _box(area), outline, avoid)
    drawn = np.isfinite(placed.boxes).all(axis=1)
    for row in np.flatnonzero(drawn):
        _draw(sheet, texts[row], placed.boxes[row], placed.leaders[row], COLOURS.get(kinds[row], "#5a5a5a"))
    return int(drawn.sum())


def _draw(sheet: Sheet, text: str, box: np.ndarray, leader: np.ndarray, colour: str) -> None:
    line = QgsLayoutItemPolyline(QPolygonF([QPointF(*point) for point in leader]), sheet.layout)
    line.setSymbol(QgsLineSymbol.createSimple({"line_color": colour, "line_width": "0.25"}))
    sheet.keep(line)
    label = sheet.label(text, SIZE_PT)
    label.setHAlign(Qt.AlignmentFlag.AlignHCenter)
    label.setVAlign(Qt.AlignmentFlag.AlignVCenter)
    label.setBackgroundEnabled(True)
    label.setBackgroundColor(QColor(255, 255, 255, 235))
    label.setFrameEnabled(True)
    label.setFrameStrokeColor(QColor(colour))
    label.setFrameStrokeWidth(QgsLayoutMeasurement(0.2))
    sheet.add(label, *map(float, (box[0], box[1], box[2] - box[0], box[3] - box[1])))


def _box(area: QRectF) -> tuple[float, float, float, float]:
    return area.left(), area.top(), area.right(), area.bottom()
