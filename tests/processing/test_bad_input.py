"""What bad input gets: a sentence that names the layer, before anything is written."""

import json

import pytest
import shapely
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsVectorLayer

from redline_review.core.profile import NATIONAL


def square(x, y, width):
    """A square whose south-west corner is x, y metres from the county's."""
    return shapely.box(42_500_000 + x, 4_850_000 + y, 42_500_000 + x + width, 4_850_000 + y + width)


@pytest.fixture
def said(redline):
    """What the run reports when it is refused (processing.run keeps it to the feedback)."""

    def run(parameters):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("redline:overlap")
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setProject(QgsProject.instance())
        good, message = algorithm.checkParameterValues(parameters, context)
        if not good:
            return message
        _, done = algorithm.run(parameters, context, feedback)
        assert not done
        return feedback.textLog()

    return run


def test_no_line(own_county, said):
    parameters = own_county.parameters(ECO_REDLINE=None, FARMLAND="", URBAN_BOUNDARY=None)
    assert "No control line is given" in said(parameters)


def test_empty_layer(own_county, said, qgis_new_project):
    empty = own_county.write("空 eco", [], {"BSM": []}, geometry_type="Polygon")
    layer = QgsVectorLayer(empty, "空红线", "ogr")
    QgsProject.instance().addMapLayer(layer)
    message = said(own_county.parameters(ECO_REDLINE=layer))
    assert "空红线" in message and "no features" in message


def test_empty_selection(own_county, said, qgis_new_project):
    from qgis.core import QgsProcessingFeatureSourceDefinition

    layer = QgsVectorLayer(str(own_county.folder / "towns.gpkg"), "四镇", "ogr")
    QgsProject.instance().addMapLayer(layer)
    definition = QgsProcessingFeatureSourceDefinition(layer.id(), selectedFeaturesOnly=True)
    assert "四镇" in said(own_county.parameters(TOWNS=definition))


def test_points_instead_of_polygons(own_county, said):
    points = own_county.write("points", [shapely.Point(42_500_000, 4_850_000)])
    assert "points" in said(own_county.parameters(ECO_REDLINE=points))


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])  # a GeoPackage states "Undefined geographic SRS" then
@pytest.mark.parametrize("parameter", ["ECO_REDLINE", "TOWNS", "COVERAGE"])
def test_no_crs(own_county, said, parameter, suffix):
    layer = own_county.write("loose", [shapely.box(0, 0, 1, 1)], {"code": ["1"], "name": ["1"]}, None, suffix)
    assert "loose has no coordinate reference system" in said(own_county.parameters(**{parameter: layer}))


@pytest.mark.parametrize("codes", [["T1", "T1", "T3", "T4"], ["T1", "", "T3", "T4"], ["T1", None, "T3", "T4"]])
def test_town_ids_that_identify_nothing(own_county, said, codes):
    import geopandas

    path = own_county.folder / "towns.gpkg"
    frame = geopandas.read_file(path, engine="pyogrio").assign(code=codes)
    towns = own_county.write("bad towns", frame.geometry, {"code": codes, "name": frame["name"]})
    message = said(own_county.parameters(TOWNS=towns))
    assert "bad towns" in message and "code" in message


@pytest.mark.parametrize("parameter", ["TOWN_ID_FIELD", "TOWN_NAME_FIELD", "KIND_FIELD", "APPROVED_AREA_FIELD"])
def test_a_field_that_the_towns_do_not_have(own_county, said, parameter):
    assert "towns has no field nope" in said(own_county.parameters(**{parameter: "nope"}))


def test_field_names_that_clash(own_county, overlap):
    from qgis import processing

    towns = processing.run(
        "native:fieldcalculator",
        {"INPUT": str(own_county.folder / "towns.gpkg"), "FIELD_NAME": "VERDICT", "FIELD_TYPE": 2, "FORMULA": "'x'",
         "OUTPUT": "memory:"},
    )["OUTPUT"]  # fmt: skip
    names, rows = overlap(own_county.parameters(TOWNS=towns)).rows("SUMMARY")
    assert {"src_fid", "src_area_m2", "src_VERDICT"} <= set(names)
    assert {row[names.index("src_VERDICT")] for row in rows} == {"x"}


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:3857"])
def test_planar_areas_need_metres(own_county, said, crs):
    towns = own_county.write(
        "世界 towns", [shapely.box(126, 43, 126.1, 43.1)], {"code": ["T1"], "name": ["x"]}, crs=crs
    )
    message = said(own_county.parameters(TOWNS=towns, AREA_METHOD=1))
    assert "Planar areas" in message and "世界 towns" in message


def test_ballpark_transformation_is_refused(own_county, said):
    xian80 = own_county.write("西安80 eco", [square(0, 0, 500)], {"BSM": ["E1"]}, crs="EPSG:2366")
    message = said(own_county.parameters(ECO_REDLINE=xian80))
    assert "西安80 eco" in message and "no reliable transformation" in message


def test_coverage_that_meets_no_town(own_county, said):
    coverage = own_county.write("远 coverage", [square(90_000, 90_000, 500)])
    assert "远 coverage" in said(own_county.parameters(COVERAGE=coverage))


def test_towns_and_line_that_do_not_meet_are_a_result(own_county, overlap):
    far = own_county.write("far", [square(90_000, 90_000, 500)], {"BSM": ["F"]})
    everywhere = own_county.write("everywhere", [square(-5000, -5000, 200_000)])
    parameters = own_county.parameters(ECO_REDLINE=far, FARMLAND=far, URBAN_BOUNDARY=far, COVERAGE=everywhere)
    names, rows = overlap(parameters).rows("SUMMARY")
    column = {name: {row[names.index(name)] for row in rows} for name in ("eco_check", "udb_check", "udb_pct")}
    assert column["eco_check"] == {"clear"} and column["udb_check"] == {"hit"}
    assert all(share == pytest.approx(100) for share in column["udb_pct"])
    names, rows = overlap({**parameters, "COVERAGE": None}).rows("SUMMARY")
    assert {row[names.index("eco_check")] for row in rows} == {"unchecked"}


def test_target_that_cannot_be_written(own_county, said):
    nowhere = own_county.folder / "eco.gpkg" / "inside a file.gpkg"
    message = said(own_county.parameters(SUMMARY=str(nowhere)))
    assert "inside a file.gpkg" in message


def test_many_issues_are_listed_in_part(redline):
    from redline_review.core.errors import Issue

    class Keeps(QgsProcessingFeedback):
        def __init__(self):
            super().__init__(False)
            self.said = []

        def pushWarning(self, warning):
            self.said.append(warning)

    feedback = Keeps()
    issue = {"before_m2": 1.0, "after_m2": 2.0, "change_pct": 100.0}
    issues = [Issue("repaired", "warning", "eco", str(n), issue) for n in range(30)]
    QgsApplication.processingRegistry().createAlgorithmById("redline:overlap").list_issues(issues, feedback)
    assert len(feedback.said) == 21
    assert "10 more" in feedback.said[-1]


def test_unknown_key_in_the_rules(own_county, said):
    rules = json.loads(NATIONAL.read_text(encoding="utf-8"))
    rules["lines"][0]["tolerance"] = 5
    path = own_county.folder / "省 rules.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    message = said(own_county.parameters(PROFILE=str(path)))
    assert "lines[0].tolerance" in message and "省 rules.json" in message


def test_layer_that_is_not_there(own_county, said):
    assert "nowhere.shp" in said(own_county.parameters(ECO_REDLINE=str(own_county.folder / "nowhere.shp")))


def test_outputs_never_overwrite_inputs_or_one_another(own_county, said):
    eco = str(own_county.folder / "eco.gpkg")
    before = (own_county.folder / "eco.gpkg").read_bytes()
    assert "overwrite" in said(own_county.parameters(SUMMARY=eco))
    assert "overwrite" in said(own_county.parameters(REVIEW=eco))
    assert "overwrite" in said(own_county.parameters(FINDINGS=f"ogr:dbname='{eco}' table=\"eco\" (geom)"))
    out = str(own_county.folder / "out.gpkg")
    assert "another output" in said(own_county.parameters(SUMMARY=out, FINDINGS=out))
    assert "another output" in said(own_county.parameters(SUMMARY=out, REVIEW=out))
    assert ".gpkg" in said(own_county.parameters(REVIEW=str(own_county.folder / "out.shp")))
    assert (own_county.folder / "eco.gpkg").read_bytes() == before


def test_further_line_that_the_rules_do_not_know(own_county, said):
    extra = own_county.write("park", [shapely.box(42_500_000, 4_850_000, 42_500_100, 4_850_100)])
    message = said(own_county.parameters(EXTRA_LINES=[extra]))
    assert "park" in message and "STBHHX" in message


def test_line_given_twice(own_county, said):
    again = own_county.write("STBHHX", [shapely.box(42_500_000, 4_850_000, 42_500_100, 4_850_100)])
    assert "eco_redline" in said(own_county.parameters(EXTRA_LINES=[again]))


def test_further_line_of_the_rules(own_county, overlap):
    rules = json.loads(NATIONAL.read_text(encoding="utf-8"))
    park = {**rules["lines"][1], "id": "nature", "short": "nat", "mark": "保", "layer_names": ["自然保护地"]}
    park.update(name={"en": "Nature reserve", "zh_CN": "自然保护地"}, required=False)
    rules["lines"].append(park)
    path = own_county.folder / "rules.json"
    path.write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")
    reserve = [shapely.box(42_500_000, 4_850_000, 42_500_100, 4_850_100)]
    # The file speaks of another line: the layer's own name decides.
    extra = own_county.write("永久基本农田等", reserve, layer="县自然保护地") + "|layername=县自然保护地"
    outcome = overlap(own_county.parameters(PROFILE=str(path), EXTRA_LINES=[extra]))
    names, rows = outcome.rows("SUMMARY")
    assert {"nat_m2", "nat_pct", "nat_n", "nat_check"} <= set(names)
    assert float(rows[0][names.index("nat_m2")]) == pytest.approx(10_000, rel=0.01)


def test_an_unforeseen_error_is_a_sentence_and_its_traceback_is_in_the_log(own_county, said, monkeypatch):
    from redline_review.core.review import run

    def broken(*arguments):
        raise ZeroDivisionError("inner workings")

    logged = []

    def log(message, tab, level):
        logged.append((tab, message))

    monkeypatch.setattr(run, "run_review", broken)
    QgsApplication.messageLog().messageReceived.connect(log)
    message = said(own_county.parameters())
    QgsApplication.messageLog().messageReceived.disconnect(log)
    assert "Redline Review" in message and "Traceback" not in message
    assert any(tab == "Redline Review" and "inner workings" in text for tab, text in logged)
