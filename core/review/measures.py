"""From what is known of the towns to their indicators: every figure, where it is from, and why one is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..analysis import indicators as formulas
from ..analysis.indicators import KM2, divide, share
from ..analysis.roles import LAND_USE, PLANNED_LAND_USE
from ..analysis.towns import Towns
from ..profile import Profile
from . import intensity_schema as schema
from .intensity import Known

COVER, BUILDINGS, FIGURES, TOWNS = "land_cover", "buildings", "figures", "towns"
EXISTING, PLANNED = "land_use", "planned_land_use"

NOT_GIVEN, NOT_REACHED, NO_CONSTRUCTION = "not_given", "not_reached", "no_construction"
NO_FIGURE, FLOORS_UNKNOWN, NO_TOWN, TWO_DATES = "no_figure", "floors_unknown", "no_town_geometry", "two_dates"

# The same quantity from two sources, and the column that holds their difference.
COMPARED = {
    "construction_diff_pct": ("construction_m2", "cover_construction_m2"),
    "degree_diff_pct": ("land_use_degree", "cover_degree"),
}
FOOTPRINT = "footprint_m2"  # more of it than construction land is a contradiction too
_DEGREES = 300.0  # the span of the index


@dataclass
class Measures:
    """Of m towns. ``values``: indicators by name (`intensity_schema.NUMBERS`), NaN where unknown; ``source``: code of
    where each is from, one for all towns or an object array (m,); ``covered``: share of the town its source covers in
    %, NaN where that is not known; ``reason``: object arrays (m,), why a value is NaN, ``""`` where it is not;
    ``flagged``: of what disagrees, bool (m,), by indicator."""

    values: dict[str, np.ndarray] = field(default_factory=dict)
    source: dict[str, str | np.ndarray] = field(default_factory=dict)
    covered: dict[str, np.ndarray] = field(default_factory=dict)
    reason: dict[str, np.ndarray] = field(default_factory=dict)
    flagged: dict[str, np.ndarray] = field(default_factory=dict)


def measures(known: Known, towns: Towns, profile: Profile) -> Measures:
    """All indicators of `intensity_schema.NUMBERS`."""
    found = Measures()
    official, rules = towns.official_m2, profile.intensity
    unknown = np.full(len(towns), np.nan)
    for role, source, prefix in ((LAND_USE, EXISTING, ""), (PLANNED_LAND_USE, PLANNED, schema.PLANNED)):
        given = role in known.by_code
        made = formulas.from_land_use(known.by_code[role], known.systems[role], official) if given else {}
        covered = made.get("land_use_covered_pct", unknown)
        for name in schema.LAND_USE_INDICATORS:
            no_share = given & (covered > 0) & (name == "residential_pct")
            why = np.where(no_share, NO_CONSTRUCTION, NOT_REACHED if given else NOT_GIVEN)
            _put(found, prefix + name, made.get(name, unknown), source, covered, why)
    _put_cover(found, known, official)
    _put_buildings(found, known, official, rules.least_covered_pct)
    _put_figures(found, known, unknown)
    new = unknown if known.new_m2 is None else np.where(found.covered["construction_m2"] > 0, known.new_m2, np.nan)
    why = TWO_DATES if known.new_m2 is None else NOT_REACHED
    _put(found, "new_construction_m2", new, EXISTING, found.covered["construction_m2"], why)
    _compare(found, official, rules.difference_limit_pct)
    for name, value in found.values.items():
        found.reason[name] = np.where(np.isnan(official) & np.isnan(value), NO_TOWN, found.reason[name])
    return found


def _put(
    found: Measures, name: str, value: np.ndarray, source: str | np.ndarray, covered: np.ndarray,
    why: str | np.ndarray,
) -> None:  # fmt: skip
    found.values[name], found.source[name], found.covered[name] = value, source, covered
    found.reason[name] = np.where(np.isnan(value), why, "").astype(object)


def _put_cover(found: Measures, known: Known, official: np.ndarray) -> None:
    cover = known.cover
    unknown = np.full(len(official), np.nan)
    covered = cover.covered_pct if cover else unknown
    built = np.where(covered > 0, cover.construction_m2, np.nan) if cover else unknown
    values = (built, share(built, official), cover.degree if cover else unknown, covered)
    why = NOT_REACHED if cover else NOT_GIVEN
    for name, value in zip(schema.COVER_INDICATORS, values, strict=True):
        _put(found, name, value, COVER, covered, why)


def _put_buildings(found: Measures, known: Known, official: np.ndarray, least_pct: float) -> None:
    built = known.built
    unknown = np.full(len(official), np.nan)
    if built is None:
        for name in schema.BUILDING_INDICATORS:
            _put(found, name, unknown, BUILDINGS, unknown, NOT_GIVEN)
        return
    there = known.in_buildings & ~np.isnan(official)
    footprint = np.where(there, built.footprint_m2, np.nan)
    told = share(built.known_m2, built.footprint_m2)
    # Without a building there is no floor; with too many of unknown floors the sum would say too little.
    enough = there & ((built.footprint_m2 == 0) | (told >= least_pct))
    floor_area = np.where(enough, built.floor_area_m2, np.nan)
    values = (footprint, share(footprint, official), floor_area, divide(floor_area, official), told)
    for name, value in zip(schema.BUILDING_INDICATORS, values, strict=True):
        why = np.where(there, FLOORS_UNKNOWN, NOT_REACHED)
        _put(found, name, value, BUILDINGS, unknown, why)


def _put_figures(found: Measures, known: Known, unknown: np.ndarray) -> None:
    """Figures as given, and per construction land: the existing, else the planned, else that of the land cover."""
    numbers, used = known.figures.numbers, known.figures.used
    for name in schema.FIGURES:
        _put(found, name, numbers[name], FIGURES, unknown, NO_FIGURE if name in used else NOT_GIVEN)
    land, covered, source = unknown.copy(), unknown.copy(), np.full(len(unknown), "", dtype=object)
    for name in ("construction_m2", "planned_construction_m2", "cover_construction_m2"):
        use = np.isnan(land) & ~np.isnan(found.values[name])
        land[use], covered[use], source[use] = found.values[name][use], found.covered[name][use], found.source[name]
    found.source["per_construction"] = source
    made = formulas.from_figures(numbers, land)
    needs = {
        "construction_m2_per_resident": ["residents"], "gdp_per_km2": ["gdp"], "tax_per_mu": ["tax"],
        "investment_per_mu": ["investment"], "jobs_per_km2": ["jobs"], "gdp_per_job": ["gdp", "jobs"],
        "trade_investment_pct": ["trade_investment", "investment"],
    }  # fmt: skip
    for name in schema.FIGURE_INDICATORS:
        missing = np.any([np.isnan(numbers[one]) for one in needs[name]], axis=0)
        no_figure = NO_FIGURE if set(needs[name]) <= set(used) else NOT_GIVEN
        of_land = name not in ("gdp_per_job", "trade_investment_pct")
        bare = np.where(np.isnan(land), NOT_REACHED, NO_CONSTRUCTION) if of_land else NO_FIGURE
        why = np.where(missing, no_figure, bare)
        _put(found, name, made[name], source if of_land else FIGURES, covered if of_land else unknown, why)


def _compare(found: Measures, official: np.ndarray, limit_pct: float) -> None:
    """Differences in % of the town's area, or of the span of the degree index."""
    values = found.values
    for name, (one, other) in COMPARED.items():
        span = _DEGREES if one == "land_use_degree" else official
        difference = share(np.abs(values[one] - values[other]), np.broadcast_to(span, official.shape))
        found.values[name], found.source[name] = difference, f"{found.source[one]}+{COVER}"
        found.covered[name] = np.minimum(found.covered[one], found.covered[other])
        found.reason[name] = np.where(np.isnan(values[one]), found.reason[one], found.reason[other]).astype(object)
        found.flagged[one] = difference > limit_pct
    beyond = values[FOOTPRINT] - values["construction_m2"]
    found.flagged[FOOTPRINT] = share(beyond, official) > limit_pct


def rule_figures(found: Measures, towns: Towns, least_pct: float) -> dict[str, np.ndarray]:
    """The figures that town rules are about, in their units. A share of a land use that covers too little of the town
    is no figure; construction land is at least what is known of it."""
    values = dict(found.values)
    values["area_km2"] = towns.official_m2 / KM2
    for prefix in ("", schema.PLANNED):
        patchy = ~(values[prefix + "land_use_covered_pct"] >= least_pct)
        for name in ("residential_pct", "construction_pct"):
            values[prefix + name] = np.where(patchy, np.nan, values[prefix + name])
    values["planned_construction_km2"] = values["planned_construction_m2"] / KM2
    return values
