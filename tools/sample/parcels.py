"""The county cut into parcels: one network of lines, every face of it one parcel, no gaps and no overlaps."""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
import shapely

from .built import TOWNS, built_up, farmed, inside
from .landscape import BOUNDS, PATCHES, at, county, forest, height_at, roads, water
from .shapes import GRID, Noise, cells, generator

BLOCK = 5  # strips of fields between two farm roads
GUEST_KINDS = ("文旅", "康养", "体育", "三产融合")  # towns without industry
PAVED = {"farm road": 2.6, "ditch": 2.2, "street": 8.0}  # half widths in metres


@dataclass
class Parcels:
    """Faces of the network (n,), their land class (DLBM) and the group whose faces form one 地类图斑."""

    faces: np.ndarray
    code: np.ndarray
    group: np.ndarray
    built: np.ndarray  # '' | 'urban' | 'rural'


def township_edges() -> np.ndarray:
    """Lines between the townships."""
    return cells("townships", (-4000, -4000, 31000, 26000), 7600, 800)


def lattice() -> dict[str, shapely.Geometry]:
    """Lines that follow the valley: strips of fields, dividers in them, and every few strips a farm road or ditch."""
    rng = generator("lattice")
    height = np.concatenate([[-11000], -11000 + rng.uniform(107, 204, 150).cumsum()])
    along = np.arange(-1200, 26400, 170.0)
    strips = [shapely.LineString(at(along, v)) for v in height]
    dividers, crossing = [], []
    for low, high in itertools.pairwise(height):
        u = -1200 + rng.uniform(95, 300, 200).cumsum()
        lean = rng.normal(0, 9, u.size)
        ends = np.stack([at(u + lean, low - 2.5), at(u - lean, high + 2.5)], axis=1)
        dividers += list(shapely.linestrings(ends))
    across = np.arange(height[0], height[-1], 120.0)
    for u in -1200 + rng.uniform(800, 1300, 34).cumsum():
        crossing.append(shapely.LineString(at(u + 0 * across, across)))
    main = strips[::BLOCK]
    return {
        "strips": shapely.union_all([line for k, line in enumerate(strips) if k % BLOCK]),
        "dividers": shapely.multilinestrings(dividers),
        "farm road": shapely.union_all([*main[::2], *crossing]),
        "ditch": shapely.multilinestrings(main[1::2]),
    }


def streets() -> shapely.Geometry:
    """Street axes of built-up land: the strips, and streets across them at 200–320 m."""
    rng = generator("streets")
    across = np.arange(-11000, 12000, 60.0)
    lines = [shapely.LineString(at(u + 0 * across, across)) for u in -1200 + rng.uniform(200, 320, 130).cumsum()]
    along = np.arange(-1200, 26400, 80.0)
    lines += [shapely.LineString(at(along, v + 0 * along)) for v in -11000 + rng.uniform(170, 290, 100).cumsum()]
    return shapely.multilinestrings(lines)


def strip_of(lines, area, half_width: float):
    """The paved strip of `lines` inside `area`."""
    return shapely.intersection(lines, area).buffer(half_width, cap_style="flat", quad_segs=1).intersection(area)


@functools.cache
def masks() -> list[tuple[str, shapely.Geometry]]:
    """(class, area) by precedence: a parcel takes the first one that its inner point lies in."""
    grid, farm, built = lattice(), farmed(), built_up()
    wet = [
        ("1101", water()["river"]),
        ("1101", water()["streams"]),
        ("1103", water()["reservoir"]),
        ("1106", water()["sand"]),
    ]
    ways = [("1001", roads()["railway"]), ("1003", roads()["highway"]), ("1003", roads()["county road"])]
    built_areas = [
        ("1004", strip_of(streets(), built["urban"], PAVED["street"])),
        ("urban", built["urban"]),
        ("rural", built["rural"]),
    ]
    lanes = [
        ("1006", strip_of(grid["farm road"], farm, PAVED["farm road"])),
        ("1107", strip_of(grid["ditch"], farm, PAVED["ditch"])),
    ]
    ponds = [("1104", water()["ponds"].intersection(farm))]
    return [*ways[:2], *wet, ways[2], *built_areas, *ponds, *lanes, ("forest", forest())]


def network() -> np.ndarray:
    """All faces of the noded line network inside the county, tiny ones joined to a neighbour."""
    outline, farm, grid = county(), farmed(), lattice()
    farm_lines = [shapely.intersection(grid[key], farm.buffer(2)) for key in ("strips", "dividers")]
    wood_lines = shapely.intersection(
        shapely.multilinestrings(list(cells("compartments", BOUNDS, 1400, 200))),
        shapely.union_all([forest(), water()["river"]]),
    )
    township = shapely.intersection(shapely.multilinestrings(list(township_edges())), outline)
    edges = [area.boundary for _, area in masks()]
    lines = shapely.union_all([*edges, *farm_lines, wood_lines, township, outline.boundary], grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(np.atleast_1d(lines))))
    faces = faces[inside(outline, shapely.point_on_surface(faces))]
    return thinned(joined(faces), 1.5)


def thinned(faces: np.ndarray, tolerance: float) -> np.ndarray:
    """The same faces, in the same order, with fewer vertices on their common edges: no gap opens between them."""
    edges = shapely.line_merge(shapely.union_all(shapely.boundary(faces), grid_size=GRID))
    edges = shapely.simplify(shapely.get_parts(edges), tolerance)
    edges = shapely.union_all(edges, grid_size=GRID)
    drawn = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    new, old = shapely.STRtree(faces).query(shapely.point_on_surface(drawn), predicate="within")
    order = np.argsort(old, kind="stable")
    new, old = new[order], old[order]
    result = faces.copy()
    starts = np.flatnonzero(np.r_[True, np.diff(old) > 0])
    for group in np.split(np.arange(len(old)), starts[1:]):
        shape = drawn[new[group]]
        result[old[group[0]]] = shape[0] if len(shape) == 1 else shapely.union_all(shape)
    missing = np.setdiff1d(np.arange(len(faces)), old)
    return np.delete(result, missing)


def joined(faces: np.ndarray, smallest: float = 150, thinnest: float = 1.2) -> np.ndarray:
    """Faces under `smallest` m², or thinner than `thinnest` m, given to the neighbour with the longest common edge."""
    area, around = shapely.area(faces), shapely.length(faces)
    tiny = np.flatnonzero((area < smallest) | (2 * area / around < thinnest))
    tree = shapely.STRtree(faces)
    owner = np.arange(len(faces))
    left, right = tree.query(faces[tiny], predicate="intersects")
    common = shapely.length(shapely.intersection(shapely.boundary(faces[tiny[left]]), shapely.boundary(faces[right])))
    common[tiny[left] == right] = -1
    for k, face in enumerate(tiny):
        candidates = np.flatnonzero(left == k)
        if candidates.size:
            owner[face] = right[candidates[np.argmax(common[candidates])]]
    for _ in range(len(tiny)):  # a tiny face may have been given to another tiny one
        following = owner[owner]
        if (following == owner).all():
            break
        owner = following
    merged = []
    for root in np.unique(owner):
        members = np.flatnonzero(owner == root)
        merged.append(faces[root] if len(members) == 1 else shapely.union_all(faces[members]))
    return np.array(merged)


@functools.cache
def parcels() -> Parcels:
    """The county's parcels with their classes."""
    faces = network()
    spots = shapely.point_on_surface(faces)
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    code = np.full(len(faces), "", dtype=object)
    for name, area in masks():
        code[(code == "") & inside(area, spots)] = name
    built = np.where(np.isin(code, ["urban", "1004"]), "urban", np.where(code == "rural", "rural", ""))
    code[code == "rural"] = "0702"
    code[code == "urban"] = urban_use(x, y)[code == "urban"]
    code[code == "forest"] = wood_use(x, y)[code == "forest"]
    code[code == ""] = field_use(x, y)[code == ""]
    return Parcels(faces, code, groups(faces, code, x, y), built)


def urban_use(x, y) -> np.ndarray:
    """Use of a town block: shops in the middle, industry at the edge, housing between, schools and parks spread."""
    rng = generator("urban use")
    middle = at(12900, 900)
    away = np.hypot(x - middle[0], y - middle[1]) / 1700
    draw = rng.uniform(size=len(x))
    guests = inside(shapely.union_all([t.core for t in TOWNS if t.kind in GUEST_KINDS]), shapely.points(x, y))
    industry = (Noise("industry", 1800, 2)(x, y) + 0.8 * np.minimum(away, 1.1) > 0.75) & ~guests
    use = np.select(
        [draw < 0.07, draw < 0.15, draw < 0.23, draw < 0.28, industry], ["08H1", "08H2", "0810", "0809", "0601"], "0701"
    )
    shops = np.where(guests, draw > 0.55, (draw > 0.8) & (away < 0.8))
    return np.where(shops, "05H1", use).astype(object)


def wood_use(x, y) -> np.ndarray:
    """Use of a wood compartment: high forest, on the lower edge also scrub, young wood and grass."""
    draw = generator("wood use").uniform(size=len(x)) + 0.35 * (height_at(x, y) < 0.85) + 0.12 * PATCHES(x, y)
    return np.select([draw > 1.18, draw > 1.1, draw > 0.98], ["0404", "0307", "0305"], "0301").astype(object)


def field_use(x, y) -> np.ndarray:
    """Use of open land: paddy near the rivers, dry fields above, orchards on slopes, a few other uses."""
    draw = generator("field use").uniform(size=len(x))
    # One crop from one farm road to the next, as water reaches the whole block or none of it.
    grid = lattice()
    blocks = shapely.union_all([grid["farm road"], grid["ditch"]], grid_size=GRID)
    blocks = shapely.get_parts(shapely.polygonize(shapely.get_parts(blocks)))
    pair = shapely.STRtree(blocks).query(shapely.points(x, y), predicate="within")
    middle = shapely.centroid(blocks)[pair[1]]
    x, y = x.copy(), y.copy()
    x[pair[0]], y[pair[0]] = shapely.get_x(middle), shapely.get_y(middle)
    mosaic = Noise("field mosaic", 2400, 1)(x, y)
    level = height_at(x, y)
    use = np.select(
        [draw < 0.009, draw > 0.991, (level > 0.42) & (mosaic > 0.75), (level < 0.26) & (mosaic > -0.45)],
        ["1202", "0404", "0201", "0101"],
        "0103",
    )
    return use.astype(object)


def groups(faces: np.ndarray, code: np.ndarray, x, y) -> np.ndarray:
    """Number of each face's group: touching faces of a group make one 地类图斑.

    Fields of one class are joined up to the next farm road, roads and waters within 3.5 km; nothing across townships.
    """
    cell = shapely.STRtree(township_cells()).query(shapely.points(x, y), predicate="within")
    owner = np.zeros(len(faces), int)
    owner[cell[0]] = cell[1]
    field = np.isin(code, ["0101", "0103", "0201"])
    network = np.isin(code, ["1006", "1107", "1101", "1003", "1001", "1004"])
    alone = np.arange(len(faces)) + 1.0
    key = np.where(field, 0, np.where(network, -1 - np.floor(x / 3500) * 100 - np.floor(y / 3500), alone))
    text = [f"{a}|{b}|{c:.0f}" for a, b, c in zip(code, owner, key, strict=True)]
    return np.unique(text, return_inverse=True)[1]


@functools.cache
def township_cells() -> np.ndarray:
    """Polygons of the townships over the county."""
    lines = shapely.intersection(shapely.multilinestrings(list(township_edges())), county())
    lines = shapely.union_all([lines, county().boundary], grid_size=GRID)
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(np.atleast_1d(lines))))
    return joined(parts[inside(county(), shapely.point_on_surface(parts))], 6e6)
