"""Between the review panel and the map: zoom, flash, the outline of the town, and what is selected there."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgisInterface, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor

from ..processing.browse_layer import near
from ..processing.package_layers import FINDINGS, TOWNS, layer_of

if TYPE_CHECKING:
    from ..core.review.browse import Browsed

OUTLINE = QColor(20, 20, 20)
FEW = 5000  # findings selected on the map at once; more would only colour it all
SETTLE_MS = 200  # after the map was moved
REACH_PX = 3
NOWHERE = (inf, inf, -inf, -inf)  # an extent that touches nothing


class MapLink(QObject):
    """:ivar picked: ids of the findings that are selected on the map. :ivar clicked: of those at a place that was
    clicked, the smallest first. :ivar moved: the map shows another part of the land.
    :ivar failed: the RedlineError why the package was not read.
    """

    picked = pyqtSignal(list)
    clicked = pyqtSignal(list)
    moved = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(self, iface: QgisInterface, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = iface.mapCanvas()
        self._browsed: Browsed | None = None
        self._layer_id = ""  # of the layer whose findings are shown, where it is no package
        self._own = False  # the selection on the map is being changed from here
        self._outline: QgsRubberBand | None = None
        self._outlined: QgsGeometry | None = None  # in the package's CRS
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLE_MS)
        self._settled.timeout.connect(self.moved)
        self._canvas.extentsChanged.connect(self._settled.start)
        self._canvas.destinationCrsChanged.connect(self._draw_outline)
        self.tool = PickTool(self._canvas, self)
        project = QgsProject.instance()
        project.layersAdded.connect(self._watch)
        self._watch(list(project.mapLayers().values()))

    def show(self, browsed: Browsed, layer_id: str = "") -> None:
        """Another package, or the layer whose findings are shown; nothing of it is selected."""
        self.select([])
        self._browsed, self._layer_id = browsed, layer_id
        self._outlined = None
        self._draw_outline()

    def name_of(self, layer_id: str) -> str:
        """The name of a layer of the project, empty where it has gone."""
        layer = QgsProject.instance().mapLayer(layer_id)
        return layer.name() if layer is not None else ""

    def end(self) -> None:
        """Leave the map as it was. QGIS may have deleted it already, when it closes."""
        self._settled.stop()
        QgsProject.instance().layersAdded.disconnect(self._watch)
        if sip.isdeleted(self._canvas):
            return
        self._outlined = None
        self._draw_outline()
        self._canvas.unsetMapTool(self.tool)
        self.tool.deleteLater()  # the map's own child, it would stay with all that it holds
        self._canvas.extentsChanged.disconnect(self._settled.start)
        self._canvas.destinationCrsChanged.disconnect(self._draw_outline)

    def zoom(self, box: np.ndarray, factor: float) -> None:
        """Show the land in ``box``, shape (4,), in the package's CRS; nothing where it is unknown."""
        if not np.isfinite(box).all():
            return
        extent = QgsRectangle(*map(float, box))
        if extent.isEmpty():
            extent.grow(1)
        try:
            extent = self._to_map().transformBoundingBox(extent)
        except QgsCsException:  # the map's CRS knows no such place
            return
        if not extent.isFinite():
            return
        extent.scale(factor)
        self._canvas.setExtent(extent)
        self._canvas.refresh()

    def select(self, rows: list[int]) -> None:
        """Select these findings on the map, where a layer shows them; none of too many."""
        layer = self._findings_layer()
        if layer is None:
            return
        self._own = True
        try:
            layer.selectByIds([int(fid) for fid in self._browsed.fids[rows]] if 0 < len(rows) <= FEW else [])
        finally:
            self._own = False

    def flash(self, row: int) -> None:
        """Draw the eye to one finding."""
        shape = self.shape(FINDINGS, int(self._browsed.fids[row]))
        if shape is not None:
            self._canvas.flashGeometries([shape], self._crs())

    def outline(self, row: int) -> None:
        """Draw the outline of one town, -1 for none."""
        self._outlined = None
        try:
            self._outlined = self.shape(TOWNS, int(self._browsed.town_fids[row])) if row >= 0 else None
        finally:
            self._draw_outline()

    def extent(self) -> tuple[float, float, float, float] | None:
        """What the map shows of the findings' land, in the package's CRS; `NOWHERE` where it shows none of it."""
        from ..core.review.browse import extent_of

        land = extent_of(self._browsed.boxes)
        if not np.isfinite(land).all():
            return None
        # A map of half the world cannot be told in the package's CRS, the part of it with findings can.
        try:
            seen = self._to_map().transformBoundingBox(QgsRectangle(*map(float, land)))
            if not seen.intersects(self._canvas.extent()):
                return NOWHERE
            seen = seen.intersect(self._canvas.extent())
            box = self._to_map().transformBoundingBox(seen, Qgis.TransformDirection.Reverse)
        except QgsCsException:
            return NOWHERE
        return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()

    def pick_by_click(self, on: bool) -> None:
        """Whether a click on the map finds the finding there."""
        if on:
            self._canvas.setMapTool(self.tool)
        else:
            self._canvas.unsetMapTool(self.tool)

    def pick(self, point: QgsPointXY, reach: float) -> None:
        """The findings at a place of the map, ``reach`` in its units."""
        from ..core.errors import RedlineError
        from ..core.review.pick import findings_at

        if self._browsed is None:
            return
        grown = QgsRectangle(point, point)
        grown.grow(reach)
        try:
            box = self._to_map().transformBoundingBox(grown, Qgis.TransformDirection.Reverse)
        except QgsCsException:
            return
        place, reach = box.center(), box.width() / 2
        try:
            rows = findings_at(self._browsed, place.x(), place.y(), reach, self._near(place, reach))
        except RedlineError as error:
            self.failed.emit(error)
            return
        if rows:
            self.clicked.emit(self._browsed.ids(rows))

    def shape(self, layer: str, fid: int) -> QgsGeometry | None:
        """The land of a feature: from the package, else from the layer that shows it.

        :raises RedlineError: those of `open_package`.
        """
        from ..core.review.pick import shape_wkb

        if self._browsed.path is None:
            shown = self._findings_layer() if layer == FINDINGS else None
            shape = shown.getGeometry(fid) if shown is not None else QgsGeometry()
            return None if shape.isNull() else shape
        wkb = shape_wkb(self._browsed.path, layer, fid)
        if wkb is None:
            return None
        shape = QgsGeometry()
        shape.fromWkb(wkb)
        return shape

    def _near(self, place: QgsPointXY, reach: float) -> Callable[[list[int]], np.ndarray] | None:
        """Looks into the layer that is shown; None where it is a package."""
        if self._browsed.path is not None:
            return None
        layer = self._findings_layer()
        if layer is None:  # it has gone from the project
            return lambda fids: np.zeros(len(fids), dtype=bool)
        return lambda fids: near(layer, fids, place.x(), place.y(), reach)

    def _findings_layer(self) -> QgsVectorLayer | None:
        """The layer of the project whose features have the ids that `Browsed` has; none is kept, it may go any time."""
        if self._browsed is None:
            return None
        if self._browsed.path is not None:
            return layer_of(self._browsed.path, FINDINGS)
        layer = QgsProject.instance().mapLayer(self._layer_id)
        return layer if isinstance(layer, QgsVectorLayer) else None

    def _watch(self, layers: list[QgsMapLayer]) -> None:
        """Whatever layer has the ids of findings: a selection in it is one of the panel."""
        for layer in layers:
            if isinstance(layer, QgsVectorLayer) and layer.fields().indexOf("finding_id") >= 0:
                layer.selectionChanged.connect(self._selected)

    def _selected(self) -> None:
        layer = self.sender()
        if self._own or self._browsed is None or not isinstance(layer, QgsVectorLayer):
            return
        count = layer.selectedFeatureCount()
        if 0 < count <= FEW:
            field = layer.fields().indexOf("finding_id")
            self.picked.emit([str(feature.attribute(field)) for feature in layer.getSelectedFeatures()])
        elif not count and layer is self._findings_layer():
            self.picked.emit([])

    def _crs(self) -> QgsCoordinateReferenceSystem:
        crs = QgsCoordinateReferenceSystem()
        crs.createFromUserInput(self._browsed.crs if self._browsed else "")
        return crs

    def _to_map(self) -> QgsCoordinateTransform:
        """An invalid CRS of the package transforms nothing."""
        return QgsCoordinateTransform(self._crs(), self._canvas.mapSettings().destinationCrs(), QgsProject.instance())

    def _draw_outline(self) -> None:
        """The outline keeps to the map's CRS of when it was drawn: another one, another drawing."""
        if self._outline is not None:
            self._canvas.scene().removeItem(self._outline)
            self._outline = None
        if self._outlined is not None:
            self._outline = QgsRubberBand(self._canvas, Qgis.GeometryType.Polygon)
            self._outline.setStrokeColor(OUTLINE)
            self._outline.setFillColor(QColor(0, 0, 0, 0))
            self._outline.setWidth(3)
            self._outline.setToGeometry(self._outlined, self._crs())


class PickTool(QgsMapTool):
    """A click on the map finds the finding there."""

    def __init__(self, canvas, link: MapLink):
        super().__init__(canvas)
        self._link = link
        self.setCursor(Qt.CursorShape.WhatsThisCursor)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        self._link.pick(event.mapPoint(), REACH_PX * self.canvas().mapUnitsPerPixel())
