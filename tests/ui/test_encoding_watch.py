"""Shapefiles in GBK that QGIS reads as something else: told, and put right by one click."""

import shutil
from pathlib import Path

import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtWidgets import QPushButton

from redline_review.ui.encoding_watch import EncodingWatch

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample" / "qinghe_towns_gbk.shp"


class Desktop:
    def __init__(self):
        self.bar = QgsMessageBar()

    def messageBar(self):
        return self.bar


@pytest.fixture
def watched(qgis_new_project, qtbot):
    desktop = Desktop()
    watch = EncodingWatch(desktop)
    yield desktop.bar
    watch.end()


def add(path, encoding):
    layer = QgsVectorLayer(str(path), "乡镇", "ogr")
    layer.setProviderEncoding(encoding)
    QgsProject.instance().addMapLayer(layer)
    return layer


def names(layer):
    return {str(value) for feature in layer.getFeatures() for value in feature.attributes()}


def test_one_click_reads_the_layer_as_it_was_written(watched, qtbot):
    layer = add(SAMPLE, "UTF-8")
    assert "松花文旅小镇" not in names(layer)
    item = watched.currentItem()
    assert "乡镇" in item.text() and "GBK" in item.text()
    item.findChildren(QPushButton)[-1].click()
    assert "松花文旅小镇" in names(layer)
    qtbot.waitUntil(lambda: watched.currentItem() is None)


def test_a_file_that_states_the_wrong_encoding(watched, tmp_path):
    for path in SAMPLE.parent.glob("qinghe_towns_gbk.*"):
        shutil.copy(path, tmp_path / f"wrong{path.suffix}")
    (tmp_path / "wrong.cpg").write_text("UTF-8")
    layer = add(tmp_path / "wrong.shp", "UTF-8")
    item = watched.currentItem()
    assert "UTF-8" in item.text() and "GBK" in item.text()
    item.findChildren(QPushButton)[-1].click()
    assert "松花文旅小镇" in names(layer)


def test_a_real_county_whose_field_names_are_garbled_too(watched, shared_data):
    layer = add(shared_data / "jilin_gbk" / "jilin_gbk_nocpg.shp", "UTF-8")
    assert layer.fields().indexOf("县") < 0
    watched.currentItem().findChildren(QPushButton)[-1].click()
    assert "南关区" in {feature["县"] for feature in layer.getFeatures()}


def test_nothing_is_said_where_nothing_is_wrong(watched, tmp_path):
    add(SAMPLE, "GB18030")
    for path in SAMPLE.parent.glob("qinghe_towns_gbk.*"):
        shutil.copy(path, tmp_path / f"stated{path.suffix}")
    (tmp_path / "stated.cpg").write_text("GBK")
    add(tmp_path / "stated.shp", "GBK")
    QgsProject.instance().addMapLayer(QgsVectorLayer("Polygon?crs=EPSG:4530", "m", "memory"))
    assert watched.currentItem() is None


def test_a_layer_that_has_gone_meanwhile(watched, qtbot):
    layer = add(SAMPLE, "UTF-8")
    button = watched.currentItem().findChildren(QPushButton)[-1]
    QgsProject.instance().removeMapLayer(layer.id())
    button.click()
    qtbot.waitUntil(lambda: watched.currentItem() is None)
