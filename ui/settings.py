"""What the plugin remembers of its user, in QGIS's settings."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsSettings

_PREFIX = "redline_review/"
RECENT_COUNT = 8


def author() -> str:
    """Who decides, as written last."""
    return QgsSettings().value(f"{_PREFIX}author", "", str)


def set_author(name: str) -> None:
    QgsSettings().setValue(f"{_PREFIX}author", name)


def recent() -> list[str]:
    """Packages opened last, the newest first."""
    return [path for path in QgsSettings().value(f"{_PREFIX}recent", [], list) or [] if path]


def add_recent(path: str | Path) -> None:
    others = [one for one in recent() if one != str(path)]
    QgsSettings().setValue(f"{_PREFIX}recent", [str(path), *others][:RECENT_COUNT])


def flag(name: str, default: bool = True) -> bool:
    """A choice of the panel's options menu: ``zoom``, ``flash``."""
    return QgsSettings().value(f"{_PREFIX}{name}", default, bool)


def set_flag(name: str, chosen: bool) -> None:
    QgsSettings().setValue(f"{_PREFIX}{name}", chosen)


def unit() -> int:
    """Which of `columns.units` areas are shown in."""
    return QgsSettings().value(f"{_PREFIX}unit", 0, int)


def set_unit(place: int) -> None:
    QgsSettings().setValue(f"{_PREFIX}unit", place)
