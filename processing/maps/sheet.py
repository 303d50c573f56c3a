"""A sheet: the template scaled to a paper, its items found by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsFillSymbol,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutItemShape,
    QgsLayoutMeasurement,
    QgsLayoutMultiFrame,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
    QgsReadWriteContext,
    QgsSimpleFillSymbolLayer,
    QgsTextFormat,
)
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QRectF
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from ...core.errors import RedlineError
from .text_fit import Fitter
from .typeface import Typeface

TEMPLATES = Path(__file__).resolve().parents[2] / "resources" / "templates"
NORTH = TEMPLATES / "north.svg"
PAPERS = ("A4", "A3", "A2", "A1", "A0")
SHORT_SIDE = dict(zip(PAPERS, (210, 297, 420, 594, 841), strict=True))  # mm
CALLOUTS = dict(zip(PAPERS, (12, 24, 32, 40, 48), strict=True))  # findings that are labelled on the map
ITEMS = ("title", "map", "table", "verdict", "conclusion", "legend", "scalebar", "north", "inset", "figures", "data",
         "maker", "run", "signoff", "secrecy", "stale", "inset_title")  # fmt: skip
INK = QColor(20, 20, 20)
LARGE = ("title", "secrecy", "stale")  # texts that grow with the paper; the others less, since a sheet is to hold more
GROWTH, SHRINKAGE = 0.75, 0.5  # how text follows a paper's size
LEAST_PT = 5.0  # text is made no smaller to fit


class Sheet:
    """One page to be filled, again and again. ``missing``: ids of items that the template lacks."""

    def __init__(self, project: QgsProject, template: Path, paper: str, face: Typeface):
        """:param paper: of `PAPERS`. :param face: of all text.

        :raises RedlineError: ``template_unreadable`` where it is no layout template or has no map.
        """
        self.layout = QgsPrintLayout(project)
        self.layout.undoStack().blockCommands(True)  # else every page ever made is kept to be undone
        self.face, self.paper, self.fitter = face, paper, Fitter(face.font)
        self._load(template)
        self._made: list[QgsLayoutItem] = []  # for the present page only
        self._tables: list[QgsLayoutMultiFrame] = []
        page = self.layout.pageCollection().page(0).pageSize()
        self.factor = SHORT_SIDE[paper] / min(page.width(), page.height())
        self.text_factor = self.factor ** (GROWTH if self.factor > 1 else SHRINKAGE)
        self._scale()
        self.missing = [name for name in ITEMS if self.item(name) is None]
        self._sizes = {one.id(): one.textFormat().size() for one in self._labels()}

    def item(self, name: str) -> QgsLayoutItem | None:
        return self.layout.itemById(name)

    def map(self, name: str = "map") -> QgsLayoutItemMap | None:
        found = self.item(name)
        return found if isinstance(found, QgsLayoutItemMap) else None

    def area(self, name: str) -> QRectF | None:
        """Where an item stands, mm on the page."""
        found = self.item(name)
        return None if found is None else QRectF(found.pos().x(), found.pos().y(), found.rect().width(),
                                                 found.rect().height())  # fmt: skip

    def write(self, name: str, text: str) -> bool:
        """Put a text in its place, smaller where it would not fit; whether it does."""
        label = self.item(name)
        if not isinstance(label, QgsLayoutItemLabel):
            return True
        label.setVisibility(bool(text))
        width, height = label.rect().width(), label.rect().height()
        shape, size, bold = label.textFormat(), self._sizes[name], label.textFormat().forcedBold()
        while True:
            lines = self.fitter.wrap(text, width, size, bold)
            fits = len(lines) * self.fitter.line_height(size) <= height + 0.1
            if fits or size <= LEAST_PT:
                break
            size = max(LEAST_PT, size - 0.5)
        shape.setSize(size)
        label.setTextFormat(shape)
        label.setText("\n".join(lines))
        return fits

    def label(self, text: str, size: float, bold: bool = False) -> QgsLayoutItemLabel:
        """A text to be added, without margins; ``size`` in points on A3."""
        made = QgsLayoutItemLabel(self.layout)
        made.setText(text)
        made.setTextFormat(self.text_format(size, bold))
        made.setMarginX(0)
        made.setMarginY(0)
        return made

    def add(self, item: QgsLayoutItem, left: float, top: float, width: float = 0, height: float = 0) -> None:
        """An item that is on this page only, in mm."""
        self.layout.addLayoutItem(item)
        item.attemptMove(QgsLayoutPoint(left, top))
        if width and height:
            item.attemptResize(QgsLayoutSize(width, height))
        self._made.append(item)

    def frame(self, place: QRectF, width: float) -> None:
        """An empty box on this page only, in mm."""
        box = QgsLayoutItemShape(self.layout)
        box.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
        drawn = {"style": "no", "outline_width": str(width), "outline_color": INK.name(), "joinstyle": "miter"}
        box.setSymbol(QgsFillSymbol.createSimple(drawn))
        self.add(box, place.x(), place.y(), place.width(), place.height())

    def keep(self, item: QgsLayoutItem) -> None:
        """An item that is on this page only and stands where it was made."""
        self.layout.addLayoutItem(item)
        self._made.append(item)

    def own(self, table: QgsLayoutMultiFrame) -> None:
        """A table that is on this page only."""
        self._tables.append(table)

    def clear(self) -> None:
        """Take away what was added for a page, further pages too; what was hidden is seen again."""
        for name in ("scalebar", "north"):
            if self.item(name) is not None:
                self.item(name).setVisibility(True)
        for item in self._made:
            self.layout.removeLayoutItem(item)
        self._made.clear()
        for table in self._tables:
            for frame in table.frames():
                self.layout.removeLayoutItem(frame)
            self.layout.removeMultiFrame(table)
            table.deleteLater()  # QGIS only lets go of it
        self._tables.clear()
        pages = self.layout.pageCollection()
        while pages.pageCount() > 1:
            pages.deletePage(1)
        # What was taken away is deleted when Qt is idle, which it is not before the last page.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def text_format(self, size: float, bold: bool = False) -> QgsTextFormat:
        """Text in the sheet's typeface; ``size`` in points on A3."""
        made = QgsTextFormat()
        made.setFont(self.face.font())
        made.setForcedBold(bold)
        made.setSize(size * self.text_factor)
        made.setSizeUnit(Qgis.RenderUnit.Points)
        made.setColor(INK)
        return made

    def _load(self, template: Path) -> None:
        document = QDomDocument()
        try:
            content = template.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RedlineError("template_unreadable", path=str(template)) from error
        read = document.setContent(content, False)
        if not (read[0] if isinstance(read, tuple) else read):
            raise RedlineError("template_unreadable", path=str(template))
        _, loaded = self.layout.loadFromTemplate(document, QgsReadWriteContext())
        if not loaded or self.map() is None or not self.layout.pageCollection().pageCount():
            raise RedlineError("template_unreadable", path=str(template))

    def _scale(self) -> None:
        page = self.layout.pageCollection().page(0)
        size = page.pageSize()
        page.setPageSize(QgsLayoutSize(size.width() * self.factor, size.height() * self.factor))
        for item in self._items():
            place = self.area(item.id()) if item.id() else None
            if place is None or item is page:
                continue
            item.attemptMove(QgsLayoutPoint(place.x() * self.factor, place.y() * self.factor))
            item.attemptResize(QgsLayoutSize(place.width() * self.factor, place.height() * self.factor))
            self._scale_look(item)

    def _scale_look(self, item: QgsLayoutItem) -> None:
        """Text, lines and pictures of an item."""
        factor = self.text_factor
        if isinstance(item, QgsLayoutItemLabel | QgsLayoutItemScaleBar):
            shape = item.textFormat()
            bold = shape.font().bold()  # what QGIS keeps in a template as forced says nothing
            shape.setSize(shape.size() * (self.factor if item.id() in LARGE else factor))
            if item.id() in ITEMS:
                shape.setFont(self.face.font(bold))
                shape.setForcedBold(bold)
            item.setTextFormat(shape)
        if isinstance(item, QgsLayoutItemScaleBar):
            item.setHeight(item.height() * factor)
        if isinstance(item, QgsLayoutItemShape):
            symbol = item.symbol().clone()
            for layer in symbol.symbolLayers():
                if isinstance(layer, QgsSimpleFillSymbolLayer):
                    layer.setStrokeWidth(layer.strokeWidth() * factor)
            item.setSymbol(symbol)
        if isinstance(item, QgsLayoutItemPicture) and item.id() == "north" and not Path(item.picturePath()).is_file():
            item.setPicturePath(str(NORTH))
        item.setFrameStrokeWidth(QgsLayoutMeasurement(item.frameStrokeWidth().length() * factor))

    def _items(self) -> Sequence[QgsLayoutItem]:
        return [item for item in self.layout.items() if isinstance(item, QgsLayoutItem)]

    def _labels(self) -> list[QgsLayoutItemLabel]:
        return [item for item in self._items() if isinstance(item, QgsLayoutItemLabel)]
