"""What the plugin remembers of its user, in QGIS's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsSettings

_PREFIX = "redline_review/"
RECENT_COUNT = 8


def author() -> str:
    """Who decides, as written last."""
    return _value("author", "")


def set_author(name: str) -> None:
    _set("author", name)


def recent() -> list[str]:
    """Packages opened last, the newest first."""
    return [path for path in _value("recent", []) or [] if path]


def add_recent(path: str | Path) -> None:
    others = [one for one in recent() if one != str(path)]
    _set("recent", [str(path), *others][:RECENT_COUNT])


def flag(name: str, default: bool = True) -> bool:
    """A choice of the panel's options menu: ``zoom``, ``flash``."""
    return _value(name, default)


def set_flag(name: str, chosen: bool) -> None:
    _set(name, chosen)


def unit() -> int:
    """Which of `columns.units` areas are shown in."""
    return _value("unit", 0)


def set_unit(place: int) -> None:
    _set("unit", place)


def sizes(kind: str) -> list[int]:
    """The sizes of the panel's parts as they were drawn last; empty where they never were."""
    try:
        return [int(size) for size in _value(f"sizes_{kind}", []) or []]
    except ValueError:
        return []


def set_sizes(kind: str, drawn: list[int]) -> None:
    _set(f"sizes_{kind}", drawn)


def _value(name: str, default: Any) -> Any:
    try:
        found = QgsSettings().value(f"{_PREFIX}{name}", default, type(default))
    except TypeError:  # somebody has been in the file
        return default
    return found if isinstance(found, type(default)) else default


def _set(name: str, value: Any) -> None:
    QgsSettings().setValue(f"{_PREFIX}{name}", value)
