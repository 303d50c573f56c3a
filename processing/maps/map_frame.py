"""The land that a map on a sheet shows: in which CRS, at which round scale, and where on the page a place lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsMapLayer,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QRectF, Qt

from ...core.report.sheets.scales import bar_segment, round_scale
from .sheet import Sheet

BAR_SHARE, SEGMENTS = 0.2, 2  # of the frame's width; the scale bar is about half of that
FOOT_MM = 3.0  # below the scale bar
WHY_PT = 11.0
OUTLINE_MM = 0.3


class Land:
    """Places of a package on a map. ``crs``: of the map, projected in metres; ``own``: the package's."""

    def __init__(self, crs: str, overlay_crs: str, project: QgsProject, layer: QgsVectorLayer | None = None):
        """:param overlay_crs: the run's, for a package in degrees. :param layer: of the package, whose CRS counts where
        ``crs`` says nothing."""
        self.own = _crs(crs)
        if not self.own.isValid() and layer is not None:
            self.own = layer.crs()
        drawn = _crs(overlay_crs) if self.own.isGeographic() else self.own
        self.crs = drawn if drawn.isValid() else self.own
        self._there = QgsCoordinateTransform(self.own, self.crs, project)

    def bounds(self, boxes: np.ndarray) -> QgsRectangle | None:
        """Of boxes in the package's CRS, shape (n, 4), on the map; None where none is known."""
        known = boxes[np.isfinite(boxes).all(axis=1)]
        if not len(known):
            return None
        corners = map(float, (*known[:, :2].min(axis=0), *known[:, 2:].max(axis=0)))
        box = QgsRectangle(*corners)
        if box.isEmpty():
            box.grow(1)
        return self._there.transformBoundingBox(box)

    def back(self, extent: QgsRectangle) -> bytes:
        """An extent of the map as WKB in the package's CRS."""
        shape = QgsGeometry.fromRect(extent)
        if self.own != self.crs:
            shape = shape.densifyByCount(8)
            shape.transform(self._there, QgsCoordinateTransform.TransformDirection.ReverseTransform)
        return bytes(shape.asWkb())

    def there(self, points: np.ndarray) -> np.ndarray:
        """Places in the package's CRS, (n, 2), in the map's; NaN stays NaN."""
        known = np.isfinite(points).all(axis=1)
        if self.crs == self.own or not known.any():
            return points
        moved, shape = np.full(points.shape, np.nan), QgsGeometry()
        shape.fromWkb(shapely.to_wkb(shapely.multipoints(points[known])))
        shape.transform(self._there)
        moved[known] = shapely.get_coordinates(shapely.from_wkb(bytes(shape.asWkb())))
        return moved

    def on_page(self, points: np.ndarray, extent: QgsRectangle, area: QRectF) -> np.ndarray:
        """Places in the package's CRS, (n, 2), as mm on the page; NaN stays NaN."""
        return _on_page(self.there(points), extent, area)

    def moved(self, shape: shapely.Geometry | None) -> shapely.Geometry | None:
        """A shape in the package's CRS in the map's, without heights; None for none."""
        if shape is None:
            return None
        shape = shapely.force_2d(shape)
        return shapely.set_coordinates(shape, self.there(shapely.get_coordinates(shape)))

    def outline(self, shape: shapely.Geometry | None, extent: QgsRectangle, area: QRectF) -> shapely.Geometry | None:
        """A shape in the package's CRS as it lies on the page, in mm, simplified; None for none."""
        shape = self.moved(shape)
        if shape is None or shape.is_empty:
            return None
        drawn = shapely.set_coordinates(shape, _on_page(shapely.get_coordinates(shape), extent, area))
        return shapely.make_valid(shapely.simplify(drawn, OUTLINE_MM))


def show(item: QgsLayoutItemMap, area: QRectF, land: Land, box: QgsRectangle, layers: Sequence[QgsMapLayer],
         room: float, round_up: bool = True) -> int:  # fmt: skip
    """Have a map show ``box`` in the middle, on ``room`` of its frame; the denominator of its scale."""
    denominator = max(box.width() / area.width(), box.height() / area.height()) * 1000 / room
    if round_up:
        denominator = round_scale(box.width(), box.height(), area.width() * room, area.height() * room)
    item.setCrs(land.crs)
    item.setKeepLayerSet(True)
    item.setLayers(list(layers))
    width, height = area.width() * denominator / 1000, area.height() * denominator / 1000
    x, y = box.center().x(), box.center().y()
    item.setExtent(QgsRectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    if round_up:
        item.setScale(denominator)
    return round(denominator)


def show_nothing(sheet: Sheet, why: str) -> None:
    """Have the maps of a sheet show nothing, and say why."""
    area = sheet.area("map")
    for name in ("map", "inset"):
        item = sheet.map(name)
        if item is not None:
            item.setKeepLayerSet(True)
            item.setLayers([])
    for name in ("scalebar", "north"):
        item = sheet.item(name)
        if item is not None:
            item.setVisibility(False)
    label = sheet.label("\n".join(sheet.fitter.wrap(why, area.width() * 0.8, WHY_PT * sheet.text_factor)), WHY_PT)
    label.setHAlign(Qt.AlignmentFlag.AlignHCenter)
    label.setVAlign(Qt.AlignmentFlag.AlignVCenter)
    sheet.add(label, area.x(), area.y(), area.width(), area.height())


def draw_scale_bar(sheet: Sheet, area: QRectF, denominator: float) -> None:
    """A bar of round lengths at the foot of the map's frame ``area``, with the scale behind it."""
    bar = sheet.item("scalebar")
    if not isinstance(bar, QgsLayoutItemScaleBar):
        return
    segment = bar_segment(denominator, area.width() * BAR_SHARE, SEGMENTS)
    kilometres = segment >= 1000
    bar.setUnits(Qgis.DistanceUnit.Kilometers if kilometres else Qgis.DistanceUnit.Meters)
    bar.setMapUnitsPerScaleBarUnit(1)
    bar.setUnitsPerSegment(segment / 1000 if kilometres else segment)
    bar.setUnitLabel(f"{'km' if kilometres else 'm'}   1 : {denominator:,}")
    bar.update()
    foot = area.bottom() - bar.rect().height() - FOOT_MM * sheet.factor
    bar.attemptMove(QgsLayoutPoint(bar.pos().x(), foot))


def _on_page(points: np.ndarray, extent: QgsRectangle, area: QRectF) -> np.ndarray:
    x = area.x() + (points[:, 0] - extent.xMinimum()) / extent.width() * area.width()
    y = area.y() + (extent.yMaximum() - points[:, 1]) / extent.height() * area.height()
    return np.column_stack([x, y])


def _crs(text: str) -> QgsCoordinateReferenceSystem:
    crs = QgsCoordinateReferenceSystem()
    crs.createFromUserInput(text)
    return crs
