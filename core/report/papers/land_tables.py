"""Land use, its intensity and the town rules as tables and charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..content import Content, TownContent
from ..units import HA_DECIMALS, HA_M2, PCT_DECIMALS, adding_up, rows_adding_up
from .charts import Bar, Chart, chart
from .large_units import divided, in_print, limits_divided
from .tables import COUNT, HA, NUMBER, PCT, Column, Table, Value, made, rounded
from .town_tables import column

PERIODS = ("existing", "planned", "earlier")
# What planners report: the rest stands in workbook and page.
KEY = (
    "construction_pct", "planned_construction_m2", "planned_construction_pct", "residential_pct",
    "planned_residential_pct", "land_use_degree", "far", "coverage_pct", "construction_m2_per_resident", "gdp_per_km2",
    "tax_per_mu", "investment_per_mu", "jobs_per_km2", "green_pct",
)  # fmt: skip
CHARTED = (
    "construction_pct", "planned_residential_pct", "land_use_degree", "far", "coverage_pct",
    "construction_m2_per_resident", "gdp_per_km2", "tax_per_mu", "investment_per_mu",
)  # fmt: skip
_PARTS = ("agricultural_m2", "construction_m2", "unused_land_m2", "unknown_m2", "uncovered_m2")
_NAMES = ("farm_ha", "built_ha", "unused_ha", "unknown_ha", "bare_ha")


def tables_of_land(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """The three classes (三大类) in each town and on each line, then by code; nothing where none was measured."""
    periods = [period for period in PERIODS if any(len(_whole(one, "land_classes", period)) for one in towns)]
    tables = [_classes(content, towns, period, "") for period in periods]
    tables += [_classes(content, towns, "existing", line.id) for line in content.lines.lines
               if any(len(_on_line(one, line.id)) for one in towns)]  # fmt: skip
    tables += [_codes(content, towns, period) for period in periods]
    occupied = _occupied(content, towns)
    return [*tables, occupied] if occupied.rows else tables


def tables_of_intensity(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """Each figure with its source, and why it is missing; the document lists the `KEY` ones."""
    measured = [one for one in towns if len(one.tables["indicators"])]
    if not measured:
        return []
    return [_indicators(content, measured)]


def charts_of_intensity(content: Content, towns: Sequence[TownContent]) -> list[Chart]:
    """A bar for each town, of each figure that is known of any."""
    known = [one for one in towns if len(one.tables["indicators"])]
    if not known:
        return []
    named = [one.tables["indicators"].assign(town=one.town["town_name"]) for one in known]
    measured, drawn = pd.concat(named, ignore_index=True), []
    for code in CHARTED:
        rows = measured[measured["indicator"] == code]
        if not len(rows):
            continue
        factor, unit = in_print(rows["unit"].iloc[0] or "", content.texts, code)
        bars = [Bar(row["town"], divided(row["value"], factor), row["reason"] or "") for row in rows.to_dict("records")]
        sources = content.texts.comma.join(dict.fromkeys(filter(None, rows.loc[rows["value"].notna(), "source"])))
        note = content.texts.say("report_source", source=sources) if sources else ""
        name = rows["name"].iloc[0]
        title = name if factor == 1 else _without_unit(name) + content.texts.bracketed(unit)
        drawn.append(chart(title, bars, note))
    return [one for one in drawn if one]


def tables_of_rules(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """The town rules (特色小镇指标), a second column beside the verdict and never part of it."""
    ruled = [one for one in towns if len(one.tables["town_rules"])]
    if not ruled:
        return []
    return [_overall(content, ruled), _rules(content, ruled)]


def _classes(content: Content, towns: Sequence[TownContent], period: str, line: str) -> Table:
    rows: list[tuple[Value, ...]] = []
    for one in towns:
        found = _on_line(one, line) if line else _whole(one, "land_classes", period)
        if not len(found):
            continue
        areas = found[["area_m2", *_PARTS, "cropland_m2"]].to_numpy(float)[:1] / HA_M2
        whole = np.round(areas[:, 0], HA_DECIMALS)
        parts = rows_adding_up(areas[:, 1:-1], HA_DECIMALS, whole)[0]
        cropland = min(round(areas[0, -1], HA_DECIMALS), parts[0])
        rows.append((one.town["town_name"], float(whole[0]), *map(float, parts), float(cropland)))
    kept = [n for n in range(len(_NAMES)) if n < 3 or any(row[2 + n] for row in rows)]
    columns = [column(content, "town")]
    columns.append(column(content, "area_ha", HA, True, made_of=tuple((1, 2 + n) for n in range(len(_NAMES)))))
    columns += [column(content, name, HA, True) for name in (*_NAMES, "cropland_ha")]
    code, title = ("occupied_classes", content.line(line)) if line else ("classes", content.word("period", period))
    table = made(content.texts, code, columns, rows, line=title)
    return table.only([0, 1, *(2 + n for n in kept), 2 + len(_NAMES)])


def _codes(content: Content, towns: Sequence[TownContent], period: str) -> Table:
    columns = [column(content, name) for name in ("town", "class", "code", "land_name")]
    columns += [column(content, "area_ha", HA, True), column(content, "net_ha", HA, True)]
    columns.append(column(content, "land_share", PCT, True, within=True))
    rows: list[tuple[Value, ...]] = []
    for one in towns:
        found = _whole(one, "land_use", period)
        rows += _code_rows(content, found, (one.town["town_name"],), one.town["area_m2"])
    short = rows if period == "existing" else []
    return made(content.texts, "codes", columns, rows, line=content.word("period", period), town=0, short=short)


def _occupied(content: Content, towns: Sequence[TownContent]) -> Table:
    """What lies on each line by code; the lines lie over one another and have no total."""
    columns = [column(content, name) for name in ("town", "line", "class", "code", "land_name")]
    columns += [column(content, "area_ha", HA), column(content, "net_ha", HA), column(content, "land_share", PCT)]
    rows: list[tuple[Value, ...]] = []
    for one in towns:
        land = one.tables["land_use"]
        land = land[(land["line"] != "") & (land["finding_id"] == "")] if len(land) else land
        for line, found in land.groupby("line", sort=False) if len(land) else ():
            rows += _code_rows(content, found, (one.town["town_name"], content.line(line)), found["area_m2"].sum())
    return made(content.texts, "occupied_codes", columns, rows, town=0, short=[])


def _code_rows(content: Content, found: pd.DataFrame, first: tuple[str, ...], whole: float) -> list[tuple[Value, ...]]:
    if not len(found):
        return []
    area, net = (adding_up(found[name].to_numpy(float) / HA_M2, HA_DECIMALS) for name in ("area_m2", "net_m2"))
    share = adding_up(100 * found["area_m2"].to_numpy(float) / whole, PCT_DECIMALS)
    texts = (found[name] for name in ("class", "code", "name"))
    return [
        (*first, content.word("land_class", main), code or None, name, float(a), float(b), float(c))
        for main, code, name, a, b, c in zip(*texts, area, net, share, strict=True)
    ]


def _indicators(content: Content, towns: Sequence[TownContent]) -> Table:
    columns = [column(content, "town"), column(content, "figure"), column(content, "value", NUMBER)]
    columns += [column(content, "unit"), column(content, "source"), column(content, "covered", PCT)]
    columns += [column(content, "other_source", roomy=True), column(content, "other_value", NUMBER, roomy=True)]
    columns += [column(content, "difference", PCT, roomy=True), column(content, "missing")]
    rows: list[tuple[Value, ...]] = []
    short: list[tuple[Value, ...]] = []
    for one in towns:
        found = {}
        for row in one.tables["indicators"].to_dict("records"):
            factor, unit = in_print(row["unit"] or "", content.texts, row["indicator"])
            found[row["indicator"]] = (
                one.town["town_name"], _without_unit(row["name"]), divided(row["value"], factor), unit or None,
                row["source"] or None, rounded(row["covered_pct"], PCT), row["other_source"] or None,
                divided(row["other_value"], factor), rounded(row["difference_pct"], PCT), _why(content, row),
            )  # fmt: skip
        rows += found.values()
        short += [found[name] for name in KEY if name in found]
    return made(content.texts, "figures", columns, rows, town=0, short=short)


def _why(content: Content, row: dict[str, Any]) -> Value:
    """Why a figure is missing, or that its two sources disagree."""
    if row["reason"]:
        return row["reason"]
    return content.texts.word("report_doubt", "flagged") if row["flagged"] else None


def _without_unit(name: str) -> str:
    """A figure's name without the unit behind it, which has a column of its own."""
    return re.sub(r"\s*[（(][^（(]*[）)]$", "", name)


def _overall(content: Content, towns: Sequence[TownContent]) -> Table:
    results = ("meets", "watch", "no_data")
    columns = [column(content, "town"), *(Column(content.word("town_rules", one), COUNT, True) for one in results)]
    columns += [column(content, "overall"), column(content, "list"), column(content, "watched")]
    rows = []
    for one in towns:
        rules = one.tables["town_rules"]
        watched = content.texts.comma.join(rules.loc[rules["result"] == "watch", "name"])
        rows.append((
            one.town["town_name"], *(int((rules["result"] == result).sum()) for result in results),
            content.word("town_rules", one.town.get("town_rules")),
            content.word("list_status", one.town.get("list_status")), watched or None,
        ))  # fmt: skip
    return made(content.texts, "rules_overall", columns, rows)


def _rules(content: Content, towns: Sequence[TownContent]) -> Table:
    columns = [column(content, "town"), column(content, "rule_name"), column(content, "value", NUMBER)]
    columns += [column(content, name) for name in ("unit", "threshold", "result", "remark", "source")]
    columns.append(column(content, "clause", roomy=True))
    rows: list[tuple[Value, ...]] = []
    for one in towns:
        for row in one.tables["town_rules"].to_dict("records"):
            factor, unit = in_print(row["unit"] or "", content.texts)
            rows.append((
                one.town["town_name"], row["name"], divided(row["figure"], factor), unit or None,
                limits_divided(row["threshold"] or "", factor) or None, content.word("town_rules", row["result"]),
                row["remark"] or None, row["source"] or None, row["clause"] or None,
            ))  # fmt: skip
    return made(content.texts, "rules", columns, rows, town=0)


def _whole(one: TownContent, table: str, period: str) -> pd.DataFrame:
    """Rows on the whole town."""
    rows = one.tables[table]
    return rows[(rows["period"] == period) & (rows["line"] == "")] if len(rows) else rows


def _on_line(one: TownContent, line: str) -> pd.DataFrame:
    """Classes of all of the town's land on a line."""
    rows = one.tables["land_classes"]
    return rows[(rows["line"] == line) & (rows["finding_id"] == "")] if len(rows) else rows
