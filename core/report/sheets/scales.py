"""Round map scales, and scale bars of round lengths."""

from __future__ import annotations

import math

_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
_BAR_STEPS = (1, 2, 5)


def round_scale(width_m: float, height_m: float, width_mm: float, height_mm: float) -> int:
    """The largest round scale, as its denominator, at which so much land stands in so much paper."""
    least = max(width_m / width_mm, height_m / height_mm, 1e-3) * 1000
    power = 10 ** math.floor(math.log10(least))
    steps = [step * factor for factor in (power, power * 10) for step in _STEPS]
    return max(1, round(next(step for step in steps if step >= least * (1 - 1e-9))))


def bar_segment(denominator: float, width_mm: float, segments: int) -> float:
    """Metres of one segment of a scale bar that is about ``width_mm`` long."""
    wanted = width_mm / segments / 1000 * denominator
    power = 10 ** math.floor(math.log10(wanted))
    steps = [step * factor for factor in (power, power * 10) for step in _BAR_STEPS]
    return max(step for step in steps if step <= wanted * 1.3)
