"""All cores for calls that release the GIL, in steps short enough to be cancelled between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import shapely

from .. import threads as core_threads
from ..errors import Cancelled
from ..threads import THREADS, in_task

Item = TypeVar("Item")
_LONGER = 8  # steps within a task: fewer waits for the interpreter's lock, which other tasks hold


class Workers:
    """Runs one function over slices of arrays on all cores and puts the results together in order.

    :raises Cancelled: from `map` as soon as ``cancelled()`` is true between two slices.
    """

    def __init__(self, threads: int, cancelled: Callable[[], bool]):
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="redline")
        self._tasks = ThreadPoolExecutor(threads, thread_name_prefix="redline-task")
        self._threads, self._cancelled = threads, cancelled

    def check(self) -> None:
        if self._cancelled():
            raise Cancelled

    def map(self, function: Callable[..., np.ndarray], *arrays: np.ndarray, step: int = 2000) -> np.ndarray:
        """``function(*arrays)`` computed slice by slice; the arrays are of one length n, and so is the result."""
        n = len(arrays[0])
        self.check()
        if in_task():
            step *= _LONGER
        if n <= step // 4:
            return function(*arrays)
        step = min(step, -(-n // self._threads))

        def run(start: int) -> np.ndarray:
            self.check()
            return function(*(array[start : start + step] for array in arrays))

        every = map if self._threads == 1 or in_task() else self._pool.map
        return np.concatenate(list(every(run, range(0, n, step))))

    def in_order(self, function: Callable[..., Item], calls: Iterable[tuple], taken: int = 1) -> Iterator[Item]:
        """``function(*call)`` of each call in their order, several at a time; `map` within them is not shared out."""
        return core_threads.in_order(self._tasks, self._threads, function, calls, taken)

    def end(self) -> None:
        """A cancelled run leaves a running call behind rather than make the planner wait for it."""
        for pool in (self._pool, self._tasks):
            pool.shutdown(wait=False, cancel_futures=True)


def shareable(geometry: np.ndarray) -> np.ndarray:
    """Make geometries safe to use from several threads at once: newer GEOS works out the bounds of a ring when they
    are first asked for, without a lock. A look at validity asks for all of them: features have had it when they were
    read, and what is cut from them within a task stays there."""
    if in_task():
        return geometry
    each = {id(one): one for one in geometry}
    shapely.is_valid(np.array(list(each.values()), dtype=object))
    return geometry


@contextmanager
def workers(cancelled: Callable[[], bool] = lambda: False, threads: int = THREADS) -> Iterator[Workers]:
    found = Workers(threads, cancelled)
    try:
        yield found
    finally:
        found.end()
