"""The row of filters over the findings: values of their columns, and least sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING

from qgis.core import QgsApplication
from qgis.gui import QgsCheckableComboBox, QgsDoubleSpinBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from ..i18n import tr
from ..processing.styling import CODES
from .collation import ranks
from .columns import Unit

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed


WIDTH_PX = 125  # of a filter, where all are to stand on two lines


class FilterBar(QWidget):
    """:ivar changed: another choice was made."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(3)
        self._columns = 0
        titles = {
            "line": tr("Line"),
            "zone": tr("Zone"),
            "severity": tr("Severity"),
            "state": tr("Since the last run"),
            "decision": tr("Decision"),
        }
        self._quiet = False
        self._offered: dict[str, list[tuple[str | None, str]]] = {}  # codes and their words, by the column
        self.choices: dict[str, QgsCheckableComboBox] = {}
        for name, title in titles.items():
            combo = QgsCheckableComboBox()
            combo.setDefaultText(tr("{name}: all").format(name=title))
            combo.setToolTip(title)
            # Its own signal waits until the list is closed.
            combo.model().itemCheckStateChanged.connect(lambda index: self._changed())
            self.choices[name] = combo
        self.least: dict[str, QgsDoubleSpinBox] = {}
        for name in ("area_m2", "share_pct", "width_m"):
            spin = QgsDoubleSpinBox()
            spin.setRange(0, 1e12)
            spin.setDecimals(4 if name == "area_m2" else 2)
            spin.setShowClearButton(False)  # it would stand on the unit; one button clears all
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda value: self._changed())
            self.least[name] = spin
        self._clear = QToolButton()
        self._clear.setIcon(QgsApplication.getThemeIcon("/mIconClearText.svg"))
        self._clear.setToolTip(tr("Clear filters"))
        self._clear.clicked.connect(self.clear)
        self._unit = Unit("m²", 1.0, 2)
        self._area = (0.0, 0.0)  # the least area as it stands there, and what that is in m²
        self.show_unit(self._unit)
        for widget in (*self.choices.values(), *self.least.values()):  # of one width, however long the words
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            widget.setMinimumWidth(80)
        self._place(4)

    @property
    def widgets(self) -> list[QWidget]:
        """In the order in which they are read; the last clears the others."""
        return [*self.choices.values(), *self.least.values(), self._clear]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(4 if event.size().width() >= 4 * WIDTH_PX else 2)

    def _place(self, columns: int) -> None:
        """In so many columns, and behind them the button that clears all."""
        if columns == self._columns:
            return
        self._columns = columns
        *fields, _ = self.widgets
        for place, field in enumerate(fields):
            self._grid.addWidget(field, place // columns, place % columns)
        rows = -(-len(fields) // columns)
        self._grid.addWidget(self._clear, 0, 4, rows, 1, Qt.AlignmentFlag.AlignTop)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def offer(self, browsed: Browsed, names: Mapping[str, str], texts: Texts) -> None:
        """Offer the values that there are; what was chosen stays where it is still there. ``names``: of lines."""
        words = {
            "line": lambda code: names.get(code, code),
            "zone": lambda zone: zone,
            "severity": lambda code: texts.word("severity", code),
            "state": lambda code: texts.word("state", code),
            "decision": lambda code: texts.word("decision", code),
        }
        for name, codes in browsed.values().items():
            combo = self.choices[name]
            kept = set(_checked(combo))
            if name == "decision":  # it means the same everywhere, and the last one that is open may just be decided
                codes = [*codes, *kept.difference(codes)]
            named = [(code, words[name](code) if code else "") for code in codes]
            if named != self._offered.get(name):
                self._offered[name] = named
                self._fill(combo, _sorted(named, list(names) if name == "line" else CODES.get(name, ())), kept)
            combo.setEnabled(combo.count() > 1 or bool(kept))

    def _fill(self, combo: QgsCheckableComboBox, named: list[tuple[str | None, str]], kept: set[str | None]) -> None:
        with self._quietly():
            combo.clear()
            for code, word in named:
                state = Qt.CheckState.Checked if code in kept else Qt.CheckState.Unchecked
                combo.addItemWithCheckState(word or tr("not stated"), state, code or "")
            if not kept.intersection(code for code, _ in named):
                combo.deselectAllOptions()  # else it goes on showing the words of what was chosen

    def show_unit(self, unit: Unit) -> None:
        """The unit of the least area; that stays what it is."""
        least = self._least_area()
        self._unit = unit
        for name, prefix, suffix in (
            ("area_m2", tr("Area ≥"), unit.name),
            ("share_pct", tr("Share ≥"), "%"),
            ("width_m", tr("Width ≥"), "m"),
        ):
            self.least[name].setPrefix(f"{prefix} ")
            self.least[name].setSuffix(f" {suffix}")
        with self._quietly():
            self.least["area_m2"].setValue(least / unit.m2)
        self._area = (self.least["area_m2"].value(), least)

    def _least_area(self) -> float:
        """In m²: as it was typed, however it was rounded since to be shown in another unit."""
        shown, area = self._area
        typed = self.least["area_m2"].value()
        return area if typed == shown else typed * self._unit.m2

    def values(self) -> dict[str, frozenset[str | None]]:
        """The values asked for by column; columns of which nothing is asked are left out."""
        chosen = {name: frozenset(_checked(combo)) for name, combo in self.choices.items()}
        return {name: values for name, values in chosen.items() if values}

    def least_sizes(self) -> dict[str, float]:
        """Least sizes asked for: m², per cent, metres."""
        sizes = {name: spin.value() for name, spin in self.least.items()} | {"area_m2": self._least_area()}
        return {name: size for name, size in sizes.items() if size > 0}

    @property
    def count(self) -> int:
        return len(self.values()) + len(self.least_sizes())

    def clear(self) -> None:
        with self._quietly():
            for combo in self.choices.values():
                combo.deselectAllOptions()
            for spin in self.least.values():
                spin.setValue(0)
        self._area = (0.0, 0.0)
        self.changed.emit()

    def _changed(self) -> None:
        if not self._quiet:
            self.changed.emit()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


def _sorted(named: list[tuple[str | None, str]], order: Sequence[str]) -> list[tuple[str | None, str]]:
    """Codes and their words as ``order`` has them, then as a reader looks for them, what is not stated last."""
    places = {code: place for place, code in enumerate(order)}
    by_word = ranks([word for _, word in named])
    keys = [(not code, places.get(code, len(places)), rank) for (code, _), rank in zip(named, by_word, strict=True)]
    return [one for _, one in sorted(zip(keys, named, strict=True), key=itemgetter(0))]


def _checked(combo: QgsCheckableComboBox) -> list[str | None]:
    # An empty value is None in the findings.
    return [code or None for code in combo.checkedItemsData()]
