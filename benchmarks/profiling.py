"""Shows where a review's time goes, beside the floor: reading the bytes once, cutting each crossing pair once, writing
the results once, with nothing else done.

Usage: .venv/bin/python benchmarks/profiling.py FILE [package]. CPU seconds of all threads, and seconds on the clock.
"""

from __future__ import annotations

import functools
import sys
import tempfile
import threading
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import engines
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from redline_review.core.analysis import area, assess, cover, findings, pieces
from redline_review.core.inputs import pyogrio_reader, repair
from redline_review.core.review import bulk, frames, package, previous, reading, run
from redline_review.core.review.schema import FINDINGS

# Step → the functions it is; none calls another of the list, except those indented under it.
STEPS = {
    "read features": [(pyogrio_reader.Layer, "_read")],
    "make geometries": [(pyogrio_reader.shapely, "from_wkb")],
    "check and repair": [(reading, "usable_polygons")],
    "cut by towns": [(pieces.Cutter, "cut")],
    "areas of pieces": [(area.AreaMeasure, "of_parts")],
    "union, double counting": [(cover.Coverer, "_join")],
    "multi-covered": [(cover.Coverer, "_multi")],
    "between lines": [(assess.Assessor, "_conflicts")],
    "coverage": [(assess, "checked_land")],
    "findings": [(findings.Finder, "overlaps"), (findings.Finder, "outside"), (findings.Finder, "zones")],
    "rows of findings": [(frames.Frames, "findings"), (previous.Previous, "match")],
    "write layers": [(bulk.LayerFile, "append"), (bulk.LayerFile, "finish")],
    "check package": [(package.PackageWriter, "_check_built")],
}


class Clock:
    """CPU and wall time by step, of functions that are wrapped; what a wrapped one calls counts for itself alone."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = defaultdict(float)
        self._lock, self._here = threading.Lock(), threading.local()

    def wrap(self, owner: object, name: str, step: str) -> None:
        function = getattr(owner, name)

        @functools.wraps(function)
        def timed(*arguments, **options):
            before, inner = time.thread_time(), getattr(self._here, "inner", 0.0)
            self._here.inner = 0.0
            try:
                return function(*arguments, **options)
            finally:
                took = time.thread_time() - before
                with self._lock:
                    self.cpu[step] += took - self._here.inner
                self._here.inner = inner + took

        setattr(owner, name, timed)


def floor(path: str) -> dict[str, float]:
    """CPU seconds of what no review can do without, on one thread."""
    seconds = {}
    start = time.process_time()
    lines = {}
    for layer in engines.LINES.values():
        if engines.has(path, layer):
            lines[layer] = shapely.from_wkb(pyogrio.raw.read(path, layer=layer, columns=["BSM"])[2])
    seconds["reading the bytes once"] = time.process_time() - start
    towns = shapely.from_wkb(pyogrio.raw.read(path, layer="towns", columns=[])[2])
    shapely.prepare(towns)
    found, cutting = [], 0.0
    for features in map(shapely.make_valid, lines.values()):
        feature, town = shapely.STRtree(towns).query(features, predicate="intersects")
        inside = shapely.covers(towns[town], features[feature])
        start = time.process_time()
        cut = shapely.intersection(towns[town[~inside]], features[feature[~inside]])
        cutting += time.process_time() - start
        found += [features[feature[inside]], cut]
    seconds["cutting each crossing pair once"] = cutting
    geometry = np.concatenate(found)
    frame = pd.DataFrame({field.name: np.zeros(len(geometry)) if field.type == "real" else "x" for field in FINDINGS})
    frame["geometry"] = geometry[: len(frame)]
    with tempfile.TemporaryDirectory() as folder:
        layer = bulk.LayerFile(Path(folder) / "floor.gpkg", "floor", FINDINGS, pyproj.CRS.from_epsg(4530))
        layer.create()
        start = time.process_time()
        layer.append(frame)
        layer.finish()
        seconds["writing the findings once"] = time.process_time() - start
    return seconds


def main() -> None:
    path, with_package = sys.argv[1], len(sys.argv) > 2
    least = floor(path)
    clock = Clock()
    for step, functions in STEPS.items():
        for owner, name in functions:
            clock.wrap(owner, name, step)
    clock.wrap(repair, "_repaired", "repairing")
    marks: list[tuple[str, float]] = []

    def progress(percent: float, code: str) -> None:
        if not marks or marks[-1][0] != code:
            marks.append((code, time.perf_counter()))

    original = run.run_review
    run.run_review = lambda request: original(request, progress)
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        seconds = engines.ours(path, Path(folder), with_package)["seconds"]
        cpu = time.process_time() - before
    print(
        f"{Path(path).stem}{', with findings and package' if with_package else ''}: {seconds:.2f} s, {cpu:.2f} s of CPU"
    )
    for step, took in sorted(clock.cpu.items(), key=lambda item: -item[1]):
        print(f"  {step:24}{took:7.2f} s CPU {took / cpu:7.0%}")
    rest = cpu - sum(clock.cpu.values())
    print(f"  {'everything else':24}{rest:7.2f} s CPU {rest / cpu:7.0%}")
    print("On the clock: " + ", ".join(f"{a[0]} {b[1] - a[1]:.2f}" for a, b in pairwise(marks)))
    print("Floor on one thread: " + ", ".join(f"{what} {took:.2f} s" for what, took in least.items()))


if __name__ == "__main__":
    main()
