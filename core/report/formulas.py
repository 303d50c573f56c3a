"""What the formulas of a workbook come to, written beside them: previews, phones and Excel's protected view, which
mails open in, do not work formulas out and would show none."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

from .tables import Value

_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
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

    skip = next_sheet

    def of(self, number: int) -> dict[bytes, bytes]:
        """Of a sheet, the first being 1."""
        return self._sheets[number - 1] if 0 < number <= len(self._sheets) else {}


def known_results(path: Path, results: Results) -> None:
    """Write the results into a workbook that openpyxl has written without them. Raises OSError."""
    mended = path.with_name(f"{path.name}.mended")
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(mended, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in book.infolist():
            content = book.read(entry)
            sheet = _SHEET.fullmatch(entry.filename)
            known = results.of(int(sheet[1])) if sheet else {}
            if known:
                content = _FORMULA.sub(lambda found, known=known: _with_result(found, known), content)
            new.writestr(entry.filename, content)
    os.replace(mended, path)


def _with_result(found: re.Match[bytes], known: dict[bytes, bytes]) -> bytes:
    result = known.get(found[2])
    return found[1] + (b"<v>" + result + b"</v>" if result is not None else b"<v/>")
