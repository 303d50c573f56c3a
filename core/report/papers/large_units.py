"""Units in which planners read large figures: 万元/亩 and 亿元/平方公里 where a package has yuan, hectares of land."""

from __future__ import annotations

import re
from typing import Any

from ..texts import Texts
from ..units import HA_M2
from .tables import NUMBER, Value, rounded

_MONEY = {"zh_CN": "元", "en": "yuan"}  # how a unit of money begins
_LARGE = {"zh_CN": ((1e8, "亿元"), (1e4, "万元")), "en": ((1e8, "100 million yuan"), (1e4, "10,000 yuan"))}
_PER_KM2 = ("平方公里", "km²")
_LAND = "construction_m2"  # ends the names of figures that are land to build on


def in_print(unit: str, texts: Texts, figure: str = "") -> tuple[float, str]:
    """What a figure in this unit is divided by when it is printed, and the unit that it then has.

    :param figure: which it is, as the package names it.
    """
    money = _MONEY[texts.language]
    if unit.startswith(money):
        factor, word = _LARGE[texts.language][0 if unit.endswith(_PER_KM2) else 1]
        return factor, word + unit.removeprefix(money)
    if figure.endswith(_LAND):
        return HA_M2, texts.say("sheet_ha")
    return 1.0, unit


def divided(value: Any, factor: float) -> Value:
    """A figure as it is printed, None where unknown."""
    return None if value is None or value != value else rounded(float(value) / factor, NUMBER)


def limits_divided(limits: str, factor: float) -> str:
    """The limits of a rule (``≥ 2,000,000``) in the unit of its figure."""
    if factor == 1:
        return limits
    return re.sub(r"\d[\d,]*(\.\d+)?", lambda found: f"{float(found[0].replace(',', '')) / factor:,.12g}", limits)
