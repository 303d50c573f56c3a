"""Times the check of layers beside the overlap on the same layers, and beside what else answers the same questions.

Usage: .venv/bin/python benchmarks/checkdata.py [county|dirty|land_use|growth …] [--folder FOLDER] [--runs N]
Each engine runs N times in a process of its own, in turns; the fastest run counts. CPU time and peak memory are of the
whole process with its start-up, seconds without. A check may take three runs of the overlap.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import engines
import overlap

OVERLAP, CHECK, PLAIN = "ours, overlap", "ours, check", "shapely: validity and overlaps"
VALIDITY, OVERLAPS = "QGIS check validity", "QGIS union and intersection"
COVERAGE, CHECKER = "QGIS validate coverage (GEOS 3.12)", "QGIS geometry check, overlaps (3.42)"
MOST = 3  # runs of the overlap that a check may take


def ours(path: str, folder: Path) -> dict:
    """All checks of all layers, with points, areas and the page."""
    from redline_review.core.inputs.files import FileSource
    from redline_review.core.profile import load_profile
    from redline_review.core.review.checking import CheckOutputs, run_check
    from redline_review.core.review.intensity_request import IntensityRequest, LandUseLayer
    from redline_review.core.review.layers import FileWriter
    from redline_review.core.review.request import ReviewRequest

    def run() -> int:
        land_use = engines.has(path, "land_use")
        request = ReviewRequest(
            towns=FileSource(path, "towns"), town_id_field="BSM", profile=load_profile(),
            lines={line: FileSource(path, layer) for line, layer in lines_of(path).items()},
            intensity=IntensityRequest(LandUseLayer(FileSource(path, "land_use"))) if land_use else None,
        )  # fmt: skip
        points, areas = FileWriter(folder / "points.gpkg"), FileWriter(folder / "areas.gpkg")
        return sum(run_check(request, CheckOutputs(points, areas, folder / "page.html")).counts.values())

    return engines.timed(run)


def plain(path: str, folder: Path) -> dict:
    """Validity and overlaps by shapely alone: every pair that meets is cut, within each layer and between lines."""
    import pyogrio
    import shapely

    def pairs(one, other) -> int:
        a, b = shapely.STRtree(other).query(one, predicate="intersects")
        if one is other:
            a, b = a[a < b], b[a < b]
        return int((shapely.area(shapely.intersection(one[a], other[b])) > 0).sum())

    def run() -> int:
        found, layers = 0, {}
        for layer in layers_of(path):
            features = shapely.from_wkb(pyogrio.raw.read(path, layer=layer, columns=["BSM"])[2])
            broken = ~shapely.is_valid(features)
            features[broken] = shapely.make_valid(features[broken])
            layers[layer] = features
            found += int(broken.sum()) + pairs(features, features)
        return found + sum(pairs(layers[a], layers[b]) for a, b in combinations(lines_of(path).values(), 2))

    return engines.timed(run)


def qgis(path: str, folder: Path, steps: Callable[[str], list[tuple[str, dict, str]]]) -> dict:
    """QGIS's own tools one after the other, as a planner would run them.

    :param steps: of the file: algorithm, parameters, and the output in which results are counted.
    """
    processing = engines.start_qgis()
    from qgis.core import Qgis, QgsProcessingContext, QgsVectorLayer

    context = QgsProcessingContext()
    context.setInvalidGeometryCheck(Qgis.InvalidGeometryCheck.NoCheck)  # else they stop at the first invalid feature

    def run() -> int:
        found = 0
        for number, (algorithm, parameters, output) in enumerate(steps(path)):
            file = str(folder / f"{number}.gpkg")
            processing.run(algorithm, {**parameters, output: file}, context=context)
            found += QgsVectorLayer(file).featureCount()
        return found

    return engines.timed(run)


def validity(path: str) -> list[tuple[str, dict, str]]:
    by_geos = {"METHOD": 2, "IGNORE_RING_SELF_INTERSECTION": False}
    return [("qgis:checkvalidity", {"INPUT_LAYER": layer, **by_geos}, "ERROR_OUTPUT") for layer in uris(path).values()]


def overlaps(path: str) -> list[tuple[str, dict, str]]:
    """Within a layer by its union with itself, which cuts it where features overlap; between lines by intersection."""
    layers, lines = uris(path), lines_of(path).values()
    within = [("native:union", {"INPUT": layer}, "OUTPUT") for layer in layers.values()]
    across = [
        ("native:intersection", {"INPUT": layers[one], "OVERLAY": layers[other]}, "OUTPUT")
        for one, other in combinations(lines, 2)
    ]
    return within + across


def coverage(path: str) -> list[tuple[str, dict, str]]:
    return [("native:coveragevalidate", {"INPUT": layer}, "INVALID_EDGES") for layer in uris(path).values()]


def checker(path: str) -> list[tuple[str, dict, str]]:
    options = {"UNIQUE_ID": "BSM", "MIN_OVERLAP_AREA": 0.0, "OUTPUT": "TEMPORARY_OUTPUT"}
    return [("native:checkgeometryoverlap", {"INPUT": layer, **options}, "ERRORS") for layer in uris(path).values()]


def lines_of(path: str) -> dict[str, str]:
    return {line: layer for line, layer in engines.LINES.items() if engines.has(path, layer)}


def layers_of(path: str) -> list[str]:
    return ["towns", *lines_of(path).values(), *(["land_use"] if engines.has(path, "land_use") else [])]


def uris(path: str) -> dict[str, str]:
    return {layer: f"{path}|layername={layer}" for layer in layers_of(path)}


ENGINES = {
    OVERLAP: lambda path, folder: engines.ours(path, folder, package=False),
    CHECK: ours,
    PLAIN: plain,
    VALIDITY: lambda path, folder: qgis(path, folder, validity),
    OVERLAPS: lambda path, folder: qgis(path, folder, overlaps),
    COVERAGE: lambda path, folder: qgis(path, folder, coverage),
    CHECKER: lambda path, folder: qgis(path, folder, checker),
}


def once(engine: str, path: Path) -> dict:
    """One run in a process of its own; ``error``, the last line it said, where it stopped."""
    command = [sys.executable, __file__, "--engine", engine, str(path)]
    with tempfile.TemporaryFile("w+") as said:  # of a pipe that fills up neither side would get on
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        err = said.read().strip().splitlines()
    if status:
        return {"error": err[-1] if err else "killed"}
    used = {"cpu": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}
    return json.loads(out.strip().splitlines()[-1]) | used


def measure(names: tuple[str, ...], path: Path, runs: int) -> dict[str, dict]:
    """Of each engine the fewest seconds and the least CPU time; in turns, so that other work on the machine meets all.
    Those that stop are not run again."""
    best: dict[str, dict] = {}
    for _ in range(runs):
        for name in names:
            if "error" in best.get(name, {}):
                continue
            run, before = once(name, path), best.get(name, {})
            least = {key: min(run[key], before[key]) for key in ("seconds", "cpu") if key in before and key in run}
            best[name] = run | least
    return best


def table(title: str, rows: dict[str, dict], against: str | None = OVERLAP) -> None:
    """:param against: the row that the others are compared with; each with the one before where None."""
    print(f"\n{title}\n{'':38}{'seconds':>9}{'×':>6}{'CPU s':>9}{'×':>6}{'peak MB':>9}{'results':>10}", flush=True)
    unit = rows[against] if against else next(iter(rows.values()))
    for name, row in rows.items():
        if "error" in row:
            print(f"{name:38} stopped: {row['error'][:80]}")
            continue
        times = (f"{row[key]:9.2f}{row[key] / unit[key]:6.1f}" for key in ("seconds", "cpu"))
        print(f"{name:38}{''.join(times)}{row['peak_mb']:9.0f}{row['count']:10}", flush=True)


def county(folder: Path, what: str, runs: int) -> None:
    path = overlap.made(folder, what)
    rows = measure((OVERLAP, CHECK, PLAIN, VALIDITY, OVERLAPS, COVERAGE, CHECKER), path, runs)
    table(f"{what}: 400 towns, 150,000 farmland patches, 300 redline and 1,000 development polygons", rows)
    runs_of = [rows[CHECK][key] / rows[OVERLAP][key] for key in ("seconds", "cpu")]
    print(f"A check takes {runs_of[0]:.2f} runs of the overlap, {runs_of[1]:.2f} by CPU time; {MOST} are allowed.")


def land_use(folder: Path, runs: int) -> None:
    path = overlap.made(folder, "land_use")
    rows = measure((CHECK, PLAIN, VALIDITY), path, runs)
    table("land use: 400 towns, 300,000 patches", rows, CHECK)


def growth(folder: Path, runs: int) -> None:
    for name in (OVERLAP, CHECK):
        sizes = {f"{name}, × {n}": measure((name,), overlap.made(folder, "county", n), runs)[name] for n in (1, 2, 4)}
        table("growth: so many times the farmland, lines and towns", sizes, None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=["county", "dirty", "land_use", "growth"])
    parser.add_argument("--folder", type=Path, default=Path("dist/benchmarks"))
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        with tempfile.TemporaryDirectory() as name:
            print(json.dumps(ENGINES[options.engine](options.what[0], Path(name))), flush=True)
        os._exit(0)  # QGIS does not end well where Python frees its objects in an order of its own
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for what in options.what:
        if what in ("county", "dirty"):
            county(options.folder, what, options.runs)
        else:
            {"land_use": land_use, "growth": growth}[what](options.folder, options.runs)


if __name__ == "__main__":
    main()
