"""The conclusion sentence (结论) of a town: what of it lies on which line, and what was not checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..review.line_names import NamedLines
from .texts import Texts
from .units import HA_DECIMALS, adding_up, ha, number

UNCHECKED, PARTLY, CLEAR = "unchecked", "partly", "clear"
_OWN_WORDS = ("farmland",)  # 不占用永久基本农田, but 不涉及生态保护红线


def conclusion(
    town: Mapping[str, Any], lines: NamedLines, checked: Mapping[str, Mapping[str, Any]], texts: Texts
) -> str:
    """One sentence. Lines that were not given but are required stand in it as not checked.

    :param town: a row of the package's ``towns``. :param checked: by line its row of the ``ledger`` (``coverage``,
        ``checked_pct``); lines that were not given have none.
    """
    unchecked = set(str(town.get("unchecked") or "").split(","))
    undeclared = set(str(town.get("undeclared") or "").split(","))
    parts = [texts.say("conclusion_area", town=town["town_name"], area=ha(town["area_m2"]))]
    for line in lines.lines:
        known = f"{line.short}_check" in town
        if known or line.id in unchecked:
            name = texts.within(texts.pick(line.name))
            part = _of_line(town, line.id, line.short, name, known, checked.get(line.id, {}), texts)
            if line.id in undeclared:
                part += texts.say("conclusion_undeclared")
            parts.append(part)
    return texts.say("conclusion_separator").join(parts) + texts.say("conclusion_end")


def _of_line(
    town: Mapping[str, Any], line: str, short: str, name: str, known: bool, ledger: Mapping[str, Any], texts: Texts
) -> str:
    check = town.get(f"{short}_check") if known else UNCHECKED
    if check == UNCHECKED or check is None:
        absent = not known or ledger.get("coverage") == "absent"
        return texts.say("conclusion_absent" if absent else "conclusion_uncovered", line=name)
    said = _found(town, line, short, name, texts)
    # A hit is told as such, but what was not looked at is never passed over.
    if check != PARTLY and line not in str(town.get("unchecked") or "").split(","):
        return said
    share = number(ledger.get("checked_pct"), 2)
    return said + texts.say("conclusion_partly", share=share)


def _found(town: Mapping[str, Any], line: str, short: str, name: str, texts: Texts) -> str:
    if f"{short}_out_m2" in town:
        if town[f"{short}_out_m2"] is None:  # its zones are known, but no coverage tells what lies outside
            return texts.say("conclusion_boundary_in", line=name, inside=ha(town[f"{short}_in_m2"]))
        inside, outside = adding_up([town[f"{short}_in_m2"] / 1e4, town[f"{short}_out_m2"] / 1e4], HA_DECIMALS)
        areas = {"inside": number(inside, HA_DECIMALS), "outside": number(outside, HA_DECIMALS)}
        return texts.say("conclusion_boundary", line=name, **areas)
    own = f"_{line}" if line in _OWN_WORDS else ""
    area = town.get(f"{short}_m2") or 0.0
    if not area:
        return texts.say(f"conclusion_clear{own}", line=name)
    share = number(town.get(f"{short}_pct"), 2)
    said = texts.say(f"conclusion_hit{own}", line=name, area=ha(area), share=share)
    return said if town.get(f"{short}_n") else said + texts.say("conclusion_below")
