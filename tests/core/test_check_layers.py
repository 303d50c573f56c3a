"""Check of layers as a whole: coverage, what cannot be read, cancelling, and the words for all of it."""

import ast

import pytest
from checking import PROFILE, check, kinds, line_layer, only, town_layer
from support import MemorySource, square

from redline_review.core.errors import Cancelled, RedlineError
from redline_review.core.inputs.checks.layer import COVERAGE, LAND_USE, LINE, OTHER, TOWNS, CheckedLayer
from redline_review.core.inputs.checks.run import check_layers
from redline_review.core.inputs.files import FileSource
from redline_review.core.report.texts import LANGUAGES, Texts

NAMES = {"name": ["北山镇", "南河镇"]}
PAIR = [square(0, 0, 100), square(500, 0, 100)]


def coverage(*geometry, **columns):
    field = next(iter(columns), None)
    known = {"farmland": "farmland", "": ""}
    return CheckedLayer(
        MemorySource("cover", geometry, columns), COVERAGE, overlaps=False, code_field=field, speaks_of=known
    )


def unreached(*layers):
    found = check(*layers, towns=town_layer(*PAIR, **NAMES))
    return [(i.code, i.severity, i.feature, round(i.details["covered_pct"])) for i in found.issues]


def test_towns_that_the_extent_does_not_reach():
    corners = [square(-10, -10, 10), square(140, 140, 10)]
    assert unreached(line_layer(*corners)) == [("check_town_beyond", "error", "南河镇", 0)]
    corners[1] = square(550, 140, 10)
    assert unreached(line_layer(*corners)) == [("check_town_beyond", "warning", "南河镇", 60)]
    corners[1] = square(700, 140, 10)
    assert unreached(line_layer(*corners)) == []


def test_towns_that_the_declared_coverage_does_not_reach():
    line = line_layer(square(0, 0, 10))
    assert unreached(line, coverage(square(-10, -10, 1000))) == []
    half = coverage(square(-10, -10, 60, 500), square(400, -10, 300))
    assert unreached(line, half) == [("check_town_uncovered", "warning", "北山镇", 50)]


def test_coverage_speaks_of_lines():
    line, other = line_layer(square(0, 0, 10)), line_layer(square(20, 20, 10), name="eco", line="eco_redline")
    whole = coverage(square(-10, -10, 1000), kind=["farmland"])
    told = unreached(line, other, whole)
    assert {code for code, *_ in told} == {"check_town_beyond"} and len(told) == 2


def test_layers_that_cannot_be_read_do_not_cost_the_others():
    class Broken(MemorySource):
        def batches(self, columns=(), bbox=None, size=None):
            yield from super().batches(columns)
            raise RedlineError("cannot_read", layer=self.name, path="x", reason="disk")

    points = MemorySource("points", [square(0, 0, 10)])
    points.geometry_kind = "point"
    layers = [CheckedLayer(source) for source in (Broken("broken", [square(0, 0, 10)] * 2), MemorySource("none", []))]
    found = check(*layers, CheckedLayer(points, OTHER), line_layer(square(0, 0, 2000), square(0, 0, 9)))
    assert kinds(found) == {
        "cannot_read": 1, "empty_layer": 1, "not_polygons": 1, "check_overlap": 1,
    }  # fmt: skip
    assert dict(found.layers) == {"towns": 1, "broken": 0, "none": 0, "points": 0, "farm": 2}
    for language in LANGUAGES:
        assert all("{" not in Texts(language).issue(issue) for issue in found.issues)


def test_cancelled():
    rows = 0

    def cancelled():
        nonlocal rows
        rows += 1
        return rows > 4

    with pytest.raises(Cancelled):
        check(line_layer(*[square(20 * n, 0, 10) for n in range(60)]), cancelled=cancelled)


def test_progress_goes_forward():
    steps = []
    check(line_layer(square(0, 0, 2000), square(1, 1, 5)), progress=lambda percent, code: steps.append((percent, code)))
    assert [percent for percent, _ in steps] == sorted(percent for percent, _ in steps)
    assert steps[0][0] == 0 and steps[-1][0] == 100
    assert {code for _, code in steps} == {"check_reading", "check_overlaps", "check_towns"}


def test_every_kind_has_its_words(root):
    codes = {
        node.value
        for path in (root / "core" / "inputs" / "checks").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("check_")
    }
    assert len(codes) > 45
    steps = {"check_reading", "check_overlaps", "check_towns"}
    for language in LANGUAGES:
        texts = Texts(language)
        assert codes <= set(texts.words("messages"))
        for words in ("check_kind", "check_advice"):
            assert codes - steps == set(texts.words(words)) - {"other"}, words


def test_faults_of_the_sample_county(root):
    """Those that its README tells of, and no others in what is in order."""
    path = root / "resources" / "sample" / "qinghe.gpkg"
    lines = (("STBHHX", "eco_redline"), ("YJJBNTTB", "farmland"), ("CZKFBJ", "urban_boundary"))
    layers = [CheckedLayer(FileSource(path, "TSXZ_GHFW"), TOWNS, id_field="XZBH", name_field="XZMC")]
    layers += [CheckedLayer(FileSource(path, name), LINE, line, line) for name, line in lines]
    layers += [CheckedLayer(FileSource(path, name), LAND_USE) for name in ("DLTB", "GHYD", "DLTB_QQ")]
    layers.append(CheckedLayer(FileSource(path, "JZW")))
    cover = FileSource(path, "COVERAGE")
    speaks_of = {line: line for _, line in lines}
    layers.append(CheckedLayer(cover, COVERAGE, code_field="line", overlaps=False, speaks_of=speaks_of))
    found = check_layers(layers, PROFILE, threads=2)
    assert {code for layer, code, _ in found.counts if layer != "YJJBNTTB"} == {"check_lines_overlap", "check_spike"}
    told = kinds(found, "YJJBNTTB")
    assert (told["check_duplicate"], told["check_self_crossing"], told["check_overlap"]) == (1, 1, 2)
    assert [(one.feature, round(one.details["covered_pct"])) for one in only(found, "check_town_uncovered")] == [
        ("北岭林海小镇", 0), ("红旗矿山装备小镇", 37),
    ]  # fmt: skip


def test_shapefile_in_gbk_without_cpg(shared_data):
    """The counties of Jilin as delivered: garbled unless read as GBK."""
    path = next((shared_data / "jilin_gbk").glob("*.shp"))
    for encoding, garbled in (("ISO-8859-1", True), ("GBK", False)):
        source = FileSource(path, encoding=encoding)
        found = check_layers([CheckedLayer(source, "towns")], PROFILE, threads=2)
        told = [issue.details for issue in only(found, "check_garbled")]
        assert bool(told) == garbled
        assert all(details["encoding"] == "GBK" for details in told)
        if garbled:
            assert "check_garbled_fields" in kinds(found)
