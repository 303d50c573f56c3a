"""What maps and papers say of a review: read once from its package, in the words of one language, town by town."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..analysis.findings import OVERLAP, ZONE
from ..profile import ABOUT_DATA
from ..review.browse import Browsed, browse
from ..review.checklist import Question, present_answers, questions_of
from ..review.lifecycle import last_of, standing
from ..review.line_names import NamedLines, lines_of
from ..review.package import open_package
from ..review.previous import GONE
from .conclusion import conclusion
from .rule_texts import in_language
from .texts import Texts
from .units import HA_DECIMALS, HA_M2, MU_DECIMALS, MU_M2, adding_up

ADJUSTED = ("needs_adjustment", "resolved")  # decisions that put a finding on the rectification list (整改清单)
_TABLES = ("indicators", "land_use", "land_classes", "town_rules")
_WRITTEN = ("reason", "legal_basis", "remark", "author")


@dataclass(frozen=True)
class TownContent:
    """One town. ``town``: its row of the package's ``towns`` with the reviewed verdict of today; ``findings``: those of
    the package with ``ha`` and ``mu`` (as printed, adding up on each line; gone ones count for nothing),
    ``decision`` (code), ``decision_word``, ``counts``, ``reason``, ``legal_basis``, ``remark``, ``author``, ``details``
    (facts of the decision), ``row`` (of `Browsed.findings`); ``tables``: rows of ``ledger``, ``indicators``,
    ``land_use``, ``land_classes``, ``town_rules``, without rows where the run had none; ``answers``: of the checklist,
    by question."""

    row: int
    town: Mapping[str, Any]
    conclusion: str
    findings: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    answers: Mapping[str, Mapping[str, Any]]

    @property
    def standing(self) -> pd.DataFrame:
        """The findings that are still there."""
        return self.findings[self.findings["state"] != GONE]

    @property
    def rectified(self) -> pd.DataFrame:
        """The rectification list (整改清单)."""
        return self.findings[self.findings["decision"].isin(ADJUSTED)]


class Content:
    """A review in one language. ``browsed``: its package; ``lines``: of its profile; ``names``: of lines by id."""

    def __init__(self, package: str | Path, language: str, today: date | None = None):
        """:raises RedlineError: those of `open_package`."""
        self.path, self.texts = Path(package), Texts(language)
        self.browsed: Browsed = browse(package, today)
        self.lines: NamedLines = lines_of(self.browsed.facts)
        self.names = {line.id: self.texts.pick(line.name) for line in self.lines.lines}
        self.questions: list[Question] = questions_of(self.browsed.facts)
        with open_package(package, newer=True) as opened:
            self._tables = {name: opened.table(name) for name in _TABLES}
            answers = present_answers(opened.checklist()).to_dict("records")
            self.issues = opened.without_geometry("data_issues")
            self.conflicts = opened.without_geometry("line_conflicts")
        self._tables["ledger"] = self.browsed.ledger
        for table in (self._tables["indicators"], self._tables["land_use"], self._tables["town_rules"]):
            self._speak(table)
        self._answers: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        for one in answers:
            self._answers[one["town_id"]][one["question"]] = one

    @property
    def facts(self) -> Mapping[str, Any]:
        """The manifest of the run."""
        return self.browsed.facts

    @property
    def count(self) -> int:
        return len(self.browsed.towns)

    def rows(self, town_ids: list[str] | None = None, only_findings: bool = False) -> list[int]:
        """The rows of these towns, all where None; only those with findings above tolerance where asked for."""
        towns = self.browsed.towns
        wanted = np.ones(len(towns), dtype=bool) if town_ids is None else towns["town_id"].isin(town_ids).to_numpy(bool)
        if only_findings:
            wanted = wanted & (pd.to_numeric(towns["findings"]).fillna(0).to_numpy(float) > 0)
        return np.flatnonzero(wanted).tolist()

    def town(self, row: int) -> TownContent:
        """All that is said of one town."""
        town = {name: _plain(value) for name, value in self.browsed.towns.iloc[row].items()}
        tables = {name: self._of_town(name, town["town_id"]) for name in self._tables}
        checked = {one["line"]: one for one in tables["ledger"].to_dict("records")}
        said = conclusion(town, self.lines, checked, self.texts)
        return TownContent(row, town, said, self._findings(row), tables, self._answers.get(town["town_id"], {}))

    def word(self, kind: str, code: str | None) -> str:
        return self.texts.word(kind, code) if code else ""

    def line(self, line: str) -> str:
        """The name of a line."""
        return self.names.get(line, line)

    @cached_property
    def versions(self) -> dict[str, str]:
        """Which data a line was, in words, by line: those of which the run has kept it."""
        sources = self.facts.get("sources") or {}
        told = {role: self.version(source.get("about") or {}) for role, source in sources.items()}
        return {role: said for role, said in told.items() if said}

    def version(self, about: Mapping[str, Any]) -> str:
        """Title, version, approval number and date in one line, those that are known."""
        said = (self.texts.pick(about.get(name)) for name in ABOUT_DATA)
        return self.texts.comma.join(dict.fromkeys(filter(None, said)))

    def _findings(self, row: int) -> pd.DataFrame:
        rows = self._rows_of_town.get(row, np.empty(0, dtype=int))
        found = self.browsed.findings.iloc[rows].reset_index(drop=True).assign(row=rows)
        alive = np.where(found["state"] == GONE, np.nan, found["area_m2"].to_numpy(float))
        events = [self._last.get(one, {}) for one in found["finding_id"]]
        decided = [self.browsed.decided.get(one) for one in found["finding_id"]]
        codes = self.browsed.decisions[rows]
        words = [self._decision(code, now) for code, now in zip(codes, decided, strict=True)]
        written = {name: [event.get(name) or "" for event in events] for name in _WRITTEN}
        zones = [self._zone(*one) for one in zip(found["line"], found["kind"], found["zone"], strict=True)]
        return found.assign(
            ha=_adding_up(alive / HA_M2, found["line"], HA_DECIMALS),
            mu=_adding_up(alive / MU_M2, found["line"], MU_DECIMALS),
            zone=pd.Series(zones, found.index, object),  # pandas 3 knows no None in texts
            rule=[in_language(rule, self.texts.language) for rule in found["rule"]],
            decision=codes, decision_word=words, counts=[bool(now and now.counts) for now in decided],
            details=[dict(now.details) if now else {} for now in decided], **written,
        )  # fmt: skip

    def _zone(self, line: str, kind: str, zone: str | None) -> str | None:
        """The zone, or that it is not known (分区不明), which is judged most strictly where the line has zones."""
        zoned = kind == ZONE or (kind == OVERLAP and line in self._zoned)
        return self.texts.say("zone_unknown") if zoned and not zone else zone

    @cached_property
    def _zoned(self) -> set[str]:
        """Keep-out lines with zones, as far as any of their findings is in one."""
        found = self.browsed.findings
        named = found["zone"].fillna("").astype(str).ne("") & found["kind"].eq(OVERLAP)
        return set(found["line"][named])

    def _decision(self, code: str, now: Any) -> str:
        word = self.texts.word("decision", code)
        if now is None or not now.why:
            return word
        return word + self.texts.bracketed(self.texts.word("decision_doubt", now.why[0]))

    @cached_property
    def _rows_of_town(self) -> dict[int, np.ndarray]:
        order = np.argsort(self.browsed.town_rows, kind="stable")
        towns, starts = np.unique(self.browsed.town_rows[order], return_index=True)
        # Of no findings at all there is one part too, which has no town.
        return dict(zip(towns.tolist(), np.split(order, starts[1:]), strict=len(order) > 0))

    @cached_property
    def _last(self) -> dict[str, Mapping[str, Any]]:
        """The event that holds on each finding."""
        by_finding: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for event in standing(self.browsed.events).to_dict("records") if len(self.browsed.events) else ():
            by_finding[event["finding_id"]].append(event)
        last = {finding: last_of(events)[0] for finding, events in by_finding.items()}
        return {finding: event for finding, event in last.items() if event is not None}

    @cached_property
    def _groups(self) -> dict[str, dict[str, np.ndarray]]:
        """The rows of each table by town."""
        return {name: table.groupby("town_id", sort=False).indices if len(table) else {}
                for name, table in self._tables.items()}  # fmt: skip

    def _of_town(self, name: str, town_id: str) -> pd.DataFrame:
        rows = self._groups[name].get(town_id, np.empty(0, dtype=int))
        return self._tables[name].iloc[rows].reset_index(drop=True)

    def _speak(self, table: pd.DataFrame) -> None:
        """Say in this language what the run wrote in its own."""
        if "indicator" in table:
            table["name"] = [self.texts.word("indicator", code) for code in table["indicator"]]
        for column in ("name", "clause", "source", "unit", "remark", "reason", "other_source"):
            if column in table and not (column == "name" and "indicator" in table):
                table[column] = [in_language(text, self.texts.language) for text in table[column]]


def _adding_up(values: np.ndarray, lines: pd.Series, decimals: int) -> np.ndarray:
    """Rounded so that those on each line add up: land on two lines counts on both, so there is no total of all."""
    rounded = np.full(len(values), np.nan)
    for rows in lines.reset_index(drop=True).groupby(lines.to_numpy(object), sort=False).indices.values():
        rounded[rows] = adding_up(values[rows], decimals)
    return rounded


def _plain(value: Any) -> Any:
    """A value of a data frame as plain Python; None for NaN."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if value is None or value != value else value
