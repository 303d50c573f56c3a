"""规划用地: what the towns are to use their land for, drawn along the parcels, with new blocks where they grow."""

from dataclasses import dataclass

import numpy as np
import shapely

from .built import TOWNS, Town, inside, town_shapes
from .lines import farmland, redline
from .parcels import PAVED, joined, streets
from .shapes import GRID

# 用地用海 2023 of what 三调 finds there now.
PLANNED_CODES = {
    "0101": "0101",
    "0103": "0103",
    "0201": "0201",
    "0301": "0301",
    "0305": "0303",
    "0307": "0304",
    "0404": "0403",
    "05H1": "0901",
    "0601": "1001",
    "0701": "0701",
    "0702": "0703",
    "0809": "13",
    "0810": "14",
    "08H1": "0801",
    "08H2": "0804",
    "1001": "1201",
    "1003": "1202",
    "1004": "1207",
    "1006": "0601",
    "1101": "1701",
    "1103": "1703",
    "1104": "1704",
    "1106": "0506",
    "1107": "1705",
    "1202": "0602",
}
PLANNED_NAMES = {
    "0101": "水田",
    "0103": "旱地",
    "0201": "果园",
    "0301": "乔木林地",
    "0303": "灌木林地",
    "0304": "其他林地",
    "0403": "其他草地",
    "0506": "内陆滩涂",
    "0601": "农村道路",
    "0602": "设施农用地",
    "0701": "城镇住宅用地",
    "0703": "农村宅基地",
    "0801": "机关团体用地",
    "0802": "科研用地",
    "0804": "教育用地",
    "0805": "体育用地",
    "0901": "商业用地",
    "1001": "工业用地",
    "1101": "物流仓储用地",
    "1201": "铁路用地",
    "1202": "公路用地",
    "1207": "城镇村道路用地",
    "13": "公用设施用地",
    "14": "绿地与开敞空间用地",
    "1701": "河流水面",
    "1703": "水库水面",
    "1704": "坑塘水面",
    "1705": "沟渠",
}
HOUSING, STREET, GREEN, SHOPS = "0701", "1207", "14", "0901"
HOMES = (HOUSING, "0703")
BUILT = ("07", "08", "09", "10", "11", "12", "13", "14")  # construction land begins so
FIELDS = ("0101", "0103", "0201", "0404")
WOOD = ("0301", "0305", "0307")


@dataclass(frozen=True)
class Plan:
    """``construction`` land wanted, ha, as far as there is ground, and the share of housing in it, %; ``uses``:
    of the other new land by weight; ``ground``: what it may take; ``renewed``: homes above the share turn to shops."""

    construction: float
    housing: float
    uses: dict[str, float]
    ground: tuple[str, ...] = FIELDS
    renewed: bool = False


PLANS = {
    "QH01": Plan(82, 22, {SHOPS: 2, GREEN: 3, "0801": 1}),
    "QH02": Plan(132, 29, {"1001": 3, "0802": 1, GREEN: 1}),
    "QH03": Plan(27, 24, {SHOPS: 2, GREEN: 1}),
    "QH04": Plan(74, 28, {SHOPS: 2, GREEN: 2, "1001": 1}),
    "QH05": Plan(58, 20, {"0805": 4, SHOPS: 2, GREEN: 2}, FIELDS + WOOD),
    "QH06": Plan(102, 20, {"0802": 3, SHOPS: 2, GREEN: 2}),
    "QH07": Plan(56, 21, {SHOPS: 2, GREEN: 3, "0805": 1}),
    "QH08": Plan(120, 40, {SHOPS: 1}),
    "QH09": Plan(158, 28, {"1101": 4, GREEN: 1}),
    "QH10": Plan(62, 20, {SHOPS: 3, GREEN: 3}),
    "QH11": Plan(76, 20, {"1001": 3, "0802": 1, GREEN: 1}),
    "QH12": Plan(104, 28, {SHOPS: 2, GREEN: 2, "0801": 1}, renewed=True),
}


def planned(shapes: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(town number, code, shape) of planned land, from parcels and their classes."""
    numbers, uses, faces = [], [], []
    for town in TOWNS:
        use, face = of_town(town, shapes, codes)
        numbers += [town.number] * len(face)
        uses += list(use)
        faces += list(face)
    return np.array(numbers, dtype=object), np.array(uses, dtype=object), np.array(faces, dtype=object)


def of_town(town: Town, shapes: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Code and shape of the planned land of one town."""
    plan, area = PLANS[town.number], shapely.set_precision(town_shapes()[town.number], GRID)
    near = shapely.intersects(shapes, area)
    shapes, codes = shapes[near], codes[near]
    ground = shapely.union_all(shapes[np.isin(codes, plan.ground)]).intersection(area)
    # Each street is drawn by itself, so that crossings part it into pieces.
    with np.errstate(invalid="ignore"):  # GEOS 3.11 raises the processor's flag on sound input
        ways = shapely.intersection(shapely.get_parts(streets()), ground)
    ways = shapely.buffer(ways[shapely.length(ways) > 0], PAVED["street"], cap_style="flat", quad_segs=1)
    paved = shapely.union_all(ways)
    edges = [shapely.boundary(shapes), shapely.boundary(shapely.intersection(ways, ground)), [area.boundary]]
    edges[0] = shapely.intersection(edges[0], area)
    lines = shapely.union_all(np.concatenate(edges), grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    faces = joined(faces[inside(area, shapely.point_on_surface(faces))], 200)
    spots = shapely.point_on_surface(faces)
    parcel = shapely.STRtree(shapes).query(spots, predicate="within")
    now = np.full(len(faces), "", dtype=object)
    now[parcel[0]] = codes[parcel[1]]
    use = np.array([PLANNED_CODES[code] for code in now], dtype=object)
    blocks = np.isin(now, plan.ground) & ~inside(paved, spots)
    grow(use, faces, blocks, plan, town)
    taken = blocks & np.array([code[:2] in BUILT for code in use])
    served = shapely.union_all(faces[taken]).buffer(1.5 * PAVED["street"])
    use[np.isin(now, plan.ground) & ~blocks & inside(served, spots)] = STREET
    found = sorted(set(use))
    parts = [shapely.get_parts(shapely.union_all(faces[use == code], grid_size=GRID)) for code in found]
    return np.repeat(found, [len(some) for some in parts]), np.concatenate(parts)


def grow(use: np.ndarray, faces: np.ndarray, blocks: np.ndarray, plan: Plan, town: Town) -> None:
    """Give blocks new uses, from the core outwards, those under a control line last; then renew old housing."""
    size, spots = shapely.area(faces), shapely.point_on_surface(faces)
    wanted = plan.construction * 1e4
    dwelt = size[np.isin(use, HOMES)].sum()
    built = size[[code[:2] in BUILT for code in use]].sum()
    kept = inside(shapely.union_all([*shapely.make_valid(farmland().shapes), *redline().shapes]), spots)
    order = np.lexsort((shapely.distance(spots, town.core.centroid), kept))
    missing = {HOUSING: max(0.0, wanted * plan.housing / 100 - dwelt)}
    rest = max(0.0, wanted - built - missing[HOUSING]) / sum(plan.uses.values())
    missing |= {code: weight * rest for code, weight in plan.uses.items()}
    for k in order[blocks[order]]:
        code = max(missing, key=missing.get)
        if built + size[k] / 2 > wanted:
            break
        use[k], built, missing[code] = code, built + size[k], missing[code] - size[k]
    if plan.renewed:
        homes = np.flatnonzero(np.isin(use, HOMES))
        dwelt = size[homes].sum()
        for k in homes[np.argsort(size[homes], kind="stable")]:
            if dwelt - size[k] > built * plan.housing / 100:
                use[k], dwelt = SHOPS, dwelt - size[k]
