"""The field of a figure in Processing's dialogs: fields of the towns, columns of the table of figures, or any name."""

from __future__ import annotations

from processing.gui.wrappers import WidgetWrapper
from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper
from qgis.PyQt.QtWidgets import QComboBox


class FieldCombo(WidgetWrapper):
    """Offers the fields of several layer parameters, and takes a name typed in.

    :param layers: names of these parameters, comma-separated; the fields of the first stand first.
    """

    def createWidget(self, layers: str = "") -> QComboBox:
        self._layers = layers.split(",")
        self._of: dict[str, list[str]] = {}
        combo = QComboBox()
        combo.setEditable(True)
        combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        combo.lineEdit().setClearButtonEnabled(True)
        combo.editTextChanged.connect(lambda text: self.widgetValueHasChanged.emit(self))
        return combo

    def postInitialize(self, wrappers: list[QgsAbstractProcessingParameterWidgetWrapper]) -> None:
        for wrapper in wrappers:
            if wrapper.parameterDefinition().name() in self._layers:
                wrapper.widgetValueHasChanged.connect(self._layer_changed)
                self._layer_changed(wrapper)

    def setValue(self, value: object) -> None:
        self.widget.setEditText("" if value is None else str(value))

    def value(self) -> str | None:
        return self.widget.currentText().strip() or None

    def _layer_changed(self, wrapper: QgsAbstractProcessingParameterWidgetWrapper) -> None:
        self._of[wrapper.parameterDefinition().name()] = _fields(wrapper.parameterValue())
        text = self.widget.currentText()
        self.widget.blockSignals(True)
        self.widget.clear()
        offered = [name for parameter in self._layers for name in self._of.get(parameter, [])]
        self.widget.addItems(["", *dict.fromkeys(offered)])
        self.widget.setEditText(text)
        self.widget.blockSignals(False)


def _fields(value: object) -> list[str]:
    """The fields of the layer that the value of a layer parameter stands for."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source.staticValue()
    context = QgsProcessingContext()  # a layer opened from its path lives as long as this
    context.setProject(QgsProject.instance())
    if not isinstance(value, QgsMapLayer):
        value = QgsProcessingUtils.mapLayerFromString(str(value), context) if value else None
    return value.fields().names() if isinstance(value, QgsVectorLayer) else []
