"""Bar charts as plain data, and drawn as SVG for the page; the workbook draws its own, the document shades cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ..texts import Texts
from .tables import NUMBER, printed

MOST = 30  # bars: more are neither read nor printed
_ROW, _LABEL, _WIDTH, _VALUE = 22, 190, 420, 190  # px: height of a bar's row, widths of label, bars and value


@dataclass(frozen=True)
class Bar:
    """``value``: None where unknown, then ``why``."""

    label: str
    value: float | None
    why: str = ""


@dataclass(frozen=True)
class Chart:
    """``title``: what is shown, with its unit; ``bars``: the largest first; ``more``: how many are left out; ``note``:
    where the figures are from."""

    title: str
    bars: Sequence[Bar]
    more: int = 0
    note: str = ""

    @property
    def longest(self) -> float:
        return max((abs(bar.value) for bar in self.bars if bar.value is not None), default=0.0) or 1.0


def chart(title: str, bars: Sequence[Bar], note: str = "", most: int = MOST) -> Chart | None:
    """The largest bars first, what is unknown last; None where nothing is known."""
    if all(bar.value is None for bar in bars):
        return None
    order = sorted(bars, key=lambda bar: (bar.value is None, -(bar.value or 0)))
    return Chart(title, order[:most], len(bars[most:]), note)


def more_bars(texts: Texts, drawn: Chart) -> str:
    """That a chart does not show all towns; empty where it does."""
    return texts.say("report_more_bars", count=len(drawn.bars), more=drawn.more) if drawn.more else ""


def svg(drawn: Chart) -> str:
    """The chart without scripts, sized in px and scaled to its place by the page."""
    width, height = _LABEL + _WIDTH + _VALUE, _ROW * len(drawn.bars) + 4
    parts = [
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(drawn.title)}">',
        f'<line class="axis" x1="{_LABEL}" y1="0" x2="{_LABEL}" y2="{height}"/>',
    ]
    for n, bar in enumerate(drawn.bars):
        y = n * _ROW + 2
        middle = y + _ROW / 2
        parts.append(f'<text class="label" x="{_LABEL - 8}" y="{middle:g}">{escape(bar.label)}</text>')
        if bar.value is None:
            parts.append(f'<text class="why" x="{_LABEL + 8}" y="{middle:g}">{escape(bar.why)}</text>')
            continue
        length = _WIDTH * max(bar.value, 0) / drawn.longest
        said = escape(printed(bar.value, NUMBER))
        parts.append(f'<rect class="bar" x="{_LABEL}" y="{y + 3}" width="{length:.1f}" height="{_ROW - 6}"/>')
        parts.append(f'<text class="value" x="{_LABEL + length + 8:.1f}" y="{middle:g}">{said}</text>')
    return "".join([*parts, "</svg>"])
