"""The parameters every review takes; `request.py` turns their values into a request to `core`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
)

from ..i18n import tr
from .town_inputs import TownAlgorithm

if TYPE_CHECKING:
    from ..core.review.request import ReviewOutcome


class ReviewAlgorithm(TownAlgorithm):
    """An algorithm that takes towns, control lines and rules."""

    REVIEW = "REVIEW"
    TOWN_COUNT = "TOWN_COUNT"
    FINDING_COUNT = "FINDING_COUNT"
    VIOLATION_COUNT = "VIOLATION_COUNT"
    CONSTRUCTION = "CONSTRUCTION"
    ECO_REDLINE = "ECO_REDLINE"
    FARMLAND = "FARMLAND"
    URBAN_BOUNDARY = "URBAN_BOUNDARY"
    EXTRA_LINES = "EXTRA_LINES"
    COVERAGE = "COVERAGE"
    APPROVED_AREA_FIELD = "APPROVED_AREA_FIELD"
    MIN_AREA = "MIN_AREA"
    MIN_WIDTH = "MIN_WIDTH"
    PREVIOUS = "PREVIOUS"
    COVERAGE_LINE_FIELD = "COVERAGE_LINE_FIELD"
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
        self.add_towns()
        self._add_construction()
        self._add_lines()
        self.add_rules()
        self._add_further_rules()
        self.add_encoding()
        self.add_kind()
        self._add_fields_of_lines()

    def add_package(self, optional: bool) -> None:
        """The package, and what it holds."""
        package = QgsProcessingParameterFileDestination(
            self.REVIEW, tr("Review package"), tr("Review package (*.gpkg)"), optional=optional, createByDefault=False
        )
        self.add(
            package,
            tr(
                "One GeoPackage with towns, findings, lines, conflicts, data issues, the ledger and the facts of the "
                "run. A package that is there already is refilled, and its decisions are kept."
            ),
        )

    def add_counts(self) -> None:
        """The numbers among the outputs."""
        self.addOutput(QgsProcessingOutputNumber(self.TOWN_COUNT, tr("Number of towns")))
        self.addOutput(QgsProcessingOutputNumber(self.FINDING_COUNT, tr("Number of findings above tolerance")))
        self.addOutput(QgsProcessingOutputNumber(self.VIOLATION_COUNT, tr("Number of towns with violations")))

    def counts(self, outcome: ReviewOutcome) -> dict[str, Any]:
        return {
            self.TOWN_COUNT: outcome.town_count,
            self.FINDING_COUNT: outcome.finding_count,
            self.VIOLATION_COUNT: outcome.violation_count,
        }

    def _add_construction(self) -> None:
        self.add_polygons(
            self.CONSTRUCTION,
            tr("Planned construction land"),
            tr("This part of a planned area is judged as strictly as a site. The worse verdict wins."),
        )

    def _add_lines(self) -> None:
        self.add_polygons(
            self.ECO_REDLINE,
            tr("Ecological redline"),
            tr("Keep-out line: what a town covers of it is a finding. At least one line must be given in all."),
        )
        self.add_polygons(
            self.FARMLAND,
            tr("Permanent basic farmland"),
            tr("Keep-out line: what a town covers of it is a finding. Overlapping patches are not counted twice."),
        )
        self.add_polygons(
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
        self.add_polygons(
            self.COVERAGE,
            tr("Area that the line layers cover"),
            tr(
                "The area for which the line layers are complete. A town beyond it is reported as not checked, "
                'never as clear. Without it, a clear line is marked "coverage not declared".'
            ),
        )

    def _add_further_rules(self) -> None:
        self.add_field(
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
                tr(
                    "Takes the place of the smallest area of every line in the rules, and is as in the rules where "
                    "left empty. A connected piece smaller than this is below tolerance; of a line that has a smallest "
                    "width too, only a piece that is also narrower than that. It is listed all the same. A piece with "
                    "a feature of a keep-out line that lies wholly inside the town is never small or narrow."
                ),
            ),
            (
                self.MIN_WIDTH,
                tr("Smallest width (m)"),
                tr(
                    "Takes the place of the smallest width of every line in the rules, and is as in the rules where "
                    "left empty. A connected piece narrower than this (2 × area / perimeter) is below tolerance if it "
                    "is also smaller than the smallest area, else at most a warning: suspected boundary error. With a "
                    "width, no piece is below tolerance by its area alone."
                ),
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
        self.add_field(
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
            self.add_field(name, label, parent, help_text, advanced=True)
