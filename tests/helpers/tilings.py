"""Patches as a land survey draws them, neighbours sharing their wavy edges vertex by vertex; and in disorder."""

from __future__ import annotations

import numpy as np
import shapely
from support import ORIGIN


def tiling(rng, side=12, cell=100.0, points=5, origin=ORIGIN):
    """``side`` × ``side`` patches of about ``cell`` metres, with ``points`` vertices on each edge between corners."""
    corner = np.stack(np.meshgrid(*[np.arange(side + 1.0)] * 2, indexing="ij"), axis=2)
    corner = origin + cell * (corner + rng.uniform(-0.15, 0.15, corner.shape))
    along = np.linspace(0, 1, points + 2)[:, None]

    def wavy(a, b):
        wave = np.sin(np.pi * rng.uniform(1, 4) * along) + rng.uniform(-2, 2, along.shape) / (points + 1)
        line = a + along * (b - a) + 0.05 * np.sin(np.pi * along) * wave * ((b - a) @ [[0, 1], [-1, 0]])
        line[[0, -1]] = a, b
        return line

    east = {(i, j): wavy(corner[i, j], corner[i + 1, j]) for i in range(side) for j in range(side + 1)}
    north = {(i, j): wavy(corner[i, j], corner[i, j + 1]) for i in range(side + 1) for j in range(side)}
    rings = [
        np.concatenate([east[i, j][:-1], north[i + 1, j][:-1], east[i, j + 1][:0:-1], north[i, j][:0:-1]])
        for i, j in np.ndindex(side, side)
    ]
    patches = [shapely.Polygon(ring) for ring in rings]
    assert shapely.is_valid(patches).all()
    return patches


def moved(patch, by):
    return shapely.transform(patch, lambda xy: xy + by)


def shrunk(patch, share):
    centre = shapely.get_coordinates(patch.centroid)[0]
    return shapely.transform(patch, lambda xy: centre + share * (xy - centre))


def redrawn(patch, rng):
    """The outline from another vertex on, perhaps the other way round."""
    ring = np.roll(shapely.get_coordinates(patch.exterior)[:-1], rng.integers(99), axis=0)
    return shapely.Polygon(ring[:: rng.choice([1, -1])])


def _move(rng, patches, k):
    return [*patches[:k], moved(patches[k], rng.uniform(5, 60, 2) * rng.choice([-1, 1], 2)), *patches[k + 1 :]]


def _nudge(rng, patches, k):
    """By 60 cm, 6 cm … 60 µm."""
    by = 0.6 * 10.0 ** -rng.integers(5) * rng.choice([-1, 1], 2)
    return [*patches[:k], moved(patches[k], by), *patches[k + 1 :]]


def _twice(rng, patches, k):
    return [*patches, redrawn(patches[k], rng)]


def _inside(rng, patches, k):
    return [*patches, shrunk(patches[k], rng.uniform(0.2, 0.7))]


def _threes(rng, patches, k):
    return [*patches, *(moved(patches[k], rng.uniform(-40, 40, 2)) for _ in range(2))]


def _hole(rng, patches, k):
    """A hole that is left open, or filled by another patch, or filled twice."""
    filler = shrunk(patches[k], 0.5)
    holed = shapely.Polygon(patches[k].exterior, [filler.exterior])
    return [*patches[:k], holed, *patches[k + 1 :], *(redrawn(filler, rng) for _ in range(rng.integers(3)))]


def _own_vertices(rng, patches, k):
    """Vertices the neighbours do not have, beside the shared edge by what rounding does."""
    return [*patches[:k], shapely.segmentize(patches[k], 7.0), *patches[k + 1 :]]


def _missing(rng, patches, k):
    return [*patches[:k], *patches[k + 1 :]] or patches


def _laid_over(rng, patches, k):
    """A whole second survey over the first."""
    by = rng.uniform(-90, 90, 2)
    return [*patches, *(moved(patch, by) for patch in patches)]


def _in_parts(rng, patches):
    """Two that do not touch as one multipolygon."""
    single = rng.permutation([n for n, patch in enumerate(patches) if patch.geom_type == "Polygon"])
    for k, other in zip(single[:1].repeat(len(single)), single, strict=True):
        if not shapely.intersects(patches[k], patches[other]):
            rest = [patch for n, patch in enumerate(patches) if n not in (k, other)]
            return [*rest, shapely.MultiPolygon([patches[k], patches[other]])]
    return patches


COARSE = (_move, _twice, _inside, _threes, _hole, _missing)
FINE = (_nudge, _own_vertices)  # lines that all but coincide: GEOS's own overlays are off by 1e-3 m², and may fail


def disordered(rng, patches, kinds=(*COARSE, *FINE)):
    """The patches after up to eight mishaps of a few kinds, in any order; some of these are no dirt."""
    some = [*rng.choice(kinds, rng.integers(5), replace=False)]
    if rng.random() < 0.15:
        some.append(_laid_over)
    for kind in rng.permutation(some * 2)[:8]:
        patches = kind(rng, patches, rng.integers(len(patches)))
    for _ in range(rng.integers(3)):
        patches = _in_parts(rng, patches)
    return [patches[k] for k in rng.permutation(len(patches))]
