"""Streaming layers past the towns of a review: the lines, what is built, what the land is used for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyproj
import shapely

from ..analysis.coverage import LineExtent
from ..analysis.parallel import Workers
from ..analysis.pieces import Cutter, Pieces
from ..analysis.robust import Overlay
from ..analysis.roles import COVERAGE
from ..errors import Issue
from ..inputs.crs import Transformation
from ..inputs.repair import Bounds, usable_polygons
from ..inputs.source import Batch, Source, as_texts
from .reading_towns import TownTable, require_crs_and_features
from .request import ReviewRequest

_TAKEN = 3  # batches for each thread: few large polygons, which come first, take longer than many small ones
_MUCH_LARGER = 4  # a layer that many times the size of the towns' surroundings is searched by box
NEAR_SHARE, NEAR_LEAST_M = 0.25, 200.0  # surroundings of a town that maps show: share of its size, and at least


Check = Callable[[np.ndarray, np.ndarray, np.ndarray], list[Issue]]


@dataclass
class LineLayer:
    """A layer and the part it plays: ``line``, the id of a line, or one of `core.analysis.roles`; its fields, None
    where there is none; ``extent``, to which the bounds of features that could not be used are added; and ``issues``.

    The layers of intensity keep other texts in the place of zone and id: land use its code and deduction, buildings
    floors and height. ``check`` is given feature ids and these two of each batch, and lists what is wrong with them.
    """

    line: str
    source: Source
    zone_field: str | None
    id_field: str | None
    extent: LineExtent
    issues: list[Issue]
    check: Check | None = None

    @property
    def is_line(self) -> bool:
        """Whether its features are kept for maps, and each has an identity."""
        return self.line == COVERAGE or not self.line.startswith("@")


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
        self.ids_used: dict[str, str] = {}  # by line the field that identifies its features, "" for their geometry

    def read(self, layers: Iterable[LineLayer]) -> Iterator[tuple[LineLayer, Pieces, int]]:
        """Of each batch of each layer, in order, its pieces and the number of its features.

        Several batches are looked at at a time, and the next layer is opened while the last batches of one are.
        """
        for found in self._workers.in_order(self._look_at, self._batches(layers), _TAKEN):
            self._workers.check()
            layer = found.layer
            layer.issues += found.issues
            if len(found.unusable):
                layer.extent.unusable = np.concatenate([layer.extent.unusable, np.reshape(found.unusable, (-1, 4))])
            if self._on_near and layer.is_line:
                self._on_near(layer.line.lstrip("@"), found.zones, found.ids, found.surroundings)
            yield layer, found.pieces, found.count

    def _batches(self, layers: Iterable[LineLayer]) -> Iterator[tuple[Batch, LineLayer, Transformation]]:
        for layer in layers:
            transform = self._transformation(layer.source, self._request.profile.max_edge_m)
            # By role: layers of several files may have one name.
            facts = {"operation": transform.description, "accuracy_m": transform.accuracy}
            self.transformations[layer.line.lstrip("@")] = facts
            if layer.is_line and layer.line != COVERAGE:
                self.ids_used[layer.line] = layer.id_field or ""
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
        shown = self._on_near is not None and layer.is_line
        wanted = np.arange(len(rows)) if shown else np.unique(feature)
        ids = blank.copy()
        if layer.id_field:
            ids[wanted] = as_texts(batch.fields[layer.id_field][rows[wanted]])
        elif layer.is_line:
            ids[wanted] = geometry_hashes(delivered[rows[wanted]])
        if layer.check:
            inside = np.unique(feature)
            issues += layer.check(batch.fid[rows[inside]], zones[inside], ids[inside])
        surroundings = self._surroundings(usable) if shown else None
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
        require_crs_and_features(source)
        box = None
        if source.bounds is not None and np.isfinite(source.bounds).all():
            edges = np.array([shapely.box(*source.bounds)])
            transform = self._transformation(source, max_edge=10_000.0)
            box = transform(edges)[0]
        return LineExtent(box, declared, np.empty((0, 4)))


def geometry_hashes(geometry: np.ndarray) -> np.ndarray:
    """Identity of features without one of their own: a hash of the delivered geometry, whatever its starting vertex.

    :param geometry: shape (n,), as a source's batches have it. :returns: text, shape (n,), ``""`` for None.
    """
    single = shapely.get_num_geometries(geometry) == 1  # a polygon and a multipolygon of one are the same land
    geometry = shapely.normalize(np.where(single, shapely.get_geometry(geometry, 0), geometry))
    wkb = shapely.to_wkb(geometry, byte_order=1)
    return np.array(["" if w is None else blake2b(w, digest_size=8).hexdigest() for w in wkb], dtype=object)
