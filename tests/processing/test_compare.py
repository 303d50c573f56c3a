"""redline:compare through the registry: contract, results, destinations, and what bad input gets."""

import geopandas
import pytest
from qgis.core import (
    NULL,
    QgsApplication,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)
from support import square

from redline_review.core.review.compare import CHANGES, LAYER, TABLE


@pytest.fixture(scope="module", autouse=True)
def registered(redline):
    """The provider with the algorithm, whether it registers it by itself or not."""
    from redline_review.processing.compare import CompareAlgorithm

    if redline.algorithm("compare") is None:
        redline.addAlgorithm(CompareAlgorithm())


@pytest.fixture
def reviews(run, county, tmp_path):
    """Packages of two deliveries: one patch of farmland less, one wider, and one that is new."""
    later = [square(500, 500, 350, 300), square(2990, 0, 300, 1000), square(4000, 0, 100)]
    county.write("farm2", later, {"BSM": ["A", "B", "C"]})
    county.write("whole", [square(-9000, -9000, 30_000)])
    changes = {"SUMMARY": None, "FINDINGS": None, "COVERAGE": str(county.folder / "whole.gpkg"), "AREA_METHOD": 1}
    packages = tmp_path / "一审.gpkg", tmp_path / "二审 2.gpkg"
    for package, farm in zip(packages, ("farm", "farm2"), strict=True):
        farmland = str(county.folder / f"{farm}.gpkg")
        run("overlap", county.parameters(**changes, FARMLAND=farmland, REVIEW=str(package)))
    return packages


def compared(run, reviews, feedback=None, **changes):
    parameters = {"OLD": str(reviews[0]), "NEW": str(reviews[1]), "OUTPUT": "memory:", "TABLE": "memory:", **changes}
    return run("compare", parameters, feedback)


def test_contract(redline):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redline:compare")
    kinds = {"OLD": "file", "NEW": "file", "OUTPUT": "vectorDestination", "TABLE": "vectorDestination"}
    assert {parameter.name(): parameter.type() for parameter in algorithm.parameterDefinitions()} == kinds
    optional = QgsProcessingParameterDefinition.Flag.FlagOptional
    needed = [name for name in kinds if not algorithm.parameterDefinition(name).flags() & optional]
    assert needed == ["OLD", "NEW", "OUTPUT"] and not algorithm.parameterDefinition("TABLE").createByDefault()
    outputs = {output.name() for output in algorithm.outputDefinitions()}
    assert outputs == {"OUTPUT", "TABLE", "NEW_COUNT", "GONE_COUNT", "CHANGED_COUNT"}
    assert all(parameter.help() for parameter in algorithm.parameterDefinitions()) and algorithm.shortHelpString()
    assert "对比" in algorithm.tags() and algorithm.groupId() == "review"


def test_layer_table_and_counts(run, reviews):
    outcome = compared(run, reviews)
    layer, table = outcome.layer("OUTPUT"), outcome.layer("TABLE")
    assert layer.fields().names() == [field.name for field in LAYER] and layer.crs().authid() == "EPSG:4530"
    assert table.fields().names() == [field.name for field in TABLE] and not table.isSpatial()
    farm = {row["finding_id"]: row for row in layer.getFeatures() if row["line"] == "farmland"}
    assert {key: row["change"] for key, row in farm.items()} == {
        "T1/farmland/A": "grown", "T1/farmland/F2": "gone", "T2/farmland/B": "unchanged", "T3/farmland/C": "new",
    }  # fmt: skip
    grown = farm["T1/farmland/A"]
    assert grown["old_finding_id"] == "T1/farmland/F1" and grown["won_m2"] == pytest.approx(15_000)
    assert farm["T1/farmland/F2"].geometry().area() == pytest.approx(90_000)
    assert farm["T3/farmland/C"]["old_severity"] == NULL and farm["T3/farmland/C"]["old_m2"] == 0
    counts = [outcome.results[name] for name in ("NEW_COUNT", "GONE_COUNT", "CHANGED_COUNT")]
    assert counts == [1, 1, 1] and outcome.said.warnings == []
    rows = {(row["town_id"], row["line"]): row for row in table.getFeatures()}
    assert len(rows) == 4 * 4
    one = rows["T1", "farmland"]  # two patches over each other before, one larger now
    assert (one["old_m2"], one["new_m2"]) == pytest.approx((140_000, 105_000))
    assert one["old_m2"] - one["lost_m2"] == pytest.approx(one["new_m2"] - one["won_m2"]) == pytest.approx(100_000)
    assert rows["T3", "farmland"]["old_check"] == "clear" and rows["T3", "farmland"]["new_check"] == "hit"
    assert sum(rows[town, ""][f"{change}_n"] for town in ("T1", "T2", "T3", "T4") for change in CHANGES) == len(layer)


def test_files(run, reviews, tmp_path):
    target, rows = tmp_path / "变化.gpkg", tmp_path / "表.xlsx"
    compared(run, reviews, OUTPUT=str(target), TABLE=str(rows))
    layer, table = (geopandas.read_file(path, engine="pyogrio") for path in (target, rows))
    assert sorted(layer["change"].unique()) == ["gone", "grown", "new", "unchanged"]
    assert layer.geometry.notna().all() and layer.crs.to_epsg() == 4530
    assert [*table] == [field.name for field in TABLE] and len(table) == 16
    before = [path.read_bytes() for path in reviews]
    outcome = compared(run, reviews, TABLE=None, OUTPUT=f'ogr:dbname="{target}" table="again" (geom)')
    assert "TABLE" not in outcome.results
    assert len(geopandas.read_file(target, layer="again", engine="pyogrio")) == len(layer)
    assert [path.read_bytes() for path in reviews] == before  # only read


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"OLD": "{folder}/nothing.gpkg"}, "no file"),
        ({"NEW": "{county}/towns.gpkg"}, "no review package"),
        ({"OUTPUT": "{folder}/out.shp"}, "GeoPackage"),
        ({"TABLE": "{folder}/out.dbf"}, "GeoPackage"),
        ({"OUTPUT": "{folder}/out.gpkg", "TABLE": "{folder}/out.gpkg"}, "same file"),
        ({"OUTPUT": "{folder}/一审.gpkg"}, "is a review package"),
        ({"TABLE": "{folder}/out.nonsense"}, "nonsense"),
    ],
)
def test_bad_input_is_explained(run, reviews, county, tmp_path, changes, said):
    changes = {key: value.format(folder=tmp_path, county=county.folder) for key, value in changes.items()}
    with pytest.raises(QgsProcessingException, match=said):
        compared(run, reviews, **changes)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in reviews)


def test_cancelled(run, reviews, tmp_path):
    feedback = QgsProcessingFeedback(False)
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        compared(run, reviews, feedback, OUTPUT=str(tmp_path / "out.gpkg"))
    assert not (tmp_path / "out.gpkg").exists()
