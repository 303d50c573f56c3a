"""The rules of land-use intensity that a profile holds: classes of land, legends of rasters, rules for towns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

FARM, CONSTRUCTION, UNUSED = "farm", "construction", "unused"
CROPLAND, RESIDENTIAL = "cropland", "residential"
MAYBE_RESIDENTIAL = "maybe_residential"  # housing or what serves it: the code is too short to tell
GRADES = (1, 2, 3, 4)  # of the land-use degree index
BUILT_GRADE = 4  # of a land cover: settlement, industry, transport

Text = str | Mapping[str, str]


@dataclass(frozen=True)
class LandClass:
    """A class of land use: ``main`` is farm, construction or unused; ``use`` is cropland, residential,
    maybe_residential or ``""``."""

    code: str
    name: Text
    main: str
    grade: int
    use: str = ""


@dataclass(frozen=True, eq=False)
class ClassSystem:
    """A system of codes. ``own_codes``: a regular expression for codes that no other system has."""

    id: str
    name: Text
    classes: tuple[LandClass, ...]
    code_fields: tuple[str, ...] = ()
    own_codes: str = ""

    def of(self, code: str) -> LandClass | None:
        """The class whose code is the longest beginning of ``code``; None where there is none."""
        known = self._by_code
        return next((known[code[:n]] for n in range(len(code), 0, -1) if code[:n] in known), None)

    @cached_property
    def _by_code(self) -> dict[str, LandClass]:
        return {one.code.upper(): one for one in self.classes}

    def owns(self, code: str) -> bool:
        return bool(self.own_codes and re.search(self.own_codes, code))


@dataclass(frozen=True, eq=False)
class Legend:
    """Grades of the values of a land cover raster; ``no_data`` are values that say nothing (cloud too)."""

    id: str
    name: Text
    grades: Mapping[int, int]
    no_data: tuple[int, ...] = ()


@dataclass(frozen=True)
class TownRule:
    """A threshold that a figure of a town must keep.

    ``no_upper_limit_for``: kinds of town without the upper limit; ``only_for``: the only kinds it is for;
    ``objects``: the review objects it is for; ``encouraged_at_most``: a figure above it meets, and is remarked;
    ``watch``: what a figure beyond the threshold is called.
    """

    id: str
    figure: str
    name: Text
    unit: Text = ""
    at_least: float | None = None
    at_most: float | None = None
    encouraged_at_most: float | None = None
    no_upper_limit_for: tuple[str, ...] = ()
    only_for: tuple[str, ...] = ()
    objects: tuple[str, ...] = ("planned_area",)
    watch: Text = ""
    clause: Text = ""


@dataclass(frozen=True)
class IntensityRules:
    """``floor_height_m`` turns a height into floors. Two sources that differ by more than ``difference_limit_pct`` of
    the town, or ``relative_limit_pct`` of the larger, disagree. Below ``least_covered_pct`` of a town a source is too
    patchy for town rules and sums. New construction is construction land that was none before, in pieces of this area
    and width at least, or a start declared for ``new_since_year`` or later."""

    floor_height_m: float = 3.0
    difference_limit_pct: float = 10.0
    least_covered_pct: float = 95.0
    relative_limit_pct: float = 50.0
    new_since_year: int = 2021
    new_construction_m2: float = 200.0
    new_construction_width_m: float = 2.0


FIGURE_NAMES = (
    "residents", "jobs", "gdp", "tax", "investment", "trade_investment", "green_pct", "visitors", "new_economy_pct",
    "research_pct", "kind", "start",
)  # fmt: skip
LIST_FIELDS = ("town", "batch", "year", "status")
LIST_STATUSES = ("listed", "proposed", "not_listed", "renamed", "cleared", "removed")


@dataclass(frozen=True)
class TownListRules:
    """Names by which columns (town, batch, year, status) and states of a provincial list are known."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
