"""What the formulas of a workbook come to, written beside them: previews, phones and Excel's protected view, which
mails open in, do not work formulas out and would show none."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import IO

from .tables import Value

_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_PART, _ROW = 1 << 20, b"</row>"
_FORMULA = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)')


class Results:
    """What formulas come to, by cell, sheet after sheet in the order of the workbook."""

    def __init__(self) -> None:
        self._sheets: list[dict[bytes, bytes]] = []
        self._present: dict[bytes, bytes] = {}

    def add(self, cell: str, value: Value) -> None:
        self._present[cell.encode()] = repr(value).encode()

    def next_sheet(self) -> None:
        self._sheets.append(self._present)
        self._present = {}

    def of(self, number: int) -> dict[bytes, bytes]:
        """Of a sheet, the first being 1."""
        return self._sheets[number - 1] if 0 < number <= len(self._sheets) else {}


def known_results(written: IO[bytes], results: Results) -> BytesIO:
    """A workbook that openpyxl has written, with the results beside its formulas."""
    whole = BytesIO()
    with zipfile.ZipFile(written) as book, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in book.infolist():
            sheet = _SHEET.fullmatch(entry.filename)
            known = results.of(int(sheet[1])) if sheet else {}
            with book.open(entry) as source, new.open(entry.filename, "w", force_zip64=True) as target:
                for some in _rows(source):
                    target.write(_with_results(some, known) if known else some)
    return whole


def _rows(source: IO[bytes]) -> Iterator[bytes]:
    """A file in parts that end where a row does: a sheet may be larger than is good to have in memory."""
    rest = b""
    while part := source.read(_PART):
        rest += part
        end = rest.rfind(_ROW) + len(_ROW)
        if end >= len(_ROW):
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _with_results(rows: bytes, known: dict[bytes, bytes]) -> bytes:
    def known_result(found: re.Match[bytes]) -> bytes:
        result = known.get(found[2])
        return found[0] if result is None else found[1] + b"<v>" + result + b"</v>"

    return _FORMULA.sub(known_result, rows)
