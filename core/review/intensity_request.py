"""What land-use intensity is asked for: its sources beside those of a review."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..inputs.source import Source
from .figures import FigureRequest

if TYPE_CHECKING:
    from ..inputs.rasters import RasterSource


@dataclass
class LandUseLayer:
    """``code_field`` and ``system``, the id of a class system of the profile, are found where None."""

    source: Source
    code_field: str | None = None
    system: str | None = None


@dataclass
class IntensityRequest:
    """``land_use``: existing (现状); ``planned``: planned (规划); ``earlier``: existing at an earlier date, against
    which new construction shows. ``legend``: id of a legend of the profile."""

    land_use: LandUseLayer | None = None
    planned: LandUseLayer | None = None
    earlier: LandUseLayer | None = None
    land_cover: RasterSource | None = None
    legend: str = "worldcover"
    buildings: Source | None = None
    floors_field: str | None = None
    height_field: str | None = None
    figures: FigureRequest = field(default_factory=FigureRequest)
    town_list: Source | None = None

    @property
    def land_uses(self) -> dict[str, LandUseLayer]:
        """By role."""
        from ..analysis.roles import EARLIER_LAND_USE, LAND_USE, PLANNED_LAND_USE

        layers = {LAND_USE: self.land_use, PLANNED_LAND_USE: self.planned, EARLIER_LAND_USE: self.earlier}
        return {role: layer for role, layer in layers.items() if layer is not None}

    @property
    def sources(self) -> dict[str, Source]:
        """Polygon layers by role."""
        from ..analysis.roles import BUILDINGS

        found = {role: layer.source for role, layer in self.land_uses.items()}
        return found | ({BUILDINGS: self.buildings} if self.buildings else {})

    @property
    def table_sources(self) -> list[Source]:
        return [table for table in (self.figures.table, self.town_list) if table is not None]
