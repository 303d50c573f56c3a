"""`redline:exportreport`: the papers of a review as a document, a workbook and a page."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterString,
)

from ..core.errors import RedlineError
from ..i18n import tr
from . import libraries
from .package_tools import PackageAlgorithm

if TYPE_CHECKING:
    from ..core.report.papers.chapters import Asked
    from .background import Background

FORMATS = ("docx", "xlsx", "html")
_BETWEEN = re.compile(r"[,;，；、\s]+")


class ExportReportAlgorithm(PackageAlgorithm):
    """`redline:exportreport`: hands a package to `core.report.papers.chapters` and `core.report.papers.writing`."""

    FORMATS, FOLDER, TOWN_IDS, PREVIOUS, MAPS = "FORMATS", "FOLDER", "TOWN_IDS", "PREVIOUS", "MAPS"
    OUTPUTS = ("DOCX", "XLSX", "HTML")

    def name(self) -> str:
        return "exportreport"

    def displayName(self) -> str:
        return tr("Report for the meeting")

    def tags(self) -> list[str]:
        return ["report", "word", "excel", "docx", "xlsx", "html", "报告", "报表", "上会", "整改清单", "面积核算表"]

    def shortDescription(self) -> str:
        return tr("A review package as a document, a workbook and a page: conclusions, tables, charts, decisions.")

    def shortHelpString(self) -> str:
        paragraphs = (
            tr(
                "Conclusions, summary, each line, area ledger, findings with decisions, land use, intensity with bar "
                "charts, town rules, checklist, rectification list, data issues, and what the review rests on."
            ),
            tr(
                "The document lists the worst and largest findings of each town; workbook and page have them all. "
                "Rows add up to their totals as printed, and totals in the workbook are formulas."
            ),
            tr("Lines that were not checked are named wherever a verdict stands. Paths of this computer are not told."),
        )
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_package()
        kinds = [tr("Document (.docx)"), tr("Workbook (.xlsx)"), tr("Page (.html)")]
        formats = QgsProcessingParameterEnum(
            self.FORMATS, tr("Formats"), kinds, allowMultiple=True, defaultValue=[0, 1, 2]
        )
        self.add(formats, tr("The page needs nothing but a browser. Document and workbook open in Office and WPS."))
        self.add_language()
        self.add_imprint()
        self.add(
            QgsProcessingParameterString(self.TOWN_IDS, tr("Towns, by their ids"), optional=True),
            tr("Parted by commas. All where left empty."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.PREVIOUS, tr("Earlier review"), optional=True, fileFilter=tr("Review package (*.gpkg)")
            ),
            tr("A review package to compare with: what is new, gone, grown or shrunk since."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.MAPS, tr("Folder of maps"), Qgis.ProcessingFileParameterBehavior.Folder, optional=True
            ),
            tr("PNG files as redline:exportmaps writes them; they are put into document and page."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.CONFIDENTIAL, tr("Confidential"), False),
            tr("The names of the files that were reviewed are left out too."),
        )
        folder = QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder"))
        self.add(folder, tr("Where the files are written. Those of the same names are replaced."))
        for name, kind in zip(self.OUTPUTS, kinds, strict=True):
            made = QgsProcessingOutputHtml if name == "HTML" else QgsProcessingOutputFile
            self.addOutput(made(name, kind))

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        if not self.parameterAsEnums(parameters, self.FORMATS, context):
            return False, tr("Choose at least one format.")
        return super().checkParameterValues(parameters, context)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from .background import Background

        package = Path(self.parameterAsFile(parameters, self.PACKAGE, context))
        folder = Path(self.parameterAsString(parameters, self.FOLDER, context))
        asked, language = self._asked(parameters, context), self.language(parameters, context)
        formats = self._formats(parameters, context, feedback)
        background = Background(feedback)
        progress = background.reporter(self.texts())
        files, said = background.run(lambda: _written(package, language, asked, folder, formats, progress, background))
        for warning in said:
            feedback.pushWarning(warning)
        for file in files.values():
            feedback.pushInfo(str(file))
        made = {kind.upper(): str(file) for kind, file in files.items()}
        return {self.FOLDER: str(folder), **made}

    def _asked(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Asked:
        from ..core.report.papers.chapters import Asked

        wanted = [one for one in _BETWEEN.split(self.parameterAsString(parameters, self.TOWN_IDS, context)) if one]
        previous, maps = (self.parameterAsFile(parameters, name, context) for name in (self.PREVIOUS, self.MAPS))
        return Asked(
            self.imprint(parameters, context, date.today()), wanted or None, Path(previous) if previous else None,
            Path(maps) if maps else None, self.parameterAsBoolean(parameters, self.CONFIDENTIAL, context),
        )  # fmt: skip

    def _formats(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> list[str]:
        """Those that can be written here; for each that cannot it is said what is missing.

        :raises QgsProcessingException: where none can.
        """
        wanted = [FORMATS[one] for one in self.parameterAsEnums(parameters, self.FORMATS, context)]
        found = {kind: libraries.problem(libraries.REPORTS[kind], load=True) for kind in wanted}
        missing = "\n\n".join(f".{kind}: {problem}" for kind, problem in found.items() if problem)
        possible = [kind for kind, problem in found.items() if problem is None]
        if not possible:
            raise QgsProcessingException(missing)
        if missing:
            feedback.reportError(missing)
        return possible


def _written(
    package: Path, language: str, asked: Asked, folder: Path, formats: list[str], progress, background: Background
) -> tuple[dict[str, Path], list[str]]:
    from ..core.report.content import Content
    from ..core.report.papers.chapters import report
    from ..core.report.papers.writing import write_report

    content = Content(package, language, asked.imprint.day)
    unknown = set(asked.town_ids or ()) - set(content.browsed.towns["town_id"].astype(str))
    if unknown:
        raise RedlineError("no_such_towns", towns=", ".join(sorted(unknown)))

    def half(percent: float, code: str) -> None:
        """Reading and comparing is one half of the work; a comparison that is done is not the end."""
        progress(percent / 2, "report_reading" if code in ("placing", "done") else code)

    made = report(content, asked, half, background.cancelled)
    return write_report(
        made, folder, formats, lambda percent, code: progress(50 + percent / 2, code), background.cancelled
    )
