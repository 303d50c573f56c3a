"""Bar charts of the workbook: each beside the figures it is drawn from, so that a planner can change it."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.styles import Font

from .chapters import Report
from .charts import Chart, more_bars

_LEAST_ROWS = 16  # a chart's height in rows
_COLOUR = "4E7D96"


def add_charts(book: Workbook, name: str, charts: Sequence[Chart], report: Report) -> None:
    """A sheet with all charts, one below the other."""
    from .workbook import set_page

    sheet = book.create_sheet(name)
    set_page(sheet, report, report.content.texts.word("report_table", "charts"), 90)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 16
    row = 1
    for drawn in charts:
        sheet.append([_cell(sheet, drawn.title, Font(name="黑体", size=11, bold=True))])
        for bar in drawn.bars:
            value = bar.why if bar.value is None else bar.value
            sheet.append([_cell(sheet, bar.label), _cell(sheet, value)])
        known = sum(bar.value is not None for bar in drawn.bars)
        sheet.add_chart(_bars(sheet, drawn, row + 1, row + known), f"D{row}")
        used = 1 + len(drawn.bars)
        for text in filter(None, (drawn.note, more_bars(report.content.texts, drawn))):
            sheet.append([_cell(sheet, text, Font(name="宋体", size=9, color="FF595959"))])
            used += 1
        for _ in range(used, max(used, _LEAST_ROWS, len(drawn.bars) + 4) + 1):
            sheet.append([])
        row += max(used, _LEAST_ROWS, len(drawn.bars) + 4) + 1


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
    cell.font = font or Font(name="宋体", size=10.5)
    return cell
