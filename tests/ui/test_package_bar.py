"""The panel's top row: tools filled in, copies, recent packages, and what is dropped on the panel."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from panels import READ_MS, column, decide, dialogs, events, read, set_fact, small_package
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from qgis.PyQt.QtGui import QDragEnterEvent, QDropEvent
from qgis.PyQt.QtWidgets import QFileDialog

from redline_review.core.review.exchange import export_decisions
from redline_review.core.review.recording import Decided, record

COPY = Qt.DropAction.CopyAction
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def entry(button, text):
    """An entry of a button's menu, as it is when it opens."""
    button.menu().aboutToShow.emit()
    return next(one for one in button.menu().actions() if one.text() == text)


def dropped(panel, *paths):
    """Drag files over the panel and drop them there; whether it took them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    entered = QDragEnterEvent(QPoint(5, 5), COPY, data, LEFT, NO_KEY)
    entered.ignore()  # as Qt hands it over
    panel.dragEnterEvent(entered)
    place = QPointF(5, 5)
    drop = QDropEvent(place, COPY, data, LEFT, NO_KEY)
    drop.ignore()
    panel.dropEvent(drop)
    assert drop.isAccepted() == entered.isAccepted()
    return drop.isAccepted()


@pytest.fixture
def colleague(package, tmp_path):
    """A colleague's decision, in a file."""
    copy, file = tmp_path / "copy.gpkg", tmp_path / "李四.json"
    shutil.copy(package, copy)
    record(copy, [Decided("A/farmland/F1", "needs_adjustment", "李四")])
    export_decisions(copy, file)
    return file


class TestTools:
    def test_merging_a_dropped_file(self, opened, package, colleague, tools, qtbot):
        assert dropped(opened, colleague)
        (dialog,) = dialogs()
        assert dialog.algorithm().id() == "redline:mergedecisions"
        asked = dialog.createProcessingParameters()
        assert (asked["PACKAGE"], asked["DECISIONS"]) == (str(package), str(colleague))
        with qtbot.waitSignal(opened.bar.tool_ended, timeout=READ_MS):
            dialog.runButton().click()
        assert column(opened.tables.findings, "decision")[1] == "needs adjustment"
        assert opened.chips.buttons["undecided"].text() == "undecided 5"

    def test_a_dialog_that_is_closed_while_its_tool_runs_stays_until_it_has_run(
        self, opened, package, colleague, tools, qtbot, busy
    ):
        dropped(opened, colleague)
        (dialog,) = dialogs()
        dialog.runButton().click()  # it waits for a thread
        dialog.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert not sip.isdeleted(dialog), "what runs still reports to it"
        with qtbot.waitSignal(opened.bar.tool_ended, timeout=READ_MS):
            busy()
        assert events(package).author.tolist() == ["李四"]
        assert column(opened.tables.findings, "decision")[1] == "needs adjustment"
        qtbot.waitUntil(lambda: sip.isdeleted(dialog), timeout=READ_MS)

    def test_one_that_is_closed_unused_goes(self, opened, colleague, tools):
        dropped(opened, colleague)
        (dialog,) = dialogs()
        dialog.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert sip.isdeleted(dialog)

    def test_what_is_missing_for_another_run_has_the_names_of_the_dialog(self, opened, package, tools):
        tool = {"algorithm": "redline:overlap", "parameters": {"REVIEW_OBJECT": 0},
                "left_out": ["TOWNS", "ECO_REDLINE"]}  # fmt: skip
        set_fact(package, "tool", tool)
        entry(opened.runButton, "Run this review again…").trigger()
        (dialog,) = dialogs()
        known = {one.name(): one.description() for one in dialog.algorithm().parameterDefinitions()}
        assert known["TOWNS"] != "TOWNS" and f"{known['TOWNS']}, {known['ECO_REDLINE']}" in opened.banner.text()
        assert "ECO_REDLINE" not in opened.banner.text()

    def test_a_package_gone_cannot_be_run_again(self, opened, package, tools):
        os.unlink(package)
        entry(opened.runButton, "Run this review again…").trigger()
        assert dialogs() == [] and "成果 包.gpkg" in opened.banner.text()

    def test_without_a_package_only_new_runs(self, panel):
        for button, entries in ((panel.runButton, ["Run this review again…", "Compare with another run…"]),
                                (panel.shareButton, ["Decisions to a file…", "Copy of the package…"])):  # fmt: skip
            assert not any(entry(button, text).isEnabled() for text in entries)
        assert entry(panel.runButton, "Red-line overlap…").isEnabled()


class TestCopies:
    def choose(self, monkeypatch, *paths):
        """What the planner chooses, once and again where asked again."""
        asked, chosen = [], iter(paths)
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *about: (asked.append(about[2]), (str(next(chosen)), ""))[1]
        )
        return asked

    def test_a_copy_is_made_beside_the_window_and_told(self, opened, tmp_path, qtbot, monkeypatch):
        self.choose(monkeypatch, tmp_path / "U 盘")
        with qtbot.waitSignal(opened.bar.told, timeout=READ_MS):
            entry(opened.shareButton, "Copy of the package…").trigger()
        assert opened.banner.text() == "Copied to U 盘.gpkg."
        assert len(events(tmp_path / "U 盘.gpkg")) == 0

    def test_a_file_that_is_there_is_asked_for_under_its_whole_name(self, opened, tmp_path, qtbot, monkeypatch):
        other = small_package(tmp_path / "旧.gpkg")
        record(other, [Decided("A/farmland/F0", "resolved", "李四")])
        asked = self.choose(monkeypatch, tmp_path / "旧", "")
        entry(opened.shareButton, "Copy of the package…").trigger()
        assert asked[1] == str(other) and len(events(other)) == 1

    def test_why_it_cannot_be_made(self, opened, package, tmp_path, qtbot, monkeypatch):
        self.choose(monkeypatch, package)
        with qtbot.waitSignal(opened.bar.failed, timeout=READ_MS):
            entry(opened.shareButton, "Copy of the package…").trigger()
        assert "成果 包.gpkg" in opened.banner.text()


class TestDrops:
    def test_decisions_without_a_package(self, panel, colleague, qtbot):
        assert dropped(panel, colleague)
        assert "First open the review package" in panel.banner.text()

    def test_decisions_while_a_layer_is_shown(self, panel, package, colleague, qtbot):
        layer = QgsVectorLayer(f"{package}|layername=findings", "layer", "ogr")
        QgsProject.instance().addMapLayer(layer)
        read(qtbot, panel, lambda: panel.open_layer(layer.id()))
        assert dropped(panel, colleague)
        assert "First open the review package" in panel.banner.text()

    def test_all_else_is_for_qgis(self, opened, package, tmp_path):
        other = tmp_path / "roads.gpkg"
        with closing(sqlite3.connect(other)) as connection, connection:
            connection.execute("CREATE TABLE roads (fid INTEGER)")
        for name, content in (("map.json", '{"type": "FeatureCollection"}'), ("map.qgz", "PK"), ("none.gpkg", "none")):
            (tmp_path / name).write_text(content)
        shutil.copy(package, tmp_path / "two.gpkg")
        for paths in ([other], [tmp_path / "map.json"], [tmp_path / "map.qgz"], [tmp_path / "none.gpkg"], [],
                      [package, tmp_path / "two.gpkg"], [tmp_path / "gone.gpkg"], [tmp_path / "gone.json"],
                      [tmp_path]):  # fmt: skip
            assert not dropped(opened, *paths), paths
        assert opened.packageLabel.text() == "成果 包.gpkg" and opened.banner.isHidden()

    def test_what_is_ours_is_taken_to_say_what_is_wrong_with_it(self, opened, package, tmp_path, qtbot):
        locked = tmp_path / "锁.GPKG"
        shutil.copy(package, locked)
        with closing(sqlite3.connect(locked, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert dropped(opened, locked)
            opened._opening.forget()
            other.execute("ROLLBACK")
        set_fact(package, "schema_version", 99)
        read(qtbot, opened, lambda: dropped(opened, package))
        assert "newer version" in opened.banner.text()


class TestRecent:
    def test_packages_that_are_gone_say_so_when_they_are_opened(self, opened, package, tmp_path, qtbot):
        other = small_package(tmp_path / "other.gpkg")
        read(qtbot, opened, lambda: opened.open(other))
        os.unlink(package)
        with qtbot.waitSignal(opened._opening.failed, timeout=READ_MS):
            entry(opened.openButton, "成果 包.gpkg").trigger()
        assert "成果 包.gpkg" in opened.banner.text() and opened.packageLabel.text() == "other.gpkg"

    def test_what_somebody_has_written_into_the_settings_is_no_obstacle(self, panel, package, qtbot):
        from qgis.core import QgsSettings

        for name, value in (("recent", "/one"), ("unit", "viel"), ("zoom", [1]), ("author", ["a", "b"])):
            QgsSettings().setValue(f"redline_review/{name}", value)
        panel.openButton.menu().aboutToShow.emit()
        read(qtbot, panel, lambda: panel.open(package))
        panel.select_findings(["A/farmland/F0"])
        assert decide(panel, "resolved").startswith("Recorded")


def test_layers_are_offered_by_their_fields(panel, qgis_new_project):
    with_fields = QgsVectorLayer("Polygon?field=finding_id:string&field=area_m2:double", "A & B", "memory")
    without = QgsVectorLayer("Polygon?field=finding_id:string", "without", "memory")
    points = QgsVectorLayer("Point?field=finding_id:string&field=area_m2:double", "points", "memory")
    QgsProject.instance().addMapLayers([with_fields, without, points])
    panel.openButton.menu().aboutToShow.emit()
    assert [one.text() for one in panel.openButton.menu().actions()][-1] == "A && B"
    assert not {"without", "points"} & {one.text() for one in panel.openButton.menu().actions()}
