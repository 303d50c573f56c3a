"""Verdicts, lines and areas of the towns as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...review.line_names import NamedLine
from ..content import Content, TownContent
from ..units import HA_M2, MU_M2
from .gaps import check_words, gaps
from .tables import COUNT, DAY, HA, M2, MU, PCT, TEXT, Column, Table, Value, added, made, rounded

UNBROKEN = ("number", "code", "unit")


def tables_of_summary(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """All towns with every line and both verdicts; what was found on each line."""
    return [_summary(content, towns), _lines(content, towns)]


def tables_of_lines(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """A table for each line that was given, a row for each town."""
    return [_line(content, towns, line) for line in given(content)]


def tables_of_ledger(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """The towns' areas by several measures, and for each line the ledger (面积核算表) with its balancing."""
    return [_areas(content, towns), *(_ledger(content, towns, line) for line in given(content))]


def given(content: Content) -> list[NamedLine]:
    """The lines that the run was given, in the order of the rules."""
    return [line for line in content.lines.lines if f"{line.short}_check" in content.browsed.towns]


def absent(content: Content) -> list[NamedLine]:
    """The lines it was not given."""
    known = given(content)
    return [line for line in content.lines.lines if line not in known]


def stays_inside(content: Content, line: NamedLine) -> bool:
    return f"{line.short}_out_m2" in content.browsed.towns


def area_of(content: Content, line: NamedLine) -> str:
    """The column of towns that holds what is found on a line, m²."""
    return f"{line.short}_out_m2" if stays_inside(content, line) else f"{line.short}_m2"


def hectares(m2: Any) -> Value:
    return None if m2 is None or m2 != m2 else rounded(m2 / HA_M2, HA)


def mu_of(m2: Any) -> Value:
    return None if m2 is None or m2 != m2 else rounded(m2 / MU_M2, MU)


def column(content: Content, code: str, kind: str = TEXT, total: bool = False, line: str = "", **more: Any) -> Column:
    """A column with the title that the catalogue has for ``code``; ``line`` fills in a line's name."""
    title = content.texts.word("report_column", code).format(line=content.texts.within(line))
    return Column(title, kind, total, **more, whole=code in UNBROKEN or kind == DAY)


def _summary(content: Content, towns: Sequence[TownContent]) -> Table:
    columns = [column(content, "town"), column(content, "area_ha", HA, True), column(content, "area_mu", MU, True)]
    lines = given(content)
    for line in lines:
        code = "outside_ha" if stays_inside(content, line) else "on_line_ha"
        columns += [column(content, code, HA, True, content.line(line.id)), column(content, "share", PCT)]
    columns += [column(content, name) for name in ("machine", "reviewed", "gaps")]
    columns += [column(content, "findings", COUNT, True), column(content, "undecided", COUNT, True)]
    undecided = content.browsed.open_findings
    rows = []
    for one in towns:
        town = one.town
        row: list[Value] = [town["town_name"], hectares(town["area_m2"]), mu_of(town["area_m2"])]
        for line in lines:
            row += [hectares(town[area_of(content, line)]), rounded(town[f"{line.short}_pct"], PCT)]
        row += [content.word("verdict", town["verdict"]), content.word("reviewed_verdict", town["reviewed_verdict"])]
        row += [content.texts.comma.join(gaps(content, one)), rounded(town["findings"], COUNT)]
        rows.append((*row, rounded(undecided[one.row], COUNT)))
    return made(content.texts, "summary", columns, rows)


def _lines(content: Content, towns: Sequence[TownContent]) -> Table:
    """What was found on each line: lines overlap one another, so that they have no total."""
    columns = [column(content, "line")]
    columns += [column(content, name, COUNT) for name in ("towns_hit", "towns_clear", "towns_unchecked", "findings")]
    columns += [column(content, "found_ha", HA), column(content, "found_mu", MU), column(content, "below_m2", M2)]
    known, rows = given(content), []
    for line in content.lines.lines:
        if line not in known:
            rows.append((content.line(line.id), None, None, len(towns), None, None, None, None))
            continue
        checks = [one.town[f"{line.short}_check"] for one in towns]
        gap = sum(line.id in str(one.town.get("unchecked") or "").split(",") for one in towns)
        areas = [one.town[area_of(content, line)] for one in towns]
        figures = (
            ([rounded(one.town[f"{line.short}_n"], COUNT) for one in towns], COUNT),
            ([hectares(area) for area in areas], HA), ([mu_of(area) for area in areas], MU),
            ([rounded(_of_line(one, line).get("below_m2"), M2) for one in towns], M2),
        )  # fmt: skip
        sums = [added([(value,) for value in values], 0, Column("", kind, True)) for values, kind in figures]
        rows.append((content.line(line.id), checks.count("hit"), checks.count("clear"), gap, *sums))
    return made(content.texts, "lines", columns, rows)


def _line(content: Content, towns: Sequence[TownContent], line: NamedLine) -> Table:
    outside = stays_inside(content, line)
    columns = [column(content, "town"), column(content, "check"), column(content, "coverage")]
    if outside:
        columns += [column(content, "area_ha", HA, True), column(content, "inside_ha", HA, True)]
    columns += [column(content, "findings", COUNT, True)]
    names = ("out_ha", "out_mu", "out_share") if outside else ("hit_ha", "hit_mu", "share")
    columns += [column(content, name, kind, kind != PCT) for name, kind in zip(names, (HA, MU, PCT), strict=True)]
    columns += [column(content, "below_m2", M2, True)]
    rows = []
    for one in towns:
        town, ledger = one.town, _of_line(one, line)
        row: list[Value] = [town["town_name"], check_words(content, one, line), _coverage(content, one, line)]
        found = hectares(town[area_of(content, line)])
        if outside:
            area = hectares(town["area_m2"])
            # The town's area and what lies outside are printed elsewhere too: the rounding is left to what is inside.
            row += [area, None if found is None else rounded(area - found, HA)]
        row += [rounded(town[f"{line.short}_n"], COUNT), found, mu_of(town[area_of(content, line)])]
        row += [rounded(town[f"{line.short}_pct"], PCT), rounded(ledger.get("below_m2"), M2)]
        rows.append(tuple(row))
    return made(content.texts, "outside" if outside else "line", columns, rows, line=content.line(line.id))


def _areas(content: Content, towns: Sequence[TownContent]) -> Table:
    """Approved, official and planar area side by side (批准, 椭球, 投影)."""
    columns = [column(content, "town")]
    columns += [column(content, name, M2, True) for name in ("approved", "ellipsoid", "planar")]
    columns.append(column(content, "off_approved", M2, True, made_of=((1, 2), (-1, 1))))
    rows = []
    for one in towns:
        ledger = one.tables["ledger"]
        first = ledger.iloc[0] if len(ledger) else {}
        approved, official = (rounded(one.town.get(name), M2) for name in ("appr_m2", "area_m2"))
        off = None if approved is None or official is None else rounded(official - approved, M2)
        rows.append((one.town["town_name"], approved, official, rounded(first.get("planar_m2"), M2), off))
    table = made(content.texts, "areas", columns, rows)
    return table if any(row[1] is not None for row in rows) else table.only([0, 2, 3])


def _ledger(content: Content, towns: Sequence[TownContent], line: NamedLine) -> Table:
    names = ("official", "gross", "multi", "union", "adjust", "balanced", "rest", "below_m2")
    made_of = {"union": ((1, 2), (-1, 3)), "balanced": ((1, 4), (1, 5)), "rest": ((1, 1), (-1, 6))}
    columns = [column(content, "town")]
    columns += [column(content, name, M2, True, made_of=made_of.get(name, ())) for name in names]
    columns.append(column(content, "checked", PCT))
    rows = [(one.town["town_name"], *_ledger_row(_of_line(one, line))) for one in towns]
    return made(content.texts, "ledger", columns, rows, line=content.line(line.id))


def _ledger_row(ledger: Any) -> tuple[Value, ...]:
    """Printed figures that follow from one another: what is overlapped, adjusted and left over are differences of the
    others as they are printed."""
    official, gross, union, balanced, below = (
        rounded(ledger.get(name), M2) for name in ("official_m2", "gross_m2", "union_m2", "balanced_m2", "below_m2")
    )
    official = None if balanced is None else official  # of a town that was not checked nothing is accounted for
    multi, adjust, rest = (
        None if one is None or other is None else rounded(one - other, M2)
        for one, other in ((gross, union), (balanced, union), (official, balanced))
    )
    return official, gross, multi, union, adjust, balanced, rest, below, rounded(ledger.get("checked_pct"), PCT)


def _of_line(one: TownContent, line: NamedLine) -> dict[str, Any]:
    ledger = one.tables["ledger"]
    rows = ledger[ledger["line"] == line.id] if len(ledger) else ledger
    return rows.iloc[0].to_dict() if len(rows) else {}


def _coverage(content: Content, one: TownContent, line: NamedLine) -> str:
    """Whether the coverage of the line's data was declared."""
    known = content.texts.words("report_coverage")
    return known.get(str(_of_line(one, line).get("coverage")), "")
