"""Tables without geometry: text files of figures, and the rows of any table laid to the towns."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import Issue, RedlineError
from .source import BATCH_FEATURES, Batch, Field, Source, as_texts

_DELIMITERS = "\t;,，"  # of two that fit equally well the earlier: a comma is often part of a number or a name
_SNIFFED_RECORDS = 50
_TELLING_DIGITS = 6  # a number of fewer may be a serial number or a figure; codes of places have six and more


class CsvSource(Source):
    """A delimited text file (comma, semicolon, tab or ，) with a header; every value is text, blanks are None.

    The encoding is the one asked for, or the first that fits of UTF-8, UTF-16 with its mark, and GB18030. Blank lines
    are left out, short rows filled up with None. ``fid`` is the line of the file that a row begins on.
    Raises RedlineError: 'cannot_read', 'wrong_encoding', 'empty_layer' (no header or no row), 'csv_header' (columns
    without a name or of the same), 'csv_ragged' (a row longer than the header), 'csv_quotes' (a quote left open).
    """

    geometry_kind = "none"
    crs = None

    def __init__(self, path: str | Path, encoding: str | None = None):
        self.path = str(path)
        self.name = Path(path).stem
        try:
            data, stat = Path(path).read_bytes(), Path(path).stat()
        except OSError as error:
            raise RedlineError("cannot_read", layer=self.name, path=self.path, reason=str(error)) from error
        self._size, self._modified = stat.st_size, stat.st_mtime
        self.encoding, text = self._decoded(data, encoding)
        records = list(self._records(text))
        if len(records) < 2:
            raise RedlineError("empty_layer", layer=self.name)
        header = self._header(records[0][1])
        rows = [self._fitted(cells, line, len(header)) for line, cells in records[1:]]
        self._columns = dict(zip(header, np.array(rows, dtype=object).T, strict=True))
        self._fid = np.array([line for line, _ in records[1:]], dtype=np.int64)
        self.fields = [Field(name, "text") for name in header]
        self.count = len(rows)

    @property
    def bounds(self) -> None:
        return None

    def fingerprint(self) -> dict[str, Any]:
        modified = datetime.fromtimestamp(self._modified, UTC).isoformat()
        facts = {"location": self.path, "layer": self.name, "features": self.count}
        return facts | {"size": self._size, "modified": modified}

    def batches(
        self,
        columns: Sequence[str] = (),
        bbox: tuple[float, float, float, float] | None = None,
        size: int = BATCH_FEATURES,
    ) -> Iterator[Batch]:
        require_columns(self, columns)
        return self._batches(columns, 0 if bbox else self.count, size)

    def _batches(self, columns: Sequence[str], count: int, size: int) -> Iterator[Batch]:
        for start in range(0, count, size):
            part = slice(start, start + size)
            fid = self._fid[part]
            values = {name: self._columns[name][part] for name in columns}
            yield Batch(np.full(len(fid), None, dtype=object), values, fid)

    def _decoded(self, data: bytes, encoding: str | None) -> tuple[str, str]:
        marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        tried = [encoding] if encoding else ["utf-8-sig", *(["utf-16"] if marked else []), "gb18030"]
        for name in tried:
            try:
                text = data.decode(name)
            except (UnicodeError, LookupError):
                continue
            if "\0" not in text:  # UTF-16 without its mark, or no text at all
                return name, text.removeprefix("\ufeff")
        raise RedlineError("wrong_encoding", layer=self.name, encoding=", ".join(tried))

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """First line and stripped cells of each record that is not blank."""
        reader = _reader(text, _delimiter(text), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise RedlineError("csv_quotes", layer=self.name, line=line) from error
            if record is None:
                return
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield line, cells

    def _header(self, cells: list[str]) -> list[str]:
        last = max(n for n, cell in enumerate(cells) if cell)  # spreadsheets write empty columns at the end
        header = cells[: last + 1]
        wrong = [cell or f"#{n + 1}" for n, cell in enumerate(header) if not cell or cell in header[:n]]
        if wrong:
            raise RedlineError("csv_header", layer=self.name, columns=", ".join(wrong))
        return header

    def _fitted(self, cells: list[str], line: int, width: int) -> list[str | None]:
        if any(cells[width:]):
            raise RedlineError("csv_ragged", layer=self.name, line=line)
        values = [cell or None for cell in cells[:width]]
        return values + [None] * (width - len(values))


def _reader(text: str, delimiter: str, strict: bool):
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def _delimiter(text: str) -> str:
    """The one that cuts most records into as many cells as the header, and the header into the most."""

    def fit(delimiter: str) -> tuple[bool, int, int]:
        try:
            records = list(islice(_reader(text, delimiter, strict=False), _SNIFFED_RECORDS))
        except csv.Error:
            return False, 0, 0
        widths = [len(record) for record in records if any(cell.strip() for cell in record)] or [0]
        return widths[0] > 1, widths.count(widths[0]), widths[0]

    return max(_DELIMITERS, key=fit)


@dataclass
class Match:
    """Which row of a table is which town's, for m towns and n rows.

    ``column`` identifies towns. ``row``: int64 (m,), -1 where no row is surely the
    town's; ``disputed``: bool (m,), there are rows, but several, or one that is another town's as well. ``found``: bool
    (n,), rows that name a town at all. ``columns``, ``fid``: the table, as of `Batch`.
    """

    column: str
    row: np.ndarray
    disputed: np.ndarray
    found: np.ndarray
    columns: dict[str, np.ndarray]
    fid: np.ndarray

    def laid(self, column: str) -> np.ndarray:
        """The column's values by town, object array (m,), None for a town without a row."""
        values = np.full(len(self.row), None, dtype=object)
        known = self.row >= 0
        values[known] = self.columns[column][self.row[known]]
        return values


def join(
    ids: np.ndarray, names: np.ndarray, table: Source, columns: Sequence[str], issues: list[Issue],
    town_column: str | None = None, candidates: Sequence[str] = (),
) -> dict[str, np.ndarray]:  # fmt: skip
    """The columns' values laid to the towns with these ids and names (m,): object arrays (m,), None where unknown.

    Issues, beside those of `match_towns`: 'row_matches_no_town', 'town_without_row'.
    Raises RedlineError as `match_towns`, and 'table_matches_no_town' whatever the column.
    """
    require_columns(table, columns)
    match = match_towns(ids, names, table, issues, town_column, candidates, columns)
    if not match.found.any():
        raise RedlineError("table_matches_no_town", layer=table.name, towns=_some(np.where(ids == "", names, ids)))
    says, texts = [match.column, *columns], as_texts(match.columns[match.column])
    for row in np.flatnonzero(~match.found):
        if any(match.columns[name][row] is not None for name in says):
            line, details = str(match.fid[row]), {"value": texts[row]}
            issues.append(Issue("row_matches_no_town", "warning", table.name, line, details))
    without = np.where(ids == "", names, ids)[(match.row < 0) & ~match.disputed]
    if len(without):
        details = {"count": len(without), "towns": _some(without)}
        issues.append(Issue("town_without_row", "notice", table.name, details=details))
    return {name: match.laid(name) for name in columns}


def match_towns(
    ids: np.ndarray, names: np.ndarray, table: Source, issues: list[Issue],
    town_column: str | None = None, candidates: Sequence[str] = (), others: Sequence[str] = (),
) -> Match:  # fmt: skip
    """Which row is which town's, by its id or its name; case and blanks aside.

    ``town_column`` tells it, by ids or by names, whichever it has more of. Where none is given, the columns named as
    ``candidates`` do, each row by an id before a name; else, and with a notice, the column with the most towns, ids
    before names. That search leaves out ``others`` and short numbers, which match by accident.
    Issues: 'town_column_found', 'row_matches_two_towns' (a name two towns share), 'town_has_two_rows'; of such rows
    none is used. Raises RedlineError: 'empty_layer', 'no_such_field', 'table_matches_no_town' where no column names
    towns, and what reading raises. A column asked for or named as candidates may have no town at all.
    """
    columns, fid = _read(table)
    places = _places(ids), _places(names)
    column, hits = _identifying(columns, places, table, issues, town_column, candidates, others)
    if column is None:
        raise RedlineError("table_matches_no_town", layer=table.name, towns=_some(np.where(ids == "", names, ids)))
    rows: list[list[int]] = [[] for _ in ids]
    disputed = np.zeros(len(ids), dtype=bool)
    texts = as_texts(columns[column])
    for row, towns in enumerate(hits):
        if len(towns) == 1:
            rows[towns[0]].append(row)
        elif towns:
            disputed[towns] = True
            details = {"value": texts[row]}
            issues.append(Issue("row_matches_two_towns", "error", table.name, str(fid[row]), details))
    for town, found in enumerate(rows):
        if len(found) > 1:
            disputed[town] = True
            lines = ", ".join(str(line) for line in fid[found])
            issues.append(Issue("town_has_two_rows", "error", table.name, lines, {"town": ids[town] or names[town]}))
    row = np.array([found[0] if len(found) == 1 else -1 for found in rows], dtype=np.int64)
    return Match(column, row, disputed, np.array([bool(towns) for towns in hits]), columns, fid)


def columns_named(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """The columns of these names, case and blanks aside, in the order of the names."""
    known = list(zip(columns, _keys(columns), strict=True))
    return [column for name in _keys(names) for column, key in known if key == name]


def require_columns(table: Source, columns: Sequence[str]) -> None:
    """Raises RedlineError 'no_such_field' for a column that the table does not have."""
    known = {field.name for field in table.fields}
    for name in columns:
        if name not in known:
            raise RedlineError("no_such_field", layer=table.name, field=name)


def _read(table: Source) -> tuple[dict[str, np.ndarray], np.ndarray]:
    names = [field.name for field in table.fields]
    batches = list(table.batches(columns=names))
    if not sum(map(len, batches)):
        raise RedlineError("empty_layer", layer=table.name)
    columns = {name: np.concatenate([batch.fields[name] for batch in batches]) for name in names}
    return columns, np.concatenate([batch.fid for batch in batches])


_Places = Mapping[str, list[int]]  # towns by what they are known as
_Hits = list[Sequence[int]]  # towns of each row


def _identifying(columns, places, table, issues, town_column, candidates, others) -> tuple[str | None, _Hits]:
    if town_column:
        require_columns(table, [town_column])
        return town_column, max((_hits(columns[town_column], known) for known in places), key=_count)
    named = columns_named(list(columns), candidates)
    # A row is known by its id in whichever of these columns, else by its name.
    tried = [(column, _hits(columns[column], known)) for known in places for column in named]
    if any(any(hits) for _, hits in tried):
        first = next(column for column, hits in tried if any(hits))
        by_id, by_name = tried[: len(named)], tried[len(named) :]
        return first, [_both(*pair) for pair in zip(_first_hits(by_id), _first_hits(by_name), strict=True)]
    telling = [{key: towns for key, towns in known.items() if not _short_number(key)} for known in places]
    free = [name for name in columns if name not in others]
    tried = [(name, _hits(columns[name], known)) for known in telling for name in free]
    column, hits = max(tried, key=lambda one: _count(one[1]), default=(None, []))
    if any(hits):
        issues.append(Issue("town_column_found", "notice", table.name, details={"field": column}))
        return column, hits
    return named[0] if named else None, [()] * len(next(iter(columns.values())))


def _places(texts: np.ndarray) -> _Places:
    places: dict[str, list[int]] = {}
    for town, key in enumerate(_keys(texts)):
        if key:
            places.setdefault(key, []).append(town)
    return places


def _hits(values: np.ndarray, places: _Places) -> _Hits:
    return [places.get(key, ()) for key in _keys(values)]


def _first_hits(tried: list[tuple[str, _Hits]]) -> _Hits:
    """Of each row the towns of the first column that has any."""
    return [next(filter(None, of_row), ()) for of_row in zip(*(hits for _, hits in tried), strict=True)]


def _both(by_id: Sequence[int], by_name: Sequence[int]) -> Sequence[int]:
    """A row's towns: by its id; all, where its name is another town's and one of the two must be wrong."""
    return by_id or by_name if not by_id or not by_name or set(by_id) & set(by_name) else [*by_id, *by_name]


def _count(hits: _Hits) -> int:
    return len({town for towns in hits for town in towns})


def _short_number(key: str) -> bool:
    return key.isdecimal() and len(key) < _TELLING_DIGITS


def _keys(values: Sequence[Any]) -> list[str]:
    return [text.casefold() for text in as_texts(values)]


def _some(values: Sequence[str], most: int = 10) -> str:
    return ", ".join(str(value) for value in values[:most]) + (" …" if len(values) > most else "")
