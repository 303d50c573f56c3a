"""The review dock on a real package: what it shows, filters, selects and records."""

import os

import pytest
from packages import box, findings, review
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QColor

from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "成果 包.gpkg"
    rows = [("A", "farmland", f"F{n}", box(200 * n, 0, 100 + n)) for n in range(5)]
    rows += [("B", "eco_redline", "E1", box(20_000, 0, 100))]
    review(path, findings(rows))
    return path


@pytest.fixture
def dock(qgis_iface, qgis_new_project):
    from redline_review.ui.dock import ReviewDock

    QgsSettings().remove("redline_review/author")
    made = ReviewDock(qgis_iface)
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, 52)


def column(model, key):
    place = next(n for n, one in enumerate(model._columns) if one.key == key)
    return [model.index(row, place).data() for row in range(model.rowCount())]


def events(path):
    with open_package(path) as opened:
        return opened.decisions()


def test_a_package_is_shown(dock, package):
    assert dock.open(package)
    assert dock.panel.packageLabel.text() == "成果 包.gpkg" and dock.panel.banner.isHidden()
    assert (dock.towns.rowCount(), dock.findings.rowCount()) == (2, 6)
    assert dock.chips["violation"].text() == "violation 2" and dock.chips["undecided"].text() == "undecided 6"
    assert column(dock.findings, "line")[-1] == "Ecological redline"
    assert column(dock.findings, "area_m2")[0] == "10,000.00"
    dock.panel.unitCombo.setCurrentIndex(1)
    assert column(dock.findings, "area_m2")[0] == "1.0000"
    colour = dock.towns.index(0, 1).data(Qt.ItemDataRole.ForegroundRole)
    assert colour == QColor(200, 16, 46)


def test_chips_search_and_town_narrow_it_down(dock, package):
    record(package, [Decided("A/farmland/F0", "resolved", "张三")])
    dock.open(package)
    dock.chips["undecided"].click()
    assert dock.findings.rowCount() == 5
    dock.chips["undecided"].click()
    dock.chips["clear"].click()
    assert dock.towns.rowCount() == 0 and dock.findings.rowCount() == 0
    dock.chips["clear"].click()
    dock.panel.search.setText("b镇")
    dock._filter()
    assert dock.findings.rowCount() == 1
    dock.panel.search.setText("")
    dock._filter()
    dock.panel.townTable.selectRow(0)
    assert dock.findings.rowCount() == 5 and set(column(dock.findings, "line")) == {"Permanent basic farmland"}


def test_a_finding_is_told_in_full(dock, package):
    record(package, [Decided("A/farmland/F1", "needs_adjustment", "李四", reason="须退让 <b>")])
    dock.open(package)
    assert dock.select_finding("A/farmland/F1")
    about, history = dock.panel.about.toPlainText(), dock.panel.history.toPlainText()
    assert "A镇" in about and "不得占用" in about and "Permanent basic farmland" in about
    assert "needs adjustment" in history and "李四" in history and "须退让 <b>" in history
    assert not dock.select_finding("nobody")


def test_decisions_are_on_disk_and_shown(dock, package):
    dock.open(package)
    dock.select_finding("B/eco_redline/E1")
    form = dock.form
    form.decision.setCurrentIndex(form.decision.findData("false_positive"))
    form.reason.setText("划定有误")
    form.author.setText("张三")
    form.record.click()
    assert events(package).decision.tolist() == ["false_positive"]
    assert form.message.text() == "Recorded." and form.reason.text() == "" and form.author.text() == "张三"
    assert dock.selected() == [5] and column(dock.findings, "decision")[-1] == "false positive"
    assert column(dock.towns, "reviewed_verdict") == ["violation", "violation"]
    form.decision.setCurrentIndex(form.decision.findData("verified"))
    form.record.click()
    assert "second person" in form.message.text() and len(events(package)) == 1
    form.author.setText("李四")
    form.record.click()
    assert column(dock.towns, "reviewed_verdict") == ["violation", "clear"]
    assert dock.chips["clear"].text() == "clear 1"


def test_what_is_missing_is_said_and_what_was_typed_stays(dock, package):
    dock.open(package)
    dock.select_finding("A/farmland/F0")
    form = dock.form
    form.decision.setCurrentIndex(form.decision.findData("accepted_exception"))
    form.reason.setText("重点项目")
    form.author.setText("张三")
    form.record.click()
    assert "document" in form.message.text() and form.reason.text() == "重点项目"
    assert len(events(package)) == 0
    shown = {key for key, (_, widget, _) in form._facts.items() if not widget.isHidden()}
    assert shown == {"authority", "authority_level", "document", "approved_on", "approved_m2", "valid_until"}


def test_several_at_once(dock, package):
    dock.open(package)
    dock.panel.findingTable.selectAll()
    assert "6" in dock.form.subject.text()
    dock.form.author.setText("张三")
    dock.form.decision.setCurrentIndex(dock.form.decision.findData("resolved"))
    dock.form.record.click()
    assert len(events(package)) == 6 and dock.chips["undecided"].text() == "undecided 0"


def test_a_file_that_is_none_and_one_that_goes(dock, package, tmp_path):
    other = tmp_path / "x.gpkg"
    other.write_bytes(b"nothing")
    assert not dock.open(other) and "x.gpkg" in dock.panel.banner.text() and not dock.panel.banner.isHidden()
    assert dock.open(package) and dock.panel.banner.isHidden()
    os.unlink(package)
    dock.select_finding("A/farmland/F0")
    assert "成果 包.gpkg" in dock.panel.banner.text()
    dock.form.author.setText("张三")
    dock.form.record.click()
    assert "成果 包.gpkg" in dock.form.message.text()


def test_a_dock_without_a_package_does_nothing(dock):
    dock.reload()
    dock._filter()
    dock.panel.unitCombo.setCurrentIndex(2)
    assert not dock.form.record.isEnabled()
