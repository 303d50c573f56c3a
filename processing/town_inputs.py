"""The parameters of all that looks at towns, and how such an algorithm runs."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ..i18n import tr
from .running import RunAlgorithm


class TownAlgorithm(RunAlgorithm):
    """An algorithm that takes towns and rules."""

    TOWNS = "TOWNS"
    TOWN_ID_FIELD = "TOWN_ID_FIELD"
    TOWN_NAME_FIELD = "TOWN_NAME_FIELD"
    REVIEW_OBJECT = "REVIEW_OBJECT"
    KIND_FIELD = "KIND_FIELD"
    PROFILE = "PROFILE"
    AREA_METHOD = "AREA_METHOD"
    ENCODING = "ENCODING"

    def add_towns(self) -> None:
        self.add_polygons(
            self.TOWNS,
            tr("Towns, planned areas or project sites"),
            tr("Polygons of what is reviewed. Every feature gets its own figures and verdict."),
            optional=False,
        )
        self.add_field(
            self.TOWN_ID_FIELD,
            tr("Id field"),
            self.TOWNS,
            tr("Field that identifies each town, without gaps or duplicates. The feature id where left empty."),
        )
        self.add_field(
            self.TOWN_NAME_FIELD,
            tr("Name field"),
            self.TOWNS,
            tr("Field with the name shown in tables, on maps and in reports. The id where left empty."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.REVIEW_OBJECT,
                tr("What the polygons are"),
                [
                    tr("Site: construction or project land, judged strictly"),
                    tr("Planned area: may keep farmland and forest inside"),
                    tr("Administrative unit: statistics only, no verdict"),
                ],
                defaultValue=1,
            ),
            tr(
                "Decides how strictly an overlap is judged. Within a site every occupied patch counts; a planned area "
                "may touch a line; an administrative unit gets figures but no verdict."
            ),
        )

    def add_rules(self) -> None:
        self.add(
            QgsProcessingParameterFile(self.PROFILE, tr("Rules"), fileFilter=tr("Rules (*.json)"), optional=True),
            tr("Lines, zones, tolerances and verdicts of your province. The national rules where left empty."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.AREA_METHOD,
                tr("Areas"),
                [tr("Official ellipsoid area"), tr("Planar area in the CRS of the towns")],
                defaultValue=0,
            ),
            tr(
                "The ellipsoid area follows the official formula of the land survey and depends on no project setting. "
                "Planar areas need towns in a projected CRS in metres, and not in Web Mercator."
            ),
        )

    def add_encoding(self) -> None:
        self.add(
            QgsProcessingParameterString(
                self.ENCODING, tr("Encoding of Shapefiles that do not state theirs"), optional=True
            ),
            tr(
                "For Shapefiles without a .cpg file whose texts come out garbled: GBK, for most Chinese deliveries. "
                "Layers that are filtered, selected or edited keep the encoding set in their properties."
            ),
            advanced=True,
        )

    def add_kind(self) -> None:
        self.add_field(
            self.KIND_FIELD,
            tr("Field with the kind"),
            self.TOWNS,
            tr(
                "What is to be built (village, linear works …) or what kind of town it is (culture and tourism, sports "
                "…): outside the boundary some kinds may be allowed, and some rules for towns except kinds."
            ),
            advanced=True,
        )
