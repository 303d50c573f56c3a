"""The review panel on a real package, driven as a planner drives it."""

import os
import shutil

from packages import box, findings, review
from panels import READ_MS, choose, column, decide, events, failed, ids, read
from qgis.core import QgsProject, QgsRectangle, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QMimeData, QPoint, Qt, QUrl
from qgis.PyQt.QtGui import QColor, QDropEvent

from redline_review.core.review.checklist import present_answers
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record
from redline_review.processing.package_layers import layer_of


def test_a_package_is_shown(opened):
    panel = opened
    assert panel.packageLabel.text() == "成果 包.gpkg" and panel.banner.isHidden()
    assert (panel.tables.towns.rowCount(), panel.tables.findings.rowCount()) == (2, 6)
    assert panel.chips.buttons["violation"].text() == "violation 2"
    assert panel.chips.buttons["undecided"].text() == "undecided 6"
    assert column(panel.tables.findings, "line")[-1] == "Ecological redline"
    assert column(panel.tables.findings, "area_m2")[0] == "10,000.00"
    panel.unitCombo.setCurrentIndex(1)
    assert column(panel.tables.findings, "area_m2")[0] == "1.0000"
    colour = panel.tables.towns.index(0, 1).data(Qt.ItemDataRole.ForegroundRole)
    assert colour == QColor("#c8102e")


def test_its_layers_come_to_the_map_once_and_cannot_be_edited(opened, package, qtbot):
    layers = [layer_of(package, name) for name in ("findings", "towns")]
    assert all(layer is not None and layer.readOnly() for layer in layers)
    opened.open(package)
    with qtbot.waitSignal(opened.opened, timeout=READ_MS):
        pass
    assert len(QgsProject.instance().mapLayers()) == 2


def test_chips_search_and_town_narrow_it_down(panel, package, qtbot):
    record(package, [Decided("A/farmland/F0", "resolved", "张三")])
    read(qtbot, panel, lambda: panel.open(package))
    chips, tables = panel.chips.buttons, panel.tables
    qtbot.mouseClick(chips["undecided"], Qt.MouseButton.LeftButton)
    assert tables.findings.rowCount() == 5 and tables.towns.rowCount() == 2
    qtbot.mouseClick(chips["undecided"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(chips["clear"], Qt.MouseButton.LeftButton)
    assert tables.towns.rowCount() == 0 and tables.findings.rowCount() == 0
    qtbot.mouseClick(chips["clear"], Qt.MouseButton.LeftButton)
    qtbot.keyClicks(panel.search, "B")
    qtbot.waitUntil(lambda: tables.findings.rowCount() == 1, timeout=READ_MS)
    assert panel.status.text() == "1 of 6 findings"
    panel.search.clear()
    qtbot.waitUntil(lambda: tables.findings.rowCount() == 6, timeout=READ_MS)
    tables.town_view.selectRow(0)
    assert tables.findings.rowCount() == 5
    assert set(column(tables.findings, "line")) == {"Permanent basic farmland"}


def test_filters_by_value_size_and_map_extent(opened, qtbot, qgis_iface):
    filters, tables = opened.filters, opened.tables
    qtbot.mouseClick(opened.filterButton, Qt.MouseButton.LeftButton)
    assert filters.isVisible()
    filters.choices["line"].toggleItemCheckState(filters.choices["line"].findData("eco_redline"))
    qtbot.waitUntil(lambda: tables.findings.rowCount() == 1, timeout=READ_MS)
    assert tables.towns.rowCount() == 1 and opened.filterButton.text() == "1"
    filters.clear()
    qtbot.waitUntil(lambda: tables.findings.rowCount() == 6, timeout=READ_MS)
    opened.unitCombo.setCurrentIndex(1)
    filters.least["area_m2"].setValue(1.05)  # hectares
    qtbot.waitUntil(lambda: tables.findings.rowCount() == 2, timeout=READ_MS)
    filters.clear()
    qtbot.waitUntil(lambda: tables.findings.rowCount() == 6, timeout=READ_MS)
    canvas, bounds = qgis_iface.mapCanvas(), opened.browsed.boxes[5]
    canvas.setExtent(QgsRectangle(*map(float, bounds)))
    qtbot.mouseClick(opened.extentButton, Qt.MouseButton.LeftButton)
    assert column(tables.findings, "line") == ["Ecological redline"]
    canvas.setExtent(QgsRectangle(*map(float, opened.browsed.boxes[0])))
    qtbot.waitUntil(lambda: "Ecological redline" not in column(tables.findings, "line"), timeout=READ_MS)


def test_keys_go_to_the_next_and_the_previous(opened, qtbot):
    opened.activateWindow()
    opened.tables.finding_view.setFocus()
    for keys, expected in ((Qt.Key.Key_Down, 0), (Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 0)):
        opened.steps.stepped.emit(1 if keys == Qt.Key.Key_Down else -1)
        assert opened.tables.chosen_findings == [expected]
    qtbot.keyClick(opened.tables.finding_view, Qt.Key.Key_Down)
    assert opened.tables.chosen_findings == [1]


def test_a_finding_is_told_in_full(panel, package, qtbot):
    record(package, [Decided("A/farmland/F1", "needs_adjustment", "李四", reason="须退让 <b>")])
    read(qtbot, panel, lambda: panel.open(package))
    assert panel.select_findings(["A/farmland/F1"])
    about, history = panel.about.toPlainText(), panel.history.toPlainText()
    assert "A镇" in about and "不得占用" in about and "Permanent basic farmland" in about
    assert "needs adjustment" in history and "李四" in history and "须退让 <b>" in history
    assert not panel.select_findings(["nobody"])


def test_decisions_are_on_disk_and_shown(opened, package):
    opened.select_findings(["B/eco_redline/E1"])
    assert decide(opened, "false_positive", reason="划定有误").startswith("Recorded")
    assert events(package).decision.tolist() == ["false_positive"]
    form = opened.pages.form
    assert form.reason.text() == "" and form.author.text() == "张三"
    assert opened.tables.chosen_findings == [5]
    assert column(opened.tables.findings, "decision")[-1] == "false positive"
    assert column(opened.tables.towns, "reviewed_verdict") == ["violation", "violation"]
    assert "second person" in decide(opened, "verified") and len(events(package)) == 1
    decide(opened, "verified", "李四")
    assert column(opened.tables.towns, "reviewed_verdict") == ["violation", "clear"]
    assert opened.chips.buttons["clear"].text() == "clear 1"


def test_record_then_next_goes_through_what_is_undecided(opened, package):
    opened.chips.buttons["undecided"].click()
    opened.tables.step(1)
    for left in (5, 4, 3):
        assert decide(opened, "resolved", button="record_next").startswith("Recorded: A镇-f")
        assert opened.tables.findings.rowCount() == left and len(ids(opened)) == 1
    assert events(package).finding_id.tolist() == [f"A/farmland/F{n}" for n in range(3)]
    assert ids(opened) == ["A/farmland/F3"]


def test_what_is_missing_is_said_and_what_was_typed_stays(opened, package):
    opened.select_findings(["A/farmland/F0"])
    form = opened.pages.form
    said = decide(opened, "accepted_exception", reason="重点项目")
    assert "ocument" in said and form.reason.text() == "重点项目" and len(events(package)) == 0
    shown = {key for key, fact in form.facts.items() if not fact.widget.isHidden()}
    assert shown == {"authority", "authority_level", "document", "approved_on", "approved_m2", "valid_until",
                     "attachment"}  # fmt: skip


def test_an_exception_in_hectares_without_an_end(opened, package, qtbot):
    opened.unitCombo.setCurrentIndex(1)
    opened.select_findings(["B/eco_redline/E1"])
    form = opened.pages.form
    choose(form.decision, "accepted_exception")
    form.facts["authority"].widget.setText("省政府")
    form.facts["document"].widget.setText("吉政函〔2026〕1号")
    form.facts["approved_on"].widget.setText("2026-05-01")
    form.facts["approved_m2"].widget.setText("1")
    form.facts["valid_until"].widget.for_ever.setChecked(True)
    assert decide(opened, "accepted_exception", reason="已批准").startswith("Recorded")
    assert column(opened.tables.towns, "reviewed_verdict")[1].startswith("conditional")
    assert '"approved_m2": 10000' in events(package).details[0]
    assert not opened.chips.buttons["conditional"].isHidden()


def test_several_at_once(opened, package):
    opened.tables.finding_view.selectAll()
    assert "6" in opened.pages.form.subject.text()
    decide(opened, "resolved")
    assert len(events(package)) == 6 and opened.chips.buttons["undecided"].text() == "undecided 0"
    assert len(opened.tables.chosen_findings) == 6


def test_a_colleagues_decisions_show_with_the_next_of_mine(opened, package):
    record(package, [Decided("A/farmland/F4", "resolved", "李四")])
    opened.select_findings(["A/farmland/F0"])
    decide(opened, "needs_adjustment")
    assert column(opened.tables.findings, "decision")[4].startswith("resolved")


def test_the_map_and_the_panel_agree(opened, package, qtbot, qgis_iface):
    layer = layer_of(package, "findings")
    opened.select_findings(["A/farmland/F2"])
    assert [f["finding_id"] for f in layer.getSelectedFeatures()] == ["A/farmland/F2"]
    extent = qgis_iface.mapCanvas().extent()
    assert extent.contains(QgsRectangle(*map(float, opened.browsed.boxes[2])))
    wanted = next(f.id() for f in layer.getFeatures() if f["finding_id"] == "B/eco_redline/E1")
    opened.tables.town_view.selectRow(0)  # another town than that of the finding
    layer.selectByIds([wanted])
    assert ids(opened) == ["B/eco_redline/E1"]
    x, y = 200 * 3 + 50, 50
    corner = layer.extent()
    opened.map.pick(type(corner.center())(corner.xMinimum() + x, corner.yMinimum() + y), 1)
    assert ids(opened) == ["A/farmland/F3"]


def test_the_current_town_is_outlined(opened):
    opened.tables.town_view.selectRow(1)
    outline = opened.map._outline
    assert outline is not None and not outline.asGeometry().isEmpty()
    opened.tables.town_view.clearSelection()
    assert opened.map._outline is None


def test_zoom_and_flash_can_be_turned_off(opened, qgis_iface):
    before = qgis_iface.mapCanvas().extent()
    for action in opened.optionsButton.menu().actions():
        action.setChecked(False)
    opened.select_findings(["A/farmland/F2"])
    assert qgis_iface.mapCanvas().extent() == before
    assert not QgsSettings().value("redline_review/zoom", True, bool)


def test_the_checklist_of_a_town(opened, package):
    page = opened.checklist
    assert not page.record.isEnabled()
    opened.tables.town_view.selectRow(0)
    question, (answer, evidence, who) = next(iter(page.rows.items()))
    choose(answer, "no")
    evidence.setText("规划未批")
    page.author.setText("张三")
    page.record.click()
    with open_package(package) as one:
        given = present_answers(one.checklist()).to_dict("records")
    assert [(row["town_id"], row["question"], row["answer"], row["evidence"], row["author"]) for row in given] == [
        ("A", question, "no", "规划未批", "张三")
    ]
    assert "张三" in who.text()
    opened.tables.town_view.selectRow(1)
    assert answer.currentData() == "open" and evidence.text() == ""
    page.record.click()
    assert page.message.text() == "Nothing was changed."


def test_a_layer_with_the_contracts_fields_is_shown_to_look_at(panel, package, tmp_path, qtbot):
    copy = tmp_path / "模型输出.gpkg"
    shutil.copy(package, copy)
    layer = QgsVectorLayer(f"{copy}|layername=findings", "模型输出", "ogr")
    QgsProject.instance().addMapLayer(layer)
    read(qtbot, panel, lambda: panel.open_layer(layer.id()))
    assert panel.packageLabel.text() == "模型输出" and panel.tables.findings.rowCount() == 6
    assert column(panel.tables.towns, "town_name") == ["A镇", "B镇"] and not panel.banner.isHidden()
    panel.select_findings(["B/eco_redline/E1"])
    assert [f["finding_id"] for f in layer.getSelectedFeatures()] == ["B/eco_redline/E1"]
    assert not panel.pages.form.record.isEnabled() and "Ecological" in panel.about.toPlainText()
    QgsProject.instance().removeMapLayer(layer.id())
    panel.select_findings(["A/farmland/F0"])
    panel.open_layer("gone")
    assert panel.tables.findings.rowCount() == 6


def test_layers_and_the_project_may_go_at_any_time(opened, package):
    QgsProject.instance().removeMapLayer(layer_of(package, "findings").id())
    opened.select_findings(["A/farmland/F2"])
    opened.tables.town_view.selectRow(0)
    QgsProject.instance().clear()
    opened.select_findings(["A/farmland/F3"])
    assert decide(opened, "resolved").startswith("Recorded") and len(events(package)) == 1


def test_recent_packages_and_files_that_are_dropped(opened, package, tmp_path, qtbot):
    other = tmp_path / "other.gpkg"
    shutil.copy(package, other)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(other))])
    drop = QDropEvent(QPoint(5, 5).toPointF() if hasattr(QPoint, "toPointF") else QPoint(5, 5),
                      Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                      Qt.KeyboardModifier.NoModifier)  # fmt: skip
    read(qtbot, opened, lambda: opened.dropEvent(drop))
    assert opened.packageLabel.text() == "other.gpkg"
    menu = opened.openButton.menu()
    menu.aboutToShow.emit()
    action = next(one for one in menu.actions() if one.text() == "成果 包.gpkg")
    read(qtbot, opened, action.trigger)
    assert opened.packageLabel.text() == "成果 包.gpkg"


def test_a_file_that_is_none_and_one_that_goes(opened, package, tmp_path, qtbot):
    other = tmp_path / "x.gpkg"
    other.write_bytes(b"nothing")
    assert "x.gpkg" in failed(qtbot, opened, lambda: opened.open(other)) and not opened.banner.isHidden()
    assert opened.packageLabel.text() == "成果 包.gpkg"
    os.unlink(package)
    opened.select_findings(["A/farmland/F0"])
    assert "成果 包.gpkg" in opened.banner.text()
    assert "成果 包.gpkg" in decide(opened, "resolved", reason="写过的")
    assert opened.pages.form.reason.text() == "写过的"
    assert "成果 包.gpkg" in failed(qtbot, opened, opened.reload)


def test_a_package_replaced_underneath(opened, package, qtbot):
    opened.select_findings(["A/farmland/F4"])
    os.unlink(package)
    review(package, findings([("A", "farmland", "F4", box(0, 0, 50)), ("C", "farmland", "F9", box(0, 0, 10))]))
    said = decide(opened, "resolved")
    assert said.startswith("Recorded") and events(package).finding_id.tolist() == ["A/farmland/F4"]
    opened.select_findings(["A/farmland/F0"])
    assert "F0" in decide(opened, "resolved") or "reload" in opened.pages.form.message.text()
    read(qtbot, opened, opened.reload)
    assert opened.tables.findings.rowCount() == 2


def test_a_panel_without_a_package_does_nothing(panel):
    panel.reload()
    panel.narrowing.narrow()
    panel._refresh()
    panel.unitCombo.setCurrentIndex(2)
    panel.tables.step(1)
    assert not panel.select_findings(["x"])
    assert not panel.pages.form.record.isEnabled() and not panel.checklist.record.isEnabled()
