"""What may be dropped on the panel and on the dialogs of tools. All else is QGIS's to take."""

from __future__ import annotations

from collections.abc import Callable

from qgis.PyQt.QtCore import QEvent, QObject, pyqtSignal
from qgis.PyQt.QtGui import QDropEvent
from qgis.PyQt.QtWidgets import QWidget

HEAD = 4096  # bytes of a file of decisions within which its name for itself stands
DRAGS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


class Drops(QObject):
    """Takes files that are dropped on a window or on anything in it, before the widget there does.

    :param wants: whether these paths are taken, which are over this widget. :ivar taken: the paths, and the widget.
    """

    taken = pyqtSignal(list, QWidget)

    def __init__(self, window: QWidget, wants: Callable[[list[str], QWidget], bool]):
        super().__init__(window)
        self._wants, self._wanted = wants, False
        window.setAcceptDrops(True)
        for widget in (window, *window.findChildren(QWidget)):
            if widget.acceptDrops():
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in DRAGS or not isinstance(watched, QWidget):
            return False
        if event.type() != QEvent.Type.DragMove:  # many of these follow; the files are looked at once
            paths = _paths(event)
            self._wanted = bool(paths) and self._wants(paths, watched)
        if not self._wanted:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self.taken.emit(paths, watched)
        return True


def makes_layers(paths: list[str]) -> bool:
    """Whether every one of these files is a boundary-point file or a drawing, of which a tool makes a layer, or of a
    format that cannot be read, which is then said."""
    from ..core.inputs.formats import UNREADABLE, makes_plots, suffix_of

    return all(suffix_of(path) in UNREADABLE or makes_plots(path) for path in paths)


def dropped(event: QDropEvent) -> str:
    """The one package or file of decisions of ours that is dropped; empty for anything else."""
    paths = _paths(event)
    if len(paths) != 1:
        return ""
    ours = {".gpkg": _is_package, ".json": is_decisions}.get(paths[0][-5:].lower(), lambda path: False)
    return paths[0] if ours(paths[0]) else ""


def is_decisions(path: str) -> bool:
    """Whether a file of decisions is at ``path``, to be merged."""
    from ..core.review.exchange import FORMAT

    try:
        with open(path, "rb") as file:
            return path[-5:].lower() == ".json" and FORMAT.encode() in file.read(HEAD)
    except OSError:
        return False


def _paths(event: QDropEvent) -> list[str]:
    """The files; none where one of what is dropped is no file."""
    paths = [url.toLocalFile() for url in event.mimeData().urls()]
    return paths if all(paths) else []


def _is_package(path: str) -> bool:
    from ..core.errors import RedlineError
    from ..core.review.opening import open_package

    try:
        open_package(path, wait=0, newer=True).close()
    except RedlineError as error:  # one that is damaged or locked is opened to say so
        return error.code not in ("no_package", "not_a_package")
    return True
