"""Tables and bar charts of the document as its XML: thousands of rows cell by cell through python-docx take minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from docx.oxml import parse_xml

from ..texts import Texts
from .charts import Chart
from .document_styles import CELLS, NAMESPACE, ROOM
from .tables import NUMBER, UNKNOWN, Column, Table, Value, breadths, plain, printed

MOST_ROWS, MOST_OF_TOWN, MOST_UNGROUPED = 3000, 20, 2000  # of a table in print; the workbook has all
_MM = 1440 / 25.4  # twentieths of a point
_LETTER, _PADDING = 0.53, 2.0  # width of a letter by the size of its text; of a cell's sides, mm
_TEXT_LEAST = 12  # letters: a wider text may be broken
_WIDER = 0.2  # more for figures, where there is room: a typeface in the place of Times may be wider, and none is broken
_SIDES = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="808080"/>'
                 for side in ("top", "left", "bottom", "right", "insideH", "insideV"))  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """``turned``: on a page on its side; ``size``: of its text, points; ``widths``: of its columns, mm."""

    turned: bool
    size: float
    widths: tuple[float, ...]


def layout(table: Table, turned: bool = False) -> Layout:
    """The largest text that a table has room for, upright if it can be and is not to be ``turned``."""
    shown = _shown(table)
    wanted = breadths(shown, least=6)
    least = [width if column.numeric or column.whole else min(width, _TEXT_LEAST)
             for width, column in zip(breadths(shown, heads=2, least=6), shown.columns, strict=True)]  # fmt: skip
    tries = [(False, 10.5), (True, 10.5), (True, 9.0), (True, 7.5)]
    for on_side, size in tries[turned:]:
        letter, room = _LETTER * size / 72 * 25.4, ROOM[on_side] - _PADDING * len(wanted)
        if sum(least) * letter <= room:
            break
    slack = [_WIDER * low * column.numeric for low, column in zip(least, shown.columns, strict=True)]
    share = min(1.0, max(room / letter - sum(least), 0.0) / (sum(slack) or 1.0))
    least = [low + share * extra for low, extra in zip(least, slack, strict=True)]
    wanted = [max(width, low) for width, low in zip(wanted, least, strict=True)]
    spare = room / letter - sum(least)
    more = [width - low for width, low in zip(wanted, least, strict=True)]
    if spare > sum(more):  # room for everything: all columns share what is over
        given = [width + (spare - sum(more)) * width / sum(wanted) for width in wanted]
    else:
        given = [low + max(spare, 0) * extra / max(sum(more), 1) for low, extra in zip(least, more, strict=True)]
    widths = [width * letter + _PADDING for width in given]
    scale = min(1.0, ROOM[on_side] / sum(widths))
    return Layout(on_side, size, tuple(width * scale for width in widths))


def table_xml(table: Table, drawn: Layout, texts: Texts, towns: int):
    """The table as one element: headings on every page, no row broken, towns as headings of their rows; of each town
    the first rows, and what the rest come to."""
    table = table.narrow()
    shown, style = _shown(table), CELLS[drawn.size].replace(" ", "")
    make = _Rows(shown.columns, drawn.widths, style)
    rows = [make.head()]
    most = MOST_UNGROUPED if table.town is None else max(1, min(MOST_OF_TOWN, MOST_ROWS // max(towns, 1)))
    groups = [(town, [_without(row, table.town) for row in some]) for town, some in table.groups()]
    total = shown.total()
    for town, some in groups:
        if table.town is not None:
            rows.append(make.town(town))
        # The first rows stay with the headings, the last ones with the total, or the note below.
        last = len(some) - (3 if total else 1 if table.note else 0)
        rows += [make.row(row, keep=n < min(2, last) or last <= n) for n, row in enumerate(some[:most])]
        if len(some) > most:
            said = texts.say("report_rest", count=len(some) - most, sheet=table.name)
            rows.append(make.total(shown.total(some[most:], said) or (said,) + (None,) * (len(shown.columns) - 1)))
        subtotal = shown.total(some, texts.say("report_subtotal"))
        if table.town is not None and subtotal and len(some) > 1:
            rows.append(make.total(subtotal))
    if total and (table.town is None or len(groups) > 1):
        rows.append(make.total(total, keep=bool(table.note)))
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in drawn.widths)
    return _table(sum(drawn.widths), _SIDES, grid, "".join(rows))


def chart_xml(drawn: Chart, style: str = "Tabletextsmall"):
    """A chart as a table: a name, a bar of shading, a value in each row, all on one page."""
    widths = 46.0, 74.0, 36.0
    rows = []
    for bar in drawn.bars:
        long = 0.0 if bar.value is None else widths[1] * 0.97 * max(bar.value, 0) / drawn.longest
        said = bar.why if bar.value is None else printed(bar.value, NUMBER)
        indent = f'<w:ind w:right="{_twips(widths[1] - 2 - long)}"/>'
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="4E7D96"/>' if long > 0.3 else ""
        rows.append(
            '<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="300" w:hRule="exact"/></w:trPr>'
            + _cell(bar.label, widths[0], style, "right", keep=True)
            + _cell(" ", widths[1], style, "left", keep=True, shape=shade, indent=indent)
            + _cell(said, widths[2], style, "left", keep=True)
            + "</w:tr>"
        )
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    return _table(sum(widths), "", grid, "".join(rows))


class _Rows:
    """The rows of a table as XML."""

    def __init__(self, columns: Sequence[Column], widths: Sequence[float], style: str):
        self._columns, self._widths, self._style = columns, widths, style
        # The words of a total stand in all cells before the first figure.
        self._lead = next((n for n, column in enumerate(columns) if n and column.total), len(columns))

    def head(self) -> str:
        cells = "".join(_cell(column.heading, width, self._style, "center", bold=True, keep=True, fill="E7ECEF")
                        for column, width in zip(self._columns, self._widths, strict=True))  # fmt: skip
        return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"

    def row(self, values: Sequence[Value], keep: bool = False) -> str:
        """``keep``: on the page of the next one."""
        return _row(self._cells(values, False, keep))

    def town(self, name: str) -> str:
        style = {"bold": True, "keep": True, "fill": "F5F7F8", "span": len(self._columns)}
        return _row([_cell(name, sum(self._widths), self._style, "left", **style)])

    def total(self, values: Sequence[Value], keep: bool = False) -> str:
        lead = self._lead
        words = _cell(str(values[0]), sum(self._widths[:lead]), self._style, "left", bold=True, keep=keep, span=lead)
        return _row([words, *self._cells(values, True, keep, lead)])

    def _cells(self, values: Sequence[Value], bold: bool, keep: bool, start: int = 0) -> Iterator[str]:
        for value, column, width in list(zip(values, self._columns, self._widths, strict=True))[start:]:
            align = "left" if isinstance(value, str) or not column.numeric else "right"
            said = printed(value, column.kind)
            if value is None and column.numeric and not bold:
                said, align = UNKNOWN, "center"
            yield _cell(said, width, self._style, align, bold=bold, keep=keep)


def _row(cells) -> str:
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str, width: float, style: str, align: str, bold: bool = False, keep: bool = False, fill: str = "",
    span: int = 1, shape: str = "", indent: str = "",
) -> str:  # fmt: skip
    weight = "<w:rPr><w:b/></w:rPr>" if bold else ""
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in plain(text).split("\n"))
    filled = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{spanned}{filled}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{"<w:keepNext/>" if keep else ""}{shape}{indent}'
        f'<w:jc w:val="{align}"/></w:pPr>' + (f"<w:r>{weight}{lines}</w:r>" if text else "") + "</w:p></w:tc>"
    )


def _table(width: float, sides: str, grid: str, rows: str):
    borders = f"<w:tblBorders>{sides}</w:tblBorders>" if sides else ""
    margins = '<w:tblCellMar><w:left w:w="45" w:type="dxa"/><w:right w:w="45" w:type="dxa"/></w:tblCellMar>'
    return parse_xml(
        f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="{_twips(width)}" w:type="dxa"/><w:jc w:val="center"/>{borders}'
        f'<w:tblLayout w:type="fixed"/>{margins}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )


def _shown(table: Table) -> Table:
    """As it is printed: without columns that need room, and without the town, which heads its rows."""
    narrow = table.narrow()
    return narrow if narrow.town is None else narrow.without_town()


def _without(row: Sequence[Value], town: int | None) -> tuple[Value, ...]:
    return tuple(value for n, value in enumerate(row) if n != town)


def _twips(mm: float) -> int:
    return max(0, round(mm * _MM))
