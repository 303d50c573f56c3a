"""Work on all cores: shapely and pyproj let go of the interpreter while they compute."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

_SMALLEST_CHUNK = 256

Item = TypeVar("Item")


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


def map_chunks(function: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> np.ndarray:
    """`function(rows)`, computed in chunks of rows on as many threads as there are cores."""
    workers = os.cpu_count() or 1
    chunks = np.array_split(rows, min(4 * workers, max(1, len(rows) // _SMALLEST_CHUNK)))
    if workers == 1 or len(chunks) == 1:
        return function(rows)
    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(function, chunks)))
