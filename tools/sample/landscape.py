"""The land itself: county outline, rivers, height, roads, villages and the lattice that fields follow."""

import functools

import numpy as np
import shapely

from .shapes import Noise, blob, generator, region

BOUNDS = (-300.0, -300.0, 25300.0, 20300.0)
EVERYWHERE = shapely.box(*BOUNDS)


def valley(x):
    """Northing of the main valley's axis and its slope, at easting x."""
    x = np.asarray(x, float)
    return (
        7900 + 0.09 * x + 1150 * np.sin(x / 4700 + 0.5) + 260 * np.sin(x / 2300 + 2.1),
        0.09 + 1150 / 4700 * np.cos(x / 4700 + 0.5) + 260 / 2300 * np.cos(x / 2300 + 2.1),
    )


def at(u, v) -> np.ndarray:
    """(x, y) of the point `u` metres along the valley and `v` metres north of its axis, gently disturbed."""
    u, v = np.broadcast_arrays(np.asarray(u, float), np.asarray(v, float))
    middle, slope = valley(u)
    tilt = slope / np.sqrt(1 + slope**2) * np.exp(-np.abs(v) / 9000)
    x, y = u - v * tilt, middle + v * np.sqrt(1 - tilt**2)
    return np.stack([x + 150 * DRIFT_EAST(x, y), y + 190 * DRIFT_NORTH(x, y)], axis=-1)


DRIFT_EAST, DRIFT_NORTH = Noise("drift east", 3600, 2), Noise("drift north", 3600, 2)
MEANDER = Noise("meander", 1900, 3)

# Tributaries: easting on the main river, then the way up to the county's edge.
TRIBUTARIES = {
    "north west": [(6500, None), (6100, 11500), (5000, 14200), (5600, 16800), (4600, 20600)],
    "north": [(15300, None), (15900, 12300), (17300, 14600), (16900, 17000), (18200, 20600)],
    "south": [(9800, None), (9300, 6300), (8000, 4300), (8800, 2100), (8100, -600)],
    "south east": [(19600, None), (20300, 7200), (21400, 5100), (20800, 2700), (21900, -600)],
    "centre": [(11200, None), (10700, 12100), (11700, 14000), (11200, 15400), (12100, 16700)],
    "south centre": [(15200, None), (14900, 6300), (14200, 4600), (14600, 3300)],
    "west": [(3900, None), (3300, 6800), (3900, 5000), (3000, 3200)],
    "north east": [(21000, None), (21900, 12800), (21300, 14900), (22800, 17500)],
}


@functools.cache
def county() -> shapely.Polygon:
    """The outline of 清河县, about 350 km²."""
    theta = np.linspace(0, 2 * np.pi, 420, endpoint=False)
    c, s = np.cos(theta), np.sin(theta)
    square = (np.abs(c) ** 2.7 + np.abs(s) ** 2.7) ** (-1 / 2.7)
    noise = (
        1 + 0.05 * Noise("outline", 7000, 3)(9000 * c, 9000 * s) + 0.016 * Noise("spurs", 1700, 3)(9000 * c, 9000 * s)
    )
    x, y = 12500 + 11500 * square * noise * c, 10000 + 9100 * square * noise * s
    return shapely.simplify(shapely.Polygon(np.column_stack([x, y])), 6)


@functools.cache
def river() -> shapely.LineString:
    """Axis of the main river 清河."""
    u = np.arange(-1500, 26600, 45.0)
    bend = 210 * np.sin(u / 430 + 2.2 * MEANDER(u, 0 * u)) + 170 * MEANDER(u, 5000 + 0 * u)
    return shapely.simplify(shapely.LineString(at(u, bend)), 2.5)


@functools.cache
def tributaries() -> dict[str, shapely.LineString]:
    """Axes of the side streams, from the main river up, by name."""
    axes = {}
    for name, way in TRIBUTARIES.items():
        way = np.array([(x, valley(x)[0] if y is None else y) for x, y in way], float)
        distance = np.concatenate([[0], np.hypot(*np.diff(way, axis=0).T).cumsum()])
        t = np.arange(0, distance[-1], 30.0)
        smooth = np.column_stack([np.interp(t, distance, way[:, k]) for k in (0, 1)])
        weights = np.hanning(41) / np.hanning(41).sum()
        padded = np.pad(smooth, ((20, 20), (0, 0)), mode="edge")
        smooth = np.column_stack([np.convolve(padded[:, k], weights, "valid") for k in (0, 1)])
        noise = Noise("stream " + name, 900, 3)
        swing = (60 * np.sin(t / 120 + 2 * noise(t, 0 * t)) + 70 * noise(t, 900 + 0 * t)) * np.minimum(1, t / 300)
        run = np.gradient(smooth, axis=0)
        run /= np.hypot(*run.T)[:, None]
        axes[name] = shapely.simplify(shapely.LineString(smooth + swing[:, None] * run[:, ::-1] * (-1, 1)), 2)
    return axes


@functools.cache
def water() -> dict[str, shapely.Geometry]:
    """River, banks of sand beside it, streams, reservoir and ponds: polygons."""
    axis = river()
    width = Noise("river width", 1500, 2)
    spots = shapely.line_interpolate_point(axis, np.arange(0, axis.length, 18.0))
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    wide = shapely.union_all(shapely.buffer(spots, 48 + 16 * width(x, y), quad_segs=4))
    main = shapely.simplify(wide, 3.5)
    sand = shapely.union_all(
        [blob(f"sand {k}", x[k] + 30, y[k] + 20, 85, 3.2, 40 * k, points=20) for k in range(30, len(x), 90)]
    )
    streams = shapely.union_all(
        [
            shapely.simplify(line.buffer(7 + 2 * (k % 3), quad_segs=2), 2.5)
            for k, line in enumerate(tributaries().values())
        ]
    )
    lake = tributaries()["north west"].interpolate(0.62, normalized=True)
    lake = blob("reservoir", lake.x, lake.y, 420, 3.0, 72, 0.22)
    rng = generator("ponds")
    ponds = shapely.union_all(
        [
            blob(f"pond {k}", *at(u, v), rng.uniform(35, 75), 1.5, rng.uniform(0, 180), points=11)
            for k, (u, v) in enumerate(zip(rng.uniform(500, 24500, 36), rng.normal(0, 900, 36), strict=True))
        ]
    )
    return {
        "river": main,
        "sand": sand.difference(main.buffer(-1)),
        "streams": streams,
        "reservoir": lake,
        "ponds": ponds,
    }


RIDGES, PATCHES = Noise("ridges", 3600, 4), Noise("patches", 1300, 3)


def height(x, y) -> np.ndarray:
    """Relative height, 0 at the rivers to about 2 on the ridges (no unit)."""
    spots = shapely.points(x, y)
    shapely.prepare(spots)
    main = shapely.distance(river(), spots) / 2300
    side = shapely.distance(shapely.multilinestrings(list(tributaries().values())), spots) / 1150
    return np.minimum(main, side + 0.12) ** 0.85 + 0.33 * RIDGES(x, y) + 0.10 * PATCHES(x, y)


@functools.cache
def height_grid():
    """`height` on a 100 m grid, to be read by `height_at`."""
    x, y = np.arange(-800, 25900, 100.0), np.arange(-800, 20900, 100.0)
    return x, y, height(*np.meshgrid(x, y))


def height_at(x, y) -> np.ndarray:
    """`height`, bilinear from its grid: much faster."""
    gx, gy, z = height_grid()
    i = np.clip((np.asarray(x) - gx[0]) / 100, 0, len(gx) - 1.001)
    j = np.clip((np.asarray(y) - gy[0]) / 100, 0, len(gy) - 1.001)
    i0, j0 = i.astype(int), j.astype(int)
    s, t = i - i0, j - j0
    return (1 - t) * ((1 - s) * z[j0, i0] + s * z[j0, i0 + 1]) + t * ((1 - s) * z[j0 + 1, i0] + s * z[j0 + 1, i0 + 1])


FOREST_FROM = 0.62


@functools.cache
def forest() -> shapely.Geometry:
    """Wooded hills: everything above the fields."""
    edge = Noise("forest edge", 700, 2)
    return region(lambda x, y: height_at(x, y) + 0.05 * edge(x, y), FOREST_FROM, BOUNDS, 90, 60_000, 20)


@functools.cache
def roads() -> dict[str, shapely.Geometry]:
    """Railway, highway and county roads as polygons."""
    u = np.arange(-1500, 26600, 160.0)
    bend = Noise("highway", 5200, 2)
    highway = shapely.LineString(at(u, 780 + 170 * bend(u, 0 * u)))
    railway = shapely.LineString(at(u, -830 + 130 * bend(u, 9000 + 0 * u)))
    county_roads = [shapely.LineString(at(u, -330 - 120 * bend(u, 4000 + 0 * u)))]
    for line in tributaries().values():
        beside = shapely.simplify(shapely.transform(line, lambda xy: np.add(xy, (190, 40))), 90)
        county_roads.append(curved(shapely.get_coordinates(beside)))
    # Roads over the hills that join the side valleys.
    passes = [
        [(5200, 14300), (7600, 14900), (10200, 13900), (12600, 12400), (13100, 10400)],
        [(17400, 14600), (19300, 14100), (21500, 14700)],
        [(9000, 4200), (12500, 4700), (15800, 6200), (17000, 8600)],
    ]
    county_roads += [curved(way) for way in passes]
    return {
        "railway": railway.buffer(9, cap_style="flat", quad_segs=2),
        "highway": highway.buffer(13, cap_style="flat", quad_segs=2),
        "county road": shapely.union_all(shapely.buffer(county_roads, 5, quad_segs=2)),
        "axes": shapely.union_all([highway, *county_roads]),
    }


def curved(way) -> shapely.LineString:
    """A line along the points of `way` with its corners rounded (Chaikin) and a mountain road's bends."""
    xy = np.asarray(way, float)
    for _ in range(3):
        xy = np.concatenate(
            [
                xy[:1],
                np.stack([0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]], 1).reshape(-1, 2),
                xy[-1:],
            ]
        )
    bends = Noise("road bends", 1100, 2)
    xy = shapely.get_coordinates(shapely.segmentize(shapely.LineString(xy), 140))
    return shapely.LineString(xy + 40 * np.column_stack([bends(*xy.T), bends(*(xy + 5000).T)]))


@functools.cache
def villages() -> list[shapely.Polygon]:
    """Village outlines near roads in the farmed valleys."""
    rng = generator("villages")
    axes, land = roads()["axes"], county().buffer(-300).difference(forest())
    free = land.difference(water()["river"].buffer(60))
    spots = shapely.points(rng.uniform(500, 24500, 9000), rng.uniform(500, 19500, 9000))
    shapely.prepare([free, axes])
    spots = spots[shapely.contains(free, spots) & (shapely.distance(axes, spots) < 260)]
    chosen = np.empty((0, 2))
    for spot in shapely.get_coordinates(spots):
        if (np.hypot(*(chosen - spot).T) > 1050).all():
            chosen = np.vstack([chosen, spot])
    return [
        blob(f"village {k}", x, y, rng.uniform(105, 205), rng.uniform(1.2, 2.4), rng.uniform(-35, 35), 0.2, 20)
        for k, (x, y) in enumerate(chosen)
    ]
