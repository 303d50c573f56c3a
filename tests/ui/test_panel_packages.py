"""Packages of other versions, write-protected ones, and one of a real run: its sources, and running it again."""

import gzip
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from panels import LAYERS, READ_MS, SAMPLE, change, column, decide, dialogs, events, ids, read, set_fact
from qgis.core import QgsProcessingContext, QgsProcessingFeedback
from sites import mounted

from redline_review.core.review.recording import Decided, record
from redline_review.processing.package_layers import layer_of


@pytest.fixture
def old(tmp_path):
    """A package as version 1 wrote it."""
    path = tmp_path / "旧成果 #1.gpkg"
    path.write_bytes(gzip.decompress((Path(__file__).parents[1] / "data" / "review_v1.gpkg.gz").read_bytes()))
    return path


class TestEarlier:
    def test_it_is_only_read_until_a_copy_is_made(self, panel, old, qtbot):
        before = old.read_bytes()
        read(qtbot, panel, lambda: panel.open(old))
        assert "earlier version" in panel.banner.text() and panel.tables.findings.rowCount() > 0
        panel.tables.finding_view.selectRow(0)
        panel.tables.town_view.selectRow(0)
        assert not panel.pages.form.record.isEnabled() and not panel.checklist.record.isEnabled()
        decided = [one for one in column(panel.tables.findings, "decision") if one]
        assert len(decided) > 0
        panel.tables.town_view.clearSelection()
        read(qtbot, panel, lambda: panel.banner.linkActivated.emit("migrate"))
        copy = old.with_name("旧成果 #1_v2.gpkg")
        assert panel.browsed.path == copy and panel.packageLabel.text() == copy.name and panel.banner.isHidden()
        assert layer_of(copy, "findings") is not None and layer_of(copy, "towns") is not None
        assert old.read_bytes() == before and sorted(old.parent.glob("*")) == sorted([old, copy])
        panel.tables.finding_view.selectRow(0)
        count = len(events(copy))
        assert decide(panel, "needs_adjustment").startswith("Recorded") and len(events(copy)) == count + 1
        assert old.read_bytes() == before

    def test_the_link_clicked_twice_makes_one_copy(self, panel, old, qtbot):
        read(qtbot, panel, lambda: panel.open(old, add_layers=False))
        assert "href='migrate'" in panel.banner.text()
        with qtbot.waitSignal(panel.opened, timeout=READ_MS):
            panel.banner.linkActivated.emit("migrate")
            assert panel.banner.isHidden(), "there is no link left to click"
        assert len(list(old.parent.glob("*_v2*"))) == 1

    def test_where_no_copy_can_be_made_it_says_so_and_offers_it_again(self, panel, old, tmp_path, qtbot):
        with mounted(tmp_path / "disc", "--bind", "-o", "ro", old.parent) as disc:
            if os.access(disc, os.W_OK):
                pytest.skip("this system does not mount a folder read-only in one step")
            read(qtbot, panel, lambda: panel.open(disc / old.name, add_layers=False))
            with qtbot.waitSignal(panel._opening.failed, timeout=READ_MS):
                panel.banner.linkActivated.emit("migrate")
            assert "href='migrate'" in panel.banner.text() and str(disc) in panel.banner.text()
            assert "findings" in panel.status.text()


class TestLater:
    def test_it_is_only_read(self, panel, package, qtbot):
        record(package, [Decided("A/farmland/F0", "resolved", "张三")])
        set_fact(package, "schema_version", 99)
        read(qtbot, panel, lambda: panel.open(package))
        assert "newer version" in panel.banner.text() and "href" not in panel.banner.text()
        assert column(panel.tables.findings, "decision")[0] == "resolved"
        panel.tables.town_view.selectRow(0)
        panel.select_findings(["A/farmland/F0"])
        assert "张三" in panel.history.toPlainText() and "A镇" in panel.about.toPlainText()
        assert not panel.pages.form.record.isEnabled() and not panel.checklist.record.isEnabled()
        told = panel.banner.text()
        panel.bar.tool_ended.emit()
        assert panel.banner.text() == told, "nothing has failed"
        read(qtbot, panel, panel.reload)
        assert ids(panel) == ["A/farmland/F0"] and panel.banner.text() == told


class TestWriteProtected:
    @pytest.mark.parametrize("mode", ["DELETE", "WAL"])
    def test_media(self, panel, package, tmp_path, qtbot, mode):
        record(package, [Decided("A/farmland/F0", "resolved", "张三")])
        with closing(sqlite3.connect(package)) as connection:
            connection.execute("PRAGMA journal_mode = " + mode)
        with mounted(tmp_path / "disc", "--bind", "-o", "ro", package.parent) as disc:
            if os.access(disc, os.W_OK):
                pytest.skip("this system does not mount a folder read-only in one step")
            read(qtbot, panel, lambda: panel.open(disc / package.name, add_layers=False))
            assert "write-protected" in panel.banner.text()
            panel.tables.town_view.selectRow(0)
            panel.select_findings(["A/farmland/F0"])
            assert not panel.pages.form.record.isEnabled() and "张三" in panel.history.toPlainText()
            assert panel.map._outline is not None
            panel.bar.tool_ended.emit()
            assert "write-protected" in panel.banner.text() and "disc" not in panel.banner.text()

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write whatever the mode says")
    def test_file(self, panel, package, qtbot):
        package.chmod(0o444)
        read(qtbot, panel, lambda: panel.open(package))
        assert "write-protected" in panel.banner.text() and not panel.pages.form.record.isEnabled()


@pytest.fixture
def reviewed(tools, tmp_path):
    """A review of the sample county."""
    path = tmp_path / "青禾县.gpkg"
    layers = {name: f"{SAMPLE}|layername={layer}" for name, layer in LAYERS.items()}
    asked = {**layers, "TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC", "MIN_AREA": 3.5, "REVIEW": str(path)}
    _, ran = tools.createAlgorithmById("redline:overlap").run(asked, QgsProcessingContext(), QgsProcessingFeedback())
    assert ran
    return path, asked


class TestRealRun:
    def test_the_source_feature_of_a_finding(self, panel, reviewed, qtbot):
        path, _ = reviewed
        read(qtbot, panel, lambda: panel.open(path, add_layers=False))
        found = panel.browsed.findings
        row = int((found["line"] == "farmland").to_numpy().nonzero()[0][0])
        source_id = found["source_id"][row]
        panel.select_findings([found["finding_id"][row]])
        assert panel.source.toPlainText() == "", "nothing is looked up before it is asked for"
        panel.detail.setCurrentWidget(panel.source)
        qtbot.waitUntil(lambda: source_id in panel.source.toPlainText(), timeout=READ_MS)
        assert "YJJBNTTBBH" in panel.source.toPlainText() or "BSM" in panel.source.toPlainText()
        outside = int((found["line"] == "urban_boundary").to_numpy().nonzero()[0][0])
        panel.select_findings([found["finding_id"][outside]])
        qtbot.waitUntil(lambda: panel.source.toPlainText() != "", timeout=READ_MS)
        assert source_id not in panel.source.toPlainText()

    def test_running_it_again_opens_the_tool_filled_in(self, panel, reviewed, qtbot, tools):
        path, asked = reviewed
        read(qtbot, panel, lambda: panel.open(path, add_layers=False))
        change(path, "UPDATE findings SET state = 'new'")
        panel.runButton.menu().aboutToShow.emit()
        panel.runButton.menu().actions()[0].trigger()
        (dialog,) = dialogs()
        assert dialog.algorithm().id() == "redline:overlap" and panel.banner.isHidden()
        filled = dialog.createProcessingParameters()
        assert {name: filled[name] for name in asked} == asked

    def test_a_source_that_has_changed_is_named_with_a_link_to_run_it_again(self, panel, reviewed, qtbot, tools):
        path, _ = reviewed
        with closing(sqlite3.connect(path)) as connection:
            (value,) = connection.execute("SELECT value FROM run WHERE key = 'sources'").fetchone()
        sources = json.loads(value)
        sources["farmland"]["size"] += 1
        sources["earlier_land_use"] = sources["list"] = {**sources["farmland"]}
        set_fact(path, "sources", sources)
        read(qtbot, panel, lambda: panel.open(path, add_layers=False))
        told = panel.banner.text()
        assert "Permanent basic farmland" in told and "provincial list" in told and "earlier date" in told
        assert "earlier_land_use" not in told
        panel.banner.linkActivated.emit("again")
        assert [dialog.algorithm().id() for dialog in dialogs()] == ["redline:overlap"]
