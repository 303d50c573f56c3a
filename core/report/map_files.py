"""The names of map files: one place for who writes them and who puts them into papers."""

from __future__ import annotations

import re
from pathlib import Path

OVERVIEW = "overview"
ATLAS = "maps"
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")  # names that Windows keeps for devices
_LONGEST = 80


def map_file(folder: str | Path, name: str, suffix: str = ".png") -> Path:
    """Where the map of a town, by its id, or one of the names above is written in a folder."""
    sound = _FORBIDDEN.sub("_", name).strip(" .")[:_LONGEST] or "_"
    return Path(folder) / f"{sound}_{suffix}" if _RESERVED.match(sound) else Path(folder) / f"{sound}{suffix}"
