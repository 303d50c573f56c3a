"""A tool filled in again from the package it wrote: the same figures, and no secret in the package."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsAnnotationLayer,
    QgsCoordinateReferenceSystem,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
)
from support import square

from redline_review.core.review.package import open_package
from redline_review.processing.filled_in import filled_in, not_filled_in
from redline_review.processing.reopen import lasting_source, reopening

NO_LAYERS = {"SUMMARY": None, "FINDINGS": None}


@pytest.fixture
def project(qgis_app):
    project = QgsProject.instance()
    project.clear()
    yield project
    project.clear()


def content(path):
    """The figures of a package: what two runs on the same data have in common."""
    with open_package(path) as package:
        towns, findings, ledger = package.towns(), package.findings(), package.ledger()
        tables = [package.table(name) for name in ("indicators", "land_use", "town_rules")]
    findings = findings.drop(columns="state")
    return [frame.astype(str).to_dict("records") for frame in (towns, findings, ledger, *tables)]


def facts_of(path):
    with open_package(path) as package:
        return package.manifest()


def without_tool(path):
    """The package as a version of the plugin wrote it that did not say how it was asked."""
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("UPDATE run SET value = 'null' WHERE key = 'tool'")
        for (value,) in base.execute("SELECT value FROM run WHERE key = 'sources'").fetchall():
            sources = json.loads(value)
            for source in sources.values():
                source.pop("reopen", None)
            base.execute("UPDATE run SET value = ? WHERE key = 'sources'", (json.dumps(sources),))


def run_again(run, path, **expected):
    """Run what is filled in, into a package of its own; the algorithm, its parameters and the figures."""
    name, parameters = filled_in(path)
    assert parameters["REVIEW"] == str(path)
    for parameter, value in expected.items():
        assert parameters.get(parameter) == value, parameter
    other = Path(path).with_name("again.gpkg")
    run(name.removeprefix("redline:"), {**NO_LAYERS, **parameters, "REVIEW": str(other)})
    return parameters, content(other)


class TestOverlap:
    def test_the_same_figures(self, county, run, tmp_path, project):
        path = tmp_path / "审查.gpkg"
        asked = county.parameters(
            **NO_LAYERS, REVIEW=str(path), REVIEW_OBJECT=0, AREA_METHOD=1, MIN_AREA="12.5", ECO_ID_FIELD="BSM",
            APPROVED_AREA_FIELD="batch", MIN_WIDTH=QgsProperty.fromExpression("0.5 + 0.5"),
        )  # fmt: skip
        run("overlap", asked)
        name, parameters = filled_in(path)
        assert name == "redline:overlap"
        kept = {key: asked[key] for key in asked if key not in (*NO_LAYERS, "MIN_AREA", "MIN_WIDTH")}
        assert parameters == {**kept, "MIN_AREA": 12.5, "MIN_WIDTH": 1.0}
        assert run_again(run, path)[1] == content(path)
        assert not_filled_in(facts_of(path), parameters) == []

    def test_decisions_stay_and_findings_keep_their_numbers(self, county, run, tmp_path, project):
        from redline_review.core.review.recording import Decided, record

        path = tmp_path / "review.gpkg"
        run("overlap", county.parameters(**NO_LAYERS, REVIEW=str(path)))
        finding = content(path)[1][0]
        record(path, [Decided(finding["finding_id"], "needs_adjustment", "张三")])
        name, parameters = filled_in(path)
        run(name.removeprefix("redline:"), {**NO_LAYERS, **parameters})
        with open_package(path) as package:
            assert package.decisions()["finding_id"].tolist() == [finding["finding_id"]]
            assert finding["number"] in set(package.findings()["number"])
            assert set(package.findings()["state"]) == {"unchanged"}

    def test_filters_selections_and_further_lines(self, own_county, run, tmp_path, project, root):
        rules = json.loads((root / "resources" / "profiles" / "national.json").read_text(encoding="utf-8"))
        reserve = {"id": "reserve", "short": "resv", "mark": "保", "name": "自然保护地", "layer_names": ["reserve"]}
        rules["lines"].append({**rules["lines"][1], **reserve, "id_fields": ["NR"], "required": False})
        profile = tmp_path / "rules.json"
        profile.write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")
        reserve = own_county.write("reserve", [square(100, 100, 300)], {"NR": ["R1"]})
        farm = str(own_county.folder / "farm.gpkg")
        eco = QgsProcessingFeatureSourceDefinition(
            str(own_county.folder / "eco.gpkg"), featureLimit=3, filterExpression="\"BSM\" <> 'E2'"
        )
        filtered = f"{farm}|subset=\"BSM\" <> 'F2'"
        path = tmp_path / "review.gpkg"
        asked = own_county.parameters(
            **NO_LAYERS, REVIEW=str(path), PROFILE=str(profile), EXTRA_LINES=[reserve], FARMLAND=filtered,
            ECO_REDLINE=eco,
        )  # fmt: skip
        run("overlap", asked)
        parameters, figures = run_again(run, path, EXTRA_LINES=[reserve], FARMLAND=filtered, PROFILE=str(profile))
        assert figures == content(path)
        lines = {(row["line"], row["source_id"]) for row in figures[1]}
        assert ("farmland", "F2") not in lines and ("farmland", "F1") in lines
        assert ("eco_redline", "E2") not in lines and ("eco_redline", "E3") in lines
        assert any(line == "reserve" for line, _ in lines)
        assert parameters["ECO_REDLINE"].filterExpression == eco.filterExpression
        assert parameters["ECO_REDLINE"].featureLimit == 3

    def test_a_previous_package_only_while_it_is_there(self, county, run, tmp_path, project):
        first, second = tmp_path / "first.gpkg", tmp_path / "second.gpkg"
        run("overlap", county.parameters(**NO_LAYERS, REVIEW=str(first)))
        run("overlap", county.parameters(**NO_LAYERS, REVIEW=str(second), PREVIOUS=str(first)))
        assert filled_in(second)[1]["PREVIOUS"] == str(first)
        first.rename(tmp_path / "moved.gpkg")
        assert "PREVIOUS" not in filled_in(second)[1]

    def test_shapefile_in_gbk(self, own_county, run, tmp_path, root, project):
        for part in (root / "resources" / "sample").glob("qinghe_towns_gbk.*"):
            shutil.copy(part, tmp_path / part.name)
        towns = tmp_path / "qinghe_towns_gbk.shp"
        line = own_county.write("line", western_halves(towns), suffix=".gpkg")
        asked = {"TOWNS": str(towns), "TOWN_NAME_FIELD": "XZMC", "ECO_REDLINE": line, **NO_LAYERS}
        by_parameter, by_layer = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
        run("overlap", {**asked, "ENCODING": "GBK", "REVIEW": str(by_parameter)})
        figures = run_again(run, by_parameter, TOWNS=str(towns), ENCODING="GBK")[1]
        assert figures == content(by_parameter)
        assert any(row["town_name"] == "松花文旅小镇" for row in figures[0])
        layer = QgsVectorLayer(str(towns), "towns", "ogr")
        layer.setProviderEncoding("GBK")
        project.addMapLayer(layer)
        run("overlap", {**asked, "TOWNS": layer.id(), "REVIEW": str(by_layer)})
        assert filled_in(by_layer)[1]["TOWNS"] == layer.id()
        project.clear()  # now the string alone has to tell
        assert run_again(run, by_layer, TOWNS=f"{towns}|option:ENCODING=GBK")[1] == figures


def western_halves(path):
    """Of the box of each feature of a layer."""
    import shapely

    boxes = [feature.geometry().boundingBox() for feature in QgsVectorLayer(str(path), "", "ogr").getFeatures()]
    return [shapely.box(b.xMinimum(), b.yMinimum(), b.center().x(), b.yMaximum()) for b in boxes]


class TestLayers:
    """What is given for layers that are loaded, or cannot be had again."""

    @pytest.fixture
    def package(self, county, run, tmp_path, project):
        def package(**changes):
            path = tmp_path / "review.gpkg"
            run("overlap", county.parameters(**NO_LAYERS, REVIEW=str(path), **changes))
            return path

        return package

    @pytest.fixture
    def eco(self, county, project):
        layer = QgsVectorLayer(str(county.folder / "eco.gpkg"), "红线", "ogr")
        return project.addMapLayer(layer)

    def test_loaded_layers_are_given_by_their_ids(self, package, eco, project, county):
        path = package(ECO_REDLINE=eco.id())
        options = QgsAnnotationLayer.LayerOptions(project.transformContext())
        project.addMapLayer(QgsAnnotationLayer("of no file", options))
        assert filled_in(path)[1]["ECO_REDLINE"] == eco.id()
        assert filled_in(path)[1]["FARMLAND"] == str(county.folder / "farm.gpkg")
        eco.setSubsetString("\"BSM\" = 'E1'")  # no longer the layer that was read
        assert filled_in(path)[1]["ECO_REDLINE"] == str(county.folder / "eco.gpkg")

    def test_a_crs_set_in_qgis_lasts_as_long_as_the_layer(self, package, eco, project):
        eco.setCrs(QgsCoordinateReferenceSystem("EPSG:4529"))
        path = package(ECO_REDLINE=eco.id())
        facts = facts_of(path)
        assert facts["tool"]["parameters"]["ECO_REDLINE"]["crs"] == "EPSG:4529"
        assert filled_in(path)[1]["ECO_REDLINE"] == eco.id()
        project.clear()
        parameters = filled_in(path)[1]
        assert "ECO_REDLINE" not in parameters, "the file alone would be another place"
        assert not_filled_in(facts, parameters) == ["ECO_REDLINE"]

    def test_selected_features_are_those_of_a_loaded_layer(self, package, eco, project):
        eco.selectByExpression("\"BSM\" = 'E2'")
        path = package(ECO_REDLINE=QgsProcessingFeatureSourceDefinition(eco.id(), True))
        again = filled_in(path)[1]["ECO_REDLINE"]
        assert again.source.staticValue() == eco.id() and again.selectedFeaturesOnly
        project.clear()
        assert "ECO_REDLINE" not in filled_in(path)[1]

    def test_a_layer_in_memory_is_left_out_and_named(self, package, eco, project):
        from qgis.core import QgsFeatureRequest

        copy = project.addMapLayer(eco.materialize(QgsFeatureRequest()))
        path = package(ECO_REDLINE=copy.id())
        facts, (_, parameters) = facts_of(path), filled_in(path)
        assert "ECO_REDLINE" not in parameters and "reopen" not in facts["sources"]["eco_redline"]
        assert facts["tool"]["left_out"] == not_filled_in(facts, parameters) == ["ECO_REDLINE"]

    def test_relative_paths_are_made_whole(self, package, county, monkeypatch):
        monkeypatch.chdir(county.folder)
        assert filled_in(package(ECO_REDLINE="eco.gpkg"))[1]["ECO_REDLINE"] == str(county.folder / "eco.gpkg")


class TestReview:
    @pytest.fixture
    def asked(self, root, tmp_path):
        """The sample county with all that a review takes: polygons, a raster, tables, choices, fields, numbers."""
        sample = shutil.copytree(root / "resources" / "sample", tmp_path / "青禾县")
        layers = {
            "TOWNS": "TSXZ_GHFW", "ECO_REDLINE": "STBHHX", "FARMLAND": "YJJBNTTB", "URBAN_BOUNDARY": "CZKFBJ",
            "COVERAGE": "COVERAGE", "LAND_USE": "DLTB", "PLANNED_LAND_USE": "GHYD", "EARLIER_LAND_USE": "DLTB_QQ",
            "BUILDINGS": "JZW",
        }  # fmt: skip
        return {
            **{name: f"{sample}/qinghe.gpkg|layername={layer}" for name, layer in layers.items()},
            "LAND_COVER": f"{sample}/qinghe_landcover.tif",
            "FIGURES": f"{sample}/qinghe_figures.csv",
            "TOWN_LIST": f"{sample}/qinghe_list.csv",
            **{"CLASS_SYSTEM": 1, "PLANNED_CLASS_SYSTEM": 2, "LEGEND": 0, "RESIDENTS_FIELD": "常住人口（人）"},
            **{"TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC", "APPROVED_AREA_FIELD": "PZMJ"},
            **{"COVERAGE_LINE_FIELD": "line", "FLOORS_FIELD": "CS", "HEIGHT_FIELD": "GD"},
        }

    def test_the_same_figures(self, asked, run, tmp_path, project):
        path = tmp_path / "review.gpkg"
        run("review", {**asked, "REVIEW": str(path)})
        assert filled_in(path)[0] == "redline:review"
        parameters, figures = run_again(run, path)
        assert {name: parameters[name] for name in asked} == asked
        assert figures == content(path) and all(figures[3:])

    def test_a_package_that_does_not_say_how_it_was_asked(self, asked, run, tmp_path, project):
        path = tmp_path / "review.gpkg"
        run("review", {**asked, "REVIEW": str(path)})
        without_tool(path)
        parameters, figures = run_again(run, path)
        assert "FLOORS_FIELD" not in parameters  # nothing tells
        here = content(path)
        assert [figures[k] for k in (0, 1, 2, 4)] == [here[k] for k in (0, 1, 2, 4)]
        assert parameters["TOWNS"] == asked["TOWNS"] and parameters["REVIEW_OBJECT"] == 1
        assert not_filled_in(facts_of(path), parameters) == []


class TestSecrets:
    """`lasting_source`: what stands in a package must not open a database."""

    TABLE = 'key=\'id\' estimatedmetadata=true srid=4490 type=Polygon table="public"."farm" (geom) sql="a" > 1'

    @pytest.mark.parametrize(
        "login",
        [
            "user='planner' password='geheim'",  # pragma: allowlist secret
            "user='planner' password='it\\'s geheim \\\\'",  # pragma: allowlist secret
            "password=geheim user=planner",
        ],
    )
    def test_a_password_is_taken_out_of_a_databases_address(self, login, qgis_app):
        kept = lasting_source("postgres", f"dbname='plan' host=db port=5432 {login} sslmode=disable {self.TABLE}")
        assert kept.startswith("postgres://") and "geheim" not in kept and "password" not in kept
        for part in ("dbname='plan'", "host=db", "planner", 'table="public"."farm" (geom)', 'sql="a" > 1', "key='id'"):
            assert part in kept

    def test_a_stored_login_is_kept_by_its_reference(self, qgis_app):
        assert "authcfg=abc1234" in lasting_source("postgres", f"dbname='plan' authcfg=abc1234 {self.TABLE}")

    @pytest.mark.parametrize(
        ("provider", "source"),
        [
            ("ogr", "PG:dbname=plan user=planner password=geheim"),
            ("ogr", "PG:postgresql://planner:geheim@db/plan"),  # pragma: allowlist secret
            ("ogr", "MSSQL:server=db;database=plan;uid=planner;pwd=geheim"),
            ("ogr", "/vsicurl/https://planner:geheim@host/farm.gpkg"),  # pragma: allowlist secret
            ("ogr", "https://host/farm.geojson?token=geheim"),
            ("gdal", "/vsicurl/https://host/cover.tif?sig=geheim"),
            ("WFS", "typename='a:farm' url='https://planner:geheim@host/wfs'"),  # pragma: allowlist secret
            ("WFS", "typename='a:farm' url='https://host/wfs?tk=geheim'"),
            ("arcgisfeatureserver", "crs='EPSG:4490' url='https://host/FeatureServer/0?token=geheim'"),
            ("delimitedtext", "https://host/figures.csv?apikey=geheim&delimiter=,"),
            ("virtual", "?layer=postgres:dbname%3Dplan%20password%3Dgeheim:farm"),
            ("memory", "Polygon?crs=EPSG:4530&uid={0}"),
        ],
    )
    def test_what_cannot_be_kept_without_is_not_kept(self, provider, source, qgis_app):
        assert lasting_source(provider, source) is None

    def test_a_service_without_a_secret_is_kept(self, qgis_app):
        kept = lasting_source("WFS", "typename='a:farm' url='https://host/wfs' password='geheim' version='auto'")
        assert kept.startswith("WFS://") and "geheim" not in kept and "url='https://host/wfs'" in kept

    def test_an_encoding_is_kept_where_a_shapefile_does_not_state_it(self, own_county, qgis_app):
        gdal.SetConfigOption("SHAPE_ENCODING", None)  # QGIS sets it when a layer is given an encoding
        path = own_county.write("gbk", [square(0, 0, 9)], {"地类": ["水田"]}, suffix=".shp", encoding="GBK")
        layer = QgsVectorLayer(path, "", "ogr")
        assert layer.dataProvider().encoding() == "GBK" and reopening(layer) == {"source": path}
        layer.setProviderEncoding("UTF-8")
        assert reopening(layer) == {"source": f"{path}|option:ENCODING=UTF-8"}
        (own_county.folder / "gbk.cpg").unlink()
        layer = QgsVectorLayer(path, "", "ogr")
        assert reopening(layer) == {"source": path}
        layer.setProviderEncoding("GBK")
        again = QgsVectorLayer(reopening(layer)["source"], "", "ogr")
        assert [feature["地类"] for feature in again.getFeatures()] == ["水田"]

    def test_files_keep_layer_filter_and_encoding(self, county, qgis_app):
        path = str(county.folder / "farm.gpkg")
        layer = QgsVectorLayer(f"{path}|layername=farm|subset=\"BSM\" = 'F1'", "", "ogr")
        source = reopening(layer)["source"]
        assert source == f"{path}|layername=farm|subset=\"BSM\" = 'F1'"
        assert [feature["BSM"] for feature in QgsVectorLayer(source, "", "ogr").getFeatures()] == ["F1"]


def test_the_tools_own_dialog_takes_it(county, run, tmp_path, project, qgis_iface, monkeypatch):
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: None, raising=False)
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    from qgis.core import QgsApplication

    path = tmp_path / "review.gpkg"
    eco = project.addMapLayer(QgsVectorLayer(str(county.folder / "eco.gpkg"), "红线", "ogr"))
    first_two = QgsProcessingFeatureSourceDefinition(eco.id(), featureLimit=2)
    run("overlap", county.parameters(**NO_LAYERS, REVIEW=str(path), ECO_REDLINE=first_two, REVIEW_OBJECT=2, MIN_AREA=7))
    name, parameters = filled_in(path)
    dialog = AlgorithmDialog(QgsApplication.processingRegistry().createAlgorithmById(name))
    dialog.setParameters(parameters)
    shown = dialog.createProcessingParameters()
    for parameter in ("TOWNS", "FARMLAND", "URBAN_BOUNDARY", "TOWN_ID_FIELD", "REVIEW_OBJECT", "MIN_AREA", "REVIEW"):
        assert shown[parameter] == parameters[parameter], parameter
    assert shown["ECO_REDLINE"].source.staticValue() == eco.id() and shown["ECO_REDLINE"].featureLimit == 2
    dialog.close()
    dialog.deleteLater()
