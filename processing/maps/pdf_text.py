"""The text of PDF files that Qt wrote: what is copied from one or searched in it is what was printed.

Qt tells readers of a PDF which character a glyph stands for by the first code point that its face has it for. In Noto
and Source Han, 见 and the radical ⻅ (U+2EC5) share a glyph, 户 and ⼾, 胶 and 㬵, ～ and 〜, the blank and the tab: Qt
names the wrong one, and the text cannot be found. The tables that tell so (ToUnicode) are written anew, each code as
Chinese text would have it, and added to the file's end as PDF provides (an incremental update): the pages are neither
read nor moved, however many there are. Characters beyond U+FFFF are in none of Qt's tables, and stay out.
"""

from __future__ import annotations

import mmap
import os
import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from qgis.PyQt.QtGui import QFont, QRawFont

from .typeface import ROLES

_HEAD = 4096  # bytes within which a dictionary ends
_BLOCK = 100  # entries that a block of a table may have
_CODES = "".join(map(chr, (*range(0xD800), *range(0xE000, 0xFFFE))))

_NAME = re.compile(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?([^\s/<>\[\]()]+)")
_TABLE = re.compile(rb"/ToUnicode\s+(\d+)\s+\d+\s+R")
_LENGTH = re.compile(rb"/Length\s+(\d+)(\s+\d+\s+R)?")
_RANGES = re.compile(r"\d+\s+beginbf(range|char)(.*?)endbf\1\s*", re.DOTALL)
_CHAR = re.compile(r"<(\w+)>\s*<(\w*)>")
_RANGE = re.compile(r"<(\w+)>\s*<(\w+)>\s*(?:<(\w*)>|\[([^\]]*)\])")


def mend_text(path: Path | str, families: Iterable[str] = ()) -> int | None:
    """Make the text of a PDF say what was printed.

    :param path: a file that Qt wrote, which nobody has open. :param families: of faces in it beside those that
        `typeface` knows; text in others is left alone.
    :returns: how many codes were put right; None where the file is built in a way that is not known here, as by
        another writer: it is left as it is.
    :raises OSError: the file cannot be read or written; it is left as it was.
    """
    known = [name for faces in ROLES.values() for names in faces for name in names]
    faces = [(family, bold) for family in dict.fromkeys((*families, *known)) for bold in (False, True)]
    with open(path, "r+b", buffering=0) as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                added, mended = _update(content, faces)
        except (_Unknown, ValueError, KeyError, zlib.error):
            return None
        end, rest = file.seek(0, os.SEEK_END), memoryview(added)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:  # a full disk: half an update would be no PDF
            file.truncate(end)
            raise
    return mended


class _Unknown(Exception):
    """The file is not built as Qt builds it."""


def _raw(family: str, bold: bool) -> QRawFont:
    font = QFont(family)
    font.setBold(bold)
    return QRawFont.fromFont(font)


@lru_cache(maxsize=256)
def _names(family: str, bold: bool) -> bytes:
    """The names of a face, as its font file has them."""
    return bytes(_raw(family, bold).fontTable("name"))


@lru_cache(maxsize=32)
def _meant(family: str, bold: bool) -> Mapping[int, int]:
    """Of codes that share a glyph of a face the one that is meant."""
    shared: dict[int, list[int]] = {}
    for code, glyph in zip(map(ord, _CODES), _raw(family, bold).glyphIndexesForString(_CODES), strict=True):
        shared.setdefault(glyph, []).append(code)
    shared.pop(0, None)  # what the face lacks
    return {code: min(codes, key=_rank) for codes in shared.values() if len(codes) > 1 for code in codes}


def _rank(code: int) -> tuple[bool, bool, bool, int]:
    """Of codes that look the same the least is meant: what Chinese text is made of, else no radical."""
    char = chr(code)
    return not _in("gbk", char), not _in("gb2312", char), "RADICAL" in unicodedata.name(char, ""), code


def _in(charset: str, char: str) -> bool:
    """Whether a character set has a character that prints, or the blank."""
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return unicodedata.category(char) != "Cc"


def _update(content: mmap.mmap, faces: list[tuple[str, bool]]) -> tuple[bytes, int]:
    """What is to be added to the file, empty where nothing is, and how many codes it puts right."""
    at = content.rfind(b"startxref")
    start = _number(content[at + len(b"startxref") : at + 64]) if at >= 0 else -1
    places, trailer = _places(content, start)
    added, entries, mended = b"", [], 0
    for place in places.values():
        head = _head(content, place)
        name, table = _NAME.search(head), _TABLE.search(head)
        face = next((face for face in faces if name and table and _named(_names(*face), name[1])), None)
        if not face:
            continue
        number = int(table[1])
        text, count = _mended(_stream(content, places, number).decode("latin-1"), _meant(*face))
        if count:
            packed = zlib.compress(text.encode("latin-1"))
            entries.append(b"%d 1\n%010d 00000 n \n" % (number, len(content) + 1 + len(added)))
            added += b"%d 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % (number, len(packed))
            added += packed + b"\nendstream\nendobj\n"
            mended += count
    if not added:
        return b"", 0
    xref = len(content) + 1 + len(added)
    tail = b"xref\n0 1\n0000000000 65535 f \n%b" % b"".join(entries)  # some readers ask for the first
    tail += b"trailer\n<< %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (trailer, start, xref)
    return b"\n" + added + tail, mended


def _places(content: mmap.mmap, start: int) -> tuple[dict[int, int], bytes]:
    """Where each object stands, and what a new trailer takes over from the last."""
    places: dict[int, int] = {}
    last = b""
    seen = set()
    while start >= 0 and start not in seen:
        seen.add(start)
        if content[start : start + 4] != b"xref":
            raise _Unknown
        position = start + 4
        while section := re.match(rb"\s*(\d+) (\d+)\s*", content[position : position + 64]):
            first, count = int(section[1]), int(section[2])
            position += section.end()
            for number in range(first, first + count):
                entry = content[position : position + 20]
                if entry[17:18] == b"n":
                    places.setdefault(number, int(entry[:10]))
                position += 20
        trailer = _head(content, position, b">>\nstartxref")
        if b"trailer" not in trailer or b"/Encrypt" in trailer or b"/XRefStm" in trailer:
            raise _Unknown
        last = last or trailer
        previous = re.search(rb"/Prev\s+(\d+)", trailer)
        start = int(previous[1]) if previous else -1
    keys = (rb"/Size\s+\d+", rb"/Root\s+\d+\s+\d+\s+R", rb"/Info\s+\d+\s+\d+\s+R", rb"/ID\s*\[[^\]]*\]")
    kept = [found[0] for key in keys if (found := re.search(key, last))]
    if len(kept) < 2:
        raise _Unknown
    return places, b" ".join(kept)


def _head(content: mmap.mmap, place: int, end: bytes = b"endobj") -> bytes:
    """An object as far as its dictionary goes."""
    head = content[place : place + _HEAD]
    return re.split(rb"\bstream\r?\n|" + end, head, maxsplit=1)[0]


def _stream(content: mmap.mmap, places: Mapping[int, int], number: int) -> bytes:
    head = _head(content, places.get(number, len(content)))
    length = _LENGTH.search(head)
    if not length:
        raise _Unknown
    size = int(length[1])
    if length[2]:
        size = _number(content[places[size] : places[size] + 64].split(b"obj", 1)[-1])
    start = content.find(b"stream", places[number] + len(head)) + len(b"stream")
    start += 2 if content[start : start + 2] == b"\r\n" else 1
    packed = content[start : start + size]
    if b"/Filter" not in head:
        return packed
    if b"/FlateDecode" not in head:
        raise _Unknown
    return zlib.decompress(packed)


def _named(names: bytes, name: bytes) -> bool:
    """Whether a PDF's font is of the face with these names, which stand there in two encodings."""
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), name)
    return plain in names or plain.decode("latin-1").encode("utf-16-be") in names


def _mended(table: str, meant: Mapping[int, int]) -> tuple[str, int]:
    """A ToUnicode table with every code as meant, and how many were not."""
    codes: dict[str, str] = {}
    blocks = list(_RANGES.finditer(table))
    for block in blocks:
        if block[1] == "char":
            codes.update(_CHAR.findall(block[2]))
            continue
        for first, last, start, listed in _RANGE.findall(block[2]):
            inputs = [f"{code:0{len(first)}X}" for code in range(int(first, 16), int(last, 16) + 1)]
            if listed:
                outputs = re.findall(r"<(\w*)>", listed)
            else:
                outputs = [f"{int(start, 16) + i:0{len(start)}X}" for i in range(len(inputs))]
            codes.update(zip(inputs, outputs, strict=True))
    new = {code: f"{meant.get(int(char, 16), int(char, 16)):04X}" for code, char in codes.items() if len(char) == 4}
    wrong = sum(codes[code].upper() != char for code, char in new.items())
    if not wrong:
        return table, 0
    lines = [f"<{code}> <{char}>\n" for code, char in (codes | new).items()]
    parts = [lines[i : i + _BLOCK] for i in range(0, len(lines), _BLOCK)]
    written = "".join(f"{len(part)} beginbfchar\n{''.join(part)}endbfchar\n" for part in parts)
    return table[: blocks[0].start()] + written + table[blocks[-1].end() :], wrong


def _number(text: bytes) -> int:
    found = re.match(rb"\s*(\d+)", text)
    if not found:
        raise _Unknown
    return int(found[1])
