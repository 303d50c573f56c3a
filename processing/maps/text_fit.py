"""How much room a text takes in a typeface. QGIS breaks lines at blanks only, of which Chinese has none."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from qgis.PyQt.QtGui import QFont, QFontMetricsF

MM_PER_POINT = 25.4 / 72
_EM = 200  # pixels that widths are measured with
_NEVER_FIRST = frozenset("，。；：、！？）】》〕”’％%,.;:!?)]")
_NEVER_LAST = frozenset("（【《〔“‘([")
_ROUNDING = 1.03  # widths on paper differ a little from those of a font's own metrics


class Fitter:
    """Widths and heights in mm, sizes in points."""

    def __init__(self, font: Callable[[bool], QFont]):
        """:param font: the face, bold where asked for."""
        self._metrics = {bold: _metrics(font(bold)) for bold in (False, True)}
        self._advance = lru_cache(maxsize=None)(self._measure)

    def width(self, text: str, size: float, bold: bool = False) -> float:
        return sum(self._advance(char, bold) for char in text) * size * MM_PER_POINT * _ROUNDING

    def line_height(self, size: float) -> float:
        """From one line's foot to the next."""
        return self._metrics[False].lineSpacing() / _EM * size * MM_PER_POINT

    def wrap(self, text: str, width: float, size: float, bold: bool = False) -> list[str]:
        """The lines of a text in so many mm: between Chinese characters, at blanks in words of letters, punctuation
        never at a line's start."""
        return [line for part in text.split("\n") for line in self._wrap(part, width, size, bold)]

    def _wrap(self, text: str, width: float, size: float, bold: bool) -> list[str]:
        lines, line = [], ""
        for piece in _pieces(text):
            if line and self.width(line + piece.rstrip(), size, bold) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()]

    def longest(self, text: str, size: float) -> float:
        """The width of what of a text stands on one line at least."""
        return max((self.width(piece.rstrip(), size) for piece in _pieces(text)), default=0.0)

    def shortened(self, text: str, width: float, size: float) -> str:
        """The text, with … where it would be wider."""
        if self.width(text, size) <= width:
            return text
        while text and self.width(text + "…", size) > width:
            text = text[:-1]
        return text + "…"

    def _measure(self, char: str, bold: bool) -> float:
        return self._metrics[bold].horizontalAdvance(char) / _EM


def _metrics(font: QFont) -> QFontMetricsF:
    font.setPixelSize(_EM)
    return QFontMetricsF(font)


def _pieces(text: str) -> list[str]:
    """What a line may not be broken inside: words of letters and figures, characters with their punctuation."""
    pieces: list[str] = []
    for char in text:
        wide = ord(char) > 0x2E7F
        glued = bool(pieces) and (
            char in _NEVER_FIRST
            or pieces[-1][-1] in _NEVER_LAST
            or (not wide and char != " " and ord(pieces[-1][-1]) <= 0x2E7F and pieces[-1][-1] != " ")
            or char == " "
        )
        if glued:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces
