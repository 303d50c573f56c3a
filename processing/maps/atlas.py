"""All the sheets of a package: which layout each town has, made when it is first needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsCoordinateTransformContext, QgsLayout, QgsMapLayer, QgsProject

from ...core.report.content import Content
from ...core.report.map_files import OVERVIEW
from ...core.report.sheet_texts import Imprint
from ...core.review.opened import Package
from ...core.review.package import open_package
from .export import Job
from .map_frame import Land
from .map_layers import MapLayers
from .overview_page import OverviewPage
from .sheet import TEMPLATES, Sheet
from .town_page import NONE, TownPages
from .typeface import Typeface

BY_SHAPE, LANDSCAPE, PORTRAIT = range(3)


@dataclass(frozen=True)
class Look:
    """How sheets look. ``template``: a planner's own, None for the plugin's; ``paper``: of `sheet.PAPERS`;
    ``orientation``: `BY_SHAPE`, `LANDSCAPE` or `PORTRAIT`, of no matter where ``template`` is given; ``face``: of the
    text; ``points``: tables of boundary points, of `town_page.NONE`, ``OF_TOWNS`` or ``OF_FINDINGS``."""

    face: Typeface
    paper: str = "A3"
    orientation: int = BY_SHAPE
    template: Path | None = None
    points: int = NONE


class Atlas:
    """Use by `open_atlas`: layouts have to go before the layers they show."""

    def __init__(
        self, content: Content, package: Package, look: Look, imprint: Imprint, base: Sequence[QgsMapLayer],
        project: QgsProject,
    ):  # fmt: skip
        self.content, self._look, self._project = content, look, project
        layers = MapLayers(content.path, list(base))
        land = Land(content.browsed.crs, str(content.facts.get("overlay_crs") or ""), project, layers.town)
        self._towns = TownPages(content, package, layers, imprint, land, look.points)
        self._overview = OverviewPage(content, package, layers, imprint, land)
        self._sheets: dict[bool, Sheet] = {}

    def jobs(self, rows: Sequence[int], overview: bool) -> list[Job]:
        """A job for each of these towns, before them the overview where it is asked for."""
        towns = self.content.browsed.towns
        first = [Job(OVERVIEW, self.content.texts.say("sheet_overview"), self._fill_overview)] if overview else []
        return first + [
            Job(str(towns["town_id"].iloc[row]), str(towns["town_name"].iloc[row]), lambda row=row: self.fill(row))
            for row in rows
        ]

    def fill(self, row: int) -> tuple[QgsLayout, list[str]]:
        """The layout of a town, and the ids of what does not fit on it."""
        sheet = self.sheet(self._towns.landscape(row))
        return sheet.layout, self._towns.fill(sheet, row)

    def sheet(self, landscape: bool) -> Sheet:
        """The sheet for a shape, as the look has it.

        :raises RedlineError: ``template_unreadable``.
        """
        if self._look.template is not None:
            landscape = True
        elif self._look.orientation != BY_SHAPE:
            landscape = self._look.orientation == LANDSCAPE
        if landscape not in self._sheets:
            template = self._look.template or TEMPLATES / f"{'landscape' if landscape else 'portrait'}.qpt"
            self._sheets[landscape] = Sheet(self._project, template, self._look.paper, self._look.face)
        return self._sheets[landscape]

    def close(self) -> None:
        for sheet in self._sheets.values():
            sheet.clear()
            sheet.layout = None
        self._sheets.clear()

    def _fill_overview(self) -> tuple[QgsLayout, list[str]]:
        sheet = self.sheet(self._overview.landscape())
        tight = self._overview.fill(sheet)
        return sheet.layout, tight


@contextmanager
def open_atlas(
    content: Content, look: Look, imprint: Imprint, base: Sequence[QgsMapLayer] = (),
    transforms: QgsCoordinateTransformContext | None = None,
) -> Iterator[Atlas]:  # fmt: skip
    """The sheets of a package, in a project of their own.

    :raises RedlineError: those of `open_package`.
    """
    project = QgsProject()
    if transforms is not None:
        project.setTransformContext(transforms)
    with open_package(content.path, newer=True) as package:
        atlas = Atlas(content, package, look, imprint, base, project)
        try:
            yield atlas
        finally:
            atlas.close()
