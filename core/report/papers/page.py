"""The report as one page (.html) that needs nothing else: no request goes out, no script is needed to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from ...errors import Cancelled
from ...review.request import Progress
from .chapters import Chapter, Picture, Report
from .charts import Chart, more_bars, svg
from .pictures import MOST_BYTES, Pictures
from .summing_up import Heading
from .tables import NUMERIC, UNKNOWN, Table, Value, plain, printed

PARTS = Path(__file__).resolve().parents[3] / "resources" / "report"
FOLDED, FILTERED = 60, 30  # rows from which on towns are folded, and can be filtered
# Even a picture that some text smuggled in could not call out.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def write_page(
    report: Report, path: Path, progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[str]:  # fmt: skip
    """Write the page; what could not be put into it, in words. Raises OSError.

    :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    page = _Page(report)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(page.head())
        for done, chapter in enumerate(report.chapters):
            progress(100 * done / len(report.chapters), "report_writing")
            for part in page.chapter(chapter):
                if cancelled():
                    raise Cancelled
                file.write(part)
        file.writelines(page.foot())
    return page.pictures.left_out(report.content.texts)


class _Page:
    """The parts of the page, one after the other."""

    def __init__(self, report: Report):
        self._report, self._texts = report, report.content.texts
        self._tables = self._charts = 0
        self.pictures = Pictures(MOST_BYTES)

    def head(self) -> Iterator[str]:
        report, say = self._report, self._texts
        language = "zh-CN" if say.language == "zh_CN" else "en"
        style = (PARTS / "page.css").read_text(encoding="utf-8") + "".join(self._alignments())
        yield (
            f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_text(report.title)}</title>'
            f"<style>\n{style}</style></head>\n<body><main>\n<header>"
        )
        if report.imprint.secrecy:
            yield f'<p class="secrecy">{_text(report.imprint.secrecy)}</p>'
        cover = "".join(f"<div><dt>{_text(label)}</dt><dd>{_text(value)}</dd></div>" for label, value in report.cover)
        yield f'<h1>{_text(report.title)}</h1><dl class="cover">{cover}</dl></header>\n'
        for notice in report.notices:
            yield f'<p class="notice">{_text(say.say("report_notice"))}　{_text(notice)}</p>\n'
        links = (f'<a href="#chapter{number}">{_text(chapter.title)}</a>' for number, chapter in
                 enumerate(report.chapters, 1))  # fmt: skip
        yield f"<nav>{''.join(links)}</nav>\n"

    def chapter(self, chapter: Chapter) -> Iterator[str]:
        number = self._report.chapters.index(chapter) + 1
        yield f'<section id="chapter{number}"><h2>{_text(chapter.title)}</h2>\n'
        charted = False
        for block in chapter.blocks:
            if isinstance(block, Chart) != charted:
                charted = not charted
                yield '<div class="charts">\n' if charted else "</div>\n"
            if isinstance(block, Table):
                yield from self._table(block)
            elif isinstance(block, Chart):
                yield self._chart(block)
            elif isinstance(block, Picture):
                yield self._picture(block)
            else:
                tag = "h3" if isinstance(block, Heading) else "p"
                yield f"<{tag}>{_text(block.text)}</{tag}>\n"
        yield "</div></section>\n" if charted else "</section>\n"

    def foot(self) -> Iterator[str]:
        yield f"</main>\n<script>\n{(PARTS / 'page.js').read_text(encoding='utf-8')}</script></body></html>\n"

    def _alignments(self) -> Iterator[str]:
        """Numbers to the right, ids unbroken, by column: a class on each of a million cells would double the page."""
        tables = [block for chapter in self._report.chapters for block in chapter.blocks if isinstance(block, Table)]
        for number, table in enumerate(tables, 1):
            shown = table if table.town is None else table.without_town()
            for kept, style in ((True, "text-align:right;white-space:nowrap"), (False, "white-space:nowrap")):
                places = [f"#t{number} td:nth-child({n})" for n, column in enumerate(shown.columns, 1)
                          if (column.numeric if kept else column.whole)]  # fmt: skip
                if places:
                    yield f"{','.join(places)}{{{style}}}\n"

    def _table(self, table: Table) -> Iterator[str]:
        self._tables += 1
        title = self._texts.say("report_table_number", number=self._tables, title=table.title)
        yield f'<p class="caption">{_text(title)}</p>\n'
        if len(table.rows) >= FILTERED:
            yield f'<input class="filter" type="search" hidden placeholder="{_text(self._texts.say("report_filter"))}">'
        yield f'<div id="t{self._tables}">\n'
        yield from self._grouped(table) if table.town is not None else _rows(table, table.rows, table.total())
        yield f'</div>\n<p class="note">{_text(table.note)}</p>\n' if table.note else "</div>\n"

    def _grouped(self, table: Table) -> Iterator[str]:
        """Each town's rows, folded where they are many, with what they come to."""
        shown, fold = table.without_town(), len(table.rows) >= FOLDED
        groups = list(table.groups())
        for town, rows in groups:
            inner = [tuple(value for n, value in enumerate(row) if n != table.town) for row in rows]
            total = shown.total(inner, self._texts.say("report_subtotal"))
            said = self._texts.separator.join([self._texts.say("report_rows", count=len(rows)), *_sums(shown, total)])
            yield f"<details{'' if fold else ' open'}><summary>{_text(town)}<span>{_text(said)}</span></summary>"
            yield from _rows(shown, inner, total if len(rows) > 1 else None)
            yield "</details>\n"
        total = shown.total()
        if total and len(groups) > 1:
            said = self._texts.separator.join(_sums(shown, total))
            yield f"<p><b>{_text(self._texts.listed(str(total[0]), [said]))}</b></p>\n"

    def _chart(self, drawn: Chart) -> str:
        self._charts += 1
        title = self._texts.say("report_chart_number", number=self._charts, title=drawn.title)
        said = self._texts.separator.join(text for text in (drawn.note, more_bars(self._texts, drawn)) if text)
        note = f'<p class="note">{_text(said)}</p>' if said else ""
        return f"<figure>{svg(drawn)}<figcaption>{_text(title)}</figcaption>{note}</figure>\n"

    def _picture(self, picture: Picture) -> str:
        content = self.pictures.read(picture.path)
        if content is None:
            return ""
        caption = _text(picture.caption)
        size = f'width="{content.width}" height="{content.height}"'
        image = f'<img src="{content.address()}" {size} style="height:auto" loading="lazy" alt="{caption}">'
        return f'<figure class="map">{image}<figcaption>{caption}</figcaption></figure>\n'


def _rows(table: Table, rows: Sequence[tuple[Value, ...]], total: Sequence[Value] | None) -> Iterator[str]:
    kinds = [column.kind for column in table.columns]
    heads = "".join(f"<th>{_text(column.heading)}" for column in table.columns)
    # Columns that need room have none on paper: the page's style leaves them out in print.
    roomy = " ".join(f"r{n}" for n, column in enumerate(table.columns, 1) if column.roomy)
    marked = f' class="{roomy}"' if roomy else ""
    yield f'<div class="wide"><table{marked}><thead><tr>{heads}</thead><tbody>\n'
    for row in rows:
        yield f"<tr>{_cells(row, kinds, UNKNOWN)}\n"
    foot = f"<tfoot><tr>{_cells(total, kinds)}</tfoot>" if total else ""
    yield f"</tbody>{foot}</table></div>\n"


def _cells(row: Sequence[Value], kinds: Sequence[str], unknown: str = "") -> str:
    """End tags of cells and rows may be left out, which makes a large page a quarter smaller.

    :param unknown: stands for a figure that is not known.
    """
    said = (unknown if value is None and kind in NUMERIC else printed(value, kind)
            for value, kind in zip(row, kinds, strict=True))  # fmt: skip
    return "".join(f"<td>{_text(one)}" for one in said)


def _sums(table: Table, total: Sequence[Value] | None) -> list[str]:
    """Totals in words, for where there is no row of them: the first that matter."""
    if total is None:
        return []
    known = [(column, value) for column, value in zip(table.columns, total, strict=True)
             if column.total and value is not None and not column.roomy]  # fmt: skip
    return [f"{column.title} {printed(value, column.kind)}" for column, value in known]


def _text(text: str) -> str:
    return escape(plain(text))
