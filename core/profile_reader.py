"""Reading a profile: JSON checked key by key and turned into the classes of `profile` and `intensity_rules`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from .intensity_rules import (
    CONSTRUCTION,
    CROPLAND,
    FARM,
    FIGURE_NAMES,
    GRADES,
    LIST_FIELDS,
    LIST_STATUSES,
    MAYBE_RESIDENTIAL,
    RESIDENTIAL,
    UNUSED,
    ClassSystem,
    IntensityRules,
    LandClass,
    Legend,
    TownListRules,
    TownRule,
)
from .json_checks import Checks, Text
from .profile import (
    ABOUT_DATA,
    BY_ID,
    CLEAR,
    KEEP_OUT,
    NO,
    NOTICE,
    SCHEMA,
    STAY_INSIDE,
    VIOLATION,
    WARNING,
    YES,
    Changes,
    Judgement,
    Line,
    Profile,
    Question,
    Zone,
)

REVIEW_OBJECTS = ("site", "planned_area", "administrative_unit")
_TAKEN = ("appr", "area")  # their _m2 are fields of their own

# Figures of a town that a rule may be about: docs/intensity.md has their formulas.
RULE_FIGURES = (
    "area_km2", "planned_construction_km2", "planned_residential_pct", "construction_pct", "residential_pct",
    "green_pct", "trade_investment_pct", "investment_per_mu", "tax_per_mu", "gdp_per_job", "jobs", "visitors",
    "new_economy_pct", "research_pct", "far", "coverage_pct", "construction_m2_per_resident",
)  # fmt: skip


class ProfileReader(Checks):
    """Turns JSON into profiles; every message names the file, the key's path and what it must be."""

    def profile(self, data: Any) -> Profile:
        known = {
            "schema": self._number, "name": self._text, "source": self._text, "lines": self._lines,
            "concentrated_kinds": self._words, "allowed_kinds": self._words, "changes": self._changes,
            "max_edge_m": self._positive, "uncovered_limit_pct": self._number,
            "allow_ballpark": self._flag, "class_systems": self._list_of(self._class_system),
            "legends": self._list_of(self._legend), "town_rules": self._list_of(self._town_rule),
            "checklist": self._list_of(self._question),
            "intensity": self._intensity, "figure_fields": self._words_by(FIGURE_NAMES), "town_list": self._town_list,
        }  # fmt: skip
        values = self._object(data, "", known, required=("schema", "name", "lines"))
        if values.pop("schema") != SCHEMA:
            self._fail("schema", "must_be_schema", SCHEMA)
        values.setdefault("source", "")
        for key in ("id", "short", "mark"):  # without case, as the names of fields
            if len({getattr(line, key).casefold() for line in values["lines"]}) < len(values["lines"]):
                self._fail(f"lines[].{key}", "must_be_unique")
        for name in BY_ID:
            ids = [one.id for one in values.get(name, ())]
            if len(set(ids)) < len(ids):
                self._fail(f"{name}[].id", "must_be_unique")
        return Profile(**values)

    def _lines(self, data: Any, at: str) -> tuple[Line, ...]:
        return self._list_of(self._line)(data, at) or self._fail(at, "must_be_list")

    def _line(self, data: Any, at: str) -> Line:
        known = {
            "id": self._identifier, "short": self._short, "mark": self._word, "name": self._text,
            "test": self._choice(KEEP_OUT, STAY_INSIDE), "required": self._flag, "layer_names": self._words,
            "judgement": self._judgement, "id_fields": self._words, "min_area_m2": self._tolerance,
            "min_width_m": self._tolerance, "max_below_tolerance_m2": self._tolerance, "zone_fields": self._words,
            "zones": self._zones, "unknown_zone": self._judgement, "data": self._data,
        }  # fmt: skip
        required = ("id", "short", "mark", "name", "test", "layer_names", "judgement")
        values = self._object(data, at, known, required)
        values.setdefault("required", False)
        if values.get("zones") and "unknown_zone" not in values:
            self._fail(f"{at}.unknown_zone", "must_be_given_with_zones")
        return Line(**values)

    def _data(self, data: Any, at: str) -> dict[str, Text]:
        return self._object(data, at, dict.fromkeys(ABOUT_DATA, self._text))

    def _zones(self, data: Any, at: str) -> tuple[Zone, ...]:
        if not isinstance(data, list):
            self._fail(at, "must_be_list")
        known = {"name": self._text, "names": self._words, "codes": self._words, "judgement": self._judgement}
        zones = []
        for n, item in enumerate(data):
            values = self._object(item, f"{at}[{n}]", known, required=("name", "names", "judgement"))
            zones.append(Zone(**{"codes": (), **values}))
        return tuple(zones)

    def _judgement(self, data: Any, at: str) -> Judgement:
        severity = self._choice(VIOLATION, WARNING, NOTICE, CLEAR)
        known = {
            "site": severity, "planned_area": severity, "concentrated": severity, "allowed_kind": severity,
            "rule": self._text, "clause": self._text,
        }  # fmt: skip
        return Judgement(**self._object(data, at, known, required=("site", "planned_area")))

    def _changes(self, data: Any, at: str) -> Changes:
        return Changes(**self._object(data, at, {"limit_m2": self._number, "limit_pct": self._number}))

    def _class_system(self, data: Any, at: str) -> ClassSystem:
        known = {
            "id": self._identifier, "name": self._text, "code_fields": self._words, "own_codes": self._pattern,
            "classes": self._list_of(self._land_class),
        }  # fmt: skip
        return ClassSystem(**self._object(data, at, known, required=("id", "name", "classes")))

    def _land_class(self, data: Any, at: str) -> LandClass:
        known = {
            "code": self._word, "name": self._text, "class": self._choice(FARM, CONSTRUCTION, UNUSED),
            "grade": self._choice(*GRADES), "use": self._choice(CROPLAND, RESIDENTIAL, MAYBE_RESIDENTIAL),
        }  # fmt: skip
        values = self._object(data, at, known, required=("code", "name", "class", "grade"))
        return LandClass(main=values.pop("class"), **values)

    def _legend(self, data: Any, at: str) -> Legend:
        grades = {str(grade): self._numbers for grade in GRADES}
        known = {
            "id": self._identifier, "name": self._text, "no_data": self._numbers,
            "grades": lambda value, at: self._object(value, at, grades),
        }  # fmt: skip
        values = self._object(data, at, known, required=("id", "name", "grades"))
        pairs = [(number, int(grade)) for grade, numbers in values.pop("grades").items() for number in numbers]
        if len(dict(pairs)) < len(pairs) or set(dict(pairs)) & set(values.get("no_data", ())):
            self._fail(f"{at}.grades", "must_be_unique")
        return Legend(grades=dict(pairs), **values)

    def _town_rule(self, data: Any, at: str) -> TownRule:
        limits = dict.fromkeys(("at_least", "at_most", "encouraged_at_most"), self._number)
        kinds = dict.fromkeys(("no_upper_limit_for", "only_for", "objects"), self._words)
        texts = dict.fromkeys(("name", "unit", "watch", "clause"), self._text)
        known = {"id": self._identifier, "figure": self._choice(*RULE_FIGURES), **limits, **kinds, **texts}
        rule = TownRule(**self._object(data, at, known, required=("id", "figure", "name")))
        for object_ in rule.objects:
            self._choice(*REVIEW_OBJECTS)(object_, f"{at}.objects")
        if rule.at_least is None and rule.at_most is None:
            self._fail(f"{at}.at_least", "must_be_given")
        if rule.at_least is not None and rule.at_most is not None and rule.at_least > rule.at_most:
            self._fail(f"{at}.at_most", "must_not_be_below", rule.at_least)
        return rule

    def _question(self, data: Any, at: str) -> Question:
        texts = dict.fromkeys(("group", "question", "clause"), self._text)
        known = {"id": self._identifier, "good": self._choice(YES, NO, None), **texts}
        return Question(**self._object(data, at, known, required=("id", "question", "good")))

    def _intensity(self, data: Any, at: str) -> IntensityRules:
        names = [one.name for one in fields(IntensityRules)]
        known = dict.fromkeys(names, self._number) | {"floor_height_m": self._positive}
        return IntensityRules(**self._object(data, at, known))

    def _town_list(self, data: Any, at: str) -> TownListRules:
        known = {"fields": self._words_by(LIST_FIELDS), "statuses": self._words_by(LIST_STATUSES)}
        return TownListRules(**self._object(data, at, known))

    def _short(self, value: Any, at: str) -> str:
        if len(self._identifier(value, at)) > 4:  # leaves room for _check in a Shapefile's ten characters
            self._fail(at, "must_be_short")
        if value.casefold() in _TAKEN:
            self._fail(at, "must_not_be", ", ".join(_TAKEN))
        return value
