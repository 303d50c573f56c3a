"""The legend of a sheet: what is on it first, what is not on it apart, each with the symbol it is drawn with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCentroidFillSymbolLayer,
    QgsFillSymbol,
    QgsLayoutItemShape,
    QgsLinePatternFillSymbolLayer,
    QgsRuleBasedRenderer,
    QgsSimpleFillSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QRectF

from .sheet import Sheet

SIZE_PT = 8.0
PATCH_MM = (8.0, 4.0)
GAP_MM = 2.0
SHRINK, LEAST = 0.92, 0.5  # of a legend that is too long, step by step


@dataclass(frozen=True)
class Entry:
    """``symbol`` None: a heading. ``here``: it is on this sheet."""

    text: str
    symbol: QgsFillSymbol | None
    here: bool = True


def draw_legend(sheet: Sheet, title: str, rest: str, entries: Sequence[Entry]) -> bool:
    """Draw it in the sheet's place ``legend``, column by column, smaller where it is long; whether it fits."""
    area = sheet.area("legend")
    if area is None or not entries:
        return True
    others = [one for one in entries if not one.here]
    listed = [Entry(title, None), *(one for one in entries if one.here)]
    listed += [Entry(rest, None), *others] if others else []
    factor = 1.0
    while True:
        places = list(_places(sheet, area, listed, factor))
        fits = max(left + width for left, _, width, _ in places) <= area.right() + 0.5
        if fits or factor < LEAST:
            break
        factor *= SHRINK
    patch = [side * sheet.text_factor * factor for side in PATCH_MM]
    for entry, (left, top, width, height) in zip(listed, places, strict=True):
        indent = 0.0
        if entry.symbol is not None:
            shape = QgsLayoutItemShape(sheet.layout)
            shape.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
            shape.setSymbol(_grown(entry.symbol, sheet.text_factor))
            sheet.add(shape, left, top + (height - patch[1]) / 2, *patch)
            indent = patch[0] + GAP_MM * sheet.text_factor * factor
        label = sheet.label(entry.text, SIZE_PT * factor, bold=entry.symbol is None)
        sheet.add(label, left + indent, top + (height - patch[1]) / 2, width - indent, height)
    return fits


def _places(
    sheet: Sheet, area: QRectF, entries: Sequence[Entry], factor: float
) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, width and height of each entry. What stands below the second heading begins no column at the height
    of the first, to which it would seem to belong: it has columns of its own where the rest of one is too short."""
    scale = sheet.text_factor * factor
    line = max(sheet.fitter.line_height(SIZE_PT * scale), PATCH_MM[1] * scale) + 0.8 * scale
    left, top, widest, head = area.x(), area.y(), 0.0, 0.0
    for number, entry in enumerate(entries):
        indent = 0.0 if entry.symbol is None else (PATCH_MM[0] + GAP_MM) * scale
        width = indent + sheet.fitter.width(entry.text, SIZE_PT * scale, entry.symbol is None) + 1
        group = len(entries) - number if entry.symbol is None and number else 1
        needed = min(line * group, area.height())
        if top + needed > area.bottom() + 0.1 and widest:
            left, top, widest = left + widest + 2 * GAP_MM * scale, area.y() + head, 0.0
        yield left, top, width, line
        head = line if entry.symbol is None and number else head
        widest = max(widest, width)
        top += line


def _grown(symbol: QgsFillSymbol, factor: float) -> QgsFillSymbol:
    """A symbol as it is drawn on a larger map."""
    made = symbol.clone()
    for layer in made.symbolLayers():
        if isinstance(layer, QgsSimpleFillSymbolLayer):
            layer.setStrokeWidth(layer.strokeWidth() * factor)
        elif isinstance(layer, QgsLinePatternFillSymbolLayer):
            layer.setDistance(layer.distance() * factor)
            layer.setLineWidth(layer.lineWidth() * factor)
        elif isinstance(layer, QgsCentroidFillSymbolLayer):
            layer.subSymbol().setSize(layer.subSymbol().size() * factor)
    return made


def symbols(layer: QgsVectorLayer) -> dict[str, QgsFillSymbol]:
    """What a layer is drawn with, by the value or the label; by "" where there is one symbol, or for all others."""
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        return {str(one.value() or ""): one.symbol().clone() for one in renderer.categories()}
    if isinstance(renderer, QgsRuleBasedRenderer):
        rules = renderer.rootRule().descendants()
        return {rule.label(): rule.symbol().clone() for rule in rules if rule.symbol() is not None}
    return {"": renderer.symbol().clone()}
