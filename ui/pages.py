"""What the panel tells of one finding: its facts, the land inside, the history of decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from ..i18n import tr

if TYPE_CHECKING:
    import pandas as pd

    from ..core.report.texts import Texts
    from ..core.review.lifecycle import Present
    from .columns import Unit

Rows = Iterable[tuple[str, str]]
FOR_EVER = "permanent"  # `valid_until` of an approval without an end
LEAST_M2 = 0.005  # land that would be shown as 0.00 m²


def about(
    finding: Mapping[str, Any], line: str, land: Mapping[str, float], now: Present | None, texts: Texts, unit: Unit
) -> str:
    """Facts of a finding as HTML: where, how much, by which rule, the land use inside."""

    def area(m2: float) -> str:
        return f"{unit.text(m2)} {unit.name}"

    rows = [
        (tr("Town"), finding["town_name"]),
        (tr("Line"), line),
        (tr("Zone"), finding["zone"]),
        (tr("Severity"), texts.word("severity", finding["severity"])),
        (tr("Area"), _known(finding["area_m2"], area)),
        (tr("Share"), _known(finding["share_pct"], lambda value: f"{value:.2f} %")),
        (tr("Mean width"), _known(finding["width_m"], lambda value: f"{value:,.1f} m")),
        (tr("Since the last run"), texts.word("state", finding["state"] or "")),
        (tr("Rule"), finding["rule"]),
        (tr("Feature of the line"), finding["source_id"]),
    ]
    if now is not None and now.why:
        doubts = texts.listed(tr("does not count"), [texts.word("decision_doubt", code) for code in now.why])
        rows.insert(0, (texts.word("decision", now.decision), doubts))
    page = f"<h3>{escape(str(finding['number'] or finding['finding_id']))}</h3>{table(rows)}"
    inside = [(_short(texts.word("table_field", name)), area(m2)) for name, m2 in land.items()
              if name != "area_m2" and m2 >= LEAST_M2]  # fmt: skip
    return page + (f"<h4>{escape(tr('Land use inside'))}</h4>{table(inside)}" if inside else "")


def history(events: pd.DataFrame, texts: Texts) -> str:
    """The events on a finding, the newest first."""
    if not len(events):
        return f"<p>{escape(tr('Nothing has been decided yet.'))}</p>"
    told = []
    for event in reversed(events.to_dict("records")):
        what = [texts.word("decision", event["decision"]), *(event[name] for name in ("reason", "legal_basis"))]
        facts = _facts(event["details"], texts)
        said = "<br>".join(escape(str(one)) for one in (*what, *facts, event["remark"]) if one)
        who = f"{escape(_local(event['recorded_at']))}<br>{escape(str(event['author'] or ''))}"
        told.append(f"<tr><td>{who}&nbsp;&nbsp;</td><td>{said}</td></tr>")
    return f"<table cellspacing='6'>{''.join(told)}</table>"


def table(rows: Rows) -> str:
    """Two columns of HTML; rows without a value are left out."""
    cells = "".join(
        f"<tr><td style='padding-right:10px'><b>{escape(str(name))}</b></td><td>{escape(str(value))}</td></tr>"
        for name, value in rows
        if value
    )
    return f"<table cellspacing='2'>{cells}</table>"


def levels() -> dict[str, str]:
    """Who may approve of an occupation (批准层级), by the codes of `lifecycle`."""
    return {
        "other": tr("other"),
        "state_council": tr("State Council"),
        "delegated": tr("by lawful delegation"),
    }


def _facts(details: str | None, texts: Texts) -> list[str]:
    try:
        facts = json.loads(details or "{}")
    except ValueError:
        return []
    if not isinstance(facts, dict):  # a merge brings what others have written
        return []
    hidden = ("area_m2", "confirms", "undoes", "events")
    return [texts.listed(texts.word("decision_field", key), [_fact(key, value, texts)])
            for key, value in facts.items() if key not in hidden]  # fmt: skip


def _fact(key: str, value: Any, texts: Texts) -> str:
    """A fact of a decision as people say it."""
    if isinstance(value, bool):
        return texts.word("answer", "yes" if value else "no")
    if key == "approved_m2" and isinstance(value, int | float):
        return f"{value:,.2f}"
    if key == "valid_until" and value == FOR_EVER:
        return tr("without end")
    return levels().get(str(value), str(value)) if key == "authority_level" else str(value)


def _local(moment: str) -> str:
    """A time as the clock here has it."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):  # no time, or one that this system's clock cannot tell
        return moment


def _known(value: float, text: Callable[[float], str]) -> str:
    return "" if value is None or value != value else text(value)


def _short(word: str) -> str:
    """The name of a column without its unit in brackets."""
    return word.partition("（")[0].partition(" (")[0]
