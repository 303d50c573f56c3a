"""The form a decision is made in. What is typed stays until it is on disk."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QDate, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from ..i18n import tr

AUTHOR = "redline_review/author"
EXCEPTION, FALSE_POSITIVE, ADJUSTMENT = "accepted_exception", "false_positive", "needs_adjustment"
CHOICES = ("open", ADJUSTMENT, EXCEPTION, FALSE_POSITIVE, "resolved", "verified")


class DecisionForm(QWidget):
    """:ivar recorded: what is to be recorded: decision, author, reason, legal basis, remark, details."""

    recorded = pyqtSignal(dict)

    def __init__(self, layout: QFormLayout, words: dict[str, str], parent: QWidget | None = None):
        super().__init__(parent)
        self.hide()  # its fields stand in `layout`
        self._layout = layout
        self.decision = QComboBox()
        for code in CHOICES:
            self.decision.addItem(words[code], code)
        self.reason, self.basis, self.author = QLineEdit(), QLineEdit(), QLineEdit()
        self.author.setText(QgsSettings().value(AUTHOR, "", str))
        self.remark = QPlainTextEdit()
        self.remark.setMaximumHeight(56)
        self._facts = self._fact_fields()
        self.subject = QLabel()
        self.subject.setWordWrap(True)
        layout.addRow(self.subject)
        layout.addRow(tr("Decision"), self.decision)
        layout.addRow(tr("Reason"), self.reason)
        layout.addRow(tr("Legal basis"), self.basis)
        for key, (label, widget, _) in self._facts.items():
            widget.setObjectName(key)
            layout.addRow(label, widget)
        layout.addRow(tr("Remark"), self.remark)
        layout.addRow(tr("Decided by"), self.author)
        self.record, self.message = QPushButton(tr("Record")), QLabel()
        self.message.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.message, 1)
        row.addWidget(self.record)
        layout.addRow(row)
        self.decision.currentIndexChanged.connect(self._show_facts)
        self.record.clicked.connect(self._record)
        self._show_facts()

    def _fact_fields(self) -> dict[str, tuple[str, QWidget, str]]:
        """Label, widget and the decision it belongs to, by the name in an event's details."""
        level = QComboBox()
        for code, word in (
            ("other", tr("other")),
            ("state_council", tr("State Council")),
            ("delegated", tr("by lawful delegation")),
        ):
            level.addItem(word, code)
        approved, until, due = QDateEdit(), QDateEdit(), QDateEdit()
        for date in (approved, until, due):
            date.setCalendarPopup(True)
            date.setDisplayFormat("yyyy-MM-dd")
            date.setDate(QDate.currentDate())
        area = QLineEdit()
        area.setPlaceholderText("m²")
        return {
            "authority": (tr("Approved by"), QLineEdit(), EXCEPTION),
            "authority_level": (tr("Level of approval"), level, EXCEPTION),
            "document": (tr("Document number"), QLineEdit(), EXCEPTION),
            "approved_on": (tr("Approved on"), approved, EXCEPTION),
            "approved_m2": (tr("Approved area (m²)"), area, EXCEPTION),
            "valid_until": (tr("Valid until"), until, EXCEPTION),
            "responsible": (tr("Who adjusts it"), QLineEdit(), ADJUSTMENT),
            "due": (tr("By when"), due, ADJUSTMENT),
            "reference": (tr("Reference number"), QLineEdit(), FALSE_POSITIVE),
        }

    def show_subject(self, text: str, enabled: bool) -> None:
        """What is decided on; nothing can be recorded where there is nothing, or the package is read-only."""
        self.subject.setText(text)
        self.record.setEnabled(enabled)

    def say(self, text: str) -> None:
        self.message.setText(text)

    def clear(self) -> None:
        """After recording: the next decision starts with the author only."""
        self.decision.setCurrentIndex(0)
        for widget in (self.reason, self.basis):
            widget.clear()
        self.remark.clear()
        for _, widget, _ in self._facts.values():
            if isinstance(widget, QLineEdit):
                widget.clear()

    def _show_facts(self) -> None:
        chosen = self.decision.currentData()
        for _, widget, decision in self._facts.values():
            shown = decision == chosen
            widget.setVisible(shown)
            self._layout.labelForField(widget).setVisible(shown)

    def _record(self) -> None:
        QgsSettings().setValue(AUTHOR, self.author.text().strip())
        chosen = self.decision.currentData()
        details = {key: _value(widget) for key, (_, widget, decision) in self._facts.items() if decision == chosen}
        self.recorded.emit(
            {
                "decision": chosen,
                "author": self.author.text().strip(),
                "reason": self.reason.text().strip(),
                "legal_basis": self.basis.text().strip(),
                "remark": self.remark.toPlainText().strip(),
                "details": {key: value for key, value in details.items() if value},
            }
        )


def _value(widget: QWidget) -> Any:
    if isinstance(widget, QComboBox):
        return widget.currentData()
    if isinstance(widget, QDateEdit):
        return widget.date().toString("yyyy-MM-dd")
    return widget.text().strip()
