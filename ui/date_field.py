"""A day, typed as people write it or chosen in a calendar."""

from __future__ import annotations

import re
import unicodedata

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtWidgets import QCalendarWidget, QCheckBox, QLineEdit, QMenu, QWidget, QWidgetAction

from ..i18n import tr
from .pages import FOR_EVER

_WRITTEN = re.compile(r"(\d{4})[-/.年 ]?(\d{1,2})[-/.月 ]?(\d{1,2})日?")


class DateField(QLineEdit):
    """Empty until somebody enters a day: none is made up. QGIS's own date field takes no typing while it is empty."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setPlaceholderText(tr("yyyy-mm-dd"))
        icon = QgsApplication.getThemeIcon("/mIconFieldDate.svg")
        self.addAction(icon, QLineEdit.ActionPosition.TrailingPosition).triggered.connect(self._choose)
        self.editingFinished.connect(lambda: self.setText(self.value()))

    def value(self) -> str:
        """The day as 2026-05-01; what was typed where it is none, for who reads it to say so."""
        return self._day().toString(Qt.DateFormat.ISODate) or self.text().strip()

    def reset(self) -> None:
        self.clear()

    def _day(self) -> QDate:
        written = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", self.text()).strip())
        return QDate(*map(int, written.groups())) if written else QDate()

    def _choose(self) -> None:
        """A calendar below the field, at the day that stands there or today."""
        menu = QMenu(self)
        calendar, held = QCalendarWidget(), QWidgetAction(menu)
        calendar.setSelectedDate(self._day() if self._day().isValid() else QDate.currentDate())
        held.setDefaultWidget(calendar)
        menu.addAction(held)
        for chosen in (calendar.clicked, calendar.activated):
            chosen.connect(lambda day: (self.setText(day.toString(Qt.DateFormat.ISODate)), menu.close()))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        calendar.setFocus()


class Validity(DateField):
    """The last day of an approval; ``for_ever``, which stands beside it: that it has none."""

    def __init__(self) -> None:
        super().__init__()
        self.for_ever = QCheckBox(tr("without end"))
        self.for_ever.toggled.connect(lambda checked: self.setEnabled(not checked))

    def reset(self) -> None:
        super().reset()
        self.for_ever.setChecked(False)

    def value(self) -> str:
        return FOR_EVER if self.for_ever.isChecked() else super().value()
