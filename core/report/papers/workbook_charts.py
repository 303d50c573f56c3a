"""Bar charts of the workbook: each beside the figures it is drawn from, so that a planner can change it."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.styles import Font
from openpyxl.worksheet.pagebreak import Break

from .chapters import Report
from .charts import Chart, more_bars
from .tables import decimals_of
from .workbook_pages import FORMATS, set_page

_LEAST_ROWS, _PAGE_ROWS = 16, 70  # a chart's height, a page's, in rows
_COLOUR = "4E7D96"


def add_charts(book: Workbook, name: str, charts: Sequence[Chart], report: Report) -> None:
    """A sheet with all charts, one below the other."""
    sheet = book.create_sheet(name)
    set_page(sheet, report, report.content.texts.word("report_table", "charts"), 90)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 16
    row = top = 1
    for drawn in charts:
        notes = [text for text in (drawn.note, more_bars(report.content.texts, drawn)) if text]
        used = max(1 + len(drawn.bars) + len(notes), _LEAST_ROWS, len(drawn.bars) + 4) + 1
        if row + used - top > _PAGE_ROWS and row > top:
            sheet.row_breaks.append(Break(id=row - 1))
            top = row
        known = sum(bar.value is not None for bar in drawn.bars)
        sheet.add_chart(_bars(sheet, drawn, row + 1, row + known), f"D{row}")
        sheet.append([_cell(sheet, drawn.title, Font(name="黑体", size=11, bold=True))])
        for bar in drawn.bars:
            sheet.append([_cell(sheet, bar.label), _cell(sheet, bar.why if bar.value is None else bar.value)])
        for text in notes:
            sheet.append([_cell(sheet, text, Font(name="宋体", size=9, color="FF595959"))])
        for _ in range(1 + len(drawn.bars) + len(notes), used):
            sheet.append([])
        row += used


def _bars(sheet, drawn: Chart, first: int, last: int) -> BarChart:
    bars = BarChart()
    bars.type, bars.style, bars.gapWidth, bars.legend = "bar", 10, 60, None
    bars.title = drawn.title
    bars.add_data(Reference(sheet, min_col=2, min_row=first, max_row=last), titles_from_data=False)
    bars.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    bars.series[0].graphicalProperties = GraphicalProperties(solidFill=_COLOUR)
    bars.x_axis.scaling.orientation = "maxMin"  # the largest on top
    bars.x_axis.delete = bars.y_axis.delete = False
    bars.y_axis.majorGridlines = None
    bars.y_axis.number_format = "#,##0.##"
    bars.y_axis.crosses = "max"
    bars.width, bars.height = 17, max(7.5, 0.55 * (last - first + 1) + 2.5)
    return bars


def _cell(sheet, value, font: Font | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, (int, float)):
        cell.number_format = FORMATS[decimals_of(value)]
    cell.font = font or Font(name="宋体", size=10.5)
    return cell
