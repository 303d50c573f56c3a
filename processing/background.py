"""Runs `core` in a thread of its own, so that the algorithm's thread can answer a cancel within a tenth of a second."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from qgis.core import QgsProcessingFeedback

from ..core.errors import Cancelled

if TYPE_CHECKING:
    from ..core.report.texts import Texts

POLL_SECONDS = 0.1
GRACE_SECONDS = 0.4  # for the worker to end by itself after a cancel: the tool returns within a second of it
WORKER = "redline review"

Result = TypeVar("Result")


@dataclass
class _Job:
    """One call handed from the worker to the algorithm's thread, and its outcome."""

    call: Callable[[], Any]
    result: Any = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            self.result = self.call()
        except Exception as error:
            self.error = error
        self.done.set()

    def outcome(self) -> Any:
        """The result, or the error raised here.

        The error is let go of: in a circle with its own traceback it would keep the run's data and QGIS's layers
        alive until Python clears its garbage, on whichever thread that happens.
        """
        error, self.error = self.error, None
        if error is None:
            return self.result
        try:
            raise error
        finally:
            del error


class Background:
    """A worker thread beside the algorithm's own.

    `core` looks at `cancelled` between geometry calls. What QGIS wants done on the algorithm's thread (feature
    sinks, feedback) the worker hands over with `here` and `later`. After a cancel the algorithm's thread gives the
    worker a moment to end and returns; a geometry call still running is left behind and its worker ends at its next
    look at `cancelled`. Once the worker has called `settle` a cancel comes too late.
    """

    def __init__(self, feedback: QgsProcessingFeedback):
        self._feedback = feedback
        self._stopped = threading.Event()
        self._settling = threading.Lock()
        self._settled = False
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()

    def cancelled(self) -> bool:
        return self._stopped.is_set()

    def settle(self) -> None:
        """From the worker: from here on the run is carried through. Results that are being put in place cannot be
        left behind half way, and "nothing was written" would be untrue.

        :raises Cancelled: when the planner has cancelled before.
        """
        with self._settling:
            if self.cancelled():
                raise Cancelled
            self._settled = True

    def run(self, call: Callable[[], Result]) -> Result:
        """Call `call` in the worker and wait for it.

        :raises Cancelled: when the planner cancels; whatever `call` raises is raised here too.
        """
        work = _Job(call)

        def worker() -> None:
            work.run()
            self._jobs.put(None)
            if self.cancelled():
                work.error = None  # nobody asks for it any more, see `_Job.outcome`

        # A daemon: a geometry call left behind must not keep a closing QGIS waiting.
        thread = threading.Thread(target=worker, name=WORKER, daemon=True)
        thread.start()
        while not work.done.is_set() or not self._jobs.empty():
            if self._feedback.isCanceled():
                with self._settling:
                    if not self._settled:
                        self._stopped.set()
                if self.cancelled():
                    thread.join(GRACE_SECONDS)
                    work.error = None
                    raise Cancelled
            try:
                job = self._jobs.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if job is not None:
                job.run()
        return work.outcome()

    def here(self, call: Callable[[], Result]) -> Result:
        """From the worker: have `call` done on the algorithm's thread and wait for its result."""
        job = _Job(call)
        self._jobs.put(job)
        while not job.done.wait(POLL_SECONDS):
            if self.cancelled():
                raise Cancelled
        return job.outcome()

    def later(self, call: Callable[[], Any]) -> None:
        """From the worker: have `call` done on the algorithm's thread without waiting for it."""
        self._jobs.put(_Job(call))

    def reporter(self, texts: Texts) -> Callable[[float, str], None]:
        """What the worker tells its progress, as per cent and the code of a step; with "placing" it settles."""
        step = ""

        def show(percent: float, code: str) -> None:
            nonlocal step
            self._feedback.setProgress(percent)
            if code != step:
                step = code
                self._feedback.setProgressText(texts.say(code))

        def progress(percent: float, code: str) -> None:
            if code == "placing":
                self.settle()
            self.later(lambda: show(percent, code))

        return progress


def wait_for_workers(seconds: float) -> None:
    """Wait for workers that a cancel has left behind: one that still reads a layer while QGIS ends would crash it."""
    until = time.monotonic() + seconds
    for thread in threading.enumerate():
        if thread.name == WORKER:
            thread.join(max(0.0, until - time.monotonic()))
