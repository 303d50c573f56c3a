"""The workbook: numbers are numbers, sums are formulas that come to what is printed, sheets are ready to print."""

import re
import shutil
import subprocess
import tempfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import libreoffice
from sample_review import decide_some, sample_review
from support import MemorySource, review, square

from redline_review.core.errors import Cancelled
from redline_review.core.report.content import Content
from redline_review.core.report.papers.chapters import Asked, report
from redline_review.core.report.papers.sheet_names import LONGEST, SheetNames
from redline_review.core.report.papers.tables import HA, Table, breadth
from redline_review.core.report.papers.workbook import FIRST_ROW, HEAD_ROW, write_workbook
from redline_review.core.report.sheet_texts import Imprint

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
MAKER = Imprint(unit="规划院 A&B", author="王工", day=date(2026, 5, 1), secrecy="内部")
RISKY = ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("http://x")', "#N/A", "'=1"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = sample_review(tmp_path_factory.mktemp("sample"))
    decide_some(path)
    return report(Content(path, "zh_CN", MAKER.day), Asked(MAKER, previous=path))


@pytest.fixture(scope="module")
def written(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "报告.xlsx"
    write_workbook(made, path)
    return path


def tables(made):
    return {table.name: table for chapter in made.chapters for table in chapter.blocks if isinstance(table, Table)}


def totals(table):
    """The totals as printed, by column number."""
    total = table.total() or ()
    return {n: value for n, value in enumerate(total) if n and value is not None}


def test_every_table_has_its_sheet_with_every_row(made, written):
    book = openpyxl.load_workbook(written, data_only=True)
    for name, table in tables(made).items():
        sheet = book[name]
        assert [cell.value for cell in sheet[HEAD_ROW]] == [column.heading for column in table.columns]
        body = list(sheet.iter_rows(FIRST_ROW, FIRST_ROW + len(table.rows) - 1, values_only=True))
        wanted = [tuple(None if value == "" else value for value in row) for row in table.rows]
        shown = [tuple(value.date() if hasattr(value, "date") else value for value in row) for row in body]
        assert shown == wanted, name


def test_numbers_are_numbers_with_formats(made, written):
    book = openpyxl.load_workbook(written, data_only=True)
    sheet, table = book["图斑"], tables(made)["图斑"]
    for n, column in enumerate(table.columns, 1):
        if column.kind == HA:
            cells = [sheet.cell(row, n) for row in range(FIRST_ROW, FIRST_ROW + 20)]
            assert all(isinstance(cell.value, (int, float)) for cell in cells if cell.value is not None)
            assert {cell.number_format for cell in cells if cell.value is not None} == {"#,##0.0000"}
    assert book["图层"].cell(FIRST_ROW, 5).is_date


def test_sums_are_formulas_and_what_they_come_to_stands_beside_them(made, written):
    formulas, values = openpyxl.load_workbook(written), openpyxl.load_workbook(written, data_only=True)
    seen = 0
    for name, table in tables(made).items():
        last = FIRST_ROW + len(table.rows)
        for n, value in totals(table).items():
            assert re.fullmatch(
                rf"=SUBTOTAL\(9,([A-Z]+){FIRST_ROW}:(?:\1){last - 1}\)", formulas[name].cell(last, n + 1).value
            )
            assert values[name].cell(last, n + 1).value == pytest.approx(value, abs=1e-9)
            seen += 1
    assert seen > 60
    assert formulas["核算-永久基本农田"].cell(FIRST_ROW, 8).value == f"=ROUND(B{FIRST_ROW}-G{FIRST_ROW},2)"


def test_libreoffice_works_the_formulas_out_to_what_is_printed(made, written, tmp_path):
    bare = tmp_path / "bare.xlsx"
    openpyxl.load_workbook(written).save(bare)  # without what they come to: now they have to be worked out
    worked = openpyxl.load_workbook(libreoffice(bare, "xlsx", tmp_path / "out"), data_only=True)
    for name, table in tables(made).items():
        last = FIRST_ROW + len(table.rows)
        for n, value in totals(table).items():
            assert worked[name].cell(last, n + 1).value == pytest.approx(value, abs=1e-6), (name, n)
        for n, column in enumerate(table.columns):
            for row, values in enumerate(table.rows, FIRST_ROW) if column.made_of else ():
                if values[n] is not None:
                    assert worked[name].cell(row, n + 1).value == pytest.approx(values[n], abs=1e-6), (name, n)


def test_sheets_are_ready_to_read_and_print(made, written):
    book = openpyxl.load_workbook(written)
    names = book.sheetnames
    assert names[0] == "审查结论" and names[-1] == "图表" and len({name.casefold() for name in names}) == len(names)
    for name, table in tables(made).items():
        sheet = book[name]
        assert sheet.freeze_panes == f"B{FIRST_ROW}" and sheet.print_title_rows == f"$1:${HEAD_ROW}"
        assert sheet.auto_filter.ref.endswith(str(FIRST_ROW + len(table.rows) - 1))
        assert sheet.page_setup.fitToWidth == 1 and sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.paperSize in (8, 9)
        assert sheet.oddFooter.center.text == "第&P页 共&N页" and "A&&B" in sheet.oddFooter.left.text
        assert sheet.oddHeader.right.text == "内部"
        assert all(sheet.column_dimensions[letter].width >= 6 for letter in "AB")
    assert book["图斑"].page_setup.orientation == "landscape" and book["控制线"].page_setup.orientation == "portrait"
    links = [cell.hyperlink.location for (cell,) in book[names[0]].iter_rows() if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in names[1:]]
    assert book.properties.creator == "王工"


def test_rows_of_several_lines_are_as_high_as_their_text(made, written):
    """LibreOffice and previews do not work it out: lines would lie over the next row."""
    book, several = openpyxl.load_workbook(written), 0
    for name, table in tables(made).items():
        sheet = book[name]
        for number, row in enumerate(table.rows, FIRST_ROW):
            for n, value in enumerate(row, 1):
                if isinstance(value, str) and sheet.cell(number, n).alignment.wrap_text:
                    across = sheet.column_dimensions[sheet.cell(1, n).column_letter].width
                    if breadth(value) > across:
                        several += 1
                        assert sheet.row_dimensions[number].height >= 13 * breadth(value) / across
    assert several > 100


def test_headings_are_repeated_on_every_printed_page(written, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not here: apt-get install poppler-utils")
    pdf = libreoffice(written, "pdf", tmp_path)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    pages = [page for page in text.split("\f") if "现状地类构成（按编码）" in page and "共" in page]
    assert len([page for page in pages if "地类名称" in page]) >= 3


def test_charts_are_native_beside_their_figures(made, written):
    sheet = openpyxl.load_workbook(written)["图表"]
    charts = sheet._charts
    assert len(charts) >= 8
    for drawn in charts:
        reference = drawn.series[0].val.numRef.f
        first, last = map(int, re.findall(r"\$B\$(\d+)", reference))
        assert all(isinstance(sheet.cell(row, 2).value, (int, float)) for row in range(first, last + 1))


def test_texts_never_become_formulas(tmp_path):
    names = [*RISKY, "a\x00b\x0bc"]
    towns = MemorySource("towns", [square(2000 * n, 0, 1000) for n in range(len(names))],
                         {"code": [f"T{n}" for n in range(len(names))], "name": names})  # fmt: skip
    farm = [square(2000 * n, 0, 100) for n in range(len(names))]
    review(towns, {"farmland": farm}, package=tmp_path / "r.gpkg", town_name_field="name")
    write_workbook(report(Content(tmp_path / "r.gpkg", "en"), Asked(MAKER)), tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["Summary"]
    cells = [sheet.cell(row, 1) for row in range(FIRST_ROW, FIRST_ROW + len(names))]
    assert [cell.value for cell in cells] == [*RISKY, "abc"] and {cell.data_type for cell in cells} == {"s"}
    assert [cell.quotePrefix for cell in cells[:5]] == [True, True, True, True, True]


@given(st.lists(st.text(max_size=60), max_size=40))
def test_names_of_sheets_are_sound_and_differ(wanted):
    names = SheetNames()
    given = [names.unique(one) for one in wanted]
    assert len({name.casefold() for name in given}) == len(given)
    for name in given:
        assert 0 < len(name) <= LONGEST and not re.search(r"[\\/*?:\[\]]", name)
        assert not name.startswith("'") and not name.endswith("'")


def test_a_cancel_ends_it_and_leaves_nothing(made, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    asked = []

    def cancelled():
        asked.append(len(list(scratch.iterdir())))
        return len(asked) > 5

    with pytest.raises(Cancelled):
        write_workbook(made, tmp_path / "x.xlsx", cancelled=cancelled)
    assert asked[-1] > 2 and list(scratch.iterdir()) == [] and not (tmp_path / "x.xlsx").exists()
