"""What stands on map sheets: figures, call-outs, texts and colours as they have to be."""

import re

import numpy as np
import pytest
from map_sheets import FACE, callouts, cells, labels, needs_poppler, sheets, text_of
from qgis.core import QgsFeedback, QgsLayoutFrame, QgsLayoutItemMap
from qgis.PyQt.QtGui import QImage
from sample_review import sample_review

from redline_review.core.report.sheets.tables import table_rows
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record
from redline_review.processing.maps.atlas import LANDSCAPE, PORTRAIT, Look
from redline_review.processing.maps.export import PDF, PNG, Way, export
from redline_review.processing.maps.sheet import PAPERS, SHORT_SIDE


@pytest.fixture
def package(tmp_path):
    return sample_review(tmp_path)


def drawn_boxes(layout):
    """Call-outs: labels with a frame, as left, top, right, bottom."""
    framed = callouts(layout)
    return np.array([(i.pos().x(), i.pos().y(), i.pos().x() + i.rect().width(), i.pos().y() + i.rect().height())
                     for i in framed])  # fmt: skip


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


def test_the_figures_of_callouts_are_those_of_the_table(package):
    with sheets(package) as atlas:
        for row in range(atlas.content.count):
            town = atlas.content.town(row)
            printed = {tuple(cells[n] for n in (0, 3)) for cells in table_rows(atlas.content, town)}
            layout, _ = atlas.fill(row)
            called = [tuple(item.text().split("\n")) for item in callouts(layout)]
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


def test_names_of_towns_stand_on_or_beside_them(package):
    with sheets(package) as atlas:
        layout, tight = atlas.jobs([], True)[0].fill()
        names = [item.text() for item in callouts(layout)]
        assert sorted(names) == sorted(atlas.content.browsed.towns["town_name"]) and tight == []


def test_decisions_and_changed_inputs_stand_on_the_sheet(package, tmp_path):
    with open_package(package) as opened:
        one = opened.findings().iloc[0]
    record(package, [Decided(one["finding_id"], "needs_adjustment", "李四")])
    with sheets(package) as atlas:
        layout, _ = atlas.fill(0)
        assert any(text.startswith("需调整") for text in cells(layout))
        assert not layout.itemById("stale").isVisible()
        atlas.content.browsed.changed.append("farmland")
        layout, _ = atlas.fill(0)
        assert layout.itemById("stale").isVisible() and "永久基本农田" in layout.itemById("stale").text()


@pytest.mark.parametrize("orientation", [LANDSCAPE, PORTRAIT])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_what_is_not_on_a_sheet_stands_below_its_heading_in_the_legend(package, language, orientation):
    """Never beside it at its height, where the other heading would claim it."""
    with sheets(package, language, Look(FACE, "A4", orientation)) as atlas:
        say, word = atlas.content.texts.say, atlas.content.texts.word
        for row in range(atlas.content.count):
            layout, _ = atlas.fill(row)
            at = {item.text(): (round(item.pos().x()), item.pos().y()) for item in labels(layout)}
            drawn = set(atlas.content.town(row).standing["severity"])
            rest = at[say("sheet_legend_rest")]
            for code in ("violation", "warning", "notice", "below_tolerance"):
                left, top = at[atlas.content.texts.listed(say("sheet_findings"), [word("severity", code)])]
                assert (left >= rest[0] and top > rest[1]) == (code not in drawn), (row, code)


def test_totals_have_a_ground_of_their_own(package):
    with sheets(package) as atlas:
        layout, _ = atlas.fill(0)
        tables = {item.multiFrame() for item in layout.items() if isinstance(item, QgsLayoutFrame)}
        rows = [row for table in tables for row in table.tableContents()]
        grounds = {str(row[0].content()): row[0].backgroundColor().isValid() for row in rows}
        assert grounds["合计"] and grounds["图斑编号"] and not grounds["农001"]


def test_of_a_long_strip_a_detail_shows_so_much_that_its_width_is_seen(package):
    """QH09 has strips of half a metre along its edge."""
    with sheets(package) as atlas:
        layout, _ = atlas.fill(8)
        town = atlas.content.town(8)
        details = [item for item in layout.items() if isinstance(item, QgsLayoutItemMap) and not item.id()]
        assert len(details) == 3
        for item, found in zip(
            sorted(details, key=lambda one: one.pos().x()), town.findings.itertuples(), strict=False
        ):
            assert found.width_m / item.scale() * 1000 > 0.7  # mm on the paper
            left, bottom, right, top = atlas.content.browsed.boxes[found.row]
            x, y = item.extent().center().x(), item.extent().center().y()
            assert left <= x <= right and bottom <= y <= top
