"""Opening a package beside the window, so that it never stands still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..i18n import tr

if TYPE_CHECKING:
    from ..core.review.browse import Browsed

Read = Callable[[], "Browsed"]


class Opening(QObject):
    """Reads one package or layer at a time; what was asked for last is what counts.

    :ivar done: what was read, and the id of the layer it is from, empty for a package.
    :ivar failed: the exception it ended with.
    """

    done = pyqtSignal(object, str)
    failed = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._task: _Reading | None = None  # QGIS keeps no reference to a task written in Python

    def package(self, path: str | Path) -> None:
        from ..core.review.browse import browse

        self._begin(lambda: browse(path))

    def copy_of(self, path: Path) -> None:
        """A package of an older schema: a copy of the present one beside it, and that."""
        from ..core.review.browse import browse
        from ..core.review.migrate import migrated

        self._begin(lambda: browse(migrated(path)))

    def layer(self, layer_id: str) -> None:
        """A layer of the project; nothing where it has gone."""
        from ..processing.browse_layer import layer_reader

        read = layer_reader(layer_id)
        if read is not None:
            self._begin(read, layer_id)

    def forget(self) -> None:
        """Whatever is under way, nobody waits for it any more."""
        self._task = None

    def _begin(self, read: Read, layer_id: str = "") -> None:
        task = _Reading(read)
        task.taskCompleted.connect(lambda: self._ended(task, layer_id))
        task.taskTerminated.connect(lambda: self._ended(task, layer_id))
        self._task = task
        QgsApplication.taskManager().addTask(task)

    def _ended(self, task: _Reading, layer_id: str) -> None:
        if task is not self._task:
            return
        self._task = None
        if task.error is not None:
            self.failed.emit(task.error)
        else:
            self.done.emit(task.browsed, layer_id)


class _Reading(QgsTask):
    """``read()`` on another thread; it touches nothing of the project or the window."""

    def __init__(self, read: Read):
        super().__init__(tr("Review panel"), QgsTask.Flag.Silent | QgsTask.Flag.CanCancel)
        self._read = read
        self.browsed: Browsed | None = None
        self.error: Exception | None = None

    def run(self) -> bool:
        try:
            self.browsed = self._read()
        except Exception as error:  # an exception must not leave a task: QGIS would end with it
            self.error = error
        return self.error is None
