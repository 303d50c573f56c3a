"""Made-up layers for timings, from fixed seeds: towns, farmland patches that share edges, redline, boundary.

Usage: county.py FOLDER [county|dirty|huge|land_use [SCALE]]; writes a GeoPackage with the layers that engines.py reads.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyogrio
import shapely

WEST, SOUTH = 42_450_000.0, 4_800_000.0  # EPSG:4530


def wavy(points: np.ndarray, rng: np.random.Generator, each: int) -> np.ndarray:
    """A grid of corner points (rows, columns, 2) → the wavy edges between neighbours along the last grid axis, with
    `each` vertices an edge, so that neighbours share them exactly. Shape (rows, columns − 1, each, 2)."""
    start, end = points[:, :-1, None, :], points[:, 1:, None, :]
    along = np.linspace(0, 1, each, endpoint=False)[None, None, :, None]
    line = start + (end - start) * along
    step = end - start
    aside = np.stack([-step[..., 1], step[..., 0]], axis=-1)
    t = np.linspace(0, 1, each, endpoint=False)[None, None, :, None]
    waves = [np.sin(np.pi * k * t) * rng.normal(0, 0.03 / k, (*points[:, 1:].shape[:2], 1, 1)) for k in range(1, 9)]
    bend = aside * sum(waves)
    return line + bend


def patches(rows: int, columns: int, size: float, vertices: int, seed: int) -> np.ndarray:
    """rows × columns polygons that tile a rectangle, sharing wavy edges, of about `vertices` vertices."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(columns + 1) * size, np.arange(rows + 1) * size)
    corners = np.stack([x + WEST, y + SOUTH], axis=-1) + rng.uniform(-0.15, 0.15, (rows + 1, columns + 1, 2)) * size
    each = vertices // 4
    east = wavy(corners, rng, each)  # (rows + 1, columns)
    north = wavy(corners.swapaxes(0, 1), rng, each)  # (columns + 1, rows)
    south, top = east[:-1], east[1:]
    left, right = north[:-1].swapaxes(0, 1), north[1:].swapaxes(0, 1)
    corner = corners[1:, 1:][:, :, None, :]
    top = np.concatenate([top, corner], axis=2)[:, :, :0:-1]
    start = corners[1:, :-1][:, :, None, :]
    left = np.concatenate([left, start], axis=2)[:, :, ::-1]
    rings = np.concatenate([south, right, top, left], axis=2)
    return shapely.polygons(rings.reshape(rows * columns, -1, 2))


def blobs(count: int, vertices: int, radius: float, width: float, height: float, seed: int) -> np.ndarray:
    """Star-shaped polygons of natural look, anywhere in the county."""
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    waves = rng.uniform(0, 2 * np.pi, (count, 6, 1))
    radii = 1 + sum(np.sin((k + 2) * angles + waves[:, k]) * 0.25 / (k + 1) for k in range(6))
    radii = radii * (1 + rng.normal(0, 0.01, radii.shape)) * rng.uniform(0.4, 1, (count, 1)) * radius
    centre = np.column_stack([rng.uniform(0, width, count) + WEST, rng.uniform(0, height, count) + SOUTH])
    xy = centre[:, None, :] + np.stack([np.cos(angles), np.sin(angles)], axis=-1) * radii[:, :, None]
    return shapely.make_valid(shapely.polygons(xy))


def write(path: Path, layer: str, geometry: np.ndarray, **fields: np.ndarray) -> None:
    ids = np.array([f"{layer}{n:08d}" for n in range(len(geometry))], dtype=object)
    kind = "MultiPolygon"
    multi = geometry.copy()
    single = shapely.get_type_id(geometry) == 3
    multi[single] = shapely.multipolygons(geometry[single][:, None])
    pyogrio.raw.write(
        path, shapely.to_wkb(multi), [ids, *fields.values()], ["BSM", *fields], layer=layer, driver="GPKG",
        geometry_type=kind, crs="EPSG:4530",
    )  # fmt: skip


def county(path: Path, scale: int = 1, dirty: bool = False) -> None:
    """400 towns × 150,000 farmland patches (9 M vertices) × 300 redline and 1,000 development polygons.

    :param scale: that many times the farmland, towns and all farther apart.
    :param dirty: 2 % of the patches moved over their neighbours or drawn twice, 0.5 % made invalid.
    """
    rows, columns = 300, 500 * scale
    side = 100_000 / 500
    width, height = columns * side, rows * side
    farmland = patches(rows, columns, side, 60, 1)
    write(path, "farmland", soiled(farmland) if dirty else farmland)
    write(path, "towns", patches(16, 25 * scale, 100_000 / 25, 1000, 2)[: 400 * scale])
    write(path, "redline", blobs(300 * scale, 970, 2500, width, height, 3))
    write(path, "boundary", blobs(1000 * scale, 200, 900, width, height, 4))


def soiled(farmland: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(5)
    order = rng.permutation(len(farmland))
    moved, twice, broken = np.split(order[: len(farmland) // 40], [len(farmland) // 100, len(farmland) // 50])
    dirty = farmland.copy()
    dirty[moved] = shapely.transform(farmland[moved], lambda xy: xy + 30.0)
    crossed = shapely.get_coordinates(farmland[broken]).reshape(len(broken), -1, 2)
    crossed[:, [10, 30]] = crossed[:, [30, 10]]  # two vertices change places: the ring crosses itself
    dirty[broken] = shapely.polygons(crossed)
    return np.concatenate([dirty, farmland[twice]])


def huge(path: Path) -> None:
    """10,000 sites and one redline multipolygon of 600,000 vertices: 60 islands, their outlines rough at every scale,
    with a vertex every 5 to 10 m."""
    rng = np.random.default_rng(6)
    count, vertices = 60, 10_000
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radii = np.ones((count, vertices))
    for waves in 2 ** np.arange(1, 12):
        radii += 0.5 / waves * rng.normal(0, 1, (count, 1)) * np.sin(waves * angles + rng.uniform(0, 6, (count, 1)))
    radii *= 4500 / radii.max(axis=1, keepdims=True)
    east, north = np.meshgrid(np.arange(10) * 10_000 + 5000 + WEST, np.arange(6) * 10_000 + 5000 + SOUTH)
    centre = np.column_stack([east.ravel(), north.ravel()])
    xy = centre[:, None, :] + np.stack([np.cos(angles), np.sin(angles)], axis=-1) * radii[:, :, None]
    write(path, "redline", np.array([shapely.multipolygons(shapely.polygons(xy))]))
    centre = np.column_stack([rng.uniform(0, 100_000, 10_000) + WEST, rng.uniform(0, 60_000, 10_000) + SOUTH])
    write(path, "towns", shapely.buffer(shapely.points(centre), rng.uniform(20, 200, 10_000)))


def land_use(path: Path) -> None:
    """400 towns × 299,768 patches of land use (18.9 M vertices) with codes of the third land survey."""
    rows, columns, rng = 424, 707, np.random.default_rng(7)
    side = 100_000 / columns
    codes = np.array(["0101", "0103", "0201", "0301", "0404", "05H1", "0601", "0701", "0702", "1003", "1104", "1206"])
    code = rng.choice(codes, rows * columns, p=[0.2, 0.3, 0.05, 0.2, 0.03, 0.02, 0.05, 0.03, 0.06, 0.03, 0.02, 0.01])
    deducted = np.where(np.isin(code, ("0101", "0103")), rng.uniform(0.02, 0.12, len(code)).round(4), np.nan)
    write(path, "land_use", patches(rows, columns, side, 60, 8), DLBM=code.astype(object), KCXS=deducted)
    write(path, "towns", patches(16, 25, 100_000 / 25, 1000, 2))


def made(folder: Path, what: str, scale: int = 1) -> Path:
    """The file of a data set, made where it is not there yet."""
    path = folder / f"{what}{scale}.gpkg"
    if not path.exists():
        if what in ("huge", "land_use"):
            (huge if what == "huge" else land_use)(path)
        else:
            county(path, scale, dirty=what == "dirty")
    return path


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    made(folder, *sys.argv[2:3] or ["county"], *map(int, sys.argv[3:4]))
