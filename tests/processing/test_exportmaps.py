"""Map sheets through the registry: in every format, and where something is in their way."""

import os
import re
import subprocess

import numpy as np
import pytest
import shapely
from map_sheets import FACE, needs_poppler, sheets, text_of
from packages import box, findings, review
from qgis.core import QgsFeedback, QgsProcessingException, QgsProcessingFeedback
from sample_review import decide_some, sample_review

from redline_review.core.errors import Cancelled
from redline_review.core.report.content import Content
from redline_review.core.report.sheets.tables import table_rows
from redline_review.core.review.package import open_package
from redline_review.processing.maps.export import PDF, PNG, Way, export
from redline_review.processing.maps.sheet import TEMPLATES


@pytest.fixture
def package(tmp_path):
    return sample_review(tmp_path)


@needs_poppler
@pytest.mark.parametrize("language", [0, 1])
def test_one_pdf_says_what_the_package_says(run, package, tmp_path, language):
    decide_some(package)
    given = {"PACKAGE": str(package), "LANGUAGE": language, "UNIT_NAME": "清河县自然资源局"}
    outcome = run("exportmaps", {**given, "FOLDER": str(tmp_path / "图")})
    pdf = tmp_path / "图" / "maps.pdf"
    said = text_of(pdf)
    content = Content(package, ("zh_CN", "en")[language])
    assert outcome.results["PAGE_COUNT"] == said.count("\f") >= content.count + 1
    flat = re.sub(r"\s", "", said)
    for row in range(content.count):
        town = content.town(row)
        assert re.sub(r"\s", "", town.conclusion) in flat
        for cells in table_rows(content, town):
            assert cells[0] in said and cells[3] in said and cells[4] in said
    assert "清河县自然资源局" in said and content.facts["run_id"] in said
    assert outcome.said.warnings == []  # all texts have room, no face is missing
    fonts = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(re.search(r"\byes\s+(yes|no)\s+yes\b", font) for font in fonts)  # embedded, and to Unicode


def test_a_file_for_each_town_in_other_formats(run, package, tmp_path):
    given = {"PACKAGE": str(package), "TOWN_IDS": "QH02，QH09", "OVERVIEW": False, "FOLDER": str(tmp_path)}
    for kind, suffix in ((1, "pdf"), (2, "png"), (3, "svg")):
        run("exportmaps", {**given, "FORMAT": kind, "DPI": 60})
        assert {path.name for path in tmp_path.glob(f"*.{suffix}")} == {f"QH02.{suffix}", f"QH09.{suffix}"}
    svg = (tmp_path / "QH02.svg").read_text(encoding="utf-8")
    assert "<text" in svg and f'font-family="{FACE.family}"' in svg
    run("exportmaps", {**given, "FORMAT": 3, "OUTLINES": True})
    assert "<text" not in (tmp_path / "QH02.svg").read_text(encoding="utf-8")


@needs_poppler
def test_a_town_with_thousands_of_findings_goes_on_on_further_pages(tmp_path):
    path = tmp_path / "viele.gpkg"
    rows = [("A", "farmland", f"F{n}", box(20 * (n % 50), 20 * (n // 50), 15)) for n in range(2500)]
    review(path, findings([*rows, ("B", "farmland", "F", box(20_000, 0, 100))]))
    with sheets(path) as atlas:
        made = export(atlas.jobs([0, 1], False), tmp_path, Way(PDF), QgsFeedback())
    said = text_of(tmp_path / "maps.pdf")
    assert made.pages == said.count("\f") > 10 and made.tight == []
    with open_package(path) as opened:
        numbers = opened.findings()["number"]
    assert all(str(number).removeprefix("A-") in said for number in numbers)


@needs_poppler
@pytest.mark.parametrize("of_what", [1, 2])
def test_boundary_points_are_listed_on_request(run, package, tmp_path, of_what):
    given = {"PACKAGE": str(package), "TOWN_IDS": "QH06", "OVERVIEW": False, "FOLDER": str(tmp_path / "out")}
    run("exportmaps", {**given, "BOUNDARY_POINTS": of_what, "LANGUAGE": 0})
    said = text_of(tmp_path / "out" / "maps.pdf")
    browsed = Content(package, "zh_CN").browsed
    found = browsed.findings
    own = ((found["town_id"] == "QH06") & (found["severity"] != "below_tolerance")).to_numpy(bool)
    town = browsed.town_fids[(browsed.towns["town_id"] == "QH06").to_numpy(bool)]
    layer, fids = ("towns", town) if of_what == 1 else ("findings", browsed.fids[own])
    with open_package(package) as opened:
        shapes = [opened.shape(layer, int(fid)) for fid in fids]
    assert len(shapes) == (1 if of_what == 1 else 6)
    points = np.concatenate([shapely.get_coordinates(shape) for shape in shapes])
    assert "界址点坐标表" in said and all(f"{y:.3f}" in said and f"{x:.3f}" in said for x, y in points)
    with pytest.raises(QgsProcessingException, match="Confidential"):
        run("exportmaps", {**given, "BOUNDARY_POINTS": of_what, "CONFIDENTIAL": True})


def test_what_a_template_lacks_is_named_and_what_is_none_is_refused(run, package, tmp_path):
    own = tmp_path / "院标.qpt"
    own.write_text((TEMPLATES / "landscape.qpt").read_text(encoding="utf-8").replace('id="inset"', 'id="other"'),
                   encoding="utf-8")  # fmt: skip
    given = {"PACKAGE": str(package), "TOWN_IDS": "QH02", "OVERVIEW": False, "FOLDER": str(tmp_path / "out")}
    outcome = run("exportmaps", {**given, "TEMPLATE": str(own)})
    assert any("inset" in said for said in outcome.said.warnings) and outcome.results["PAGE_COUNT"] == 1
    for content in ("kein Layout", "<Layout></Layout>"):
        own.write_text(content, encoding="utf-8")
        with pytest.raises(QgsProcessingException, match=r"院标\.qpt"):
            run("exportmaps", {**given, "TEMPLATE": str(own)})


def test_unknown_towns_and_damaged_packages_are_refused(run, package, tmp_path):
    given = {"PACKAGE": str(package), "FOLDER": str(tmp_path / "out")}
    with pytest.raises(QgsProcessingException, match="nowhere"):
        run("exportmaps", {**given, "TOWN_IDS": "QH01 nowhere"})
    damaged = tmp_path / "x.gpkg"
    damaged.write_bytes(package.read_bytes()[:50_000])
    with pytest.raises(QgsProcessingException, match=r"x\.gpkg"):
        run("exportmaps", {**given, "PACKAGE": str(damaged)})


def test_confidential_sheets_hide_nothing(run, package, tmp_path):
    given = {"PACKAGE": str(package), "TOWN_IDS": "QH01", "CONFIDENTIAL": True, "FOLDER": str(tmp_path / "out")}
    for kind in (1, 3):
        run("exportmaps", {**given, "FORMAT": kind})
    for path in (tmp_path / "out").iterdir():
        content = path.read_bytes()
        for secret in (b"42500000", str(tmp_path).encode(), b"qinghe", b"/VP", b"Measure", os.environ.get(
                "USER", "nobody-of-that-name").encode() + b"@"):  # fmt: skip
            assert secret not in content, (path.name, secret)


def test_only_towns_with_findings(run, package, tmp_path):
    content = Content(package, "en")
    run("exportmaps", {"PACKAGE": str(package), "ONLY_FINDINGS": True, "OVERVIEW": False, "FORMAT": 3,
                       "FOLDER": str(tmp_path / "out")})  # fmt: skip
    names = {path.stem for path in (tmp_path / "out").glob("*.svg")}
    with_findings = set(content.browsed.towns["town_id"].iloc[content.rows(only_findings=True)])
    assert with_findings <= names and not names & (set(content.browsed.towns["town_id"]) - with_findings)


def test_a_sheet_that_fails_is_told_and_the_others_are_made(package, tmp_path):
    with sheets(package) as atlas:
        jobs = atlas.jobs([0, 1, 2], False)
        broken = type(jobs[1])(jobs[1].name, jobs[1].title, lambda: 1 / 0)
        made = export([jobs[0], broken, jobs[2]], tmp_path, Way(PNG, dpi=50), QgsFeedback())
        assert [title for title, _ in made.failed] == [jobs[1].title] and "ZeroDivision" in made.failed[0][1]
        assert not (tmp_path / "QH02.png").exists() and {"QH01.png", "QH03.png"} <= {p.name for p in made.files}
        assert made.left == []
        earlier = tmp_path / "QH02.png"
        earlier.write_bytes(b"of an earlier export")
        again = export([broken], tmp_path, Way(PNG, dpi=50), QgsFeedback())
        assert again.left == [earlier] and earlier.exists()
        whole = export([broken, jobs[2]], tmp_path, Way(PDF), QgsFeedback())
        assert whole.pages >= 1 and len(whole.failed) == 1 and (tmp_path / "maps.pdf").exists()


@pytest.mark.parametrize(("kind", "suffix"), [(2, "png"), (3, "svg")])
def test_pages_that_a_sheet_no_longer_has_do_not_stay(run, tmp_path, kind, suffix):
    """Ten pages become two: what we wrote goes, what somebody has changed or made stays and is named."""
    out, path = tmp_path / "图", tmp_path / "r.gpkg"
    given = {"PACKAGE": str(path), "OVERVIEW": False, "FORMAT": kind, "DPI": 50, "FOLDER": str(out), "PAPER": 0}

    def export_of(count):
        rows = [("A", "farmland", f"F{n}", box(20 * (n % 50), 20 * (n // 50), 15)) for n in range(count)]
        review(path, findings([*rows, ("B", "farmland", "F", box(20_000, 0, 100))]))
        outcome = run("exportmaps", given)
        return {file.name for file in out.iterdir()}, outcome

    many, outcome = export_of(600)
    assert len(many) > 5 and outcome.said.warnings == []
    (out / f"A_3.{suffix}").write_bytes((out / f"A_3.{suffix}").read_bytes() + b"remark of the planner")
    (out / f"A_99.{suffix}").write_text("a photo")
    (out / f"C_5.{suffix}").write_text("of another town")
    few, outcome = export_of(1)
    own = {f"A.{suffix}", f"B.{suffix}"}
    assert few == own | {f"A_3.{suffix}", f"A_99.{suffix}", f"C_5.{suffix}"}
    removed = many - own - {f"A_3.{suffix}"}
    (gone,) = [said for said in outcome.said.infos if "taken away" in said]
    assert all(name in gone for name in removed)
    (warned,) = outcome.said.warnings
    assert f"A_3.{suffix}" in warned and f"A_99.{suffix}" in warned and "C_5" not in warned


@pytest.mark.parametrize("kind", [PDF, PNG])
def test_cancelled_between_two_sheets(package, tmp_path, kind):
    feedback = QgsProcessingFeedback()
    with sheets(package) as atlas:
        jobs = atlas.jobs([0, 1, 2], False)

        def cancelled():
            feedback.cancel()
            return atlas.fill(1)

        jobs[1] = type(jobs[1])(jobs[1].name, jobs[1].title, cancelled)
        with pytest.raises(Cancelled):
            export(jobs, tmp_path / "out", Way(kind, dpi=50), feedback)
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left <= {"QH01.png", "QH01_2.png", "QH02.png"} and "maps.pdf" not in left


def test_a_place_that_cannot_be_written_is_named(run, package, tmp_path):
    (tmp_path / "out").write_text("a file, no folder")
    with pytest.raises(QgsProcessingException, match="out"):
        run("exportmaps", {"PACKAGE": str(package), "FOLDER": str(tmp_path / "out")})
