"""In the dialog of intensity a figure's field is picked from the towns' fields and the table's columns, or typed."""

import geopandas
import pytest
import shapely
from qgis.core import QgsApplication, QgsProcessingContext, QgsProject, QgsVectorLayer


@pytest.fixture
def dialog(qgis_iface, qgis_processing, qgis_new_project, tmp_path, monkeypatch):
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: None, raising=False)
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    from redline_review.processing.provider import RedlineProvider

    provider = RedlineProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    frame = geopandas.GeoDataFrame({"人口": [5], "XZMC": ["甲"]}, geometry=[shapely.box(0, 0, 9, 9)], crs="EPSG:4530")
    frame.to_file(tmp_path / "towns.gpkg", engine="pyogrio")
    (tmp_path / "指标.csv").write_text("XZMC,常住人口,工作\n甲,1,2\n", encoding="utf-8")
    layers = [QgsVectorLayer(str(tmp_path / name), name, "ogr") for name in ("towns.gpkg", "指标.csv")]
    QgsProject.instance().addMapLayers(layers)
    shown = AlgorithmDialog(QgsApplication.processingRegistry().createAlgorithmById("redline:intensity"))
    yield shown, layers
    shown.close()
    shown.deleteLater()
    QgsApplication.processingRegistry().removeProvider(provider)


def offered(wrapper):
    return [wrapper.widget.itemText(n) for n in range(wrapper.widget.count())]


def test_fields_of_the_towns_and_columns_of_the_table(dialog):
    shown, (towns, table) = dialog
    wrappers, context = shown.mainWidget().wrappers, QgsProcessingContext()
    wrappers["TOWNS"].setParameterValue(towns.id(), context)
    residents = wrappers["RESIDENTS_FIELD"]
    assert offered(residents) == offered(wrappers["KIND_FIELD"]) == ["", "fid", "人口", "XZMC"]
    wrappers["FIGURES"].setParameterValue(table.id(), context)
    assert offered(residents) == ["", "XZMC", "常住人口", "工作", "fid", "人口"]
    residents.widget.setEditText("人口")
    wrappers["FIGURES"].setParameterValue(towns.id(), context)
    assert residents.parameterValue() == "人口"  # what was chosen stays
    residents.setParameterValue("工作", context)
    wrappers["LAND_USE"].setParameterValue(towns.id(), context)
    parameters = shown.createProcessingParameters()
    assert parameters["RESIDENTS_FIELD"] == "工作" and parameters.get("JOBS_FIELD") in (None, "")
