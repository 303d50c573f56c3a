"""What a review is asked for and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analysis.area import ELLIPSOID
from ..analysis.judge import PLANNED_AREA
from ..errors import Issue
from ..inputs.source import Source
from ..profile import Profile
from .intensity_request import IntensityRequest
from .layers import LayerWriter

if TYPE_CHECKING:
    from ..inputs.checks.run import Checked

Progress = Callable[[float, str], None]  # percent done 0–100, code of the step (a text of the catalogue)


@dataclass
class ReviewRequest:
    """Inputs, rules and destinations of one run.

    ``lines``, ``zone_fields`` and ``id_fields`` go by the profile's line ids. Tolerances in m² and m override the
    profile's. ``area_method`` is `ELLIPSOID` or `PLANAR`; ``review_object`` one of `core.analysis.judge`. ``tables``:
    writers of the tables of intensity, by their names in the package.

    What the caller wants to read in the manifest again, JSON without secrets: ``tool``, how it was asked for this run;
    ``reopen``, by line, how it opens the line's layer again.

    ``check_data``: whether the layers are checked first; what is found goes to the package.
    """

    towns: Source
    profile: Profile
    lines: dict[str, Source]
    town_id_field: str | None = None
    town_name_field: str | None = None
    kind_field: str | None = None
    review_object: str = PLANNED_AREA
    construction: Source | None = None
    coverage: Source | None = None
    coverage_line_field: str | None = None
    area_method: str = ELLIPSOID
    approved_area_field: str | None = None
    min_area: float | None = None
    min_width: float | None = None
    zone_fields: dict[str, str] = field(default_factory=dict)
    id_fields: dict[str, str] = field(default_factory=dict)
    intensity: IntensityRequest | None = None
    check_data: bool = False
    previous: Path | None = None
    package: Path | None = None
    summary: LayerWriter | None = None
    findings: LayerWriter | None = None
    intensity_layer: LayerWriter | None = None
    tables: dict[str, LayerWriter] = field(default_factory=dict)
    language: str = "zh_CN"
    tool: Mapping[str, Any] = field(default_factory=dict)
    reopen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    versions: dict[str, Any] = field(default_factory=dict)  # what the caller knows: plugin and QGIS version

    @property
    def sources(self) -> list[Source]:
        """Every layer and table that is read."""
        more = [*self.intensity.sources.values(), *self.intensity.table_sources] if self.intensity else []
        found = (self.towns, *self.lines.values(), self.construction, self.coverage, *more)
        return [source for source in found if source is not None]


@dataclass(frozen=True)
class ReviewOutcome:
    """``finding_count``: findings above tolerance, without those that are gone; ``violation_count``: towns whose
    verdict is a violation; ``issues``: what was repaired, left out or not checked; ``checked``: what the check of the
    layers found, where it was asked for."""

    town_count: int
    finding_count: int
    violation_count: int
    issues: list[Issue]
    run_id: str
    checked: Checked | None = None
