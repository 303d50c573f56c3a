"""Times land cover of towns beside its peers on the same made-up raster, in one run, and prints a table.

Usage: .venv/bin/python benchmarks/land_cover.py [--folder FOLDER] [--runs N] [--engines NAME …]
A raster of 20,000 × 20,000 codes and 400 towns. Each engine runs N times in a process of its own; the fastest run
counts. "seconds" are of the work, "process" with start-up; peak memory is that of the whole process. Leave the machine
alone meanwhile. What each finds is compared with exactextract's: the largest difference of a class in a town, in
pixels.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import county
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from engines import timed
from rasterio.windows import Window

SIZE, PIXEL, BLOCK = 20_000, 10.0, 512
NORTH = county.SOUTH + SIZE * PIXEL
CODES = np.array([10, 20, 30, 40, 50, 60, 80, 90], dtype=np.uint8)  # ESA WorldCover's
SHARES = [0.25, 0.05, 0.15, 0.3, 0.12, 0.03, 0.08, 0.02]
COLUMNS = ["town", "value", "pixels"]


def make_raster(path: Path) -> None:
    """Patches with wavy edges, some 500 m across, and specks of one to three pixels in them."""
    rng = np.random.default_rng(7)
    patch = rng.choice(CODES, (450, 450), p=SHARES)
    speck = rng.choice(CODES, (6700, 6700), p=SHARES)
    speck[rng.random(speck.shape) > 0.06] = 0
    profile = {
        "driver": "GTiff", "width": SIZE, "height": SIZE, "count": 1, "dtype": "uint8", "nodata": 0, "crs": "EPSG:4530",
        "transform": rasterio.Affine(PIXEL, 0, county.WEST, 0, -PIXEL, NORTH), "tiled": True, "blockxsize": BLOCK,
        "blockysize": BLOCK, "compress": "deflate",
    }  # fmt: skip
    column = np.arange(SIZE)[None, :]
    with rasterio.open(path, "w", **profile) as raster:
        for start in range(0, SIZE, BLOCK):
            row = np.arange(start, min(start + BLOCK, SIZE))[:, None]
            x = column + 400 + 60 * np.sin(row / 97 + column / 231) + 18 * np.sin(row / 13) + 7 * np.sin(row / 3.1)
            y = row + 400 + 60 * np.cos(column / 113 - row / 177) + 18 * np.sin(column / 11) + 7 * np.sin(column / 2.7)
            values = patch[(y // 48).astype(int), (x // 48).astype(int)]
            specks = speck[row // 3, column // 3]
            raster.write(np.where(specks > 0, specks, values), 1, window=Window(0, start, SIZE, len(row)))


def make_towns(path: Path) -> None:
    side = SIZE * PIXEL
    small = [county.blobs(76, n, 2_200, side, side, n) for n in (300, 450, 600, 800, 1000)]
    county.write(path, "towns", np.concatenate([*small, county.blobs(20, 1000, 12_000, side, side, 8)]))


def towns_of(folder: Path) -> np.ndarray:
    return shapely.from_wkb(pyogrio.raw.read(folder / "towns.gpkg", columns=[])[2])


def ours(folder: Path, method: str = "ellipsoid") -> pd.DataFrame:
    from redline_review.core.analysis.land_cover import class_areas
    from redline_review.core.analysis.parallel import workers
    from redline_review.core.inputs.rasters import RasterSource

    with workers() as threads:
        return class_areas(towns_of(folder), RasterSource(folder / "cover.tif"), method, threads)[COLUMNS]


def exactextract(folder: Path, strategy: str) -> pd.DataFrame:
    import geopandas
    from exactextract import exact_extract

    towns = geopandas.GeoDataFrame({"town": range(400)}, geometry=towns_of(folder), crs="EPSG:4530")
    found = exact_extract(
        str(folder / "cover.tif"), towns, ["count", "unique", "frac"], include_cols=["town"], output="pandas",
        strategy=strategy,
    )  # fmt: skip
    lengths = found["unique"].map(len)
    town, count = np.repeat(found["town"].to_numpy(), lengths), np.repeat(found["count"].to_numpy(), lengths)
    value, share = np.concatenate(found["unique"]).astype(int), np.concatenate(found["frac"])
    return pd.DataFrame({"town": town, "value": value, "pixels": share * count})


def rasterstats(folder: Path) -> pd.DataFrame:
    """Whole pixels, by their centres."""
    from rasterstats import zonal_stats

    counts = zonal_stats(list(towns_of(folder)), str(folder / "cover.tif"), categorical=True, stats="count")
    rows = [(town, code, n) for town, found in enumerate(counts) for code, n in found.items() if code != "count"]
    return pd.DataFrame(rows, columns=COLUMNS)


def zonal_histogram(folder: Path) -> pd.DataFrame:
    """QGIS's own tool: whole pixels, by their centres."""
    from qgis.core import QgsApplication, QgsVectorLayer

    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    sys.path.append("/usr/share/qgis/python/plugins")
    from processing.core.Processing import Processing

    import processing

    Processing.initialize()
    parameters = {
        "INPUT_RASTER": str(folder / "cover.tif"), "RASTER_BAND": 1, "INPUT_VECTOR": str(folder / "towns.gpkg"),
        "COLUMN_PREFIX": "C", "OUTPUT": str(folder / "histogram.gpkg"),
    }  # fmt: skip
    layer = QgsVectorLayer(processing.run("native:zonalhistogram", parameters)["OUTPUT"])
    names = [field.name() for field in layer.fields() if field.name()[1:].isdigit()]
    rows = [(n, int(name[1:]), row[name]) for n, row in enumerate(layer.getFeatures()) for name in names if row[name]]
    return pd.DataFrame(rows, columns=COLUMNS)


EXACT = "exactextract, feature by feature"
ENGINES = {
    "ours": ours,
    "ours, planar": lambda folder: ours(folder, "planar"),
    EXACT: lambda folder: exactextract(folder, "feature-sequential"),
    "exactextract, along the raster": lambda folder: exactextract(folder, "raster-sequential"),
    "rasterstats (pixel centres)": rasterstats,
    "QGIS zonal histogram (centres)": zonal_histogram,
}


def run(engine: str, folder: Path) -> None:
    """In a process of its own: prints one line of JSON, and leaves what was found for comparison."""
    warnings.simplefilter("ignore")
    found: list[pd.DataFrame] = []

    def work() -> int:
        found.append(ENGINES[engine](folder))
        return len(found[0])

    result = timed(work)
    found[0].to_csv(folder / "found.csv", index=False)
    print(json.dumps(result), flush=True)
    os._exit(0)  # QGIS does not end well where Python frees its objects in an order of its own


def measure(engine: str, folder: Path, runs: int) -> tuple[dict, pd.DataFrame | None]:
    best: dict = {}
    for _ in range(runs):
        start = time.perf_counter()
        command = [python_of(engine, folder), __file__, "--folder", str(folder), "--engine", engine]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            return {"error": (err.strip().splitlines() or ["killed"])[-1]}, None
        row = json.loads(out.strip().splitlines()[-1])
        row |= {"process": time.perf_counter() - start, "peak_mb": usage.ru_maxrss / 1024}
        if not best or row["seconds"] < best["seconds"]:
            best = row
    return best, pd.read_csv(folder / "found.csv")


def python_of(engine: str, folder: Path) -> str:
    """rasterstats is installed into an environment that nothing else uses."""
    if not engine.startswith("rasterstats"):
        return sys.executable
    python = folder / "rasterstats" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True, capture_output=True)
        site = next(Path(sys.prefix).glob("lib/python3*/site-packages"))
        # This environment's and Debian's own packages are there too, after its own.
        (next(python.parents[1].glob("lib/python3*/site-packages")) / "others.pth").write_text(
            f"{site}\n/usr/lib/python3/dist-packages\n"
        )
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "rasterstats", "simplejson"], check=False)
    return str(python)


def difference(found: pd.DataFrame, exact: pd.DataFrame) -> float:
    both = found.merge(exact, on=["town", "value"], how="outer").fillna(0)
    return float((both["pixels_x"] - both["pixels_y"]).abs().max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("dist/benchmarks"))
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES))
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.engine:
        run(options.engine, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (("cover.tif", make_raster), ("towns.gpkg", make_towns)):
        if not (folder / name).exists():  # in a process of its own: a child's peak counts what its parent once had
            maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder / name,))
            maker.start()
            maker.join()
    size = (folder / "cover.tif").stat().st_size / 1e6
    print(
        f"GDAL {rasterio.__gdal_version__}, {os.cpu_count()} cores; 400 towns, {SIZE} × {SIZE} pixels in {size:.0f} MB"
    )
    print(f"{'':34}{'seconds':>9}{'× ours':>8}{'process':>9}{'peak MB':>9}{'rows':>7}{'differs by':>12}", flush=True)
    measured = {engine: measure(engine, folder, options.runs) for engine in options.engines}
    exact = measured.get(EXACT, ({}, None))[1]
    first = next(iter(measured.values()))[0].get("seconds", np.nan)
    for engine, (row, found) in measured.items():
        if "error" in row:
            print(f"{engine:34}  not run: {row['error'][:80]}")
            continue
        apart = f"{difference(found, exact):.2g}" if exact is not None else ""
        times = f"{row['seconds']:9.2f}{row['seconds'] / first:8.1f}{row['process']:9.2f}"
        print(f"{engine:34}{times}{row['peak_mb']:9.0f}{row['count']:7}{apart:>12}", flush=True)


if __name__ == "__main__":
    main()
