"""Tables of a report as plain data: what document, workbook and page print, rounded once, so that all three agree."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from ..texts import Texts
from ..units import HA_DECIMALS, M2_DECIMALS, MU_DECIMALS, PCT_DECIMALS, number

# What a column holds: text, a day, a count, areas in hectares, mu and m², per cent, a number of whatever unit.
TEXT, DAY, COUNT, HA, MU, M2, PCT, NUMBER = "text", "day", "count", "ha", "mu", "m2", "pct", "number"
UNKNOWN = "—"  # a figure that is not known, in print
NUMERIC = (COUNT, HA, MU, M2, PCT, NUMBER)
DECIMALS = {COUNT: 0, HA: HA_DECIMALS, MU: MU_DECIMALS, M2: M2_DECIMALS, PCT: PCT_DECIMALS}
# Characters that neither XML nor a cell may hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNIT = re.compile(r"\s*([（(][^（(]*[）)])$")

Value = str | float | int | date | None


@dataclass(frozen=True)
class Column:
    """``kind``: of those above; ``total``: whether its rows are added up, ``within``: those of one town only;
    ``made_of``: columns that this one is the sum of, each with its sign; ``roomy``: shown only where there is room, in
    workbook and page; ``whole``: never broken over lines."""

    title: str
    kind: str = TEXT
    total: bool = False
    within: bool = False
    made_of: tuple[tuple[int, int], ...] = ()
    roomy: bool = False
    whole: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def heading(self) -> str:
        """The title with its unit on a line of its own."""
        return _UNIT.sub(r"\n\1", self.title)


@dataclass(frozen=True)
class Table:
    """``name``: short, for a sheet; ``rows``: values as they are printed, numbers rounded; ``town``: the column by
    which rows that belong together are grouped, if any; ``note``: said below it; ``short``: the rows that the document
    lists, all where None (always, where there is a total); ``total_word``: heads the row of totals."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    town: int | None = None
    note: str = ""
    short: Sequence[tuple[Value, ...]] | None = None
    total_word: str = ""

    def total(self, rows: Sequence[tuple[Value, ...]] | None = None, word: str = "") -> tuple[Value, ...] | None:
        """The row of totals, of all rows where None: what a reader gets who adds up what is printed. None without."""
        if not any(column.total for column in self.columns):
            return None
        whole, rows = rows is None, self.rows if rows is None else rows
        values: list[Value] = [
            None if whole and column.within else added(rows, n, column) for n, column in enumerate(self.columns)
        ]
        values[0] = word or self.total_word
        return tuple(values)

    def narrow(self) -> Table:
        """Without the columns that need room."""
        return self.only([n for n, column in enumerate(self.columns) if not column.roomy])

    def without_town(self) -> Table:
        """Without the column of towns, where they stand as headings."""
        return self.only([n for n in range(len(self.columns)) if n != self.town])

    def only(self, kept: Sequence[int]) -> Table:
        """With these of its columns."""
        place = {old: new for new, old in enumerate(kept)}
        columns = tuple(
            replace(
                self.columns[n],
                made_of=tuple((sign, place[one]) for sign, one in self.columns[n].made_of if one in place),
            )
            for n in kept
        )
        rows, short = (
            None if some is None else [tuple(row[n] for n in kept) for row in some] for some in (self.rows, self.short)
        )
        return replace(
            self, columns=columns, rows=rows, short=short, town=place.get(self.town) if self.town is not None else None
        )

    def in_short(self) -> Table:
        """With the rows that the document lists."""
        return self if self.short is None else replace(self, rows=self.short)

    def groups(self) -> Iterator[tuple[str, list[tuple[Value, ...]]]]:
        """Its rows town by town, in their order; all in one group where it is not grouped."""
        if self.town is None:
            yield "", list(self.rows)
            return
        for town, rows in groupby(self.rows, key=lambda row: row[self.town]):
            yield str(town or ""), list(rows)


def made(texts: Texts, code: str, columns: Sequence[Column], rows: Sequence[tuple[Value, ...]], **more: Any) -> Table:
    """A table with the name, title and note that the catalogue has for ``code``; ``line`` fills in a line's name."""
    line = more.pop("line", "")
    name = texts.word("report_sheet", code).format(line=line)
    title = texts.word("report_table", code).format(line=line)
    note = more.pop("note", texts.words("report_note").get(code, ""))
    return Table(name, title, tuple(columns), rows, note=note, total_word=texts.say("report_total"), **more)


def added(rows: Sequence[tuple[Value, ...]], n: int, column: Column) -> Value:
    """A column's values added up as they are printed; None where nothing is to be added."""
    known = [row[n] for row in rows if isinstance(row[n], (int, float))] if column.total else []
    if not known:
        return None
    return sum(known) if column.kind == COUNT else round(sum(known), DECIMALS.get(column.kind, 4))


def rounded(value: Any, kind: str) -> Value:
    """A value of a package as a column of this kind has it: None for NaN, a number rounded, a text cleaned."""
    if value is None or value != value or value == "":
        return None
    if kind == TEXT:
        return plain(str(value))
    if kind == DAY:
        return day_of(value)
    if kind == COUNT:
        return int(value)
    return round(float(value), DECIMALS.get(kind, decimals_of(float(value)))) + 0.0  # no negative zero


def decimals_of(value: float) -> int:
    """Of a number of whatever unit: none for whole ones, more for small ones."""
    if value == round(value):
        return 0
    return 2 if abs(value) >= 100 else 4


def printed(value: Value, kind: str) -> str:
    """A value as it is printed; empty where unknown."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return number(value, DECIMALS.get(kind, decimals_of(float(value))))


def plain(text: str) -> str:
    """The text without characters that files cannot hold."""
    return _FORBIDDEN.sub("", text)


def day_of(value: Any) -> Value:
    """The day, here, of a moment as it is recorded (ISO 8601); the text itself where it is none."""
    if isinstance(value, datetime):
        return value.astimezone().date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    try:
        return day_of(datetime.fromisoformat(str(value)))
    except ValueError:
        return plain(str(value))


def breadth(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese character takes two. Of several lines the widest."""
    lines = text.split("\n")
    return max(sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line) for line in lines)


def breadths(table: Table, heads: int = 1, least: int = 4, most: int = 60, looked_at: int = 300) -> list[int]:
    """How wide each column wants to be, of its first rows and its heading.

    :param heads: on how many lines a heading may be broken, its unit aside.
    """
    rows = [*table.rows[:looked_at], *filter(None, [table.total()])]
    wanted = []
    for n, column in enumerate(table.columns):
        texts = [printed(row[n], column.kind) for row in rows]
        widest = max((breadth(text) for text in texts), default=0)
        title, *unit = column.heading.split("\n")
        headed = breadth(title) if heads == 1 else max(-(-breadth(title) // heads), _longest_word(title))
        wanted.append(min(most, max(least, widest, headed, *map(breadth, unit))))
    return wanted


def _longest_word(text: str) -> int:
    """Of those that must not be broken, in bold type: Chinese may be, anywhere."""
    return math.ceil(1.15 * max(map(len, re.findall(r"[\x21-\u2e7f]+", text)), default=0))
