"""Indicators, land use and town rules as the tables that are written, in the language of the run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..analysis.indicators import HECTARE, KM2, MU
from ..analysis.judge import PLANNED_AREA
from ..analysis.occupied import UNCOVERED, WHOLE
from ..analysis.roles import EARLIER_LAND_USE, LAND_USE, PLANNED_LAND_USE
from ..analysis.town_rules import BELOW_LEAST, LIST_RULE, NO_DATA, PATCHY, WATCH, judge_rules, list_rule, overall
from ..intensity_rules import ClassSystem, TownRule
from ..profile import Profile
from ..report.texts import Texts
from . import intensity_schema as schema
from .intensity import Known
from .measures import COMPARED, FOOTPRINT, NOT_GIVEN, TWO_DATES, Measures, lower_bound, measures, rule_figures
from .reading_towns import TownTable

PERIODS = {LAND_USE: "existing", PLANNED_LAND_USE: "planned", EARLIER_LAND_USE: "earlier"}
# Figures per construction land, and the area each is for.
_PER = {"gdp_per_km2": KM2, "tax_per_mu": MU, "investment_per_mu": MU, "jobs_per_km2": KM2}


class IntensityFrames:
    """:param known: what the run knows of the towns; see `Measures`."""

    def __init__(self, known: Known, table: TownTable, profile: Profile, texts: Texts, review_object: str):
        self._known, self._towns, self._profile, self._texts = known, table.towns, profile, texts
        self._measures: Measures = measures(known, table.towns, profile)
        self._rules: dict[str, TownRule] = {rule.id: rule for rule in profile.town_rules}
        figures = rule_figures(self._measures, table.towns, profile.intensity.least_covered_pct)
        judged = judge_rules(profile.town_rules, figures, known.figures.kind, review_object)
        self._doubt_lower_bounds(judged)
        if review_object == PLANNED_AREA:
            judged = pd.concat([judged, list_rule(known.town_list.status, self._proven_new())], ignore_index=True)
        self._judged = judged.sort_values("town", kind="stable", ignore_index=True)
        self.overall = overall(self._judged, len(table.towns))

    def _doubt_lower_bounds(self, judged: pd.DataFrame) -> None:
        """Of the least that a figure can be it is not known that it is below a threshold."""
        least_pct = self._profile.intensity.least_covered_pct
        for rule in self._profile.town_rules:
            least = lower_bound(self._measures, rule.figure, least_pct)
            town = judged["town"].to_numpy(np.int64)
            rows = (judged["rule"] == rule.id) & (judged["remark"] == BELOW_LEAST) & least[town]
            judged.loc[rows, ["result", "remark"]] = [NO_DATA, PATCHY]

    def _proven_new(self) -> np.ndarray:
        """Whether new construction is proven, (m,): by two dates of land use or a declared start; NaN without."""
        declared, new = self._known.started, self._measures.values["new_construction_m2"]
        found = np.where(np.isnan(new), np.nan, new > 0)
        return np.fmax(declared, found)

    def towns(self) -> pd.DataFrame:
        """A row per town with the fields of `intensity_schema.INTENSITY`."""
        towns, found, listed = self._towns, self._measures, self._known.town_list
        columns = {"town_id": towns.id, "town_name": towns.name, "area_m2": towns.official_m2}
        columns |= {name: found.values[name] for name in schema.NUMBERS}
        say = self._texts
        columns["town_kind"] = self._known.figures.kind
        sources = found.source["per_construction"]
        columns["per_construction_of"] = [say.word("intensity_source", code) for code in sources]
        columns["disagree"] = self._joined((name, flags) for name, flags in found.flagged.items())
        columns["missing"] = self._missing()
        columns |= {"list_status": listed.status, "list_batch": listed.batch, "list_year": listed.year}
        columns["town_rules"] = self.overall
        watched = self._judged[self._judged["result"] == WATCH]
        names = watched["rule"].map(self._rule_name)
        columns["watch"] = (
            names.groupby(watched["town"]).agg(say.separator.join).reindex(range(len(towns)), fill_value="")
        )
        frame = pd.DataFrame(columns)
        return frame[[one.name for one in schema.INTENSITY]]

    def _joined(self, flags: Iterable[tuple[str, np.ndarray]]) -> list[str]:
        names: list[list[str]] = [[] for _ in range(len(self._towns))]
        for name, flagged in flags:
            for town in np.flatnonzero(flagged):
                names[town].append(self._texts.word("indicator", name))
        return [self._texts.separator.join(some) for some in names]

    def _missing(self) -> list[str]:
        """Why indicators of each town are missing: each reason once, with what it is about. What was not given at all,
        and blank figures as such, are not listed here, but in the table of indicators."""
        found, rows = self._measures, []
        for town in range(len(self._towns)):
            why: dict[str, list[str]] = {}
            for name in (one for one in schema.NUMBERS if one not in schema.FIGURES):
                reason = found.reason[name][town]
                if reason and reason not in (NOT_GIVEN, TWO_DATES):
                    why.setdefault(reason, []).append(self._texts.word("indicator", name))
            said = [self._texts.listed(self._texts.word("reason", code), of) for code, of in why.items()]
            rows.append(self._texts.separator.join(said))
        return rows

    def indicators(self) -> pd.DataFrame:
        """A row per town and indicator."""
        found, towns, frames = self._measures, self._towns, []
        other_of = {one: (other, name) for name, (one, other) in COMPARED.items()}
        other_of |= {other: (one, name) for name, (one, other) in COMPARED.items()}
        blank = np.full(len(towns), np.nan)
        for name in (one for one in schema.NUMBERS if one not in schema.CHECKS):
            value, source = found.values[name], found.source[name]
            source = np.broadcast_to(np.asarray(source, dtype=object), value.shape)
            other, check = other_of.get(name, (None, None))
            if name == FOOTPRINT:
                other = "construction_m2"
            per_m2 = value / _PER[name] if name in _PER else blank
            flags = found.flagged.get(name, found.flagged.get(other, np.zeros(len(towns), dtype=bool)))
            frames.append(pd.DataFrame({
                "town": np.arange(len(towns)), "town_id": towns.id, "town_name": towns.name, "indicator": name,
                "name": self._texts.word("indicator", name), "value": value,
                "unit": self._texts.word("indicator_unit", name),
                "source": [self._texts.word("intensity_source", code) for code in source],
                "covered_pct": found.covered[name],
                "per_m2": per_m2, "per_ha": per_m2 * HECTARE, "per_mu": per_m2 * MU,
                "other_source": self._texts.word("indicator", other) if other else "",
                "other_value": found.values[other] if other else blank,
                "difference_pct": found.values[check] if check else blank,
                "flagged": flags.astype(np.int64) if other else 0,
                "reason": [self._texts.word("reason", code) if code else "" for code in found.reason[name]],
            }))  # fmt: skip
        frame = pd.concat(frames, ignore_index=True).sort_values("town", kind="stable", ignore_index=True)
        return frame[[one.name for one in schema.INDICATORS]]

    def land_use(self) -> pd.DataFrame:
        """Areas by code in each town, for every land use layer."""
        parts = []
        for role, rows in self._known.by_code.items():
            official = self._towns.official_m2
            covered = np.bincount(rows["town"], weights=rows["area_m2"], minlength=len(official))
            rest = np.flatnonzero(official - covered > np.maximum(1e-4, 1e-9 * official))
            bare = pd.DataFrame({"town": rest, "code": UNCOVERED, "area_m2": (official - covered)[rest]})
            rows = pd.concat([rows, bare.assign(net_m2=bare["area_m2"])], ignore_index=True)
            rows = rows.sort_values("town", kind="stable").assign(period=PERIODS[role], line="", finding_id="")
            parts.append(described(rows, self._known.systems[role], self._towns, self._texts, official[rows["town"]]))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_names(schema.LAND_USE))

    def town_rules(self) -> pd.DataFrame:
        """A row per town and rule it is measured by."""
        judged, towns, say = self._judged, self._towns, self._texts
        town = judged["town"].to_numpy(np.int64)
        rules = [self._rules.get(one) for one in judged["rule"]]
        frame = pd.DataFrame({
            "town_id": towns.id[town], "town_name": towns.name[town], "rule": judged["rule"],
            "name": judged["rule"].map(self._rule_name), "figure": judged["figure"],
            "unit": [say.pick(one.unit) if one else "" for one in rules],
            "threshold": [threshold(one) if one else "" for one in rules], "result": judged["result"],
            "remark": [self._remark(*row) for row in zip(rules, judged["remark"], town, strict=True)],
            "source": [self._source(one, t) for one, t in zip(rules, town, strict=True)],
            "clause": [say.pick(one.clause) if one else "" for one in rules],
        })  # fmt: skip
        return frame[_names(schema.TOWN_RULES)]

    def _rule_name(self, rule: str) -> str:
        known = self._rules.get(rule)
        return self._texts.pick(known.name) if known else self._texts.word("rule", LIST_RULE)

    def _remark(self, rule: TownRule | None, remark: str, town: int) -> str:
        said = self._texts.word("rule_remark", remark) if remark else ""
        if rule is None:
            status = self._known.town_list.status[town]
            stated = self._texts.word("list_status", status) if status != NO_DATA else ""
            return self._texts.separator.join(filter(None, (stated, said)))
        watched = self._texts.pick(rule.watch) if remark == "above_most" else ""
        return self._texts.separator.join(filter(None, (said, watched)))

    def _source(self, rule: TownRule | None, town: int) -> str:
        if rule is None or rule.figure == "area_km2":
            return ""
        name = rule.figure.replace("_km2", "_m2") if rule.figure.endswith("construction_km2") else rule.figure
        source = np.broadcast_to(np.asarray(self._measures.source.get(name, ""), dtype=object), len(self._towns))
        return self._texts.word("intensity_source", source[town]) if source[town] else ""


def occupied_frame(
    inside: pd.DataFrame, findings: pd.DataFrame, occupied_m2: dict[str, np.ndarray], system: ClassSystem,
    table: TownTable, texts: Texts,
) -> pd.DataFrame:  # fmt: skip
    """Land use in findings and on lines, of one group of towns.

    :param inside: of `occupied_land`. :param findings: with ``finding_id``, ``line`` and ``row``, as `Previous.match`
        gives them back.
    """
    present = findings[findings["row"].notna().to_numpy()]
    keys = pd.MultiIndex.from_arrays([present["line"], present["row"].astype(np.int64)])
    ids = pd.Series(present["finding_id"].to_numpy(object), index=keys)
    areas = pd.Series(present["area_m2"].to_numpy(float), index=keys)
    asked = pd.MultiIndex.from_arrays([inside["line"], inside["finding"]])
    whole = (inside["finding"] == WHOLE).to_numpy()
    town = inside["town"].to_numpy(np.int64)
    on_line = np.array([occupied_m2[line][t] for line, t in zip(inside["line"], town, strict=True)], dtype=float)
    of = np.where(whole, on_line, areas.reindex(asked).to_numpy(float))
    finding_id = np.where(whole, "", ids.reindex(asked).to_numpy(object))
    rows = inside.assign(period=PERIODS[LAND_USE], finding_id=finding_id)
    return described(rows, system, table.towns, texts, of)


def described(rows: pd.DataFrame, system: ClassSystem, towns, texts: Texts, whole_m2: np.ndarray) -> pd.DataFrame:
    """Rows of town, code and areas with class and name. :param whole_m2: area that each row is a share of."""
    code, codes = pd.factorize(rows["code"])
    classes = [None if one == UNCOVERED else system.of(one) for one in codes]
    main = [one.main if one else UNCOVERED.lstrip("@") if c == UNCOVERED else "unknown"
            for one, c in zip(classes, codes, strict=True)]  # fmt: skip
    name = [texts.pick(one.name) if one else texts.word("land_class", m) for one, m in zip(classes, main, strict=True)]
    town = rows["town"].to_numpy(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100 * rows["area_m2"].to_numpy(float) / whole_m2

    def each(values: list[str]) -> np.ndarray:
        return np.array(values, dtype=object)[code] if len(values) else np.array([], dtype=object)

    frame = pd.DataFrame({
        "period": rows["period"], "town_id": towns.id[town], "town_name": towns.name[town], "line": rows["line"],
        "finding_id": rows["finding_id"], "class": each(main), "use": each([one.use if one else "" for one in classes]),
        "code": each(["" if c == UNCOVERED else c for c in codes]), "name": each(name),
        "area_m2": rows["area_m2"], "net_m2": rows["net_m2"], "share_pct": share,
    })  # fmt: skip
    return frame.reset_index(drop=True)


def class_sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `intensity_schema.LAND_USE` added up by class: one for each town, line of it and finding."""
    keys = ["period", "town_id", "town_name", "line", "finding_id"]
    area = rows["area_m2"].to_numpy(float)
    parts = {"area_m2": area}
    for name, (main, use) in schema.CLASS_AREAS.items():
        mine = (rows["class"] == main).to_numpy() & ((rows["use"] == use).to_numpy() if use else True)
        parts[name] = np.where(mine, area, 0.0)
    return rows[keys].assign(**parts).groupby(keys, as_index=False, sort=False).sum()


def threshold(rule: TownRule) -> str:
    """A rule's limits in signs: ≥ 1, ≤ 5."""
    limits = (("≥", rule.at_least), ("≤", rule.at_most))
    return ", ".join(f"{sign} {limit:,.12g}" for sign, limit in limits if limit is not None)


def _names(fields: list) -> list[str]:
    return [one.name for one in fields]
