"""How the sheets of the workbook are printed, and how they show numbers."""

from __future__ import annotations

from openpyxl.worksheet.properties import PageSetupProperties

from .chapters import Report
from .tables import COUNT, DAY, HA, M2, MU, PCT, plain

FORMATS = {0: "#,##0", 2: "#,##0.00", 4: "#,##0.0000"}  # by decimals
FORMATS_OF = {COUNT: FORMATS[0], HA: FORMATS[4], MU: FORMATS[2], M2: FORMATS[2], PCT: "0.00", DAY: "yyyy-mm-dd"}
_A4, _A3, _A4_WIDE, _A3_WIDE = 9, 8, 95, 190  # paper codes; how many letters a page takes across before it turns


def set_page(sheet, report: Report, title: str, wide: int) -> None:
    """Paper by the width of what stands on it, fitted to one page across; title, secrecy mark, page in the margins."""
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape" if wide > _A4_WIDE else "portrait"
    sheet.page_setup.paperSize = _A3 if wide > _A3_WIDE else _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.6
    margins.top = margins.bottom = 0.8
    header, footer = sheet.HeaderFooter.oddHeader, sheet.HeaderFooter.oddFooter
    header.left.text, header.right.text = _in_margin(report.title), _in_margin(report.imprint.secrecy)
    footer.left.text = _in_margin(report.imprint.unit)
    footer.center.text = report.content.texts.say("report_page", page="&P", pages="&N")
    footer.right.text = _in_margin(title)


def _in_margin(text: str) -> str | None:
    """A text for header or footer, where & begins a code."""
    return plain(text).replace("&", "&&") or None
