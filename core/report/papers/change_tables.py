"""Two reviews compared, for the report of the later one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyproj

from ...inputs.source import Field
from ...review.compare import CHANGES, Comparison, compare
from ...review.layers import LayerWriter
from ...review.previous import UNCHANGED
from ...review.request import Progress
from ..content import Content, TownContent
from .gaps import gaps
from .tables import COUNT, HA, Column, Table, Value, made, rounded
from .town_tables import column, hectares


@dataclass(frozen=True)
class Changes:
    """What `compare` found: rows of its layer and of its table, and why the two reviews may not be alike."""

    done: Comparison
    findings: pd.DataFrame
    towns: pd.DataFrame


class _Kept(LayerWriter):
    """Keeps the rows, without their land."""

    def __init__(self) -> None:
        self.parts: list[pd.DataFrame] = []

    def open(self, fields: list[Field], crs: pyproj.CRS | None) -> None:
        self.names = [field.name for field in fields]

    def write(self, frame: pd.DataFrame) -> None:
        self.parts.append(frame[self.names])

    def close(self) -> None:
        self.rows = pd.concat(self.parts, ignore_index=True) if self.parts else pd.DataFrame(columns=self.names)

    def abort(self) -> None:
        self.parts = []


def changes(previous: Path, package: Path, progress: Progress, cancelled: Callable[[], bool]) -> Changes:
    """:raises RedlineError: those of `compare`."""
    layer, table = _Kept(), _Kept()
    done = compare(previous, package, layer, table, progress, cancelled)
    return Changes(done, layer.rows, table.rows)


def tables_of_changes(content: Content, towns: Sequence[TownContent], found: Changes) -> list[Table]:
    """By town and line, then every finding that is not as it was."""
    return [_verdicts(content, towns, found), _lines(content, towns, found), _findings(content, towns, found)]


def _verdicts(content: Content, towns: Sequence[TownContent], found: Changes) -> Table:
    columns = [column(content, name) for name in ("town", "old_verdict", "new_verdict", "gaps")]
    columns += [Column(content.texts.word("change", change), COUNT, True) for change in CHANGES]
    own = {one.town["town_id"]: one for one in towns}
    rows = [
        (row["town_name"], content.word("verdict", row["old_verdict"]) or None,
         content.word("verdict", row["new_verdict"]) or None,
         content.texts.comma.join(gaps(content, own[row["town_id"]])) if row["town_id"] in own else None,
         *(int(row[f"{change}_n"]) for change in CHANGES))
        for row in _of_towns(found.towns, content, towns) if not row["line"]
    ]  # fmt: skip
    used = [n for n, change in enumerate(CHANGES) if any(row[4 + n] for row in rows) or change in CHANGES[:5]]
    return made(content.texts, "changed_towns", columns, rows).only([0, 1, 2, 3, *(4 + n for n in used)])


def _lines(content: Content, towns: Sequence[TownContent], found: Changes) -> Table:
    columns = [column(content, name) for name in ("town", "line", "old_check", "new_check")]
    columns += [column(content, name, HA) for name in ("old_ha", "new_ha", "won_ha", "lost_ha")]
    rows = [
        (row["town_name"], content.line(row["line"]), content.word("check", row["old_check"]),
         content.word("check", row["new_check"]), *_areas(row))
        for row in _of_towns(found.towns, content, towns) if row["line"]
    ]  # fmt: skip
    short = [row for row in rows if row[2] != row[3] or any(row[6:])]
    return made(content.texts, "changed_lines", columns, rows, town=0, short=short)


def _findings(content: Content, towns: Sequence[TownContent], found: Changes) -> Table:
    columns = [column(content, name) for name in ("number", "town", "line", "change", "old_severity", "new_severity")]
    columns += [column(content, name, HA) for name in ("old_ha", "new_ha", "won_ha", "lost_ha")]
    columns += [column(content, name) for name in ("old_decision", "new_decision")]
    rows = [
        (row["number"], row["town_name"], content.line(row["line"]), content.texts.word("change", row["change"]),
         content.word("severity", row["old_severity"]) or None, content.word("severity", row["new_severity"]) or None,
         *_areas(row), content.word("decision", row["old_decision"]) or None,
         content.word("decision", row["new_decision"]) or None)
        for row in _of_towns(found.findings[found.findings["change"] != UNCHANGED], content, towns)
    ]  # fmt: skip
    return made(content.texts, "changed_findings", columns, rows, town=1)


def _areas(row: dict) -> tuple[Value, ...]:
    """Before, now, won, lost as printed: what was before, less what was lost, with what was won, is what is now."""
    old, new, won, lost = (hectares(row[name]) for name in ("old_m2", "new_m2", "won_m2", "lost_m2"))
    if None not in (old, new, won, lost):
        lost = rounded(old + won - new, HA)
    return old, new, won, lost


def _of_towns(frame: pd.DataFrame, content: Content, towns: Sequence[TownContent]) -> list[dict]:
    """Rows on the towns of the report; those that only the earlier review has belong to a report on all."""
    frame = frame.astype(object).where(frame.notna(), None)
    if len(towns) < content.count:
        frame = frame[frame["town_id"].isin([one.town["town_id"] for one in towns])]
    return frame.to_dict("records")
