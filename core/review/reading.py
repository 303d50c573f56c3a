"""Reading what a review looks at: the towns whole, the lines streamed past them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import pyproj
import shapely

from ..analysis.area import PLANAR, AreaMeasure
from ..analysis.assess import CONSTRUCTION
from ..analysis.coverage import LineExtent
from ..analysis.judge import kind_class
from ..analysis.parallel import Workers
from ..analysis.pieces import Cutter, Pieces
from ..analysis.robust import Overlay
from ..analysis.towns import Towns
from ..errors import Issue, RedlineError
from ..inputs.crs import Transformation, overlay_crs
from ..inputs.repair import Bounds, usable_polygons
from ..inputs.source import Batch, Field, Source
from .request import ReviewRequest

_MUCH_LARGER = 4  # a layer that many times the size of the towns' surroundings is searched by box
NEAR_SHARE, NEAR_LEAST_M = 0.25, 200.0  # surroundings of a town that maps show: share of its size, and at least


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
    _require_crs_and_features(source)
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


def _require_crs_and_features(source: Source) -> None:
    if source.crs is None:
        raise RedlineError("no_crs", layer=source.name)
    if source.count == 0:
        raise RedlineError("empty_layer", layer=source.name)


def _in_metres(crs: pyproj.CRS) -> bool:
    metres = all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])
    return crs.is_projected and metres and "Pseudo" not in (crs.coordinate_operation.method_name or "")


def as_texts(values: np.ndarray) -> np.ndarray:
    """Attribute values as texts, ``""`` for null; whole numbers without a decimal point."""
    texts = np.empty(len(values), dtype=object)
    texts[:] = [v.strip() if type(v) is str else _text(v) for v in values]
    return texts


def _text(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return "" if value is None else str(int(value) if whole else value).strip()


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


@dataclass
class LineLayer:
    """A layer and the part it plays: ``line``, the id of a line, `CONSTRUCTION` or `COVERAGE`; its fields, None where
    there is none; ``extent``, to which the bounds of features that could not be used are added; and ``issues``."""

    line: str
    source: Source
    zone_field: str | None
    id_field: str | None
    extent: LineExtent
    issues: list[Issue]


@dataclass
class _Found:
    """What a batch of ``count`` features holds: ``zones``, ``ids`` and ``surroundings`` of those near towns (the
    last only where they are wanted), ``pieces`` of those in towns, and what is wrong with others."""

    layer: LineLayer
    count: int
    issues: list[Issue]
    unusable: list[Bounds]
    zones: np.ndarray
    ids: np.ndarray
    surroundings: np.ndarray | None
    pieces: Pieces


class LineReader:
    """Streams layers past the towns and keeps what matters to them.

    :param on_near: called with (line id or ``coverage``, zone, source id, geometry) of the features in the surroundings
        of towns, in the overlay CRS, where these are wanted (for the maps), else None.
    """

    def __init__(
        self, table: TownTable, request: ReviewRequest, overlay: Overlay, workers: Workers, issues: list[Issue],
        on_near: Callable[[str, np.ndarray, np.ndarray, np.ndarray], None] | None = None,
    ):  # fmt: skip
        self._table, self._request, self._overlay, self._workers = table, request, overlay, workers
        self._issues, self._on_near = issues, on_near
        self._cutter = Cutter(table.towns.overlay, overlay, workers)
        boxes = table.towns.boxes
        margin = np.maximum(NEAR_LEAST_M, NEAR_SHARE * np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))
        if on_near is None:
            margin = np.zeros(len(boxes))
        self._near = shapely.box(*(boxes + np.column_stack([-margin, -margin, margin, margin])).T)
        self._near_tree = shapely.STRtree(np.where(np.isnan(margin), None, self._near))
        self.transformations: dict[str, dict[str, object]] = {}

    def read(self, layers: Iterable[LineLayer]) -> Iterator[tuple[LineLayer, Pieces, int]]:
        """Of each batch of each layer, in order, its pieces and the number of its features.

        Several batches are looked at at a time, and the next layer is opened while the last batches of one are.
        """
        for found in self._workers.in_order(self._look_at, self._batches(layers)):
            self._workers.check()
            layer = found.layer
            layer.issues += found.issues
            if len(found.unusable):
                layer.extent.unusable = np.concatenate([layer.extent.unusable, np.reshape(found.unusable, (-1, 4))])
            if self._on_near and layer.line != CONSTRUCTION:
                self._on_near(layer.line.lstrip("@"), found.zones, found.ids, found.surroundings)
            yield layer, found.pieces, found.count

    def _batches(self, layers: Iterable[LineLayer]) -> Iterator[tuple[Batch, LineLayer, Transformation]]:
        for layer in layers:
            transform = self._transformation(layer.source, self._request.profile.max_edge_m)
            # By role: layers of several files may have one name.
            facts = {"operation": transform.description, "accuracy_m": transform.accuracy}
            self.transformations[layer.line.lstrip("@")] = facts
            columns = [name for name in (layer.zone_field, layer.id_field) if name]
            for batch in layer.source.batches(columns=columns, bbox=self._search_box(layer.source)):
                yield batch, layer, transform

    def _look_at(self, batch: Batch, layer: LineLayer, transform: Transformation) -> _Found:
        self._workers.check()
        delivered = batch.geometry
        moved = transform(delivered)
        keep = np.zeros(len(moved), dtype=bool)
        keep[self._near_tree.query(moved)[0]] = True
        keep |= ~np.isfinite(shapely.bounds(moved)).all(axis=1)  # nothing, empty or not a place: to be listed
        rows = np.flatnonzero(keep)
        usable, issues, unusable = usable_polygons(moved[rows], batch.fid[rows], layer.source.name)
        feature, town, geometry, whole = self._cutter.cut(usable)
        blank = np.full(len(rows), "", dtype=object)
        zones = as_texts(batch.fields[layer.zone_field][rows]) if layer.zone_field else blank
        wanted = np.arange(len(rows)) if self._on_near else np.unique(feature)
        ids = blank.copy()
        known = batch.fields[layer.id_field] if layer.id_field else None
        ids[wanted] = _hashes(delivered[rows[wanted]]) if known is None else as_texts(known[rows[wanted]])
        surroundings = self._surroundings(usable) if self._on_near else None
        pieces = Pieces(town, ids[feature], zones[feature], whole, geometry)
        return _Found(layer, len(batch), issues, unusable, zones, ids, surroundings, pieces)

    def _surroundings(self, geometry: np.ndarray) -> np.ndarray:
        """The features as maps need them: large ones cut to the surroundings of the towns they are near."""
        large = np.flatnonzero(shapely.get_num_coordinates(geometry) > 1024)
        if len(large):
            geometry = geometry.copy()
            for i in large:
                self._workers.check()
                near = shapely.union_all(self._near[self._near_tree.query(geometry[i])])
                geometry[i] = self._overlay.intersection(geometry[i : i + 1], np.array([near]))[0]
        return geometry

    def _search_box(self, source: Source) -> tuple[float, float, float, float] | None:
        """Where to look for features, in the layer's CRS; None for a layer that lies mostly there: all of it is read
        then, since a search by box would hide the features without geometry, which are listed."""
        back = pyproj.Transformer.from_crs(self._table.overlay_crs, source.crs, always_xy=True)
        x1, y1, x2, y2 = back.transform_bounds(*shapely.total_bounds(self._near), densify_pts=21)
        slack = 0.01 * max(x2 - x1, y2 - y1)  # datum shifts and the bend of the edges stay well inside
        box = x1 - slack, y1 - slack, x2 + slack, y2 + slack
        if source.bounds is None or shapely.box(*source.bounds).area < _MUCH_LARGER * shapely.box(*box).area:
            return None
        return box

    def _transformation(self, source: Source, max_edge: float) -> Transformation:
        to = self._table.overlay_crs
        return Transformation(
            source.crs, to, source.pipeline(to), self._request.profile.allow_ballpark,
            layer=source.name, area=self._table.area, max_edge=max_edge,
        )  # fmt: skip

    def extent(self, source: Source, declared: bool) -> LineExtent:
        """What is known of a layer before it is read.

        :raises RedlineError: ``no_crs``, ``empty_layer``, ``ballpark_transformation``.
        """
        _require_crs_and_features(source)
        box = None
        if source.bounds is not None and np.isfinite(source.bounds).all():
            edges = np.array([shapely.box(*source.bounds)])
            transform = self._transformation(source, max_edge=10_000.0)
            box = transform(edges)[0]
        return LineExtent(box, declared, np.empty((0, 4)))


def _hashes(geometry: np.ndarray) -> np.ndarray:
    """Identity of features without one of their own: a hash of the delivered geometry, whatever its starting vertex."""
    single = shapely.get_num_geometries(geometry) == 1  # a polygon and a multipolygon of one are the same land
    geometry = shapely.normalize(np.where(single, shapely.get_geometry(geometry, 0), geometry))
    wkb = shapely.to_wkb(geometry, byte_order=1)
    return np.array(["" if w is None else blake2b(w, digest_size=8).hexdigest() for w in wkb], dtype=object)
