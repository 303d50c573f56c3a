"""Many findings decided on in one go: written beside the window, which goes on; all of them or none, whatever happens
meanwhile."""

import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager

import pytest
from packages import box, findings
from panels import READ_MS, choose, column, decide, events, ids, read, written
from qgis.core import Qgis, QgsApplication, QgsTask
from qgis.PyQt.QtWidgets import QApplication

from redline_review.core.review import browse
from redline_review.core.review.recording import Decided, record
from redline_review.ui.writer import MANY

COUNT = MANY + 20


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "成果 包.gpkg"
    rows = [("A", "farmland", f"F{n}", box(20 * n, 0, 10)) for n in range(COUNT - 5)]
    written(path, findings([*rows, *(("B", "eco_redline", f"E{n}", box(90_000, 20 * n, 10)) for n in range(5))]))
    return path


@pytest.fixture
def opened(opened, monkeypatch):
    """All findings selected, and nobody waits in vain for a lock."""
    monkeypatch.setattr(browse, "WRITE_SECONDS", 60.0)
    opened.pages.form.author.setText("张三")
    opened.detail.setCurrentWidget(opened.pages.form)
    opened.tables.finding_view.selectAll()
    return opened


@contextmanager
def locked(path):
    """Another program writes: what is recorded waits until this is left."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
        if other.in_transaction:
            other.execute("ROLLBACK")


def said(panel):
    return panel.pages.form.message.text()


def decisions(panel):
    return set(column(panel.tables.findings, "decision"))


def buttons(panel):
    form = panel.pages.form
    return [one.isEnabled() for one in (form.record, form.record_next, form.undone, form.fields, panel.checklist)]


def ended(qtbot, panel):
    """Wait until what is under way has been told."""
    qtbot.waitUntil(lambda: not panel.pages._writer.under_way, timeout=READ_MS)


def test_recorded_and_taken_back(opened, package, qtbot):
    form = opened.pages.form
    with locked(package):
        assert decide(opened, "needs_adjustment", reason="须退让") == f"Recording {COUNT} findings…"
        assert buttons(opened) == [False] * 5 and decisions(opened) == {""}
        form.record.click()
        form.record_next.click()
    ended(qtbot, opened)
    made = events(package)
    assert len(made) == COUNT and set(made.reason) == {"须退让"} and made.finding_id.is_unique
    assert decisions(opened) == {"needs adjustment"} and said(opened) == f"Recorded: {COUNT} findings."
    assert form.reason.text() == "" and buttons(opened) == [True] * 5 and len(ids(opened)) == COUNT
    with locked(package):
        form.take_last.trigger()
        assert said(opened) == f"Taking back {COUNT} findings…" and buttons(opened) == [False] * 5
    ended(qtbot, opened)
    assert decisions(opened) == {""} and len(events(package)) == 2 * COUNT and len(ids(opened)) == COUNT
    assert said(opened).startswith("Taken back") and not form.take_last.isEnabled()
    assert form.record.isEnabled()


def test_ones_own_of_another_day(opened, package, qtbot):
    record(package, [Decided(one, "resolved", "张三") for one in ids(opened)])
    opened.bar.tool_ended.emit()
    assert len(decisions(opened)) == 1 and "" not in decisions(opened)
    opened.pages.form.take_own.trigger()
    ended(qtbot, opened)
    assert decisions(opened) == {""} and len(events(package)) == 2 * COUNT


def test_the_window_goes_on_meanwhile(opened, package, qtbot):
    with locked(package):
        decide(opened, "needs_adjustment", button="record_next")
        opened.tables.finding_view.selectRow(7)
        opened.search.setText("no such")
        opened.narrowing.narrow()
        assert opened.tables.findings.rowCount() == 0 and not opened.pages.form.record.isEnabled()
        opened.search.setText("")
        opened.narrowing.narrow()
        opened.tables.finding_view.selectRow(7)
        assert said(opened) == f"Recording {COUNT} findings…" and not opened.pages.form.record.isEnabled()
    ended(qtbot, opened)
    assert decisions(opened) == {"needs adjustment"} and ids(opened) == ["A/farmland/F7"]
    assert opened.pages.form.record.isEnabled() and "needs adjustment" in opened.history.toPlainText()


def test_on_to_the_next(opened, package, qtbot):
    listed = opened.browsed.findings["finding_id"].tolist()
    opened.select_findings(listed[: MANY + 3])
    decide(opened, "needs_adjustment", button="record_next")
    ended(qtbot, opened)
    assert ids(opened) == [listed[MANY + 3]] and len(events(package)) == MANY + 3


def test_the_focus_is_where_it_was(opened, package, qtbot):
    form = opened.pages.form
    opened.activateWindow()
    form.reason.setFocus()
    with locked(package):
        decide(opened, "needs_adjustment")
        assert opened.focusWidget() is form, "no other part of the panel takes the keys"
    ended(qtbot, opened)
    assert opened.focusWidget() is form.reason
    with locked(package):
        decide(opened, "needs_adjustment")
        opened.search.setFocus()
    ended(qtbot, opened)
    assert opened.focusWidget() is opened.search


class TestRefused:
    def test_what_was_typed_stays(self, opened, package, qtbot, monkeypatch):
        monkeypatch.setattr(browse, "WRITE_SECONDS", 0.1)
        with locked(package):
            decide(opened, "needs_adjustment", reason="须退让")
            ended(qtbot, opened)
        assert "成果 包.gpkg" in said(opened) and opened.pages.form.reason.text() == "须退让"
        assert events(package).empty and decisions(opened) == {""} and opened.pages.form.record.isEnabled()
        assert not opened.pages.form.take_last.isEnabled()
        opened.pages.form.record.click()
        ended(qtbot, opened)
        assert len(events(package)) == COUNT

    def test_what_is_missing_is_pointed_at(self, opened, package, qtbot):
        decide(opened, "false_positive")
        ended(qtbot, opened)
        assert "eason" in said(opened) and opened.focusWidget() is opened.pages.form.reason
        assert events(package).empty

    def test_what_a_colleague_has_decided_since_stays(self, opened, package, qtbot):
        decide(opened, "resolved")
        ended(qtbot, opened)
        record(package, [Decided("B/eco_redline/E1", "needs_adjustment", "李四")])
        opened.pages.form.take_last.trigger()
        ended(qtbot, opened)
        assert "李四" in said(opened) and len(events(package)) == COUNT + 1
        assert not opened.pages.form.take_last.isEnabled(), "it can never be taken back"

    def test_stopped_before_it_began(self, opened, package, qtbot, busy):
        decide(opened, "needs_adjustment", reason="须退让")
        QgsApplication.taskManager().cancelAll()
        ended(qtbot, opened)
        busy()
        assert "Nothing was written" in said(opened) and opened.pages.form.reason.text() == "须退让"
        assert events(package).empty and opened.pages.form.record.isEnabled()


class TestAnotherPackage:
    @pytest.fixture
    def other(self, package, tmp_path):
        path = tmp_path / "other.gpkg"
        shutil.copy(package, path)
        return path

    def test_opened_meanwhile(self, opened, package, other, qtbot):
        with locked(package):
            decide(opened, "needs_adjustment")
            read(qtbot, opened, lambda: opened.open(other, add_layers=False))
            opened.tables.finding_view.selectRow(3)
            assert not opened.pages.form.record.isEnabled()
        ended(qtbot, opened)
        assert len(events(package)) == COUNT and events(other).empty
        assert opened.browsed.path == other and ids(opened) == ["A/farmland/F3"] and decisions(opened) == {""}
        assert f"成果 包.gpkg: Recorded: {COUNT} findings." in opened.banner.text()
        assert opened.pages.form.record.isEnabled() and not opened.pages.form.take_last.isEnabled()
        read(qtbot, opened, lambda: opened.open(package, add_layers=False))
        opened.pages.form.take_last.trigger()
        ended(qtbot, opened)
        assert len(events(package)) == 2 * COUNT and decisions(opened) == {""}

    def test_why_nothing_was_written_in_the_one_before(self, opened, package, other, qtbot):
        with locked(package):
            decide(opened, "needs_adjustment", author=" ")
            read(qtbot, opened, lambda: opened.open(other, add_layers=False))
            assert opened.banner.isHidden()
        ended(qtbot, opened)
        assert opened.banner.isVisible() and said(opened) == "" and events(package).empty and events(other).empty

    def test_the_same_read_again_meanwhile(self, opened, package, qtbot):
        with locked(package):
            decide(opened, "needs_adjustment")
            read(qtbot, opened, opened.reload)
            assert decisions(opened) == {""}
        ended(qtbot, opened)
        assert decisions(opened) == {"needs adjustment"} and opened.pages.form.take_last.isEnabled()

    def test_recorded_while_it_was_being_read(self, opened, package, qtbot):
        before = browse.browse(package)
        decide(opened, "needs_adjustment")
        ended(qtbot, opened)
        read(qtbot, opened, lambda: opened._opening.done.emit((before, "", range(COUNT))))
        assert opened.browsed is before and decisions(opened) == {"needs adjustment"}


class TestTheWindowCloses:
    def test_before_it_began(self, opened, package, busy):
        decide(opened, "needs_adjustment")
        opened.pages.end()
        assert len(events(package)) == COUNT

    def test_under_way(self, opened, package, qtbot):
        with locked(package) as other:
            decide(opened, "needs_adjustment")
            (task,) = QgsApplication.taskManager().tasks()
            qtbot.waitUntil(lambda: task.status() == QgsTask.TaskStatus.Running, timeout=READ_MS)
            threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()
            opened.pages.end()
        assert len(events(package)) == COUNT

    def test_what_could_not_be_written_is_logged(self, opened, package, busy):
        logged = []
        QgsApplication.messageLog().messageReceived[str, str, Qgis.MessageLevel].connect(
            lambda text, tab, level: logged.append((text, level))
        )
        decide(opened, "needs_adjustment", author=" ")
        opened.pages.end()
        assert events(package).empty and len(logged) == 1 and logged[0][1] == Qgis.MessageLevel.Critical


def test_few_are_on_disk_at_once(opened, package, busy):
    opened.select_findings(["A/farmland/F0"])
    choose(opened.pages.form.decision, "resolved")
    opened.pages.form.record.click()
    assert len(events(package)) == 1 and said(opened).startswith("Recorded") and QApplication.overrideCursor() is None
