"""The fields of what intensity writes; docs/intensity.md and docs/package.md say what each means."""

from __future__ import annotations

from ..inputs.source import Field

LAND_USE_INDICATORS = (
    "construction_m2", "construction_pct", "residential_m2", "residential_pct", "cropland_m2", "cropland_net_m2",
    "cropland_pct", "agricultural_m2", "unused_land_m2", "land_use_degree", "land_use_mix", "land_use_covered_pct",
)  # fmt: skip
PLANNED = "planned_"
COVER_INDICATORS = ("cover_construction_m2", "cover_construction_pct", "cover_degree", "cover_covered_pct")
BUILDING_INDICATORS = ("footprint_m2", "coverage_pct", "floor_area_m2", "far", "floors_known_pct")
FIGURES = (
    "residents", "jobs", "gdp", "tax", "investment", "trade_investment", "green_pct", "visitors", "new_economy_pct",
    "research_pct",
)  # fmt: skip
FIGURE_INDICATORS = (
    "construction_m2_per_resident", "gdp_per_km2", "tax_per_mu", "investment_per_mu", "jobs_per_km2", "gdp_per_job",
    "trade_investment_pct",
)  # fmt: skip
CHECKS = ("construction_diff_pct", "degree_diff_pct")

NUMBERS = (
    *LAND_USE_INDICATORS, *(PLANNED + name for name in LAND_USE_INDICATORS), *COVER_INDICATORS, *BUILDING_INDICATORS,
    *FIGURES, *FIGURE_INDICATORS, "new_construction_m2", *CHECKS,
)  # fmt: skip
TEXTS = ("town_kind", "per_construction_of", "disagree", "missing", "list_status", "list_batch", "list_year")
RULES = ("town_rules", "watch")

INTENSITY = [
    Field("town_id", "text"), Field("town_name", "text"), Field("area_m2", "real"),
    *(Field(name, "real") for name in NUMBERS), *(Field(name, "text") for name in (*TEXTS, *RULES)),
]  # fmt: skip

# Beside the verdict of a town, never part of it.
OF_TOWNS = [Field("town_rules", "text"), Field("list_status", "text")]
INDICATORS = [
    Field("town_id", "text"), Field("town_name", "text"), Field("indicator", "text"), Field("name", "text"),
    Field("value", "real"), Field("unit", "text"), Field("source", "text"), Field("covered_pct", "real"),
    Field("per_m2", "real"), Field("per_ha", "real"), Field("per_mu", "real"),
    Field("other_source", "text"), Field("other_value", "real"), Field("difference_pct", "real"),
    Field("flagged", "integer"), Field("reason", "text"),
]  # fmt: skip
LAND_USE = [
    Field("period", "text"), Field("town_id", "text"), Field("town_name", "text"), Field("line", "text"),
    Field("finding_id", "text"), Field("class", "text"), Field("use", "text"), Field("code", "text"),
    Field("name", "text"), Field("area_m2", "real"), Field("net_m2", "real"), Field("share_pct", "real"),
]  # fmt: skip
CLASS_AREAS = {  # of rows of `LAND_USE`: which class, and which use
    "agricultural_m2": ("farm", None), "cropland_m2": ("farm", "cropland"), "construction_m2": ("construction", None),
    "unused_land_m2": ("unused", None), "unknown_m2": ("unknown", None), "uncovered_m2": ("uncovered", None),
}  # fmt: skip
LAND_CLASSES = [
    Field("period", "text"), Field("town_id", "text"), Field("town_name", "text"), Field("line", "text"),
    Field("finding_id", "text"), Field("area_m2", "real"), *(Field(name, "real") for name in CLASS_AREAS),
]  # fmt: skip
TOWN_RULES = [
    Field("town_id", "text"), Field("town_name", "text"), Field("rule", "text"), Field("name", "text"),
    Field("figure", "real"), Field("unit", "text"), Field("threshold", "text"), Field("result", "text"),
    Field("remark", "text"), Field("source", "text"), Field("clause", "text"),
]  # fmt: skip
TABLES = {
    "indicators": INDICATORS, "land_use": LAND_USE, "land_classes": LAND_CLASSES, "town_rules": TOWN_RULES,
}  # fmt: skip
