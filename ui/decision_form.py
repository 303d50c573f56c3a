"""The form a decision is made in. What is typed stays until it is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from qgis.gui import QgsDateEdit, QgsFileWidget
from qgis.PyQt.QtCore import QDate, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..i18n import tr
from . import settings
from .columns import Unit
from .pages import FOR_EVER, levels

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
    go on to the next finding. :ivar undo: the last decision is to be taken back, by this author.
    """

    recorded = pyqtSignal(dict, bool)
    undo = pyqtSignal(str)

    def __init__(self, words: dict[str, str], parent: QWidget | None = None):
        super().__init__(parent)
        fields = QWidget()
        self._layout = layout = QFormLayout(fields)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.setVerticalSpacing(4)
        self._unit = Unit("m²", 1.0, 2)
        self.decision = QComboBox()
        for code in CHOICES:
            self.decision.addItem(words[code], code)
        self.reason, self.basis, self.author = QLineEdit(), QLineEdit(), QLineEdit()
        self.author.setText(settings.author())
        self.remark = QPlainTextEdit()
        self.remark.setMaximumHeight(48)
        self.remark.setTabChangesFocus(True)
        self.facts = self._fact_fields()
        self.subject, self.message = QLabel(), QLabel()
        for label in (self.subject, self.message):
            label.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message.setContentsMargins(9, 0, 4, 0)
        self.message.hide()
        layout.addRow(self.subject)
        layout.addRow(tr("Decision"), self.decision)
        layout.addRow(tr("Reason"), self.reason)
        layout.addRow(tr("Legal basis"), self.basis)
        for key, fact in self.facts.items():
            fact.widget.setObjectName(key)
            layout.addRow(fact.title, fact.widget)
        layout.addRow(tr("Remark"), self.remark)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(fields)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 4)
        page.addWidget(area, 1)
        page.addWidget(self.message)
        page.addLayout(self._foot())
        self.decision.currentIndexChanged.connect(self._show_facts)
        self._show_facts()

    def _foot(self) -> QHBoxLayout:
        """Who decides, and the buttons: in sight however long the form is."""
        self.undone, self.record = QPushButton(tr("Undo")), QPushButton(tr("Record"))
        self.record_next = QPushButton(tr("Record, then next"))
        self.undone.setToolTip(tr("Take back the last decision on what is selected; it stays in the history."))
        self.record_next.setToolTip(KEYS)
        self.undone.clicked.connect(self._undo)
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
        self._unit_fact = Fact(tr("Approved area ({unit})"), QLineEdit(), (EXCEPTION,))
        attachment = QgsFileWidget()
        attachment.setStorageMode(QgsFileWidget.StorageMode.GetFile)
        adjusting = (ADJUSTMENT, RESOLVED)
        return {
            "authority": Fact(tr("Approved by"), QLineEdit(), (EXCEPTION,)),
            "authority_level": Fact(tr("Level of approval"), level, (EXCEPTION,)),
            "document": Fact(tr("Document number"), QLineEdit(), (EXCEPTION,)),
            "approved_on": Fact(tr("Approved on"), _date(), (EXCEPTION,)),
            "approved_m2": self._unit_fact,
            "valid_until": Fact(tr("Valid until"), _Validity(), (EXCEPTION,)),
            "attachment": Fact(tr("Attachment"), attachment, (EXCEPTION,)),
            "responsible": Fact(tr("Who adjusts it"), QLineEdit(), adjusting),
            "due": Fact(tr("By when"), _date(), adjusting),
            "action": Fact(tr("What is done"), QLineEdit(), adjusting),
            "line_wrong": Fact("", QCheckBox(tr("The line itself is wrongly drawn")), (FALSE_POSITIVE,)),
            "reference": Fact(tr("Reference number"), QLineEdit(), (FALSE_POSITIVE,)),
        }

    def show_unit(self, unit: Unit) -> None:
        """The unit in which an approved area is typed; what stands there is taken over."""
        typed = self._area()
        self._unit = unit
        self._layout.labelForField(self._unit_fact.widget).setText(tr("Approved area ({unit})").format(unit=unit.name))
        if isinstance(typed, float):  # to the last digit: an approval is not rounded by looking at it
            self._unit_fact.widget.setText(f"{typed / unit.m2:.12g}")

    def show_subject(self, text: str, enabled: bool) -> None:
        """What is decided on; nothing can be recorded where there is nothing, or the package is read-only."""
        self.subject.setText(text)
        for button in (self.record, self.record_next, self.undone):
            button.setEnabled(enabled)

    def say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def clear(self) -> None:
        """After recording: the next decision starts with the author and the kind of decision only."""
        for widget in (self.reason, self.basis, self.remark):
            widget.clear()
        for fact in self.facts.values():
            if isinstance(fact.widget, QComboBox):
                fact.widget.setCurrentIndex(0)
            elif isinstance(fact.widget, QCheckBox):
                fact.widget.setChecked(False)
            elif isinstance(fact.widget, QgsFileWidget):
                fact.widget.setFilePath("")
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
        for fact in self.facts.values():
            label = self._layout.labelForField(fact.widget)
            for widget in (fact.widget, label) if label else (fact.widget,):  # Qt 5 hides no rows
                widget.setVisible(chosen in fact.decisions)

    def _undo(self) -> None:
        settings.set_author(self.author.text().strip())
        self.undo.emit(self.author.text().strip())

    def _record(self, go_on: bool) -> None:
        settings.set_author(self.author.text().strip())
        chosen = self.decision.currentData()
        asked = {key: fact.widget for key, fact in self.facts.items() if chosen in fact.decisions}
        details = {key: self._area() if key == "approved_m2" else _value(widget) for key, widget in asked.items()}
        made = {
            "decision": chosen,
            "author": self.author.text().strip(),
            "reason": self.reason.text().strip(),
            "legal_basis": self.basis.text().strip(),
            "remark": self.remark.toPlainText().strip(),
            "details": {key: value for key, value in details.items() if value},
        }
        self.recorded.emit(made, go_on)


class _Validity(QWidget):
    """The last day of an approval, or that it has none."""

    def __init__(self) -> None:
        super().__init__()
        self.day, self.for_ever = _date(), QCheckBox(tr("without end"))
        self.for_ever.toggled.connect(lambda checked: self.day.setEnabled(not checked))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.day, 1)
        row.addWidget(self.for_ever)

    def clear(self) -> None:
        self.day.clear()
        self.for_ever.setChecked(False)

    def text(self) -> str:
        return FOR_EVER if self.for_ever.isChecked() else _value(self.day)


def _date() -> QgsDateEdit:
    """Empty until somebody enters a day: none is made up."""
    edit = QgsDateEdit()
    edit.setAllowNull(True)
    edit.setNullRepresentation("")
    edit.setDisplayFormat("yyyy-MM-dd")
    edit.setDate(QDate())
    return edit


def _value(widget: QWidget) -> Any:
    if isinstance(widget, QComboBox):
        return widget.currentData()
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    if isinstance(widget, QgsFileWidget):
        return widget.filePath()
    if isinstance(widget, QgsDateEdit):
        return "" if widget.isNull() else widget.date().toString("yyyy-MM-dd")
    return widget.text().strip()
