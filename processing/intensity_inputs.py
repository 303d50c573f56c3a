"""The parameters of land-use intensity; `intensity_request.py` turns their values into a request to `core`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingParameterEnum,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorLayer,
)

from ..i18n import tr
from .sources import is_given
from .town_inputs import TownAlgorithm

if TYPE_CHECKING:
    from .libraries import Need

CLASS_SYSTEMS = (None, "sandiao", "yongdi")
LEGENDS = ("worldcover", "globeland30", "clcd", "esri", "own")
MONEY_UNITS = ("yuan", "wan", "yi")


class IntensityInputs(TownAlgorithm):
    """An algorithm that takes land use, land cover, buildings, figures and the provincial list."""

    LAND_USE = "LAND_USE"
    LAND_USE_CODE_FIELD = "LAND_USE_CODE_FIELD"
    CLASS_SYSTEM = "CLASS_SYSTEM"
    PLANNED_LAND_USE = "PLANNED_LAND_USE"
    PLANNED_CODE_FIELD = "PLANNED_CODE_FIELD"
    PLANNED_CLASS_SYSTEM = "PLANNED_CLASS_SYSTEM"
    EARLIER_LAND_USE = "EARLIER_LAND_USE"
    EARLIER_CODE_FIELD = "EARLIER_CODE_FIELD"
    EARLIER_CLASS_SYSTEM = "EARLIER_CLASS_SYSTEM"
    LAND_COVER = "LAND_COVER"
    LEGEND = "LEGEND"
    BUILDINGS = "BUILDINGS"
    FLOORS_FIELD = "FLOORS_FIELD"
    HEIGHT_FIELD = "HEIGHT_FIELD"
    FIGURES = "FIGURES"
    MONEY_UNIT = "MONEY_UNIT"
    TOWN_LIST = "TOWN_LIST"

    # Parameters of fields with figures, by the figure.
    FIGURE_FIELDS: ClassVar[dict[str, str]] = {
        "residents": "RESIDENTS_FIELD",
        "jobs": "JOBS_FIELD",
        "gdp": "GDP_FIELD",
        "tax": "TAX_FIELD",
        "investment": "INVESTMENT_FIELD",
        "trade_investment": "TRADE_INVESTMENT_FIELD",
        "green_pct": "GREEN_PCT_FIELD",
        "visitors": "VISITORS_FIELD",
        "new_economy_pct": "NEW_ECONOMY_PCT_FIELD",
        "research_pct": "RESEARCH_PCT_FIELD",
        "start": "START_FIELD",
    }

    def add_intensity_parameters(self) -> None:
        """Land use first, then what it is checked against, then what no map tells."""
        self._add_land_use()
        self._add_land_cover()
        self._add_buildings()
        self._add_figures()

    def further_libraries(self, parameters: dict[str, Any]) -> tuple[Need, ...]:
        return (("rasterio",),) if is_given(parameters, self.LAND_COVER) else ()

    def _add_land_use(self) -> None:
        systems = [
            tr("Told from the codes"),
            tr("Third land survey (三调)"),
            tr("Land and sea use classes 2023 (用地用海)"),
        ]
        codes = tr("Field with the codes of land use. Found by its usual names (DLBM, YDYHFLDM …) where left empty.")
        system = tr(
            "The systems use the same codes with different meanings. It is told from codes that only one of them has; "
            "where it cannot be told, you are asked to choose."
        )
        layers = (
            (
                (self.LAND_USE, self.LAND_USE_CODE_FIELD, self.CLASS_SYSTEM),
                (tr("Existing land use"), tr("Code field of the existing land use"), tr("Its class system")),
                tr("What the land is used for now (现状地类图斑): construction land, cropland, land use in findings."),
            ),
            (
                (self.PLANNED_LAND_USE, self.PLANNED_CODE_FIELD, self.PLANNED_CLASS_SYSTEM),
                (
                    tr("Planned land use"),
                    tr("Code field of the planned land use"),
                    tr("Class system of the planned land use"),
                ),
                tr(
                    "What the land is to be used for (规划用地): construction land and housing share of the town rules."
                ),
            ),
            (
                (self.EARLIER_LAND_USE, self.EARLIER_CODE_FIELD, self.EARLIER_CLASS_SYSTEM),
                (
                    tr("Existing land use at an earlier date"),
                    tr("Code field of the earlier land use"),
                    tr("Class system of the earlier land use"),
                ),
                tr("Construction land that was none at that date is proven new construction."),
            ),
        )
        for (layer, field, choice), (name, of_field, of_choice), help_text in layers:
            self.add_polygons(layer, name, help_text)
            self.add_field(field, of_field, layer, codes, advanced=True)
            chosen = QgsProcessingParameterEnum(choice, of_choice, systems, defaultValue=0)
            self.add(chosen, system, advanced=True)

    def _add_land_cover(self) -> None:
        self.add(
            QgsProcessingParameterRasterLayer(self.LAND_COVER, tr("Land cover raster"), optional=True),
            tr(
                "Classes of land cover. Each pixel counts by the exact share that lies in the town, with its true "
                "area; the raster is never resampled. What has no data, or is cloud, is reported as not covered."
            ),
        )
        legends = ["ESA WorldCover", "GlobeLand30", "CLCD", "Esri 10 m", tr("The one in the rules")]
        self.add(
            QgsProcessingParameterEnum(self.LEGEND, tr("Legend of the land cover"), legends, defaultValue=0),
            tr("What the values mean. The last takes the legend with the id “own” of the rules."),
        )

    def _add_buildings(self) -> None:
        self.add_polygons(
            self.BUILDINGS,
            tr("Buildings"),
            tr("Footprints, for building coverage and floor area ratio. Where they overlap the land counts once."),
        )
        numbers = Qgis.ProcessingFieldParameterDataType.Any
        self.add_field(
            self.FLOORS_FIELD,
            tr("Field with the number of floors"),
            self.BUILDINGS,
            tr("Where it is empty the height counts."),
            numbers,
        )
        self.add_field(
            self.HEIGHT_FIELD,
            tr("Field with the height (m)"),
            self.BUILDINGS,
            tr("Divided by the height of a floor in the rules (3 m) where there is no number of floors."),
            numbers,
        )

    def _add_figures(self) -> None:
        tables = [Qgis.ProcessingSourceType.Vector]
        self.add(
            QgsProcessingParameterVectorLayer(self.FIGURES, tr("Table of figures"), tables, optional=True),
            tr(
                "A row for each town, joined by its id or name: a table, a workbook or a text file (its encoding is "
                "found). Its columns come before the towns' own fields of the same choice."
            ),
        )
        help_text = tr(
            "A field of the towns, or by name a column of the table of figures. Found by the names in the rules where "
            "left empty."
        )
        labels = {
            "residents": tr("Residents"),
            "jobs": tr("Jobs in total"),
            "gdp": tr("GDP"),
            "tax": tr("Tax a year"),
            "investment": tr("Investment so far"),
            "trade_investment": tr("Investment in the town's own trade"),
            "green_pct": tr("Green cover (%)"),
            "visitors": tr("Visitors a year"),
            "new_economy_pct": tr("Share of new industries and business forms (%)"),
            "research_pct": tr("R&D spending (%)"),
            "start": tr("Declared start of construction"),
        }
        for figure, name in self.FIGURE_FIELDS.items():
            label = tr("Field: {figure}").format(figure=labels[figure])
            self.add_field(name, label, self.TOWNS, help_text, advanced=True)
            self._offer_columns(name)
        if self.parameterDefinition(self.KIND_FIELD):
            self._offer_columns(self.KIND_FIELD)
        self.add(
            QgsProcessingParameterEnum(self.MONEY_UNIT, tr("Unit of money"), ["元", "万元", "亿元"], optional=True),
            tr(
                "Of GDP, tax and investment. An amount without its unit is refused, unless the name of its field "
                "states it, as in “GDP（万元）”."
            ),
        )
        self.add(
            QgsProcessingParameterVectorLayer(self.TOWN_LIST, tr("Provincial list"), tables, optional=True),
            tr("The list of characteristic towns: name or code, and where it has them batch, year and status."),
        )

    def _offer_columns(self, name: str) -> None:
        """In the dialog the columns of the table of figures are offered beside the towns' fields."""
        package = __package__.rpartition(".")[0]
        offered = {"class": f"{package}.ui.field_combo.FieldCombo", "layers": f"{self.FIGURES},{self.TOWNS}"}
        self.parameterDefinition(name).setMetadata({"widget_wrapper": offered})
