"""Reading the towns of a review: all in memory, checked, measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from ..analysis.area import PLANAR, AreaMeasure
from ..analysis.judge import kind_class
from ..analysis.towns import Towns
from ..errors import Issue, RedlineError
from ..inputs.crs import Transformation, overlay_crs
from ..inputs.repair import usable_polygons
from ..inputs.source import Field, Source, as_texts
from .request import ReviewRequest


@dataclass
class TownTable:
    """The towns, their own fields and attributes (object arrays), CRSs and how they are measured.

    ``area``: west, south, east, north in degrees.
    """

    towns: Towns
    fields: list[Field]
    attributes: dict[str, np.ndarray]
    crs: pyproj.CRS
    overlay_crs: pyproj.CRS
    measure: AreaMeasure
    area: tuple[float, float, float, float]


def read_towns(request: ReviewRequest, issues: list[Issue]) -> TownTable:
    """All towns in memory, checked: identity unique, geometry usable, areas measured."""
    source = request.towns
    require_crs_and_features(source)
    planar = request.area_method == PLANAR
    if planar and not _in_metres(source.crs):
        raise RedlineError("planar_needs_metres", layer=source.name, crs=source.crs.name)
    names = [field.name for field in source.fields]
    for field in (request.town_id_field, request.town_name_field, request.kind_field, request.approved_area_field):
        if field and field not in names:
            raise RedlineError("no_such_field", layer=source.name, field=field)
    batches = list(source.batches(columns=names))
    if not sum(len(batch.fid) for batch in batches):
        raise RedlineError("empty_layer", layer=source.name)
    fid = np.concatenate([batch.fid for batch in batches])
    attributes = {name: np.concatenate([batch.fields[name] for batch in batches]) for name in names}
    delivered = np.concatenate([batch.geometry for batch in batches])
    geometry, found, _ = usable_polygons(delivered, fid, source.name)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    geometry = np.where(empty, None, geometry)
    if empty.all():
        raise RedlineError("no_usable_town", layer=source.name)

    ids = _identity(request, attributes, fid)
    name = as_texts(attributes[request.town_name_field]) if request.town_name_field else ids.copy()
    name = np.where(name == "", ids, name)
    kinds = as_texts(attributes[request.kind_field]) if request.kind_field else np.full(len(ids), "", dtype=object)
    approved = _approved(request, attributes, ids)

    area = _area_of_use(source.crs, geometry)
    overlay = overlay_crs(source.crs, ((area[0] + area[2]) / 2, (area[1] + area[3]) / 2))
    transform = Transformation(
        source.crs, overlay, source.pipeline(overlay), layer=source.name, area=area, max_edge=request.profile.max_edge_m
    )
    if not transform.identity:  # areas before and after repair are told in m², not in degrees
        _, found, _ = usable_polygons(transform(delivered), fid, source.name)
    issues += found
    moved = transform(geometry)
    moved, _, _ = usable_polygons(moved, fid, source.name)
    measure = AreaMeasure(overlay, request.area_method, region=shapely.total_bounds(moved))
    official = AreaMeasure(source.crs, request.area_method).of(geometry)
    towns = Towns(
        ids, name, geometry, np.where(empty, None, moved), np.where(empty, np.nan, official), measure.of_parts(moved),
        np.array([kind_class(request.profile, kind) for kind in kinds], dtype=object), approved,
    )  # fmt: skip
    if planar:
        towns.measured_m2 = towns.official_m2.copy()
    return TownTable(towns, source.fields, attributes, source.crs, overlay, measure, area)


def require_crs_and_features(source: Source) -> None:
    if source.crs is None:
        raise RedlineError("no_crs", layer=source.name)
    if source.count == 0:
        raise RedlineError("empty_layer", layer=source.name)


def _in_metres(crs: pyproj.CRS) -> bool:
    metres = all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])
    return crs.is_projected and metres and "Pseudo" not in (crs.coordinate_operation.method_name or "")


def _identity(request: ReviewRequest, attributes: dict[str, np.ndarray], fid: np.ndarray) -> np.ndarray:
    field, layer = request.town_id_field, request.towns.name
    if not field:
        return fid.astype(str).astype(object)
    ids = as_texts(attributes[field])
    blank = np.flatnonzero(ids == "")
    if len(blank):
        raise RedlineError("empty_town_ids", layer=layer, field=field, feature=_some(fid[blank]))
    unique, counts = np.unique(ids.astype(str), return_counts=True)
    if (counts > 1).any():
        twice = unique[counts > 1]
        features = _some(fid[np.isin(ids.astype(str), twice)])
        raise RedlineError("duplicate_town_ids", layer=layer, field=field, ids=_some(twice), feature=features)
    return ids


def _some(values: np.ndarray, most: int = 10) -> str:
    return ", ".join(str(v) for v in values[:most]) + (" …" if len(values) > most else "")


def _approved(request: ReviewRequest, attributes: dict[str, np.ndarray], ids: np.ndarray) -> np.ndarray:
    if not request.approved_area_field:
        return np.full(len(ids), np.nan)
    values = []
    for value, town in zip(attributes[request.approved_area_field], ids, strict=True):
        try:
            values.append(np.nan if value is None or value == "" else float(value))
        except (TypeError, ValueError):
            raise RedlineError(
                "approved_area_not_a_number", layer=request.towns.name, field=request.approved_area_field,
                feature=town, value=str(value),
            ) from None  # fmt: skip
    return np.array(values)


def _area_of_use(crs: pyproj.CRS, geometry: np.ndarray) -> tuple[float, float, float, float]:
    """West, south, east, north of the towns in degrees."""
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    return to_degrees.transform_bounds(*shapely.total_bounds(geometry), densify_pts=21)
