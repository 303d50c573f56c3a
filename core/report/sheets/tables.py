"""The tables on map sheets: findings of a town with their totals, remarks on decisions, all towns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...review.lifecycle import OPEN
from ..content import Content, TownContent
from ..units import HA_DECIMALS, HA_M2, MU_DECIMALS, ha, mu, number

ABOVE = ("violation", "warning", "notice")
COLUMNS = ("number", "line", "zone", "ha", "mu", "share_pct", "severity", "decision")
_MAY_BE_LEFT_OUT = ("zone", "decision")  # columns, where no finding has any
_WRITTEN = ("reason", "legal_basis")
_FACTS = ("authority", "document", "approved_on", "approved_m2", "valid_until", "reference", "responsible", "due",
          "action")  # fmt: skip
_OUTSIDE, _ZONE = "outside", "zone"
_LONGEST = 500  # characters in one row: a row has to stand on one page


@dataclass(frozen=True)
class SheetTable:
    """``headings``; ``rows`` of as many texts; ``title``: above it, may be empty; ``broken``: the column whose texts
    are sentences, to be broken into lines; None for none; ``totals``: how many of the last rows are totals."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    broken: int | None = None
    totals: int = 0


def findings_table(content: Content, town: TownContent) -> SheetTable:
    """The findings of a town, without columns in which none has anything; that there are none, where there are none."""
    headings, rows = table_columns(content), table_rows(content, town)
    if not rows:
        return SheetTable([content.texts.say("sheet_findings")], [[content.texts.say("sheet_no_findings")]])
    kept = [n for n, name in enumerate(COLUMNS) if name not in _MAY_BE_LEFT_OUT or any(row[n] for row in rows)]
    totals = len(_totals(content, town.town, town.standing))
    return SheetTable([headings[n] for n in kept], [[row[n] for n in kept] for row in rows], totals=totals)


def table_columns(content: Content) -> list[str]:
    """Headings of the table of findings, in the order of ``COLUMNS``."""
    words = {"ha": "sheet_ha", "mu": "sheet_mu", "share_pct": "sheet_share", "decision": "sheet_decision"}
    return [content.texts.say(words[name]) if name in words else _heading(content, name) for name in COLUMNS]


def table_rows(content: Content, town: TownContent) -> list[list[str]]:
    """The findings of a town that are still there, then those below tolerance of each line in one row, then totals.

    There is a total for each line and, on a boundary, for what is outside it and for each of its zones: what lies on
    two lines counts on both, so that there is no total of all. Where patches of one line lie over each other, what they
    cover together stands below, as in the conclusion.
    """
    found, name = town.standing, town.town["town_name"]
    above = found["severity"].isin(ABOVE)
    rows = [
        [short_number(row.number, name), content.line(row.line), _where(content, row.kind, row.zone),
         number(row.ha, HA_DECIMALS), number(row.mu, MU_DECIMALS), number(row.share_pct, 2),
         content.word("severity", row.severity), row.decision_word if row.decision != OPEN else ""]
        for row in found[above].itertuples()
    ]  # fmt: skip
    severity = content.word("severity", "below_tolerance")
    for (line, kind), below in found[~above].groupby(["line", "kind"], sort=False):
        said = content.texts.say("sheet_below", count=len(below))
        rows.append([said, content.line(line), _where(content, kind), *_sums(below), "", severity, ""])
    return rows + _totals(content, town.town, found)


def notes_table(content: Content, town: TownContent) -> SheetTable | None:
    """What people wrote about decisions on the town's findings, gone ones too, and on the town; None for nothing."""
    texts, rows = content.texts, list[list[str]]()
    for row in town.findings[town.findings["decision"] != OPEN].to_dict("records"):
        facts = {name: row["details"].get(name) for name in _FACTS}
        said = {**{name: row[name] for name in _WRITTEN}, **facts, **{name: row[name] for name in ("remark", "author")}}
        written = _written(content, said)
        if written:
            rows += _in_rows(short_number(row["number"], town.town["town_name"]), row["decision_word"], written)
    for event in _on_town(content, str(town.town["town_id"])):
        written = _written(content, {name: event.get(name) for name in (*_WRITTEN, "remark", "author")})
        rows += _in_rows(texts.say("sheet_whole_town"), content.word("decision", event["decision"]), written)
    if not rows:
        return None
    headings = [_heading(content, "number"), texts.say("sheet_decision"), texts.say("sheet_remarks")]
    return SheetTable(headings, rows, texts.say("sheet_notes"), broken=2)


def short_number(number: str, town: str) -> str:
    """A finding's number without the town's name, which stands in the sheet's title."""
    return str(number).removeprefix(f"{town}-")


def overview_table(content: Content) -> SheetTable:
    """All towns."""
    return SheetTable(overview_columns(content), overview_rows(content), totals=int(content.count > 1))


def overview_columns(content: Content) -> list[str]:
    """Headings of the table of towns."""
    texts = content.texts
    lines = [texts.say("sheet_outside", line=texts.within(texts.pick(line.name))) if outside else texts.pick(line.name)
             for line, _, outside in _given(content)]  # fmt: skip
    return [texts.word("field", "town_name"), texts.say("sheet_whole"), *lines, texts.say("sheet_reviewed")]


def overview_rows(content: Content) -> list[list[str]]:
    """A row for each town: hectares of all, on each keep-out line and outside each boundary, and what of it was not
    checked; the reviewed verdict. Then the sum of the rows."""
    given = _given(content)
    unchecked, partly = content.word("check", "unchecked"), content.word("check", "partly")
    rows, sums = [], [0.0] * (len(given) + 1)
    for town in content.browsed.towns.to_dict("records"):
        gaps = str(town.get("unchecked") or "").split(",")
        areas = [ha(town["area_m2"])]
        sums[0] += _printed(town["area_m2"])
        for n, (line, area, _) in enumerate(given, 1):
            check = town[f"{line.short}_check"]
            unknown = check == "unchecked" or town[area] is None  # of a boundary only its zones may be known
            sums[n] += 0.0 if unknown else _printed(town[area])
            told = check == "partly" or line.id in gaps
            areas.append(unchecked if unknown else
                         ha(town[area]) + (content.texts.bracketed(partly) if told else ""))  # fmt: skip
        rows.append([str(town["town_name"]), *areas, content.word("reviewed_verdict", town["reviewed_verdict"])])
    if len(rows) > 1:
        rows.append([content.texts.say("sheet_total"), *(number(one, HA_DECIMALS) for one in sums), ""])
    return rows


def _given(content: Content) -> list[tuple[Any, str, bool]]:
    """The lines that the run was given, the column of their area, and whether that is outside them."""
    towns = content.browsed.towns
    lines = [line for line in content.lines.lines if f"{line.short}_check" in towns]
    out = [f"{line.short}_out_m2" in towns for line in lines]
    return [(line, f"{line.short}_out_m2" if is_out else f"{line.short}_m2", is_out)
            for line, is_out in zip(lines, out, strict=True)]  # fmt: skip


def _totals(content: Content, town: Mapping[str, Any], found: pd.DataFrame) -> list[list[str]]:
    texts, rows = content.texts, []
    for (line, kind), own in found.groupby(["line", "kind"], sort=False):
        if kind == _ZONE:
            for zone, part in own.groupby(own["zone"].fillna(""), sort=False):
                if len(part) > 1:
                    rows.append([texts.say("sheet_total"), content.line(line), zone, *_sums(part), "", "", ""])
            continue
        rows.append([texts.say("sheet_total"), content.line(line), _where(content, kind), *_sums(own), "", "", ""])
        once = town.get(f"{_short(content, line)}_m2")
        if kind != _OUTSIDE and once is not None and own["ha"].sum() - once / HA_M2 > 10**-HA_DECIMALS:
            rows[-1][0] = texts.say("sheet_total_each")
            rows.append([texts.say("sheet_total_once"), content.line(line), "", ha(once), mu(once), "", "", ""])
    return rows


def _short(content: Content, line: str) -> str:
    return next((one.short for one in content.lines.lines if one.id == line), line)


def _where(content: Content, kind: str, zone: str | None = None) -> str:
    return content.texts.say("sheet_out") if kind == _OUTSIDE else zone or ""


def _sums(found: pd.DataFrame) -> list[str]:
    return [number(found["ha"].sum(), HA_DECIMALS), number(found["mu"].sum(), MU_DECIMALS)]


def _printed(m2: float | None) -> float:
    """Hectares as they are printed."""
    return 0.0 if m2 is None or m2 != m2 else round(m2 / HA_M2, HA_DECIMALS)


def _heading(content: Content, name: str) -> str:
    return content.texts.word("field", name).partition("（")[0].partition(" (")[0]


def _written(content: Content, said: Mapping[str, Any]) -> str:
    """Facts of a decision, each with its name; a remark speaks for itself."""
    texts = content.texts
    parts = [texts.listed(texts.word("decision_field", name), [str(value)]) for name, value in said.items()
             if value not in (None, "")]  # fmt: skip
    return texts.separator.join(parts)


def _in_rows(number: str, decision: str, written: str) -> list[list[str]]:
    parts = [written[n : n + _LONGEST] for n in range(0, len(written), _LONGEST)]
    return [[number, decision, parts[0]], *(["", "", part] for part in parts[1:])]


def _on_town(content: Content, town_id: str) -> list[Mapping[str, Any]]:
    """What was recorded on the town as a whole, with something written."""
    events = content.browsed.events
    if not len(events):
        return []
    own = events[events["finding_id"].isna() & (events["town_id"].astype(str) == town_id)].to_dict("records")
    return [one for one in own if any(one.get(name) for name in (*_WRITTEN, "remark"))]
