"""Texts that were read in the wrong encoding (乱码), and the encoding they are in."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from ...errors import Issue
from ..encodings import CODECS, collapsed, field_names, misread, original
from ..source import Field, Source
from .listing import Listing

GBK, UTF8 = "GBK", "UTF-8"
_LEAST_SHARE = 0.3  # of a column's values that are not plain ASCII: one odd name does not make a wrong encoding
_EXAMPLE = 40  # characters
_EXAMPLES = 1000
_HANZI = re.compile("[\u4e00-\u9fff]")
_QUESTIONS = re.compile(r"\?{2,}[?\s\d()（）-]*")


def reread(text: str) -> tuple[str, str] | None:
    """The encoding a garbled text is really in, and how it reads then; None for one that is in order.

    Known are GBK and UTF-8 read as Latin-1 or Windows-1252, and UTF-8 read as GBK.
    """
    if text.isascii():
        return None
    raw = _single_bytes(text)
    if raw is None:
        try:
            read = text.encode("gb18030").decode("utf-8")
        except UnicodeError:
            return None
        return (UTF8, read) if _HANZI.search(read) and len(read) < len(text) else None
    try:
        return UTF8, raw.decode("utf-8")
    except UnicodeError:
        pass
    try:
        read = raw.decode("gbk")
    except UnicodeError:
        return None
    # In Latin texts accented letters stand alone, and pairs of them are no characters in common use.
    hanzi = [pair for pair in re.findall(rb"[\x81-\xfe][\x40-\xfe]", raw)]
    common = [pair for pair in hanzi if 0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1]
    return (GBK, read) if common and 2 * len(common) >= len(hanzi) and _HANZI.search(read) else None


@dataclass(frozen=True)
class Misread:
    """The texts of the Shapefile at ``path`` are in the encoding ``right``, but ``read_as`` another, in which they
    cannot be. ``mended``: they come in the right one all the same."""

    path: str
    read_as: str
    right: str
    mended: bool = False

    @classmethod
    def of(cls, source: Source) -> Misread | None:
        """None where the texts can be in the encoding they are read in, or are in none that is known."""
        try:
            right = misread(*source.shapefile) if source.shapefile else None
        except OSError:
            return None
        return cls(*source.shapefile, right) if right and source.shapefile else None

    def shown(self, text: str) -> str:
        """How a mended text reads in the wrong encoding."""
        return collapsed(text.encode(CODECS[self.right], "replace").decode(self.read_as, "replace"))

    def original(self, column: int, lost: list[str]) -> tuple[str, str] | None:
        """One of these texts of a column, by its place, as shown and as it is; None where it has none of them."""
        wanted = {collapsed(text) for text in lost}
        try:
            return original(self.path, column, self.read_as, self.right, wanted.__contains__)
        except OSError:
            return None

    def field_names(self) -> list[tuple[str, str]]:
        """The names of fields that are garbled: as shown, and as they are."""
        try:
            return field_names(self.path, self.read_as, self.right)
        except OSError:
            return []


def is_lost(text: str) -> bool:
    """Whether characters were replaced for good by � or question marks."""
    return "\ufffd" in text or bool(_QUESTIONS.fullmatch(text.strip()))


@dataclass
class _Column:
    """``other``: values that are not plain ASCII; ``garbled``: those by their encoding, with an example of each (as
    shown, as it is); ``lost``: those that lost characters, with examples."""

    other: int = 0
    lost: int = 0
    garbled: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[str, str]] = field(default_factory=dict)
    lost_texts: list[str] = field(default_factory=list)


class TextChecks:
    """Looks at the text columns of a layer batch by batch; of the faults only examples are kept."""

    def __init__(self, layer: str, fields: list[Field], wrong: Misread | None = None):
        self._layer, self._fields, self._wrong = layer, fields, wrong
        self._columns = {one.name: _Column() for one in fields if one.type == "text"}

    @property
    def columns(self) -> list[str]:
        """The names of the columns to look at."""
        return list(self._columns)

    def look(self, columns: dict[str, np.ndarray]) -> None:
        """columns: values (n,) of `columns`. To be called by one thread."""
        for name, column in self._columns.items():
            texts = [value for value in columns[name] if type(value) is str]
            joined = "".join(texts)
            if joined.isascii() and "??" not in joined:
                continue
            for text, count in Counter(texts).items():
                if is_lost(text):
                    column.lost += count
                    if len(column.lost_texts) < _EXAMPLES:
                        column.lost_texts.append(text)
                if text.isascii():
                    continue
                column.other += count
                mended = self._wrong is not None and self._wrong.mended
                found = (self._wrong.right, text) if mended else reread(text)
                if found:
                    column.garbled[found[0]] += count
                    shown = self._wrong.shown(text) if mended else text
                    column.examples.setdefault(found[0], (shown, found[1]))

    def check(self, listing: Listing) -> None:
        """One issue for each column, one for all names of fields."""
        self._check_names(listing)
        for name, column in self._columns.items():
            garbled = column.garbled.total()
            if garbled and garbled >= _LEAST_SHARE * column.other:
                encoding = column.garbled.most_common(1)[0][0]
                self._garbled(listing, name, garbled, encoding, *column.examples[encoding])
            if column.lost:
                place = next(place for place, field in enumerate(self._fields) if field.name == name)
                found = self._wrong.original(place, column.lost_texts) if self._wrong is not None else None
                if found:
                    self._garbled(listing, name, column.other, self._wrong.right, *found)
                else:
                    details = {"field": name, "count": column.lost, "text": column.lost_texts[0][:_EXAMPLE]}
                    listing.add(Issue("check_text_lost", "error", self._layer, details=details))

    def _garbled(self, listing: Listing, name: str, count: int, encoding: str, text: str, reads: str) -> None:
        shown = {"text": text[:_EXAMPLE], "reads": reads[:_EXAMPLE]}
        details = {"field": name, "count": count, "encoding": encoding, **shown}
        listing.add(Issue("check_garbled", "error", self._layer, details=details))

    def _check_names(self, listing: Listing) -> None:
        if self._wrong is not None:
            names, encoding = self._wrong.field_names(), self._wrong.right
        else:
            found = [(one.name, *again) for one in self._fields if (again := reread(one.name))]
            names = [(name, reads) for name, _, reads in found]
            encoding = Counter(one for _, one, _ in found).most_common(1)[0][0] if found else ""
        if names:
            details = {"encoding": encoding, "text": names[0][0], "reads": names[0][1], "count": len(names)}
            listing.add(Issue("check_garbled_fields", "error", self._layer, details=details))


def _single_bytes(text: str) -> bytes | None:
    """The bytes that were read as one character each; None for a text that was not read so."""
    raw = bytearray()
    for letter in text:
        if ord(letter) < 256:
            raw.append(ord(letter))
            continue
        try:
            raw += letter.encode("cp1252")
        except UnicodeError:
            return None
    return bytes(raw)
