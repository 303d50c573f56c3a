"""Map sheets through the registry: what is on them, in every format, and where something is in their way."""

import os
import re
import shutil
import subprocess
from datetime import date

import numpy as np
import pytest
import shapely
from packages import box, findings, review
from qgis.core import QgsFeedback, QgsLayoutFrame, QgsLayoutItemLabel, QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt.QtGui import QImage
from sample_review import decide_some, sample_review

from redline_review.core.errors import Cancelled
from redline_review.core.report.content import Content
from redline_review.core.report.sheet_tables import table_rows
from redline_review.core.report.sheet_texts import Imprint
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record
from redline_review.processing.maps.atlas import LANDSCAPE, PORTRAIT, Look, open_atlas
from redline_review.processing.maps.export import PDF, PNG, Way, export
from redline_review.processing.maps.sheet import PAPERS, SHORT_SIDE, TEMPLATES
from redline_review.processing.maps.typeface import chosen

FACE = chosen("", "三线套合审查图", "title")
IMPRINT = Imprint("清河县自然资源局", "张三", date(2026, 5, 1), "秘密")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not here")


@pytest.fixture
def package(tmp_path):
    return sample_review(tmp_path)


def text_of(pdf):
    command = ["pdftotext", "-raw", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sheets(path, language="zh_CN", look=None):
    return open_atlas(Content(path, language), look or Look(FACE), IMPRINT)


def labels(layout):
    return [item for item in layout.items() if isinstance(item, QgsLayoutItemLabel) and item.isVisible()]


def drawn_boxes(layout):
    """Call-outs: labels with a frame, as left, top, right, bottom."""
    framed = [item for item in labels(layout) if item.frameEnabled()]
    return np.array([(i.pos().x(), i.pos().y(), i.pos().x() + i.rect().width(), i.pos().y() + i.rect().height())
                     for i in framed])  # fmt: skip


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


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_in_both_orientations(package, paper):
    short, long = SHORT_SIDE[paper], round(SHORT_SIDE[paper] * 2**0.5)
    for orientation, size in ((LANDSCAPE, (long, short)), (PORTRAIT, (short, long))):
        with sheets(package, look=Look(FACE, paper, orientation)) as atlas:
            layout, tight = atlas.fill(0)
            page = layout.pageCollection().page(0).pageSize()
            assert (page.width(), page.height()) == pytest.approx(size, abs=1.5) and tight == []
            frame = (0, 0, page.width(), page.height())
            for item in labels(layout):
                if item.id() != "stale":
                    assert frame[0] <= item.pos().x() and item.pos().x() + item.rect().width() <= frame[2] + 0.1


def test_callouts_cover_neither_one_another_nor_the_furniture(package):
    with sheets(package) as atlas:
        for row in range(atlas.content.count):
            layout, _ = atlas.fill(row)
            boxes = drawn_boxes(layout)
            if row == 0:
                assert len(boxes) >= 20
            for n, one in enumerate(boxes):
                apart = (boxes[:, 0] >= one[2]) | (boxes[:, 2] <= one[0])
                apart |= (boxes[:, 1] >= one[3]) | (boxes[:, 3] <= one[1])
                assert np.delete(apart, n).all()
            north = layout.itemById("north")
            place = (north.pos().x(), north.pos().y())
            assert not any(b[0] < place[0] < b[2] and b[1] < place[1] < b[3] for b in boxes)


def test_the_scale_is_round_and_the_town_is_all_there(package):
    with sheets(package) as atlas:
        layout, _ = atlas.fill(0)
        item = layout.itemById("map")
        assert item.scale() == pytest.approx(15_000)
        left, bottom, right, top = atlas.content.browsed.town_boxes[0]
        extent = item.extent()
        assert extent.xMinimum() < left and right < extent.xMaximum()
        assert extent.yMinimum() < bottom and top < extent.yMaximum()
        assert "1 : 15,000" in layout.itemById("scalebar").unitLabel()


def test_the_lines_have_their_official_colours(package, tmp_path):
    with sheets(package) as atlas:
        made = export(atlas.jobs([10], False), tmp_path, Way(PNG, dpi=100), QgsFeedback())
    image = QImage(str(made.files[0])).convertToFormat(QImage.Format.Format_RGB32)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    pixels = np.frombuffer(bits, dtype=np.uint8).reshape(-1, 4)[:, 2::-1]
    for colour in ((77, 151, 87), (254, 254, 96), (228, 139, 139)):
        assert (pixels == colour).all(axis=1).sum() > 200, colour


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


def test_the_figures_of_callouts_are_those_of_the_table(package):
    with sheets(package) as atlas:
        for row in range(atlas.content.count):
            town = atlas.content.town(row)
            printed = {tuple(cells[n] for n in (0, 3)) for cells in table_rows(atlas.content, town)}
            layout, _ = atlas.fill(row)
            called = [tuple(item.text().split("\n")) for item in labels(layout) if item.frameEnabled()]
            assert set(called) <= printed


@needs_poppler
def test_further_pages_say_what_they_belong_to(package, tmp_path):
    with sheets(package) as atlas:
        export(atlas.jobs([0], False), tmp_path, Way(PDF), QgsFeedback())
        title, run_id = atlas.content.town(0).town["town_name"], atlas.content.facts["run_id"]
    pages = text_of(tmp_path / "maps.pdf").split("\f")[:-1]
    assert len(pages) > 1
    for number, said in enumerate(pages, 1):
        assert title in said and run_id in said and f"第{number}页 共{len(pages)}页" in said
        assert "秘密" in said and "清河县自然资源局" in said


def test_a_large_sheet_has_a_large_title_and_wider_lines(package):
    seen = {}
    for paper in ("A3", "A0"):
        with sheets(package, look=Look(FACE, paper, LANDSCAPE)) as atlas:
            layout, _ = atlas.fill(0)
            title = layout.itemById("title").textFormat()
            assert title.font().bold()
            frame = layout.itemById("outer").symbol().symbolLayer(0).strokeWidth()
            town = layout.itemById("map").layers()[0].renderer().referenceScale()
            seen[paper] = (title.size(), frame, town / layout.itemById("map").scale())
    assert seen["A0"][0] == pytest.approx(seen["A3"][0] * 841 / 297, rel=0.01)
    assert seen["A0"][1] > 2 * seen["A3"][1] and seen["A3"][2] < 0 and seen["A0"][2] > 2


@needs_poppler
def test_remarks_on_decisions_are_all_printed(package, tmp_path):
    with open_package(package) as opened:
        found = opened.findings()
    own = found[found["town_id"] == "QH01"]["finding_id"].iloc[:60]
    record(package, [Decided(one, "needs_adjustment", "李四", remark=f"备注之{n}号" + "长" * 300)
                     for n, one in enumerate(own)])  # fmt: skip
    with sheets(package) as atlas:
        export(atlas.jobs([0], False), tmp_path, Way(PDF), QgsFeedback())
    flat = re.sub(r"\s", "", text_of(tmp_path / "maps.pdf"))
    assert all(f"备注之{n}号" in flat for n in range(len(own))) and flat.count("长") >= 300 * len(own)


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


def test_names_of_towns_stand_on_or_beside_them(package):
    with sheets(package) as atlas:
        layout, tight = atlas.jobs([], True)[0].fill()
        names = [item.text() for item in labels(layout) if item.frameEnabled()]
        assert sorted(names) == sorted(atlas.content.browsed.towns["town_name"]) and tight == []


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
        whole = export([broken, jobs[2]], tmp_path, Way(PDF), QgsFeedback())
        assert whole.pages >= 1 and len(whole.failed) == 1 and (tmp_path / "maps.pdf").exists()


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


def test_decisions_and_changed_inputs_stand_on_the_sheet(package, tmp_path):
    with open_package(package) as opened:
        one = opened.findings().iloc[0]
    record(package, [Decided(one["finding_id"], "needs_adjustment", "李四")])
    with sheets(package) as atlas:
        layout, _ = atlas.fill(0)
        tables = [item.multiFrame() for item in layout.items() if isinstance(item, QgsLayoutFrame)]
        cells = [cell.content() for table in tables for row in table.tableContents() for cell in row]
        assert any(str(cell).startswith("需调整") for cell in cells)
        assert not layout.itemById("stale").isVisible()
        atlas.content.browsed.changed.append("farmland")
        layout, _ = atlas.fill(0)
        assert layout.itemById("stale").isVisible() and "永久基本农田" in layout.itemById("stale").text()
