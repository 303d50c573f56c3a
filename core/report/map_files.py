"""The names of map files: one place for who writes them and who puts them into papers."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

OVERVIEW = "overview"
ATLAS = "maps"
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")  # names that Windows keeps for devices
_PAGE = re.compile(r"_\d+$")  # as QGIS names further pages, and `further_page`
_LONGEST = 60  # with characters of three bytes it stays below what Linux allows


def map_file(folder: str | Path, name: str, suffix: str = ".png") -> Path:
    """Where the map of a town, by its id, or one of the names above is written in a folder.

    An id that cannot be a file's name has a mark of its own behind what is left of it, since ``A/1`` and ``A:1`` are
    two towns; so has one that would read as another's further page.
    """
    sound = _FORBIDDEN.sub("_", name).strip(" .")[:_LONGEST]
    if not sound or sound != name or _RESERVED.match(sound) or _PAGE.search(sound):
        mark = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        sound = f"{sound or 'town'}-{mark}"
    return Path(folder) / f"{sound}{suffix}"


def further_page(path: Path, number: int) -> Path:
    """The file on which a map goes on: ``QH01_2.png``."""
    return path.with_name(f"{path.stem}_{number}{path.suffix}")


def beyond(path: Path, pages: int) -> list[Path]:
    """The files beside a map that would be read as its pages, but are more than it has."""
    numbered = re.compile(re.escape(path.stem) + r"_(\d+)" + re.escape(path.suffix), re.IGNORECASE)
    found = [(int(match[1]), one) for one in path.parent.iterdir() if (match := numbered.fullmatch(one.name))]
    return [one for number, one in sorted(found) if number > pages and further_page(path, number).name == one.name]
