"""The checklist of the chosen town: questions that only a person can answer."""

from __future__ import annotations

from html import escape
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
    QSizePolicy,
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
    """What is typed and not recorded is kept by town while the package is shown.

    :ivar recorded: answers are on disk.
    """

    recorded = pyqtSignal()

    def __init__(self, texts: Texts, parent: QWidget | None = None):
        super().__init__(parent)
        self._texts = texts
        self._path: Path | None = None
        self._writable = False
        self._town, self._name = "", ""  # empty where none is chosen, or its answers could not be read
        self._given: dict[str, dict[str, Any]] = {}  # answers of this town, by question
        self._drafts: dict[str, dict[str, tuple[str, str]]] = {}  # answer and evidence, by town and question
        self.rows: dict[str, tuple[QComboBox, QLineEdit, QLabel]] = {}
        self.subject, self.message = QLabel(), QLabel()
        for label in (self.subject, self.message):  # a long name must not widen the panel
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
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
        """Another package with the questions of its profile, or the same one read again."""
        self._keep()
        if path != self._path:
            self._drafts.clear()
        self._path, self._writable, self._town = path, writable, ""
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(2, 2)
        self.rows, group = {}, ""
        for question in questions:
            title = self._texts.pick(question.group)
            if title and title != group:
                group = title
                grid.addWidget(QLabel(f"<b>{escape(title)}</b>"), grid.rowCount(), 0, 1, 3)
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
        grid.addWidget(asked, row, 0)
        grid.addWidget(answer, row, 1)
        grid.addWidget(evidence, row, 2)
        grid.addWidget(who, row + 1, 1, 1, 2)
        return answer, evidence, who

    def show_town(self, town_id: str, name: str) -> None:
        """The answers of a town; an empty id: none is chosen.

        :raises RedlineError: those of `open_package`; nothing can be answered then.
        """
        self._keep()
        self._town, self._name, self._given = "", name, {}
        try:
            self._given = self._read(town_id) if town_id and self._path is not None else {}
            self._town = town_id
        finally:
            self._show()

    def refresh(self) -> None:
        """The answers of the town again: others may have given some.

        :raises RedlineError: those of `open_package`.
        """
        self.show_town(self._town, self._name)

    def _show(self) -> None:
        self.subject.setText(self._name or self._town or tr("Choose a town to answer the questions on it."))
        enabled = bool(self._town) and self._writable and bool(self.rows)
        self.record.setEnabled(enabled)
        if not self.author.text():  # it may have been written in the form meanwhile
            self.author.setText(settings.author())
        self._area.setEnabled(bool(self._town))
        drafts = self._drafts.get(self._town, {})
        for question, (answer, evidence, who) in self.rows.items():
            given = self._given.get(question, {})
            code, proof = drafts.get(question) or _known(given)
            answer.setCurrentIndex(max(0, answer.findData(code)))
            evidence.setText(proof)
            evidence.setCursorPosition(0)
            answer.setEnabled(enabled)
            evidence.setEnabled(enabled)
            told = " · ".join(filter(None, (given.get("author"), (given.get("recorded_at") or "")[:10])))
            unsettled = given.get("unsettled")
            who.setText(tr("Two people differ, answer anew: {who}").format(who=told) if unsettled else told)
            who.setVisible(bool(told))
        typed = tr("Some of these answers are not recorded yet.") if drafts else ""
        self._say(typed if self.rows else tr("The profile of this review asks nothing."))

    def _read(self, town_id: str) -> dict[str, dict[str, Any]]:
        from ..core.review.browse import READ_SECONDS
        from ..core.review.checklist import present_answers
        from ..core.review.opening import open_package

        with open_package(self._path, READ_SECONDS, newer=True) as package:
            events = package.checklist()
        given = present_answers(events[events["town_id"] == town_id]).to_dict("records")
        return {one["question"]: one for one in given}

    def _typed(self) -> dict[str, tuple[str, str]]:
        """What stands there and is not recorded."""
        found = {}
        for question, (choice, evidence, _) in self.rows.items():
            given, typed = self._given.get(question, {}), (choice.currentData(), evidence.text().strip())
            anew = bool(given.get("unsettled")) and typed[0] != NOT_ANSWERED
            if typed != _known(given) or anew:
                found[question] = typed
        return found

    def _keep(self) -> None:
        if self._town and self._writable:
            self._drafts.pop(self._town, None)
            typed = self._typed()
            if typed:
                self._drafts[self._town] = typed

    def _record(self) -> None:
        from ..core.errors import RedlineError
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.checklist import Answered, answer

        author, town = self.author.text().strip(), self._town
        settings.set_author(author)
        typed = self._typed()
        changed = [Answered(town, question, code, author, proof) for question, (code, proof) in typed.items()]
        if not changed:
            self._say(tr("Nothing was changed."))
            return
        try:
            answer(self._path, changed, WRITE_SECONDS)
        except RedlineError as error:  # what was typed stays
            self._say(self._texts.error(error))
            return
        self._drafts.pop(town, None)
        self._town = ""  # nothing of what stands there is a draft any more
        try:
            self.show_town(town, self._name)
        except RedlineError as error:
            self._say(self._texts.error(error))
            return
        self._say(tr("Recorded."))
        self.recorded.emit()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))


def _known(given: dict[str, Any]) -> tuple[str, str]:
    return given.get("answer") or NOT_ANSWERED, given.get("evidence") or ""
