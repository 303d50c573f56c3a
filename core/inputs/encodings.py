"""In which encoding the texts of a Shapefile are that does not state it: read from the bytes of its table."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

UTF_8, GBK = "UTF-8", "GBK"
_RECORDS = 400  # that are looked at
_STATED = (".cpg", ".CPG")
_NO_LANGUAGE = (0x00, 0x57)  # marks in the table's header that say nothing; all others GDAL follows
_TEXTS = b"CM"


def unstated_encoding(path: str | Path) -> str | None:
    """`UTF_8` or `GBK` (all that GB 18030 writes), told from the bytes; None where the file states its encoding, has
    ASCII only, or is neither.

    :param path: of any of a Shapefile's files. :raises OSError: where its table cannot be read.
    """
    path = Path(path)
    if any(path.with_suffix(suffix).exists() for suffix in _STATED):
        return None
    table = next((path.with_suffix(suffix) for suffix in (".dbf", ".DBF") if path.with_suffix(suffix).exists()), None)
    if table is None:
        return None
    texts = [text for text in _texts(table) if not text.isascii()]
    if not texts:
        return None
    # A text cut at its field's width may end in half a character: the last bytes do not count.
    if all(_decodes(text, "utf-8", 3) for text in texts):
        return UTF_8
    return GBK if all(_decodes(text, "gb18030", 3) for text in texts) else None


def _texts(table: Path) -> Iterator[bytes]:
    """Names of fields and texts of the first records of a dBASE table."""
    with open(table, "rb") as file:
        header = file.read(32)
        if len(header) < 32 or header[29] not in _NO_LANGUAGE:
            return
        count, head, width = struct.unpack("<IHH", header[4:12])
        fields = []
        start = 1  # the mark of deletion
        for _ in range((head - 33) // 32):
            field = file.read(32)
            if len(field) < 32 or field[:1] == b"\r":
                break
            yield field[:11].partition(b"\0")[0]
            fields.append((start, field[16], field[11:12]))
            start += field[16]
        file.seek(head)
        for _ in range(min(count, _RECORDS)):
            record = file.read(width)
            for first, length, kind in fields:
                if kind in _TEXTS:
                    yield record[first : first + length].strip(b" \0")


def _decodes(text: bytes, encoding: str, half: int) -> bool:
    for cut in range(half + 1):
        try:
            text[: len(text) - cut].decode(encoding)
            return True
        except UnicodeDecodeError as error:
            if error.end < len(text) - half - 1:
                return False
    return False
