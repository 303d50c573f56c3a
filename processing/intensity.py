"""Land-use intensity (土地利用强度): how sparingly each town uses its land, and the rules it is measured by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import Qgis, QgsProcessingContext, QgsProcessingOutputNumber, QgsProcessingParameterVectorDestination

from ..core.errors import RedlineError
from ..i18n import tr
from .intensity_inputs import IntensityInputs
from .sources import is_given

if TYPE_CHECKING:
    from ..core.review.layers import LayerWriter
    from ..core.review.request import ReviewOutcome, ReviewRequest


class IntensityAlgorithm(IntensityInputs):
    """`redline:intensity`: the intensity part of a run, without lines."""

    TAGS = (
        "intensity", "land use", "land cover", "floor area ratio", "building coverage", "density", "characteristic",
        "土地利用强度", "集约节约", "开发强度", "容积率", "建筑密度", "地均", "亩均", "特色小镇", "地类", "现状地类",
    )  # fmt: skip
    OUTPUT = "OUTPUT"
    INDICATORS = "INDICATORS"
    LAND_USE_TABLE = "LAND_USE_TABLE"
    TOWN_RULES = "TOWN_RULES"
    TOWN_COUNT = "TOWN_COUNT"
    STYLES: ClassVar[dict[str, str | None]] = {
        OUTPUT: "intensity",
        INDICATORS: None,
        LAND_USE_TABLE: None,
        TOWN_RULES: None,
    }
    LONG_NAMES = tuple(STYLES)
    TABLES: ClassVar[dict[str, str]] = {
        INDICATORS: "indicators",
        LAND_USE_TABLE: "land_use",
        TOWN_RULES: "town_rules",
    }

    def name(self) -> str:
        return "intensity"

    def displayName(self) -> str:
        return tr("Land-use intensity")

    def shortDescription(self) -> str:
        return tr("How sparingly each town uses its land, from land use, land cover, buildings and figures.")

    def help_paragraphs(self) -> tuple[str, ...]:
        return (
            tr(
                "Measures how sparingly each town uses its land, from whichever sources you have: existing and planned "
                "land use, a land cover raster, buildings, and figures of people and money."
            ),
            tr(
                "Every indicator says where it is from and how much of the town its source covers. What cannot be "
                "known is empty, never 0, and says why. Where two sources give the same indicator both are shown with "
                "their difference."
            ),
            tr(
                "The town rules of the national guideline are checked beside: meets, watch or no data, with figure, "
                "threshold and clause."
            ),
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_towns()
        self.add_kind()
        self.add_intensity_parameters()
        self.add_rules()
        self.add_encoding()
        polygons, table = Qgis.ProcessingSourceType.VectorPolygon, Qgis.ProcessingSourceType.Vector
        self.add(
            QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Land-use intensity by town"), polygons),
            tr("One feature per town with all indicators. Its field names need a GeoPackage, not a Shapefile."),
        )
        for name, label, help_text in (
            (
                self.INDICATORS,
                tr("Table of indicators"),
                tr("A row per town and indicator: value, unit, source, share covered, difference, why it is missing."),
            ),
            (
                self.LAND_USE_TABLE,
                tr("Table of land use"),
                tr("A row per town and code: area, net area and share, with what is not covered."),
            ),
            (
                self.TOWN_RULES,
                tr("Table of town rules"),
                tr("A row per town and rule: figure, threshold, result and clause."),
            ),
        ):
            destination = QgsProcessingParameterVectorDestination(
                name, label, table, optional=True, createByDefault=False
            )
            self.add(destination, help_text)
        self.addOutput(QgsProcessingOutputNumber(self.TOWN_COUNT, tr("Number of towns")))

    def check_inputs(self, parameters: dict[str, Any]) -> None:
        layers = (self.LAND_USE, self.PLANNED_LAND_USE, self.LAND_COVER, self.BUILDINGS, self.FIGURES, self.TOWN_LIST)
        if not any(is_given(parameters, name) for name in (*layers, *self.FIGURE_FIELDS.values())):
            raise RedlineError("no_intensity_source")

    def make_request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ReviewRequest:
        from .intensity_request import intensity_request
        from .request import town_request

        request = town_request(self, parameters, context)
        # The kind may be a column of the table of figures: it is looked for there.
        return replace(request, kind_field=None, intensity=intensity_request(self, parameters, context))

    def outputs(self, writers: dict[str, LayerWriter], package: str) -> None:
        self._request.intensity_layer = writers.get(self.OUTPUT)
        self._request.tables = {table: writers[name] for name, table in self.TABLES.items() if name in writers}

    def counts(self, outcome: ReviewOutcome) -> dict[str, Any]:
        return {self.TOWN_COUNT: outcome.town_count}
