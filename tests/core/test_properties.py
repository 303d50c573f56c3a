"""What must hold on any input: against a plain slow computation, and however the same land is delivered."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import GAUSS_KRUGER, ORIGIN, MemorySource, review, square

from redline_review.core.analysis.area import AreaMeasure

LINES = ("eco_redline", "farmland", "urban_boundary")
EASY = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1)


def blob(rng, extent=3000.0, largest=900.0, vertices=40):
    """A star-shaped polygon of natural look."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, vertices)))
    radii = rng.uniform(50, largest) * rng.uniform(0.4, 1, len(angles))
    centre = ORIGIN + rng.uniform(0, extent, 2)
    return shapely.make_valid(
        shapely.Polygon(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])
    )


def blobs(rng, most):
    found = [blob(rng) for _ in range(rng.integers(1, most))]
    return [b for b in found if b.geom_type == "Polygon"] or [blob_of_last_resort(rng)]


def blob_of_last_resort(rng):
    return shapely.Point(ORIGIN + rng.uniform(0, 3000, 2)).buffer(500)


def county(seed, features=25):
    rng = np.random.default_rng(seed)
    return blobs(rng, 8), {line: blobs(rng, features) for line in LINES}


def totals(summary):
    """The figures that do not depend on how the line is delivered."""
    return summary[["town_id", "eco_m2", "farm_m2", "udb_in_m2", "udb_out_m2", "shared_m2"]]


def same(one, other, rel=1e-9, absolute=1e-5):
    pd.testing.assert_frame_equal(one, other, rtol=rel, atol=absolute, check_dtype=False)


@EASY
@given(seed=seeds)
def test_planar_totals_equal_a_plain_computation(seed):
    towns, lines = county(seed)
    everywhere = [shapely.box(*(ORIGIN - 9999), *(ORIGIN + 9999))]
    summary, findings, _ = review(towns, lines, coverage=everywhere)
    union = {line: shapely.union_all(geometry) for line, geometry in lines.items()}
    for row, town in zip(summary.itertuples(), towns, strict=True):
        eco, farm = town & union["eco_redline"], town & union["farmland"]
        assert row.area_m2 == pytest.approx(town.area, rel=1e-12)
        assert row.eco_m2 == pytest.approx(eco.area, rel=1e-9, abs=1e-5)
        assert row.farm_m2 == pytest.approx(farm.area, rel=1e-9, abs=1e-5)
        assert row.udb_out_m2 == pytest.approx((town - union["urban_boundary"]).area, rel=1e-9, abs=1e-5)
        assert row.udb_in_m2 + row.udb_out_m2 == pytest.approx(town.area, rel=1e-9)
        assert row.shared_m2 == pytest.approx((eco & farm).area, rel=1e-9, abs=1e-5)
    # Every finding is the town and its feature, no more and no less.
    keep_out = findings[findings.kind == "overlap"]
    for line in ("eco_redline", "farmland"):
        expected = sorted(a for t in towns for f in lines[line] if (a := (t & f).area) > 1e-3)
        found = keep_out[(keep_out.line == line) & (keep_out.area_m2 > 1e-3)]
        assert sorted(found.area_m2) == pytest.approx(expected, rel=1e-9)
        assert shapely.area(found.geometry.to_numpy()) == pytest.approx(found.area_m2.to_numpy(), rel=1e-12)


@EASY
@given(seed=seeds)
def test_official_areas_of_parts_add_up_to_the_town(seed):
    towns, lines = county(seed)
    everywhere = [shapely.box(*(ORIGIN - 9999), *(ORIGIN + 9999))]
    summary, findings, _ = review(towns, lines, coverage=everywhere, area_method="ellipsoid")
    official = AreaMeasure(GAUSS_KRUGER).of(np.array(towns))
    assert summary.area_m2.to_numpy() == pytest.approx(official, rel=1e-14)
    assert (summary.udb_in_m2 + summary.udb_out_m2).to_numpy() == pytest.approx(official, rel=1e-9)
    # The residual measured for itself, every edge split so finely that its bend no longer matters.
    union = shapely.union_all(lines["farmland"])
    for row, town in zip(summary.itertuples(), towns, strict=True):
        whole, rest = AreaMeasure(GAUSS_KRUGER).of(shapely.segmentize(np.array([town, town - union]), 1.0))
        assert row.farm_m2 + rest * row.area_m2 / whole == pytest.approx(row.area_m2, rel=1e-9)
    gross = (
        findings[findings.line == "farmland"].groupby("town_id").area_m2.sum().reindex(summary.town_id, fill_value=0)
    )
    assert (summary.farm_m2.to_numpy() <= gross.to_numpy() * (1 + 1e-9) + 1e-6).all()


@EASY
@given(seed=seeds)
def test_however_a_line_is_delivered_the_totals_are_the_same(seed):
    towns, lines = county(seed, features=12)
    rng = np.random.default_rng(seed)
    expected = totals(review(towns, lines)[0])
    box = shapely.box(*shapely.total_bounds(np.concatenate([lines[line] for line in LINES])))
    x1, y1, x2, y2 = box.bounds
    halves = shapely.box(x1, y1, (x1 + x2) / 2, y2), shapely.box((x1 + x2) / 2, y1, x2, y2)
    variants = {
        "reordered": lambda features: [features[i] for i in rng.permutation(len(features))],
        "one drawn twice": lambda features: [*features, features[0]],
        "split": lambda features: [g for f in features for half in halves if (g := f & half).area > 0],
        "dissolved": lambda features: [shapely.union_all(features)],
    }
    for name, change in variants.items():
        got = totals(review(towns, {line: change(features) for line, features in lines.items()})[0])
        same(got, expected, absolute=1e-4 if name == "split" else 1e-5)


@EASY
@given(seed=seeds)
def test_batches_threads_and_memory_change_nothing(seed):
    towns, lines = county(seed)

    def run(batch, threads, budget):
        sources = {line: MemorySource(line, geometry, size=batch) for line, geometry in lines.items()}
        summary, findings, _ = review(towns, sources, threads=threads, budget=budget, area_method="ellipsoid")
        order = findings.sort_values("finding_id").reset_index(drop=True)
        return summary.drop(columns="geometry"), order

    one = run(1, 1, 8_000_000)
    for batch, threads, budget in ((1000, 2, 8_000_000), (3, 3, 50), (7, 2, 0)):
        summary, findings = run(batch, threads, budget)
        pd.testing.assert_frame_equal(summary, one[0])
        columns = ["finding_id", "number", "severity", "area_m2", "width_m", "kind", "zone", "source_id"]
        pd.testing.assert_frame_equal(findings[columns], one[1][columns])


def test_large_polygons_are_met_piece_by_piece():
    rng = np.random.default_rng(3)
    angles = np.linspace(0, 2 * np.pi, 60_000, endpoint=False)
    radii = 8000 * (1 + 0.3 * np.sin(9 * angles) + 0.02 * rng.uniform(-1, 1, len(angles)))
    line = shapely.Polygon(ORIGIN + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])
    sites = [shapely.Point(ORIGIN + rng.uniform(-9000, 9000, 2)).buffer(rng.uniform(20, 400)) for _ in range(300)]
    summary, findings, _ = review(sites, {"eco_redline": [line]})
    expected = [(site & line).area for site in sites]
    assert summary.eco_m2.to_numpy() == pytest.approx(np.array(expected), rel=1e-9, abs=1e-5)
    assert len(findings) == sum(area > 1e-3 for area in expected)


def test_multi_covered_land_is_shown_in_the_ledger(tmp_path):
    from redline_review.core.review.package import open_package

    a, b, c = (square(x, 0, 100) for x in (0, 50, 80))
    town = shapely.box(*(ORIGIN - 50), *(ORIGIN + 500))
    package = tmp_path / "成果.gpkg"
    summary, _, _ = review([town], {"farmland": MemorySource("DLTB", [a, b, c])}, package=package)
    with open_package(package) as opened:
        row = opened.ledger().query("line == 'farmland'").iloc[0]
        assert list(opened.manifest()["transformations"]) == ["farmland"]
    assert summary.farm_m2[0] == pytest.approx(18_000)
    assert (row.gross_m2, row.union_m2, row.multi_m2) == pytest.approx((30_000, 18_000, 10_000))
    assert row.residual_m2 + row.union_m2 == pytest.approx(town.area)
