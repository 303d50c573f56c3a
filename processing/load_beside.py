"""A tool of ours run beside the window, and the layers it makes added to the project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsTask,
)

OUTPUT = "OUTPUT"

_at_work: set[_Run] = set()  # a task keeps no reference to what it works with


class Heard(QgsProcessingFeedback):
    """Keeps what a tool warns of and complains about, each once. :ivar said: in the order it was said."""

    def __init__(self):
        super().__init__(False)
        self.said: list[str] = []

    def pushWarning(self, warning: str) -> None:
        self._hear(warning)

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self._hear(error)

    def _hear(self, text: str) -> None:
        if text not in self.said:
            self.said.append(text)


@dataclass
class Ran:
    """``results``: of the tool, None where it failed; ``layers``: ids of what came to the project; ``said``: warnings
    and errors, the reason of a failure last."""

    results: dict[str, Any] | None
    layers: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass(eq=False)
class _Run:
    algorithm: QgsProcessingAlgorithm
    context: QgsProcessingContext
    heard: Heard


def load_beside(tool: str, parameters: dict[str, Any], title: str, done: Callable[[Ran], None]) -> None:
    """Run a tool on another thread, its ``OUTPUT`` going to a temporary layer of this name in the project. Main thread.

    :param done: called on the main thread, maybe at once, where the tool refuses what it is given.
    """
    project = QgsProject.instance()
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(tool)
    context, heard = QgsProcessingContext(), Heard()
    context.setProject(project)
    parameters = {**parameters, OUTPUT: QgsProcessingOutputLayerDefinition("memory:", project)}
    good, message = algorithm.checkParameterValues(parameters, context)
    if not good:
        done(Ran(None, said=[message]))
        return
    flags = QgsTask.Flag.Silent | QgsTask.Flag.CanCancel | QgsTask.Flag.CancelWithoutPrompt
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, heard, flags)
    if task.isCanceled():  # what must be done on the main thread has failed already
        done(Ran(None, said=heard.said))
        return
    run = _Run(algorithm, context, heard)
    _at_work.add(run)

    def ended(good: bool, results: dict[str, Any]) -> None:
        _at_work.discard(run)
        layers = _loaded(run, title) if good else []
        done(Ran(results if good else None, layers, heard.said))

    task.executed.connect(ended)
    QgsApplication.taskManager().addTask(task)


def _loaded(run: _Run, title: str) -> list[str]:
    """The layers of a run in the project, above all others."""
    ids = []
    for made, details in run.context.layersToLoadOnCompletion().items():
        found = QgsProcessingUtils.mapLayerFromString(made, run.context)
        layer: QgsMapLayer | None = run.context.takeResultLayer(found.id()) if found is not None else None
        if layer is None:
            continue
        layer.setName(title)
        project = QgsProject.instance()
        project.addMapLayer(layer, False)
        project.layerTreeRoot().insertLayer(0, layer)
        if details.postProcessor():
            details.postProcessor().postProcessLayer(layer, run.context, run.heard)
        ids.append(layer.id())
    return ids
