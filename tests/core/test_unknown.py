"""What was not checked is NULL in the package and unknown to every reader of it: never 0, nor a word of the machine."""

import re
import sqlite3
from contextlib import closing
from datetime import date

import numpy as np
import pytest
from support import FrameWriter, MemorySource, review, square

from redline_review.core.report.content import Content
from redline_review.core.report.papers.chapters import Asked, report
from redline_review.core.report.papers.tables import Table, printed
from redline_review.core.report.papers.writing import FORMATS, write_report
from redline_review.core.report.sheet_texts import Imprint
from redline_review.core.report.sheets.tables import overview_rows
from redline_review.core.review.browse import browse
from redline_review.core.review.compare import compare
from redline_review.core.review.package import open_package

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
MAKER = Imprint(day=date(2026, 5, 1))
TOWNS = {"checked": square(0, 0, 1000), "beyond": square(5000, 0, 1000), "zone": square(9000, 0, 1000)}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """Of three towns one is checked against three lines; one against none; of one only a zone it lies in is known."""
    zones = MemorySource("zones", [square(0, 0, 900, 1000), square(9000, 0, 500, 1000)], {"GHFQMC": ["特别用途区"] * 2})
    lines = {
        "eco_redline": [square(100, 100, 100)], "farmland": [square(150, 100, 100)], "urban_boundary": zones,
    }  # fmt: skip
    path = tmp_path_factory.mktemp("县") / "r.gpkg"
    towns = MemorySource("towns", TOWNS.values(), {"code": list(TOWNS)})
    review(towns, lines, coverage=[square(-100, -100, 2000)], package=path)
    return path


def column(path, name):
    """Value and SQLite's type of it by town."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f'SELECT town_id, "{name}", typeof("{name}") FROM towns')
        return {town: value if kind != "null" else None for town, value, kind in rows}


def test_the_package_has_null_where_nothing_is_known(package):
    for name, checked, zone in (
        ("eco_n", 1, None), ("farm_n", 1, None), ("udb_n", 2, 1), ("findings", 4, 1),
        ("shared_m2", pytest.approx(5000), None), ("sliver_m2", 0, None),
        ("eco_m2", pytest.approx(10_000), None), ("udb_in_m2", pytest.approx(900_000), pytest.approx(500_000)),
        ("udb_out_m2", pytest.approx(100_000), None),
    ):  # fmt: skip
        assert column(package, name) == {"checked": checked, "beyond": None, "zone": zone}, name
    assert all(type(column(package, name)["checked"]) is int for name in ("eco_n", "findings"))
    with open_package(package) as opened:
        below = opened.ledger().set_index(["town_id", "line"])["below_m2"]
    assert below["checked", "urban_boundary"] == 0 and below[["beyond", "zone"]].isna().all()


def test_the_panel_shows_no_number_of_open_findings(package):
    found = browse(package).open_findings
    assert found[[0, 2]].tolist() == [4, 1] and np.isnan(found[1])


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_papers_and_maps_say_that_it_is_unknown(package, language, tmp_path):
    content = Content(package, language, MAKER.day)
    said = report(content, Asked(MAKER, previous=package))
    blocks = [block for chapter in said.chapters for block in chapter.blocks]
    texts = [block.text for block in blocks if not isinstance(block, Table) and hasattr(block, "text")]
    cells = [printed(value, one.kind) for table in blocks if isinstance(table, Table)
             for row in table.rows for value, one in zip(row, table.columns, strict=True)]  # fmt: skip
    cells += [cell for row in overview_rows(content) for cell in row]
    assert not [text for text in [*texts, *cells] if re.search(r"\b(nan|None|NULL)\b", text)]
    assert sum({"zh_CN": "疑似问题图斑数不详", "en": "Findings: not known"}[language] in text for text in texts) == 1
    summary = next(table for table in blocks if isinstance(table, Table) and table.rows[0][0] == "checked")
    assert [row[-2:] for row in summary.rows] == [(4, 4), (None, None), (1, 1)]
    files, _ = write_report(said, tmp_path, FORMATS)
    assert len(files) == len(FORMATS)


def test_of_a_boundary_only_the_inside_may_be_known(package):
    content = Content(package, "zh_CN", MAKER.day)
    assert "位于城镇开发边界内50.0000公顷（仅核查0.00%）" in content.town(2).conclusion
    rows = {row[0]: row for row in overview_rows(content)}
    assert rows["zone"][-2] == rows["beyond"][-2] == "未核查" and rows["checked"][-2] == "10.0000"


def test_where_no_town_was_checked_no_number_is_said(tmp_path):
    line = {"eco_redline": [square(5000, 5000, 10)]}
    review([square(0, 0, 1000)], line, package=tmp_path / "r.gpkg")  # beyond the box of the layer
    content = Content(tmp_path / "r.gpkg", "en", MAKER.day)
    said = report(content, Asked(MAKER))
    found = next(chapter for chapter in said.chapters if chapter.code == "findings").blocks
    assert [block.text for block in found] == [content.texts.say("report_none_checked")]
    assert content.rows(only_findings=True) == []


def test_of_one_line_nothing_is_shared(tmp_path):
    review([square(0, 0, 1000)], {"eco_redline": [square(500, 500, 9000)]}, package=tmp_path / "r.gpkg")
    assert column(tmp_path / "r.gpkg", "shared_m2") == {"T0": None}
    assert column(tmp_path / "r.gpkg", "findings") == {"T0": 1}


def test_two_packages_are_compared(package):
    layer, table = FrameWriter(), FrameWriter()
    done = compare(package, package, layer, table)
    assert set(layer.frame["change"]) == {"unchanged"} and done.town_count == 3
    beyond = table.frame[table.frame["town_id"] == "beyond"]
    assert beyond[["old_m2", "new_m2"]].isna().all(axis=None)
