"""What all algorithms of the provider share: texts, icon, help, and one place where errors become messages."""

from __future__ import annotations

import configparser
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from qgis.core import (
    Qgis,
    QgsMessageLog,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n import language, tr
from . import libraries

if TYPE_CHECKING:
    from ..core.errors import Issue
    from ..core.report.texts import Texts

PLUGIN = Path(__file__).resolve().parents[1]
ICON = PLUGIN / "resources" / "icons" / "redline_review.svg"
METADATA = PLUGIN / "metadata.txt"
Result = TypeVar("Result")

LOG_TAB = "Redline Review"
ISSUES_SHOWN = 20  # of one kind, before "and n more"


def plugin_version() -> str:
    """The version that the plugin's metadata states."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(METADATA, encoding="utf-8")
    return metadata.get("general", "version", fallback="")


class RedlineAlgorithm(QgsProcessingAlgorithm):
    """An algorithm of the provider `redline`."""

    def createInstance(self) -> RedlineAlgorithm:
        return type(self)()

    def group(self) -> str:
        return tr("Review")

    def groupId(self) -> str:
        return "review"

    def icon(self) -> QIcon:
        return QIcon(str(ICON))

    def svgIconPath(self) -> str:
        return str(ICON)

    def canExecute(self) -> tuple[bool, str]:
        problem = libraries.problem()
        return problem is None, problem or ""

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        from ..core.errors import RedlineError
        from .unreadable import refuse_files

        try:
            refuse_files(self, parameters)
            self.check_values(parameters, context)
        except RedlineError as error:
            return False, self.texts().error(error)
        return super().checkParameterValues(parameters, context)

    def check_values(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        """:raises RedlineError: where what is given cannot be run. Main thread only."""

    def add(
        self, parameter: QgsProcessingParameterDefinition, help_text: str, advanced: bool = False
    ) -> QgsProcessingParameterDefinition:
        """Add a parameter with its help."""
        parameter.setHelp(help_text)
        if advanced:
            parameter.setFlags(parameter.flags() | Qgis.ProcessingParameterFlag.Advanced)
        self.addParameter(parameter)
        return parameter

    def add_polygons(
        self, name: str, label: str, help_text: str, optional: bool = True, advanced: bool = False
    ) -> None:
        """Add a polygon layer."""
        kinds = [Qgis.ProcessingSourceType.VectorPolygon]
        self.add(QgsProcessingParameterFeatureSource(name, label, kinds, optional=optional), help_text, advanced)

    def add_field(
        self,
        name: str,
        label: str,
        parent: str,
        help_text: str,
        kind: Qgis.ProcessingFieldParameterDataType = Qgis.ProcessingFieldParameterDataType.Any,
        advanced: bool = False,
    ) -> None:
        """Add an optional field of the layer ``parent``."""
        field = QgsProcessingParameterField(name, label, parentLayerParameterName=parent, type=kind, optional=True)
        self.add(field, help_text, advanced)

    def texts(self) -> Texts:
        from ..core.report.texts import Texts

        return Texts(language())

    def explained(self, call: Callable[[], Result]) -> Result:
        """Call `call`; whatever goes wrong becomes a QgsProcessingException that a planner understands.

        The traceback of what nobody foresaw goes to the message log only. QGIS's bindings never free an exception
        they are given, so it is raised without the original one, whose traceback holds all the data of the run.
        """
        from ..core.errors import RedlineError

        try:
            return call()
        except QgsProcessingException as error:
            message = str(error)
        except RedlineError as error:
            message = self.texts().error(error)
        except Exception as error:
            QgsMessageLog.logMessage(traceback.format_exc(), LOG_TAB, Qgis.MessageLevel.Critical)
            message = tr(
                "Something unforeseen went wrong, and nothing was written ({kind}). The details are in the "
                'message log, tab "{tab}" (View > Panels > Log Messages): please send them to the developers.'
            ).format(kind=type(error).__name__, tab=LOG_TAB)
        raise QgsProcessingException(message)

    def require_libraries(self, further: tuple[libraries.Need, ...] = ()) -> None:
        """:raises QgsProcessingException: where a library is missing or clashes with QGIS's."""
        problem = libraries.problem((*libraries.OVERLAP, *further), load=True)
        if problem is not None:
            raise QgsProcessingException(problem)

    def list_issues(self, issues: list[Issue], feedback: QgsProcessingFeedback) -> None:
        """Show what the run repaired, left out or could not check: the worst first, the first of each kind."""
        texts = self.texts()
        by_code: dict[tuple[str, str], list[Issue]] = {}
        for issue in issues:
            by_code.setdefault((issue.severity, issue.code), []).append(issue)
        ranks = {"error": 0, "warning": 1, "notice": 2}
        for (severity, _), same in sorted(by_code.items(), key=lambda item: (ranks.get(item[0][0], 3), item[0][1])):
            show = feedback.pushInfo if severity == "notice" else feedback.pushWarning
            for issue in same[:ISSUES_SHOWN]:
                show(texts.issue(issue))
            if len(same) > ISSUES_SHOWN:
                show(
                    tr("… and {n} more of this kind: see data_issues in the review package.").format(
                        n=len(same) - ISSUES_SHOWN
                    )
                )
