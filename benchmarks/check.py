"""Compares the totals of a made-up county with plain shapely, town by town: nothing counted twice, nothing lost.

Usage: .venv/bin/python benchmarks/check.py FILE (made by county.py). Planar areas; about a minute.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import engines
import numpy as np
import pyogrio
import shapely


def layer(path: str, name: str) -> np.ndarray:
    """The polygons of a layer. Broken rings cover what they wind around an odd number of times, as maps fill them."""
    return shapely.make_valid(shapely.from_wkb(pyogrio.raw.read(path, layer=name, columns=[])[2]))


def plain(path: str) -> dict[str, np.ndarray]:
    """Each total by the union of all features that meet the town, cut by the town."""
    towns = layer(path, "towns")
    lines = {name: layer(path, name) for name in engines.LINES.values() if engines.has(path, name)}
    trees = {name: shapely.STRtree(features) for name, features in lines.items()}
    found = {name: np.zeros(len(towns)) for name in (*lines, "shared")}
    for t, town in enumerate(towns):
        inside = {}
        for name, features in lines.items():
            inside[name] = shapely.union_all(features[trees[name].query(town)]) & town
            found[name][t] = inside[name].area
        if "farmland" in inside:
            found["shared"][t] = (inside["farmland"] & inside["redline"]).area
    return found


def main() -> None:
    path = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        engines.ours(path, Path(folder), package=False, area_method="planar")
        summary = pyogrio.read_dataframe(Path(folder) / "summary.gpkg")
    columns = {"redline": "eco_m2", "farmland": "farm_m2", "boundary": "udb_in_m2", "shared": "shared_m2"}
    worst = 0.0
    for name, expected in plain(path).items():
        got = summary[columns[name]].to_numpy() if columns[name] in summary else np.zeros(len(expected))
        off = np.abs(np.nan_to_num(got) - expected)  # a town beyond the layer is not checked: NULL, and nothing there
        worst = max(worst, float((off / np.maximum(expected, 1)).max()))
        print(f"{columns[name]:12} sum {expected.sum():16.3f} m²   largest difference in a town {off.max():.2e} m²")
    print(f"largest relative difference {worst:.1e}")
    sys.exit(worst > 1e-8)


if __name__ == "__main__":
    main()
