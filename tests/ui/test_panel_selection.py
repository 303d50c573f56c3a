"""What is selected: in the panel and on the map the same, kept through everything that has nothing to do with it."""

import gc
import os
import shutil
import weakref

import numpy as np
import pytest
import shapely
from packages import EAST, NORTH, box, findings
from panels import READ_MS, change, column, decide, events, ids, read, towns, written
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QItemSelectionModel, QObject, QPoint, Qt
from qgis.PyQt.QtWidgets import QApplication, QWidget

from redline_review.core.review.recording import Decided, record
from redline_review.processing.package_layers import layer_of
from redline_review.ui import map_link

SELECT = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


def fid_of(layer, finding_id):
    return next(one.id() for one in layer.getFeatures() if one["finding_id"] == finding_id)


def on_the_map(package):
    return sorted(one["finding_id"] for one in layer_of(package, "findings").getSelectedFeatures())


def select_rows(view, rows):
    for row in rows:
        view.selectionModel().select(view.model().index(row, 0), SELECT)


def outline_of(panel):
    """What is drawn, in the map's CRS; None where nothing is."""
    return panel.map._outline and panel.map._outline.asGeometry().boundingBox()


class TestTownAndFindings:
    def test_a_town_that_the_filters_hide_is_no_longer_the_one_at_hand(self, opened):
        opened.tables.town_view.selectRow(1)
        assert opened.checklist.subject.text() == "B" and outline_of(opened)
        opened.chips.buttons["clear"].click()
        assert towns(opened) == [] and outline_of(opened) is None
        assert not opened.checklist.record.isEnabled() and opened.checklist.subject.text() != "B"
        opened.chips.buttons["clear"].click()
        assert opened.tables.findings.rowCount() == 6

    def test_so_is_one_left_for_a_finding_elsewhere(self, opened, package):
        opened.tables.town_view.selectRow(1)
        layer = layer_of(package, "findings")
        layer.selectByIds([fid_of(layer, "A/farmland/F1")])
        assert ids(opened) == ["A/farmland/F1"] and towns(opened) == [] and outline_of(opened) is None
        assert not opened.checklist.record.isEnabled()

    def test_several_towns(self, opened, qgis_iface):
        select_rows(opened.tables.town_view, [0, 1])
        assert towns(opened) == ["A", "B"] and opened.tables.findings.rowCount() == 6 and outline_of(opened) is None
        assert qgis_iface.mapCanvas().extent().contains(QgsRectangle(*map(float, opened.browsed.town_boxes[0])))
        assert qgis_iface.mapCanvas().extent().contains(QgsRectangle(*map(float, opened.browsed.town_boxes[1])))
        opened.chips.buttons["violation"].click()
        assert towns(opened) == ["A", "B"]


class TestMapAndPanel:
    def test_what_is_selected_on_the_map_leaves_the_map_where_it_is(self, opened, package, qgis_iface):
        before = qgis_iface.mapCanvas().extent()
        layer = layer_of(package, "findings")
        layer.selectByIds([fid_of(layer, "A/farmland/F1"), fid_of(layer, "A/farmland/F3")])
        assert sorted(ids(opened)) == ["A/farmland/F1", "A/farmland/F3"] == on_the_map(package)
        assert qgis_iface.mapCanvas().extent() == before
        opened.tables.finding_view.selectRow(0)
        assert qgis_iface.mapCanvas().extent() != before

    def test_deselected_there_deselected_here_but_not_by_another_layer(self, opened, package, tmp_path):
        layer = layer_of(package, "findings")
        copy = tmp_path / "copy.gpkg"
        shutil.copy(package, copy)
        other = QgsVectorLayer(f"{copy}|layername=findings", "other", "ogr")
        QgsProject.instance().addMapLayer(other)
        other.selectByIds([fid_of(other, "B/eco_redline/E1")])
        assert ids(opened) == ["B/eco_redline/E1"] == on_the_map(package)
        other.removeSelection()
        assert ids(opened) == ["B/eco_redline/E1"]
        layer.removeSelection()
        assert ids(opened) == [] and not opened.pages.form.record.isEnabled()

    def test_what_the_filters_hide_is_told(self, opened, package):
        opened.chips.buttons["clear"].click()
        layer = layer_of(package, "findings")
        layer.selectByIds([fid_of(layer, "A/farmland/F1")])
        assert ids(opened) == [] and "hide" in opened.status.text()

    def test_too_many_are_not_coloured_and_none_is_left_from_before(self, opened, package, monkeypatch):
        monkeypatch.setattr(map_link, "FEW", 2)
        opened.tables.finding_view.selectRow(0)
        opened.tables.finding_view.selectAll()
        assert len(ids(opened)) == 6 and on_the_map(package) == []
        layer_of(package, "findings").selectAll()  # too many to look up
        assert len(ids(opened)) == 6

    def test_a_click_finds_the_smallest_that_is_shown(self, panel, tmp_path, qtbot):
        path = tmp_path / "a.gpkg"
        rows = [("A", "farmland", "large", box(0, 0, 500)), ("B", "eco_redline", "small", box(50, 50, 20))]
        written(path, findings(rows))
        read(qtbot, panel, lambda: panel.open(path))
        place = QgsPointXY(EAST + 60, NORTH + 60)
        panel.map.pick(place, 1)
        assert ids(panel) == ["B/eco_redline/small"]
        panel.search.setText("A镇")
        qtbot.waitUntil(lambda: panel.tables.findings.rowCount() == 1, timeout=READ_MS)
        panel.map.pick(place, 1)
        assert ids(panel) == ["A/farmland/large"]

    def test_the_button_stands_for_the_tool(self, opened, qgis_iface):
        canvas = qgis_iface.mapCanvas()
        opened.pickButton.click()
        assert canvas.mapTool() is opened.map.tool
        other = QgsMapTool(canvas)
        canvas.setMapTool(other)
        assert not opened.pickButton.isChecked() and canvas.mapTool() is other
        opened.pickButton.click()
        opened.pickButton.click()
        assert canvas.mapTool() is None
        other.deleteLater()

    def test_another_package_leaves_nothing_selected_of_the_one_before(self, opened, package, tmp_path, qtbot):
        other = tmp_path / "other.gpkg"
        shutil.copy(package, other)
        opened.select_findings(["A/farmland/F1"])
        read(qtbot, opened, lambda: opened.open(other))
        assert ids(opened) == [] and on_the_map(package) == [] and on_the_map(other) == []


class TestKept:
    def test_when_the_package_is_read_again(self, opened, package, qtbot, qgis_iface):
        record(package, [Decided("A/farmland/F4", "resolved", "李四")])
        tables = opened.tables
        tables.finding_view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        tables.finding_view.setColumnWidth(0, 173)
        tables.town_view.selectRow(0)
        opened.select_findings(["A/farmland/F2", "A/farmland/F3"])
        canvas, order = qgis_iface.mapCanvas(), tables.findings.shown.tolist()
        canvas.setExtent(QgsRectangle(EAST, NORTH, EAST + 5, NORTH + 5))
        before = canvas.extent()
        read(qtbot, opened, opened.reload)
        assert towns(opened) == ["A"] and outline_of(opened) and opened.checklist.record.isEnabled()
        assert sorted(ids(opened)) == ["A/farmland/F2", "A/farmland/F3"] == on_the_map(package)
        assert tables.findings.shown.tolist() == order and tables.finding_view.columnWidth(0) == 173
        assert canvas.extent() == before and opened.chips.buttons["undecided"].text() == "undecided 5"

    def test_when_it_is_sorted_filtered_and_recorded(self, opened, package, qtbot):
        tables = opened.tables
        tables.finding_view.sortByColumn(3, Qt.SortOrder.DescendingOrder)  # by area: F4 is the largest
        assert column(tables.findings, "area_m2")[0] == "10,816.00"
        tables.finding_view.selectRow(1)
        assert ids(opened) == ["A/farmland/F3"]
        tables.finding_view.sortByColumn(3, Qt.SortOrder.AscendingOrder)
        assert ids(opened) == ["A/farmland/F3"]
        opened.search.setText("A镇")
        qtbot.waitUntil(lambda: tables.findings.rowCount() == 5, timeout=READ_MS)
        assert ids(opened) == ["A/farmland/F3"]
        decide(opened, "resolved")
        assert events(package).finding_id.tolist() == ["A/farmland/F3"] and ids(opened) == ["A/farmland/F3"]
        shown = dict(zip(column(tables.findings, "area_m2"), column(tables.findings, "decision"), strict=True))
        assert {area for area, decision in shown.items() if decision} == {"10,609.00"}

    def test_a_click_on_a_title_sorts_and_leaves_what_is_selected(self, opened, qtbot):
        view = opened.tables.finding_view
        view.selectAll()
        header = view.horizontalHeader()
        place = QPoint(header.sectionViewportPosition(3) + 20, header.height() // 2)
        for first in ("10,000.00", "10,816.00"):
            qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
            assert column(opened.tables.findings, "area_m2")[0] == first and len(ids(opened)) == 6
        assert ids(opened)[0] == "A/farmland/F4", "as they stand"

    def test_in_another_unit(self, opened, package):
        opened.tables.town_view.selectRow(0)
        select_rows(opened.tables.finding_view, [0, 2])
        before = ids(opened)
        for unit in (1, 2, 0):
            opened.unitCombo.setCurrentIndex(unit)
            assert ids(opened) == before and towns(opened) == ["A"] and on_the_map(package) == sorted(before)

    def test_a_filter_that_hides_none_of_it_moves_nothing(self, opened, qtbot, qgis_iface):
        select_rows(opened.tables.finding_view, [2, 0])
        canvas = qgis_iface.mapCanvas()
        canvas.setExtent(QgsRectangle(EAST, NORTH, EAST + 5, NORTH + 5))
        before = canvas.extent()
        opened.search.setText("A镇")
        qtbot.waitUntil(lambda: opened.tables.findings.rowCount() == 5, timeout=READ_MS)
        assert sorted(opened.tables.chosen_findings) == [0, 2] and canvas.extent() == before
        opened.select_findings(["A/farmland/F1"])
        assert canvas.extent() != before

    def test_severity_sorts_by_weight_and_lines_as_the_rules_have_them(self, panel, tmp_path, qtbot):
        path = tmp_path / "a.gpkg"
        lines = ["urban_boundary", "farmland", "eco_redline", "farmland"]
        frame = findings([("A", line, f"{n}", box(200 * n, 0, 50)) for n, line in enumerate(lines)])
        written(path, frame.assign(severity=["notice", "below_tolerance", "warning", "violation"]))
        read(qtbot, panel, lambda: panel.open(path))
        view, model = panel.tables.finding_view, panel.tables.findings
        view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        assert column(model, "severity") == ["violation", "warning", "notice", "below tolerance"]
        view.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        assert column(model, "line")[0].startswith("Ecological") and column(model, "line")[-1].startswith("Urban")


class TestPlaces:
    """The map in another CRS than the package, or in none."""

    def test_the_outline_goes_with_the_maps_crs(self, opened, qgis_iface):
        opened.tables.town_view.selectRow(0)
        assert outline_of(opened).xMinimum() == pytest.approx(EAST, abs=20)
        qgis_iface.mapCanvas().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
        assert 120 < outline_of(opened).xMinimum() < 130
        opened.tables.town_view.clearSelection()
        qgis_iface.mapCanvas().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4530"))
        assert outline_of(opened) is None

    @pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:4530"])
    def test_a_map_of_the_whole_world_shows_all_findings(self, panel, tmp_path, qtbot, qgis_iface, crs):
        """The world's box, told in the package's CRS, ends at the middle of the zone."""
        path = tmp_path / "a.gpkg"
        written(path, findings([("A", "farmland", f"{n}", box(120_000 * (n - 1), 0, 100)) for n in range(3)]))
        read(qtbot, panel, lambda: panel.open(path))
        canvas = qgis_iface.mapCanvas()
        canvas.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
        world = {"EPSG:4326": (-180, -90, 180, 90), "EPSG:3857": (-2e7, -2e7, 2e7, 2e7), "EPSG:4530": (0, 0, 6e7, 9e6)}
        canvas.setExtent(QgsRectangle(*world[crs]))
        panel.extentButton.click()
        assert panel.tables.findings.rowCount() == 3

    def test_a_map_elsewhere_shows_none(self, opened, qgis_iface):
        canvas = qgis_iface.mapCanvas()
        canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
        canvas.setExtent(QgsRectangle(-100, 0, -90, 10))
        opened.extentButton.click()
        assert opened.tables.findings.rowCount() == 0

    @pytest.mark.parametrize("crs", ["", "EPSG:32761", "EPSG:2193"])
    def test_a_map_without_a_crs_or_of_another_part_of_the_world(self, opened, package, qgis_iface, crs):
        canvas = qgis_iface.mapCanvas()
        canvas.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
        opened.tables.town_view.selectRow(0)
        opened.select_findings(["A/farmland/F1"])
        assert canvas.extent().isFinite()
        opened.map.pick(QgsPointXY(EAST + 10, NORTH + 10), 5)
        opened.extentButton.click()
        canvas.setExtent(QgsRectangle(1e6, 1e6, 1e6 + 10, 1e6 + 10))
        opened.narrowing.narrow()
        assert opened.tables.findings.rowCount() == 0

    def test_findings_without_land_are_selected_all_the_same(self, panel, tmp_path, qtbot):
        path = tmp_path / "a.gpkg"
        frame = findings([("A", "farmland", f"{n}", box(0, 0, 100)) for n in range(2)])
        frame["geometry"] = np.array([None, shapely.Polygon()], dtype=object)
        written(path, frame)
        read(qtbot, panel, lambda: panel.open(path))
        panel.extentButton.click()
        assert panel.tables.findings.rowCount() == 2, "nothing is known of where they are"
        panel.tables.finding_view.selectAll()
        panel.tables.finding_view.selectRow(0)
        assert ids(panel) == ["A/farmland/0"] and "A镇" in panel.about.toPlainText()


class TestGoing:
    """The package, the layers, the map go while the panel is open."""

    def test_each_step_says_that_the_package_is_gone(self, opened, package, qtbot):
        opened.tables.town_view.selectRow(0)
        opened.select_findings(["A/farmland/F0"])
        os.unlink(package)
        steps = (
            lambda: opened.unitCombo.setCurrentIndex(1),
            lambda: opened.tables.step(1),
            lambda: opened.tables.town_view.selectRow(1),
            opened.bar.tool_ended.emit,
            lambda: opened.map.pick(QgsPointXY(EAST + 20_050, NORTH + 50), 1),
        )
        for step in steps:
            opened._said.settle()
            assert opened.banner.isHidden()
            step()
            assert "成果 包.gpkg" in opened.banner.text()
        opened.select_findings(["A/farmland/F1"])
        opened.pages.form.take_own.trigger()
        assert "成果 包.gpkg" in opened.pages.form.message.text()

    def test_what_is_known_without_the_package_is_shown_and_of_no_other_finding(self, opened, package):
        opened.select_findings(["B/eco_redline/E1"])
        os.unlink(package)
        opened.select_findings(["A/farmland/F2"])
        assert "A镇" in opened.about.toPlainText() and "B镇" not in opened.about.toPlainText()

    def test_only_the_page_in_front_is_read_from_the_package(self, opened, package):
        for action in opened.optionsButton.menu().actions():  # to flash it, its land is read
            action.setChecked(False)
        opened.detail.setCurrentWidget(opened.pages.form)
        os.unlink(package)
        opened.select_findings(["A/farmland/F2"])
        assert opened.banner.isHidden() and opened.pages.form.subject.full.startswith("A镇")
        opened.detail.setCurrentWidget(opened.about)
        assert "成果 包.gpkg" in opened.banner.text() and "A镇" in opened.about.toPlainText()

    def test_what_went_wrong_is_no_longer_said_when_it_goes_right_again(self, opened, package, tmp_path):
        away = tmp_path / "away.gpkg"
        package.rename(away)
        opened.select_findings(["A/farmland/F0"])
        assert "成果 包.gpkg" in opened.banner.text()
        away.rename(package)
        opened.select_findings(["A/farmland/F1"])
        assert opened.banner.isHidden()

    def test_a_failed_opening_leaves_what_is_shown_and_its_count(self, opened, tmp_path, qtbot):
        with qtbot.waitSignal(opened._opening.failed, timeout=READ_MS):
            opened.open(tmp_path / "none.gpkg")
        assert opened.status.text() == "6 of 6 findings" and "none.gpkg" in opened.banner.text()
        assert opened.packageLabel.text() == "成果 包.gpkg"

    def test_opening_that_is_stopped_before_it_begins_says_nothing(self, opened, package, qtbot, busy):
        before = opened.browsed
        with qtbot.waitSignal(opened._opening.failed, timeout=READ_MS):
            opened.open(package)
            QgsApplication.taskManager().cancelAll()  # as the planner can
        assert opened.browsed is before and opened.banner.isHidden() and opened.status.text() == "6 of 6 findings"

    def test_a_package_put_in_its_place_is_read_anew(self, opened, package, qtbot):
        opened.select_findings(["A/farmland/F4"])
        os.unlink(package)
        written(package, findings([("A", "farmland", f"F{n}", box(9 * n, 0, 5)) for n in (9, 4)]), run_id="another")
        with qtbot.waitSignal(opened.opened, timeout=READ_MS):
            decide(opened, "resolved")
        assert opened.tables.findings.rowCount() == 2 and ids(opened) == ["A/farmland/F4"]
        assert column(opened.tables.findings, "decision") == ["", "resolved"]

    def test_the_panel_goes_and_leaves_nothing(self, qgis_iface, qgis_new_project, package, qtbot):
        from redline_review.ui.review_panel import ReviewPanel

        canvas = qgis_iface.mapCanvas()
        tools = len(canvas.findChildren(QgsMapTool))
        panel = ReviewPanel(qgis_iface)
        with qtbot.waitSignal(panel.opened, timeout=READ_MS):
            panel.open(package, add_layers=False)
        panel.tables.town_view.selectRow(0)
        panel.select_findings(["A/farmland/F1"])
        panel.detail.setCurrentWidget(panel.source)
        panel.pickButton.click()
        held = weakref.ref(panel), weakref.ref(panel.browsed)
        panel.end()
        panel.deleteLater()
        del panel

        def gone():
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            gc.collect()
            return [one() for one in held] == [None, None]

        qtbot.waitUntil(gone, timeout=READ_MS)
        assert canvas.mapTool() is None and len(canvas.findChildren(QgsMapTool)) == tools

    def test_the_map_may_go_first(self, qgis_new_project, qgis_app, package, qtbot):
        from redline_review.ui.review_panel import ReviewPanel

        class Interface:
            def __init__(self):
                self.canvas = QgsMapCanvas()

            def mapCanvas(self):
                return self.canvas

        iface = Interface()
        panel = ReviewPanel(iface)
        read(qtbot, panel, lambda: panel.open(package))
        panel.tables.town_view.selectRow(0)
        iface.canvas.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        panel.end()
        panel.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_no_window_flashes_up_while_the_panel_is_made(qgis_iface, qgis_new_project):
    from redline_review.ui.review_panel import ReviewPanel

    class Shown(QObject):
        windows = ()

        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                self.windows += (type(watched).__name__,)
            return False

    shown = Shown()
    QApplication.instance().installEventFilter(shown)
    panel = ReviewPanel(qgis_iface)
    QApplication.instance().removeEventFilter(shown)
    panel.end()
    panel.deleteLater()
    assert shown.windows == ()


def test_a_long_name_widens_nothing(panel, tmp_path, qtbot):
    path = tmp_path / ("很长的包名" * 12 + ".gpkg")
    frame = findings([("A", "farmland", "F1", box(0, 0, 100))])
    long = "X" * 400
    written(path, frame.assign(number=long, zone=long, town_name=long, rule=long))
    before = panel.minimumSizeHint().width()
    read(qtbot, panel, lambda: panel.open(path))
    panel.tables.town_view.selectRow(0)
    panel.tables.finding_view.selectRow(0)
    panel.checklist.show_town("A", long)
    decide(panel, "verified")
    panel._said.tell(long)
    assert panel.minimumSizeHint().width() <= before
    widths = [panel.tables.finding_view.columnWidth(n) for n in range(panel.tables.findings.columnCount())]
    assert max(widths) <= 260


@pytest.fixture
def drawn(qgis_new_project):
    """Findings of a layer in memory, one of them bent."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:4530&field=finding_id:string&field=area_m2:double", "drawn", "memory")
    bent = shapely.union(box(0, 0, 100, 10), box(0, 0, 10, 100))
    for name, shape in (("bent", bent), ("square", box(50, 50, 20))):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([name, 2.0 if name == "square" else 1.0])
        feature.setGeometry(QgsGeometry.fromWkt(shape.wkt))
        layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_a_click_on_a_layer_looks_at_the_land_not_at_its_box(panel, drawn, qtbot):
    read(qtbot, panel, lambda: panel.open_layer(drawn.id()))
    panel.map.pick(QgsPointXY(EAST + 60, NORTH + 60), 1)
    assert ids(panel) == ["square"]
    panel.map.pick(QgsPointXY(EAST + 5, NORTH + 5), 1)
    assert ids(panel) == ["bent"]
    panel.map.pick(QgsPointXY(EAST + 90, NORTH + 90), 1)
    assert ids(panel) == ["bent"], "nothing lies there"
    QgsProject.instance().removeMapLayer(drawn.id())
    panel.map.pick(QgsPointXY(EAST + 60, NORTH + 60), 1)
    assert ids(panel) == ["bent"]


def test_decisions_of_a_package_without_towns(panel, tmp_path, qtbot):
    """A finding of no town can be decided like any other."""
    path = tmp_path / "a.gpkg"
    written(path, findings([("A", "farmland", "F1", box(0, 0, 100))]))
    change(path, "DELETE FROM towns")
    read(qtbot, panel, lambda: panel.open(path))
    assert panel.tables.towns.rowCount() == 0 and panel.tables.findings.rowCount() == 1
    panel.tables.finding_view.selectRow(0)
    assert decide(panel, "resolved").startswith("Recorded")
    assert column(panel.tables.findings, "decision") == ["resolved"]
    for chip in panel.chips.buttons.values():
        chip.click()
        chip.click()


def test_a_package_without_findings(panel, tmp_path, qtbot):
    path = tmp_path / "a.gpkg"
    written(path, findings([("A", "farmland", "F1", box(0, 0, 100))]))
    change(path, "DELETE FROM findings")
    read(qtbot, panel, lambda: panel.open(path))
    assert panel.tables.findings.rowCount() == 0 and panel.status.text() == "0 of 0 findings"
    panel.tables.town_view.selectRow(0)
    panel.extentButton.click()
    panel.tables.step(1)
    panel.tables.finding_view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    read(qtbot, panel, panel.reload)
    assert towns(panel) == ["A"]
