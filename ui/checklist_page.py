"""The checklist of the chosen town: questions that only a person can answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ..i18n import tr
from . import settings

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.checklist import Question

NOT_ANSWERED = "open"
ANSWERS = (NOT_ANSWERED, "yes", "no", "not_applicable")


class ChecklistPage(QWidget):
    """:ivar recorded: answers are on disk."""

    recorded = pyqtSignal()

    def __init__(self, texts: Texts, parent: QWidget | None = None):
        super().__init__(parent)
        self._texts = texts
        self._path: Path | None = None
        self._writable = False
        self._town = ""
        self._answers: dict[tuple[str, str], dict[str, Any]] = {}
        self.rows: dict[str, tuple[QComboBox, QLineEdit, QLabel]] = {}
        self.subject, self.message = QLabel(), QLabel()
        self.message.setWordWrap(True)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.author, self.record = QLineEdit(settings.author()), QPushButton(tr("Record"))
        self.record.clicked.connect(self._record)
        foot = QHBoxLayout()
        foot.addWidget(QLabel(tr("Answered by")))
        foot.addWidget(self.author, 1)
        foot.addWidget(self.record)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 4, 4, 4)
        layout.addWidget(self.subject)
        layout.addWidget(self._area, 1)
        layout.addWidget(self.message)
        layout.addLayout(foot)

    def show_package(self, path: Path | None, questions: list[Question], writable: bool) -> None:
        """Another package with the questions of its profile."""
        self._path, self._writable = path, writable
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(2, 2)
        self.rows, group = {}, ""
        for question in questions:
            title = self._texts.pick(question.group)
            if title and title != group:
                group = title
                grid.addWidget(QLabel(f"<b>{title}</b>"), grid.rowCount(), 0, 1, 3)
            self.rows[question.id] = self._add(grid, question)
        grid.setRowStretch(grid.rowCount(), 1)
        self._area.setWidget(page)
        page.setAutoFillBackground(False)
        self._area.viewport().setAutoFillBackground(False)
        self.show_town("", "")

    def _add(self, grid: QGridLayout, question: Question) -> tuple[QComboBox, QLineEdit, QLabel]:
        asked, answer, evidence, who = QLabel(), QComboBox(), QLineEdit(), QLabel()
        asked.setText(self._texts.pick(question.question))
        asked.setToolTip(self._texts.pick(question.clause))
        asked.setWordWrap(True)
        for code in ANSWERS:
            answer.addItem(self._texts.word("answer", code), code)
        evidence.setPlaceholderText(tr("Evidence"))
        row = grid.rowCount()
        grid.addWidget(asked, row, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(answer, row, 1)
        grid.addWidget(evidence, row, 2)
        grid.addWidget(who, row + 1, 1, 1, 2)
        return answer, evidence, who

    def show_town(self, town_id: str, name: str) -> None:
        """The answers of a town; an empty id: none is chosen.

        :raises RedlineError: those of `open_package`.
        """
        self._town = town_id
        self.subject.setText(name or tr("Choose a town to answer the questions on it."))
        enabled = bool(town_id) and self._writable and bool(self.rows)
        self.record.setEnabled(enabled)
        self._area.setEnabled(bool(town_id))
        self._say("" if self.rows else tr("The profile of this review asks nothing."))
        if town_id:
            self._read()
        for question, (answer, evidence, who) in self.rows.items():
            given = self._answers.get((town_id, question), {})
            answer.setCurrentIndex(max(0, answer.findData(given.get("answer") or NOT_ANSWERED)))
            evidence.setText(given.get("evidence") or "")
            answer.setEnabled(enabled)
            evidence.setEnabled(enabled)
            told = " · ".join(filter(None, (given.get("author"), (given.get("recorded_at") or "")[:10])))
            unsettled = given.get("unsettled")
            who.setText(tr("Two people differ, answer anew: {who}").format(who=told) if unsettled else told)
            who.setVisible(bool(told))

    def _read(self) -> None:
        from ..core.review.checklist import present_answers
        from ..core.review.package import open_package

        if self._path is None:
            return
        with open_package(self._path, newer=True) as package:
            given = present_answers(package.checklist()).to_dict("records")
        self._answers = {(one["town_id"], one["question"]): one for one in given}

    def _record(self) -> None:
        from ..core.errors import RedlineError
        from ..core.review.checklist import Answered, answer

        author = self.author.text().strip()
        settings.set_author(author)
        changed = [
            Answered(self._town, question, choice.currentData(), author, evidence.text().strip())
            for question, (choice, evidence, _) in self.rows.items()
            if self._differs(question, choice.currentData(), evidence.text().strip())
        ]
        if not changed:
            self._say(tr("Nothing was changed."))
            return
        try:
            answer(self._path, changed)
            self.show_town(self._town, self.subject.text())
        except RedlineError as error:  # what was typed stays
            self._say(self._texts.error(error))
            return
        self._say(tr("Recorded."))
        self.recorded.emit()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _differs(self, question: str, answer: str, evidence: str) -> bool:
        given = self._answers.get((self._town, question), {})
        known = (given.get("answer") or NOT_ANSWERED, given.get("evidence") or "")
        return (answer, evidence) != known or bool(given.get("unsettled") and answer != NOT_ANSWERED)
