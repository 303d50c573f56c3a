"""Times the overlap beside its peers on the same made-up layers, in one run, and prints a table with the ratios.

Usage: .venv/bin/python benchmarks/overlap.py [county|dirty|huge|growth|land_use …] [--folder FOLDER] [--runs N]
Each engine runs N times in a process of its own; the fastest run counts. Peak memory is that of the whole process, as
`/usr/bin/time -v` has it. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import county

HERE = Path(__file__).resolve().parent
OURS, PACKAGE, PEER = "ours", "ours, with findings and package", "QGIS overlap analysis"
UNCHECKED = "QGIS overlap analysis, unchecked"
INTERSECTIONS = "QGIS intersection (towns, line)", "QGIS intersection (line, towns)"
SITES = 20  # of 10,000, for the peers on the huge line


def measure(engine: str, path: Path, limit: int = 0, runs: int = 1) -> dict:
    """The fastest of several runs; ``error``, the last line the engine said, where it stopped."""
    best: dict = {}
    for _ in range(runs):
        command = [sys.executable, "-P", str(HERE / "engines.py"), engine, str(path), str(limit)]
        with tempfile.TemporaryFile("w+") as said:  # a pipe that nobody empties would hold the engine up
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
            out = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            said.seek(0)
            err = said.read()
        if status:
            return {"error": (err.strip().splitlines() or ["killed"])[-1].partition(": ")[2]}
        run = json.loads(out.strip().splitlines()[-1]) | {"peak_mb": usage.ru_maxrss / 1024}
        if not best or run["seconds"] < best["seconds"]:
            best = run
    return best


def table(title: str, rows: list[tuple[str, dict]], each: str = "") -> None:
    """:param each: what the seconds are for, where not for the whole run."""
    ours = rows[0][1]["seconds"]
    print(f"\n{title}\n{'':34}{'seconds' + each:>14}{'× ours':>9}{'peak MB':>10}{'results':>10}", flush=True)
    for name, row in rows:
        if "error" in row:
            print(f"{name:34}      stopped: {row['error'][:70]}")
            continue
        seconds = f"{row['seconds']:.5f}" if each else f"{row['seconds']:.2f}"
        print(f"{name:34}{seconds:>14}{row['seconds'] / ours:9.1f}{row['peak_mb']:10.0f}{row['count']:10}", flush=True)


def whole_county(path: Path, runs: int) -> None:
    engines = (OURS, PACKAGE, PEER, UNCHECKED, *INTERSECTIONS, "geopandas.overlay")
    rows = [(engine, measure(engine, path, runs=runs)) for engine in engines]
    table("county: 400 towns, 150,000 farmland patches, 300 redline and 1,000 development polygons", rows)
    seconds = {name: row["seconds"] for name, row in rows}
    for intersection in INTERSECTIONS:
        both = seconds[PEER] + seconds[intersection]
        print(f"{'overlap analysis and ' + intersection:52}{both:6.1f} s = {both / seconds[PACKAGE]:.1f} × ours")


def dirty_county(folder: Path, runs: int) -> None:
    path = made(folder, "dirty")
    engines = (OURS, PACKAGE, PEER, UNCHECKED, "geopandas.overlay")
    rows = [(engine, measure(engine, path, runs=runs)) for engine in engines]
    table("dirty county: 2 % of the patches over others or drawn twice, 0.5 % invalid", rows)
    clean = made(folder, "county")
    for (engine, row), before in zip(rows, [measure(engine, clean, runs=runs) for engine in (OURS, PACKAGE)]):  # noqa: B905
        print(f"{engine:34}{row['seconds'] / before['seconds']:.2f} × the clean county")


def huge_line(path: Path, runs: int) -> None:
    rows = [("ours, 10,000 sites", per_site(measure(OURS, path, runs=runs), 10_000))]
    for engine in (PEER, *INTERSECTIONS[:1], "geopandas.overlay"):
        rows.append((f"{engine}, {SITES} sites", per_site(measure(engine, path, SITES), SITES)))
    table("huge line: 10,000 sites on one redline multipolygon of 600,000 vertices", rows, " a site")


def per_site(row: dict, sites: int) -> dict:
    return row | {"seconds": row["seconds"] / sites} if "seconds" in row else row


def growth(folder: Path, runs: int) -> None:
    for engine in (OURS, PACKAGE):
        rows = []
        for scale in (1, 2, 4):
            row = measure(engine, made(folder, "county", scale), runs=runs)
            rows.append((f"{engine}, × {scale}", row))
        table("growth: so many times the farmland, lines and towns", rows)


def land_use(path: Path, runs: int) -> None:
    engines = ("ours, land use", "geopandas.overlay, land use", "QGIS intersection and statistics")
    rows = [(engine, measure(engine, path, runs=runs)) for engine in engines]
    table("land use: 400 towns, 300,000 patches of land use, areas by town and code", rows)


def made(folder: Path, what: str, scale: int = 1) -> Path:
    """The file of a data set. Made in a process of its own: a child's peak memory counts what its parent once had."""
    subprocess.run([sys.executable, "-P", str(HERE / "county.py"), str(folder), what, str(scale)], check=True)
    return county.made(folder, what, scale)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=["county", "dirty", "huge", "growth", "land_use"])
    parser.add_argument("--folder", type=Path, default=Path("dist/benchmarks"))
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    import pyogrio
    import shapely

    print(f"GEOS {shapely.geos_version_string}, GDAL {pyogrio.__gdal_version_string__}, {os.cpu_count()} cores")
    for what in options.what:
        if what == "county":
            whole_county(made(options.folder, what), options.runs)
        elif what == "dirty":
            dirty_county(options.folder, options.runs)
        elif what == "huge":
            huge_line(made(options.folder, what), options.runs)
        elif what == "land_use":
            land_use(made(options.folder, what), options.runs)
        else:
            growth(options.folder, options.runs)


if __name__ == "__main__":
    main()
