"""A layer that is checked: its source, its part in the review, and which of its fields say what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...intensity_rules import ClassSystem
from ...profile import Text
from ..source import Source

TOWNS, LINE, LAND_USE, COVERAGE, OTHER = "towns", "line", "land_use", "coverage", "other"


@dataclass
class CheckedLayer:
    """``role``: one of this module's; ``line`` and ``title``: id and name of a control line. ``id_field``: identifies
    features, the usual ones (`code_checks.IDS`) where None. ``name_field``: what a town is called. ``code_field`` and
    ``system``: of land use, found where None. ``overlaps``: whether its features must not lie over each other.
    ``speaks_of``: of a coverage, by the text in ``code_field`` the id of the line a polygon is for, ``""`` for all."""

    source: Source
    role: str = OTHER
    line: str = ""
    title: Text = ""
    id_field: str | None = None
    name_field: str | None = None
    code_field: str | None = None
    system: ClassSystem | None = None
    overlaps: bool = True
    speaks_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def is_compared(self) -> bool:
        """Whether it matters what its features lie over."""
        return self.overlaps or self.role == LINE
