"""The intensity part of a run: sources opened, groups of towns worked out, what is known of each town put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..analysis.assess import Assessment
from ..analysis.buildings import Built, built
from ..analysis.class_systems import normal_code
from ..analysis.cover import Coverer
from ..analysis.coverage import LineExtent
from ..analysis.land_cover import LandCover, land_cover
from ..analysis.land_use import LandUse, LandUser
from ..analysis.new_construction import new_construction
from ..analysis.occupied import occupied_land
from ..analysis.parallel import Workers
from ..analysis.pieces import Pieces
from ..analysis.robust import Overlay
from ..analysis.roles import BUILDINGS, EARLIER_LAND_USE, LAND_USE
from ..errors import Issue, RedlineError
from ..inputs.source import Source
from ..intensity_rules import ClassSystem, Legend
from .figures import Figures, read_figures
from .intensity_layers import OpenedLandUse, buildings_layer, open_land_use
from .reading import LineLayer, LineReader
from .reading_towns import TownTable
from .request import ReviewRequest
from .starts import started
from .town_list import TownList, read_town_list

_LISTED = 20
_TWICE_M2 = 1.0  # land drawn twice that is worth a word


@dataclass
class GroupIntensity:
    """Of one group of towns. ``by_code``: by role, columns town, code, area_m2, net_m2; ``inside``: of `occupied_land`;
    arrays are of all towns (m,), m²."""

    by_code: dict[str, pd.DataFrame] = field(default_factory=dict)
    twice_m2: dict[str, np.ndarray] = field(default_factory=dict)
    inside: pd.DataFrame | None = None
    built: Built | None = None
    new_m2: np.ndarray | None = None


@dataclass
class Known:
    """What is known of all towns (m,). ``by_code``, ``systems``: by role of a land use layer, as in `GroupIntensity`;
    ``in_buildings``: whether a town lies within the box of the buildings; ``new_m2``: new construction; ``started``: of
    `starts.started`."""

    by_code: dict[str, pd.DataFrame]
    systems: dict[str, ClassSystem]
    cover: LandCover | None
    built: Built | None
    in_buildings: np.ndarray
    new_m2: np.ndarray | None
    figures: Figures
    started: np.ndarray
    town_list: TownList


class Intensity:
    """:raises RedlineError: what is wrong with fields, codes, figures, list or raster, before layers are read."""

    def __init__(
        self, request: ReviewRequest, table: TownTable, overlay: Overlay, workers: Workers, issues: list[Issue]
    ):
        self._request, self._wanted, self._table = request, request.intensity, table
        self._profile, self._overlay, self._workers, self._issues = request.profile, overlay, workers, issues
        towns, wanted, profile = table.towns, request.intensity, request.profile
        self._coverer = Coverer(len(towns), table.measure, overlay, workers, with_multi=False)
        self._land_uses = [open_land_use(role, layer, profile, issues) for role, layer in wanted.land_uses.items()]
        self._raster = wanted.land_cover
        if wanted.earlier and not wanted.land_use:
            issues.append(Issue("earlier_without_present", "warning", wanted.earlier.source.name))
        self._legend = self._open_raster() if wanted.land_cover else None
        # The number of a feature identifies nothing outside its layer: by it no row of a table is a town's.
        ids = towns.id if request.town_id_field else np.full(len(towns), "", dtype=object)
        self._figures = read_figures(
            wanted.figures, ids, towns.name, request.towns.name, table.attributes, profile, issues
        )
        layer, field = self._figures.used.get("start", ("", ""))
        labels, since = np.where(towns.id == "", towns.name, towns.id), profile.intensity.new_since_year
        self._started = started(self._figures.start, labels, layer, field, since, date.today(), issues)
        self._list = read_town_list(wanted.town_list, ids, towns.name, profile, issues)
        self._extents: dict[str, LineExtent] = {}
        self._groups: list[GroupIntensity] = []

    @property
    def systems(self) -> dict[str, ClassSystem]:
        """Of each land use layer, by its role."""
        return {opened.role: opened.system for opened in self._land_uses}

    @property
    def sources(self) -> dict[str, Any]:
        """All that has a name and a fingerprint, by its role."""
        found = dict(self._wanted.sources)
        others = {"land_cover": self._raster, "figures": self._wanted.figures.table, "list": self._wanted.town_list}
        return found | {role: source for role, source in others.items() if source is not None}

    def facts(self) -> dict[str, Any]:
        """For the manifest: how the sources were read."""
        return {
            "class_systems": {role.lstrip("@"): system.id for role, system in self.systems.items()},
            "code_fields": {opened.role.lstrip("@"): opened.code_field for opened in self._land_uses},
            "legend": self._legend.id if self._legend else None,
            "figures": self._figures.used,
            "money_unit": self._wanted.figures.money_unit,
        }

    def _open_raster(self) -> Legend:
        wanted = self._wanted.legend
        legend = next((one for one in self._profile.legends if one.id == wanted), None)
        if legend is None:
            raise RedlineError("no_such_legend", legend=wanted, legends=", ".join(o.id for o in self._profile.legends))
        if self._raster.crs is None:
            raise RedlineError("no_crs", layer=self._raster.name)
        return legend

    def layers(self, reader: LineReader) -> Iterator[LineLayer]:
        """What is to be read past the towns beside the lines."""
        for opened in self._land_uses:
            yield self._opened(opened.line_layer(reader))
        if self._wanted.buildings:
            yield self._opened(buildings_layer(self._wanted, reader))

    def _opened(self, layer: LineLayer) -> LineLayer:
        self._extents[layer.line] = layer.extent
        return layer

    def group(self, pieces: dict[str, Pieces], assessment: Assessment | None = None) -> GroupIntensity:
        """From all pieces of a group of towns; several groups may be worked on at a time."""
        found, towns, measure = GroupIntensity(), self._table.towns, self._table.measure
        user = LandUser(towns, measure, self._coverer, self._overlay, self._workers, normal_code)
        used: dict[str, LandUse] = {}
        for role in self.systems:
            self._workers.check()
            land = used[role] = user.land_use(pieces.get(role, Pieces.empty()))
            found.by_code[role], found.twice_m2[role] = land.by_code(), land.twice_m2
        if LAND_USE in used and assessment:
            found.inside = occupied_land(user, used[LAND_USE], assessment)
        if LAND_USE in used and EARLIER_LAND_USE in used:
            found.new_m2 = new_construction(
                used[LAND_USE], used[EARLIER_LAND_USE], self.systems[LAND_USE], self.systems[EARLIER_LAND_USE],
                self._profile.intensity, towns, measure, self._coverer, self._overlay, self._workers,
            )  # fmt: skip
        if self._wanted.buildings:
            of_towns = pieces.get(BUILDINGS, Pieces.empty())
            found.built = built(of_towns, self._profile.intensity.floor_height_m, towns, measure, self._coverer)
        return found

    def add(self, group: GroupIntensity) -> None:
        """Keep what indicators need of a group."""
        group.inside = None
        self._groups.append(group)

    def known(self) -> Known:
        """What is known of the towns, when all groups are added; the raster is read here."""
        by_code = {}
        for opened in self._land_uses:
            rows = pd.concat([group.by_code[opened.role] for group in self._groups], ignore_index=True)
            by_code[opened.role] = rows.sort_values(["town", "code"], ignore_index=True)
            self._list_unknown_codes(opened, rows)
            self._list_reach(opened.source, np.isin(np.arange(len(self._table.towns)), rows["town"]))
            twice = sum(group.twice_m2[opened.role] for group in self._groups)
            self._list_twice("land_use_overlaps", opened.source, twice)
        total = None
        if self._wanted.buildings:
            parts = [group.built for group in self._groups]
            total = Built(*(sum(getattr(part, one.name) for part in parts) for one in fields(Built)))
            self._list_twice("buildings_overlap", self._wanted.buildings, total.twice_m2)
            self._list_reach(self._wanted.buildings, self._within(BUILDINGS))
        new = [group.new_m2 for group in self._groups if group.new_m2 is not None]
        return Known(
            by_code, self.systems, self._cover() if self._legend else None, total,
            self._within(BUILDINGS), sum(new) if new else None, self._figures, self._started, self._list,
        )  # fmt: skip

    def _cover(self) -> LandCover:
        table, profile = self._table, self._profile
        self._issues.append(Issue("legend_used", "notice", self._raster.name, details={"legend": self._legend.name}))
        return land_cover(
            table.towns, table.overlay_crs, self._raster, self._legend, self._request.area_method, self._workers,
            self._issues, towns_layer=self._request.towns.name, max_edge=profile.max_edge_m, area=table.area,
            allow_ballpark=profile.allow_ballpark,
        )  # fmt: skip

    def _within(self, role: str) -> np.ndarray:
        """Which towns meet the box of a layer, bool (m,)."""
        extent = self._extents.get(role)
        if extent is None or extent.box is None:
            return np.zeros(len(self._table.towns), dtype=bool)
        return shapely.intersects(extent.box, self._table.towns.overlay)

    def _list_reach(self, source: Source, reached: np.ndarray) -> None:
        """Towns with geometry that a layer does not reach."""
        towns = self._table.towns
        beyond = np.flatnonzero(~reached & ~np.isnan(towns.official_m2))
        if len(beyond):
            names = ", ".join(towns.name[beyond[:_LISTED]].tolist()) + (" …" if len(beyond) > _LISTED else "")
            none = not reached.any()
            code, severity = ("layer_reaches_no_town", "warning") if none else ("layer_not_reaching", "notice")
            details = {"count": len(beyond), "towns": self._request.towns.name if none else names}
            self._issues.append(Issue(code, severity, source.name, details=details))

    def _list_unknown_codes(self, opened: OpenedLandUse, rows: pd.DataFrame) -> None:
        areas = rows.groupby("code")["area_m2"].sum().sort_values(ascending=False)
        unknown = [(code, m2) for code, m2 in areas.items() if opened.system.of(code) is None]
        if unknown:
            listed = ", ".join(f"{code or '∅'} ({m2 / 1e4:.2f} ha)" for code, m2 in unknown[:_LISTED])
            details = {"codes": listed, "field": opened.code_field, "system": opened.system.name}
            self._issues.append(Issue("codes_unknown", "warning", opened.source.name, details=details))

    def _list_twice(self, code: str, source: Source, twice: np.ndarray) -> None:
        towns = np.flatnonzero(twice > _TWICE_M2)
        if len(towns):
            names = ", ".join(self._table.towns.name[towns[np.argsort(-twice[towns])]][:10])
            details = {"count": len(towns), "area_m2": float(twice.sum()), "towns": names}
            self._issues.append(Issue(code, "warning", source.name, details=details))
