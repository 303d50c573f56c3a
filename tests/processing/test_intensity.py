"""redline:intensity and redline:review through the registry: contract, sources as QGIS has them, destinations."""

import sqlite3

import geopandas
import numpy as np
import pytest
import rasterio
from qgis.core import NULL, QgsApplication, QgsFeatureRequest, QgsProcessingException, QgsRasterLayer, QgsVectorLayer
from support import square

INTENSITY = {
    "TOWNS": "source", "LAND_USE": "source", "LAND_USE_CODE_FIELD": "field", "CLASS_SYSTEM": "enum",
    "PLANNED_LAND_USE": "source", "PLANNED_CODE_FIELD": "field", "PLANNED_CLASS_SYSTEM": "enum",
    "LAND_COVER": "raster", "LEGEND": "enum", "BUILDINGS": "source", "FLOORS_FIELD": "field", "HEIGHT_FIELD": "field",
    "FIGURES": "vector", "KIND_FIELD": "field", "RESIDENTS_FIELD": "field", "JOBS_FIELD": "field", "GDP_FIELD": "field",
    "TAX_FIELD": "field", "INVESTMENT_FIELD": "field", "GREEN_PCT_FIELD": "field", "MONEY_UNIT": "enum",
}  # fmt: skip
EAST, NORTH = 42_500_000, 4_850_000
CONTRACT = [
    "town_id", "town_name", "area_m2", "construction_m2", "construction_pct", "residential_pct", "cropland_pct",
    "land_use_degree", "land_use_mix", "land_use_covered_pct", "planned_construction_m2", "planned_land_use_degree",
    "cover_construction_m2", "cover_construction_pct", "cover_degree", "cover_covered_pct", "footprint_m2",
    "coverage_pct", "floor_area_m2", "far", "construction_m2_per_resident", "gdp_per_km2", "tax_per_mu",
    "investment_per_mu", "jobs_per_km2",
]  # fmt: skip


@pytest.fixture(scope="module")
def sources(county):
    """Land use, buildings, a raster and tables for the four towns."""
    half = [(square(x, 0, 1000, 500), "0701") for x in (0, 2000)] + [
        (square(x, 500, 1000, 500), "0103") for x in (0, 2000)
    ]
    geometry, codes = zip(*half, strict=True)
    county.write("dltb", geometry, {"DLBM": codes, "DLMC": ["住宅", "住宅", "旱地", "旱地"]})
    county.write("jzw", [square(10, 10, 100), square(2010, 10, 100)], {"CS": ["5", "0"], "GD": [16.0, 9.0]})
    county.write("ghyd", [square(0, 0, 1000)], {"YDYHFLDM": ["0703"]})
    cells = np.full((110, 700), 40, dtype=np.uint8)
    cells[60:, :] = 50
    place = rasterio.transform.from_origin(EAST, NORTH + 1100, 10, 10)
    with rasterio.open(
        county.folder / "cover.tif", "w", driver="GTiff", height=110, width=700, count=1, dtype="uint8", nodata=0,
        crs="EPSG:4530", transform=place,
    ) as file:  # fmt: skip
        file.write(cells, 1)
    table = '小镇编号,常住人口（人）,地区生产总值（万元）\nT1,5000,"30,000"\nT2,没有,2000\nT9,1,1\n'
    (county.folder / "指标.csv").write_bytes(table.encode("gb18030"))
    (county.folder / "清单.csv").write_text("名称,批次,状态\n北山镇,第一批,清单内\n", encoding="utf-8-sig")

    def parameters(**changes):
        return {
            "TOWNS": str(county.folder / "towns.gpkg"), "TOWN_ID_FIELD": "code", "TOWN_NAME_FIELD": "name",
            "LAND_USE": str(county.folder / "dltb.gpkg"), "CLASS_SYSTEM": 1, "AREA_METHOD": 1, "OUTPUT": "memory:",
            **changes,
        }  # fmt: skip

    return parameters


def table(outcome, name="OUTPUT", key="town_id"):
    layer = outcome.layer(name)
    names = [field.name() for field in layer.fields()]
    return {row[key]: {one: None if row[one] == NULL else row[one] for one in names} for row in layer.getFeatures()}


def test_contract(redline):
    registry = QgsApplication.processingRegistry()
    intensity, review = (registry.createAlgorithmById(f"redline:{name}") for name in ("intensity", "review"))
    assert {name: intensity.parameterDefinition(name).type() for name in INTENSITY} == INTENSITY
    overlap = registry.createAlgorithmById("redline:overlap")
    own = {p.name(): p.type() for p in (*overlap.parameterDefinitions(), *intensity.parameterDefinitions())}
    outputs = {"SUMMARY", "FINDINGS", "OUTPUT", "INDICATORS", "LAND_USE_TABLE", "TOWN_RULES"}
    of_review = {p.name(): p.type() for p in review.parameterDefinitions()}
    assert of_review.pop("CHECK_DATA") == "boolean"
    assert of_review == {name: kind for name, kind in own.items() if name not in outputs}
    assert {"TOWN_COUNT", "FINDING_COUNT", "VIOLATION_COUNT"} <= {out.name() for out in review.outputDefinitions()}


def test_indicators(run, sources):
    outcome = run("intensity", sources())
    layer = outcome.layer("OUTPUT")
    names = [field.name() for field in layer.fields()]
    assert names[:4] == ["code", "name", "src_area_m2", "batch"] and set(CONTRACT) <= set(names)
    towns = table(outcome)
    assert towns["T1"]["construction_m2"] == pytest.approx(500_000)
    assert towns["T1"]["residential_pct"] == pytest.approx(100)
    assert towns["T3"]["land_use_covered_pct"] == 0 and towns["T3"]["construction_m2"] is None
    assert outcome.results["TOWN_COUNT"] == 4


def test_all_sources_and_tables(run, sources, county, tmp_path):
    changes = {
        "PLANNED_LAND_USE": str(county.folder / "ghyd.gpkg"), "PLANNED_CLASS_SYSTEM": 2,
        "LAND_COVER": str(county.folder / "cover.tif"), "BUILDINGS": str(county.folder / "jzw.gpkg"),
        "FLOORS_FIELD": "CS", "HEIGHT_FIELD": "GD", "FIGURES": str(county.folder / "指标.csv"),
        "TOWN_LIST": str(county.folder / "清单.csv"), "OUTPUT": str(tmp_path / "强度.gpkg"),
        "INDICATORS": str(tmp_path / "indicators.csv"), "LAND_USE_TABLE": "memory:",
        "TOWN_RULES": str(tmp_path / "rules.xlsx"),
    }  # fmt: skip
    outcome = run("intensity", sources(**changes))
    one = table(outcome)["T1"]
    assert one["cover_construction_m2"] == pytest.approx(500_000)
    assert one["far"] == pytest.approx(0.05) and one["planned_residential_pct"] == pytest.approx(100)
    assert one["construction_m2_per_resident"] == pytest.approx(100) and one["gdp"] == pytest.approx(3e8)
    assert one["list_status"] == "listed" and one["list_batch"] == "第一批"
    assert table(outcome)["T2"]["residents"] is None and table(outcome)["T2"]["list_status"] == "not_listed"
    said = "\n".join(outcome.said.warnings)
    assert "没有" in said and "T9" in said and '"0"' in said.replace("“", '"').replace("”", '"')
    indicators = geopandas.read_file(tmp_path / "indicators.csv", engine="pyogrio")
    assert {"T1", "T2", "T3", "T4"} == set(indicators.town_id) and "reason" in indicators
    rules = geopandas.read_file(tmp_path / "rules.xlsx", engine="pyogrio")
    assert set(rules.result) <= {"meets", "watch", "no_data"} and len(rules)
    assert not outcome.layer("LAND_USE_TABLE").isSpatial()
    areas = sum(row["area_m2"] for row in outcome.layer("LAND_USE_TABLE").getFeatures() if row["period"] == "existing")
    assert areas == pytest.approx(3_350_000)


def test_a_filtered_layer_and_one_in_memory_give_the_same(run, sources, county):
    layer = QgsVectorLayer(str(county.folder / "dltb.gpkg"), "dltb", "ogr")
    memory = layer.materialize(QgsFeatureRequest())
    first = table(run("intensity", sources()))
    assert table(run("intensity", sources(LAND_USE=memory))) == first
    layer.setSubsetString("\"DLBM\" = '0701'")
    filtered = table(run("intensity", sources(LAND_USE=layer)))
    assert filtered["T1"]["land_use_covered_pct"] == pytest.approx(50)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"LAND_USE": None}, "Nothing to measure by"),
        ({"CLASS_SYSTEM": 0}, "both know them"),
        ({"LAND_USE_CODE_FIELD": "DLMC"}, "not in the class system"),
        ({"OUTPUT": "{folder}/out.shp"}, "GeoPackage"),
        ({"GDP_FIELD": "batch"}, "without its unit"),
        ({"RESIDENTS_FIELD": "nobody"}, "nobody"),
        ({"LAND_COVER": "{folder}/cover.tif", "LEGEND": 2}, "does not fit"),
        ({"LAND_COVER": "{folder}/cover.tif", "LEGEND": 4}, "“own”"),
        ({"LAND_COVER": "{folder}/far.tif"}, "does not reach any"),
        ({"LAND_COVER": "{folder}/bare.tif"}, "no coordinate reference system"),
        ({"LAND_COVER": "{folder}/heights.tif"}, "no raster of classes"),
        ({"FIGURES": "{folder}/other.csv"}, "No column of the table"),
        ({"BUILDINGS": "{folder}/points.gpkg"}, "point"),
        ({"LAND_COVER": "{folder}/cover.tif", "OUTPUT": "{folder}/cover.tif"}, "would overwrite the input"),
        ({"OUTPUT": "{folder}/out.csv"}, "cannot hold"),
    ],
)
def test_bad_input_is_explained(run, sources, county, changes, said):
    folder = county.folder
    _write(folder / "far.tif", np.full((9, 9), 40, np.uint8), (EAST + 9e5, NORTH))
    _write(folder / "bare.tif", np.full((9, 9), 40, np.uint8), (EAST, NORTH), crs=None)
    _write(folder / "heights.tif", np.full((90, 90), 212.5, np.float32), (EAST, NORTH + 800))
    (folder / "other.csv").write_text("镇,常住人口\n某镇,1\n", encoding="utf-8")
    county.write("points", [square(0, 0, 1).centroid])
    changes = {key: value.format(folder=folder) if isinstance(value, str) else value for key, value in changes.items()}
    with pytest.raises(QgsProcessingException, match=said):
        run("intensity", sources(**changes))


def test_a_delimited_text_layer_is_not_written_over(run, sources, county):
    path = county.folder / "delimited.csv"
    path.write_text("小镇编号,常住人口\nT1,5\n", encoding="utf-8")
    layer = QgsVectorLayer(f"file://{path}?delimiter=,&type=csv", "delimited", "delimitedtext")
    assert layer.isValid()
    with pytest.raises(QgsProcessingException, match="would overwrite the input"):
        run("intensity", sources(FIGURES=layer, INDICATORS=str(path)))
    assert table(run("intensity", sources(FIGURES=layer)))["T1"]["residents"] == 5


def _write(path, cells, corner, crs="EPSG:4530"):
    place = rasterio.transform.from_origin(*corner, 10, 10)
    height, width = cells.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=cells.dtype, crs=crs, transform=place
    ) as file:
        file.write(cells, 1)


def test_a_raster_has_the_crs_it_has_in_qgis(run, sources, county):
    _write(county.folder / "bare.tif", np.full((200, 200), 50, np.uint8), (EAST, NORTH + 1500), crs=None)
    layer = QgsRasterLayer(str(county.folder / "bare.tif"), "cover")
    layer.setCrs(QgsVectorLayer(str(county.folder / "towns.gpkg"), "towns", "ogr").crs())
    towns = table(run("intensity", sources(LAND_COVER=layer)))
    assert towns["T1"]["cover_construction_pct"] == pytest.approx(100)


def test_a_review_of_everything(run, sources, county, tmp_path):
    package = tmp_path / "review.gpkg"
    lines = {key: value for key, value in county.parameters().items() if key not in ("SUMMARY", "FINDINGS")}
    outcome = run("review", {**sources(), **lines, "REVIEW": str(package)})
    assert outcome.results["REVIEW"] == str(package) and outcome.results["FINDING_COUNT"] > 0
    with sqlite3.connect(package) as file:
        tables = {name for (name,) in file.execute("SELECT table_name FROM gpkg_contents")}
        assert {"intensity", "indicators", "land_use", "town_rules", "findings", "towns", "ledger"} <= tables
        areas = (
            "SELECT f.area_m2, sum(l.area_m2) FROM findings f JOIN land_use l USING (finding_id) GROUP BY finding_id"
        )
        rows = file.execute(areas).fetchall()
        (findings,) = file.execute("SELECT count(*) FROM findings").fetchone()
    assert len(rows) == findings and all(a == pytest.approx(b, abs=1e-6) for a, b in rows)


def test_a_review_does_what_its_inputs_allow(run, sources, tmp_path):
    package = tmp_path / "review.gpkg"
    outcome = run("review", {**sources(), "REVIEW": str(package)})
    with sqlite3.connect(package) as file:
        verdicts = dict(file.execute("SELECT town_id, verdict FROM towns"))
        unchecked = {row[0] for row in file.execute("SELECT unchecked FROM towns")}
        (count,) = file.execute("SELECT count(*) FROM intensity").fetchone()
    assert set(verdicts.values()) == {"not_checked"} and count == 4
    assert unchecked == {"eco_redline,farmland,urban_boundary"}
    assert outcome.results["FINDING_COUNT"] == 0
    # Run again with the lines only: what the first run measured is not left over as if it were of this one.
    lines = {"ECO_REDLINE": str(tmp_path / "none.gpkg")}
    geopandas.GeoDataFrame(geometry=[square(0, 0, 9)], crs="EPSG:4530").to_file(lines["ECO_REDLINE"])
    towns = {key: value for key, value in sources().items() if key.startswith("TOWN")}
    run("overlap", {**towns, **lines, "REVIEW": str(package)})
    with sqlite3.connect(package) as file:
        assert "intensity" not in {name for (name,) in file.execute("SELECT table_name FROM gpkg_contents")}


def test_qgis_process_runs_it_and_ends_well(qgis_process, sources, tmp_path):
    arguments = {**sources(), "OUTPUT": str(tmp_path / "intensity.gpkg")}
    done = qgis_process("run", "redline:intensity", "--", *(f"{key}={value}" for key, value in arguments.items()))
    assert done.returncode == 0, done.stderr
    assert len(geopandas.read_file(tmp_path / "intensity.gpkg")) == 4
