"""What the recorded decisions come to: the present decision on each finding, whether it counts, and the verdicts then.

Events are only ever appended; what holds now is derived from them, every time. The rules are domain knowledge of the
review (docs/decisions.md): a decision never changes the machine's verdict, only the reviewed one (审定结论) beside it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ..analysis.judge import NOT_CHECKED, NOT_JUDGED, VIOLATION, worst
from ..profile import CLEAR, WARNING, Changes
from .previous import GONE

OPEN, NEEDS_ADJUSTMENT, EXCEPTION = "open", "needs_adjustment", "accepted_exception"
FALSE_POSITIVE, RESOLVED, VERIFIED = "false_positive", "resolved", "verified"
UNDONE = "undone"  # takes back the event that its details name: `undoes`
CONTRADICTION = "contradicting"  # recorded by a merge: two people have decided differently
DECISIONS = (OPEN, NEEDS_ADJUSTMENT, EXCEPTION, FALSE_POSITIVE, RESOLVED, VERIFIED, UNDONE)
CONDITIONAL = "conditional"

# Facts of an exception (已批准占用), in an event's details, without which it does not count.
EXCEPTION_FACTS = ("authority", "document", "approved_on", "approved_m2", "valid_until")
# What people write as `valid_until` of an approval that does not run out; compared without case and blanks.
WITHOUT_END = ("长期", "长期有效", "永久", "永久有效", "permanent", "long-term", "longterm")
LAWFUL_FOR_FARMLAND = ("state_council", "delegated")  # who may approve of basic farmland: `authority_level`
FARMLAND = "farmland"

# Why a decision does not count (any more).
INCOMPLETE, EXPIRED, OUTGROWN, UNLAWFUL = "incomplete", "expired", "outgrown", "unlawful"
UNCONFIRMED, NO_REFERENCE, NO_EFFECT = "unconfirmed", "no_reference", "no_effect"
UNSETTLED = "unsettled"
STALE = (INCOMPLETE, EXPIRED, OUTGROWN, UNLAWFUL)  # 决定失效: it asks to be made anew

_KNOWN = ("finding_id", "line", "area_m2")  # of a finding that is decided on
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)")


@dataclass(frozen=True)
class Present:
    """The decision that holds on a finding. ``counts``: it changes the reviewed verdict. ``why``: codes for why it does
    not. ``confirmed_by``: the second person, ``""`` without one."""

    decision: str = OPEN
    author: str = ""
    recorded_at: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    confirmed_by: str = ""
    counts: bool = False
    why: tuple[str, ...] = ()

    @property
    def stale(self) -> bool:
        return any(code in STALE for code in self.why)


def present_decisions(
    events: pd.DataFrame, findings: pd.DataFrame, changes: Changes, today: date
) -> dict[str, Present]:
    """The decision that holds on each finding that has one, by its id.

    :param events: of `decisions.DECISION_FIELDS`, in the order they were recorded; all of the findings they are on.
    :param findings: with ``finding_id``, ``line`` and ``area_m2``; those with a decision at least.
    """
    held = standing(events)
    by_finding: dict[str, list[dict[str, Any]]] = defaultdict(list)  # a data frame for each would take seconds
    for event in records(held[held["finding_id"].notna()]):
        by_finding[event["finding_id"]].append(event)
    own = findings[findings["finding_id"].isin(by_finding)].drop_duplicates("finding_id")
    known = {one: (line, area) for one, line, area in zip(*(own[name] for name in _KNOWN), strict=True)}
    found: dict[str, Present] = {}
    for finding, of_it in by_finding.items():
        last, confirmation = last_of(of_it)
        if last is None:
            continue
        confirmed = confirmation["author"] if confirmation else ""
        line, area = known.get(finding, ("", None))
        details = _details(last)
        why = tuple(_objections(last["decision"], details, confirmed, line, area, changes, today))
        effective = last["decision"] in (EXCEPTION, FALSE_POSITIVE) and not why
        found[finding] = Present(
            last["decision"], last["author"] or "", last["recorded_at"] or "", details or {}, confirmed, effective, why
        )
    return found


def standing(events: pd.DataFrame) -> pd.DataFrame:
    """The events that still stand, in their order: neither undone nor the undoing of one, which nothing undoes.

    In whatever order a merge has put them: an event is undone wherever the undoing stands.
    """
    undoing = events["decision"] == UNDONE
    if not undoing.any():
        return events
    undone = [_text((_details(event) or {}).get("undoes")) for event in records(events.loc[undoing, ["details"]])]
    return events[~undoing & ~events["event_id"].isin(undone)]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame of Python's own values: pandas' ``to_dict`` asks of each whether it is one, five times as
    long."""
    names = list(frame)
    rows = zip(*(frame[name].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def last_of(events: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The last of one finding's standing events that decides, and the last that confirms it: somebody else's."""
    last, confirmation = None, None
    for event in events:
        if event["decision"] != VERIFIED:
            last, confirmation = event, None
        elif last is not None and not same_person(event["author"], last["author"]) and _is_of(event, last):
            confirmation = event
    return last, confirmation


def _is_of(confirmation: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether a confirmation is of this event: one that comes with a merge may be of what was decided before."""
    confirmed = (_details(confirmation) or {}).get("confirms")
    return not confirmed or confirmed == event["event_id"]


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two names are one person's, blanks, case and full-width letters aside; no name could be anybody's."""
    one, other = _person(one), _person(other)
    return not one or not other or one == other


def made_by(author: str | None, person: str | None) -> bool:
    """Whether what bears one name is surely this person's: what bears none is nobody's."""
    return bool(_person(author)) and _person(author) == _person(person)


def _person(name: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", name or "").split()).casefold()


def _objections(
    decision: str, details: Mapping[str, Any] | None, confirmed: str, line: str, area: float | None, changes: Changes,
    today: date,
) -> Iterable[str]:  # fmt: skip
    """Codes for why a decision does not count."""
    unreadable, details = details is None, details or {}
    if decision == EXCEPTION:
        yield from _objections_to_exception(details, line, area, changes, today)
    elif decision == FALSE_POSITIVE:
        if not confirmed:
            yield UNCONFIRMED
        if unreadable:
            yield INCOMPLETE
        if details.get("line_wrong") and not _text(details.get("reference")):
            yield NO_REFERENCE
        if outgrown(area, _number(details.get("area_m2")), changes):
            yield OUTGROWN
    elif decision == RESOLVED:
        yield NO_EFFECT if confirmed else UNCONFIRMED  # until a run shows that it is gone
    elif decision == NEEDS_ADJUSTMENT:
        yield NO_EFFECT
    elif decision == CONTRADICTION:
        yield UNSETTLED


def _objections_to_exception(
    details: Mapping[str, Any], line: str, area: float | None, changes: Changes, today: date
) -> Iterable[str]:
    approved, until = _number(details.get("approved_m2")), _last_day(details.get("valid_until"))
    if missing_facts(details):
        yield INCOMPLETE
    if until is not None and until < today:
        yield EXPIRED
    if approved is not None and outgrown(area, approved, changes):
        yield OUTGROWN
    if line == FARMLAND and details.get("authority_level") not in LAWFUL_FOR_FARMLAND:
        yield UNLAWFUL


def missing_facts(details: Mapping[str, Any]) -> list[str]:
    """Those of `EXCEPTION_FACTS` that are not there or cannot be read."""
    read = {"approved_on": _day, "approved_m2": _number, "valid_until": _last_day}
    return [name for name in EXCEPTION_FACTS if not read.get(name, _text)(details.get(name))]


def outgrown(area: float | None, before: float | None, changes: Changes) -> bool:
    """Whether an area (m²) is larger than one before by more than a run calls unchanged."""
    if area is None or before is None:
        return False
    more = float(area) - before
    return more > min(changes.limit_m2, before * changes.limit_pct / 100) and more > 0


def reviewed_verdicts(
    towns: pd.DataFrame, findings: pd.DataFrame, ledger: pd.DataFrame, facts: Mapping[str, Any],
    decided: Mapping[str, Present],
) -> np.ndarray:  # fmt: skip
    """The reviewed verdict (审定结论) of each town, object array in their order.

    A violation or warning with an exception that counts is conditional, a finding that is confirmed as false counts
    for nothing, all others as the machine has them. Nothing turns "not checked" into clear; what is conditional is
    never plain clear.

    :param towns: ``town_id``, ``verdict``, ``unchecked``. :param findings: all; ``finding_id``, ``town_id``,
        ``severity``, ``state``. :param ledger: ``town_id``, ``line``, ``below_m2``. :param facts: the run's manifest.
    """
    alive = findings[findings["state"] != GONE]
    severity = alive["severity"].to_numpy(object).copy()
    ids = alive["finding_id"].to_numpy(object)
    for row in np.flatnonzero(alive["finding_id"].isin([one for one, now in decided.items() if now.counts])):
        if decided[ids[row]].decision == FALSE_POSITIVE:
            severity[row] = CLEAR
        elif severity[row] in (VIOLATION, WARNING):  # what weighs nothing needs no approval, and makes no condition
            severity[row] = CONDITIONAL
    worst_of = pd.Series(severity).groupby(alive["town_id"].to_numpy(object)).agg(set).to_dict()
    over_cap = _over_cap(ledger, facts)
    required = (facts.get("profile") or {}).get("required")
    verdicts = np.empty(len(towns), dtype=object)
    rows = zip(towns["town_id"], towns["verdict"], towns["unchecked"].fillna(""), strict=True)
    for n, (town, machine, unchecked) in enumerate(rows):
        own = worst_of.get(town, set())
        gaps = set(unchecked.split(",")) - {""}
        # Where the manifest does not tell which lines are required, all are.
        gap = machine == NOT_CHECKED or bool(gaps if required is None else gaps.intersection(required))
        verdicts[n] = machine if machine == NOT_JUDGED else _verdict(own, gap, town in over_cap)
    return verdicts


def _verdict(severities: set[str], gap: bool, over_cap: bool) -> str:
    remaining = worst(one for one in severities if one != CONDITIONAL)
    if remaining == VIOLATION:
        return VIOLATION
    if gap:
        return NOT_CHECKED
    if remaining == WARNING or over_cap:
        return WARNING
    return CONDITIONAL if CONDITIONAL in severities else CLEAR


def _over_cap(ledger: pd.DataFrame, facts: Mapping[str, Any]) -> set[str]:
    """Towns whose total below tolerance is over a line's cap: a warning that no finding stands for."""
    tolerances = (facts.get("profile") or {}).get("tolerances", {})
    caps = {line: limits[2] for line, limits in tolerances.items() if limits[2] is not None}
    below = pd.to_numeric(ledger["below_m2"]).to_numpy(float)
    cap = ledger["line"].map(caps).to_numpy(float)
    return set(ledger["town_id"].to_numpy(object)[below > cap])


def _details(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The facts of an event; None where they cannot be read."""
    try:
        found = json.loads(event.get("details") or "{}")
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number < float("inf") else None


def _last_day(value: Any) -> date | None:
    """The day until which something is valid; the last of all days where it does not run out."""
    written = "".join(unicodedata.normalize("NFKC", _text(value)).split()).casefold()
    return date.max if written in WITHOUT_END else _day(value)


def _day(value: Any) -> date | None:
    """A date as people write it: 2026-05-01, 2026/5/1, 2026年5月1日."""
    text = _text(value)
    written = _DATE.match(text)
    try:
        return date(*map(int, written.groups())) if written else date.fromisoformat(text[:10])
    except ValueError:
        return None
