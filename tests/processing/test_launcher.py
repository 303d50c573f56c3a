"""The same through tools/qgis_process: a Python host hides what QGIS's own process shows."""

import json

import geopandas
import numpy as np
import pytest


def arguments(county, **changes):
    parameters = {**county.parameters(), **changes}
    return [f"{name}={value}" for name, value in parameters.items() if value is not None]


def test_run_ends_with_zero_and_figures_equal_the_windows(own_county, overlap, qgis_process):
    towns, findings = own_county.folder / "结果 towns.gpkg", own_county.folder / "findings.shp"
    review = own_county.folder / "审查 1.gpkg"
    done = qgis_process(
        "--json", "run", "redline:overlap", "--",
        *arguments(own_county, SUMMARY=towns, FINDINGS=findings, REVIEW=review),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    here = overlap(own_county.parameters())
    for name in ("TOWN_COUNT", "FINDING_COUNT", "VIOLATION_COUNT"):
        assert results[name] == here.results[name]
    names, rows = here.rows("SUMMARY")
    frame = geopandas.read_file(towns, engine="pyogrio").sort_values("code")
    for name in ("area_m2", "eco_m2", "farm_m2", "udb_in_m2", "udb_out_m2", "shared_m2"):
        there = [np.nan if row[names.index(name)] is None else row[names.index(name)] for row in rows]
        assert frame[name].tolist() == pytest.approx(there, rel=1e-12, abs=1e-9, nan_ok=True)
    assert len(geopandas.read_file(findings, engine="pyogrio")) == len(here.rows("FINDINGS")[1])
    assert review.exists()


def test_the_projects_ellipsoid_has_no_say(own_county, qgis_process):
    areas = []
    for ellipsoid in ("EPSG:7030", "NONE"):
        out = own_county.folder / f"{ellipsoid[:4]}.gpkg"
        done = qgis_process(
            "run",
            "redline:overlap",
            f"--ellipsoid={ellipsoid}",
            "--",
            *arguments(own_county, SUMMARY=out, FINDINGS=None),
        )
        assert done.returncode == 0, done.stderr
        areas.append(geopandas.read_file(out, engine="pyogrio").sort_values("code")["area_m2"].tolist())
    assert areas[0] == areas[1]


def test_a_refusal_is_a_sentence_and_leaves_nothing(own_county, qgis_process):
    out = own_county.folder / "out.gpkg"
    done = qgis_process(
        "run", "redline:overlap", "--",
        *arguments(own_county, ECO_REDLINE=None, FARMLAND=None, URBAN_BOUNDARY=None, SUMMARY=out, FINDINGS=None),
    )  # fmt: skip
    assert done.returncode != 0
    assert "No control line is given" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert not out.exists()
