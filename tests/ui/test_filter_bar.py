"""The filters of the panel: what they offer, what stays chosen, and least sizes in any unit."""

import pytest
from packages import box, findings
from panels import READ_MS, change, column, decide, events, read, written
from qgis.PyQt.QtCore import Qt


@pytest.fixture
def zones(tmp_path):
    """A package whose findings have zones, one of them none."""
    path = tmp_path / "zones.gpkg"
    rows = [("A", "eco_redline", f"E{n}", box(200 * n, 0, 10 + n)) for n in range(4)]
    written(path, findings(rows).assign(zone=["核心区", "一般区", None, ""]))
    return path


def choose(panel, name, *codes):
    combo = panel.filters.choices[name]
    for code in codes:
        combo.toggleItemCheckState(combo.findData(code))


def offered(panel, name):
    combo = panel.filters.choices[name]
    return [combo.itemText(n) for n in range(combo.count())]


def rows(panel, count, qtbot):
    qtbot.waitUntil(lambda: panel.tables.findings.rowCount() == count, timeout=READ_MS)


def test_what_is_not_stated_can_be_asked_for(panel, zones, qtbot):
    read(qtbot, panel, lambda: panel.open(zones))
    assert offered(panel, "zone") == ["核心区", "一般区", "not stated"], "by pinyin"
    choose(panel, "zone", "")
    rows(panel, 2, qtbot)
    choose(panel, "zone", "核心区")
    rows(panel, 3, qtbot)
    assert panel.filterButton.text() == "1"


def test_another_package_offers_its_own_and_shows_what_it_offers(panel, package, zones, qtbot):
    """Its list is laid out anew, and nothing of what was chosen before is shown as chosen still."""
    read(qtbot, panel, lambda: panel.open(zones))
    panel.filters.show()
    choose(panel, "zone", "核心区")
    rows(panel, 1, qtbot)
    combo = panel.filters.choices["zone"]
    combo.showPopup()
    combo.hidePopup()
    change(zones, "UPDATE findings SET zone = 'Z' || fid")
    read(qtbot, panel, panel.reload)
    assert offered(panel, "zone") == ["Z1", "Z2", "Z3", "Z4"] and panel.tables.findings.rowCount() == 4
    assert combo.checkedItems() == [] and combo.lineEdit().text() == "Zone: all" and panel.filterButton.text() == ""
    combo.showPopup()
    places = [combo.view().visualRect(combo.model().index(n, 0)) for n in range(4)]
    combo.hidePopup()
    assert all(place.height() > 0 for place in places)


def test_what_is_chosen_and_there_still_stays(panel, zones, qtbot):
    read(qtbot, panel, lambda: panel.open(zones))
    choose(panel, "zone", "核心区")
    rows(panel, 1, qtbot)
    read(qtbot, panel, panel.reload)
    assert panel.tables.findings.rowCount() == 1 and panel.filters.choices["zone"].lineEdit().text() == "核心区"


def test_the_last_that_is_open_decided_none_of_the_others_comes_back(opened, package, qtbot):
    choose(opened, "decision", "open")
    choose(opened, "line", "eco_redline")
    rows(opened, 1, qtbot)
    opened.tables.step(1)
    decide(opened, "resolved", button="record_next")
    assert opened.tables.findings.rowCount() == 0 and len(events(package)) == 1
    choose(opened, "line", "eco_redline")
    rows(opened, 5, qtbot)
    opened.tables.finding_view.selectAll()
    decide(opened, "resolved")
    assert opened.tables.findings.rowCount() == 0
    opened.filters.clear()
    rows(opened, 6, qtbot)


def test_severities_are_offered_by_weight(panel, tmp_path, qtbot):
    path = tmp_path / "a.gpkg"
    frame = findings([("A", "farmland", f"{n}", box(200 * n, 0, 50)) for n in range(4)])
    written(path, frame.assign(severity=["notice", "below_tolerance", "warning", "violation"]))
    read(qtbot, panel, lambda: panel.open(path))
    assert offered(panel, "severity") == ["violation", "warning", "notice", "below tolerance"]


class TestLeastArea:
    def test_it_stays_what_it_is_in_any_unit(self, opened, qtbot):
        spin = opened.filters.least["area_m2"]
        spin.setValue(10_500)
        rows(opened, 2, qtbot)
        shown = set(column(opened.tables.findings, "number"))
        for unit, value in ((1, 1.05), (2, 15.75), (0, 10_500)):
            opened.unitCombo.setCurrentIndex(unit)
            opened.narrowing.narrow()
            assert spin.value() == pytest.approx(value) and set(column(opened.tables.findings, "number")) == shown
        assert opened.filters.least_sizes() == {"area_m2": 10_500}

    def test_one_too_small_to_be_shown_is_not_rounded_away(self, opened):
        spin = opened.filters.least["area_m2"]
        spin.setValue(0.6)
        for unit in (1, 2, 1, 0):
            opened.unitCombo.setCurrentIndex(unit)
            assert opened.filters.least_sizes() == {"area_m2": 0.6} and opened.filters.count == 1
        assert spin.value() == 0.6
        opened.unitCombo.setCurrentIndex(1)
        spin.setValue(2)
        assert opened.filters.least_sizes() == {"area_m2": 20_000}
        opened.filters.clear()
        assert opened.filters.least_sizes() == {} and opened.filters.count == 0

    def test_of_a_unit_chosen_before_the_package(self, panel, package, qtbot):
        panel.unitCombo.setCurrentIndex(1)
        panel.filters.least["area_m2"].setValue(1.05)
        read(qtbot, panel, lambda: panel.open(package))
        assert panel.tables.findings.rowCount() == 2 and panel.filters.least["area_m2"].suffix() == " ha"


def test_a_verdict_asked_of_towns_without_one(panel, package, qtbot, qgis_new_project):
    """A chip that was chosen for a package stays chosen for a layer, which need not have verdicts."""
    from qgis.core import QgsProject, QgsVectorLayer

    read(qtbot, panel, lambda: panel.open(package, add_layers=False))
    panel.chips.buttons["violation"].click()
    layer = QgsVectorLayer(f"{package}|layername=findings", "layer", "ogr")
    QgsProject.instance().addMapLayer(layer)
    read(qtbot, panel, lambda: panel.open_layer(layer.id()))
    assert panel.tables.findings.rowCount() == 0
    panel.chips.buttons["violation"].click()
    assert panel.tables.findings.rowCount() == 6
    assert "verdict" not in {column.key for column in panel.tables.towns.columns}
    qtbot.mouseClick(panel.chips.buttons["undecided"], Qt.MouseButton.LeftButton)
    assert panel.tables.findings.rowCount() == 6
