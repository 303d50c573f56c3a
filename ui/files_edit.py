"""Several files in Processing's dialogs: chosen, dropped or filled in, as QGIS's own list of layers cannot be."""

from __future__ import annotations

from processing.gui.wrappers import WidgetWrapper
from qgis.gui import QgsFileWidget


class FilesEdit(WidgetWrapper):
    """A line with the paths of files, as QGIS writes several of them.

    :param filter: of the dialog in which they are chosen.
    """

    def createWidget(self, filter: str = "") -> QgsFileWidget:
        edit = QgsFileWidget()
        edit.setStorageMode(QgsFileWidget.StorageMode.GetMultipleFiles)
        edit.setFilter(filter)
        edit.fileChanged.connect(lambda text: self.widgetValueHasChanged.emit(self))
        return edit

    def setValue(self, value: object) -> None:
        paths = value if isinstance(value, list | tuple) else [value] if value else []
        self.widget.setFilePath(" ".join(f'"{path}"' for path in paths))

    def value(self) -> list[str] | None:
        return [path for path in QgsFileWidget.splitFilePaths(self.widget.filePath()) if path] or None
