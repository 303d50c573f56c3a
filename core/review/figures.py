"""Figures of towns that no map tells (people, money, shares), read from a table or from the towns' own attributes."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from ..errors import Issue, RedlineError
from ..inputs.source import Source, as_texts
from ..inputs.tables import join
from ..profile import Profile

COUNTS = ("residents", "jobs", "visitors")
MONEY = ("gdp", "tax", "investment", "trade_investment")
SHARES = ("green_pct", "new_economy_pct", "research_pct")
TEXTS = ("kind", "start")
FIGURES = (*COUNTS, *MONEY, *SHARES, *TEXTS)

MONEY_UNITS = {"yuan": "元", "wan": "万元", "yi": "亿元"}

_SCALES = {"百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "wan": 4, "yi": 8}  # powers of ten
_SCALE = "|".join(_SCALES)
_UNITS = {
    **dict.fromkeys(MONEY, rf"(?:人民币)?({_SCALE})?元(?:人民币)?|({_SCALE}) ?(?:yuan|cny|rmb)?|yuan|cny|rmb"),
    **dict.fromkeys(COUNTS, rf"({_SCALE})?(?:人次|人|名)|({_SCALE})"),
    **dict.fromkeys(SHARES, "%|‰"),
    **dict.fromkeys(TEXTS, "(?!)"),
}
_A_YEAR = r"(?:/年|/a|每年)?"
_OTHER_MONEY = re.compile(r"元|[$€£]|usd|eur|hkd|yuan|cny|rmb")
_BRACKETED = re.compile(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]")
_NUMBER = re.compile(r"[+-]?(?:(?:\d{1,3}(?:[, ]\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?")


@dataclass
class FigureRequest:
    """``fields``: the column chosen for a figure (of `FIGURES`), the table's or the towns'; ``table``: rows by town,
    ``town_column`` tells whose; ``money_unit``: of `MONEY_UNITS`, the unit of money in columns that state none."""

    fields: dict[str, str] = field(default_factory=dict)
    table: Source | None = None
    money_unit: str | None = None
    town_column: str | None = None


@dataclass
class Figures:
    """Figures of m towns: ``numbers`` by figure, float64 (m,), NaN where unknown, money in yuan, shares in %; ``kind``
    and ``start``, object arrays (m,) of text, ``""`` where unknown. ``used``: figure → layer and field it is from."""

    numbers: dict[str, np.ndarray]
    kind: np.ndarray
    start: np.ndarray
    used: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class _Column:
    figure: str
    layer: str
    field: str
    chosen: bool
    in_table: bool


def read_figures(
    request: FigureRequest, ids: np.ndarray, names: np.ndarray, town_layer: str,
    attributes: Mapping[str, np.ndarray], profile: Profile, issues: list[Issue],
) -> Figures:  # fmt: skip
    """The figures of the towns with these ids, names and ``attributes`` (object arrays, (m,)).

    A figure is read from the column chosen, the table's before the towns' own; else from a column that the profile's
    ``figure_fields`` name, again the table's first. A unit may follow the name, in brackets or after ``_``.
    Issues: 'figure_found', 'figure_ambiguous', 'money_unit_missing' (a column found, not chosen), 'figure_not_usable',
    'table_without_figures', and those of `join`.
    :raises RedlineError: ``no_such_field``, ``money_unit_missing``, ``money_unit_contradicts``, and those of `join`.
    """
    finder = _Finder(request, town_layer, list(attributes), profile, issues)
    columns = [column for figure in FIGURES if (column := finder.column(figure))]
    factors = {column: _factor(column, request.money_unit, issues) for column in columns}
    columns = [column for column in columns if factors[column] is not None]
    for column in columns:
        if not column.chosen:
            details = {"figure": column.figure, "field": column.field}
            issues.append(Issue("figure_found", "notice", column.layer, details=details))
    wanted = list(dict.fromkeys(column.field for column in columns if column.in_table))
    laid = {}
    if wanted:
        known_as = profile.town_list.fields.get("town", ())
        laid = join(ids, names, request.table, wanted, issues, request.town_column, known_as)
    elif request.table and not finder.seen_in_table:
        issues.append(Issue("table_without_figures", "warning", request.table.name))

    numbers = {figure: np.full(len(ids), np.nan) for figure in FIGURES if figure not in TEXTS}
    texts = {figure: np.full(len(ids), "", dtype=object) for figure in TEXTS}
    for column in columns:
        values = (laid if column.in_table else attributes)[column.field]
        if column.figure in TEXTS:
            texts[column.figure] = as_texts(values)
        else:
            numbers[column.figure] = _numbers(values, column, factors[column], np.where(ids == "", names, ids), issues)
    used = {column.figure: (column.layer, column.field) for column in columns}
    return Figures(numbers, texts["kind"], texts["start"], used)


class _Finder:
    """Finds the column of a figure. ``seen_in_table``: the table has a column for some figure, of use or not."""

    def __init__(self, request: FigureRequest, town_layer: str, attributes: list[str], profile: Profile, issues):
        self._request, self._town_layer, self._issues = request, town_layer, issues
        self._names = profile.figure_fields
        table = request.table
        self._places = [(table.name, [one.name for one in table.fields], True)] if table else []
        self._places.append((town_layer, attributes, False))
        self.seen_in_table = False

    def column(self, figure: str) -> _Column | None:
        chosen = self._request.fields.get(figure)
        for layer, headers, in_table in self._places:
            fields = [chosen] if chosen in headers else [] if chosen else self._named(figure, headers)
            self.seen_in_table |= in_table and bool(fields)
            if len(fields) == 1:
                return _Column(figure, layer, fields[0], bool(chosen), in_table)
            if fields:
                details = {"figure": figure, "fields": ", ".join(fields)}
                self._issues.append(Issue("figure_ambiguous", "warning", layer, details=details))
                return None
        if chosen:
            raise RedlineError("no_such_field", layer=self._places[0][0], field=chosen)
        return None

    def _named(self, figure: str, headers: Sequence[str]) -> list[str]:
        names = {header: _name_and_units(header, figure)[0] for header in headers}
        for known in self._names.get(figure, ()):
            fields = [header for header, name in names.items() if name == _plain(known)]
            if fields:
                return fields
        return []


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _name_and_units(header: str, figure: str) -> tuple[str, list[str]]:
    """What stands before the brackets of a header, and the texts in them; 'GDP_万元' is read like 'GDP（万元）'."""
    text = _plain(header)
    name = re.split(r"[(\[【〔]", text, maxsplit=1)[0].strip()
    inside = [part.strip().removeprefix("单位:").strip() for one in _BRACKETED.findall(text)
              for part in re.split("[,、;]", one)]  # fmt: skip
    before, _, last = name.rpartition("_")
    if before and re.fullmatch(_UNITS[figure], last):
        return before.strip(), [last, *inside]
    return name, inside


def _stated(header: str, figure: str) -> Decimal | None:
    """What the unit in a header multiplies values by; None where it has none, NaN where it is money of another kind."""
    units = _name_and_units(header, figure)[1]
    for unit in units:
        match = re.fullmatch(f"(?:{_UNITS[figure]}){_A_YEAR}", unit)
        if match:
            scale = next((group for group in match.groups() if group), None)
            return Decimal("0.1") if unit.startswith("‰") else Decimal(10) ** _SCALES.get(scale, 0)
    other = figure in MONEY and any(_OTHER_MONEY.search(unit) for unit in units)
    return Decimal("NaN") if other else None


def _factor(column: _Column, money_unit: str | None, issues: list[Issue]) -> Decimal | None:
    """What values are multiplied by; None where money has no unit and is left out."""
    factor = _stated(column.field, column.figure)
    if column.figure not in MONEY:
        return Decimal(1) if factor is None else factor
    if money_unit:
        asked = _stated(f"({MONEY_UNITS[money_unit]})", column.figure)
        if factor is not None and factor != asked:
            unit = MONEY_UNITS[money_unit]
            raise RedlineError("money_unit_contradicts", layer=column.layer, field=column.field, unit=unit)
        return asked
    if factor is not None and not factor.is_nan():
        return factor
    if column.chosen:
        raise RedlineError("money_unit_missing", layer=column.layer, field=column.field)
    details = {"figure": column.figure, "field": column.field}
    issues.append(Issue("money_unit_missing", "warning", column.layer, details=details))
    return None


def _numbers(
    values: np.ndarray, column: _Column, factor: Decimal, labels: np.ndarray, issues: list[Issue]
) -> np.ndarray:
    most = 100 if column.figure in SHARES else math.inf
    numbers = np.full(len(values), np.nan)
    for town, value in enumerate(values):
        if value is None or value != value or (isinstance(value, str) and not value.strip()):
            continue
        number = _number(value, column.figure in SHARES)
        # in decimals: 1.13 万元 is 11,300 元, not 11,299.999999999998
        number = float(number * factor) if number is not None else math.nan
        if 0 <= number <= most and math.isfinite(number):
            numbers[town] = number
        else:
            details = {"figure": column.figure, "field": column.field, "value": str(value).strip()}
            issues.append(Issue("figure_not_usable", "warning", column.layer, str(labels[town]), details))
    known = numbers[~np.isnan(numbers)]
    bare = column.figure in SHARES and not _name_and_units(column.field, column.figure)[1]
    if bare and known.size and 0 < known.max() <= 1:
        details = {"figure": column.figure, "field": column.field}
        issues.append(Issue("share_looks_like_fraction", "warning", column.layer, details=details))
    return numbers


def _number(value: Any, share: bool) -> Decimal | None:
    """A number as typed by people, None where it is none; a share may have its % behind it."""
    text = _plain(str(value))
    if share:
        text = text.removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(re.sub("[, ]", "", text))
    return number if math.isfinite(float(number)) else None
