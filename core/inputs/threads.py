"""Array work on all cores: shapely and pyproj let go of the interpreter while they compute."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

_SMALLEST_CHUNK = 256


def map_chunks(function: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> np.ndarray:
    """`function(rows)`, computed in chunks of rows on as many threads as there are cores."""
    workers = os.cpu_count() or 1
    chunks = np.array_split(rows, min(4 * workers, max(1, len(rows) // _SMALLEST_CHUNK)))
    if workers == 1 or len(chunks) == 1:
        return function(rows)
    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(function, chunks)))
