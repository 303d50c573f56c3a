"""The lines of a package by name, as the profile of its run had them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..profile import Text, load_profile


@dataclass(frozen=True)
class NamedLine:
    """``id`` as in findings, ``short`` as before the columns of towns, ``name`` by language."""

    id: str
    short: str
    name: Text


@dataclass(frozen=True)
class NamedLines:
    """As much of a profile as a reader of results needs."""

    lines: tuple[NamedLine, ...]


def lines_of(facts: Mapping[str, Any]) -> NamedLines:
    """Those a run's manifest names; the national ones where it is older and names none."""
    named = (facts.get("profile") or {}).get("lines")
    if not named:
        return NamedLines(tuple(NamedLine(line.id, line.short, line.name) for line in load_profile().lines))
    return NamedLines(tuple(NamedLine(one["id"], one["short"], one["name"]) for one in named))
