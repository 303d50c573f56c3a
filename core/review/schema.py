"""The fields of what a review writes, in the order they are written; docs/package.md says what each means."""

from __future__ import annotations

from ..inputs.source import Field
from ..profile import KEEP_OUT, Line

FINDINGS = [
    Field("finding_id", "text"), Field("number", "text"), Field("town_id", "text"), Field("town_name", "text"),
    Field("line", "text"), Field("kind", "text"), Field("zone", "text"), Field("source_id", "text"),
    Field("severity", "text"), Field("area_m2", "real"), Field("share_pct", "real"), Field("width_m", "real"),
    Field("state", "text"), Field("rule", "text"),
]  # fmt: skip
LINES = [Field("line", "text"), Field("zone", "text"), Field("source_id", "text")]
CONFLICTS = [
    Field("town_id", "text"), Field("town_name", "text"), Field("line_a", "text"), Field("line_b", "text"),
    Field("area_m2", "real"),
]  # fmt: skip
ISSUES = [
    Field("layer", "text"), Field("feature", "text"), Field("kind", "text"), Field("severity", "text"),
    Field("detail", "text"),
]  # fmt: skip
LEDGER = [
    Field("town_id", "text"), Field("town_name", "text"), Field("line", "text"), Field("coverage", "text"),
    Field("checked_pct", "real"), Field("official_m2", "real"), Field("approved_m2", "real"),
    Field("planar_m2", "real"), Field("measured_m2", "real"), Field("gross_m2", "real"), Field("multi_m2", "real"),
    Field("union_m2", "real"), Field("residual_m2", "real"), Field("below_m2", "real"), Field("adjust_m2", "real"),
    Field("balanced_m2", "real"), Field("rest_m2", "real"),
]  # fmt: skip

RUN = [Field("key", "text"), Field("value", "text")]
REVIEWED = Field("reviewed_verdict", "text")


def summary_fields(lines: list[Line], approved: bool) -> list[Field]:
    """Our fields of SUMMARY, behind the towns' own attributes.

    :param lines: the lines that were given, in the profile's order.
    :param approved: whether an approved area is shown beside ours.
    """
    fields = [Field("town_id", "text"), Field("town_name", "text"), Field("area_m2", "real")]
    if approved:
        fields.append(Field("appr_m2", "real"))
    for line in lines:
        areas = ("m2",) if line.test == KEEP_OUT else ("in_m2", "out_m2")
        fields += [Field(f"{line.short}_{name}", "real") for name in (*areas, "pct")]
        fields += [Field(f"{line.short}_n", "integer"), Field(f"{line.short}_check", "text")]
    return [
        *fields, Field("shared_m2", "real"), Field("sliver_m2", "real"), Field("findings", "integer"),
        Field("unchecked", "text"), Field("undeclared", "text"), Field("check_pct", "real"), Field("verdict", "text"),
    ]  # fmt: skip


def kept_names(own: list[Field], ours: list[Field]) -> dict[str, str]:
    """Name under which each of the towns' own attributes is kept: ``src_`` before it where the name is one of ours."""
    taken = {field.name.casefold() for field in ours} | {"fid", "geom", "geometry", "reviewed_verdict"}
    kept: dict[str, str] = {}
    for field in own:
        name = field.name
        while name.casefold() in taken:
            name = f"src_{name}"
        taken.add(name.casefold())
        kept[field.name] = name
    return kept
