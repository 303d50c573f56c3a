"""Work on all cores: shapely, pyproj and SQLite let go of the interpreter while they compute."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

import numpy as np

THREADS = max(1, os.cpu_count() or 1)
_SMALLEST_CHUNK = 256

Item = TypeVar("Item")
_here = threading.local()


def in_task() -> bool:
    """Whether this thread is one of several that each do a whole task: what it calls need not be shared out again."""
    return getattr(_here, "task", False)


def in_order(
    pool: ThreadPoolExecutor, threads: int, function: Callable[..., Item], calls: Iterable[tuple], taken: int = 1
) -> Iterator[Item]:
    """``function(*call)`` of each call, in their order: as many tasks at a time as there are threads, ahead of the
    caller. A single call is done by the caller's thread, and may share out its work.

    :param taken: so many calls for each thread are taken before the first result is waited for; more where one may
        take much longer than those after it.
    """

    def task(call: tuple) -> Item:
        _here.task = True
        return function(*call)

    calls = iter(calls)
    first = list(islice(calls, 2))
    if len(first) < 2 or threads < 2:
        yield from (function(*call) for call in chain(first, calls))
        return
    coming: deque[Future] = deque()
    try:
        for call in chain(first, calls):
            coming.append(pool.submit(task, call))
            if len(coming) > taken * threads:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        for future in coming:
            future.cancel()


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items of a generator, each made in another thread while the caller works on the one before."""
    end = object()
    pool = ThreadPoolExecutor(1, thread_name_prefix="redline-reader")
    try:
        coming = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield item
    finally:
        # A caller that stops early leaves a read under way behind rather than wait for it.
        pool.shutdown(wait=False, cancel_futures=True)


class Behind:
    """Calls made one after the other in a thread of its own, while the caller goes on."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="redline-writer")
        self._last: Future | None = None

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """One call is under way at most: this waits for the one before, and raises what that one raised."""
        self.wait()
        self._last = self._pool.submit(function, *arguments)

    def wait(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def end(self) -> None:
        """Wait for the last call, whatever it raises."""
        self._pool.shutdown(wait=True)


def map_chunks(function: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> np.ndarray:
    """`function(rows)`, computed in chunks of rows on as many threads as there are cores."""
    chunks = np.array_split(rows, min(4 * THREADS, max(1, len(rows) // _SMALLEST_CHUNK)))
    if THREADS == 1 or len(chunks) == 1 or in_task():
        return function(rows)
    with ThreadPoolExecutor(THREADS) as pool:
        return np.concatenate(list(pool.map(function, chunks)))
