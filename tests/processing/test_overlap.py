"""redline:overlap through the registry: its contract, its reading paths and its destinations."""

import sqlite3

import geopandas
import pytest
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeatureRequest,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterDefinition,
    QgsVectorLayer,
)
from support import square

KEEP_OUT = ("m2", "pct", "n", "check")
PARAMETERS = {
    "TOWNS": "source", "TOWN_ID_FIELD": "field", "TOWN_NAME_FIELD": "field", "REVIEW_OBJECT": "enum",
    "CONSTRUCTION": "source", "ECO_REDLINE": "source", "FARMLAND": "source", "URBAN_BOUNDARY": "source",
    "EXTRA_LINES": "multilayer", "COVERAGE": "source", "PROFILE": "file", "AREA_METHOD": "enum",
    "APPROVED_AREA_FIELD": "field", "MIN_AREA": "number", "MIN_WIDTH": "number", "PREVIOUS": "file",
    "SUMMARY": "vectorDestination", "FINDINGS": "vectorDestination", "REVIEW": "fileDestination",
}  # fmt: skip
FINDING_FIELDS = [
    "finding_id", "number", "town_id", "town_name", "line", "kind", "zone", "source_id", "severity", "area_m2",
    "share_pct", "width_m", "state", "rule",
]  # fmt: skip


def opened(path, name):
    layer = QgsVectorLayer(str(path), name, "ogr")
    assert layer.isValid()
    return layer


def in_memory(layer):
    copy = layer.materialize(QgsFeatureRequest())
    copy.setName(layer.name())
    return copy


@pytest.fixture(scope="module")
def algorithm(redline):
    return QgsApplication.processingRegistry().createAlgorithmById("redline:overlap")


class TestContract:
    def test_parameters(self, algorithm):
        assert {name: algorithm.parameterDefinition(name).type() for name in PARAMETERS} == PARAMETERS
        assert algorithm.parameterDefinition("REVIEW_OBJECT").defaultValue() == 1
        assert algorithm.parameterDefinition("AREA_METHOD").defaultValue() == 0
        optional = QgsProcessingParameterDefinition.Flag.FlagOptional
        assert not algorithm.parameterDefinition("TOWNS").flags() & optional
        assert algorithm.parameterDefinition("FINDINGS").createByDefault()
        assert not algorithm.parameterDefinition("REVIEW").createByDefault()

    def test_help_everywhere(self, algorithm):
        assert all(parameter.help() for parameter in algorithm.parameterDefinitions())
        assert algorithm.shortHelpString()

    @pytest.mark.parametrize("word", ["三线", "红线", "套合", "压占", "overlap"])
    def test_found_in_the_toolbox_in_both_languages(self, algorithm, word):
        assert word in algorithm.tags()

    def test_runs_in_the_background(self, algorithm):
        assert not algorithm.flags() & Qgis.ProcessingAlgorithmFlag.NoThreading

    def test_fields_and_counts(self, county, overlap):
        outcome = overlap(county.parameters())
        names, towns = outcome.rows("SUMMARY")
        assert names[:4] == ["code", "name", "src_area_m2", "batch"]
        wanted = ["town_id", "town_name", "area_m2", *(f"eco_{n}" for n in KEEP_OUT), *(f"farm_{n}" for n in KEEP_OUT)]
        wanted += ["udb_in_m2", "udb_out_m2", "udb_pct", "udb_n", "udb_check", "shared_m2", "sliver_m2", "findings"]
        wanted += ["unchecked", "check_pct", "verdict"]
        assert [name for name in names if name in wanted] == wanted
        names, findings = outcome.rows("FINDINGS")
        assert names == FINDING_FIELDS
        assert len(towns) == outcome.results["TOWN_COUNT"] == 4
        assert outcome.results["FINDING_COUNT"] == sum(row[8] != "below_tolerance" for row in findings) > 5
        assert outcome.results["VIOLATION_COUNT"] == 2
        assert any("bow" in text or "E3" in text or "eco" in text for text in outcome.said.warnings)
        assert len(outcome.said.steps) >= 3

    def test_an_output_not_asked_for_is_not_there(self, county, overlap):
        parameters = county.parameters()
        del parameters["FINDINGS"]
        assert "FINDINGS" not in overlap(parameters).results or overlap(parameters).results["FINDINGS"] is None
        assert overlap(county.parameters(FINDINGS="")).results.get("FINDINGS") in (None, "")
        assert overlap(county.parameters(SUMMARY=None, FINDINGS=None)).results["TOWN_COUNT"] == 4


class TestReadingPaths:
    """A filtered, a selected, a memory and a plain file layer, a Shapefile and its copy in memory: one result."""

    @pytest.fixture
    def expected(self, county, overlap):
        return overlap(county.parameters()).tables()

    def layers(self, county, change):
        names = {"TOWNS": "towns", "ECO_REDLINE": "eco", "FARMLAND": "farm", "URBAN_BOUNDARY": "udb"}
        return {key: change(opened(county.folder / f"{name}.gpkg", name)) for key, name in names.items()}

    def test_memory(self, county, overlap, expected):
        layers = self.layers(county, in_memory)
        ours = overlap(county.parameters(**layers)).tables()
        # In memory a GeoPackage's feature id is an attribute like any other.
        assert without(ours, "src_fid") == without(expected, "src_fid")

    def test_filtered(self, county, overlap, expected):
        def change(layer):
            layer.setSubsetString('"fid" > 0')
            return layer

        assert overlap(county.parameters(**self.layers(county, change))).tables() == expected

    def test_selected(self, county, overlap, expected, qgis_new_project):
        from qgis.core import QgsProject

        def change(layer):
            QgsProject.instance().addMapLayer(layer)
            layer.selectAll()
            return QgsProcessingFeatureSourceDefinition(layer.id(), selectedFeaturesOnly=True)

        assert overlap(county.parameters(**self.layers(county, change))).tables() == expected

    def test_a_part_is_the_part(self, county, overlap):
        towns = opened(county.folder / "towns.gpkg", "towns")
        towns.setSubsetString("\"code\" IN ('T2', 'T3')")
        part = geopandas.read_file(county.folder / "towns.gpkg", engine="pyogrio").iloc[1:3]
        path = county.folder / "part.gpkg"
        part.to_file(path, engine="pyogrio")
        filtered = overlap(county.parameters(TOWNS=towns)).tables()
        assert filtered == overlap(county.parameters(TOWNS=str(path))).tables()

    def test_shapefile_and_its_copy_in_memory(self, county, overlap):
        names = {"TOWNS": "towns", "ECO_REDLINE": "eco", "FARMLAND": "farm", "URBAN_BOUNDARY": "udb"}
        files = {}
        for key, name in names.items():
            frame = geopandas.read_file(county.folder / f"{name}.gpkg", engine="pyogrio")
            frame = frame.drop(columns="BSM", errors="ignore")  # identity of a finding: a hash of the geometry then
            path = county.folder / f"{name} 副本.shp"
            frame.to_file(path, engine="pyogrio", encoding="UTF-8")
            files[key] = opened(path, name)
        copies = {key: in_memory(layer) for key, layer in files.items()}
        one = overlap(county.parameters(**files)).tables()
        other = overlap(county.parameters(**copies)).tables()
        for name in one:
            assert one[name][0] == other[name][0]
            for row, same in zip(one[name][1], other[name][1], strict=True):
                assert row == same

    def test_another_crs(self, county, overlap):
        eco = geopandas.read_file(county.folder / "eco.gpkg", engine="pyogrio")
        eco = eco[eco.is_valid]
        # Edges are straight in the CRS they are delivered in: only short ones are the same in both.
        eco.geometry = eco.geometry.segmentize(20)
        areas = []
        for crs in ("EPSG:4530", "EPSG:4490"):
            path = county.folder / f"eco {crs[5:]}.gpkg"
            eco.to_crs(crs).to_file(path, engine="pyogrio")
            names, rows = overlap(county.parameters(ECO_REDLINE=str(path))).tables()["SUMMARY"]
            areas.append([row[names.index("eco_m2")] for row in rows])
        assert areas[1] == pytest.approx(areas[0], abs=0.1)


class TestDestinations:
    @pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson"])
    def test_files(self, county, overlap, tmp_path, suffix):
        paths = {name: str(tmp_path / f"结果 {name}{suffix}") for name in ("SUMMARY", "FINDINGS")}
        outcome = overlap(county.parameters(**paths))
        expected = overlap(county.parameters())
        for name, path in paths.items():
            assert outcome.results[name] == path
            layer = opened(path, name)
            assert layer.featureCount() == expected.layer(name).featureCount()
            ours = [field.name() for field in layer.fields() if field.name() != "fid"]
            assert ours == [name[:10] if suffix == ".shp" else name for name in expected.rows(name)[0]]
        assert not [path for path in tmp_path.iterdir() if not path.name.startswith("结果")]

    @pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb", "memory"])
    def test_what_was_not_checked_is_null(self, own_county, overlap, tmp_path, suffix):
        """T4 lies beyond the box of the only line."""
        eco = own_county.write("near", [square(0, 0, 300), square(5000, 0, 100, 1000)], {"BSM": ["E1", "E2"]})
        target = "memory:" if suffix == "memory" else str(tmp_path / f"结果{suffix}")
        wanted = {"FARMLAND": None, "URBAN_BOUNDARY": None, "FINDINGS": None, "ECO_REDLINE": eco}
        outcome = overlap(own_county.parameters(**wanted, SUMMARY=target))
        assert outcome.results["FINDING_COUNT"] == outcome.results["VIOLATION_COUNT"] == 1
        names, rows = outcome.rows("SUMMARY")
        towns = {row[names.index("town_id")]: dict(zip(names, row[:-1], strict=True)) for row in rows}
        asked = ("eco_m2", "eco_pct", "eco_n", "shared_m2", "sliver_m2", "findings")
        assert [towns["T4"][name] for name in asked] == [None] * 6
        assert (towns["T4"]["eco_check"], towns["T4"]["check_pct"]) == ("unchecked", 0)
        assert [towns["T1"][name] for name in asked[2:]] == [1, None, 0, 1]
        assert [towns["T2"][name] for name in ("eco_m2", "eco_n", "findings", "check_pct")] == [0, 0, 0, 100]
        assert all(type(towns["T1"][name]) is int for name in ("eco_n", "findings"))

    def test_temporary(self, county, overlap):
        outcome = overlap(county.parameters(SUMMARY="TEMPORARY_OUTPUT", FINDINGS="TEMPORARY_OUTPUT"))
        assert outcome.layer("SUMMARY").featureCount() == 4

    def test_table_of_an_existing_geopackage(self, county, overlap, tmp_path):
        path = tmp_path / "库 base.gpkg"
        geopandas.read_file(county.folder / "eco.gpkg").to_file(path, layer="mine", engine="pyogrio")
        target = f"ogr:dbname='{path}' table=\"towns\" (geom)"
        for _ in range(2):  # the second run replaces the first one's table
            outcome = overlap(county.parameters(SUMMARY=target))
            assert outcome.results["SUMMARY"] == f"{path}|layername=towns"
            assert opened(outcome.results["SUMMARY"], "towns").featureCount() == 4
            assert opened(f"{path}|layername=mine", "mine").featureCount() == 4
        with sqlite3.connect(path) as base:
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def test_package(self, county, overlap, tmp_path):
        path = tmp_path / "审查 package.gpkg"
        outcome = overlap(county.parameters(SUMMARY=None, FINDINGS=None, REVIEW=str(path)))
        assert outcome.results["REVIEW"] == str(path)
        for layer in ("towns", "findings", "lines", "line_conflicts", "data_issues"):
            assert opened(f"{path}|layername={layer}", layer).isValid()
        again = overlap(county.parameters(SUMMARY=None, REVIEW=str(path)))
        names, rows = again.rows("FINDINGS")
        assert {row[names.index("state")] for row in rows} == {"unchanged"}


def without(found, field):
    result = {}
    for name, (names, rows) in found.items():
        keep = [index for index, other in enumerate(names) if other != field]
        shortened = [(*(row[index] for index in keep), row[-1]) for row in rows]
        result[name] = ([names[index] for index in keep], sorted(shortened, key=repr))
    return result
