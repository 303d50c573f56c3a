"""A Shapefile whose Chinese comes out garbled is told when it is added, with a button that puts it right."""

from __future__ import annotations

from pathlib import Path

from qgis.core import Qgis, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtWidgets import QPushButton

from ..i18n import tr


class EncodingWatch(QObject):
    """Looks at every layer that comes to the project; changes nothing by itself."""

    def __init__(self, iface: QgisInterface, parent: QObject | None = None):
        super().__init__(parent)
        self._iface = iface
        QgsProject.instance().layersAdded.connect(self._look)

    def end(self) -> None:
        QgsProject.instance().layersAdded.disconnect(self._look)

    def _look(self, layers: list[QgsMapLayer]) -> None:
        from ..core.inputs.encodings import misread, same_encoding, unstated_encoding

        for layer in layers:
            if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr":
                continue
            if layer.dataProvider().storageType() != "ESRI Shapefile":
                continue
            path, read_as = Path(layer.source().partition("|")[0]), layer.dataProvider().encoding()
            try:
                meant, wrong = unstated_encoding(path), misread(path, read_as)
            except OSError:  # in an archive, or away: QGIS itself says what it cannot read
                continue
            if meant is not None and not same_encoding(meant, read_as):
                told = tr("“{layer}” does not state its encoding; its texts are {encoding}.")
                self._propose(layer, meant, told.format(layer=layer.name(), encoding=meant))
            elif wrong is not None:
                told = tr("“{layer}” states that its texts are {stated}, but they are {encoding}.")
                self._propose(layer, wrong, told.format(layer=layer.name(), stated=read_as, encoding=wrong))

    def _propose(self, layer: QgsVectorLayer, encoding: str, told: str) -> None:
        bar = self._iface.messageBar()
        item = bar.createMessage(tr("Redline Review"), told)
        button = QPushButton(tr("Read as {encoding}").format(encoding=encoding), item)
        item.layout().addWidget(button)
        layer_id = layer.id()

        def agreed() -> None:
            there = QgsProject.instance().mapLayer(layer_id)
            if isinstance(there, QgsVectorLayer):
                there.setProviderEncoding(encoding)
                there.dataProvider().reloadData()
                there.updateFields()
                there.triggerRepaint()
            QTimer.singleShot(0, lambda: bar.popWidget(item))  # not while its own button is at work

        button.clicked.connect(lambda checked=False: agreed())
        bar.pushWidget(item, Qgis.MessageLevel.Warning)
