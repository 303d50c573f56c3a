"""`redline:exportmaps`: annotated map sheets of a review package."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..i18n import tr
from .package_tools import PackageAlgorithm

if TYPE_CHECKING:
    from ..core.report.content import Content
    from ..core.report.sheet_texts import Imprint
    from .maps.export import Exported
    from .maps.typeface import Typeface

NETWORK = ("wms", "wfs", "wcs", "arcgismapserver", "arcgisfeatureserver", "vectortile", "oapif", "postgres")
_BETWEEN = re.compile(r"[,;，；、\s]+")


class ExportMapsAlgorithm(PackageAlgorithm):
    """`redline:exportmaps`."""

    TOWN_IDS, ONLY_FINDINGS, OVERVIEW = "TOWN_IDS", "ONLY_FINDINGS", "OVERVIEW"
    PAPER, ORIENTATION, FORMAT, DPI = "PAPER", "ORIENTATION", "FORMAT", "DPI"
    TEMPLATE, BASE_LAYERS, TYPEFACE, OUTLINES = "TEMPLATE", "BASE_LAYERS", "TYPEFACE", "OUTLINES"
    BOUNDARY_POINTS = "BOUNDARY_POINTS"
    FOLDER, PAGE_COUNT = "FOLDER", "PAGE_COUNT"

    def name(self) -> str:
        return "exportmaps"

    def displayName(self) -> str:
        return tr("Maps for the meeting")

    def tags(self) -> list[str]:
        return ["map", "atlas", "pdf", "图件", "出图", "上会"]

    def shortDescription(self) -> str:
        return tr("Annotated map sheets of a review package: a sheet for each town, and an overview.")

    def shortHelpString(self) -> str:
        paragraphs = (
            tr(
                "Each sheet shows a town with the three lines in their official colours, its findings hatched and "
                "numbered, the table of findings, the conclusion, both verdicts, intensity, legend, scale and place."
            ),
            tr(
                "The sheets are made from the package alone, also where the sources are away. A table that is too "
                "long goes on on a further page."
            ),
            tr(
                "Your own template is a QGIS layout template (.qpt) whose items carry the ids of the plugin's: copy "
                "one from resources/templates and change it in QGIS's layout designer."
            ),
        )
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # layouts belong to the main thread

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_package()
        self.add(
            QgsProcessingParameterString(self.TOWN_IDS, tr("Towns, by their ids"), optional=True),
            tr("Parted by commas. All where left empty."),
        )
        self._add_switch(self.ONLY_FINDINGS, tr("Only towns with findings"), False,
                         tr("Leaves out towns without a finding above tolerance."))  # fmt: skip
        self._add_switch(self.OVERVIEW, tr("Overview of all towns"), True,
                         tr("A sheet of all towns by their reviewed verdict, before the others."))  # fmt: skip
        self._add_choice(self.PAPER, tr("Paper"), ["A4", "A3", "A2", "A1", "A0"], 1, tr("A3 is usual in meetings."))
        shapes = [tr("By the town's shape"), tr("Landscape"), tr("Portrait")]
        self._add_choice(self.ORIENTATION, tr("Orientation"), shapes, 0, tr("Does not touch your own template."))
        formats = [tr("PDF, all in one file"), tr("PDF, a file for each town"), "PNG", "SVG"]
        self._add_choice(self.FORMAT, tr("Format"), formats, 0, tr("Text in a PDF can be searched and copied."))
        self.add_language()
        self.add_imprint()
        of_what = [tr("None"), tr("Of the towns"), tr("Of findings above tolerance")]
        self._add_choice(self.BOUNDARY_POINTS, tr("Tables of boundary points"), of_what, 0,
                         tr("X north and Y east of each boundary point; at most 2,000 points on a sheet."))  # fmt: skip
        self._add_switch(self.CONFIDENTIAL, tr("Confidential"), False,
                         tr("No layer from the network is drawn, and no CRS goes along in the PDF."))  # fmt: skip
        self.add(
            QgsProcessingParameterFile(self.TEMPLATE, tr("Your own template"), extension="qpt", optional=True),
            tr("The plugin's own where left empty."), advanced=True,
        )  # fmt: skip
        layers = QgsProcessingParameterMultipleLayers(
            self.BASE_LAYERS, tr("Layers below"), QgsProcessing.SourceType.TypeMapLayer, optional=True
        )
        told = tr("Layers of the project, imagery for instance, drawn below all others; annotations above them.")
        self.add(layers, told, advanced=True)
        dpi = QgsProcessingParameterNumber(self.DPI, tr("Resolution (dpi)"), defaultValue=300, minValue=50)
        dpi.setMaximum(1200)
        self.add(dpi, tr("Of PNG files, and of images in the others."), advanced=True)
        self.add(
            QgsProcessingParameterString(self.TYPEFACE, tr("Typeface"), optional=True),
            tr("A Chinese typeface of this computer is chosen where left empty."), advanced=True,
        )  # fmt: skip
        told = tr("Looks the same on every computer, but can no longer be edited as text.")
        self._add_switch(self.OUTLINES, tr("Text in SVG as outlines"), False, told, advanced=True)
        self.add(QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder")), tr("Where the files are written."))
        self.addOutput(QgsProcessingOutputNumber(self.PAGE_COUNT, tr("Number of pages")))

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        confidential = self.parameterAsBoolean(parameters, self.CONFIDENTIAL, context)
        if confidential and self.parameterAsEnum(parameters, self.BOUNDARY_POINTS, context):
            return False, self.texts().say("points_confidential")
        return super().checkParameterValues(parameters, context)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from ..core.report.content import Content
        from .maps.atlas import Look, open_atlas
        from .maps.export import Way, export
        from .maps.line_versions import line_versions
        from .maps.sheet import PAPERS

        content = Content(self.parameterAsFile(parameters, self.PACKAGE, context), self.language(parameters, context))
        rows = self._rows(content, parameters, context)
        imprint = replace(self.imprint(parameters, context, date.today()), versions=line_versions(content))
        confidential = self.parameterAsBoolean(parameters, self.CONFIDENTIAL, context)
        points = self.parameterAsEnum(parameters, self.BOUNDARY_POINTS, context)
        base = self._base(parameters, context, confidential, feedback)
        template = self.parameterAsFile(parameters, self.TEMPLATE, context)
        look = Look(
            self._face(content, imprint, parameters, context, feedback),
            PAPERS[self.parameterAsEnum(parameters, self.PAPER, context)],
            self.parameterAsEnum(parameters, self.ORIENTATION, context), Path(template) if template else None, points,
        )  # fmt: skip
        way = Way(
            self.parameterAsEnum(parameters, self.FORMAT, context), look.face.family,
            self.parameterAsDouble(parameters, self.DPI, context),
            self.parameterAsBoolean(parameters, self.OUTLINES, context), confidential,
        )  # fmt: skip
        folder = Path(self.parameterAsString(parameters, self.FOLDER, context))
        with open_atlas(content, look, imprint, base, context.transformContext()) as atlas:
            missing = atlas.sheet(True).missing
            if missing:
                told = tr("The template lacks: {items}. The rest is drawn.")
                feedback.pushWarning(told.format(items=", ".join(missing)))
            jobs = atlas.jobs(rows, self.parameterAsBoolean(parameters, self.OVERVIEW, context))
            exported = export(jobs, folder, way, feedback)
        self._tell(exported, feedback)
        return {self.FOLDER: str(folder), self.PAGE_COUNT: exported.pages}

    def _rows(self, content: Content, parameters: dict[str, Any], context: QgsProcessingContext) -> list[int]:
        from ..core.errors import RedlineError

        wanted = [one for one in _BETWEEN.split(self.parameterAsString(parameters, self.TOWN_IDS, context)) if one]
        unknown = set(wanted) - set(content.browsed.towns["town_id"].astype(str))
        if unknown:
            raise RedlineError("no_such_towns", towns=", ".join(sorted(unknown)))
        only = self.parameterAsBoolean(parameters, self.ONLY_FINDINGS, context)
        return content.rows(wanted or None, only)

    def _base(
        self, parameters: dict[str, Any], context: QgsProcessingContext, confidential: bool,
        feedback: QgsProcessingFeedback,
    ) -> list[QgsMapLayer]:  # fmt: skip
        kept = []
        for layer in self.parameterAsLayerList(parameters, self.BASE_LAYERS, context):
            if confidential and layer.providerType().lower() in NETWORK:
                feedback.pushWarning(tr("“{layer}” comes from the network: left out of confidential maps.").format(
                    layer=layer.name()))  # fmt: skip
            else:
                kept.append(layer)
        project = context.project()
        notes = project.mainAnnotationLayer() if project else None
        if notes is not None and not notes.isEmpty():
            kept.append(notes)
            feedback.pushInfo(tr("The annotations of the project are drawn above the maps."))
        return kept

    def _face(
        self, content: Content, imprint: Imprint, parameters: dict[str, Any], context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Typeface:  # fmt: skip
        from .maps.page_face import page_face

        face = page_face(content, imprint, self.parameterAsString(parameters, self.TYPEFACE, context).strip())
        if face.substituted:
            feedback.pushWarning(tr("The typeface “{wanted}” is not there: “{used}” is used.").format(
                wanted=face.substituted, used=face.family))  # fmt: skip
        if face.lent:
            feedback.pushInfo(tr("“{face}” has no glyphs for: {characters}. Other Chinese typefaces lend them.").format(
                face=face.family, characters=face.lent))  # fmt: skip
        if face.missing:
            feedback.pushWarning(tr("“{face}” has no glyphs for: {characters}. Choose another typeface.").format(
                face=face.family, characters=face.missing))  # fmt: skip
        return face

    def _tell(self, exported: Exported, feedback: QgsProcessingFeedback) -> None:
        for title, reason in exported.failed:
            told = tr("The sheet of {town} could not be made: {reason}")
            feedback.reportError(told.format(town=title, reason=reason))
        for title, item in exported.tight:
            feedback.pushWarning(tr("{town}: too much text for its place on the sheet ({item}).").format(
                town=title, item=item))  # fmt: skip
        if not exported.pages and not exported.failed:
            feedback.pushWarning(tr("No town is left to be drawn."))
        for file in exported.files:
            feedback.pushInfo(str(file))
        if exported.removed:
            feedback.pushInfo(self.texts().say("map_pages_removed", files=[file.name for file in exported.removed]))
        if exported.left:
            feedback.pushWarning(self.texts().say("map_pages_left", files=[file.name for file in exported.left]))

    def _add_switch(self, name: str, label: str, default: bool, help_text: str, advanced: bool = False) -> None:
        self.add(QgsProcessingParameterBoolean(name, label, default), help_text, advanced)

    def _add_choice(self, name: str, label: str, options: list[str], default: int, help_text: str) -> None:
        self.add(QgsProcessingParameterEnum(name, label, options, defaultValue=default), help_text)
