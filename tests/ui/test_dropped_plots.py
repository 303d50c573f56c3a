"""Boundary-point files and drawings dropped on the panel and on the dialogs of tools."""

import shutil

import pytest
from panels import READ_MS, SAMPLE, dialogs, drop
from qgis.core import NULL, QgsApplication, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QTimer
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QTextEdit

from redline_review.ui.tool_dialog import open_tool, take_plots

TEXT = SAMPLE.with_name("qinghe_boundary.txt")


def drawing(path, *, zone=42, closed=True):
    """Two squares in a drawing, each with a text in it."""
    from osgeo import ogr

    source = ogr.GetDriverByName("DXF").CreateDataSource(str(path))
    layer = source.CreateLayer("entities")
    for n in range(2):
        x, y = zone * 1_000_000 + 500_000 + 300 * n, 4_850_000
        ring = [(x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100), *([(x, y)] if closed else [])]
        line = ", ".join(f"{a} {b}" for a, b in ring)
        for wkt, style in ((f"LINESTRING({line})", ""), (f"POINT({x + 50} {y + 50})", f'LABEL(t:"地块{n}",s:5g)')):
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
            feature.SetField("Layer", "DK")
            feature.SetStyleString(style)
            layer.CreateFeature(feature)
    source.FlushCache()
    return path


def polygons():
    return [one for one in QgsProject.instance().mapLayers().values() if isinstance(one, QgsVectorLayer)]


def told(dialog):
    """What its message bar shows."""
    item = dialog.messageBar().currentItem()
    return "" if item is None else "".join(label.text() for label in item.findChildren(QLabel))


@pytest.fixture
def wait(qtbot):
    return lambda until: qtbot.waitUntil(lambda: bool(until()), timeout=READ_MS)


@pytest.mark.parametrize("tool", ["overlap", "intensity", "review", "checkdata"])
def test_boundary_points_become_a_layer_that_is_chosen_as_towns(tools, wait, tool):
    dialog = open_tool(f"redline:{tool}")
    assert drop(dialog, TEXT)
    wait(lambda: told(dialog))
    (layer,) = polygons()
    assert (layer.name(), layer.featureCount(), layer.crs().authid()) == ("qinghe_boundary", 4, "EPSG:4530")
    assert layer.attributeAlias(layer.fields().indexOf("DKBH")) not in ("", "DKBH")
    asked = dialog.createProcessingParameters()
    assert asked["TOWNS"] == layer.id()
    assert (asked["TOWN_ID_FIELD"], asked["TOWN_NAME_FIELD"]) == ("DKBH", "DKMC")
    assert "qinghe_boundary" in told(dialog) and "“qinghe_boundary”: 4" in told(dialog) and "Towns" in told(dialog)


def test_it_runs_with_what_was_dropped(tools, wait, tmp_path, qtbot):
    dialog = open_tool("redline:overlap")
    drop(dialog, TEXT)
    wait(lambda: told(dialog))
    farmland = f"{SAMPLE}|layername=YJJBNTTB"
    dialog.setParameters({"FARMLAND": farmland, "SUMMARY": str(tmp_path / "四镇.gpkg")})
    with qtbot.waitSignal(dialog.algorithmFinished, timeout=READ_MS) as ended:
        dialog.runButton().click()
    good, results = ended.args
    assert good and results["TOWN_COUNT"] == 4


def test_where_it_is_dropped_it_is_chosen(tools, wait):
    towns = QgsVectorLayer(f"{SAMPLE}|layername=TSXZ_GHFW", "TSXZ_GHFW", "ogr")
    QgsProject.instance().addMapLayer(towns)
    dialog = open_tool("redline:review")
    wrappers = dialog.mainWidget().wrappers
    assert drop(wrappers["CONSTRUCTION"].wrappedWidget().findChild(QComboBox), TEXT)
    wait(lambda: "qinghe" in told(dialog))
    asked = dialog.createProcessingParameters()
    (layer,) = QgsProject.instance().mapLayersByName("qinghe_boundary")
    assert (asked["CONSTRUCTION"], asked["TOWNS"]) == (layer.id(), towns.id())
    # Where a table is wanted a text file is one.
    drop(wrappers["TOWN_LIST"].wrappedWidget().findChild(QComboBox), TEXT)
    QCoreApplication.processEvents()
    assert QgsApplication.taskManager().countActiveTasks() == 0 and len(polygons()) == 2


def test_several_files_at_once(tools, wait, tmp_path):
    other = shutil.copy(TEXT, tmp_path / "另一批.TXT")
    drawn = [drawing(tmp_path / "图 1.dxf"), drawing(tmp_path / "图 2.DXF")]
    dialog = open_tool("redline:overlap")
    drop(dialog, TEXT, other, *drawn, tmp_path / "总图.dwg")
    wait(lambda: told(dialog))
    assert {one.name(): one.featureCount() for one in polygons()} == {
        "qinghe_boundary and 1 more": 8, "图 1": 2, "图 2": 2,
    }  # fmt: skip
    asked = dialog.createProcessingParameters()
    towns = QgsProject.instance().mapLayer(asked["TOWNS"])
    assert towns.name() == "qinghe_boundary and 1 more"
    assert asked["TOWN_ID_FIELD"] in (None, NULL), "the numbers are there twice"
    assert asked["TOWN_NAME_FIELD"] == "DKMC"
    log = "\n".join(one.toPlainText() for one in dialog.findChildren(QTextEdit))
    assert all(name in log for name in ("qinghe_boundary and 1 more", "图 1", "图 2"))
    assert "总图.dwg" in log and "DXF" in log


def test_a_drawings_plots_have_its_labels_as_names(tools, wait, tmp_path):
    dialog = open_tool("redline:overlap")
    drop(dialog, drawing(tmp_path / "地块.dxf"))
    wait(lambda: told(dialog))
    asked = dialog.createProcessingParameters()
    assert (asked["TOWN_ID_FIELD"], asked["TOWN_NAME_FIELD"]) == ("handle", "label")
    assert sorted(one["label"] for one in polygons()[0].getFeatures()) == ["地块0", "地块1"]


def test_what_needs_to_be_told_more_leads_to_its_tool(tools, wait, tmp_path):
    local = drawing(tmp_path / "独立坐标.dxf", zone=0)
    dialog = open_tool("redline:overlap")
    drop(dialog, local)
    wait(lambda: told(dialog))
    assert polygons() == [] and "CRS" in told(dialog)
    dialog.messageBar().currentItem().findChildren(QPushButton)[-1].click()
    (other,) = (one for one in dialogs() if one is not dialog)
    assert other.algorithm().id() == "redline:importdxf"
    assert other.createProcessingParameters()["INPUT"] == str(local)


@pytest.mark.parametrize("name", ["县.mdb", "规划.VCT", "总图.dwg"])
def test_what_cannot_be_read_is_refused_by_name(tools, wait, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"nothing")
    dialog = open_tool("redline:checkdata")
    assert drop(dialog, path)
    assert name in told(dialog) and "Ask the sender" in told(dialog) and polygons() == []


def test_one_that_is_chosen_in_the_dialog_is_refused_when_it_is_run(tools, tmp_path, qtbot):
    (tmp_path / "县.mdb").write_bytes(b"nothing")
    dialog, said = open_tool("redline:overlap"), []

    def close():
        box = QApplication.activeModalWidget()
        said.append(box.text())
        box.close()

    for path, expected in ((tmp_path / "县.mdb", "Access database"), (TEXT, "redline:importboundarytxt")):
        dialog.setParameters({"TOWNS": str(path), "FARMLAND": f"{SAMPLE}|layername=YJJBNTTB"})
        QTimer.singleShot(0, close)
        dialog.runButton().click()
        assert path.name in said[-1] and expected in said[-1]


def test_a_file_with_faults_says_what_was_left_out(tools, wait, tmp_path):
    plots = "".join(
        f"3,1.0,DK{n},地块{n},面,,,,@\n" + "".join(
            f"J{k},1,{4_850_000 + x},{42_500_000 + 200 * n + y}\n" for k, (x, y) in enumerate(ring)
        )
        for n, ring in enumerate([[(0, 0), (0, 100), (100, 100)], [(0, 0), (0, 50), (0, 100)]])
    )  # fmt: skip
    path = tmp_path / "半好.txt"
    path.write_text("[地块坐标]\n" + plots, encoding="gb18030")
    dialog = open_tool("redline:overlap")
    drop(dialog, path)
    wait(lambda: told(dialog))
    assert "“半好”: 1" in told(dialog) and "Left out: 1" in told(dialog) and "line 7" in told(dialog)


def test_other_files_are_qgis_s_to_take(tools, tmp_path):
    dialog = open_tool("redline:overlap")
    figures = shutil.copy(SAMPLE.with_name("qinghe_figures.csv"), tmp_path / "统计.txt")
    assert not drop(dialog, figures) and not drop(dialog, SAMPLE) and not drop(dialog, TEXT, SAMPLE)
    assert not drop(dialog, tmp_path / "nowhere.txt") and not drop(dialog)
    assert polygons() == [] and told(dialog) == ""


def test_files_dropped_on_the_tool_that_reads_them(tools, qtbot, tmp_path):
    other = shutil.copy(TEXT, tmp_path / "另一批.txt")
    dialog = open_tool("redline:importboundarytxt", {})
    edit = dialog.mainWidget().wrappers["INPUT"].widget
    assert drop(edit.lineEdit(), TEXT, other)
    assert dialog.createProcessingParameters()["INPUT"] == [str(TEXT), str(other)]
    again = open_tool("redline:importboundarytxt", {"INPUT": [str(TEXT), str(other)]})
    assert again.createProcessingParameters()["INPUT"] == [str(TEXT), str(other)]
    with qtbot.waitSignal(again.algorithmFinished, timeout=READ_MS) as ended:
        again.runButton().click()
    assert ended.args[1]["PLOT_COUNT"] == 8
    again.setParameters({"INPUT": str(TEXT)})
    assert again.createProcessingParameters()["INPUT"] == [str(TEXT)]
    again.setParameters({"INPUT": []})
    assert again.createProcessingParameters() == {}, "one file at least"


def test_a_window_that_is_closed_meanwhile(tools, qtbot, busy):
    dialog = open_tool("redline:overlap")
    drop(dialog, TEXT)
    dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    busy()
    qtbot.waitUntil(lambda: QgsApplication.taskManager().countActiveTasks() == 0, timeout=READ_MS)
    QCoreApplication.processEvents()
    assert len(dialogs()) == 0


class TestPanel:
    @pytest.fixture
    def desktop(self, panel, tools, qgis_iface):
        qgis_iface.messageBar().clearWidgets()
        take_plots(panel, qgis_iface)
        yield panel
        qgis_iface.messageBar().clearWidgets()

    def test_the_layer_is_there_and_one_click_opens_the_overlap_on_it(self, desktop, qgis_iface, wait, busy):
        towns = QgsVectorLayer(f"{SAMPLE}|layername=TSXZ_GHFW", "TSXZ_GHFW", "ogr")
        farmland = QgsVectorLayer(f"{SAMPLE}|layername=YJJBNTTB", "YJJBNTTB", "ogr")
        QgsProject.instance().addMapLayers([towns, farmland])
        assert drop(desktop, TEXT)
        assert len(polygons()) == 2  # the window goes on while the threads have other work
        busy()
        wait(lambda: len(polygons()) == 3)
        (layer,) = QgsProject.instance().mapLayersByName("qinghe_boundary")
        assert QgsProject.instance().layerTreeRoot().children()[0].layerId() == layer.id()
        wait(lambda: told(qgis_iface))
        assert "“qinghe_boundary”: 4" in told(qgis_iface)
        qgis_iface.messageBar().currentItem().findChildren(QPushButton)[-1].click()
        (dialog,) = dialogs()
        asked = dialog.createProcessingParameters()
        assert (asked["TOWNS"], asked["TOWN_ID_FIELD"], asked["FARMLAND"]) == (layer.id(), "DKBH", farmland.id())
        assert "TSXZ_GHFW" not in told(dialog)

    def test_on_anything_in_it(self, desktop, qgis_iface, wait):
        assert drop(desktop.search, TEXT)
        wait(lambda: told(qgis_iface))
        assert desktop.search.text() == "" and len(polygons()) == 1

    def test_what_cannot_be_read_is_refused(self, desktop, qgis_iface, tmp_path):
        (tmp_path / "县.mdb").touch()
        assert drop(desktop, tmp_path / "县.mdb")
        assert "县.mdb" in told(qgis_iface) and ".gdb" in told(qgis_iface)

    def test_a_package_is_still_opened(self, desktop, package, qtbot):
        with qtbot.waitSignal(desktop.opened, timeout=READ_MS):
            assert drop(desktop, package)


def test_a_boundary_layer_is_suggested_as_towns_afterwards(tools, wait):
    dialog = open_tool("redline:overlap")
    drop(dialog, TEXT)
    wait(lambda: told(dialog))
    asked = open_tool("redline:overlap").createProcessingParameters()
    assert (asked["TOWNS"], asked["TOWN_ID_FIELD"]) == (polygons()[0].id(), "DKBH")
