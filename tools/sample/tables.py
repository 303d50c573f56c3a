"""The layers as delivered: field names, codes and official areas."""

import numpy as np
import pandas as pd
import pyproj
import shapely

from . import lines
from .buildings import buildings
from .built import TOWNS, town_shapes
from .parcels import parcels, thinned, township_cells
from .shapes import generator

CRS = "EPSG:4530"
COUNTY_CODE, COUNTY_NAME = "229901", "清河县"
ORIGIN = (42_528_000.0, 4_838_000.0)  # of the local metres, in EPSG:4530
TOWNSHIPS = [
    "清河镇",
    "松花镇",
    "梨树湾镇",
    "石门镇",
    "北岭乡",
    "红旗镇",
    "泉眼沟乡",
    "柳河乡",
    "云溪乡",
    "双桥乡",
    "白桦乡",
    "南岗乡",
    "东升乡",
    "新立乡",
    "太平乡",
    "永安乡",
]
LAND_CLASSES = {
    "0101": "水田",
    "0103": "旱地",
    "0201": "果园",
    "0301": "乔木林地",
    "0305": "灌木林地",
    "0307": "其他林地",
    "0404": "其他草地",
    "05H1": "商业服务业设施用地",
    "0601": "工业用地",
    "0701": "城镇住宅用地",
    "0702": "农村宅基地",
    "0809": "公用设施用地",
    "0810": "公园与绿地",
    "08H1": "机关团体新闻出版用地",
    "08H2": "科教文卫用地",
    "1001": "铁路用地",
    "1003": "公路用地",
    "1004": "城镇村道路用地",
    "1006": "农村道路",
    "1101": "河流水面",
    "1103": "水库水面",
    "1104": "坑塘水面",
    "1106": "内陆滩涂",
    "1107": "沟渠",
    "1202": "设施农用地",
}
# The town that meets every rule has more of all this than chance gives it.
STRONG = ("QH02", {"JYRS": 6400, "GDP": 214_000.0, "SSSR": 18_100.0, "LJTZ": 362_000.0, "TSTZ": 301_000.0})
ZONE_CODES = {"集中建设区": "410", "弹性发展区": "420", "特别用途区": "430"}
# The same Gauss-Krüger coordinates to the equal-area cylinder of CGCS2000, where the shoelace is the official area.
EQUAL_AREA = pyproj.Transformer.from_pipeline(
    "+proj=pipeline +ellps=GRS80 +step +inv +proj=tmerc +lat_0=0 +lon_0=126 +k=1 +x_0=42500000 +y_0=0 "
    "+a=6378137 +rf=298.257222101 +step +proj=cea +a=6378137 +rf=298.257222101"
)


def delivered(shapes) -> np.ndarray:
    """Local shapes in EPSG:4530, to the millimetre, rings in one fixed order."""
    moved = shapely.transform(np.asarray(shapes, dtype=object), lambda xy: (xy + ORIGIN).round(3))
    valid = shapely.is_valid(moved)
    moved[valid] = shapely.normalize(moved[valid])
    return moved


def official_area(shapes: np.ndarray) -> np.ndarray:
    """Official ellipsoid area in m² (图斑椭球面积) of shapes in EPSG:4530."""
    flat = shapely.transform(shapes, lambda xy: np.column_stack(EQUAL_AREA.transform(xy[:, 0], xy[:, 1])))
    shift = shapely.get_coordinates(flat[:1])[0] if len(flat) else (0, 0)
    return shapely.area(shapely.transform(flat, lambda xy: xy - shift))


def serials(kind: str, count: int) -> list[str]:
    """标识码 BSM: county (6), kind of layer (4), serial (8): 18 characters."""
    return [f"{COUNTY_CODE}{kind}{k:08d}" for k in range(1, count + 1)]


def frame(shapes, kind: str, **columns) -> pd.DataFrame:
    """A layer: BSM, its columns and its geometry, delivered."""
    shapes = delivered(shapes)
    return pd.DataFrame({"BSM": serials(kind, len(shapes)), **columns, "geometry": shapes})


def township_of(shapes) -> tuple[np.ndarray, np.ndarray]:
    """Code (9 digits) and name of the township each shape's inner point lies in."""
    cells = township_cells()
    spots = shapely.point_on_surface(shapes)
    pair = shapely.STRtree(cells).query(spots, predicate="intersects")
    number = np.zeros(len(spots), int)
    number[pair[0]] = pair[1]
    codes = np.array([f"{COUNTY_CODE}{100 + k:03d}" for k in range(len(cells))], dtype=object)
    return codes[number], np.array(township_names(), dtype=object)[number]


def township_names() -> list[str]:
    """Names of the townships, the seat's first one where the county seat lies."""
    cells = township_cells()
    names = [""] * len(cells)
    # Towns give their names to the townships around them.
    wishes = {
        "QH12": "清河镇",
        "QH01": "松花镇",
        "QH04": "梨树湾镇",
        "QH05": "石门镇",
        "QH07": "北岭乡",
        "QH11": "红旗镇",
        "QH10": "泉眼沟乡",
        "QH03": "云溪乡",
    }
    for town in TOWNS:
        spot = shapely.Point(town.centre)
        for k, cell in enumerate(cells):
            if not names[k] and town.number in wishes and cell.contains(spot):
                names[k] = wishes[town.number]
    spare = iter([name for name in TOWNSHIPS if name not in names])
    return [name or next(spare) for name in names]


def land_use() -> pd.DataFrame:
    """地类图斑 DLTB."""
    land = parcels()
    order = np.argsort(land.group, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(land.group[order]) > 0])
    shapes, codes, built = [], [], []
    for members in np.split(order, starts[1:]):
        for part in shapely.get_parts(shapely.coverage_union_all(land.faces[members])):
            shapes.append(part)
            codes.append(land.code[members[0]])
            built.append(land.built[members[0]])
    shapes = thinned(np.array(shapes), 1.2)
    codes, built = np.array(codes, dtype=object), np.array(built)
    town_code, town_name = township_of(shapes)
    share = np.where(
        np.isin(codes, ["0101", "0103"]), generator("KCXS").choice([0.0, 0.0, 0.0352, 0.0617, 0.0943], len(codes)), 0.0
    )
    area = official_area(delivered(shapes)).round(2)
    return frame(
        shapes,
        "2010",
        TBBH=[f"{k:05d}" for k in range(1, len(shapes) + 1)],
        DLBM=codes,
        DLMC=[LAND_CLASSES[c] for c in codes],
        ZLDWDM=[c + "000" for c in town_code],
        ZLDWMC=town_name,
        KCXS=share,
        KCMJ=(area * share).round(2),
        TBMJ=area,
        CZCSXM=np.where(built == "urban", "202", np.where(built == "rural", "203", None)),
    )


def redline() -> pd.DataFrame:
    """生态保护红线 STBHHX."""
    line = lines.redline()
    names = {lines.CORE: "清河源自然保护区", lines.GENERAL: "长白余脉水源涵养", lines.UNKNOWN: "清河水土保持"}
    return frame(
        line.shapes,
        "3010",
        XZQDM=COUNTY_CODE,
        XJXZQMC=COUNTY_NAME,
        LHLX=line.zone,
        MC=[names[zone] + "生态保护红线" for zone in line.zone],
        MJ=official_area(delivered(line.shapes)).round(2),
    )


def farmland() -> pd.DataFrame:
    """永久基本农田图斑 YJJBNTTB."""
    line = lines.farmland()
    town_code, town_name = township_of(shapely.make_valid(line.shapes))
    area = official_area(shapely.make_valid(delivered(line.shapes))).round(2)
    share = generator("farmland KCXS").choice([0.0, 0.0352, 0.0617], len(area))
    count = range(1, len(area) + 1)
    return frame(
        line.shapes,
        "4010",
        XZQDM=town_code,
        XZQMC=town_name,
        TBBH=[f"{k:05d}" for k in count],
        YJJBNTTBBH=[f"{code}{k:05d}" for code, k in zip(town_code, count, strict=True)],
        DLBM=line.zone,
        DLMC=[LAND_CLASSES[c] for c in line.zone],
        YJJBNTTBMJ=area,
        YJJBNTMJ=(area * (1 - share)).round(2),
    )


def development() -> pd.DataFrame:
    """城镇开发边界 CZKFBJ."""
    line = lines.development()
    return frame(
        line.shapes,
        "5010",
        XZQDM=COUNTY_CODE,
        XZQMC=COUNTY_NAME,
        GHFQDM=[ZONE_CODES[z] for z in line.zone],
        GHFQMC=line.zone,
        MJ=official_area(delivered(line.shapes)).round(2),
    )


def coverage() -> pd.DataFrame:
    """数据覆盖范围: where each line's layer is complete."""
    names = {"eco_redline": "生态保护红线", "farmland": "永久基本农田", "urban_boundary": "城镇开发边界"}
    areas = lines.coverage()
    return pd.DataFrame(
        {
            "line": [line for line, _ in areas],
            "名称": [names[line] for line, _ in areas],
            "geometry": delivered([area for _, area in areas]),
        }
    )


def townships() -> pd.DataFrame:
    """行政区 XZQ."""
    cells = township_cells()
    codes, names = township_of(cells)
    return frame(cells, "6010", XZQDM=codes, XZQMC=names, MJ=official_area(delivered(cells)).round(2))


def building_layer() -> pd.DataFrame:
    """建筑物 JZW."""
    columns = buildings()
    columns["CS"] = pd.array(columns["CS"], dtype="Int32")
    return frame(columns.pop("geometry"), "7010", **columns)


def towns() -> pd.DataFrame:
    """特色小镇规划范围 TSXZ_GHFW."""
    shapes = np.array([town_shapes()[town.number] for town in TOWNS], dtype=object)
    rng = generator("figures")
    town_code, town_name = township_of(shapes)
    area = official_area(delivered(shapes))
    jobs = rng.integers(1400, 5200, len(TOWNS))
    gdp = (jobs * rng.uniform(14, 42, len(TOWNS))).round(1)
    invested = rng.uniform(40_000, 260_000, len(TOWNS)).round(0)
    visitors = [
        round(float(n), 1) if town.kind in ("文旅", "体育", "康养") else None
        for town, n in zip(TOWNS, rng.uniform(22, 140, len(TOWNS)), strict=True)
    ]
    made = frame(
        shapes,
        "8010",
        XZBH=[town.number for town in TOWNS],
        XZMC=[town.name for town in TOWNS],
        XZQDM=town_code,
        XZQMC=town_name,
        CYLX=[town.kind for town in TOWNS],
        GHNF=rng.integers(2019, 2026, len(TOWNS)),
        PZMJ=(area * rng.uniform(0.9985, 1.0012, len(TOWNS))).round(2),
        CZRK=rng.integers(1800, 14_500, len(TOWNS)),
        JYRS=jobs,
        GDP=gdp,
        SSSR=(gdp * rng.uniform(0.03, 0.09, len(TOWNS))).round(1),
        LJTZ=invested,
        TSTZ=(invested * rng.uniform(0.42, 0.86, len(TOWNS))).round(0),
        LHL=rng.uniform(26, 47, len(TOWNS)).round(1),
        FKRC=visitors,
    )
    made.loc[made["XZBH"] == STRONG[0], list(STRONG[1])] = list(STRONG[1].values())
    return made


LAYERS = {
    "TSXZ_GHFW": towns,
    "STBHHX": redline,
    "YJJBNTTB": farmland,
    "CZKFBJ": development,
    "DLTB": land_use,
    "JZW": building_layer,
    "XZQ": townships,
    "COVERAGE": coverage,
}
