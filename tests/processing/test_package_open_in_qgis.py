"""A package is refilled while QGIS shows it: the new rows show, the file stays sound."""

import sqlite3
from contextlib import closing

import pytest
from packages import box, build, content, decision, findings, integrity, record, review
from qgis.core import QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def some(count, size=50):
    return findings([("A", "farm", f"{size}/{i}", box(i * 100, 0, size)) for i in range(count)])


def areas(layer):
    return sorted(feature["area_m2"] for feature in layer.getFeatures())


def siblings(path):
    return sorted(item.name[len(path.name) :] for item in path.parent.iterdir() if item != path)


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "成果 资料"
    folder.mkdir()
    return folder / "清河县.gpkg"


@pytest.fixture
def opened(qgis_app, path):
    """Opens layers of the package as a project does, and lets go of them at the end."""
    layers = []

    def open_layer(name="findings", read_only=False):
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        assert layer.isValid(), layer.error().summary()
        layer.setReadOnly(read_only)
        layers.append(layer)
        return layer

    yield open_layer
    layers.clear()


def test_every_layer_and_table_opens(path, opened):
    review(path, some(3))
    for name in ("towns", "findings", "lines", "line_conflicts", "data_issues", "ledger", "decisions", "run"):
        assert opened(name).isValid()
    assert opened("findings").featureCount() == 3
    assert opened("findings").crs().authid() == "EPSG:4530"


@pytest.mark.parametrize("how", ["read-only", "shown", "being edited", "edited before"])
def test_new_rows_show_in_an_open_layer(path, opened, how):
    review(path, some(30))
    layer, towns = (opened(name, how == "read-only") for name in ("findings", "towns"))
    if "edited" in how:
        assert layer.startEditing()
    if how == "edited before":
        layer.rollBack()
    assert areas(layer) == [2500.0] * 30
    assert len(list(towns.getFeatures())) == 1
    if how == "being edited":  # QGIS turns to WAL mode where it may write
        assert siblings(path) == ["-shm", "-wal"]
    record(path, decision("e1"))
    review(path, some(5, 80), run_id="second")
    if how == "being edited":
        assert siblings(path) == ["-shm", "-wal"]
        layer.rollBack()
    assert integrity(path) == [("ok",)]
    assert areas(layer) == [6400.0] * 5
    layer.dataProvider().reloadData()
    layer.updateExtents()
    assert layer.featureCount() == 5
    x, y, *_ = box(100, 0, 1).bounds
    near = QgsFeatureRequest(QgsRectangle(x, y, x + 1, y + 1))
    assert [feature["area_m2"] for feature in layer.getFeatures(near)] == [6400.0]
    assert content(path)[2][0]["event_id"] == "e1"


def test_refilled_while_a_layer_is_being_drawn(path, opened):
    """QGIS shows a package without locking it: a drawing under way may mix old and new, the next one does not."""
    review(path, some(3000))
    layer = opened()
    rows = layer.getFeatures()
    assert next(rows)["area_m2"] == 2500.0
    review(path, some(5, 80))
    assert len(list(rows)) < 3000
    assert areas(layer) == [6400.0] * 5
    assert integrity(path) == [("ok",)]


def test_decision_recorded_while_the_run_is_built_and_the_layer_is_open(path, opened):
    review(path, some(3))
    layer = opened()
    areas(layer)
    package = build(path, some(2), run_id="second")
    record(path, decision("meanwhile"))
    package.commit()
    assert [event["event_id"] for event in content(path)[2]] == ["meanwhile"]
    assert len(areas(layer)) == 2


def test_edit_in_qgis_that_is_not_saved_stays_harmless(path, opened):
    review(path, some(3))
    layer = opened()
    assert layer.startEditing()
    feature = next(layer.getFeatures())
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf("rule"), "of a planner")
    review(path, some(2, 80), run_id="second")
    layer.rollBack()
    assert areas(layer) == [6400.0] * 2
    assert integrity(path) == [("ok",)]


def test_closed_package_is_one_file_again(path, qgis_app):
    review(path, some(3))
    layer = QgsVectorLayer(f"{path}|layername=findings", "findings", "ogr")
    areas(layer)
    review(path, some(2, 80))
    del layer
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM findings").fetchone() == (2,)
    assert siblings(path) == []
