"""Buildings (建筑物) in and around the towns, in rows along the streets, with floors and height."""

import numpy as np
import shapely

from .built import town_shapes
from .landscape import valley
from .parcels import parcels
from .shapes import generator

# Use of the land: (length, depth, gap along, gap across) in metres, (fewest, most floors), metres a floor, share built.
PATTERNS = {
    "0701": (46, 13, 16, 24, (5, 18), 2.9, 0.75),
    "0702": (15, 9, 14, 20, (1, 2), 3.1, 0.7),
    "05H1": (44, 26, 22, 30, (2, 6), 4.2, 0.8),
    "0601": (72, 34, 26, 30, (1, 3), 6.5, 0.7),
    "08H1": (42, 15, 30, 40, (3, 8), 3.6, 0.6),
    "08H2": (56, 15, 28, 42, (2, 5), 3.7, 0.6),
    "0809": (22, 14, 30, 40, (1, 2), 4.5, 0.4),
}
USES = {
    "0701": "住宅",
    "0702": "农村住宅",
    "05H1": "商业",
    "0601": "厂房",
    "08H1": "办公",
    "08H2": "教育医疗",
    "0809": "公用设施",
}


def rows(face: shapely.Polygon, length: float, depth: float, along: float, across: float, rng) -> np.ndarray:
    """Rectangles in rows parallel to the valley that stand at least 6 m inside `face`."""
    centre = face.centroid
    turn = np.arctan(valley(centre.x)[1]) + rng.normal(0, 0.03)
    axis = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    reach = np.hypot(*np.subtract(face.bounds[2:], face.bounds[:2])) / 2
    u, v = np.meshgrid(np.arange(-reach, reach, length + along), np.arange(-reach, reach, depth + across))
    middle = np.column_stack([u.ravel(), v.ravel()]) + rng.uniform(-3, 3, (u.size, 2))
    half = np.column_stack([length * rng.uniform(0.7, 1.15, u.size), depth * rng.uniform(0.85, 1.15, u.size)]) / 2
    corners = middle[:, None] + half[:, None] * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    boxes = shapely.polygons(corners @ axis + (centre.x, centre.y))
    inner = face.buffer(-6)
    if inner.is_empty:
        return boxes[:0]
    shapely.prepare(inner)
    return boxes[shapely.contains(inner, boxes)]


def buildings() -> dict[str, np.ndarray]:
    """Footprints with floors (None where not surveyed), height in metres and use."""
    land, rng = parcels(), generator("buildings")
    near = shapely.union_all(shapely.buffer(list(town_shapes().values()), 60))
    shapely.prepare(near)
    stands = np.flatnonzero(
        np.isin(land.code, list(PATTERNS)) & (land.built != "") & shapely.intersects(near, land.faces)
    )
    shapes, floors, heights, uses = [], [], [], []
    for k in stands:
        length, depth, along, across, (least, most), storey, share = PATTERNS[land.code[k]]
        boxes = rows(land.faces[k], length, depth, along, across, rng)
        boxes = boxes[(rng.uniform(size=len(boxes)) < share) & shapely.intersects(near, boxes)]
        # A block is built in one go: its houses differ by a floor or two.
        base = rng.integers(least, most + 1)
        count = np.clip(base + rng.integers(-1, 2, len(boxes)), least, most)
        shapes.append(boxes)
        floors.append(count)
        heights.append((count * storey + rng.uniform(0.3, 1.2, len(boxes))).round(1))
        uses.append(np.full(len(boxes), USES[land.code[k]], dtype=object))
    count = np.concatenate(floors).astype(object)
    count[generator("no floors").uniform(size=len(count)) < 0.03] = None
    return {"geometry": np.concatenate(shapes), "CS": count, "GD": np.concatenate(heights), "YT": np.concatenate(uses)}
