"""Writing in packages: few findings at once, many beside the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from qgis.PyQt.QtCore import QObject, pyqtSignal

from .opening import Beside

if TYPE_CHECKING:
    from ..core.review.browse import Browsed
    from ..core.review.renewal import Renewed

MANY = 500  # findings that take longer to write than anybody should wait for


@dataclass
class Writing:
    """``count`` findings that are written by ``write``, on any thread: it returns the ids of the events or raises
    RedlineError. ``noted`` takes in these ids, ``refused`` the error, on the window's thread."""

    count: int
    write: Callable[[], list[str]]
    noted: Callable[[list[str]], None]
    refused: Callable[[Exception], None] = lambda error: None


class Writer(QObject):
    """Does one writing at a time, each to its end whatever becomes of the panel.

    :ivar waits: a writing is under way beside the window; it has ended.
    """

    waits = pyqtSignal(bool)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._beside = Beside(self)
        self._beside.done.connect(self._done)
        self._beside.failed.connect(self._failed)
        self._writing: Writing | None = None  # beside the window
        self._once: _Once | None = None
        self._then: Callable[[Any], None] = lambda read: None
        self._else: Callable[[Exception], None] = lambda error: None

    @property
    def under_way(self) -> bool:
        return self._writing is not None

    def write(
        self, writing: Writing, browsed: Browsed, then: Callable[[Renewed | None], None],
        otherwise: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        """Write, and say that it is on disk by ``then``, or by ``otherwise`` why it is not: before this returns where
        there are few findings. One writing at a time.

        :param browsed: the package; where there are many findings, ``then`` is told what is new in it.
        """
        from ..core.errors import RedlineError

        if writing.count < MANY:
            try:
                events = writing.write()
            except RedlineError as error:
                writing.refused(error)
                otherwise(error)
                return
            writing.noted(events)
            then(None)
            return
        self._writing, self._then, self._else = writing, then, otherwise
        self._once = once = _Once(lambda: _written(writing, browsed))
        self.waits.emit(True)
        self._beside.begin(lambda cancelled: once())

    def end(self) -> None:
        """The window closes: what is under way is brought to its end first, and nobody is told.

        :raises RedlineError: why it could not be.
        """
        self._beside.forget()
        once, self._once, self._writing = self._once, None, None
        if once is not None:
            once()

    def _done(self, result: tuple[list[str], Renewed | None]) -> None:
        events, read = result
        writing, then = self._writing, self._then
        self._rest()
        writing.noted(events)
        then(read)

    def _failed(self, error: Exception) -> None:
        writing, otherwise = self._writing, self._else
        self._rest()
        writing.refused(error)
        otherwise(error)

    def _rest(self) -> None:
        self._writing = self._once = None
        self.waits.emit(False)


class _Once:
    """Work that is done once: whoever comes second waits for the first."""

    def __init__(self, work: Callable[[], Any]):
        self._work, self._lock, self._result = work, Lock(), []

    def __call__(self) -> Any:
        with self._lock:
            if not self._result:
                self._result.append(self._work())
            return self._result[0]


def _written(writing: Writing, browsed: Browsed) -> tuple[list[str], Renewed | None]:
    """The ids of the events, and what is new in the package; None where that cannot be read now."""
    from ..core.errors import RedlineError
    from ..core.review.renewal import renewed

    events = writing.write()
    try:
        return events, renewed(browsed)
    except RedlineError:
        return events, None
