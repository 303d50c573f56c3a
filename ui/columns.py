"""The columns of the panel's tables, in the interface's words and the unit that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from qgis.PyQt.QtGui import QColor, QPalette

from ..i18n import tr
from ..processing.styling import CODES
from .array_table import ArrayTable, Column

if TYPE_CHECKING:
    import pandas as pd

    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed
    from ..core.review.lifecycle import Present

# On light and on dark ground: the same hues, legible on each.
COLOURS = {
    "violation": ("#c8102e", "#ff7a8a"),
    "warning": ("#b85200", "#ffae57"),
    "not_checked": ("#6e6e6e", "#b8b8b8"),
    "clear": ("#1a7f48", "#6fd39b"),
    "conditional": ("#805ea6", "#c7a8ee"),
    "notice": ("#1f5aa0", "#86b7f2"),
    "watch": ("#b85200", "#ffae57"),
}


def colours(palette: QPalette) -> dict[str, QColor]:
    """Colours of codes, for tables on this ground."""
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    return {code: QColor(pair[dark]) for code, pair in COLOURS.items()}


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


class Columns:
    """Makes the columns of both tables."""

    def __init__(self, texts: Texts, palette: QPalette):
        self._texts, self.colours = texts, colours(palette)

    def show_palette(self, palette: QPalette) -> None:
        """Another ground: what was made here before takes its colours from now on."""
        self.colours.update(colours(palette))

    def towns(self, browsed: Browsed) -> list[Column]:
        """Name, both verdicts, areas on each line and outside the boundary, open findings, intensity, town rules."""
        towns = browsed.towns
        columns = [Column("town_name", tr("Town"), towns["town_name"].to_numpy(object))]
        for name, title in (("verdict", tr("Machine verdict")), ("reviewed_verdict", tr("Reviewed verdict"))):
            if name in towns and (browsed.path or towns[name].notna().any()):
                columns.append(self._worded(name, title, towns[name], name))
        columns.append(_number("open", tr("Open findings"), browsed.open_findings))
        if "area_m2" in towns:
            columns.append(_area("area_m2", tr("Area"), towns["area_m2"]))
        for line in browsed.lines.lines:
            outside = f"{line.short}_out_m2"
            name = outside if outside in towns else f"{line.short}_m2"
            if name in towns:
                word = tr("outside {line}") if name == outside else "{line}"
                columns.append(_area(name, word.format(line=self._texts.pick(line.name)), towns[name]))
        for name, values in browsed.intensity.items():
            title = f"{self._texts.word('indicator', name)} ({self._texts.word('indicator_unit', name)})"
            columns.append(_number(name, title, values, 2))
        if "town_rules" in towns:
            columns.append(self._worded("town_rules", tr("Town rules"), towns["town_rules"], "town_rules"))
        return columns

    def findings(self, browsed: Browsed, names: Mapping[str, str], by_number: np.ndarray) -> list[Column]:
        """What a planner sorts findings by. ``names``: of lines by their ids. ``by_number``: how their numbers sort."""
        found = browsed.findings
        return [
            Column("number", tr("Number"), found["number"].to_numpy(object), keys=by_number),
            self._worded("severity", tr("Severity"), found["severity"], "severity"),
            Column(
                "line",
                tr("Line"),
                found["line"].to_numpy(object),
                lambda line: names.get(line, line),
                order=tuple(names),
            ),
            _area("area_m2", tr("Area"), found["area_m2"]),
            Column("decision", tr("Decision"), self.decisions(browsed)),
            Column("zone", tr("Zone"), found["zone"].to_numpy(object)),
            _number("share_pct", tr("Share (%)"), found["share_pct"], 2),
            _number("width_m", tr("Width (m)"), found["width_m"], 1),
            self._worded("state", tr("Since the last run"), found["state"], "state"),
            Column("town_name", tr("Town"), found["town_name"].to_numpy(object)),
        ]

    def decisions(self, browsed: Browsed) -> np.ndarray:
        """What holds on each finding, in words; empty where nothing is decided."""
        words = np.full(len(browsed.findings), "", dtype=object)
        for finding, now in browsed.decided.items():
            row = browsed.row_of(finding)
            if row >= 0:
                words[row] = self.decision(now)
        return words

    def decision(self, now: Present | None) -> str:
        if now is None or now.decision == "open":
            return ""
        word = self._texts.word("decision", now.decision)
        return tr("{decision} (lapsed)").format(decision=word) if now.stale else word

    def _worded(self, key: str, title: str, values: pd.Series, kind: str) -> Column:
        word = lambda code: self._texts.word(kind, code)  # noqa: E731
        return Column(key, title, values.to_numpy(object), word, colour=self.colours.get, order=CODES[kind])


def show_unit(table: ArrayTable, unit: Unit) -> None:
    """Show the areas of a table in this unit."""
    for column in table.columns:
        if isinstance(column, AreaColumn):
            table.set_text(column.key, unit.text, f"{column.of} ({unit.name})")


@dataclass
class AreaColumn(Column):
    """Areas in m², shown in the unit chosen; ``of``: the title without it."""

    of: str = ""


def _area(key: str, title: str, values: pd.Series) -> AreaColumn:
    return AreaColumn(key, title, _numbers(values), right=True, of=title)


def _number(key: str, title: str, values: pd.Series | np.ndarray, decimals: int = 0) -> Column:
    text: Callable[[float], str] = lambda value: f"{value:,.{decimals}f}"  # noqa: E731
    return Column(key, title, _numbers(values), text, right=True)


def _numbers(values: pd.Series | np.ndarray) -> np.ndarray:
    """As floats; what is none is not a number."""
    import pandas as pd

    return pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(float)
