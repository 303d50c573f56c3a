"""redline:checkdata through the registry, and the check as a step of redline:review."""

import sqlite3
from contextlib import closing

import pytest
import shapely
from qgis.core import (
    NULL,
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsVectorLayer,
)
from support import at, square

from redline_review.processing.checkdata import CheckDataAlgorithm

BOW_TIE = shapely.Polygon([at(1000, 0), at(1100, 100), at(1100, 0), at(1000, 100)])
CONTRACT = ["layer", "feature", "kind", "severity", "detail", "advice"]


@pytest.fixture(scope="module")
def layers(county):
    """The county's layers, and one with faults of several kinds."""
    bad = [square(0, 0, 300), square(250, 0, 300), BOW_TIE, square(1500, 0, 300, 0.1), None]
    columns = {
        "BSM": ["1" * 18, "1" * 18, "2" * 18, "x", None], "MJ": [90_000.0, 80_000.0, None, None, None],
        "XZQMC": [name.encode("gbk").decode("latin-1") for name in ("南关区", "宽城区", "北山镇", "南河镇", "东镇")],
    }  # fmt: skip
    county.write("bad", bad, columns)
    county.write("land", [square(0, 0, 500)], {"DLBM": ["05H1"]})
    return county


def parameters(county, **changes):
    return {
        "TOWNS": str(county.folder / "towns.gpkg"), "TOWN_ID_FIELD": "code", "TOWN_NAME_FIELD": "name",
        "FARMLAND": str(county.folder / "bad.gpkg"), "LAND_USE": str(county.folder / "land.gpkg"),
        "OUTPUT": "memory:", "AREAS": "memory:", **changes,
    }  # fmt: skip


def table(outcome, name):
    features = list(outcome.layer(name).getFeatures())
    return {(feature["layer"], feature["kind"]): feature for feature in features}


def test_contract(redline):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redline:checkdata")
    review = QgsApplication.processingRegistry().createAlgorithmById("redline:review")
    own = {one.name(): one.type() for one in algorithm.parameterDefinitions() if not one.isDestination()}
    of_review = {one.name(): one.type() for one in review.parameterDefinitions()}
    assert own.items() <= of_review.items()
    needed = {"TOWNS", "ECO_REDLINE", "FARMLAND", "URBAN_BOUNDARY", "EXTRA_LINES", "COVERAGE", "LAND_USE", "BUILDINGS"}
    assert needed <= set(own)
    assert not {*CheckDataAlgorithm.NOT_ASKED} & set(own)
    assert {"OUTPUT", "AREAS", "HTML"} == {one.name() for one in algorithm.destinationParameterDefinitions()}


def test_issues(run, layers):
    outcome = run("checkdata", parameters(layers))
    points, areas = outcome.layer("OUTPUT"), outcome.layer("AREAS")
    assert [field.name() for field in points.fields()] == [field.name() for field in areas.fields()] == CONTRACT
    assert points.wkbType() == Qgis.WkbType.Point and areas.geometryType() == Qgis.GeometryType.Polygon
    found = table(outcome, "OUTPUT")
    kinds = {kind for layer, kind in found if layer == "bad"}
    assert kinds == {
        "check_overlap", "check_self_crossing", "check_sliver", "check_null", "check_code_twice", "check_bsm_length",
        "check_code_missing", "check_area_differs", "check_garbled", "check_town_beyond",
    }  # fmt: skip
    assert found["bad", "check_null"].geometry().isNull()
    garbled = found["bad", "check_garbled"]
    assert "GBK" in garbled["detail"] and "南" in garbled["detail"] and garbled["severity"] == "error"
    overlap = table(outcome, "AREAS")["bad", "check_overlap"]
    assert overlap.geometry().area() == pytest.approx(15_000)
    assert all(feature["advice"] not in (NULL, "") for feature in found.values())
    errors = [feature for feature in points.getFeatures() if feature["severity"] == "error"]
    assert outcome.results["ERROR_COUNT"] == len(errors) > 0
    assert outcome.results["NOTICE_COUNT"] == 1


def garbled(run, path, read_as, **changes):
    """What the check says of a Shapefile's texts, as QGIS reads them in this encoding; its values by field, too."""
    layer = QgsVectorLayer(str(path), "县界", "ogr")
    layer.setProviderEncoding(read_as)
    outcome = run("checkdata", {"TOWNS": layer, "OUTPUT": "memory:", **changes})
    rows = list(outcome.layer("OUTPUT").getFeatures())
    assert not any(row["kind"] in ("check_text_lost", "wrong_encoding_likely") for row in rows)
    return [row["detail"] for row in rows if row["kind"] in ("check_garbled", "check_garbled_fields")]


def test_a_file_in_gbk_that_qgis_took_for_utf8(run, root):
    path = root / "resources" / "sample" / "qinghe_towns_gbk.shp"
    told = garbled(run, path, "UTF-8", TOWN_NAME_FIELD="XZMC")
    assert len(told) == 3 and all("GBK" in detail for detail in told)
    assert any("松花文旅小镇" in detail and "\ufffd" in detail for detail in told)
    assert garbled(run, path, "GBK") == [] == garbled(run, path, "UTF-8", ENCODING="GBK")


def test_a_real_county_in_gbk_that_qgis_took_for_utf8(run, shared_data):
    path = shared_data / "jilin_gbk" / "jilin_gbk_nocpg.shp"
    told = garbled(run, path, "UTF-8")
    assert len(told) == 4 and all("GBK" in detail for detail in told)
    assert any("南关区" in detail for detail in told) and any("“省”" in detail for detail in told)
    assert garbled(run, path, "GBK") == []


def test_log_tells_each_kind_with_its_number(run, layers):
    said = run("checkdata", parameters(layers)).said
    told = [line for line in said.warnings if "bad" in line]
    assert len(told) >= 9 and any(line.endswith(": 1") or line.endswith("1 条") for line in told)


def test_page_and_files(run, layers, tmp_path):
    target = {
        "OUTPUT": str(tmp_path / "问 题.gpkg"),
        "AREAS": str(tmp_path / "areas.shp"),
        "HTML": str(tmp_path / "a.html"),
    }
    outcome = run("checkdata", parameters(layers, **target))
    assert outcome.results["HTML"] == target["HTML"]
    assert "05H1" not in (text := (tmp_path / "a.html").read_text(encoding="utf-8")) and "南关区" in text
    points, areas = QgsVectorLayer(target["OUTPUT"]), QgsVectorLayer(target["AREAS"])
    assert points.isValid() and points.wkbType() == Qgis.WkbType.Point and points.featureCount() > 9
    assert areas.isValid() and areas.featureCount() > 1
    assert points.crs().authid() == areas.crs().authid() == "EPSG:4530"
    in_memory = run("checkdata", parameters(layers)).rows("OUTPUT")
    assert sorted(tuple(f[n] for n in CONTRACT) for f in points.getFeatures()) == sorted(
        row[:-1] for row in in_memory[1]
    )  # fmt: skip


def test_features_read_through_qgis_give_the_same(run, layers):
    """A filtered layer is read feature by feature."""
    bulk = run("checkdata", parameters(layers)).rows("OUTPUT")
    layer = QgsVectorLayer(str(layers.folder / "bad.gpkg"), "bad")
    layer.setSubsetString("1 = 1")
    assert run("checkdata", parameters(layers, FARMLAND=layer)).rows("OUTPUT") == bulk


def test_encoding_mends_what_is_garbled(run, layers):
    path = layers.write("gbk", [square(-100, -100, 9000)], {"县": ["南关区"]}, suffix=".shp", encoding="GBK")
    for cpg in layers.folder.glob("gbk.cpg"):
        cpg.unlink()
    table_file = bytearray((layers.folder / "gbk.dbf").read_bytes())
    table_file[29] = 0  # the other place that tells the encoding
    (layers.folder / "gbk.dbf").write_bytes(table_file)
    kinds = {
        encoding: {
            kind for _, kind in table(run("checkdata", parameters(layers, FARMLAND=path, ENCODING=encoding)), "OUTPUT")
        }
        for encoding in ("ISO-8859-1", "GBK")
    }
    assert kinds["ISO-8859-1"] == {"check_garbled", "check_garbled_fields"}
    assert kinds["GBK"] == set()


def test_layer_without_crs(run, layers):
    layer = QgsVectorLayer("Polygon?field=BSM:string", "nowhere", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(square(0, 0, 9000).wkt))
    layer.dataProvider().addFeature(feature)
    layer.setCrs(QgsCoordinateReferenceSystem())
    found = table(run("checkdata", parameters(layers, ECO_REDLINE=layer)), "OUTPUT")
    assert "EPSG:4530" in found["nowhere", "check_no_crs_likely"]["detail"]
    assert found["nowhere", "check_code_missing"].geometry().isNull()


def test_outputs_that_are_inputs_are_refused(run, layers):
    with pytest.raises(QgsProcessingException):
        run("checkdata", parameters(layers, OUTPUT=str(layers.folder / "bad.gpkg")))


def test_a_step_of_the_review(run, layers, tmp_path):
    given = {
        **parameters(layers), "REVIEW": str(tmp_path / "review.gpkg"), "CHECK_DATA": True, "REVIEW_OBJECT": 0,
        "CLASS_SYSTEM": 1,
    }  # fmt: skip
    for name in ("OUTPUT", "AREAS"):
        given.pop(name)
    outcome = run("review", given)
    with closing(sqlite3.connect(given["REVIEW"])) as connection:
        kinds = {kind for (kind,) in connection.execute("SELECT kind FROM data_issues")}
    assert {"check_overlap", "check_garbled", "repaired", "no_geometry"} <= kinds
    assert any("bad" in line and line.endswith((": 1", "1 条")) for line in outcome.said.warnings)


def test_through_the_launcher(qgis_process, layers, tmp_path):
    """In QGIS itself, exit code included: a clash of libraries shows nowhere else."""
    page = tmp_path / "summary.html"
    result = qgis_process(
        "run", "redline:checkdata", "--", f"TOWNS={layers.folder / 'towns.gpkg'}",
        f"FARMLAND={layers.folder / 'bad.gpkg'}", f"OUTPUT={tmp_path / 'issues.gpkg'}", f"HTML={page}",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert page.exists() and QgsVectorLayer(str(tmp_path / "issues.gpkg")).featureCount() > 5
