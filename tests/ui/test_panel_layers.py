"""Layers with the contract's fields in the panel: outputs of tools, models and `qgis_process`, whole or not."""

import pytest
from panels import LAYERS, READ_MS, SAMPLE, column, ids, read
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt

from redline_review.processing.browse_layer import near


@pytest.fixture
def layer(qgis_new_project):
    """A layer in memory with these fields and rows in the project, rectangles in a row."""

    def layer(fields, *rows, crs="EPSG:4530", name="layer"):
        address = "&".join([f"crs={crs}", *(f"field={one}" for one in fields)])
        made = QgsVectorLayer(f"Polygon?{address}", name, "memory")
        for n, values in enumerate(rows):
            feature = QgsFeature(made.fields())
            feature.setAttributes(list(values))
            left = 42_500_000 + 200 * n
            if values[0] != "nowhere":
                feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, 4_850_000, left + 100, 4_850_100)))
            made.dataProvider().addFeature(feature)
        QgsProject.instance().addMapLayer(made)
        return made

    return layer


def use(panel, qtbot):
    """All that a planner does with findings, without an exception on the way."""
    panel.tables.finding_view.selectAll()
    for row in range(panel.tables.findings.rowCount()):
        panel.tables.finding_view.selectRow(row)
        panel.detail.setCurrentWidget(panel.source)
        panel.detail.setCurrentIndex(0)
    for row in range(panel.tables.towns.rowCount()):
        panel.tables.town_view.selectRow(row)
    panel.tables.town_view.clearSelection()
    for view in (panel.tables.town_view, panel.tables.finding_view):
        for place in range(view.model().columnCount()):
            view.sortByColumn(place, Qt.SortOrder.DescendingOrder)
            view.sortByColumn(place, Qt.SortOrder.AscendingOrder)
    for chip in panel.chips.buttons.values():
        chip.click()
        chip.click()
    for combo in panel.filters.choices.values():
        if combo.count():
            combo.toggleItemCheckState(0)
    panel.narrowing.narrow()
    panel.filters.clear()
    panel.search.setText("a")
    panel.narrowing.narrow()
    panel.search.clear()
    panel.narrowing.narrow()
    for unit in (1, 2, 0):
        panel.unitCombo.setCurrentIndex(unit)
    panel.extentButton.click()
    panel.extentButton.click()
    panel.bar.tool_ended.emit()
    assert not panel.pages.form.record.isEnabled() and not panel.checklist.record.isEnabled()
    read(qtbot, panel, panel.reload)


def test_only_the_two_fields_that_it_is_known_by(panel, layer, qtbot):
    made = layer(["finding_id:string", "area_m2:double"], ("f", 3.5), ("g", None), ("nowhere", 1.0))
    read(qtbot, panel, lambda: panel.open_layer(made.id()))
    assert panel.tables.towns.rowCount() == 0 and column(panel.tables.findings, "area_m2") == ["3.50", "", "1.00"]
    for key in ("number", "severity", "line", "zone", "state", "share_pct", "width_m", "town_name", "decision"):
        assert column(panel.tables.findings, key) == ["", "", ""]
    panel.select_findings(["g"])
    assert "nan" not in panel.about.toPlainText().casefold() and "none" not in panel.about.toPlainText().casefold()
    assert "g" in panel.about.toPlainText()
    use(panel, qtbot)


def test_numbers_where_texts_are_expected_and_the_other_way_round(panel, layer, qtbot):
    fields = ["finding_id:integer", "area_m2:string", "zone:integer", "town_id:integer", "town_name:integer",
              "line:integer", "severity:integer", "number:double", "state:date"]  # fmt: skip
    made = layer(fields, (7, "12.5", 0, 22, 22, 1, 2, 1.0, None), (8, "groß", 3, 22, 22, None, None, 2.5, None))
    read(qtbot, panel, lambda: panel.open_layer(made.id()))
    assert column(panel.tables.findings, "area_m2") == ["12.50", ""]
    assert column(panel.tables.findings, "number") == ["1", "2.5"] and column(panel.tables.towns, "town_name") == ["22"]
    made.selectByIds([next(one.id() for one in made.getFeatures() if one["finding_id"] == 8)])
    assert ids(panel) == ["8"]
    use(panel, qtbot)


@pytest.mark.parametrize("crs", ["", "EPSG:4326", "EPSG:32633"])
def test_any_crs_or_none(panel, layer, qtbot, crs):
    made = layer(["finding_id:string", "area_m2:double"], ("f", 1.0), crs=crs)
    read(qtbot, panel, lambda: panel.open_layer(made.id()))
    panel.select_findings(["f"])
    use(panel, qtbot)


def test_towns_of_a_layer_that_came_with_it(panel, layer, qtbot):
    root = QgsProject.instance().layerTreeRoot()
    fields = ["town_id:string", "town_name:string", "verdict:string", "eco_m2:string", "area_m2:double"]
    towns = layer(
        fields,
        ("A", None, "violation", "viel", 1.0),
        ("B", "乙镇", "clear", "2", None),
        (None, "丙镇", None, None, None),
    )
    fields = ["finding_id:string", "area_m2:double", "town_id:string"]
    found = layer(fields, ("f", 1.0, "B"), ("g", 2.0, None), ("h", 3.0, "Z"))
    group = root.insertGroup(0, "run")
    for one in (towns, found):
        node = root.findLayer(one.id())
        group.addChildNode(node.clone())
        node.parent().removeChildNode(node)
    read(qtbot, panel, lambda: panel.open_layer(found.id()))
    assert column(panel.tables.towns, "town_name") == ["", "乙镇", "丙镇"]
    assert column(panel.tables.towns, "verdict") == ["violation", "clear", ""]
    assert column(panel.tables.towns, "eco_m2") == ["", "2.00", ""]
    assert panel.chips.buttons["clear"].text() == "clear 1"
    panel.tables.town_view.selectRow(1)
    assert column(panel.tables.findings, "area_m2") == ["1.00"]
    panel.tables.town_view.selectRow(0)
    assert panel.checklist.subject.text() == "A", "it has no other name"
    use(panel, qtbot)


def test_an_empty_layer(panel, layer, qtbot):
    made = layer(["finding_id:string", "area_m2:double", "town_id:string"])
    read(qtbot, panel, lambda: panel.open_layer(made.id()))
    assert panel.status.text() == "0 of 0 findings"
    use(panel, qtbot)


def test_one_layer_after_another_takes_nothing_over(panel, layer, qtbot):
    one = layer(["finding_id:string", "area_m2:double"], ("f", 1.0), ("g", 2.0))
    other = layer(["finding_id:string", "area_m2:double"], ("f", 3.0), name="other")
    read(qtbot, panel, lambda: panel.open_layer(one.id()))
    panel.select_findings(["f"])
    read(qtbot, panel, lambda: panel.open_layer(other.id()))
    assert ids(panel) == [] and panel.packageLabel.text() == "other" and one.selectedFeatureCount() == 0
    panel.select_findings(["f"])
    read(qtbot, panel, panel.reload)
    assert ids(panel) == ["f"]


def test_features_near_a_place(layer):
    made = layer(["finding_id:string"], ("f",), ("nowhere",), ("h",))
    fids = [one.id() for one in made.getFeatures()]
    place = 42_500_150.0, 4_850_050.0
    assert near(made, fids, *place, 49).tolist() == [False, False, False]
    assert near(made, fids, *place, 51).tolist() == [True, False, False]
    assert near(made, fids[::-1], *place, 251).tolist() == [True, False, True]
    assert near(made, [999], *place, 51).tolist() == [False]


def test_a_shapefile_that_the_overlap_has_written(panel, tools, tmp_path, qtbot):
    """Names of ten characters, texts of 254 bytes, areas as decimals."""
    layers = {name: f"{SAMPLE}|layername={layer}" for name, layer in LAYERS.items()}
    outputs = {name: str(tmp_path / f"{name}.shp") for name in ("SUMMARY", "FINDINGS")}
    asked = {**layers, **outputs, "TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC"}
    _, ran = tools.createAlgorithmById("redline:overlap").run(asked, QgsProcessingContext(), QgsProcessingFeedback())
    assert ran
    towns, found = (QgsVectorLayer(path, path.rsplit("/")[-1], "ogr") for path in outputs.values())
    QgsProject.instance().addMapLayers([towns, found])
    read(qtbot, panel, lambda: panel.open_layer(found.id()))
    assert panel.tables.findings.rowCount() == found.featureCount() > 0
    assert panel.tables.towns.rowCount() == towns.featureCount()
    assert "violation" in column(panel.tables.towns, "verdict")
    assert all(one.startswith(("Eco", "Perm", "Urban")) for one in column(panel.tables.findings, "line"))
    panel.tables.town_view.selectRow(0)
    assert 0 < panel.tables.findings.rowCount() < found.featureCount()
    panel.tables.finding_view.selectRow(0)
    assert [one["finding_id"] for one in found.getSelectedFeatures()] == ids(panel)
    use(panel, qtbot)


def test_a_layer_that_goes_while_it_is_read(panel, layer, qtbot):
    made = layer(["finding_id:string", "area_m2:double"], ("f", 1.0))
    read(qtbot, panel, lambda: panel.open_layer(made.id()))
    with qtbot.waitSignal(panel.opened, timeout=READ_MS):
        panel.reload()
        QgsProject.instance().clear()
    assert panel.tables.findings.rowCount() == 1
    panel.select_findings(["f"])
    panel.reload()
    panel.tables.step(1)
