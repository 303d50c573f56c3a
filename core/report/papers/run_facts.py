"""On what a review rests: rules, CRS, measure of area, layers and their dates, tolerances. No folder is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from ..content import Content
from ..sheet_texts import crs_name
from ..units import number
from .tables import COUNT, DAY, M2, NUMBER, Table, Value, day_of, made, printed, rounded
from .town_tables import column


def tables_of_run(content: Content, confidential: bool = False) -> list[Table]:
    """Facts of the run, its layers, the tolerances of its lines.

    :param confidential: leaves out the names of files too.
    """
    return [_facts(content), _layers(content, confidential), _tolerances(content)]


def changed_layers(content: Content) -> list[str]:
    """Layers that are not as they were when the run read them, in words."""
    return [role_name(content, role) for role in content.browsed.changed]


def role_name(content: Content, role: str) -> str:
    """A layer by the part it plays."""
    return content.names.get(role) or content.texts.word("report_role", role)


def _facts(content: Content) -> Table:
    facts, texts = content.facts, content.texts
    versions = facts.get("versions") or {}
    programs = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    said = {
        "run_id": facts.get("run_id"),
        "run_day": printed(day_of(facts["finished"]), DAY) if facts.get("finished") else None,
        "object": texts.words("report_object").get(facts.get("review_object") or ""),
        "profile": texts.pick((facts.get("profile") or {}).get("name")),
        "crs": crs_name(content.browsed.crs, texts) if content.browsed.crs else None,
        "overlay_crs": crs_name(facts["overlay_crs"], texts) if _differs(content) else None,
        "height": texts.say("report_height"),
        "area_method": texts.words("report_area").get(facts.get("area_method") or ""),
        "max_edge": texts.say("report_max_edge", m=number(facts["max_edge_m"], 0)) if facts.get("max_edge_m") else None,
        "changes": _changes(content),
        "snapped": _snapped(content),
        "classes": _classes(content),
        "language": texts.words("report_language").get(facts.get("language") or ""),
        "versions": programs,
        "schema": str(content.browsed.version),
    }
    rows = [(texts.word("report_fact", key), value) for key, value in said.items() if value]
    return made(texts, "facts", [column(content, "fact"), column(content, "fact_value")], rows)


def _differs(content: Content) -> bool:
    """Whether the overlay was made in another CRS than the towns'."""
    overlay = content.facts.get("overlay_crs")
    return bool(overlay) and overlay != content.browsed.crs


def _layers(content: Content, confidential: bool) -> Table:
    columns = [column(content, name) for name in ("role", "layer", "version", "file")]
    columns += [column(content, "features", COUNT), column(content, "modified", DAY)]
    columns += [column(content, name) for name in ("coverage", "transformation", "now")]
    coverage, transformations = content.facts.get("coverage") or {}, content.facts.get("transformations") or {}
    rows: list[tuple[Value, ...]] = []
    for role, source in (content.facts.get("sources") or {}).items():
        state = "changed" if role in content.browsed.changed else "same" if "modified" in source else "unknown"
        rows.append((
            role_name(content, role), file_name(source.get("layer")), content.versions.get(role) or None,
            file_name(source.get("location")),
            rounded(source.get("features"), COUNT), rounded(source.get("modified"), DAY),
            content.texts.words("report_coverage").get(coverage.get(role, "")),
            _transformation(content, transformations.get(role)), content.texts.word("report_now", state),
        ))  # fmt: skip
    left_out = {2} if not content.versions else set()  # a column of nothing
    left_out |= {3} if confidential else set()
    return made(content.texts, "layers", columns, rows).only([n for n in range(len(columns)) if n not in left_out])


def _tolerances(content: Content) -> Table:
    """What counts as below tolerance; without figures where the rules give none."""
    columns = [column(content, "line"), *(column(content, name, kind) for name, kind in
               (("min_area", M2), ("min_width", NUMBER), ("cap", M2)))]  # fmt: skip
    columns.append(column(content, "required"))
    profile = content.facts.get("profile") or {}
    required = profile.get("required") or []
    rows = [
        (content.line(line), *(rounded(value, of.kind) for value, of in zip(limits, columns[1:], strict=False)),
         content.texts.word("answer", "yes" if line in required else "no"))
        for line, limits in (profile.get("tolerances") or {}).items()
    ]  # fmt: skip
    return made(content.texts, "tolerances", columns, rows)


def file_name(location: Any) -> Value:
    """The last part of a path of whatever system; of what is no file, a database, nothing."""
    text = str(location or "").split("|")[0]
    if not text or "=" in text:
        return None
    return rounded(PureWindowsPath(PurePosixPath(text).name).name, "text")


def _transformation(content: Content, known: Mapping[str, Any] | None) -> Value:
    if known is None:
        return None
    operation, accuracy = known.get("operation"), known.get("accuracy_m")
    if not operation:
        return content.texts.say("report_no_transformation")
    if accuracy is None or accuracy < 0:
        return operation
    return operation + content.texts.bracketed(content.texts.say("report_accuracy", m=number(accuracy, 2)))


def _changes(content: Content) -> Value:
    limits = (content.facts.get("profile") or {}).get("changes")
    if not limits:
        return None
    return content.texts.say("report_changes", m2=f"{limits[0]:g}", pct=f"{limits[1]:g}")


def _snapped(content: Content) -> Value:
    """Overlays that only worked on coordinates rounded to a grid."""
    snapped = content.facts.get("snapped") or {}
    said = [content.texts.say("report_snapped", grid=grid, count=count) for grid, count in snapped.items()]
    return content.texts.comma.join(said) or None


def _classes(content: Content) -> Value:
    """By which class system the codes of each layer of land use were read."""
    systems = ((content.facts.get("intensity") or {}).get("class_systems")) or {}
    words = content.texts.words("report_classes")
    return content.texts.separator.join(
        content.texts.listed(role_name(content, role), [words.get(system, system)]) for role, system in systems.items()
    ) or None  # fmt: skip
