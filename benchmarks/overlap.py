"""Times the overlap beside its peers on the same made-up layers, and prints a table with the ratios.

Usage: .venv/bin/python benchmarks/overlap.py [county|dirty|huge|growth …] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import county

HERE = Path(__file__).resolve().parent
ENGINES = ("ours", "ours-package", "qgis-overlap", "qgis-intersection", "geopandas")


def measure(engine: str, path: Path, limit: int = 0) -> dict:
    command = [sys.executable, "-P", HERE / "engines.py", engine, path, str(limit)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        return {"seconds": float("nan"), "peak_mb": float("nan"), "count": -1, "error": done.stderr[-300:]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def table(title: str, rows: list[tuple[str, dict]]) -> None:
    first = rows[0][1]["seconds"]
    print(f"\n{title}\n{'':22}{'seconds':>10}{'× ours':>10}{'peak MB':>10}{'results':>12}", flush=True)
    for name, row in rows:
        print(f"{name:22}{row['seconds']:10.2f}{row['seconds'] / first:10.2f}{row['peak_mb']:10.0f}{row['count']:12}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["county", "dirty", "huge", "growth"])
    parser.add_argument("--folder", type=Path, default=Path("dist/benchmarks"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for what in options.what:
        if what in ("county", "dirty"):
            path = county.made(options.folder, what)
            rows = [(engine, measure(engine, path)) for engine in (ENGINES if what == "county" else ENGINES[:2])]
            table(f"{what}: 400 towns, 150,000 farmland patches, 300 redline and 1,000 development polygons", rows)
        elif what == "huge":
            path = county.made(options.folder, what)
            rows = [("ours, 10,000 sites", measure("ours", path))]
            rows += [(f"{engine}, 50 sites", measure(engine, path, 50)) for engine in ("qgis-overlap", "geopandas")]
            table("huge line: 10,000 sites on one redline multipolygon of 500,000 vertices", rows)
        else:
            rows = []
            for scale in (1, 2, 4):
                path = county.made(options.folder, "county", scale)
                rows.append((f"farmland × {scale}", measure("ours", path)))
            table("growth", rows)


if __name__ == "__main__":
    main()
