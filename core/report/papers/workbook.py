"""The report as a workbook (.xlsx): a sheet for each table, with every row, sums as formulas, ready to print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from ...errors import Cancelled
from ...review.request import Progress
from .chapters import Report
from .charts import Chart
from .formulas import Results, known_results
from .sheet_names import SheetNames
from .summing_up import Heading, Words
from .tables import DECIMALS, NUMBER, TEXT, Column, Table, Value, breadth, breadths, decimals_of, plain
from .workbook_charts import add_charts
from .workbook_pages import FORMATS, FORMATS_OF, set_page

HEAD_ROW, FIRST_ROW = 2, 3
_WRAPPED, _LONG = 36, 3000  # a text column from this width on is wrapped, in tables up to this many rows
_LINE = 14.0  # points of a line in a row of several
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")  # a text that begins so would be a formula once it is edited
_THIN = Side(style="thin", color="FFBFBFBF")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def write_workbook(
    report: Report, path: Path, progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:  # fmt: skip
    """Write all tables, and a first sheet with the conclusions and the list of sheets. Raises OSError.

    :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    book, results = Workbook(write_only=True), Results()
    book.properties.creator = report.imprint.author or report.imprint.unit
    book.properties.title = report.title
    book.calculation.fullCalcOnLoad = True
    try:
        _fill(book, results, report, progress, cancelled)
        # In memory first: where the disk is full the library would leave the file open behind it.
        whole = BytesIO()
        book.save(whole)
    except BaseException:
        _discard(book)
        raise
    path.write_bytes(known_results(whole, results).getbuffer())


def _fill(book: Workbook, results: Results, report: Report, progress: Progress, cancelled: Callable[[], bool]) -> None:
    names, texts = SheetNames(), report.content.texts
    blocks = [block for chapter in report.chapters for block in chapter.blocks]
    tables, charts = ([block for block in blocks if isinstance(block, kind)] for kind in (Table, Chart))
    first = names.unique(texts.word("report_chapter", "conclusions"))
    drawn = names.unique(texts.word("report_sheet", "charts"))
    titled = [(names.unique(table.name), table) for table in tables]
    listed = [(name, table.title) for name, table in titled]
    if charts:
        listed.append((drawn, texts.word("report_table", "charts")))
    _conclusions(book, first, report, listed)
    results.next_sheet()
    rows, done = sum(len(table.rows) for table in tables), 0
    for name, table in titled:
        progress(100 * done / max(rows, 1), "report_writing")
        _Sheet(book, name, table, report, results).write(cancelled)
        done += len(table.rows)
    if charts:
        add_charts(book, drawn, charts, report)
        results.next_sheet()


def _discard(book: Workbook) -> None:
    """Take away the files in which openpyxl keeps the rows of a book that is not to be."""
    for sheet in book.worksheets:
        writer = sheet._writer
        if writer is not None:
            with suppress(Exception):  # an XML file that ends in the middle is complained of
                sheet._rows.close()
            with suppress(Exception):
                writer.xf.close()
            with suppress(OSError, ValueError):
                writer.cleanup()


class _Sheet:
    """A table on a sheet: its title, frozen headings, rows, totals, note."""

    def __init__(self, book: Workbook, name: str, table: Table, report: Report, results: Results):
        self._table, self._results, self._styles = table, results, {}
        self._sheet = book.create_sheet(name)
        self._widths = breadths(table)
        self._long = len(table.rows) > _LONG
        self._wrapped = [n for n, column in enumerate(table.columns) if self._is_wrapped(n, column)]
        self._wide = sum(self._widths)
        set_page(self._sheet, report, table.title, self._wide)
        for n, width in enumerate(self._widths, 1):
            self._sheet.column_dimensions[get_column_letter(n)].width = width + 2
        self._sheet.freeze_panes = f"B{FIRST_ROW}"
        self._sheet.print_title_rows = f"$1:${HEAD_ROW}"  # LibreOffice repeats only what is written so
        self._sheet.row_dimensions[1].height, self._sheet.row_dimensions[HEAD_ROW].height = 26, 32
        self._column = [get_column_letter(n + 1) for n in range(len(table.columns))]

    def write(self, cancelled: Callable[[], bool]) -> None:
        table, sheet = self._table, self._sheet
        if cancelled():
            raise Cancelled
        sheet.append([_styled(sheet, table.title, font=Font(name="黑体", size=14, bold=True))])
        sheet.append([_styled(sheet, column.heading, font=Font(name="黑体", size=10.5, bold=True), border=_GRID,
                              fill=PatternFill("solid", fgColor="FFE7ECEF"), alignment=_alignment(centre=True))
                      for column in table.columns])  # fmt: skip
        for number, row in enumerate(table.rows, FIRST_ROW):
            if not number % 1000 and cancelled():
                raise Cancelled
            self._set_height(row, number)
            sheet.append(self._cells(row, number))
        last = FIRST_ROW + len(table.rows) - 1
        sheet.auto_filter.ref = f"A{HEAD_ROW}:{self._column[-1]}{last}"
        total = table.total()
        if total:
            sheet.append(self._total(total, last))
        if table.note:
            sheet.append([])
            sheet.append([_styled(sheet, table.note, font=Font(name="宋体", size=9, color="FF595959"))])
        self._results.next_sheet()

    def _is_wrapped(self, place: int, column: Column) -> bool:
        return column.kind == TEXT and self._widths[place] >= _WRAPPED and not self._long

    def _set_height(self, row: Sequence[Value], number: int) -> None:
        """Of a row whose texts are broken into lines."""
        heights = [_height(str(row[n] or ""), self._widths[n] - 1, _LINE) for n in self._wrapped]
        if heights and max(heights) > _LINE + 2:
            self._sheet.row_dimensions[number].height = max(heights)

    def _cells(self, row: Sequence[Value], number: int) -> Iterator[WriteOnlyCell]:
        for n, (value, column) in enumerate(zip(row, self._table.columns, strict=True)):
            formula = self._made_of(column, row, number) if column.made_of and value is not None else None
            if formula:
                self._results.add(f"{self._column[n]}{number}", value)
            yield self._cell(formula or value, column, n, known=value)

    def _total(self, total: Sequence[Value], last: int) -> Iterator[WriteOnlyCell]:
        """Of what a filter shows, which is all while none is set."""
        for n, (value, column) in enumerate(zip(total, self._table.columns, strict=True)):
            letter, formula = self._column[n], None
            if column.total and value is not None:
                formula = f"=SUBTOTAL(9,{letter}{FIRST_ROW}:{letter}{last})"
                self._results.add(f"{letter}{last + 1}", value)
            yield self._cell(formula or value, column, n, known=value, bold=True)

    def _made_of(self, column: Column, row: Sequence[Value], number: int) -> str | None:
        if any(row[n] is None for _, n in column.made_of):
            return None
        terms = "".join(f"{'+' if sign > 0 else '-'}{self._column[n]}{number}" for sign, n in column.made_of)
        return f"=ROUND({terms.lstrip('+')},{DECIMALS[column.kind]})"

    def _cell(self, value: Value, column: Column, place: int, known: Value, bold: bool = False) -> WriteOnlyCell:
        cell = WriteOnlyCell(self._sheet, plain(value) if isinstance(value, str) else value)
        is_text = isinstance(known, str)
        if is_text:
            cell.data_type = "s"
        risky = is_text and known.startswith(_RISKY)
        decimals = decimals_of(known) if column.kind == NUMBER and isinstance(known, (int, float)) else None
        cell._style = self._style(column, place, bold, risky, decimals, is_text)
        return cell

    def _style(
        self, column: Column, place: int, bold: bool, risky: bool, decimals: int | None, is_text: bool
    ) -> StyleArray:
        """Made once for all cells alike: setting fonts cell by cell takes most of the time otherwise."""
        key = place, bold, risky, decimals, is_text
        if key not in self._styles:
            cell = _styled(
                self._sheet, None, font=Font(name="宋体", size=10.5, bold=bold), border=_GRID,
                alignment=_alignment(wrap=place in self._wrapped, right=column.numeric and not is_text),
            )  # fmt: skip
            if not is_text and column.kind != TEXT:
                cell.number_format = FORMATS_OF.get(column.kind) or FORMATS[decimals or 0]
            cell.quotePrefix = risky
            self._styles[key] = cell._style
        return self._styles[key]


def _conclusions(book: Workbook, name: str, report: Report, listed: Sequence[tuple[str, str]]) -> None:
    """The first sheet: who and when, what must be known first, the conclusions, and where the tables are."""
    sheet, texts = book.create_sheet(name), report.content.texts
    set_page(sheet, report, report.title, 90)
    sheet.print_options.horizontalCentered = False
    sheet.column_dimensions["A"].width = 78
    body = {"font": Font(name="宋体", size=11), "alignment": Alignment(vertical="center", wrap_text=True)}
    heading = {"font": Font(name="黑体", size=12, bold=True)}
    sheet.row_dimensions[1].height = 34
    title = {"font": Font(name="黑体", size=20, bold=True), "alignment": _alignment(centre=True)}
    sheet.append([_styled(sheet, report.title, **title)])
    for label, value in report.cover:
        sheet.append([_styled(sheet, texts.listed(label, [value]), **body)])
    number = 1 + len(report.cover)
    for notice in report.notices:
        number += 1
        warned = {"font": Font(name="黑体", size=11, bold=True, color="FFC00000")}
        sheet.row_dimensions[number].height = _height(notice)
        sheet.append([_styled(sheet, notice, fill=PatternFill("solid", fgColor="FFFFF2CC"), **(body | warned))])
    sheet.append([])
    number += 1
    for block in report.chapters[0].blocks:
        if isinstance(block, Heading | Words):
            number += 1
            sheet.row_dimensions[number].height = _height(block.text)
            sheet.append([_styled(sheet, block.text, **(heading if isinstance(block, Heading) else body))])
    sheet.append([])
    sheet.append([_styled(sheet, texts.say("report_contents"), **heading)])
    number += 2
    for target, title in listed:
        number += 1
        cell = _styled(sheet, title, font=Font(name="宋体", size=11, color="FF0563C1", underline="single"))
        quoted = target.replace("'", "''")
        cell.hyperlink = Hyperlink(ref=f"A{number}", location=f"'{quoted}'!A1", display=title)
        sheet.append([cell])


def _height(text: str, across: int = 74, line: float = 15.5) -> float:
    """Of a wrapped row, in points: not every program works it out by itself."""
    return line * max(1, -(-breadth(text) // across)) + 2


def _alignment(wrap: bool = False, right: bool = False, centre: bool = False) -> Alignment:
    across = "center" if centre else "right" if right else "left"
    indent = 0 if centre or right else 1  # away from the number to its left
    return Alignment(horizontal=across, vertical="center", wrap_text=wrap or centre, indent=indent)


def _styled(sheet, value: Value, **styles) -> WriteOnlyCell:
    text = plain(value) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, text)
    if isinstance(text, str):
        cell.data_type = "s"
    for name, style in styles.items():
        setattr(cell, name, style)
    return cell
