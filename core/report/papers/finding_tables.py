"""Findings, the decisions on them and what is to be put right (整改清单) as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...analysis.findings import OUTSIDE
from ...review.lifecycle import OPEN, Present
from ...review.previous import GONE
from ..content import Content, TownContent
from ..units import HA_DECIMALS, HA_M2, rows_adding_up
from .tables import DAY, HA, MU, PCT, TEXT, Column, Table, Value, made, rounded
from .town_tables import column

SEVERITIES = ("violation", "warning", "notice", "below_tolerance")
_CLASSES = ("agricultural_m2", "construction_m2", "unused_land_m2", "unknown_m2", "uncovered_m2")
_CLASS_COLUMNS = ("farm_ha", "built_ha", "unused_ha", "unknown_ha", "bare_ha", "cropland_ha")
_RARE = ("unknown_ha", "bare_ha")  # columns that are left out where nothing is in them
_FACTS = ("authority", "document", "approved_on", "approved_m2", "valid_until")


def tables_of_findings(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """All findings, the worst and largest of each town first, and the decisions that stand."""
    return [_findings(content, towns), _decisions(content, towns)]


def rectification(content: Content, towns: Sequence[TownContent]) -> Table:
    """Who puts what right, by when, and whether it is closed (销号)."""
    columns = [column(content, "number"), column(content, "town", roomy=True), column(content, "line")]
    columns += [column(content, "ha", HA, True), column(content, "mu", MU, True), column(content, "decision")]
    columns += [column(content, name) for name in ("responsible", "due", "action", "closed")]
    columns += [column(content, name, kind, roomy=True) for name, kind in
                (("reason", TEXT), ("remark", TEXT), ("author", TEXT), ("recorded", DAY))]  # fmt: skip
    rows = []
    for one in towns:
        for row in one.rectified.to_dict("records"):
            now, facts = content.browsed.decided.get(row["finding_id"], Present()), row["details"]
            said = [_text(facts.get(name)) for name in ("responsible", "due", "action")]
            rows.append((
                row["number"], one.town["town_name"], content.line(row["line"]), rounded(row["ha"], HA),
                rounded(row["mu"], MU), row["decision_word"], *said, _closed(content, row["state"], now),
                _text(row["reason"]), _text(row["remark"]), _text(row["author"]), rounded(now.recorded_at, DAY),
            ))  # fmt: skip
    return made(content.texts, "rectification", columns, rows)


def counts(towns: Sequence[TownContent]) -> dict[str, int]:
    """How many findings that are still there have each severity."""
    found = pd.concat([one.standing["severity"] for one in towns]) if towns else pd.Series(dtype=object)
    counted = found.value_counts()
    return {severity: int(counted.get(severity, 0)) for severity in SEVERITIES}


def _findings(content: Content, towns: Sequence[TownContent]) -> Table:
    land = any(len(_land(one)) for one in towns)
    columns = [column(content, "number"), column(content, "town"), column(content, "line")]
    columns += [column(content, "kind", roomy=True), column(content, "zone")]
    columns += [column(content, "ha", HA, True), column(content, "mu", MU, True), column(content, "share", PCT)]
    columns += [column(content, "severity"), column(content, "state"), column(content, "decision")]
    columns += [column(content, name, roomy=True) for name in ("author", "reason")]
    columns += [column(content, name, HA, True, roomy=True) for name in _CLASS_COLUMNS if land]
    columns += [column(content, "source_id", roomy=True), column(content, "rule", roomy=True)]
    rows: list[tuple[Value, ...]] = []
    for one in towns:
        rows += _rows_of(content, one, land)
    rare = {column(content, name, HA).title for name in _RARE}
    kept = [n for n, one in enumerate(columns) if one.title not in rare or any(row[n] for row in rows)]
    return made(content.texts, "findings", columns, rows, town=1).only(kept)


def _rows_of(content: Content, one: TownContent, land: bool) -> list[tuple[Value, ...]]:
    found = one.findings
    rank = found["severity"].map({code: n for n, code in enumerate(SEVERITIES)}).fillna(len(SEVERITIES)).to_numpy(float)
    rank = np.where(found["state"] == GONE, len(SEVERITIES) + 1, rank)
    found = found.iloc[np.lexsort((-found["area_m2"].to_numpy(float), rank))]
    classes = _classes(one, found) if land else [()] * len(found)
    name = one.town["town_name"]
    texts = (found[key] for key in ("number", "line", "kind", "zone", "severity", "state", "decision_word", "author",
                                    "reason", "source_id", "rule"))  # fmt: skip
    figures = (found[key].to_numpy(float) for key in ("ha", "mu", "share_pct"))
    return [
        (number, name, content.line(line), content.word("kind", kind), _where(content, kind, zone), _figure(ha),
         _figure(mu), rounded(share, PCT), content.word("severity", severity), content.word("state", state), decision,
         _text(author), _text(reason), *parts, _text(source), rule)
        for number, line, kind, zone, severity, state, decision, author, reason, source, rule, ha, mu, share, parts
        in zip(*texts, *figures, classes, strict=True)
    ]  # fmt: skip


def _where(content: Content, kind: str, zone: Any) -> Value:
    """The zone; of land outside a boundary that it is outside, as on the map sheets."""
    return _text(zone) or (content.texts.say("sheet_out") if kind == OUTSIDE else None)


def _classes(one: TownContent, found: pd.DataFrame) -> list[tuple[Value, ...]]:
    """Land by class in each finding, hectares: the classes add up to the finding as it is printed, and of the farm land
    so much is cropland."""
    known = _land(one)
    names = [*_CLASSES, "cropland_m2"]
    if not len(known):
        return [(None,) * len(names)] * len(found)
    areas = known.drop_duplicates("finding_id").set_index("finding_id")[names].astype(float)
    areas = areas.reindex(found["finding_id"]).to_numpy() / HA_M2
    parts = rows_adding_up(areas[:, :-1], HA_DECIMALS, found["ha"].to_numpy(float))
    cropland = np.minimum(np.round(areas[:, -1], HA_DECIMALS), parts[:, 0])
    return [tuple(map(_figure, row)) for row in np.column_stack([parts, cropland])]


def _land(one: TownContent) -> pd.DataFrame:
    """The classes of land in findings."""
    rows = one.tables["land_classes"]
    return rows[(rows["period"] == "existing") & (rows["finding_id"] != "")] if len(rows) else rows


def _decisions(content: Content, towns: Sequence[TownContent]) -> Table:
    titles = {key: title[:1].upper() + title[1:] for key, title in content.texts.words("decision_field").items()}
    columns = [column(content, "number"), column(content, "town", roomy=True), column(content, "line")]
    columns += [column(content, "ha", HA), column(content, "decision"), column(content, "reason")]
    columns += [column(content, "legal_basis", roomy=True)]
    columns += [Column(titles[name], TEXT) for name in ("authority", "document", "approved_on")]
    columns += [column(content, "approved_ha", HA), Column(titles["valid_until"], TEXT)]
    columns += [column(content, "author"), column(content, "confirmed", roomy=True)]
    columns += [column(content, "recorded", DAY, roomy=True), column(content, "remark", roomy=True)]
    rows = []
    for one in towns:
        for row in one.findings[one.findings["decision"] != OPEN].to_dict("records"):
            now, facts = content.browsed.decided[row["finding_id"]], row["details"]
            approved = _number(facts.get("approved_m2"))
            rows.append((
                row["number"], one.town["town_name"], content.line(row["line"]), rounded(row["ha"], HA),
                row["decision_word"], _text(row["reason"]), _text(row["legal_basis"]),
                *(_text(facts.get(name)) for name in ("authority", "document", "approved_on")),
                None if approved is None else rounded(approved / HA_M2, HA), _text(facts.get("valid_until")),
                _text(row["author"]), _text(now.confirmed_by), rounded(now.recorded_at, DAY), _text(row["remark"]),
            ))  # fmt: skip
    return made(content.texts, "decisions", columns, rows)


def _closed(content: Content, state: str, now: Present) -> str:
    """Closed is what a later run has shown to be gone; what a second person confirms still waits for that run."""
    code = "yes" if state == GONE else "confirmed" if now.confirmed_by else "no"
    return content.texts.word("report_closed", code)


def _figure(value: float) -> Value:
    return None if value != value else float(value)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> Value:
    return rounded(value, TEXT)
