"""Fields with their names, in two columns where there is room, of which only those asked for are shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

FIELD_SIGNS = 14  # a field of a column is at least as wide as so many letters
SLACK_PX = 30  # a scroll bar that comes and goes does not change the number of columns


@dataclass
class _Field:
    label: QLabel | None
    widget: QWidget
    wide: bool


class FieldGrid(QWidget):
    """Fields stand in the order they were added. Those not asked for take no room and leave no gap, which a
    QFormLayout of Qt 5 cannot do."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 4, 4, 4)
        self._grid = QGridLayout()
        column.addLayout(self._grid)
        column.addStretch(1)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._fields: list[_Field] = []
        self._hidden: set[QWidget] = set()
        self._columns = 1

    def add(self, title: str, widget: QWidget, wide: bool = False) -> None:
        """A field; ``wide``: over both columns. Without a title it takes its name's place as well."""
        label = None
        if title:
            label = QLabel(title, self)
            label.setBuddy(widget)
        widget.setParent(self)
        self._fields.append(_Field(label, widget, wide))

    def label_of(self, widget: QWidget) -> QLabel | None:
        return next((field.label for field in self._fields if field.widget is widget), None)

    def leave_out(self, widgets: Collection[QWidget]) -> None:
        """Show all fields but these."""
        self._hidden = set(widgets)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = 2 if self.width() >= self._width_of(2) - SLACK_PX * (self._columns - 1) else 1
        if columns != self._columns:
            self._columns = columns
            self._place()

    def minimumSizeHint(self) -> QSize:
        """As wide as one column: in a scroll area, two would never become one again."""
        return QSize(self._width_of(1), super().minimumSizeHint().height())

    def _width_of(self, columns: int) -> int:
        """How wide so many columns are, whichever fields are shown."""
        names = max((field.label.sizeHint().width() for field in self._fields if field.label), default=0)
        return columns * (names + FIELD_SIGNS * self.fontMetrics().averageCharWidth() + 12) + 16

    def _place(self) -> None:
        """Lay out the fields that are asked for, one after the other."""
        while self._grid.count():
            self._grid.takeAt(0)
        row = column = 0
        for field in self._fields:
            shown = field.widget not in self._hidden
            for one in filter(None, (field.label, field.widget)):
                one.setVisible(shown)
            if not shown:
                continue
            wide = field.wide or self._columns == 1
            if wide and column:
                row, column = row + 1, 0
            self._put(field, row, 2 * column, 2 * self._columns - 1 if wide else 1)
            column = (column + 1) % 2
            if wide or not column:
                row, column = row + 1, 0
        for column in (1, 3):
            self._grid.setColumnStretch(column, 1 if column < 2 * self._columns else 0)

    def _put(self, field: _Field, row: int, column: int, span: int) -> None:
        if field.label is None:
            self._grid.addWidget(field.widget, row, column, 1, span + 1)
            return
        self._grid.addWidget(field.label, row, column, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(field.widget, row, column + 1, 1, span)


class Elided(QLabel):
    """One line of plain text, shortened in its middle where there is no room.

    :ivar full: all of it, which its tooltip tells too.
    """

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str, more: str = "") -> None:
        """Show this; ``more``: what the tooltip tells instead."""
        self.full = text
        self.setToolTip(more or text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width()
        self.setText(self.fontMetrics().elidedText(self.full, Qt.TextElideMode.ElideMiddle, room))
