"""Natural-looking shapes from a seed: smooth noise, blobs, contours, winding lines.

All coordinates are local metres from the county's south-west corner.
"""

import numpy as np
import shapely

SEED = 20260501
GRID = 0.001  # m, the resolution of every coordinate delivered


def generator(part: str) -> np.random.Generator:
    """A random generator of its own for each part, so that a change in one part moves no other."""
    return np.random.default_rng([SEED, *part.encode()])


class Noise:
    """Smooth noise on the plane, about -1 to 1: a sum of plane waves, so it has a value at any point."""

    def __init__(self, part: str, wavelength: float, octaves: int = 4, waves: int = 12):
        rng = generator(part)
        lengths = wavelength / 2.0 ** np.repeat(np.arange(octaves), waves) * rng.uniform(0.7, 1.4, octaves * waves)
        direction = rng.uniform(0, 2 * np.pi, lengths.size)
        self.kx, self.ky = 2 * np.pi * np.cos(direction) / lengths, 2 * np.pi * np.sin(direction) / lengths
        self.phase = rng.uniform(0, 2 * np.pi, lengths.size)
        self.weight = 0.5 ** np.repeat(np.arange(octaves), waves) / np.sqrt(waves)

    def __call__(self, x, y):
        x, y = np.asarray(x, float), np.asarray(y, float)
        total = np.zeros(np.broadcast(x, y).shape)
        for kx, ky, phase, weight in zip(self.kx, self.ky, self.phase, self.weight, strict=True):
            total += weight * np.cos(kx * x + ky * y + phase)
        return total


def blob(
    part: str,
    x: float,
    y: float,
    radius: float,
    stretch: float = 1.3,
    angle: float = 0.0,
    rough: float = 0.16,
    points: int = 48,
) -> shapely.Polygon:
    """An irregular closed outline about (x, y); `angle` is the direction of its long axis in degrees."""
    rng = generator("blob " + part)
    theta = np.linspace(0, 2 * np.pi, points, endpoint=False) + rng.uniform(-0.3, 0.3, points) * 2 * np.pi / points
    order = np.arange(2, 9)
    amplitude = rough * rng.normal(size=order.size) / order**0.8
    ring = 1 + (amplitude * np.cos(theta[:, None] * order + rng.uniform(0, 2 * np.pi, order.size))).sum(1)
    ring = radius * np.clip(ring, 0.45, 1.7)
    along, across = ring * np.cos(theta) * np.sqrt(stretch), ring * np.sin(theta) / np.sqrt(stretch)
    turn = np.radians(angle)
    outline = np.column_stack(
        [x + along * np.cos(turn) - across * np.sin(turn), y + along * np.sin(turn) + across * np.cos(turn)]
    )
    return shapely.make_valid(shapely.Polygon(outline))


def polygons(geometry, smallest: float = 0.0) -> np.ndarray:
    """The polygon parts of a geometry that are larger than `smallest` m², in a stable order."""
    parts = shapely.get_parts(shapely.get_parts(np.atleast_1d(geometry)))
    parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > smallest)]
    return parts


def without_small_holes(geometry, smallest: float):
    """The same polygons with holes under `smallest` m² filled."""
    filled = []
    for part in polygons(geometry):
        holes = [ring for ring in part.interiors if shapely.area(shapely.Polygon(ring)) >= smallest]
        filled.append(shapely.Polygon(part.exterior, holes))
    return shapely.union_all(filled)


def region(function, level: float, bounds, step: float, smallest: float, tolerance: float = 14.0):
    """Where function(x, y) > level inside `bounds`: contours by marching triangles.

    They are simplified by `tolerance` metres; parts and holes under `smallest` m² are left out.
    """
    x = np.arange(bounds[0], bounds[2] + step, step)
    y = np.arange(bounds[1], bounds[3] + step, step)
    z = function(*np.meshgrid(x, y)) - level
    low = -abs(z).max() / 4
    z[0], z[-1], z[:, 0], z[:, -1] = low, low, low, low
    z[z == 0] = 1e-9
    index = np.arange(z.size).reshape(z.shape)
    a, b, c, d = (index[:-1, :-1].ravel(), index[:-1, 1:].ravel(), index[1:, 1:].ravel(), index[1:, :-1].ravel())
    corners = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    values = z.ravel()
    inside = values[corners] > 0
    corners = corners[inside.any(1) & ~inside.all(1)]
    inside = values[corners] > 0
    # The corner that stands alone on its side: the contour crosses both edges at it.
    lone = np.argmax(inside == (inside.sum(1) == 1)[:, None], axis=1)
    row = np.arange(len(corners))
    ends = []
    for step_to in (1, 2):
        one, two = np.sort(np.column_stack([corners[row, lone], corners[row, (lone + step_to) % 3]]), axis=1).T
        share = values[one] / (values[one] - values[two])
        px, py = np.tile(x, len(y)), np.repeat(y, len(x))
        ends.append(np.column_stack([px[one] + share * (px[two] - px[one]), py[one] + share * (py[two] - py[one])]))
    segments = shapely.linestrings(np.stack(ends, axis=1).round(3))
    faces = polygons(shapely.polygonize(segments))
    spot = shapely.point_on_surface(faces)
    faces = faces[function(shapely.get_x(spot), shapely.get_y(spot)) > level]
    merged = without_small_holes(shapely.union_all(faces), smallest)
    return shapely.union_all(polygons(shapely.simplify(merged, tolerance), smallest))


def warped(lines, part: str, wavelength: float, amplitude: float, step: float):
    """Lines split every `step` metres and moved by a smooth noise: neighbours stay joined."""
    east, north = Noise(part + " east", wavelength, 3), Noise(part + " north", wavelength, 3)

    def move(xy):
        return xy + amplitude * np.column_stack([east(*xy.T), north(*xy.T)])

    return shapely.transform(shapely.segmentize(lines, step), move)


def cells(part: str, bounds, spacing: float, amplitude: float) -> np.ndarray:
    """Lines that divide `bounds` into irregular cells about `spacing` metres wide."""
    rng = generator(part)
    x, y = np.meshgrid(np.arange(bounds[0], bounds[2], spacing), np.arange(bounds[1], bounds[3], spacing))
    seeds = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-0.42, 0.42, (x.size, 2)) * spacing
    edges = shapely.voronoi_polygons(shapely.multipoints(seeds), only_edges=True)
    return shapely.get_parts(warped(edges, part, spacing * 1.2, amplitude, spacing / 6))
