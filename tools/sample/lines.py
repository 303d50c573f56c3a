"""The three control lines and the area each of them is complete for."""

import functools
from dataclasses import dataclass

import numpy as np
import shapely

from .built import built_up, inside, near_river, place, town_shapes
from .landscape import BOUNDS, county, forest, height_at, villages, water
from .parcels import parcels
from .shapes import GRID, Noise, blob, generator, polygons, region, without_small_holes

CORE, GENERAL, UNKNOWN = "自然保护地核心保护区", "一般控制区", None
FIELD_CLASSES = ("0101", "0103")


@dataclass
class Line:
    """Polygons of one control line and the zone (or land class) of each."""

    shapes: np.ndarray
    zone: np.ndarray


def town(number: str):
    """The planned area of the town with this number."""
    return town_shapes()[number]


@functools.cache
def redline() -> Line:
    """生态保护红线: wooded ridges, reserves, stretches of riverside; two polygons came without a zone."""
    wild = Noise("wild", 3000, 3)
    ridges = region(lambda x, y: height_at(x, y) + 0.33 * wild(x, y), 1.02, BOUNDS, 120, 300_000, 18).intersection(
        forest()
    )
    beside = Noise("riverside", 2600, 2)
    reach = region(lambda x, y: beside(x, y) + 0 * x, 0.35, BOUNDS, 150, 200_000)
    riverside = near_river(190).intersection(reach)
    water_source = water()["reservoir"].buffer(230)
    # One polygon holds the whole of QH03; QH05 and QH10 reach into others.
    around = blob("whole town", 3250, 15100, 1750, 1.35, 70, 0.12)
    hills = shapely.union_all([ridges, blob("snow hills", 5900, 3100, 900, 1.6, 100), water_source])
    springs = blob("springs", 21600, 3700, 560, 1.5, 60, 0.2)
    gorge = blob("gorge", *place(2750, 250), 620, 1.9, 20, 0.2)
    clean = shapely.union_all([*villages(), built_up()["urban"].difference(around)])
    clean = clean.union(
        shapely.union_all(
            [town(n).buffer(60) for n in ("QH02", "QH04", "QH06", "QH07", "QH08", "QH09", "QH11", "QH12")]
        )
    )
    reserve = shapely.union_all(
        [blob("reserve north", 8200, 15600, 2300, 1.5, 80, 0.2), blob("reserve east", 19700, 3300, 1500, 1.3, 70, 0.2)]
    )
    reserve = reserve.difference(town("QH05").buffer(80))
    parts, zones, taken = [], [], shapely.Polygon()
    for shape, zone in (
        (around, UNKNOWN),
        (gorge, CORE),
        (springs, UNKNOWN),
        (reserve.intersection(ridges), CORE),
        (hills, GENERAL),
        (riverside, GENERAL),
    ):
        free = shapely.set_precision(shape.difference(taken).difference(clean).intersection(county()), GRID)
        free = polygons(without_small_holes(free, 30_000), 40_000)
        free = free[shapely.area(free) / shapely.length(free) > 25]
        parts += list(free)
        zones += [zone] * len(free)
        taken = shapely.union_all([taken, *free])
    shapes = shapely.simplify(np.array(parts), 0)
    return Line(shapes, np.array(zones, dtype=object))


@functools.cache
def development() -> Line:
    """城镇开发边界 with its zones, drawn along parcels."""
    wanted = shapely.union_all(
        [
            *(town(n).buffer(25) for n in ("QH02", "QH08", "QH09")),
            blob("growth", *place(12950, 950), 1750, 1.7, 8, 0.1, 60),
            blob("growth south", *place(13100, -1350), 950, 1.5, 4),
            blob("growth 8", *place(14850, 2300), 560, 1.5, 10, 0.1),
            blob("growth 1", *place(5900, 980), 560, 1.6, 20),
            blob("growth 2", *place(20300, 850), 640, 1.6, 10),
            blob("growth 3", *place(9000, -900), 520, 1.7, -10),
            blob("growth 11", 17050, 14050, 640, 1.4, 75),
        ]
    )
    elastic = shapely.union_all(
        [
            blob("elastic 6", *place(10300, 1100), 800, 1.4, 95),
            blob("elastic 2", *place(20900, 1250), 520, 1.4, 30),
            blob("elastic 9", *place(14350, -1500), 420, 1.4, 30),
        ]
    )
    special = shapely.union_all([town("QH12").buffer(40), blob("park", *place(14200, 150), 520, 2.2, 5)])
    needed = shapely.union_all([town(n).buffer(8) for n in ("QH02", "QH08", "QH09")])
    special = special.difference(needed)
    faces = parcels()
    spots = shapely.point_on_surface(faces.faces)
    wide_water = shapely.union_all([water()["river"], water()["reservoir"]])
    # Streets and roads are long faces of one network: they come in by closing the gaps between blocks.
    block = ~np.isin(faces.code, ["1001", "1003", "1004", "1006", "1107"]) & (shapely.area(faces.faces) < 400_000)
    block &= ~inside(wide_water, spots)
    zone = np.full(len(spots), "", dtype=object)
    for name, area in (("弹性发展区", elastic), ("集中建设区", wanted), ("特别用途区", special)):
        zone[block & inside(area, spots)] = name
    shapes, names, taken = [], [], shapely.Polygon()
    for name in ("特别用途区", "集中建设区", "弹性发展区"):
        union = shapely.union_all(faces.faces[zone == name], grid_size=GRID)
        union = union.buffer(15, join_style="mitre").buffer(-15, join_style="mitre")
        union = union.difference(needed) if name != "集中建设区" else union.union(needed)
        union = without_small_holes(union.difference(wide_water), 40_000).difference(taken)
        taken = shapely.union_all([taken, union])
        parts = polygons(shapely.set_precision(union, GRID), 12_000)
        shapes += list(parts)
        names += [name] * len(parts)
    return Line(np.array(shapes), np.array(names, dtype=object))


def uncovered() -> shapely.Geometry:
    """The north of the county, for which no farmland was delivered: all of QH07, half of QH11."""
    spot = town("QH11").centroid
    north = blob("uncovered", spot.x + 500, spot.y + 4350, 4300, 1.25, 92, 0.05, 60)
    return shapely.union_all([north, town("QH07").buffer(300)])


@functools.cache
def coverage() -> list[tuple[str, shapely.Geometry]]:
    """(line id, area its layer is complete for)."""
    return [
        ("eco_redline", county()),
        ("farmland", county().difference(shapely.set_precision(uncovered(), GRID))),
        ("urban_boundary", county()),
    ]


@functools.cache
def farmland() -> Line:
    """永久基本农田: most fields of the valleys, less in the development boundary, and the faults of real deliveries."""
    faces = parcels()
    field = np.isin(faces.code, FIELD_CLASSES) & (shapely.area(faces.faces) > 1500)
    shapes, code = faces.faces[field], faces.code[field]
    spots = shapely.point_on_surface(shapes)
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    keep = Noise("farmland", 2200, 3)(x, y) + generator("farmland").uniform(-0.6, 0.6, len(x)) > -0.62
    within = shapely.union_all(development().shapes[development().zone != "弹性发展区"])
    # Inside the boundary a few fields stayed protected: a conflict of two lines.
    keep &= ~inside(within, spots) | (generator("left over").uniform(size=len(x)) < 0.10)
    keep &= inside(coverage()[1][1], spots)
    for number in ("QH02", "QH06", "QH08", "QH09", "QH12"):
        clear_of = town(number).buffer(2)
        shapely.prepare(clear_of)
        keep &= ~shapely.intersects(clear_of, shapes)
    shapes, code = shapes[keep], code[keep]
    shapes, code = with_strips(shapes, code)
    return with_faults(shapes, code)


def beside(number: str, gap: float, width: float, least: float, count: int) -> np.ndarray:
    """Fields along the outline of a town that reach over it by `gap` metres: what two surveys of one edge leave."""
    outline, inner = town(number), town(number).buffer(-gap, quad_segs=16)
    faces = parcels()
    ring = outline.buffer(width)
    shapely.prepare(ring)
    taken = faces.faces[shapely.intersects(ring, faces.faces) & np.isin(faces.code, [*FIELD_CLASSES, "0201", "0404"])]
    outside = shapely.set_precision(shapely.difference(taken, inner), GRID)
    parts = polygons(outside, 3000)
    over = shapely.area(shapely.intersection(parts, outline))
    parts, over = parts[over > least], over[over > least]
    return parts[np.argsort(-over, kind="stable")][:count]


def with_strips(shapes: np.ndarray, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add the fields that overlap QH08 by less than 1 m², neighbours taken together, and QH09 by a strip 0.4 m wide."""
    fine, narrow = beside("QH08", 0.003, 30, 0.02, 5), beside("QH09", 0.4, 30, 5, 4)
    extra = np.concatenate([fine, narrow])
    return np.concatenate([shapes, extra]), np.concatenate([code, np.full(len(extra), "0103", dtype=object)])


def with_faults(shapes: np.ndarray, code: np.ndarray) -> Line:
    """Inside QH04: one patch drawn twice, one drawn over its neighbour, one turned into a bow-tie."""
    area = town("QH04").buffer(-150)
    shapely.prepare(area)
    size = shapely.area(shapes)
    inner = np.flatnonzero(shapely.contains(area, shapes) & (size > 8000) & (size < 40_000))
    left, right = shapely.STRtree(shapes[inner]).query(shapes[inner], predicate="touches")
    common = shapely.length(shapely.intersection(shapes[inner[left]], shapes[inner[right]]))
    longest = np.argmax(common)
    over, neighbour = inner[left[longest]], inner[right[longest]]
    twice, tie = [k for k in inner if k not in (over, neighbour)][2:8:5]
    drawn_over = shapely.set_precision(
        shapes[over].union(shapes[over].buffer(22, join_style="mitre").intersection(shapes[neighbour])), GRID
    )
    shapes = shapes.copy()
    shapes[over] = max(polygons(drawn_over), key=shapely.area)
    ring = shapely.get_coordinates(shapely.simplify(shapes[tie], 8).exterior)[:-1]
    half = len(ring) // 2
    ring[[half - 1, half]] = ring[[half, half - 1]]
    shapes[tie] = shapely.Polygon(ring)
    return Line(np.append(shapes, shapes[twice]), np.append(code, code[twice]))
