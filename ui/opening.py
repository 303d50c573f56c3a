"""Reading beside the window, so that it never stands still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..i18n import tr
from .collation import ranks_of

if TYPE_CHECKING:
    import numpy as np

    from ..core.review.browse import Browsed

Work = Callable[[Callable[[], bool]], Any]  # is told how to ask whether it has been cancelled


class Beside(QObject):
    """Does one thing at a time on another thread; what was asked for last is what counts.

    :ivar done: what came of it. :ivar failed: the exception it ended with, `Cancelled` where the planner stopped it.
    """

    done = pyqtSignal(object)
    failed = pyqtSignal(object)
    ASKS = True  # QGIS asks before it closes while this is under way

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._task: _Task | None = None  # QGIS keeps no reference to a task written in Python

    def begin(self, work: Work) -> None:
        """Do this; nobody waits any more for what is under way."""
        self.forget()
        self._task = task = _Task(work, self.ASKS)
        task.taskCompleted.connect(lambda: self._ended(task))
        task.taskTerminated.connect(lambda: self._ended(task))
        QgsApplication.taskManager().addTask(task)

    def forget(self) -> None:
        """Whatever is under way, nobody waits for it any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _ended(self, task: _Task) -> None:
        from ..core.errors import Cancelled

        if task is not self._task or sip.isdeleted(self):  # QGIS may be closing
            return
        self._task = None
        if task.ended:
            self.done.emit(task.result)
        else:
            self.failed.emit(task.error or Cancelled())  # it may have been stopped before it began


class Opening(Beside):
    """Reads packages and layers.

    :ivar done: what was read, the id of the layer it is from, empty for a package, and how the numbers sort.
    """

    ASKS = False  # nothing is lost

    def package(self, path: str | Path) -> None:
        from ..core.review.browse import browse

        self.begin(lambda cancelled: _ready(browse(path)))

    def copy_of(self, path: Path) -> None:
        """A package of an older schema: a copy of the present one beside it, and that."""
        from ..core.review.browse import browse
        from ..core.review.migrate import migrated

        self.begin(lambda cancelled: _ready(browse(migrated(path))))

    def layer(self, layer_id: str) -> None:
        """A layer of the project; nothing where it has gone."""
        from ..core.errors import RedlineError
        from ..processing.browse_layer import layer_reader

        try:
            read = layer_reader(layer_id)
        except (RedlineError, RuntimeError) as error:  # a CRS that PROJ does not know
            self.failed.emit(error)
            return
        if read is not None:
            self.begin(lambda cancelled: _ready(read(cancelled), layer_id))


def _ready(browsed: Browsed, layer_id: str = "") -> tuple[Browsed, str, np.ndarray]:
    """With what takes too long for the moment when somebody sorts: no two numbers are the same."""
    return browsed, layer_id, ranks_of(browsed.findings["number"].to_numpy(object))


class _Task(QgsTask):
    """``work`` on another thread; it touches nothing of the project or the window."""

    def __init__(self, work: Work, asks: bool):
        flags = QgsTask.Flag.Silent | QgsTask.Flag.CanCancel
        super().__init__(tr("Review panel"), flags if asks else flags | QgsTask.Flag.CancelWithoutPrompt)
        self._work = work
        self.ended = False
        self.result: Any = None
        self.error: Exception | None = None

    def run(self) -> bool:
        try:
            self.result = self._work(self.isCanceled)
            self.ended = True
        except Exception as error:  # an exception must not leave a task: QGIS would end with it
            self.error = error
        return self.ended
