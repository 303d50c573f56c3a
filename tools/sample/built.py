"""Where people build: the county seat, market towns, and the core of every 特色小镇."""

import functools
from dataclasses import dataclass

import numpy as np
import shapely

from .landscape import at, county, forest, river, roads, villages, water
from .shapes import blob, polygons


@dataclass(frozen=True)
class Town:
    """One review object: what it is called, where it lies and how large it is."""

    number: str
    name: str
    kind: str
    centre: tuple[float, float]  # local metres
    radius: float
    stretch: float = 1.35
    angle: float = 0.0
    built: float = 380.0  # radius of its built-up core, metres

    @functools.cached_property
    def core(self) -> shapely.Polygon:
        """Its built-up core."""
        return blob("core " + self.number, *self.centre, self.built, self.stretch, self.angle, 0.2, 30)


def place(u, v) -> tuple[float, float]:
    """A centre given along and across the valley."""
    return tuple(float(value) for value in at(u, v))


# Machine verdict as a planned area under the national rules, and why: tests/core/test_sample.py works it out anew.
TOWNS = [
    # violation: core zone of the redline beside the river; farmland; outside the development boundary
    Town("QH01", "松花文旅小镇", "文旅", place(3300, 420), 870, 1.8, 12),
    # clear: wholly inside 集中建设区, off farmland and redline
    Town("QH02", "青石装备小镇", "先进制造", place(15350, 1080), 720, 1.5, 8, 560),
    # violation: wholly inside one redline polygon whose zone is missing
    Town("QH03", "云溪康养小镇", "康养", (3300, 15100), 760, 1.4, 65, 260),
    # warning: much farmland, some drawn twice, over a neighbour, or as a bow-tie
    Town("QH04", "梨树湾田园小镇", "三产融合", place(17700, -620), 1060, 1.7, 5, 300),
    # warning: redline, 一般控制区; outside the development boundary
    Town("QH05", "石门冰雪小镇", "体育", (6700, 3300), 900, 1.5, 115, 330),
    # warning: mostly in 弹性发展区
    Town("QH06", "柳河数创小镇", "数字经济", place(10450, 1150), 690, 1.3, 100, 430),
    # not checked: beyond the farmland coverage
    Town("QH07", "北岭林海小镇", "文旅", (17500, 17000), 850, 1.6, 80, 260),
    # clear: two parts; farmland slivers under 1 m²
    Town("QH08", "双桥商贸小镇", "商贸流通", place(13150, 1180), 600, 1.2, 20, 480),
    # warning: strips of farmland 0.4 m wide along its boundary
    Town("QH09", "南岗物流小镇", "现代物流", place(13300, -1500), 760, 1.5, 170, 540),
    # violation: a hole; redline with its zone missing, and a corner of a core zone
    Town("QH10", "泉眼沟温泉小镇", "康养", (20900, 4300), 860, 1.5, 100, 320),
    # not checked: only partly within the farmland coverage
    Town("QH11", "红旗矿山装备小镇", "先进制造", (17050, 14050), 740, 1.4, 75, 400),
    # warning: in 特别用途区 on both banks of the river
    Town("QH12", "清河古城小镇", "文旅", place(11700, 330), 640, 1.9, 5, 480),
]


@functools.cache
def town_shapes() -> dict[str, shapely.Geometry]:
    """Planned areas (规划范围) by town number, drawn with a planner's long edges."""
    shapes = {}
    for town in TOWNS:
        outline = blob("town " + town.number, *town.centre, town.radius, town.stretch, town.angle, 0.15, 64)
        shapes[town.number] = shapely.simplify(outline, 9)
    village = shapely.Point(shapes["QH10"].centroid.x + 260, shapes["QH10"].centroid.y + 150)
    shapes["QH10"] = shapes["QH10"].difference(blob("hole", village.x, village.y, 190, 1.4, 40, 0.2, 22))
    second = blob("second part", *place(14950, 2420), 400, 1.5, 10, 0.15, 40)
    shapes["QH08"] = shapely.union_all(
        [shapes["QH08"], shapely.simplify(second, 9).difference(shapes["QH08"].buffer(120))]
    )
    # The river is the edge of the old town, and the two towns of the county seat do not share ground.
    shapes["QH08"] = shapes["QH08"].difference(shapes["QH12"].buffer(40)).difference(shapes["QH02"].buffer(60))
    shapes["QH06"] = shapes["QH06"].difference(shapes["QH12"].buffer(40))
    return {
        number: shapely.multipolygons([shapely.normalize(shapely.force_2d(p)) for p in polygons(shape, 20_000)])
        for number, shape in shapes.items()
    }


@functools.cache
def built_up() -> dict[str, shapely.Geometry]:
    """The county seat, the market towns and town cores (urban), and the villages (rural): polygons."""
    dry = shapely.union_all(
        [water()["river"].buffer(25), roads()["railway"].buffer(10), water()["reservoir"].buffer(30)]
    )
    seat = shapely.union_all(
        [
            blob("seat", *place(12900, 900), 1500, 1.9, 8, 0.14, 60),
            blob("seat south", *place(13000, -1250), 720, 1.7, 4, 0.2, 40),
        ]
    )
    markets = [
        blob("market 1", *place(5900, 980), 420, 1.6, 20),
        blob("market 2", *place(20300, 850), 500, 1.6, 10),
        blob("market 3", *place(9000, -900), 400, 1.7, -10),
    ]
    urban = shapely.union_all([seat, *markets, *(town.core for town in TOWNS)]).difference(dry)
    urban = shapely.union_all(polygons(urban, 15_000))
    rural = shapely.union_all(villages()).difference(shapely.union_all([urban.buffer(90), dry]))
    rural = shapely.union_all(polygons(rural, 6_000))
    land = county().buffer(-60)
    return {"urban": urban.intersection(land), "rural": rural.intersection(land)}


@functools.cache
def farmed() -> shapely.Geometry:
    """The open, farmed land: neither wood, water, road nor built up. Field edges are drawn only here."""
    taken = [
        forest(),
        water()["river"],
        water()["sand"],
        water()["reservoir"],
        built_up()["urban"],
        built_up()["rural"],
    ]
    return shapely.union_all(polygons(county().difference(shapely.union_all(taken)), 5_000))


def near_river(distance: float):
    """The strip within `distance` metres of the main river."""
    return river().buffer(distance, quad_segs=4)


def inside(area, points: np.ndarray) -> np.ndarray:
    """Which points lie in `area`."""
    shapely.prepare(area)
    return shapely.contains(area, points)
