"""From what is known of the towns to their indicators: every figure, where it is from, and why one is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..analysis import indicators as formulas
from ..analysis.indicators import KM2, divide, share
from ..analysis.roles import EARLIER_LAND_USE, LAND_USE, PLANNED_LAND_USE
from ..analysis.towns import Towns
from ..intensity_rules import IntensityRules
from ..profile import Profile
from . import intensity_schema as schema
from .intensity import Known

COVER, BUILDINGS, FIGURES, TOWNS = "land_cover", "buildings", "figures", "towns"
EXISTING, PLANNED = "land_use", "planned_land_use"

NOT_GIVEN, NOT_REACHED, NO_CONSTRUCTION = "not_given", "not_reached", "no_construction"
NO_FIGURE, FLOORS_UNKNOWN, NO_TOWN, TWO_DATES = "no_figure", "floors_unknown", "no_town_geometry", "two_dates"
ZERO_FIGURE, USE_UNCLEAR = "zero_figure", "use_unclear"

# The same quantity from two sources, and the column that holds their difference.
COMPARED = {
    "construction_diff_pct": ("construction_m2", "cover_construction_m2"),
    "degree_diff_pct": ("land_use_degree", "cover_degree"),
}
FOOTPRINT = "footprint_m2"  # more of it than construction land is a contradiction too
_DEGREES = 300.0  # the span of the index
LEAST_COMPARED_M2 = 10_000.0  # of less, a few pixels or houses are a large share


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
            why = np.where(covered > 0, NO_CONSTRUCTION, NOT_REACHED if given else NOT_GIVEN)
            if name in ("residential_m2", "residential_pct") and given:
                why = np.where(made["construction_m2"] > 0, USE_UNCLEAR, why)
            _put(found, prefix + name, made.get(name, unknown), source, covered, why)
    _put_cover(found, known, official)
    _put_buildings(found, known, official, rules.least_covered_pct)
    _put_figures(found, known, unknown, rules.least_covered_pct)
    _put_new_construction(found, known, official, rules.least_covered_pct)
    _compare(found, official, rules)
    for name, value in found.values.items():
        found.reason[name] = np.where(np.isnan(official) & np.isnan(value), NO_TOWN, found.reason[name])
    return found


def _put(
    found: Measures, name: str, value: np.ndarray, source: str | np.ndarray, covered: np.ndarray,
    why: str | np.ndarray,
) -> None:  # fmt: skip
    found.values[name], found.source[name], found.covered[name] = value, source, covered
    found.reason[name] = np.where(np.isnan(value), why, "").astype(object)


def _put_new_construction(found: Measures, known: Known, official: np.ndarray, least_pct: float) -> None:
    """None is proven only where both dates cover the town; some is proven wherever it was found."""
    covered, new, why = np.full(len(official), np.nan), np.full(len(official), np.nan), TWO_DATES
    if known.new_m2 is not None:
        earlier = formulas.from_land_use(known.by_code[EARLIER_LAND_USE], known.systems[EARLIER_LAND_USE], official)
        covered = np.minimum(found.covered["construction_m2"], earlier["land_use_covered_pct"])
        new, why = np.where((known.new_m2 > 0) | (covered >= least_pct), known.new_m2, np.nan), NOT_REACHED
    _put(found, "new_construction_m2", new, EXISTING, covered, why)


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


def _put_figures(found: Measures, known: Known, unknown: np.ndarray, least_pct: float) -> None:
    """Figures as given, and per construction land: the existing, else the planned, else that of the land cover; of
    these first one that covers the town, else what there is."""
    numbers, used = known.figures.numbers, known.figures.used
    for name in schema.FIGURES:
        _put(found, name, numbers[name], FIGURES, unknown, NO_FIGURE if name in used else NOT_GIVEN)
    land, covered, source = unknown.copy(), unknown.copy(), np.full(len(unknown), "", dtype=object)
    sources = ("construction_m2", "planned_construction_m2", "cover_construction_m2")
    for name, least in ((name, least) for least in (least_pct, 0.0) for name in sources):
        use = np.isnan(land) & ~np.isnan(found.values[name]) & (found.covered[name] >= least)
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
        bare = np.where(np.isnan(land), NOT_REACHED, NO_CONSTRUCTION) if of_land else ZERO_FIGURE
        if name == "construction_m2_per_resident":
            bare = np.where(np.isnan(land), NOT_REACHED, ZERO_FIGURE)
        why = np.where(missing, no_figure, bare)
        _put(found, name, made[name], source if of_land else FIGURES, covered if of_land else unknown, why)


def _compare(found: Measures, official: np.ndarray, rules: IntensityRules) -> None:
    """Differences in % of the town's area, or of the span of the degree index. Two sources disagree past the limit of
    that, or of the larger value; only where both cover the town, for a gap is no contradiction."""
    values = found.values
    for name, (one, other) in COMPARED.items():
        span = _DEGREES if one == "land_use_degree" else official
        difference = share(np.abs(values[one] - values[other]), np.broadcast_to(span, official.shape))
        found.values[name], found.source[name] = difference, f"{found.source[one]}+{COVER}"
        found.covered[name] = np.minimum(found.covered[one], found.covered[other])
        found.reason[name] = np.where(np.isnan(values[one]), found.reason[one], found.reason[other]).astype(object)
        far = difference > rules.difference_limit_pct
        if one != "land_use_degree":
            larger = np.fmax(values[one], values[other])
            apart = share(np.abs(values[one] - values[other]), larger) > rules.relative_limit_pct
            far |= apart & (larger >= LEAST_COMPARED_M2)
        found.flagged[one] = far & (found.covered[name] >= rules.least_covered_pct)
    built, land = values[FOOTPRINT], values["construction_m2"]
    more = built > land * (1 + rules.difference_limit_pct / 100)
    whole = found.covered["construction_m2"] >= rules.least_covered_pct
    found.flagged[FOOTPRINT] = more & whole & (built - land >= LEAST_COMPARED_M2)


def rule_figures(found: Measures, towns: Towns, least_pct: float) -> dict[str, np.ndarray]:
    """The figures that town rules are about, in their units. A share, or a figure per area, of a source that covers too
    little of the town is no figure; construction land is at least what is known of it (see `lower_bound`)."""
    values = dict(found.values)
    values["area_km2"] = towns.official_m2 / KM2
    for prefix in ("", schema.PLANNED):
        patchy = ~(values[prefix + "land_use_covered_pct"] >= least_pct)
        for name in ("residential_pct", "construction_pct"):
            values[prefix + name] = np.where(patchy, np.nan, values[prefix + name])
    for name in schema.FIGURE_INDICATORS:
        patchy = found.covered[name] < least_pct
        values[name] = np.where(patchy, np.nan, values[name])
    values["planned_construction_km2"] = values["planned_construction_m2"] / KM2
    return values


def lower_bound(found: Measures, figure: str, least_pct: float) -> np.ndarray:
    """Where a figure is only the least it can be, bool (m,): construction land of a land use with gaps. It can prove
    that a threshold is reached, never that it is missed."""
    if figure != "planned_construction_km2":
        return np.zeros(len(found.values["gdp"]), dtype=bool)
    return ~(found.values["planned_land_use_covered_pct"] >= least_pct)
