"""Real layers with reference figures computed by others (../shared/data): every figure within 1e-6 or 1 m²."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from support import MemorySource, review

from redline_review.core.inputs.files import FileSource
from redline_review.core.inputs.repair import usable_polygons
from redline_review.core.review.package import open_package


def close(found, expected):
    """Within 1e-6 relative or 1 m², whichever is more."""
    assert np.asarray(found, float) == pytest.approx(np.asarray(expected, float), rel=1e-6, abs=1.0)


def test_liechtenstein(shared_data, tmp_path):
    layers = shared_data / "liechtenstein" / "layers.gpkg"
    towns = FileSource(layers, "municipalities")
    lines = {
        "eco_redline": FileSource(layers, "protected_areas"),
        "farmland": FileSource(layers, "farmland"),
        "urban_boundary": FileSource(layers, "derived_urban_boundary"),
    }
    package = tmp_path / "liechtenstein.gpkg"
    summary, findings, outcome = review(
        towns, lines, town_id_field="name", town_name_field="name", package=package, language="en"
    )
    reference = pd.read_csv(shared_data / "liechtenstein" / "reference.csv").set_index("name").loc[summary.town_id]
    close(summary.area_m2, reference["area"])
    close(summary.eco_m2, reference["eco"])
    close(summary.farm_m2, reference["farm"])
    close(summary.udb_in_m2, reference["urban"])
    close(summary.udb_out_m2, reference["area"] - reference["urban"])
    close(summary.shared_m2, reference["eco_farm"])
    with open_package(package) as opened:
        conflicts = opened.layer("line_conflicts")
        ledger = opened.ledger()
    pairs = conflicts.groupby(["line_a", "line_b", "town_id"]).area_m2.sum()
    for (a, b), column in {
        ("eco_redline", "farmland"): "eco_farm", ("eco_redline", "urban_boundary"): "eco_urban",
        ("farmland", "urban_boundary"): "farm_urban",
    }.items():  # fmt: skip
        close([pairs.get((a, b, town), 0.0) for town in summary.town_id], reference[column])
    assert (ledger.union_m2 <= ledger.gross_m2 + 1e-6).all()
    assert (ledger.gross_m2 - ledger.union_m2).max() > 1.0  # farmland and protected areas do overlap themselves
    repaired = [issue for issue in outcome.issues if issue.code == "repaired"]
    assert {issue.layer for issue in repaired} <= {"protected_areas", "farmland", "municipalities"} and repaired
    assert findings.finding_id.is_unique


def test_trafford(shared_data):
    folder = shared_data / "trafford"

    def layer(name):
        return gpd.read_file(folder / f"{name}.geojson").to_crs(27700)

    def source(name, frame):
        return MemorySource(name, frame.geometry, {"BSM": [f"{name}{n}" for n in range(len(frame))]}, frame.crs, 50)

    wards = layer("trafford_ward_full_resolution")
    codes = {"code": list(wards["area_code"]), "ward": list(wards["area_name"])}
    towns = MemorySource("wards", wards.geometry, codes, wards.crs)
    reserves = ("trafford_sites_of_special_scientific_interest", "trafford_local_nature_reserves")
    reserves = pd.concat([layer(name) for name in reserves])
    farmland = layer("gm_agricultural_land_classification").query("grade in ('Grade 1', 'Grade 2', 'Grade 3')")
    built = layer("trafford_built_up_areas")
    lines = {"eco_redline": reserves, "farmland": farmland, "urban_boundary": built}
    lines = {name: source(name, frame) for name, frame in lines.items()}
    county = MemorySource("county", [shapely.box(*towns.bounds).buffer(100)], crs=wards.crs)
    summary, _, _ = review(towns, lines, town_name_field="ward", coverage=county)
    reference = pd.read_csv(folder / "reference_trafford_wards_27700.csv").set_index("code").loc[summary.town_id]
    for field, column in {
        "area_m2": "area_ha", "eco_m2": "eco_ha", "farm_m2": "farm_ha", "udb_in_m2": "urban_ha",
        "shared_m2": "eco_and_farm_ha",
    }.items():  # fmt: skip
        close(summary[field], reference[column] * 10_000)


def test_the_large_polygon_keeps_its_area_through_repair(shared_data):
    polygon = shapely.from_wkt((shared_data / "large_polygon" / "polygon_2056.wkt").read_text())
    usable, issues, unusable = usable_polygons(np.array([polygon]), np.array([1]), "large")
    assert shapely.area(polygon) == pytest.approx(31_243_865.277, abs=0.001)
    assert shapely.area(usable[0]) == pytest.approx(31_243_865.277, abs=0.001)
    assert shapely.is_valid(usable[0]) and [issue.code for issue in issues] == ["repaired"] and not unusable
