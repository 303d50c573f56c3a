"""What stands on a map sheet beside the map, by the ids of the template's items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyproj

from .content import Content, TownContent
from .texts import Texts
from .units import number

VERDICTS = ("violation", "not_checked", "warning", "conditional", "clear", "not_judged")  # the worst first
# Figures of intensity, each with what its value is divided by: planners read hectares, 万元 and 亿元.
FIGURES = {
    "construction_pct": 1, "residential_pct": 1, "planned_construction_m2": 1e4, "planned_residential_pct": 1,
    "land_use_degree": 1, "far": 1, "coverage_pct": 1, "construction_m2_per_resident": 1, "gdp_per_km2": 1e8,
    "tax_per_mu": 1e4, "investment_per_mu": 1e4,
}  # fmt: skip


@dataclass(frozen=True)
class Imprint:
    """Who makes the sheets: ``unit`` (编制单位), ``author`` (编制人), ``day``, ``secrecy`` (密级); may be empty.
    ``versions``: by line what is known of its data, where the package does not tell: title, approval number, date."""

    unit: str = ""
    author: str = ""
    day: date | None = None
    secrecy: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


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
    texts = content.texts
    return {
        "title": texts.say("sheet_overview"),
        "verdict": texts.listed(texts.say("sheet_towns", count=content.count), verdict_counts(content)),
        "figures": "", "inset_title": "",
        **_common(content, imprint),
        "conclusion": "\n".join(filter(None, (texts.say("sheet_in_ha"), _absent(content)))),
        "data": "\n".join(data_lines(content, imprint.versions)),
    }  # fmt: skip


def verdict_counts(content: Content) -> list[str]:
    """How many towns have which reviewed verdict, the worst first."""
    counted = content.browsed.towns["reviewed_verdict"].value_counts()
    return [f"{content.word('reviewed_verdict', code)} {counted[code]}" for code in VERDICTS if code in counted]


def _absent(content: Content) -> str:
    """The lines that no town was checked against."""
    towns = content.browsed.towns
    absent = [content.texts.pick(line.name) for line in content.lines.lines
              if f"{line.short}_check" not in towns and _asked(towns.get("unchecked"), line.id)]  # fmt: skip
    return content.texts.listed(content.word("check", "unchecked"), absent) if absent else ""


def _asked(unchecked: Any, line: str) -> bool:
    return unchecked is not None and any(line in str(one or "").split(",") for one in unchecked)


def _figures(content: Content, town: TownContent) -> str:
    """Intensity in short, a line each; nothing where it was not measured."""
    measured = town.tables["indicators"]
    if not len(measured):
        return ""
    values = measured.drop_duplicates("indicator").set_index("indicator")["value"]
    known = {name: values[name] / unit for name, unit in FIGURES.items() if pd.notna(values.get(name))}
    lines = [content.texts.word("sheet_figure", name).format(value=number(value, 2)) for name, value in known.items()]
    rules = content.word("town_rules", town.town.get("town_rules"))
    if rules:
        lines.append(content.texts.listed(content.texts.word("field", "town_rules"), [rules]))
    return "\n".join([content.texts.say("sheet_intensity"), *lines]) if lines else ""


def _common(content: Content, imprint: Imprint) -> dict[str, str]:
    texts, facts = content.texts, content.facts
    day = f"{imprint.day:%Y-%m-%d}" if imprint.day else ""
    maker = [texts.say(f"sheet_{name}", value=value) for name, value in
             (("unit", imprint.unit), ("author", imprint.author), ("day", day)) if value]  # fmt: skip
    return {
        "secrecy": imprint.secrecy,
        "data": "\n".join([*data_lines(content, imprint.versions), texts.say("sheet_callouts")]),
        "maker": "    ".join(maker),
        "run": texts.say("sheet_run", run=facts.get("run_id") or "", day=str(facts.get("finished") or "")[:10],
                         profile=texts.pick((facts.get("profile") or {}).get("name"))),
        "stale": stale(content),
    }  # fmt: skip


def stale(content: Content) -> str:
    """That sources have changed since the run; empty where none has, or none is here to be looked at."""
    changed, _ = _changed_and_gone(content)
    return content.texts.say("sheet_stale", sources=content.texts.comma.join(changed)) if changed else ""


def _changed_and_gone(content: Content) -> tuple[list[str], list[str]]:
    """The names of sources that are here and no longer as they were, and of those that are not here: of a package that
    has come to another computer nobody can say that its sources have changed."""
    changed, gone, sources = [], [], content.facts.get("sources") or {}
    for role in content.browsed.changed:
        path = str((sources.get(role) or {}).get("location") or "").split("|")[0]
        named = content.names.get(role) or content.texts.word("report_role", role)
        (changed if path and Path(path).exists() else gone).append(named)
    return changed, gone


def data_lines(content: Content, versions: Mapping[str, str]) -> list[str]:
    """On what the figures rest: CRS, area method, what each layer was and of which date. No paths."""
    texts, facts = content.texts, content.facts
    method, crs = facts.get("area_method") or "", crs_name(content.browsed.crs, texts)
    drawn_in = str(facts.get("overlay_crs") or "")
    if drawn_in and drawn_in != content.browsed.crs and _in_degrees(content.browsed.crs):
        crs += texts.say("sheet_drawn_in", crs=crs_name(drawn_in, texts))
    if _is_chinese(content.browsed.crs):
        crs += texts.say("sheet_heights")
    said = [texts.say("sheet_crs", crs=crs), texts.say("sheet_area", method=texts.say(
        f"sheet_area_{method}") if method in ("ellipsoid", "planar") else method)]  # fmt: skip
    for role, source in (facts.get("sources") or {}).items():
        title = content.names.get(role)
        if title:
            known = content.versions.get(role) or versions.get(role)
            layer = f"{source.get('layer') or ''}{texts.bracketed(known) if known else ''}"
            said.append(texts.say("sheet_source", line=title, layer=layer, day=_day(source)))
    _, gone = _changed_and_gone(content)
    if gone:
        said.append(texts.say("sheet_gone", sources=gone))
    return said


def crs_name(crs: str, texts: Texts) -> str:
    """A CRS for readers: its name, and its code where it has one. EPSG 4513–4554 are the 3° zones of CGCS2000."""
    code = crs.upper().removeprefix("EPSG:")
    if code.isdigit() and 4513 <= int(code) <= 4533:
        return texts.say("sheet_zone", zone=int(code) - 4488, epsg=code)
    if code.isdigit() and 4534 <= int(code) <= 4554:
        return texts.say("sheet_meridian", degrees=75 + 3 * (int(code) - 4534), epsg=code)
    if code == "4490":
        return texts.say("sheet_degrees")
    try:
        known = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        return crs
    return f"{known.name} ({crs})" if crs.upper().startswith("EPSG") else known.name


def _in_degrees(crs: str) -> bool:
    try:
        return pyproj.CRS.from_user_input(crs).is_geographic
    except pyproj.exceptions.CRSError:
        return False


def _is_chinese(crs: str) -> bool:
    """CGCS2000 or one of its zones, in degrees 4490: where heights are of the 1985 datum."""
    code = crs.upper().removeprefix("EPSG:")
    return code.isdigit() and (int(code) == 4490 or 4491 <= int(code) <= 4554)


def _day(source: Mapping[str, Any]) -> str:
    return str(source.get("modified") or "")[:10]
