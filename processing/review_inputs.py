"""The parameters every review takes; `request.py` turns their values into a request to `core`."""

from __future__ import annotations

from typing import ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..i18n import tr
from .base import RedlineAlgorithm

POLYGONS = [Qgis.ProcessingSourceType.VectorPolygon]


class ReviewAlgorithm(RedlineAlgorithm):
    """An algorithm that takes towns, control lines and rules."""

    TOWNS = "TOWNS"
    TOWN_ID_FIELD = "TOWN_ID_FIELD"
    TOWN_NAME_FIELD = "TOWN_NAME_FIELD"
    REVIEW_OBJECT = "REVIEW_OBJECT"
    CONSTRUCTION = "CONSTRUCTION"
    ECO_REDLINE = "ECO_REDLINE"
    FARMLAND = "FARMLAND"
    URBAN_BOUNDARY = "URBAN_BOUNDARY"
    EXTRA_LINES = "EXTRA_LINES"
    COVERAGE = "COVERAGE"
    PROFILE = "PROFILE"
    AREA_METHOD = "AREA_METHOD"
    APPROVED_AREA_FIELD = "APPROVED_AREA_FIELD"
    MIN_AREA = "MIN_AREA"
    MIN_WIDTH = "MIN_WIDTH"
    PREVIOUS = "PREVIOUS"
    KIND_FIELD = "KIND_FIELD"
    COVERAGE_LINE_FIELD = "COVERAGE_LINE_FIELD"
    ENCODING = "ENCODING"
    ECO_ZONE_FIELD = "ECO_ZONE_FIELD"
    URBAN_ZONE_FIELD = "URBAN_ZONE_FIELD"
    ECO_ID_FIELD = "ECO_ID_FIELD"
    FARMLAND_ID_FIELD = "FARMLAND_ID_FIELD"
    URBAN_ID_FIELD = "URBAN_ID_FIELD"

    # The parameter of each built-in line; further lines of a profile come through EXTRA_LINES.
    LINES: ClassVar[dict[str, str]] = {
        ECO_REDLINE: "eco_redline",
        FARMLAND: "farmland",
        URBAN_BOUNDARY: "urban_boundary",
    }
    ZONE_FIELDS: ClassVar[dict[str, str]] = {ECO_ZONE_FIELD: "eco_redline", URBAN_ZONE_FIELD: "urban_boundary"}
    ID_FIELDS: ClassVar[dict[str, str]] = {
        ECO_ID_FIELD: "eco_redline",
        FARMLAND_ID_FIELD: "farmland",
        URBAN_ID_FIELD: "urban_boundary",
    }

    def add_review_parameters(self) -> None:
        """The inputs, in the order a planner thinks of them; what she seldom needs is under "Advanced"."""
        self._add_towns()
        self._add_lines()
        self._add_rules()
        self._add_fields_of_lines()

    def _add_towns(self) -> None:
        self._source(
            self.TOWNS,
            tr("Towns, planned areas or project sites"),
            tr("Polygons of what is reviewed. Every feature gets its own figures and verdict."),
            optional=False,
        )
        self._field(
            self.TOWN_ID_FIELD,
            tr("Id field"),
            self.TOWNS,
            tr("Field that identifies each town, without gaps or duplicates. The feature id where left empty."),
        )
        self._field(
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
        self._source(
            self.CONSTRUCTION,
            tr("Planned construction land"),
            tr("This part of a planned area is judged as strictly as a site. The worse verdict wins."),
        )

    def _add_lines(self) -> None:
        self._source(
            self.ECO_REDLINE,
            tr("Ecological redline"),
            tr("Keep-out line: what a town covers of it is a finding. At least one line must be given in all."),
        )
        self._source(
            self.FARMLAND,
            tr("Permanent basic farmland"),
            tr("Keep-out line: what a town covers of it is a finding. Overlapping patches are not counted twice."),
        )
        self._source(
            self.URBAN_BOUNDARY,
            tr("Urban development boundary"),
            tr("Stay-inside line: what lies outside is a finding, and so are its zones that are not plainly allowed."),
        )
        self.add(
            QgsProcessingParameterMultipleLayers(
                self.EXTRA_LINES, tr("Further control lines"), Qgis.ProcessingSourceType.VectorPolygon, optional=True
            ),
            tr(
                "Layers of further lines that the rules file describes, such as nature reserves. Each is recognised by "
                "its layer name, which must contain one of the names the rules file lists for the line."
            ),
        )
        self._source(
            self.COVERAGE,
            tr("Area that the line layers cover"),
            tr(
                "The area for which the line layers are complete. A town beyond it is reported as not checked, "
                'never as clear. Without it, a clear line is marked "coverage not declared".'
            ),
        )

    def _add_rules(self) -> None:
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
        self._field(
            self.APPROVED_AREA_FIELD,
            tr("Approved area field (m²)"),
            self.TOWNS,
            tr("Field with the approved or registered area in m². It is shown beside the computed areas."),
            Qgis.ProcessingFieldParameterDataType.Numeric,
            advanced=True,
        )
        for name, label, help_text in (
            (
                self.MIN_AREA,
                tr("Smallest area (m²)"),
                tr("Pieces smaller than this are below tolerance on every line. As in the rules where left empty."),
            ),
            (
                self.MIN_WIDTH,
                tr("Smallest width (m)"),
                tr("Pieces narrower than this are slivers on every line. As in the rules where left empty."),
            ),
        ):
            number = QgsProcessingParameterNumber(
                name, label, Qgis.ProcessingNumberParameterType.Double, optional=True, minValue=0
            )
            self.add(number, help_text, advanced=True)
        self.add(
            QgsProcessingParameterFile(
                self.PREVIOUS,
                tr("Earlier review package"),
                fileFilter=tr("Review package (*.gpkg)"),
                optional=True,
            ),
            tr("Decisions and finding numbers are carried over; findings are marked new, grown, shrunk or gone."),
        )

    def _add_fields_of_lines(self) -> None:
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
        self._field(
            self.KIND_FIELD,
            tr("Field with the kind of construction"),
            self.TOWNS,
            tr("What is to be built, e.g. village or linear works: outside the boundary some kinds may be allowed."),
            advanced=True,
        )
        self._field(
            self.COVERAGE_LINE_FIELD,
            tr("Field with the line a coverage polygon is for"),
            self.COVERAGE,
            tr("Holds the id or name of a line. A polygon where it is empty covers all lines."),
            advanced=True,
        )
        zone_help = tr("Field with the zone of a feature. Found by the names in the rules where left empty.")
        id_help = tr("Field that identifies a feature for good. As in the rules (BSM) where left empty.")
        for name, label, parent, help_text in (
            (self.ECO_ZONE_FIELD, tr("Zone field of the ecological redline"), self.ECO_REDLINE, zone_help),
            (self.URBAN_ZONE_FIELD, tr("Zone field of the development boundary"), self.URBAN_BOUNDARY, zone_help),
            (self.ECO_ID_FIELD, tr("Id field of the ecological redline"), self.ECO_REDLINE, id_help),
            (self.FARMLAND_ID_FIELD, tr("Id field of the basic farmland"), self.FARMLAND, id_help),
            (self.URBAN_ID_FIELD, tr("Id field of the development boundary"), self.URBAN_BOUNDARY, id_help),
        ):
            self._field(name, label, parent, help_text, advanced=True)

    def _source(self, name: str, label: str, help_text: str, optional: bool = True) -> None:
        self.add(QgsProcessingParameterFeatureSource(name, label, POLYGONS, optional=optional), help_text)

    def _field(
        self,
        name: str,
        label: str,
        parent: str,
        help_text: str,
        kind: Qgis.ProcessingFieldParameterDataType = Qgis.ProcessingFieldParameterDataType.Any,
        advanced: bool = False,
    ) -> None:
        field = QgsProcessingParameterField(name, label, parentLayerParameterName=parent, type=kind, optional=True)
        self.add(field, help_text, advanced)
