"""The columns of the dock's tables, in the interface's words and the unit that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from qgis.PyQt.QtGui import QColor

from ..i18n import tr
from .array_table import Column

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed

COLOURS = {
    "violation": QColor(200, 16, 46),
    "warning": QColor(217, 95, 2),
    "not_checked": QColor(110, 110, 110),
    "clear": QColor(26, 127, 72),
    "conditional": QColor(128, 94, 166),
    "notice": QColor(31, 90, 160),
}


@dataclass(frozen=True)
class Unit:
    """How areas are shown."""

    name: str
    m2: float
    decimals: int

    def text(self, area: float) -> str:
        return f"{area / self.m2:,.{self.decimals}f}"


def units() -> list[Unit]:
    """m², hectare (公顷), mu (亩)."""
    return [Unit("m²", 1.0, 2), Unit(tr("ha"), 10_000.0, 4), Unit(tr("mu"), 2000 / 3, 2)]


def town_columns(browsed: Browsed, texts: Texts, unit: Unit) -> list[Column]:
    """Name, both verdicts, areas on each line, findings, intensity where it was measured."""
    towns = browsed.towns
    columns = [
        Column("town_name", tr("Town"), towns["town_name"].to_numpy(object)),
        _worded("verdict", tr("Machine verdict"), towns["verdict"], texts, "verdict"),
        _worded("reviewed_verdict", tr("Reviewed verdict"), towns["reviewed_verdict"], texts, "reviewed_verdict"),
        _area("area_m2", tr("Area"), towns["area_m2"], unit),
    ]
    for name in towns.columns:
        short, _, rest = name.rpartition("_")
        if rest == "check":
            area = f"{short}_out_m2" if f"{short}_out_m2" in towns else f"{short}_m2"
            title = tr("Outside the boundary") if "_out_" in area else _line_name(browsed, short)
            columns.append(_area(area, title, towns[area], unit))
    columns.append(_number("open", tr("Open findings"), pd.Series(browsed.open_findings)))
    if "town_rules" in towns:
        columns.append(_worded("town_rules", tr("Town rules"), towns["town_rules"], texts, "town_rules"))
    return columns


def finding_columns(browsed: Browsed, texts: Texts, unit: Unit, lines: dict[str, str]) -> list[Column]:
    """What a planner sorts findings by."""
    found = browsed.findings
    decisions = np.array([_decision(browsed, one, texts) for one in found["finding_id"]], dtype=object)
    return [
        Column("number", tr("Number"), found["number"].to_numpy(object)),
        _worded("severity", tr("Severity"), found["severity"], texts, "severity"),
        Column("line", tr("Line"), found["line"].to_numpy(object), lambda line: lines.get(line, line)),
        Column("zone", tr("Zone"), found["zone"].to_numpy(object)),
        _area("area_m2", tr("Area"), found["area_m2"], unit),
        _number("share_pct", tr("Share (%)"), found["share_pct"], 2),
        _number("width_m", tr("Width (m)"), found["width_m"], 1),
        _worded("state", tr("Since the last run"), found["state"], texts, "state"),
        Column("decision", tr("Decision"), decisions),
    ]


def _decision(browsed: Browsed, finding: str, texts: Texts) -> str:
    now = browsed.decided.get(finding)
    if now is None or now.decision == "open":
        return ""
    word = texts.word("decision", now.decision)
    return tr("{decision} (lapsed)").format(decision=word) if now.stale else word


def _line_name(browsed: Browsed, short: str) -> str:
    known = {"eco": tr("Ecological redline"), "farm": tr("Permanent basic farmland")}
    return known.get(short, short)


def _worded(key: str, title: str, values: pd.Series, texts: Texts, kind: str) -> Column:
    return Column(key, title, values.to_numpy(object), lambda code: texts.word(kind, code), colour=COLOURS.get)


def _area(key: str, title: str, values: pd.Series, unit: Unit) -> Column:
    return Column(key, f"{title} ({unit.name})", pd.to_numeric(values).to_numpy(float), unit.text, right=True)


def _number(key: str, title: str, values: pd.Series, decimals: int = 0) -> Column:
    text: Callable[[float], str] = lambda value: f"{value:,.{decimals}f}"  # noqa: E731
    return Column(key, title, pd.to_numeric(values).to_numpy(float), text, right=True)
