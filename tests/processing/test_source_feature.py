"""The source feature of a finding: found in whatever the line was read from, and never in the way."""

import json
import sqlite3
import threading
from contextlib import closing

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsEditorWidgetSetup,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProject,
    QgsVectorLayer,
)
from support import at, square

from redline_review.core.errors import Cancelled
from redline_review.core.report.texts import LANGUAGES, Texts
from redline_review.core.review.package import open_package
from redline_review.processing.source_feature import Attributes, SourceLookup, attributes_of

NAMES = {"BSM": ["F1", "F2", "F3"], "DLMC": ["水田", "旱地", "水浇地"], "面积": [1.5, None, 3.25]}
PATCHES = [square(500, 500, 300), square(600, 600, 300), square(2990, 0, 300, 1000)]
NOWHERE = [float("nan")] * 4


@pytest.fixture
def project(qgis_app):
    project = QgsProject.instance()
    project.clear()
    yield project
    project.clear()


class Reviewed:
    """A package and what is asked of it."""

    def __init__(self, path):
        with open_package(path) as package:
            self.facts, self.findings = package.manifest(), package.findings()

    def finding(self, line, source_id=None):
        rows = self.findings[self.findings["line"] == line]
        return rows.iloc[0] if source_id is None else rows[rows["source_id"] == source_id].iloc[0]

    def question(self, line, source_id=None):
        found = self.finding(line, source_id)
        crs = QgsCoordinateReferenceSystem(self.facts["crs"])
        return self.facts, line, found["source_id"], shapely.bounds(found["geometry"]), crs

    def attributes(self, line, source_id=None):
        """Looked up in another thread, as the panel does."""
        question, answers = self.question(line, source_id), []
        worker = threading.Thread(target=lambda: answers.append(attributes_of(*question)))
        worker.start()
        worker.join()
        (answer,) = answers
        return answer


@pytest.fixture
def reviewed(own_county, run, tmp_path, project):
    """A review of the county whose farmland is another layer."""

    def reviewed(farmland, **changes):
        path = tmp_path / "review.gpkg"
        asked = own_county.parameters(FARMLAND=farmland, SUMMARY=None, FINDINGS=None, REVIEW=str(path), **changes)
        run("overlap", asked)
        return Reviewed(path)

    return reviewed


def values(answer):
    """By field name, without the ids that only some formats show."""
    return {name: value for name, value in answer.rows if name not in ("fid", "OBJECTID")}


def drivers():
    known = pyogrio.list_drivers(write=True)
    return [(".gpkg", "GPKG"), (".geojson", "GeoJSON"), (".fgb", "FlatGeobuf"), (".shp", "ESRI Shapefile")] + (
        [(".gdb", "OpenFileGDB")] if "OpenFileGDB" in known else []
    )


class TestFormats:
    @pytest.mark.parametrize(("suffix", "driver"), drivers())
    @pytest.mark.parametrize("id_field", ["BSM", None])
    def test_by_id_and_by_geometry(self, own_county, reviewed, suffix, driver, id_field):
        names = {key: value for key, value in NAMES.items() if key != "BSM" or id_field}
        found = reviewed(own_county.write("农田", PATCHES, names, suffix=suffix, driver=driver))
        assert found.facts["fields"]["ids_used"]["farmland"] == (id_field or "")
        rows = found.findings[found.findings["line"] == "farmland"]
        assert len(rows) == 3
        told = {values(found.attributes("farmland", one))["DLMC"] for one in rows["source_id"]}
        assert told == {"水田", "旱地", "水浇地"}
        if id_field:
            answer = found.attributes("farmland", "F2")
            assert answer.reason == ""
            assert list(values(answer)) == ["BSM", "DLMC", "面积"]
            assert values(answer) == {"BSM": "F2", "DLMC": "旱地", "面积": "NULL"}

    def test_another_crs_than_the_towns(self, own_county, reviewed):
        frame = geopandas.GeoDataFrame(NAMES, geometry=PATCHES, crs="EPSG:4530").to_crs("EPSG:4490")
        path = own_county.write("farm4490", frame.geometry, {"DLMC": NAMES["DLMC"]}, crs="EPSG:4490")
        found = reviewed(path)
        rows = found.findings[found.findings["line"] == "farmland"]
        assert {values(found.attributes("farmland", one))["DLMC"] for one in rows["source_id"]} == set(NAMES["DLMC"])

    @pytest.mark.parametrize("by_layer", [False, True])
    def test_shapefile_in_gbk_that_does_not_say_so(self, own_county, reviewed, project, by_layer):
        gdal.SetConfigOption("SHAPE_ENCODING", None)  # QGIS sets it when a layer is given an encoding
        path = own_county.write("gbk", PATCHES, {"地类": NAMES["DLMC"]}, suffix=".shp", encoding="GBK")
        (own_county.folder / "gbk.cpg").unlink()
        assert "水田".encode("GBK") in (own_county.folder / "gbk.dbf").read_bytes()
        if by_layer:
            layer = project.addMapLayer(QgsVectorLayer(path, "gbk", "ogr"))
            layer.setProviderEncoding("GBK")
            found = reviewed(layer.id())
        else:
            found = reviewed(path, ENCODING="GBK")
        assert values(found.attributes("farmland"))["地类"] in NAMES["DLMC"]

    def test_one_layer_of_many_called_otherwise_in_qgis(self, own_county, reviewed, project):
        for name in ("a", "b", "c"):
            labels = [f"{name}{k}" for k in range(3)]
            path = own_county.write("many", PATCHES, {"BSM": NAMES["BSM"], "label": labels}, layer=name)
        layer = project.addMapLayer(QgsVectorLayer(f"{path}|layername=b", "基本农田", "ogr"))
        found = reviewed(layer.id())
        assert values(found.attributes("farmland", "F3"))["label"] == "b2"

    def test_filtered_layer(self, own_county, reviewed):
        doubled = [*PATCHES, *PATCHES]
        labels = {"BSM": NAMES["BSM"] * 2, "year": [2020] * 3 + [2025] * 3}
        found = reviewed(own_county.write("farm2", doubled, labels) + '|subset="year" = 2025')
        assert found.facts["fields"]["ids_used"]["farmland"] == "BSM"
        assert values(found.attributes("farmland", "F1"))["year"].replace(",", "") == "2025"

    def test_a_crs_set_in_qgis(self, own_county, reviewed, project):
        path = own_county.write("nocrs", PATCHES, {"DLMC": NAMES["DLMC"]}, crs="EPSG:4529")
        layer = project.addMapLayer(QgsVectorLayer(path, "farm", "ogr"))
        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:4530"))
        found = reviewed(layer.id())
        assert values(found.attributes("farmland"))["DLMC"] in NAMES["DLMC"]

    def test_further_line(self, own_county, reviewed, tmp_path, root):
        rules = json.loads((root / "resources" / "profiles" / "national.json").read_text(encoding="utf-8"))
        reserve = {"id": "reserve", "short": "resv", "mark": "保", "name": "自然保护地", "layer_names": ["reserve"]}
        rules["lines"].append({**rules["lines"][1], **reserve, "id_fields": ["NR"], "required": False})
        profile = tmp_path / "rules.json"
        profile.write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")
        extra = own_county.write("reserve", PATCHES, {"NR": [7, 8, 9], "名称": ["甲", "乙", "丙"]})
        found = reviewed(str(own_county.folder / "farm.gpkg"), EXTRA_LINES=[extra], PROFILE=str(profile))
        assert values(found.attributes("reserve", "8"))["名称"] == "乙"


class TestIdentity:
    @pytest.mark.parametrize(
        "ids",
        [
            [220100000000000001, 220100000000000002, 220100000000000003],
            [1.0, 2.0, 3.0],
            ["a'b", '双"引号', "c%d"],
            [" 01", "02 ", "03"],
            np.array(["2025-10-01", "2025-10-02", "2025-10-03"], dtype="datetime64[ns]"),
        ],
    )
    def test_ids_of_every_type(self, own_county, reviewed, ids):
        found = reviewed(own_county.write("typed", PATCHES, {"NO": ids, "DLMC": NAMES["DLMC"]}), FARMLAND_ID_FIELD="NO")
        rows = found.findings[found.findings["line"] == "farmland"]
        assert found.facts["fields"]["ids_used"]["farmland"] == "NO"
        assert {values(found.attributes("farmland", one))["DLMC"] for one in rows["source_id"]} == set(NAMES["DLMC"])

    def test_geometries_as_they_were_delivered(self, own_county, reviewed):
        """Multipolygons, holes, a ring that crosses itself: the hash is of what the run read."""
        island = shapely.Polygon(
            shapely.get_coordinates(square(0, 0, 400)), [shapely.get_coordinates(square(100, 100, 9))]
        )
        two = shapely.multipolygons([square(2000, 0, 50), square(2200, 0, 50)])
        ring = [at(*corner) for corner in ((4100, 100), (4400, 400), (4400, 100), (4100, 400))]
        shapes = [island, two, shapely.Polygon(ring)]
        found = reviewed(own_county.write("odd", shapes, {"DLMC": NAMES["DLMC"]}))
        rows = found.findings[found.findings["line"] == "farmland"]
        assert {values(found.attributes("farmland", one))["DLMC"] for one in rows["source_id"]} == set(NAMES["DLMC"])

    def test_a_finding_without_a_box(self, own_county, reviewed):
        found = reviewed(own_county.write("farm3", PATCHES, NAMES))
        facts, line, source_id, _, crs = found.question("farmland", "F2")
        assert values(attributes_of(facts, line, source_id, NOWHERE, crs))["DLMC"] == "旱地"

    def test_an_older_package_names_no_field(self, own_county, reviewed):
        by_id, by_geometry = NAMES, {"DLMC": NAMES["DLMC"]}
        for name, attributes in (("old1", by_id), ("old2", by_geometry)):
            found = reviewed(own_county.write(name, PATCHES, attributes))
            del found.facts["fields"]["ids_used"]
            for source in found.facts["sources"].values():
                source.pop("reopen", None)
            rows = found.findings[(found.findings["line"] == "farmland") & (found.findings["state"] != "gone")]
            told = {values(found.attributes("farmland", one))["DLMC"] for one in rows["source_id"]}
            assert told == set(NAMES["DLMC"])


def test_names_and_values_as_a_saved_style_shows_them(own_county, reviewed):
    path = own_county.write("styled", PATCHES, {"BSM": NAMES["BSM"], "DLBM": ["0101", "0103", "0102"]})
    layer = QgsVectorLayer(path, "", "ogr")
    index = layer.fields().indexFromName("DLBM")
    layer.setFieldAlias(index, "地类")
    layer.setEditorWidgetSetup(index, QgsEditorWidgetSetup("ValueMap", {"map": [{"旱地": "0103"}]}))
    layer.saveDefaultStyle(QgsMapLayer.StyleCategory.AllStyleCategories)
    assert values(reviewed(path).attributes("farmland", "F2")) == {"BSM": "F2", "地类": "旱地"}


class TestReasons:
    """Nothing is raised; a code that the catalogue words says why there is nothing."""

    @pytest.fixture
    def found(self, own_county, reviewed):
        return reviewed(own_county.write("farm5", PATCHES, NAMES))

    def said(self, answer, reason):
        assert answer == Attributes([], reason)
        for language in LANGUAGES:
            assert Texts(language).say(reason)

    def test_land_outside_a_stay_inside_line(self, found):
        assert set(found.findings.loc[found.findings["line"] == "urban_boundary", "kind"]) == {"outside", "zone"}
        self.said(found.attributes("urban_boundary"), "source_no_feature")

    def test_a_line_that_was_not_read(self, found):
        facts, _, _, box, crs = found.question("farmland")
        self.said(attributes_of(facts, "reserve", "R1", box, crs), "source_not_told")

    def test_source_gone(self, found, own_county):
        (own_county.folder / "farm5.gpkg").unlink()
        self.said(found.attributes("farmland", "F1"), "source_gone")

    def test_layer_gone_from_its_file(self, found, own_county):
        found.facts["sources"]["farmland"]["reopen"] = {"source": f"{own_county.folder}/farm5.gpkg|layername=old"}
        self.said(found.attributes("farmland", "F1"), "source_gone")

    def test_damaged_file(self, found, own_county):
        (own_county.folder / "farm5.gpkg").write_bytes(b"no longer a GeoPackage")
        self.said(found.attributes("farmland", "F1"), "source_gone")

    def test_feature_gone_from_a_changed_source(self, found, own_county):
        with closing(sqlite3.connect(own_county.folder / "farm5.gpkg")) as base, base:
            base.execute("DROP TRIGGER rtree_farm5_geom_delete")
            base.execute("DROP TRIGGER IF EXISTS trigger_delete_feature_count_farm5")
            base.execute("DELETE FROM farm5 WHERE BSM = 'F1'")
        self.said(found.attributes("farmland", "F1"), "source_changed")
        still = found.attributes("farmland", "F2")
        assert values(still)["DLMC"] == "旱地" and still.reason == "source_changed"

    def test_no_such_feature(self, found):
        facts, line, _, box, crs = found.question("farmland")
        self.said(attributes_of(facts, line, "F9", box, crs), "source_feature_not_found")

    def test_feature_elsewhere_is_another(self, found):
        facts, line, _, _, crs = found.question("farmland", "F1")
        _, _, _, elsewhere, _ = found.question("farmland", "F3")
        self.said(attributes_of(facts, line, "F1", elsewhere, crs), "source_feature_not_found")

    def test_layer_in_memory(self, own_county, reviewed, project):
        layer = QgsVectorLayer(own_county.write("farm6", PATCHES, NAMES), "农田", "ogr").materialize(
            QgsFeatureRequest()
        )
        project.addMapLayer(layer)
        self.said(reviewed(layer.id()).attributes("farmland", "F1"), "source_in_memory")

    @pytest.mark.parametrize(
        "source",
        [
            "postgres://dbname='plan' host=127.0.0.1 port=1 user='planner' key='id' table=\"public\".\"farm\" (geom)",
            "postgres://dbname='plan' host=127.0.0.1 port=1 authcfg=abc1234 key='id' table=\"public\".\"farm\" (geom)",
        ],
    )
    def test_a_database_asks_nobody_for_a_password(self, found, source, monkeypatch):
        from qgis.core import QgsCredentials

        class Asked(QgsCredentials):
            count = 0

            def request(self, realm, username, password, message):
                Asked.count += 1
                return False, "", ""

            def requestMasterPassword(self, password, stored):
                Asked.count += 1
                return False, ""

        asked = Asked()
        before = QgsCredentials.instance()
        asked.setInstance(asked)
        try:
            found.facts["sources"]["farmland"] = {"provider": "postgres", "reopen": {"source": source}}
            self.said(found.attributes("farmland", "F1"), "source_needs_login")
            assert Asked.count == 0
        finally:
            asked.setInstance(before)


@pytest.mark.parametrize("looks", [0, 1])  # before the layer is opened; at its first feature
def test_a_look_up_that_is_cancelled_ends(own_county, reviewed, looks):
    found = reviewed(own_county.write("plain", PATCHES, {"DLMC": NAMES["DLMC"]}))
    answers = iter([False] * looks + [True])
    with pytest.raises(Cancelled):
        attributes_of(*found.question("farmland"), cancelled=lambda: next(answers))


class TestLookup:
    """In QGIS's own task manager."""

    @pytest.fixture
    def lookup(self, own_county, reviewed, qtbot):
        found = reviewed(own_county.write("farm7", PATCHES, NAMES))
        lookup = SourceLookup()
        lookup.told = []
        lookup.found.connect(lambda finding, answer: lookup.told.append((finding, answer)))

        def ask(source_id):
            lookup.ask(f"id-{source_id}", *found.question("farmland", source_id))

        def settled():
            assert lookup._running is None and QgsApplication.taskManager().count() == 0

        lookup.put, lookup.wait = ask, lambda: qtbot.waitUntil(settled, timeout=20_000)
        return lookup

    def test_tells_the_finding_asked_for(self, lookup):
        lookup.put("F2")
        assert lookup.told == [], "not on the way"
        lookup.wait()
        ((finding, answer),) = lookup.told
        assert finding == "id-F2" and values(answer)["DLMC"] == "旱地"

    def test_the_last_one_wins(self, lookup):
        for _ in range(20):
            for source_id in ("F1", "F2", "F3"):
                lookup.put(source_id)
        lookup.wait()
        assert [finding for finding, _ in lookup.told] == ["id-F3"]
        lookup.put("F1")
        lookup.wait()
        assert [finding for finding, _ in lookup.told] == ["id-F3", "id-F1"]

    def test_the_second_of_two_wins(self, lookup):
        lookup.put("F1")
        lookup.put("F2")
        lookup.wait()
        assert [finding for finding, _ in lookup.told] == ["id-F2"]

    def test_what_is_no_longer_wanted_is_not_told(self, lookup):
        lookup.put("F1")
        lookup.forget()
        lookup.wait()
        assert lookup.told == []
        lookup.put("F3")
        lookup.wait()
        assert [finding for finding, _ in lookup.told] == ["id-F3"]

    def test_a_panel_that_is_closed_meanwhile(self, lookup, qtbot):
        from qgis.PyQt import sip

        told = lookup.told
        lookup.put("F1")
        sip.delete(lookup)
        qtbot.waitUntil(lambda: QgsApplication.taskManager().count() == 0, timeout=20_000)
        assert told == []
