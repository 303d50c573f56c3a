"""The pages on what is selected: about it, deciding, its history, the attributes of the line's feature."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from qgis.core import QgsCoordinateReferenceSystem
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QTabWidget, QTextBrowser

from ..i18n import tr
from ..processing.source_feature import Attributes, SourceLookup
from . import pages
from .columns import Unit
from .decision_form import CHOICES, DecisionForm

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed

FEW = 20  # are named where many are selected


class FindingDetail(QObject):
    """:ivar recorded: decisions are on disk; whether to go on to the next finding."""

    recorded = pyqtSignal(bool)

    def __init__(self, tabs: QTabWidget, texts: Texts, parent: QObject | None = None):
        """:param tabs: with the pages ``about``, ``history``, ``source``."""
        super().__init__(parent)
        self._tabs, self._texts = tabs, texts
        self._names: Mapping[str, str] = {}
        self._about, self._history, self._source = (
            tabs.findChild(QTextBrowser, name) for name in ("about", "history", "source")
        )
        self.form = DecisionForm({code: texts.word("decision", code) for code in CHOICES})
        tabs.insertTab(1, self.form, tr("Decide"))
        self._browsed: Browsed | None = None
        self._rows: list[int] = []
        self._unit = Unit("m²", 1.0, 2)
        self.form.recorded.connect(self._record)
        self.form.undo.connect(self._undo)
        tabs.currentChanged.connect(lambda place: self._ask_source())
        self._lookup = SourceLookup(self)
        self._lookup.found.connect(self._show_source)

    def show_package(self, browsed: Browsed | None, names: Mapping[str, str]) -> None:
        """Another package; ``names``: of lines by their ids."""
        self._browsed, self._names = browsed, names
        self.show([])

    def show_unit(self, unit: Unit) -> None:
        self._unit = unit
        self.form.show_unit(unit)
        self.show(self._rows)

    def end(self) -> None:
        """Nothing is looked up any more."""
        self._lookup.forget()

    def show(self, rows: list[int]) -> None:
        """The findings in these rows.

        :raises RedlineError: those of `open_package`; what is known without the package is shown all the same.
        """
        self._rows = rows
        for page in (self._about, self._history, self._source):
            page.clear()
        self._lookup.forget()
        if self._browsed is None or not rows:
            self.form.show_subject(tr("Select findings to decide on them."), False)
            return
        subject = self._subject()
        self.form.show_subject(f"<b>{escape(subject)}</b>", self._browsed.writable)
        self.form.say("")
        if len(rows) == 1:
            self._show_one(rows[0])
            return
        named = self._named()
        self._about.setPlainText("\n".join([subject, *named, *(["…"] if len(rows) > len(named) else [])]))

    def _named(self) -> list[str]:
        """The numbers of the first that are selected."""
        found = self._browsed.findings.iloc[self._rows[:FEW]]
        return [str(number or one) for number, one in zip(found["number"], found["finding_id"], strict=True)]

    def _subject(self) -> str:
        return self._named()[0] if len(self._rows) == 1 else tr("{n} findings").format(n=len(self._rows))

    def _show_one(self, row: int) -> None:
        from ..core.review.browse import history, land_in

        finding = self._browsed.findings.iloc[row]
        line = self._names.get(finding["line"], finding["line"])
        now = self._browsed.decided.get(finding["finding_id"])

        def about(land: Mapping[str, float]) -> None:
            self._about.setHtml(pages.about(finding, line, land, now, self._texts, self._unit))

        about({})
        self._history.setHtml(pages.history(history(self._browsed, finding["finding_id"]), self._texts))
        self._ask_source()
        if self._browsed.path is not None and (land := land_in(self._browsed.path, finding["finding_id"])):
            about(land)

    def _ask_source(self) -> None:
        """Only while its page is in front: the source may be large, and away."""
        in_front = self._tabs.currentWidget() is self._source
        if not in_front or self._browsed is None or self._browsed.path is None or len(self._rows) != 1:
            return
        row = self._rows[0]
        finding, crs = self._browsed.findings.iloc[row], QgsCoordinateReferenceSystem()
        crs.createFromUserInput(self._browsed.crs)
        self._lookup.ask(
            finding["finding_id"], self._browsed.facts, finding["line"], finding["source_id"],
            self._browsed.boxes[row].tolist(), crs,
        )  # fmt: skip

    def _show_source(self, finding_id: str, found: Attributes) -> None:
        if self._browsed is None or self._browsed.ids(self._rows) != [finding_id]:
            return
        reason = f"<p>{escape(self._texts.say(found.reason))}</p>" if found.reason else ""
        self._source.setHtml(reason + pages.table(found.rows))

    def _record(self, made: dict[str, Any], go_on: bool) -> None:
        """On disk when this returns; where it cannot be, the form keeps what was typed and says why."""
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import Decided, record

        decided = [Decided(one, **{**made, "details": dict(made["details"])}) for one in self._chosen()]
        self._write(lambda: record(self._browsed.path, decided, wait=WRITE_SECONDS), go_on)

    def _undo(self, author: str) -> None:
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import undo

        self._write(lambda: undo(self._browsed.path, self._chosen(), author, WRITE_SECONDS), False)

    def _chosen(self) -> list[str]:
        return self._browsed.ids(self._rows)

    def _write(self, write: Any, go_on: bool) -> None:
        from ..core.errors import RedlineError

        try:
            write()
        except RedlineError as error:
            self.form.say(self._texts.error(error))
            return
        subject = self._subject()
        self.form.clear()
        self.recorded.emit(go_on)
        self.form.say(tr("Recorded: {what}.").format(what=subject))
