"""What does not fit on a sheet's first page: tables go on from its place for them to further pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qgis.core import QgsLayoutItemLabel, QgsLayoutItemPage
from qgis.PyQt.QtCore import QMarginsF, QRectF, Qt
from qgis.PyQt.QtGui import QColor

from ...core.report.sheets.tables import SheetTable
from ...core.report.texts import Texts
from .sheet import Sheet
from .table_fit import SLACK_MM, Laid, Measured
from .table_item import draw_rows

# mm on A3; they grow with the text.
MARGIN, HEAD, FOOT, GAP = 10.0, 16.0, 11.0, 4.0
TITLE_PT, HEADING_PT, FOOT_PT = 14.0, 9.0, 6.5
THICK, THIN, BETWEEN = 0.8, 0.2, 1.5
COLUMNS = 4  # tables side by side, at most
LEAST_ROWS = 3  # that stand with a heading; fewer go on to the next page
STALE = QColor(200, 16, 46)


@dataclass(frozen=True)
class Furniture:
    """What stands on each further page: ``title`` above, ``left`` and ``right`` below, ``secrecy`` and ``warning``."""

    title: str
    left: str
    right: str
    secrecy: str = ""
    warning: str = ""


def write_tables(
    sheet: Sheet, tables: Sequence[SheetTable], written: Mapping[str, str], texts: Texts
) -> QRectF | None:  # fmt: skip
    """Put tables into the sheet's place ``table`` and on further pages, and number the pages where there are several;
    what is left of the place.

    :param written: what stands on the sheet, by the ids of the template's items.
    """
    title = texts.say("sheet_continued", title=written["title"])
    flow = Flow(sheet, Furniture(title, written["run"], written["maker"], written["secrecy"], written["stale"]))
    for table in tables:
        flow.put(table)
    if flow.pages > 1:
        numbers = [texts.say("sheet_page", number=one + 1, count=flow.pages) for one in range(flow.pages)]
        flow.finish(numbers)
        sheet.write("run", f"{written['run']}    {numbers[0]}")
        return None
    return flow.room


class Flow:
    """Puts tables one after the other. ``pages``: how many there are; ``room``: what is free on the last, if any."""

    def __init__(self, sheet: Sheet, furniture: Furniture):
        self._sheet, self._furniture, self._unit = sheet, furniture, sheet.text_factor
        self.room, self._fresh = sheet.area("table"), True
        self.pages = 1

    def put(self, table: SheetTable) -> None:
        """Draw a table below the last, on as many pages as it needs."""
        first, measured = 0, Measured(table, self._sheet.fitter, self._unit)
        while first < len(table.rows):
            if self.room is not None:
                first = self._fill(measured, first)
            if first < len(table.rows):
                self._turn()

    def _fill(self, table: Measured, first: int) -> int:
        """Draw what there is room for, in columns on a further page; the first row that is left."""
        room, title = self.room, "" if self.pages == 1 and self._fresh else table.table.title
        head = HEADING_PT * 0.6 * self._unit if title else 0.0
        columns = 1 if self.pages == 1 else self._columns(table, room.width())
        width = (room.width() - (columns - 1) * GAP * self._unit) / columns
        high = room.height() - head - SLACK_MM
        made = table.laid(width, high if self.pages == 1 else 0)
        some = made.heights[first + 1 : first + 1 + LEAST_ROWS]
        if made.heights[0] + sum(some) > high and not (self._fresh and self.pages > 1):
            return first
        # On the last page all columns are of one height.
        fair = made.heights[0] + sum(made.heights[first + 1 :]) / columns + max(made.heights[1:])
        used, high = 0.0, min(high, fair)
        for column in range(columns):
            last = _last(made, first, high)
            if last == first and self._fresh and self.pages > 1 and not used:
                last += 1  # one at least, so that it comes to an end
            if last > first:
                left = room.left() + column * (width + GAP * self._unit)
                used = max(used, draw_rows(self._sheet, made, first, last, left, room.top() + head))
                first = last
        if title and used:
            self._write(title, HEADING_PT, room.left(), room.top(), room.width(), head, bold=True)
        room.setTop(room.top() + head + used + SLACK_MM + GAP * self._unit)
        self._fresh = self._fresh and not used
        return first

    def _columns(self, table: Measured, width: float) -> int:
        gap = GAP * self._unit
        return max(1, min(COLUMNS, int((width + gap) // (table.natural_width() + gap))))

    def _turn(self) -> None:
        """A further page."""
        pages = self._sheet.layout.pageCollection()
        page = QgsLayoutItemPage(self._sheet.layout)
        page.setPageSize(pages.page(0).pageSize())
        pages.addPage(page)
        self.pages += 1
        self.room, self._fresh = self._whole(), True
        frame = self.room.marginsAdded(_margins(GAP * self._unit / 2))
        self._sheet.frame(frame, THIN * self._unit)
        self._sheet.frame(frame.marginsAdded(_margins(BETWEEN * self._unit)), THICK * self._unit)

    def _whole(self) -> QRectF:
        """The place for tables on the last page."""
        page, unit = self._page(self.pages - 1), self._unit
        side = MARGIN + BETWEEN + GAP / 2
        return page.adjusted(side * unit, (HEAD + BETWEEN + GAP / 2) * unit, -side * unit,
                             -(FOOT + BETWEEN + GAP / 2) * unit)  # fmt: skip

    def _page(self, number: int) -> QRectF:
        page = self._sheet.layout.pageCollection().page(number)
        return QRectF(0, page.pos().y(), page.pageSize().width(), page.pageSize().height())

    def finish(self, numbered: Sequence[str]) -> None:
        """Write what stands about the tables on each further page.

        :param numbered: for each page, the first too, which page of how many it is.
        """
        said, unit, right = self._furniture, self._unit, Qt.AlignmentFlag.AlignRight
        for number in range(1, self.pages):
            page = self._page(number)
            top, left, across = page.top(), MARGIN * unit, page.width() - 2 * MARGIN * unit
            middle = Qt.AlignmentFlag.AlignHCenter
            self._write(said.title, TITLE_PT, left, top + 6 * unit, across, 8 * unit, True, middle)
            self._write(said.secrecy, HEADING_PT, left, top + 6 * unit, across, 6 * unit, True, right)
            foot = page.bottom() - (FOOT - 2) * unit
            self._write(f"{said.left}    {numbered[number]}", FOOT_PT, left, foot, across, 5 * unit)
            self._write(said.right, FOOT_PT, left, foot, across, 5 * unit, False, right)
            label = self._write(said.warning, FOOT_PT, left, top + 1.5 * unit, across, 4 * unit, True)
            if label is not None:
                shape = label.textFormat()
                shape.setColor(STALE)
                label.setTextFormat(shape)

    def _write(
        self, text: str, size: float, left: float, top: float, width: float, height: float, bold: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> QgsLayoutItemLabel | None:  # fmt: skip
        if not text:
            return None
        wide = self._sheet.fitter.width(text, size * self._unit, bold)
        label = self._sheet.label(text, size * min(1.0, width / wide), bold)
        label.setHAlign(align)
        self._sheet.add(label, left, top, width, height)
        return label


def _last(made: Laid, first: int, height: float) -> int:
    """The first row that no longer stands in a height, below the headings."""
    used, row = made.heights[0], first
    while row + 1 < len(made.heights) and used + made.heights[row + 1] <= height + 0.001:
        used += made.heights[row + 1]
        row += 1
    return row


def _margins(side: float) -> QMarginsF:
    return QMarginsF(side, side, side, side)
