"""Gaps between towns that border each other."""

from __future__ import annotations

import numpy as np
import shapely

from ...analysis.apart import disjoint_union
from ...analysis.area import AreaMeasure
from ...analysis.robust import Overlay, polygons_only
from .listing import Listing
from .overlap_checks import TOPOLOGY_M

GAP_WIDTH_M = 2.0  # what is open and narrower between towns is a gap; a hole that towns enclose is one of any size
_HAIR_M = 1e-5
_LEAST_LENGTH = 10  # times that width: a rounded corner is no gap


def check_gaps(
    layer: str, towns: np.ndarray, names: np.ndarray, measure: AreaMeasure, overlay: Overlay, listing: Listing
) -> None:
    """towns: (m,) valid polygons in metres or None; names: (m,) how messages call them."""
    known = ~(shapely.is_missing(towns) | shapely.is_empty(towns))
    towns, names = towns[known], names[known]
    if len(towns) < 2:
        return
    tree, reach = shapely.STRtree(towns), shapely.bounds(towns) + GAP_WIDTH_M * np.array([-1, -1, 1, 1])
    a, b = tree.query(shapely.box(*reach.T))  # by their bounds: to measure distances takes longer than all that follows
    near = np.unique(a[a != b])
    if not len(near):
        return
    union = disjoint_union(towns[near]) or overlay.union(towns[near])
    gaps = shapely.get_parts(np.array([*_enclosed(union), *_slits(union, overlay)], dtype=object))
    gaps = gaps[2 * shapely.area(gaps) > TOPOLOGY_M * shapely.length(gaps)]
    for gap in gaps:
        beside = np.unique(tree.query(gap, predicate="dwithin", distance=TOPOLOGY_M))
        # A hole of one town is its own affair.
        if len(beside) > 1:
            details = {"towns": ", ".join(map(str, names[beside[:5]])) + (" …" if len(beside) > 5 else "")}
            details["area_m2"] = float(measure.of_parts(np.array([gap]))[0])
            listing.add_rows(
                "check_town_gap", "warning", layer, [""], lambda row, said=details: said, np.array([gap], dtype=object)
            )


def _enclosed(union: shapely.Geometry) -> list[shapely.Geometry]:
    rings, _ = shapely.get_rings(shapely.get_parts(union), return_index=True)
    parts = shapely.get_parts(union)
    holes = np.concatenate([np.r_[False, np.ones(n, dtype=bool)] for n in shapely.get_num_interior_rings(parts)])
    return list(shapely.polygons(rings[holes]))


def _slits(union: shapely.Geometry, overlay: Overlay) -> list[shapely.Geometry]:
    """Narrow land that is open at an end: what widening and narrowing again by half the width closes."""
    half = GAP_WIDTH_M / 2
    filled = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union)))
    filled = shapely.union_all(filled)
    closed = shapely.buffer(shapely.buffer(filled, half, join_style="mitre"), -half, join_style="mitre")
    # Lines that all but coincide take GEOS far longer than lines a hair apart, which tell whether there is a slit.
    apart = shapely.buffer(filled, _HAIR_M, join_style="mitre")
    least = TOPOLOGY_M * _LEAST_LENGTH * GAP_WIDTH_M
    if shapely.area(overlay.difference(np.array([closed]), np.array([apart])))[0] < least / 2:
        return []
    parts = shapely.get_parts(polygons_only(overlay.difference(np.array([closed]), np.array([filled]))))
    return list(parts[shapely.length(parts) / 2 > _LEAST_LENGTH * GAP_WIDTH_M])
