"""A report as a row of chapters: what is said in which order, whichever file it is written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ...errors import Cancelled
from ...review.request import Progress
from ..content import Content, TownContent
from ..map_files import OVERVIEW, further_page, map_file
from ..sheet_texts import Imprint
from . import change_tables, finding_tables, land_tables, record_tables, run_facts, town_tables
from .charts import Chart
from .numerals import chapter_title
from .summing_up import Heading, Words, conclusions, finding_words, some
from .tables import Table, Value, day_of

NOBODY = Imprint()


@dataclass(frozen=True)
class Asked:
    """What is wanted of a report. ``imprint``: who makes it; ``town_ids``: the towns it is about, all where None;
    ``previous``: an earlier package to compare with; ``maps``: a folder of pictures as `map_files` names them;
    ``confidential``: without the names of files."""

    imprint: Imprint = NOBODY
    town_ids: list[str] | None = None
    previous: Path | None = None
    maps: Path | None = None
    confidential: bool = False


@dataclass(frozen=True)
class Picture:
    """A map, as a PNG file."""

    path: Path
    caption: str


Block = Heading | Words | Table | Chart | Picture


@dataclass(frozen=True)
class Chapter:
    """``code``: of its title in the catalogue."""

    code: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Report:
    """``cover``: labels and values; ``notices``: what must be known before anything else is read."""

    content: Content
    imprint: Imprint
    title: str
    cover: Sequence[tuple[str, str]]
    notices: Sequence[str]
    chapters: Sequence[Chapter]


def report(
    content: Content, asked: Asked, progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:  # fmt: skip
    """All chapters of a review.

    :raises RedlineError: those of `compare`. :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    progress(0, "report_reading")
    towns = []
    for row in content.rows(asked.town_ids):
        if cancelled():
            raise Cancelled
        towns.append(content.town(row))
    found = None
    if asked.previous:
        found = change_tables.changes(asked.previous, content.path, progress, cancelled)
    made = _blocks(content, towns, asked, found)
    chapters = []
    for code, blocks in made.items():
        title = chapter_title(content.texts, len(chapters) + 1, content.texts.word("report_chapter", code))
        chapters.append(Chapter(code, title, blocks or [Words(content.texts.word("report_empty", code))]))
    texts = content.texts
    cover = _cover(content, asked.imprint, towns)
    return Report(content, asked.imprint, texts.say("report_title"), cover, _notices(content), chapters)


def _blocks(
    content: Content, towns: Sequence[TownContent], asked: Asked, found: change_tables.Changes | None
) -> dict[str, list[Block]]:
    missing = [Words(content.texts.say("report_line_absent", line=content.line(line.id)))
               for line in town_tables.absent(content)]  # fmt: skip
    figures = land_tables.tables_of_intensity(content, towns)
    blocks: dict[str, list[Block]] = {
        "conclusions": conclusions(content, towns, asked.imprint.day or date.today()),
        "summary": town_tables.tables_of_summary(content, towns),
        "lines": [*town_tables.tables_of_lines(content, towns), *missing],
        "ledger": town_tables.tables_of_ledger(content, towns),
        "findings": [finding_words(content, towns), *filled(finding_tables.tables_of_findings(content, towns))],
        "land": land_tables.tables_of_land(content, towns),
        "intensity": [*figures[:1], *land_tables.charts_of_intensity(content, towns), *figures[1:]],
        "rules": land_tables.tables_of_rules(content, towns),
        "checklist": record_tables.checklist(content, towns),
        "rectification": filled([finding_tables.rectification(content, towns)]),
    }
    if found:
        blocks["changes"] = _changes(content, towns, asked, found)
    blocks["issues"] = filled([record_tables.issues(content)])
    blocks["conflicts"] = filled([record_tables.conflicts(content, [one.town["town_id"] for one in towns])])
    blocks["run"] = filled(run_facts.tables_of_run(content, asked.confidential))
    if asked.maps:
        blocks["maps"] = _maps(content, towns, asked.maps)
    return blocks


def filled(tables: Sequence[Table]) -> list[Table]:
    """Those that have rows."""
    return [table for table in tables if table.rows]


def _changes(content: Content, towns: Sequence[TownContent], asked: Asked, found: change_tables.Changes) -> list[Block]:
    texts = content.texts
    said = [f"{texts.word('change', change)} {count}" for change, count in found.done.counts.items() if count]
    words = [Words(texts.listed(texts.say("report_changes_found", towns=found.done.town_count), said))]
    words += [Words(texts.issue(issue)) for issue in found.done.issues]
    if not asked.confidential:
        words.insert(0, Words(texts.say("report_compared_with", name=asked.previous.name)))
    return [*words, *filled(change_tables.tables_of_changes(content, towns, found))]


def _maps(content: Content, towns: Sequence[TownContent], folder: Path) -> list[Block]:
    """The overview, then each town's map; towns without one are named first."""
    pictures: list[Block] = []
    overview = map_file(folder, OVERVIEW)
    if overview.is_file():
        pictures.append(Picture(overview, content.texts.say("report_overview")))
    without = []
    for one in towns:
        pages = list(_pages(map_file(folder, one.town["town_id"])))
        pictures += [Picture(path, content.texts.say("report_map", town=one.town["town_name"])) for path in pages]
        if not pages:
            without.append(one.town["town_name"])
    if without and pictures:
        pictures.insert(0, Words(content.texts.say("report_without_map", towns=some(content.texts, without))))
    return pictures


def _pages(path: Path) -> Iterator[Path]:
    """A map and the pages on which its table goes on: QH01.png, QH01_2.png."""
    number, page = 1, path
    while page.is_file():
        yield page
        number += 1
        page = further_page(path, number)


def _cover(content: Content, imprint: Imprint, towns: Sequence[TownContent]) -> list[tuple[str, str]]:
    texts, facts, day = content.texts, content.facts, imprint.day or date.today()
    said = {
        "unit": imprint.unit,
        "author": imprint.author,
        "day": _day(content, day),
        "towns": texts.say("report_towns", count=len(towns), all=content.count)
        if len(towns) < content.count
        else texts.say("report_all_towns", count=content.count),
        "run_day": _day(content, day_of(facts["finished"])) if facts.get("finished") else "",
        "run_id": str(facts.get("run_id") or ""),
    }
    return [(texts.word("report_fact", key), value) for key, value in said.items() if value]


def _day(content: Content, day: Value) -> str:
    """A day as it stands on a cover."""
    known = isinstance(day, date)
    return content.texts.say("report_day", year=day.year, month=day.month, day=day.day) if known else str(day or "")


def _notices(content: Content) -> list[str]:
    texts, notices = content.texts, []
    changed = run_facts.changed_layers(content)
    if changed:
        notices.append(texts.say("report_stale", sources=changed))
    if content.browsed.older:
        notices.append(texts.say("report_older", version=content.browsed.version))
    if content.browsed.newer:
        notices.append(texts.say("report_newer", version=content.browsed.version))
    return notices
