"""Texts that were read in the wrong encoding (乱码), and the encoding they are in."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from ...errors import Issue
from ..source import Field
from .listing import Listing

GBK, UTF8 = "GBK", "UTF-8"
_LEAST_SHARE = 0.3  # of a column's values that are not plain ASCII: one odd name does not make a wrong encoding
_EXAMPLE = 40
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


def is_lost(text: str) -> bool:
    """Whether characters were replaced for good by � or question marks."""
    return "\ufffd" in text or bool(_QUESTIONS.fullmatch(text.strip()))


class TextChecks:
    """Looks at the text columns of a layer batch by batch; only distinct faults are kept."""

    def __init__(self, layer: str, fields: list[Field]):
        self._layer, self._fields = layer, fields
        self.columns = [field.name for field in fields if field.type == "text"]
        self._other: Counter[str] = Counter()  # values that are not plain ASCII, by column
        self._garbled: dict[str, Counter[tuple[str, str, str]]] = {name: Counter() for name in self.columns}
        self._lost: dict[str, Counter[str]] = {name: Counter() for name in self.columns}

    def look(self, columns: dict[str, np.ndarray]) -> None:
        """columns: values (n,) of `columns`. To be called by one thread."""
        for name in self.columns:
            texts = [value for value in columns[name] if type(value) is str]
            joined = "".join(texts)
            if joined.isascii() and "??" not in joined:
                continue
            for text, count in Counter(texts).items():
                if is_lost(text):
                    self._lost[name][text[:_EXAMPLE]] += count
                if text.isascii():
                    continue
                self._other[name] += count
                found = reread(text)
                if found and len(self._garbled[name]) < 1000:
                    self._garbled[name][found[0], text[:_EXAMPLE], found[1][:_EXAMPLE]] += count

    def check(self, listing: Listing) -> None:
        """One issue for each column."""
        wrong = {field.name: found for field in self._fields if (found := reread(field.name))}
        if wrong:
            encoding = Counter(found[0] for found in wrong.values()).most_common(1)[0][0]
            example = next(iter(wrong))
            details = {"encoding": encoding, "text": example, "reads": wrong[example][1], "count": len(wrong)}
            listing.add(Issue("check_garbled_fields", "error", self._layer, details=details))
        for name in self.columns:
            garbled, total = self._garbled[name], sum(self._garbled[name].values())
            if total and total >= _LEAST_SHARE * self._other[name]:
                (encoding, text, reads), _ = garbled.most_common(1)[0]
                details = {"field": name, "count": total, "encoding": encoding, "text": text, "reads": reads}
                listing.add(Issue("check_garbled", "error", self._layer, details=details))
            if self._lost[name]:
                text, count = self._lost[name].most_common(1)[0][0], sum(self._lost[name].values())
                details = {"field": name, "count": count, "text": text}
                listing.add(Issue("check_text_lost", "error", self._layer, details=details))


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
