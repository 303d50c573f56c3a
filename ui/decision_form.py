"""The form a decision is made in. What is typed stays until it is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from qgis.core import QgsApplication
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..i18n import tr
from . import settings
from .columns import Unit
from .date_field import DateField, Validity
from .field_grid import Elided, FieldGrid
from .pages import levels
from .steps import shortcut

EXCEPTION, FALSE_POSITIVE, ADJUSTMENT, RESOLVED = (
    "accepted_exception",
    "false_positive",
    "needs_adjustment",
    "resolved",
)
KEYS = "Ctrl+Return"  # record, then next
CHOICES = (ADJUSTMENT, EXCEPTION, FALSE_POSITIVE, RESOLVED, "verified", "open")


@dataclass
class Fact:
    """A field for a fact in an event's details, and the decisions it is asked for."""

    title: str
    widget: QWidget
    decisions: tuple[str, ...]


class DecisionForm(QWidget):
    """:ivar recorded: what is to be recorded: decision, author, reason, legal basis, remark, details; and whether to
    go on to the next finding. :ivar undo_last: what was recorded last is to be taken back, by this author.
    :ivar undo_own: the author's last decision on what is selected. :ivar left: the planner goes back to the findings.
    """

    recorded = pyqtSignal(dict, bool)
    undo_last = pyqtSignal(str)
    undo_own = pyqtSignal(str)
    left = pyqtSignal()

    def __init__(self, words: dict[str, str], parent: QWidget | None = None):
        super().__init__(parent)
        self.fields = FieldGrid()
        self._unit = Unit("m²", 1.0, 2)
        self._decidable = self._undoable = self._waits = False
        self._at: QWidget | None = None  # had the focus before it waited
        self.subject, self.message = Elided(), QLabel()
        bold = self.subject.font()
        bold.setBold(True)
        self.subject.setFont(bold)
        self.decision = QComboBox()
        for code in CHOICES:
            self.decision.addItem(words[code], code)
        _narrow(self.decision)
        self.reason, self.basis, self.author = QLineEdit(), QLineEdit(), QLineEdit()
        self.author.setText(settings.author())
        self.author.setToolTip(tr("Your name: every decision has one."))
        self.author.setMinimumWidth(10 * self.fontMetrics().averageCharWidth())
        self.remark = QPlainTextEdit()
        self.remark.setFixedHeight(self.reason.sizeHint().height() + self.fontMetrics().lineSpacing())
        self.remark.setTabChangesFocus(True)
        self.facts = self._fact_fields()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message.setContentsMargins(9, 0, 4, 0)
        self.message.hide()
        self.fields.add("", self.subject)
        self.decision.setToolTip(tr("Decision"))
        self.decision.setAccessibleName(tr("Decision"))
        self.fields.add("", self.decision)
        self.fields.add(tr("Reason"), self.reason, wide=True)
        self.fields.add(tr("Legal basis"), self.basis)
        for key, fact in self.facts.items():
            fact.widget.setObjectName(key)
            self.fields.add(fact.title, fact.widget, wide=key == "attachment")
            if isinstance(fact.widget, Validity):
                self.fields.add("", fact.widget.for_ever)
        self.fields.add(tr("Remark"), self.remark, wide=True)
        self._scroll = area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.fields)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 4)
        page.setSpacing(4)
        page.addWidget(area, 1)
        page.addWidget(self.message)
        page.addLayout(self._foot())
        shortcut(self, "Esc", self.left.emit)
        self.decision.currentIndexChanged.connect(self._show_facts)
        self._show_facts()

    def _foot(self) -> QHBoxLayout:
        """Who decides, and the buttons: in sight however long the form is."""
        self.undone, self.record = QToolButton(), QPushButton(tr("Record"))
        self.record_next = QPushButton(tr("Record, then next"))
        self.undone.setIcon(QgsApplication.getThemeIcon("/mActionUndo.svg"))
        self.undone.setToolTip(tr("Take back a decision; it stays in the history."))
        self.undone.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.undone.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.undone.setMenu(QMenu(self.undone))
        self.take_last = self.undone.menu().addAction("")
        self.take_own = self.undone.menu().addAction(tr("Take back my last decision on what is selected"))
        self.record.setToolTip(tr("Record the decision and stay here"))
        self.record_next.setToolTip(tr("Record the decision and go to the next finding ({keys})").format(keys=KEYS))
        self.take_last.triggered.connect(lambda: self.undo_last.emit(self._author()))
        self.take_own.triggered.connect(lambda: self.undo_own.emit(self._author()))
        self.record.clicked.connect(lambda: self._record(False))
        self.record_next.clicked.connect(lambda: self._record(True))
        row = QHBoxLayout()
        row.setContentsMargins(9, 0, 4, 0)
        row.addWidget(QLabel(tr("Decided by")))
        row.addWidget(self.author, 1)
        row.addWidget(self.undone)
        row.addWidget(self.record)
        row.addWidget(self.record_next)
        return row

    def _fact_fields(self) -> dict[str, Fact]:
        """By their names in an event's details (docs/decisions.md)."""
        level = QComboBox()
        for code, word in levels().items():
            level.addItem(word, code)
        _narrow(level)
        self._unit_fact = Fact(tr("Approved area ({unit})"), QLineEdit(), (EXCEPTION,))
        attachment = QgsFileWidget()
        attachment.setStorageMode(QgsFileWidget.StorageMode.GetFile)
        adjusting = (ADJUSTMENT, RESOLVED)
        return {
            "authority": Fact(tr("Approved by"), QLineEdit(), (EXCEPTION,)),
            "authority_level": Fact(tr("Level of approval"), level, (EXCEPTION,)),
            "document": Fact(tr("Document number"), QLineEdit(), (EXCEPTION,)),
            "approved_on": Fact(tr("Approved on"), DateField(), (EXCEPTION,)),
            "approved_m2": self._unit_fact,
            "valid_until": Fact(tr("Valid until"), Validity(), (EXCEPTION,)),
            "attachment": Fact(tr("Attachment"), attachment, (EXCEPTION,)),
            "responsible": Fact(tr("Who adjusts it"), QLineEdit(), adjusting),
            "due": Fact(tr("By when"), DateField(), adjusting),
            "action": Fact(tr("What is done"), QLineEdit(), adjusting),
            "line_wrong": Fact("", QCheckBox(tr("The line itself is wrongly drawn")), (FALSE_POSITIVE,)),
            "reference": Fact(tr("Reference number"), QLineEdit(), (FALSE_POSITIVE,)),
        }

    def show_unit(self, unit: Unit) -> None:
        """The unit in which an approved area is typed; what stands there is taken over."""
        typed = self._area()
        self._unit = unit
        self.fields.label_of(self._unit_fact.widget).setText(tr("Approved area ({unit})").format(unit=unit.name))
        if isinstance(typed, float):  # to the last digit: an approval is not rounded by looking at it
            self._unit_fact.widget.setText(f"{typed / unit.m2:.12g}")

    def show_subject(self, text: str, enabled: bool, more: str = "") -> None:
        """What is decided on, ``more`` of it in the tooltip; nothing can be recorded where there is nothing, or the
        package is read-only."""
        self.subject.say(text, more)
        if not self.author.text():  # it may have been written in the checklist meanwhile
            self.author.setText(settings.author())
        self._decidable = enabled
        self._offer()

    def show_last(self, text: str) -> None:
        """What was recorded last and can be taken back; empty where nothing can."""
        self._undoable = bool(text)
        told = tr("Take back what was recorded last: {what}") if text else tr("Nothing has been recorded here yet")
        self.take_last.setText(told.format(what=text).replace("&", "&&"))
        self._offer()

    def wait(self, waits: bool) -> None:
        """While something is written nothing is typed, recorded or taken back; the focus is where it was, then."""
        if waits:
            at = self.window().focusWidget()
            self._at = at if at is not None and self.isAncestorOf(at) else None
            if self._at is not None:  # else Qt would give the focus to another part of the panel
                self.setFocus()
        self._waits = waits
        for part in (self.fields, self.author):
            part.setDisabled(waits)
        self._offer()
        if not waits and self._at is not None and self.window().focusWidget() is self:
            self._at.setFocus()

    def _offer(self) -> None:
        for one in (self.record, self.record_next, self.take_own):
            one.setEnabled(self._decidable and not self._waits)
        self.take_last.setEnabled(self._undoable and not self._waits)
        self.undone.setEnabled(self.take_last.isEnabled() or self.take_own.isEnabled())

    def point_at(self, fact: str) -> None:
        """Lead to the field of a fact that is missing."""
        widget = (
            self.facts[fact].widget if fact in self.facts else {"reason": self.reason, "author": self.author}.get(fact)
        )
        if widget is not None:
            widget.setFocus()
            self._scroll.ensureWidgetVisible(widget)

    def say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def clear(self) -> None:
        """After recording: the next decision starts with the author and the kind of decision only, at the top."""
        self._scroll.verticalScrollBar().setValue(0)
        if self.fields.isAncestorOf(self.focusWidget() or self):
            self.reason.setFocus()
        for widget in (self.reason, self.basis, self.remark):
            widget.clear()
        for fact in self.facts.values():
            if isinstance(fact.widget, QComboBox):
                fact.widget.setCurrentIndex(0)
            elif isinstance(fact.widget, QCheckBox):
                fact.widget.setChecked(False)
            elif isinstance(fact.widget, QgsFileWidget):
                fact.widget.setFilePath("")
            elif isinstance(fact.widget, DateField):
                fact.widget.reset()
            else:
                fact.widget.clear()

    def _area(self) -> float | str:
        """The approved area, m²; what was typed where it is no number, for the check to say so."""
        typed = self._unit_fact.widget.text().strip().replace(",", "").replace("，", "")
        try:
            area = round(float(typed) * self._unit.m2, 4)
        except (ValueError, OverflowError):
            return typed
        return area if isfinite(area) else typed

    def _show_facts(self) -> None:
        chosen = self.decision.currentData()
        hidden = {fact.widget for fact in self.facts.values() if chosen not in fact.decisions}
        hidden |= {widget.for_ever for widget in hidden if isinstance(widget, Validity)}
        self.fields.leave_out(hidden)

    def _author(self) -> str:
        """Who decides, remembered for the next time."""
        settings.set_author(self.author.text().strip())
        return self.author.text().strip()

    def _record(self, go_on: bool) -> None:
        chosen = self.decision.currentData()
        asked = {key: fact.widget for key, fact in self.facts.items() if chosen in fact.decisions}
        details = {key: self._area() if key == "approved_m2" else _value(widget) for key, widget in asked.items()}
        made = {
            "decision": chosen,
            "author": self._author(),
            "reason": self.reason.text().strip(),
            "legal_basis": self.basis.text().strip(),
            "remark": self.remark.toPlainText().strip(),
            "details": {key: value for key, value in details.items() if value},
        }
        self.recorded.emit(made, go_on)


def _narrow(combo: QComboBox) -> None:
    """Its longest word does not widen the form."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)


def _value(widget: QWidget) -> Any:
    if isinstance(widget, QComboBox):
        return widget.currentData()
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    if isinstance(widget, QgsFileWidget):
        return widget.filePath()
    if isinstance(widget, DateField):
        return widget.value()
    return widget.text().strip()
