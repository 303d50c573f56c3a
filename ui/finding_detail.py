"""The pages on what is selected: about it, deciding, its history, the attributes of the line's feature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsMessageLog
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QTabWidget, QTextBrowser

from ..i18n import tr
from ..processing.base import LOG_TAB
from ..processing.source_feature import Attributes, SourceLookup
from . import pages
from .columns import Unit
from .decision_form import CHOICES, DecisionForm
from .recorder import Recorder
from .writer import Writer, Writing

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed
    from ..core.review.renewal import Renewed

FEW = 20  # are named where many are selected


class FindingDetail(QObject):
    """:ivar recorded: decisions are on disk; whether to go on to the next finding. :ivar taken_back: those on these
    findings have been, and it is on disk. Both tell what has been read of it, None where nothing has. :ivar waits: it
    is being written, for a while; it has ended. :ivar told: what was written in a package that is no longer shown.
    :ivar failed: the RedlineError why it was not, or why a page could not be told in full.
    """

    recorded = pyqtSignal(bool, object)
    taken_back = pyqtSignal(list, object)
    waits = pyqtSignal(bool)
    told = pyqtSignal(str)
    failed = pyqtSignal(object)

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
        self.form.undo_last.connect(self._undo_last)
        self.form.undo_own.connect(self._undo_own)
        self._recorder, self._writer, self._told, self._doing = Recorder(), Writer(self), "", ""
        self._writer.waits.connect(self._wait)
        self._writer.waits.connect(self.waits)
        tabs.currentChanged.connect(lambda place: self._page_turned())
        self._lookup = SourceLookup(self)
        self._lookup.found.connect(self._show_source)

    def show_package(self, browsed: Browsed | None, names: Mapping[str, str]) -> None:
        """Another package; ``names``: of lines by their ids."""
        self._browsed, self._names = browsed, names
        self.form.show_last(self._last() if browsed is not None and browsed.writable else "")
        self.show([])

    def show_unit(self, unit: Unit) -> None:
        self._unit = unit
        self.form.show_unit(unit)
        self.show(self._rows)

    def end(self) -> None:
        """Nothing is looked up any more, and what is under way is written before this returns."""
        from ..core.errors import RedlineError

        self._lookup.forget()
        try:
            self._writer.end()
        except RedlineError as error:  # the panel cannot say it any more
            QgsMessageLog.logMessage(self._texts.error(error), LOG_TAB, Qgis.MessageLevel.Critical)

    def decide(self) -> None:
        """Bring the form to the front, ready to be filled in."""
        self._tabs.setCurrentWidget(self.form)
        self.form.decision.setFocus()

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
        named = self._named()
        self._show_subject(named)
        self.form.say(self._told)
        if len(rows) == 1:
            self._show_one(rows[0])
            return
        self._about.setPlainText("\n".join([self._what(), *named, *(["…"] if len(rows) > len(named) else [])]))

    def _show_subject(self, named: list[str]) -> None:
        area = self._browsed.findings["area_m2"].iloc[self._rows].sum(min_count=1)
        told = self._what() + (f" · {self._unit.text(area)} {self._unit.name}" if area == area else "")
        self.form.show_subject(told, self._browsed.writable, "\n".join([told, *named]) if len(self._rows) > 1 else told)

    def _named(self, rows: list[int] | None = None) -> list[str]:
        """The numbers of the first of these."""
        found = self._browsed.findings.iloc[(self._rows if rows is None else rows)[:FEW]]
        return [str(number or one) for number, one in zip(found["number"], found["finding_id"], strict=True)]

    def _what(self, rows: list[int] | None = None) -> str:
        """Findings as they are called in one line, those that are selected where None."""
        rows = self._rows if rows is None else rows
        return self._named(rows)[0] if len(rows) == 1 else tr("{n} findings").format(n=f"{len(rows):,}")

    def _show_one(self, row: int) -> None:
        from ..core.review.browse import history

        self._tell_about(row, {})
        (finding,) = self._browsed.ids([row])
        self._history.setHtml(pages.history(history(self._browsed, finding), self._texts))
        self._look_up()

    def _tell_about(self, row: int, land: Mapping[str, float]) -> None:
        finding = self._browsed.findings.iloc[row]
        line = self._names.get(finding["line"], finding["line"])
        now = self._browsed.decided.get(finding["finding_id"])
        self._about.setHtml(pages.about(finding, line, land, now, self._texts, self._unit))

    def _look_up(self) -> None:
        """What has to be read for the page in front, and for no other: that would keep who goes on deciding waiting."""
        from ..core.review.browse import land_in

        if self._browsed is None or self._browsed.path is None or len(self._rows) != 1:
            return
        row = self._rows[0]
        if self._tabs.currentWidget() is self._about:
            land = land_in(self._browsed.path, *self._browsed.ids([row]))
            if land:
                self._tell_about(row, land)
        elif self._tabs.currentWidget() is self._source:
            self._ask_source(row)

    def _page_turned(self) -> None:
        from ..core.errors import RedlineError

        try:
            self._look_up()
        except RedlineError as error:
            self.failed.emit(error)

    def _ask_source(self, row: int) -> None:
        """The source may be large, and away."""
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
        """Where it cannot be written, the form keeps what was typed and says why."""
        rows, chosen = self._rows, self._chosen()
        writing = self._recorder.recording(self._browsed.path, chosen, made)

        def then(read: Renewed | None) -> None:
            self.recorded.emit(go_on and self._rows == rows, read)  # who has gone elsewhere meanwhile stays there

        told = tr("Recorded: {what}.").format(what=self._what())
        self._write(writing, tr("Recording {n} findings…"), told, then, self.form.clear)

    def _undo_last(self, author: str) -> None:
        """What was recorded last, wherever the selection has gone since."""
        findings = list(self._recorder.last(self._browsed.path).events)
        self._take_back(self._recorder.undoing_last(self._browsed.path, author), findings, self._last())

    def _undo_own(self, author: str) -> None:
        chosen = self._chosen()
        self._take_back(self._recorder.undoing_own(self._browsed.path, chosen, author), chosen, self._what())

    def _take_back(self, writing: Writing, findings: list[str], what: str) -> None:
        told = tr("Taken back: {what}.").format(what=what)
        then = lambda read: self.taken_back.emit(findings, read)  # noqa: E731
        self._write(writing, tr("Taking back {n} findings…"), told, then)

    def _write(
        self, writing: Writing, doing: str, told: str, then: Callable[[Renewed | None], None],
        settle: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """``doing`` is said meanwhile, ``told`` when it is on disk; then ``settle``, and ``then`` if the package is
        still the one that is shown."""
        path, self._doing = self._browsed.path, doing.format(n=f"{writing.count:,}")

        def done(read: Renewed | None) -> None:
            self.form.show_last(self._last())
            settle()
            if self._shows(path):
                self._tell(told, lambda: then(read))
            else:
                self.told.emit(f"{path.name}: {told}")

        def refused(error: Exception) -> None:
            self.form.show_last(self._last())
            self._refuse(error, path)

        self._writer.write(writing, self._browsed, done, refused)

    def _wait(self, waits: bool) -> None:
        self.form.wait(waits)
        self._told = self._doing if waits else ""
        self.form.say(self._told)

    def _refuse(self, error: Exception, path: Path) -> None:
        from ..core.errors import RedlineError

        if not isinstance(error, RedlineError) or not self._shows(path):
            self.failed.emit(error)
            return
        self.form.say(self._texts.error(error))
        self.form.point_at("author" if error.code == "decision_without_author" else _first(error.details.get("facts")))

    def _shows(self, path: Path) -> bool:
        return self._browsed is not None and self._browsed.path == path

    def _tell(self, text: str, then: Callable[[], None]) -> None:
        """Say this, and while what follows from it shows other findings; the form is laid out once."""
        self._told = text
        try:
            then()
        finally:
            self._told = ""
        self.form.say(text)

    def _last(self) -> str:
        """What was recorded last in this package, in words; empty where nothing can be taken back."""
        act = self._recorder.last(self._browsed.path) if self._browsed is not None else None
        if act is None:
            return ""
        rows = [row for row in map(self._browsed.row_of, act.events) if row >= 0]
        what = self._what(rows) if rows else tr("{n} findings").format(n=len(act.events))
        return self._texts.listed(self._texts.word("decision", act.decision), [what])

    def _chosen(self) -> list[str]:
        return self._browsed.ids(self._rows)


def _first(names: Sequence[str] | None) -> str:
    return names[0] if names else ""
