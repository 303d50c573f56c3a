"""Call-outs on a sheet: the numbers and areas of the largest findings, with leaders to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from qgis.core import (
    Qgis,
    QgsLayoutItemPolyline,
    QgsLayoutMeasurement,
    QgsLineSymbol,
    QgsMarkerLineSymbolLayer,
    QgsMarkerSymbol,
    QgsSimpleLineSymbolLayer,
)
from qgis.PyQt.QtCore import QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QPolygonF

from ...core.report.sheets.callouts import place
from ...core.report.sheets.leaders import taken as taken_boxes
from .sheet import Sheet

SIZE_PT = 7.0
PAD_MM = (0.8, 0.4)
WIDEST_MM = 40.0
LEADER_MM, HALO_MM, DOT_MM = 0.25, 0.65, 1.0
COLOURS = {
    "violation": "#c8102e", "warning": "#d95f02", "notice": "#1f5aa0", "clear": "#1b7f4d", "conditional": "#6f4fa1",
}  # fmt: skip
OTHER = "#5a5a5a"
FURNITURE = ("north", "scalebar", "inset")  # stand in the map's frame, and are not covered


def draw_callouts(
    sheet: Sheet, texts: Sequence[str], kinds: Sequence[str], anchors: np.ndarray, outline: shapely.Geometry | None,
    near: bool = False, taken: Sequence[Sequence[float]] = (),
) -> int:  # fmt: skip
    """Draw those that have a place; how many. The most important stand first.

    :param texts: lines parted by a line break. :param kinds: severities or verdicts, which give the colour.
    :param anchors: (n, 2) mm on the page, NaN where a finding is not to be seen. :param outline: of the town, in mm.
    :param near: close to the anchors, rather than in columns and rows about the town. :param taken: (k, 4) boxes that
        are not covered, beside the sheet's furniture.
    """
    avoid = np.concatenate([_furniture(sheet), np.reshape(taken, (-1, 4))])
    texts = _shortened(sheet, texts)
    placed = place(anchors, _sizes(sheet, texts), _box(sheet.area("map")), outline, avoid, near)
    drawn = np.flatnonzero(np.isfinite(placed.boxes).all(axis=1))
    for row in drawn:
        _draw_leader(sheet, placed.leaders[row], COLOURS.get(kinds[row], OTHER))
    for row in drawn:
        _draw_label(sheet, texts[row], placed.boxes[row], COLOURS.get(kinds[row], OTHER))
    return len(drawn)


def draw_names(
    sheet: Sheet, names: Sequence[str], kinds: Sequence[str], shapes: np.ndarray, towns: shapely.Geometry
) -> None:
    """Names in the middle of areas that hold them, beside those that are too small, with leaders to them.

    :param kinds: as of `draw_callouts`. :param shapes: polygonal, in mm on the page, None where there is none.
    :param towns: all of them, which names beside small areas keep off where there is room.
    """
    names = _shortened(sheet, names)
    sizes, frame, furniture = _sizes(sheet, names), sheet.area("map"), _furniture(sheet)
    anchors, boxes = np.full((len(names), 2), np.nan), []
    for row, shape in enumerate(shapes):
        parts = [part for part in shapely.get_parts(shape) if part.area > 0] if shape is not None else []
        if not parts:
            continue
        largest = max(parts, key=shapely.area)
        middle = shapely.maximum_inscribed_circle(largest, tolerance=0.5).coords[0]
        box = taken_boxes(np.array([middle]), sizes[[row]])[0]
        held = shapely.box(*box)
        if largest.contains(held) and not any(held.intersects(shapely.box(*one)) for one in furniture):
            _draw_label(sheet, names[row], box, COLOURS.get(kinds[row], OTHER))
            boxes.append(box)
        elif frame.contains(QPointF(*middle)):
            anchors[row] = middle
    draw_callouts(sheet, names, kinds, anchors, towns, True, boxes)


def _shortened(sheet: Sheet, texts: Sequence[str]) -> list[str]:
    """Labels that are no wider than what a map bears; the whole name stands in the table."""
    width, size = WIDEST_MM * sheet.text_factor, SIZE_PT * sheet.text_factor
    return ["\n".join(sheet.fitter.shortened(line, width, size) for line in text.split("\n")) for text in texts]


def _sizes(sheet: Sheet, texts: Sequence[str]) -> np.ndarray:
    """Width and height of labels, (n, 2) mm."""
    scale, size = sheet.text_factor, SIZE_PT * sheet.text_factor
    line = sheet.fitter.line_height(size)
    widths = [max(sheet.fitter.width(part, size) for part in text.split("\n")) for text in texts]
    lines = [text.count("\n") + 1 for text in texts]
    return np.column_stack([np.array(widths) + 2 * PAD_MM[0] * scale, np.array(lines) * line + 2 * PAD_MM[1] * scale])


def _furniture(sheet: Sheet) -> np.ndarray:
    """Boxes (k, 4) of what stands in the map's frame."""
    frame, areas = sheet.area("map"), [sheet.area(name) for name in FURNITURE]
    return np.array([_box(one) for one in areas if one is not None and one.intersects(frame)]).reshape(-1, 4)


def _draw_leader(sheet: Sheet, leader: np.ndarray, colour: str) -> None:
    """A line with a white edge, since it crosses hatches of its own colour, and a dot where it ends."""
    scale, line = sheet.text_factor, QgsLayoutItemPolyline(QPolygonF([QPointF(*one) for one in leader]), sheet.layout)
    symbol = QgsLineSymbol.createSimple({"line_color": "#ffffff", "line_width": str(HALO_MM * scale)})
    symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer(QColor(colour), LEADER_MM * scale))
    end = QgsMarkerLineSymbolLayer(False)
    end.setPlacements(Qgis.MarkerLinePlacement.LastVertex)
    dot = {"name": "circle", "color": colour, "size": str(DOT_MM * scale), "outline_color": "#ffffff"}
    end.setSubSymbol(QgsMarkerSymbol.createSimple({**dot, "outline_width": str(0.2 * scale)}))
    symbol.appendSymbolLayer(end)
    line.setSymbol(symbol)
    sheet.keep(line)


def _draw_label(sheet: Sheet, text: str, box: np.ndarray, colour: str) -> None:
    label = sheet.label(text, SIZE_PT)
    label.setHAlign(Qt.AlignmentFlag.AlignHCenter)
    label.setVAlign(Qt.AlignmentFlag.AlignVCenter)
    label.setBackgroundEnabled(True)
    label.setBackgroundColor(QColor("#ffffff"))
    label.setFrameEnabled(True)
    label.setFrameStrokeColor(QColor(colour))
    label.setFrameStrokeWidth(QgsLayoutMeasurement(0.2 * sheet.text_factor))
    sheet.add(label, *map(float, (box[0], box[1], box[2] - box[0], box[3] - box[1])))


def _box(area: QRectF) -> tuple[float, float, float, float]:
    return area.left(), area.top(), area.right(), area.bottom()
