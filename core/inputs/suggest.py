"""Which layer is which: guesses from names, groups and fields, each with its reason. The planner decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..profile import Profile

TOWNS, COVERAGE, LAND_USE, PLANNED, BUILDINGS = "towns", "coverage", "land_use", "planned_land_use", "buildings"
BY_NAME, BY_GROUP, BY_FIELDS = "name", "group", "fields"
_NAMES = {  # what names of layers and groups contain, the plainest first
    TOWNS: (
        "TSXZ", "特色小镇", "特色产业小镇", "小镇范围", "规划范围", "用地范围", "审查对象", "项目范围", "XZQ", "行政区",
        "乡镇", "town",
    ),
    COVERAGE: ("数据范围", "覆盖范围", "coverage"),
    LAND_USE: ("DLTB", "地类图斑", "现状地类", "土地利用现状", "land_use", "landuse"),
    PLANNED: ("GHYD", "规划用地", "用地用海", "国土空间规划", "planned"),
    BUILDINGS: ("JZW", "建筑", "房屋", "FWM", "building"),
}  # fmt: skip
# Fields that only layers of this kind have; any of them is enough. Of lines: by their ids.
_FIELDS = {
    TOWNS: ("JZDS",),  # of boundary points
    "farmland": ("YJJBNTTBBH", "YJJBNTTBMJ", "YJJBNTMJ", "YJJBNTTBMJ"),
    "eco_redline": ("LHLX", "HXFQMC", "XJXZQMC"),
    "urban_boundary": ("GHFQDM", "GHFQMC"),
    LAND_USE: ("TBMJ", "ZLDWDM", "CZCSXM", "DLMC"),
    PLANNED: ("GHYDYH", "YDYHFLDM", "YDYHFLMC", "GHDLBM"),
    BUILDINGS: ("CS", "CENGSHU", "FLOORS", "JZGD", "height"),
}
_IDS = ("XZBH", "DKBH", "BH", "XZQDM", "BSM", "DM", "CODE", "ID")
_TITLES = ("XZMC", "XMMC", "DKMC", "MC", "XZQMC", "县", "乡镇", "NAME", "名称")
_WEIGHT = {BY_NAME: 100, BY_GROUP: 60, BY_FIELDS: 40}


@dataclass(frozen=True)
class Described:
    """A layer as a planner sees it. ``groups``: of the layer tree above it, and the file it is in."""

    id: str
    name: str
    fields: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """``role``: a line's id or one of those above; ``layer``: its id; ``because``: `BY_NAME`, `BY_GROUP` or
    `BY_FIELDS`; ``found``: what spoke for it."""

    role: str
    layer: str
    because: str
    found: str
    weight: float = field(default=0.0, compare=False)


def suggest(layers: Sequence[Described], profile: Profile) -> list[Suggestion]:
    """At most one layer for each role and one role for each layer, the surest guess first.

    :param layers: polygon layers.
    """
    names = {line.id: line.layer_names for line in profile.lines} | _NAMES
    found = [one for layer in layers for role in names if (one := _guess(layer, role, names[role])) is not None]
    found.sort(key=lambda one: -one.weight)
    taken: set[str] = set()
    chosen = []
    for one in found:
        if one.role not in taken and one.layer not in taken:
            taken |= {one.role, one.layer}
            chosen.append(one)
    return chosen


def suggest_fields(fields: Iterable[str]) -> dict[str, str]:
    """The fields of towns that hold their id and name, under ``id`` and ``name``, where usual ones are there."""
    known = {one.casefold(): one for one in fields}
    usual = {"id": _IDS, "name": _TITLES}
    return {
        kind: next(known[one.casefold()] for one in names if one.casefold() in known)
        for kind, names in usual.items()
        if any(one.casefold() in known for one in names)
    }


def _guess(layer: Described, role: str, names: Sequence[str]) -> Suggestion | None:
    fields = {one.casefold() for one in layer.fields}
    ways = [
        (BY_NAME, _contained(names, layer.name)),
        (BY_GROUP, next(filter(None, (_contained(names, group) for group in layer.groups)), "")),
        (BY_FIELDS, next((one for one in _FIELDS.get(role, ()) if one.casefold() in fields), "")),
    ]
    spoken = [(way, what) for way, what in ways if what]
    if not spoken:
        return None
    # A longer name says more: 永久基本农田保护图斑 is farmland, whatever else it may contain.
    weight = sum(_WEIGHT[way] + len(what) for way, what in spoken)
    return Suggestion(role, layer.id, *spoken[0], weight=weight)


def _contained(names: Sequence[str], text: str) -> str:
    """The longest of the names that the text contains."""
    folded = text.casefold()
    return max((name for name in names if name.casefold() in folded), key=len, default="")
