"""The provincial list (省级清单): which towns are on it, since when, and in what state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..analysis.town_rules import LISTED, NO_DATA, NOT_LISTED, STATUSES
from ..errors import Issue
from ..inputs.source import Source, as_texts
from ..inputs.tables import columns_named, match_towns
from ..profile import Profile


@dataclass
class TownList:
    """Of m towns, object arrays (m,): ``status``, one of `STATUSES` or `NO_DATA`; ``batch``, ``year``, texts, ``""``
    where unknown."""

    status: np.ndarray
    batch: np.ndarray
    year: np.ndarray


def read_town_list(
    source: Source | None, ids: np.ndarray, names: np.ndarray, profile: Profile, issues: list[Issue],
    town_column: str | None = None,
) -> TownList:  # fmt: skip
    """What the list says of the towns with these ids and names (m,).

    No list: no data on any town. A town without a row is not listed; one with a row has the state the row gives, or is
    listed where the list has no such column; a state the profile does not know, or a row that is not surely the town's,
    is no data. Rows of other towns are what a list of a province is full of: they are no issue.
    A renamed town is found by the row that has its present id or name, and that row's state says so.
    Issues: 'list_status_unknown', 'list_matches_no_town', and those of `match_towns`.
    :raises RedlineError: those of `match_towns`.
    """
    blank = np.full(len(ids), "", dtype=object)
    status = np.full(len(ids), NO_DATA, dtype=object)
    if source is None:
        return TownList(status, blank, blank.copy())
    known = profile.town_list.fields
    fields = [field.name for field in source.fields]
    batch, year, state = (next(iter(columns_named(fields, known.get(key, ()))), None) for key in _DETAILS)
    if state is None:
        state = _status_column(source, fields, profile, issues)
    others = [name for name in (batch, year, state) if name]
    match = match_towns(ids, names, source, issues, town_column, known.get("town", ()), others)
    if not match.found.any():
        issues.append(Issue("list_matches_no_town", "warning", source.name))
    elif state is None:
        issues.append(Issue("list_without_status", "warning", source.name))

    listed = np.flatnonzero(match.row >= 0)
    status[(match.row < 0) & ~match.disputed] = NOT_LISTED
    status[listed] = LISTED
    if state:
        meaning = _meanings(profile)
        for town, text in zip(listed, as_texts(match.laid(state))[listed], strict=True):
            status[town] = meaning.get(text.casefold(), NO_DATA)
            if status[town] == NO_DATA:
                line, details = str(match.fid[match.row[town]]), {"value": text, "town": ids[town] or names[town]}
                issues.append(Issue("list_status_unknown", "warning", source.name, line, details))
    batch, year = (as_texts(match.laid(name)) if name else blank.copy() for name in (batch, year))
    return TownList(status, batch, year)


def _status_column(source: Source, fields: list[str], profile: Profile, issues: list[Issue]) -> str | None:
    """The column all of whose values are states, under whatever name; without one, all that it lists is on the list."""
    known = _meanings(profile)
    for field in fields:
        texts = [text.casefold() for text in as_texts(source.values(field)) if text]
        if texts and all(text in known for text in texts):
            issues.append(Issue("list_status_found", "notice", source.name, details={"field": field}))
            return field
    return None


_DETAILS = ("batch", "year", "status")


def _meanings(profile: Profile) -> dict[str, str]:
    """State by text. Texts must be equal: '未申报' holds '申报' and means the contrary."""
    texts = profile.town_list.statuses
    return {text.strip().casefold(): status for status in STATUSES for text in texts.get(status, ())}
