"""In which encoding the texts of a Shapefile really are: read from the bytes of its table (.dbf)."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

UTF_8, GBK = "UTF-8", "GBK"
CODECS = {UTF_8: "utf-8", GBK: "gb18030"}  # GBK: all that GB 18030 writes
_RECORDS = 400  # that are looked at
_STATED = (".cpg", ".CPG")
_NO_LANGUAGE = (0x00, 0x57)  # marks in the table's header that say nothing; all others GDAL follows
_TEXTS = b"CM"
_CUT = 3  # a text cut at its field's width may end in half a character: so many last bytes do not count
_LOST = re.compile("\ufffd+")
_CHINESE = ("gbk", "gb2312", "gb18030", "cp936", "936", "euc-cn", "hz-gb-2312")  # names of what GB 18030 includes


def unstated_encoding(path: str | Path) -> str | None:
    """`UTF_8` or `GBK`, told from the bytes; None where the file states its encoding, has ASCII only, or is neither.

    :param path: of any of a Shapefile's files. :raises OSError: where its table cannot be read.
    """
    if any(Path(path).with_suffix(suffix).exists() for suffix in _STATED):
        return None
    table = _Table.of(path)
    return table.told() if table is not None and table.language in _NO_LANGUAGE else None


def misread(path: str | Path, read_as: str | None) -> str | None:
    """The encoding the texts are in, `UTF_8` or `GBK`, where they cannot be in the one they are read as, whatever the
    file states; None where they can.

    :param path: of any of a Shapefile's files. :raises OSError: where its table cannot be read.
    """
    table = _Table.of(path)
    right = table.told() if table is not None and read_as else None
    if right is None or same_encoding(right, str(read_as)):
        return None
    try:
        readable = all(_decodes(text, str(read_as)) for text in table.looked_at())
    except LookupError:  # an encoding that Python does not know
        return None
    return None if readable else right


def original(
    path: str | Path, column: int, read_as: str, right: str, wanted: Callable[[str], bool]
) -> tuple[str, str] | None:
    """The first text of a column that reads, in the wrong encoding, as one that is ``wanted``: so, and as it really is.

    Characters that were lost are one � each time, however many there were (see `collapsed`).
    :param column: its place among the fields. :raises OSError: where the table cannot be read.
    """
    table = _Table.of(path)
    for text in table.texts(column) if table is not None else ():
        shown = collapsed(text.decode(read_as, "replace"))
        if not text.isascii() and wanted(shown):
            return shown, text.decode(CODECS[right], "ignore")
    return None


def field_names(path: str | Path, read_as: str, right: str) -> list[tuple[str, str]]:
    """The names of a table's fields that are not plain ASCII, as they read in the wrong encoding and as they are."""
    table = _Table.of(path)
    names = [name for name in table.names if not name.isascii()] if table is not None else []
    return [(collapsed(name.decode(read_as, "replace")), name.decode(CODECS[right], "ignore")) for name in names]


def same_encoding(one: str, other: str) -> bool:
    """Whether two names stand for encodings that read a text alike."""
    return _plain(one) == _plain(other)


def collapsed(text: str) -> str:
    """A text with one � where programs put several for the same bytes."""
    return _LOST.sub("\ufffd", text)


def _plain(encoding: str) -> str:
    folded = encoding.casefold().replace("_", "-")
    return "gbk" if folded in _CHINESE else folded.replace("utf8", "utf-8")


class _Table:
    """A dBASE table: the ``names`` of its fields and the mark of its ``language``, as bytes."""

    def __init__(self, path: Path):
        self._path = path
        self.names: list[bytes] = []
        self._columns: dict[int, slice] = {}  # of texts, by their place among the fields
        with open(path, "rb") as file:
            header = file.read(32)
            whole = len(header) == 32
            self.language = header[29] if whole else None
            self._count, self._head, self._width = struct.unpack("<IHH", header[4:12]) if whole else (0, 0, 0)
            start = 1  # the mark of deletion
            for place in range((self._head - 33) // 32):
                field = file.read(32)
                if len(field) < 32 or field[:1] == b"\r":
                    break
                self.names.append(field[:11].partition(b"\0")[0])
                if field[11:12] in _TEXTS:
                    self._columns[place] = slice(start, start + field[16])
                start += field[16]

    @classmethod
    def of(cls, path: str | Path) -> _Table | None:
        """That of a Shapefile; None where it is not there."""
        found = (Path(path).with_suffix(suffix) for suffix in (".dbf", ".DBF"))
        return next((cls(table) for table in found if table.exists()), None)

    def looked_at(self) -> list[bytes]:
        """The names of fields and the texts of the first records that are not plain ASCII."""
        return [text for text in chain(self.names, self.texts(records=_RECORDS)) if not text.isascii()]

    def told(self) -> str | None:
        """The encoding that these are in."""
        texts = self.looked_at()
        right = (name for name, codec in CODECS.items() if all(_decodes(text, codec) for text in texts))
        return next(right, None) if texts else None

    def texts(self, column: int | None = None, records: int | None = None) -> Iterator[bytes]:
        """The texts of one column, or of all, in the first records or all of them."""
        columns = [part for place, part in self._columns.items() if column in (None, place)]
        with open(self._path, "rb") as file:
            file.seek(self._head)
            for _ in range(self._count if records is None else min(self._count, records)):
                record = file.read(self._width)
                if not record:  # the header promises more than there is
                    return
                yield from (record[part].strip(b" \0") for part in columns)


def _decodes(text: bytes, codec: str) -> bool:
    for cut in range(_CUT + 1):
        try:
            text[: len(text) - cut].decode(codec)
            return True
        except UnicodeDecodeError as error:
            if error.end < len(text) - _CUT - 1:
                return False
    return False
