"""What algorithms on a finished review package have in common."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ..i18n import language, tr
from .base import RedlineAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..core.report.sheet_texts import Imprint

LANGUAGES = ("zh_CN", "en")


class PackageTool(RedlineAlgorithm):
    """An algorithm on a finished package."""

    # What each algorithm defines: the work, of parameters, context and feedback; RedlineError is explained.
    work: Callable[[dict[str, Any], QgsProcessingContext, QgsProcessingFeedback], dict[str, Any]]

    PACKAGE = "PACKAGE"

    def add_package(self) -> None:
        self.add(
            QgsProcessingParameterFile(self.PACKAGE, tr("Review package"), fileFilter=tr("Review package (*.gpkg)")),
            tr("The package with the findings."),
        )

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.require_libraries()
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        return self.explained(lambda: self.work(parameters, context, feedback))


class PackageAlgorithm(PackageTool):
    """An algorithm that makes papers of a package."""

    LANGUAGE, CONFIDENTIAL = "LANGUAGE", "CONFIDENTIAL"
    UNIT_NAME, AUTHOR, SECRECY = "UNIT_NAME", "AUTHOR", "SECRECY"

    def group(self) -> str:
        return tr("For the meeting")

    def groupId(self) -> str:
        return "meeting"

    def add_language(self) -> None:
        default = LANGUAGES.index(language())
        spoken = QgsProcessingParameterEnum(self.LANGUAGE, tr("Language"), ["中文", "English"], defaultValue=default)
        self.add(spoken, tr("Of all that is written; names and remarks stay as they are."))

    def add_imprint(self) -> None:
        """Who makes it, and how secret it is."""
        for name, label, help_text in (
            (self.UNIT_NAME, tr("Making unit"), tr("Stands at the foot (编制单位).")),
            (self.AUTHOR, tr("Author"), tr("Stands beside the making unit.")),
            (self.SECRECY, tr("Secrecy mark"), tr("Stands in the upper right corner (密级).")),
        ):
            self.add(QgsProcessingParameterString(name, label, optional=True), help_text)

    def language(self, parameters: dict[str, Any], context: QgsProcessingContext) -> str:
        return LANGUAGES[self.parameterAsEnum(parameters, self.LANGUAGE, context)]

    def imprint(self, parameters: dict[str, Any], context: QgsProcessingContext, day: date) -> Imprint:
        from ..core.report.sheet_texts import Imprint

        unit, author, secrecy = (
            self.parameterAsString(parameters, name, context).strip()
            for name in (self.UNIT_NAME, self.AUTHOR, self.SECRECY)
        )
        return Imprint(unit, author, day, secrecy)
