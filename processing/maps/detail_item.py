"""Details: maps of findings that are too small to be seen on the sheet, where its place for tables leaves room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qgis.core import (
    QgsLayoutItemMap,
    QgsLayoutMeasurement,
    QgsMapLayer,
    QgsMapLayerStyle,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QRectF, Qt

from .map_frame import Land, show
from .sheet import Sheet

MOST = 3
SIDE_MM, LEAST_MM, GAP_MM, TITLE_MM, FRAME_MM = 37.0, 24.0, 4.0, 4.0, 0.2  # on A3
ROOM = 0.4  # of a detail that the finding takes
LEAST_M = 3.0  # land that a finding counts for at least: a detail is no larger than that
STRIP = 18.0  # widths of a strip that its detail shows along it: what is longer would be a hair on the paper
TITLE_PT = 7.0


def draw_details(
    sheet: Sheet, room: QRectF, found: Sequence[tuple[str, QgsRectangle]], land: Land, layers: Sequence[QgsMapLayer],
    title: Callable[[str, int], str],
) -> int:  # fmt: skip
    """Draw as many as there is room for, side by side at the foot of ``room``; how many.

    :param found: number and bounds on the map of each finding, the most important first. :param layers: the
        uppermost first. :param title: what stands above one, of its number and the denominator of its scale.
    """
    unit = sheet.text_factor
    gap, head = GAP_MM * unit, TITLE_MM * unit
    side = min(SIDE_MM * unit, room.height() - head)
    if side < LEAST_MM * unit:
        return 0
    many = min(len(found), MOST, int((room.width() + gap) // (side + gap)))
    styles = _plain(layers)
    for place, (number, box) in enumerate(found[:many]):
        area = QRectF(room.left() + place * (side + gap), room.bottom() - side, side, side)
        item = QgsLayoutItemMap(sheet.layout)
        sheet.add(item, area.x(), area.y(), side, side)
        item.setFrameEnabled(True)
        item.setFrameStrokeWidth(QgsLayoutMeasurement(FRAME_MM * unit))
        item.setKeepLayerStyles(True)
        item.setLayerStyleOverrides(styles)
        least = LEAST_M - min(box.width(), box.height())
        denominator = show(item, area, land, box.buffered(max(0.0, least / 2)), layers, ROOM)
        label = sheet.label(title(number, denominator), TITLE_PT)
        label.setVAlign(Qt.AlignmentFlag.AlignVCenter)
        sheet.add(label, area.x(), area.y() - head, side, head)
    return many


def part_of_strip(box: QgsRectangle, middle: Sequence[float], width: float | None) -> QgsRectangle:
    """Of a finding that is long and narrow only so much about ``middle`` that its width can be seen; else all of it.

    :param box: the finding's bounds, metres. :param middle: x and y of a point on it. :param width: its mean width, m.
    """
    side = max(LEAST_M, STRIP * width) if width and width == width else 0.0
    if not side or max(box.width(), box.height()) <= side or not all(one == one for one in middle):
        return box
    x, y = map(float, middle)
    return QgsRectangle(x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def _plain(layers: Sequence[QgsMapLayer]) -> dict[str, str]:
    """The layers' styles without the scale that their symbols grow by: in a detail they would grow with it."""
    styles = {}
    for layer in layers:
        if isinstance(layer, QgsVectorLayer) and layer.renderer().referenceScale() > 0:
            grown = layer.renderer().referenceScale()
            layer.renderer().setReferenceScale(-1)
            style = QgsMapLayerStyle()
            style.readFromLayer(layer)
            styles[layer.id()] = style.xmlData()
            layer.renderer().setReferenceScale(grown)
    return styles
