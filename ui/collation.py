"""The order in which a Chinese reader looks for names: by pinyin, numbers by size (2号地块 before 10号地块)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from qgis.PyQt.QtCore import QCollator, QLocale

LONGEST = 100  # characters that are compared; what follows in a longer text makes no difference
# As they are read in names of places, where Qt goes by another reading: 长春 is Changchun, 重庆 Chongqing.
READ_AS = {"长": "常", "重": "虫", "曾": "增", "厦": "下"}
_SIZES = 10 * (LONGEST + 2)  # so many keys for first digits: of a number's length, then of the digit


def ranks(texts: Sequence[str]) -> np.ndarray:
    """Numbers that sort as the texts do, int (n,), equal where they read the same: case and accents make no difference,
    and leading zeros only beside the same number.

    Qt tells the order of the characters, each once, and texts are compared character by character: one by one, its
    collator takes 0.2 s for 100,000 texts, and this 0.08 s.
    """
    distinct = list(dict.fromkeys(texts))
    if 2 * len(distinct) > len(texts):
        return _ranks(texts)
    known = dict(zip(distinct, _ranks(distinct), strict=True))
    return np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))


def ranks_of(values: np.ndarray) -> np.ndarray:
    """Those of the texts of a column, where what is missing reads as nothing."""
    return ranks(["" if value is None or value != value else str(value) for value in values.tolist()])


def _ranks(texts: Sequence[str]) -> np.ndarray:
    width = min(LONGEST, max(map(len, texts), default=0))
    if not width:
        return np.zeros(len(texts), dtype=np.int64)
    # An empty place at the end of each row parts it from the next.
    codes = np.array(texts, dtype=f"U{width + 1}").view(np.uint32).reshape(len(texts), -1)
    codes[:, width] = 0
    places, zero = _places(codes)
    keys = places[codes.ravel()]
    _weigh_numbers(keys, zero)
    rows = keys.astype(">u4").view(f"S{4 * (width + 1)}")  # compared byte by byte
    return np.unique(rows, return_inverse=True)[1].ravel()


def _places(codes: np.ndarray) -> tuple[np.ndarray, np.uint32]:
    """The keys of all characters by their code points, and that of the digit 0; of the digits others follow on it, and
    above them `_SIZES` are free."""
    seen = np.zeros(int(codes.max()) + 1, dtype=bool)
    seen[codes] = True
    there = np.flatnonzero(seen[1:]) + 1
    folded = [_folded(chr(code)) for code in there]
    others = sorted({*folded, "0"}.difference("123456789"), key=_sort_key())
    zero = others.index("0") + 1
    place = {sign: n + 1 if n < zero else n + 1 + _SIZES for n, sign in enumerate(others)}
    place |= {str(digit): zero + digit for digit in range(10)}
    places = np.zeros(len(seen), dtype=np.uint32)
    places[there] = [place[sign] for sign in folded]
    return places, np.uint32(zero)


def _folded(sign: str) -> str:
    """What a character is looked for under."""
    return READ_AS.get(sign) or unicodedata.normalize("NFKD", sign)[0].lower()


def _sort_key() -> Callable[[str], Any]:
    """Of single characters. Qt knows pinyin where it is built with ICU, and on Windows and macOS."""
    collator = QCollator(QLocale("zh_CN"))
    if sorted("张北0阿", key=collator.sortKey) == list("0阿北张"):
        return collator.sortKey
    return lambda sign: sign.encode("gb18030", "replace")  # whose commonest characters are by pinyin


def _weigh_numbers(keys: np.ndarray, zero: np.uint32) -> None:
    """Let the first digit of each number tell how many there are; leading zeros come behind the others."""
    digit = np.append(False, keys - zero < 10)  # what is below zero is very large: it has no sign
    edges = np.flatnonzero(digit[1:] != digit[:-1])
    starts, ends = edges[::2], edges[1::2]
    first = starts.copy()
    while len(leading := np.flatnonzero((keys[first] == zero) & (first < ends - 1))):
        first[leading] += 1
    moved = np.flatnonzero(first > starts)
    length = (ends - starts)[moved]
    to = np.arange(length.sum()) + np.repeat(starts[moved] - np.cumsum(length) + length, length)
    source = to + np.repeat((first - starts)[moved], length)
    keys[to] = np.where(source < np.repeat(ends[moved], length), keys[np.minimum(source, len(keys) - 1)], zero)
    keys[starts] += (10 * (ends - first)).astype(np.uint32)
