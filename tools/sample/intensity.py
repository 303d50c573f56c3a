"""What land-use intensity is measured with, as delivered: planned and earlier land use, the list, the figures."""

import csv
import io

import numpy as np
import pandas as pd
import shapely

from .built import TOWNS, town_shapes
from .planned import PLANNED_NAMES, planned
from .shapes import GRID, polygons
from .tables import LAND_CLASSES, ORIGIN, delivered, frame, official_area

AROUND = 20  # metres around the towns that the earlier land use reaches
# Of these towns, m² at least that became construction land since, from the edge of the core.
BUILT_SINCE = {"QH02": 12_000, "QH06": 30_000, "QH09": 20_000}
NEW_CLASSES = ("0601", "0701", "05H1")
LIST_HEADER = ("小镇编号", "小镇名称", "批次", "年份", "状态")
LIST = {
    "QH01": ("第一批", 2020, "清单内"),
    "QH02": ("第一批", 2020, "清单内"),
    "QH03": ("第一批", 2020, "清理"),
    "QH05": ("第二批", 2022, "清单内"),
    "QH07": ("", 2026, "拟申报"),
    "QH08": ("第三批", 2023, "清单内"),
    "QH09": ("第二批", 2022, "清单内"),
    "QH10": ("第三批", 2023, "清单内"),
    "QH11": ("第三批", 2023, "清单内"),
    "QH12": ("第一批", 2020, "更名"),
}
# A list of a province names towns of other counties too; these are made up as well.
ELSEWHERE = [
    ("WH01", "望湖渔乐小镇", "第一批", 2020, "清单内"),
    ("WH02", "白杨药谷小镇", "第二批", 2022, "除名"),
    ("TS01", "塔山雾凇小镇", "第三批", 2023, "清单内"),
]
# Header, field of the towns, and what a value is divided by.
FIGURES = [
    ("常住人口（人）", "CZRK", 1),
    ("就业人数", "JYRS", 1),
    ("地区生产总值（万元）", "GDP", 1),
    ("年税收（万元）", "SSSR", 1),
    ("累计投资（亿元）", "LJTZ", 10_000),
    ("特色产业投资（亿元）", "TSTZ", 10_000),
    ("绿化覆盖率（%）", "LHL", 1),
    ("年游客数（万人次）", "FKRC", 1),
]
NEW_ECONOMY, RESEARCH = {"QH02": 23.6, "QH06": 41.2, "QH11": 17.4}, {"QH02": 3.1, "QH06": 5.8, "QH11": 2.6}
NO_ROW, NOT_KNOWN = "QH07", ("QH10", "年税收（万元）", "待核实")


def planned_land_use(land_use: pd.DataFrame) -> pd.DataFrame:
    """规划用地 GHYD of the towns."""
    town, code, shapes = planned(local(land_use), land_use["DLBM"].to_numpy())
    names = [PLANNED_NAMES[c] for c in code]
    return frame(shapes, "2030", XZBH=town, YDYHFLDM=code, YDYHFLMC=names)


def earlier_land_use(land_use: pd.DataFrame) -> pd.DataFrame:
    """地类图斑 at an earlier date, DLTB_QQ, of the towns and a little around: some of what is built was cropland."""
    shapes, codes = local(land_use), land_use["DLBM"].to_numpy().copy()
    built = land_use["CZCSXM"].to_numpy().copy()
    for town in TOWNS:
        since = built_since(town, shapes, codes) if town.number in BUILT_SINCE else []
        codes[since], built[since] = "0103", None
    around = shapely.union_all(shapely.buffer(list(town_shapes().values()), AROUND, quad_segs=2))
    near = np.flatnonzero(shapely.intersects(shapes, around))
    parts = [polygons(shapely.intersection(shapes[k], around, grid_size=GRID), 1) for k in near]
    row = np.repeat(near, [len(some) for some in parts])
    shapes = np.concatenate(parts)
    area = official_area(delivered(shapes)).round(2)
    share = land_use["KCXS"].to_numpy()[row]
    return frame(
        shapes,
        "2009",
        TBBH=[f"{k:05d}" for k in range(1, len(row) + 1)],
        DLBM=codes[row],
        DLMC=[LAND_CLASSES[c] for c in codes[row]],
        ZLDWDM=land_use["ZLDWDM"].to_numpy()[row],
        ZLDWMC=land_use["ZLDWMC"].to_numpy()[row],
        KCXS=share,
        KCMJ=(area * share).round(2),
        TBMJ=area,
        CZCSXM=built[row],
    )


def built_since(town, shapes: np.ndarray, codes: np.ndarray) -> list[int]:
    """Blocks of a town that were cropland at the earlier date: small ones, the farthest from the middle first."""
    size = shapely.area(shapes)
    able = np.isin(codes, NEW_CLASSES) & (size > 2000) & (size < 25_000)
    able = np.flatnonzero(able & shapely.within(shapes, town_shapes()[town.number]))
    away = shapely.distance(shapely.centroid(shapes[able]), town.core.centroid)
    chosen = able[np.argsort(-away, kind="stable")]
    enough = np.searchsorted(size[chosen].cumsum(), BUILT_SINCE[town.number]) + 1
    return list(chosen[:enough])


def local(land_use: pd.DataFrame) -> np.ndarray:
    """Its shapes in local metres."""
    return shapely.transform(land_use["geometry"].to_numpy(), lambda xy: (xy - ORIGIN).round(3))


def town_list() -> bytes:
    """省级清单, in GBK."""
    rows = [(town.number, town.name, *LIST[town.number]) for town in TOWNS if town.number in LIST]
    return table(LIST_HEADER, [*rows, *ELSEWHERE]).encode("gbk")


def figures(towns: pd.DataFrame) -> bytes:
    """Figures of the towns, UTF-8 with its mark: their own attributes in the units of the headers, and two shares."""
    header = ["小镇编号", *(name for name, _, _ in FIGURES), "三新比重", "研发强度"]
    rows = []
    for number, of_town in zip(towns["XZBH"], towns.to_dict("records"), strict=True):
        values = {name: None if pd.isna(of_town[key]) else of_town[key] / by for name, key, by in FIGURES}
        shares = {"三新比重": NEW_ECONOMY.get(number), "研发强度": RESEARCH.get(number)}
        row = {name: "" if value is None else f"{value:.10g}" for name, value in (values | shares).items()}
        if number == NOT_KNOWN[0]:
            row[NOT_KNOWN[1]] = NOT_KNOWN[2]
        if number != NO_ROW:
            rows.append([number, *row.values()])
    return table(header, rows).encode("utf-8-sig")


def table(header, rows) -> str:
    """Text as a spreadsheet saves it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()
