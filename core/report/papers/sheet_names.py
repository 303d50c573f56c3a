"""Names of sheets: at most 31 characters, without what a workbook forbids, no two alike."""

from __future__ import annotations

import re

LONGEST = 31
_FORBIDDEN = re.compile(r"[\\/*?:\[\]\x00-\x1f]")


class SheetNames:
    """Gives each sheet a name that no other has, whatever its case."""

    def __init__(self) -> None:
        self._taken = {"history"}  # which Excel keeps for itself

    def unique(self, wanted: str) -> str:
        sound = _FORBIDDEN.sub("_", wanted).strip("' ")[:LONGEST].strip("' ") or "_"
        name, number = sound, 2
        while name.casefold() in self._taken:
            mark = f" {number}"
            name, number = sound[: LONGEST - len(mark)] + mark, number + 1
        self._taken.add(name.casefold())
        return name
