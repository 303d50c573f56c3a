"""The attributes of the source feature a finding lies on, looked up in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDataProvider,
    QgsExpression,
    QgsFeature,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsMessageLog,
    QgsProcessingContext,
    QgsProject,
    QgsProviderRegistry,
    QgsRectangle,
    QgsTask,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..core.errors import Cancelled, RedlineError
from .base import LOG_TAB
from .reopen import remembered, split_source

USUAL_ID = "BSM"
SLACK = 0.01  # of the box's size: a change of datum moves a finding by less
# What these show depends on the layer alone; others look into the project, which only the main thread may.
OWN_FORMATS = ("ValueMap", "DateTime", "CheckBox", "Range")


@dataclass(frozen=True)
class Attributes:
    """``rows``: alias or name and value of each field, as QGIS shows them. ``reason``: a code of the catalogue, why
    there are none, or ``source_changed`` with those of a source that has changed since the run."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    reason: str = ""


def attributes_of(
    facts: Mapping[str, Any],
    line: str,
    source_id: str,
    box: Sequence[float],
    crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Attributes:
    """The attributes of the feature of a line that a finding lies on. Any thread: the layer is opened anew in it.

    :param facts: the package's manifest. :param line, source_id: the finding's.
    :param box: the finding's bounds (xmin, ymin, xmax, ymax) in ``crs``, the towns' CRS; NaN where it has none.
    :param transforms: a copy of the project's, which the run used too.
    :raises Cancelled: soon after ``cancelled()`` turns true. Whatever else goes wrong is a ``reason``.
    """
    tests = {known["id"]: known["test"] for known in (facts.get("profile") or {}).get("lines") or []}
    if not source_id or tests.get(line, "keep_out") != "keep_out":
        return Attributes(reason="source_no_feature")
    source = (facts.get("sources") or {}).get(line)
    if source is None:
        return Attributes(reason="source_not_told")
    if source.get("provider") == "memory":
        return Attributes(reason="source_in_memory")
    opening = remembered(source)
    if opening is None:
        return Attributes(reason="source_not_told")
    if cancelled():
        raise Cancelled
    layer, reason = _opened(opening)
    if layer is None:
        return Attributes(reason=reason)
    changed = "source_changed" if _has_changed(line, source) else ""
    try:
        where = _in_layer(box, crs, layer, transforms or QgsCoordinateTransformContext())
        candidates = _candidates(facts, line, source_id, layer, where, cancelled)
        feature = next((one for one in candidates if one is not None), None)
    except Cancelled:
        raise
    except (RedlineError, QgsCsException, RuntimeError, ValueError):  # a damaged file, a box beyond the layer's CRS
        feature = None
    if feature is None:
        return Attributes(reason=changed or "source_feature_not_found")
    return Attributes(_rows(layer, feature), changed)


def _opened(opening: Mapping[str, str]) -> tuple[QgsVectorLayer | None, str]:
    """The layer, or why there is none. Nobody is asked for a password: that would interrupt whatever is being done."""
    provider, uri = split_source(opening["source"])
    registry = QgsProviderRegistry.instance()
    path = registry.decodeUri(provider, uri).get("path")
    if path and not Path(path).exists():
        return None, "source_gone"
    if not path:
        manager = QgsApplication.authManager()
        if "authcfg=" in uri and not manager.masterPasswordIsSet():
            return None, "source_needs_login"
        silent = QgsDataProvider.ReadFlag.SkipCredentialsRequest
        tried = registry.createProvider(provider, uri, QgsDataProvider.ProviderOptions(), silent)
        if tried is None or not tried.isValid():
            return None, "source_needs_login"
    options = QgsVectorLayer.LayerOptions()
    options.loadDefaultStyle = False
    options.skipCrsValidation = True  # it may open a dialog
    layer = QgsVectorLayer(uri, "", provider, options)
    if not layer.isValid():
        return None, "source_gone"
    if "crs" in opening:
        layer.setCrs(QgsCoordinateReferenceSystem(opening["crs"]))
    # Of a style saved beside the data only what fields are called and how values are shown.
    shown = QgsMapLayer.StyleCategory.Fields | QgsMapLayer.StyleCategory.Forms
    layer.loadNamedStyle(layer.styleURI(), False, shown)
    return layer, ""


def _has_changed(line: str, source: Mapping[str, Any]) -> bool:
    from ..core.review.browse import changed_sources

    return bool(changed_sources({"sources": {line: source}}))


def _in_layer(
    box: Sequence[float],
    crs: QgsCoordinateReferenceSystem,
    layer: QgsVectorLayer,
    transforms: QgsCoordinateTransformContext,
) -> QgsRectangle | None:
    """The finding's box in the layer's CRS and somewhat larger; None where it has none."""
    import numpy as np

    if not np.isfinite(np.asarray(box, dtype=float)).all():
        return None
    where = QgsRectangle(*map(float, box))
    if crs.isValid() and layer.crs().isValid():
        where = QgsCoordinateTransform(crs, layer.crs(), transforms).transformBoundingBox(where)
    return where.buffered(SLACK * max(where.width(), where.height()))


def _candidates(
    facts: Mapping[str, Any],
    line: str,
    source_id: str,
    layer: QgsVectorLayer,
    where: QgsRectangle | None,
    cancelled: Callable[[], bool],
) -> Iterator[QgsFeature | None]:
    """By each way in which the run may have identified the line's features, the one with this id, or None."""
    fields = facts.get("fields") or {}
    if line in (fields.get("ids_used") or {}):
        names = [fields["ids_used"][line]]
    else:  # an older package: what was asked for, the usual field, the geometry
        named = (fields.get("ids") or {}).get(line)
        usual = [known.name() for known in layer.fields() if known.name().casefold() == USUAL_ID.casefold()]
        names = [*filter(None, [named]), *usual, ""]
    for name in names:
        if name:
            yield _by_expression(layer, name, source_id, where)
        yield _by_reading(layer, name, source_id, where, cancelled)


def _by_expression(layer: QgsVectorLayer, name: str, source_id: str, where: QgsRectangle | None) -> QgsFeature | None:
    """Found by the provider itself, with its indexes."""
    index = layer.fields().indexFromName(name)
    if index < 0:
        return None
    number = layer.fields().at(index).isNumeric() and source_id.lstrip("-").isdecimal()
    expression = QgsExpression.createFieldEqualityExpression(name, int(source_id) if number else source_id)
    request = QgsFeatureRequest().setFilterExpression(expression).setLimit(1)
    if where is not None:
        request.setFilterRect(where)
    return next(layer.getFeatures(request), None)


def _by_reading(
    layer: QgsVectorLayer, name: str, source_id: str, where: QgsRectangle | None, cancelled: Callable[[], bool]
) -> QgsFeature | None:
    """Found as the run read it: a hash of the geometry, or a text that is stored otherwise (blanks, dates)."""
    import numpy as np

    from ..core.inputs.source import as_texts
    from ..core.review.reading import geometry_hashes
    from .readers import QgisSource

    source = QgisSource(layer, QgsProcessingContext())
    source.cancelled = cancelled
    box = where and (where.xMinimum(), where.yMinimum(), where.xMaximum(), where.yMaximum())
    for batch in source.batches([name] if name else [], box):
        ids = as_texts(batch.fields[name]) if name else geometry_hashes(batch.geometry)
        rows = np.flatnonzero(ids == source_id)
        if len(rows):
            return layer.getFeature(int(batch.fid[rows[0]]))
    return None


def _rows(layer: QgsVectorLayer, feature: QgsFeature) -> list[tuple[str, str]]:
    formats = QgsApplication.fieldFormatterRegistry()
    rows = []
    for index, known in enumerate(layer.fields()):
        setup, value = layer.editorWidgetSetup(index), feature.attribute(index)
        if setup.type() in OWN_FORMATS:
            text = formats.fieldFormatter(setup.type()).representValue(layer, index, setup.config(), None, value)
        else:
            text = known.displayString(value)
        rows.append((layer.attributeDisplayName(index), text))
    return rows


class SourceLookup(QObject):
    """Looks up in the background, one finding at a time: the last one asked for wins. Main thread.

    ``found`` is emitted with the finding's id and its `Attributes`, unless another was asked for meanwhile.
    """

    found = pyqtSignal(str, object)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._wanted: _Lookup | None = None
        self._running: _Lookup | None = None

    def ask(
        self, finding_id: str, facts: Mapping[str, Any], line: str, source_id: str, box: Sequence[float],
        crs: QgsCoordinateReferenceSystem,
    ) -> None:  # fmt: skip
        """As `attributes_of`; returns at once."""
        transforms = QgsCoordinateTransformContext(QgsProject.instance().transformContext())
        self._wanted = _Lookup(finding_id, (facts, line, source_id, tuple(box), crs, transforms))
        if self._running is None:
            self._start()
        else:
            self._running.cancel()

    def forget(self) -> None:
        """Nothing is wanted any more, as where no or several findings are selected."""
        self._wanted = None
        if self._running is not None:
            self._running.cancel()

    def _start(self) -> None:
        self._running = self._wanted
        self._running.taskCompleted.connect(self._ended)
        self._running.taskTerminated.connect(self._ended)
        QgsApplication.taskManager().addTask(self._running)

    def _ended(self) -> None:
        task, self._running = self._running, None
        if task is self._wanted:
            self._wanted = None
            if task.attributes is not None:
                self.found.emit(task.finding_id, task.attributes)
        elif self._wanted is not None:
            self._start()


class _Lookup(QgsTask):
    """One look-up; ``attributes`` stays None where it was cancelled."""

    def __init__(self, finding_id: str, question: tuple):
        flag = QgsTask.Flag
        super().__init__(LOG_TAB, flag.CanCancel | flag.CancelWithoutPrompt | flag.Hidden | flag.Silent)
        self.finding_id, self._question = finding_id, question
        self.attributes: Attributes | None = None

    def run(self) -> bool:
        try:
            self.attributes = attributes_of(*self._question, self.isCanceled)
        except Cancelled:
            return False
        except Exception as error:  # a task that raises takes its traceback, and with it the layer, to another thread
            QgsMessageLog.logMessage(repr(error), LOG_TAB)
            self.attributes = Attributes(reason="source_feature_not_found")
        return True
