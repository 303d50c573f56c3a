"""A made-up county of a given size, from a fixed seed: towns, farmland patches that share edges, redline, boundary.

Usage: county.py FOLDER [SCALE]; writes county.gpkg with the layers towns, farmland, redline and boundary.
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


def write(path: Path, layer: str, geometry: np.ndarray) -> None:
    ids = np.array([f"{layer}{n:08d}" for n in range(len(geometry))], dtype=object)
    kind = "MultiPolygon"
    multi = np.where(shapely.get_type_id(geometry) == 3, shapely.multipolygons(geometry[:, None]), geometry)
    pyogrio.raw.write(
        path, shapely.to_wkb(multi), [ids], ["BSM"], layer=layer, driver="GPKG", geometry_type=kind, crs="EPSG:4530"
    )


def county(path: Path, scale: int = 1) -> None:
    """400 towns × 150,000 farmland patches (9 M vertices) × 300 redline and 1,000 development polygons; `scale` more
    farmland only."""
    rows, columns = 300, 500 * scale
    side = 100_000 / 500
    width, height = columns * side, rows * side
    write(path, "farmland", patches(rows, columns, side, 60, 1))
    write(path, "towns", patches(16, 25, width / 25 if scale == 1 else 100_000 / 25, 1000, 2)[:400])
    write(path, "redline", blobs(300, 970, 2500, 100_000, height, 3))
    write(path, "boundary", blobs(1000, 200, 900, 100_000, height, 4))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    county(folder / "county.gpkg", int(sys.argv[2]) if len(sys.argv) > 2 else 1)
