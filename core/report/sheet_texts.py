"""What stands on a map sheet beside the map, by the ids of the template's items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pyproj

from .content import Content, TownContent
from .texts import Texts
from .units import HA_DECIMALS, MU_DECIMALS, ha, number

FIGURES = (
    "construction_pct", "residential_pct", "planned_construction_m2", "planned_residential_pct", "land_use_degree",
    "far", "coverage_pct", "construction_m2_per_resident", "gdp_per_km2", "tax_per_mu", "investment_per_mu",
)  # fmt: skip
ABOVE = ("violation", "warning", "notice")
COLUMNS = ("number", "line", "zone", "ha", "mu", "share_pct", "severity", "decision")


@dataclass(frozen=True)
class Imprint:
    """Who makes the sheets: ``unit`` (编制单位), ``author`` (编制人), ``day``, ``secrecy`` (密级); may be empty."""

    unit: str = ""
    author: str = ""
    day: date | None = None
    secrecy: str = ""


def town_texts(content: Content, town: TownContent, imprint: Imprint) -> dict[str, str]:
    """The texts of a town's sheet."""
    texts = content.texts
    verdict = texts.say(
        "sheet_verdict", machine=content.word("verdict", town.town["verdict"]),
        reviewed=content.word("reviewed_verdict", town.town["reviewed_verdict"]),
    )  # fmt: skip
    unchecked = [content.line(line) for line in str(town.town.get("unchecked") or "").split(",") if line]
    if unchecked:
        verdict += texts.bracketed(texts.listed(texts.word("reviewed_verdict", "not_checked"), unchecked))
    return {
        "title": texts.say("sheet_title", town=town.town["town_name"]),
        "verdict": verdict,
        "conclusion": town.conclusion,
        "figures": _figures(content, town),
        "inset_title": texts.say("sheet_place"),
        **_common(content, imprint),
    }


def overview_texts(content: Content, imprint: Imprint) -> dict[str, str]:
    """The texts of the overview of all towns."""
    texts, verdicts = content.texts, content.browsed.towns["reviewed_verdict"].value_counts()
    counts = [f"{content.word('reviewed_verdict', code)} {count}" for code, count in verdicts.items()]
    return {
        "title": texts.say("sheet_overview"),
        "verdict": texts.listed(texts.say("sheet_towns", count=content.count), counts),
        "conclusion": "", "figures": "", "inset_title": "",
        **_common(content, imprint),
    }  # fmt: skip


def table_columns(content: Content) -> list[str]:
    """Headings of the table of findings."""
    words = {"ha": "sheet_ha", "mu": "sheet_mu", "share_pct": "sheet_share"}
    return [content.texts.say(words[name]) if name in words else _heading(content, name) for name in COLUMNS]


def table_rows(content: Content, town: TownContent) -> list[list[str]]:
    """The findings of a town that are still there, then those below tolerance of each line in one row and the total of
    each line: what lies on two lines counts on both, so that there is no total of all."""
    found, name = town.standing, town.town["town_name"]
    above = found["severity"].isin(ABOVE)
    rows = [
        [short_number(row.number, name), content.line(row.line), row.zone or "", number(row.ha, HA_DECIMALS),
         number(row.mu, MU_DECIMALS), number(row.share_pct, 2), content.word("severity", row.severity),
         row.decision_word if row.decision != "open" else ""]
        for row in found[above].itertuples()
    ]  # fmt: skip
    severity = content.word("severity", "below_tolerance")
    for line, below in found[~above].groupby("line", sort=False):
        said = content.texts.say("sheet_below", count=len(below))
        rows.append([said, content.line(line), "", *_sums(below), "", severity, ""])
    for line, own in found.groupby("line", sort=False):
        rows.append([content.texts.say("sheet_total"), content.line(line), "", *_sums(own), "", "", ""])
    return rows


def short_number(number: str, town: str) -> str:
    """A finding's number without the town's name, which stands in the sheet's title."""
    return str(number).removeprefix(f"{town}-")


def overview_columns(content: Content) -> list[str]:
    """Headings of the table of towns."""
    texts = content.texts
    lines = [
        texts.say("sheet_outside", line=texts.pick(line.name)) if f"{line.short}_out_m2" in content.browsed.towns
        else texts.pick(line.name)
        for line in content.lines.lines if f"{line.short}_check" in content.browsed.towns
    ]  # fmt: skip
    return [texts.word("field", "town_name"), texts.say("sheet_ha"), *lines, texts.say("sheet_reviewed")]


def overview_rows(content: Content) -> list[list[str]]:
    """A row for each town: hectares of all, on each keep-out line and outside each boundary; the reviewed verdict."""
    towns, given = content.browsed.towns, []
    for line in content.lines.lines:
        if f"{line.short}_check" in towns:
            outside = f"{line.short}_out_m2"
            given.append((f"{line.short}_check", outside if outside in towns else f"{line.short}_m2"))
    unchecked = content.word("check", "unchecked")
    rows = []
    for town in towns.to_dict("records"):
        areas = [unchecked if town[check] == "unchecked" else ha(town[area]) for check, area in given]
        verdict = content.word("reviewed_verdict", town["reviewed_verdict"])
        rows.append([str(town["town_name"]), ha(town["area_m2"]), *areas, verdict])
    return rows


def _sums(found: pd.DataFrame) -> list[str]:
    return [number(found["ha"].sum(), HA_DECIMALS), number(found["mu"].sum(), MU_DECIMALS)]


def _heading(content: Content, name: str) -> str:
    word = content.texts.word("field", name) if name != "decision" else content.texts.say("sheet_decision")
    return word.partition("（")[0].partition(" (")[0]


def _figures(content: Content, town: TownContent) -> str:
    """Intensity in short, a line each; nothing where it was not measured."""
    measured = town.tables["indicators"]
    if not len(measured):
        return ""
    values = measured.drop_duplicates("indicator").set_index("indicator")
    lines = [f"{values.at[name, 'name']}  {number(values.at[name, 'value'], 2)}"
             for name in FIGURES if name in values.index and values.at[name, "value"] is not None]  # fmt: skip
    rules = content.word("town_rules", town.town.get("town_rules"))
    if rules:
        lines.append(content.texts.listed(content.texts.word("field", "town_rules"), [rules]))
    return "\n".join([content.texts.say("sheet_intensity"), *lines]) if lines else ""


def _common(content: Content, imprint: Imprint) -> dict[str, str]:
    texts, facts = content.texts, content.facts
    day = f"{imprint.day:%Y-%m-%d}" if imprint.day else ""
    maker = [texts.say(f"sheet_{name}", value=value) for name, value in
             (("unit", imprint.unit), ("author", imprint.author), ("day", day)) if value]  # fmt: skip
    changed = ", ".join(content.line(role) for role in content.browsed.changed)
    return {
        "secrecy": imprint.secrecy,
        "data": "\n".join(data_lines(content)),
        "maker": "    ".join(maker),
        "run": texts.say("sheet_run", run=facts.get("run_id") or "", day=str(facts.get("finished") or "")[:10],
                         profile=texts.pick((facts.get("profile") or {}).get("name"))),
        "stale": texts.say("sheet_stale", sources=changed) if changed else "",
    }  # fmt: skip


def data_lines(content: Content) -> list[str]:
    """On what the figures rest: CRS, area method, what each layer was and of which date. No paths."""
    texts, facts = content.texts, content.facts
    method, crs = facts.get("area_method") or "", crs_name(content.browsed.crs, texts)
    if _is_chinese(content.browsed.crs):
        crs += texts.say("sheet_heights")
    said = [texts.say("sheet_crs", crs=crs), texts.say("sheet_area", method=texts.say(
        f"sheet_area_{method}") if method in ("ellipsoid", "planar") else method)]  # fmt: skip
    for role, source in (facts.get("sources") or {}).items():
        title = content.names.get(role)
        if title:
            said.append(texts.say("sheet_source", line=title, layer=source.get("layer") or "", day=_day(source)))
    return [*said, texts.say("sheet_callouts")]


def crs_name(crs: str, texts: Texts) -> str:
    """A CRS for readers: its name, and its code where it has one. EPSG 4513–4554 are the 3° zones of CGCS2000."""
    code = crs.upper().removeprefix("EPSG:")
    if code.isdigit() and 4513 <= int(code) <= 4533:
        return texts.say("sheet_zone", zone=int(code) - 4488, epsg=code)
    if code.isdigit() and 4534 <= int(code) <= 4554:
        return texts.say("sheet_meridian", degrees=75 + 3 * (int(code) - 4534), epsg=code)
    try:
        known = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        return crs
    return f"{known.name} ({crs})" if crs.upper().startswith("EPSG") else known.name


def _is_chinese(crs: str) -> bool:
    """CGCS2000 or one of its zones, in degrees 4490: where heights are of the 1985 datum."""
    code = crs.upper().removeprefix("EPSG:")
    return code.isdigit() and (int(code) == 4490 or 4491 <= int(code) <= 4554)


def _day(source: Mapping[str, Any]) -> str:
    return str(source.get("modified") or "")[:10]
