"""Layers that are about to be checked: what is known of them before they are read, and how they come together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pyproj
import shapely

from ...analysis.area import AreaMeasure
from ...errors import Issue, RedlineError
from ...profile import Profile
from ..crs import Transformation, overlay_crs
from ..encodings import CODECS
from ..files import FileSource
from .area_checks import area_fields
from .code_checks import CodeChecks
from .crs_checks import Box, crs_issues, degrees, relation_issues
from .layer import COVERAGE, CheckedLayer
from .listing import Listing
from .text_checks import Misread, TextChecks

_STEPS = 17  # places of a layer's bounds that are transformed, each way: their edges bend


@dataclass
class OpenLayer:
    """A layer that is being read, and what is kept of it.

    way: to the CRS the check works in, None for a layer that stays in its own; space: layers of the same one are
    compared with each other; metric: whether their coordinates are metres. extent: of the layer in its own CRS; box:
    of its features, in the CRS the check works in.
    """

    key: str
    layer: CheckedLayer
    extent: Box | None
    way: Transformation | None
    space: int
    metric: bool
    codes: CodeChecks
    texts: TextChecks
    areas: list[str]
    measure: AreaMeasure | None
    columns: dict[str, list[np.ndarray]] = field(default_factory=dict)
    fid: list[np.ndarray] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)
    official: list[np.ndarray] = field(default_factory=list)
    polygons: list[np.ndarray] = field(default_factory=list)  # of towns and coverage only
    box: np.ndarray = field(default_factory=lambda: np.full(4, np.nan))

    @property
    def kept(self) -> list[str]:
        """Columns that are kept until all of the layer is read."""
        more = self.layer.name_field, self.layer.code_field if self.layer.role == COVERAGE else None
        return list(dict.fromkeys([*self.codes.columns, *self.areas, *filter(None, more)]))

    @property
    def wanted(self) -> list[str]:
        return list(dict.fromkeys([*self.kept, *self.texts.columns]))

    def bounds(self) -> np.ndarray | None:
        """The layer's bounds in the CRS the check works in, None where they are not known."""
        box = self.extent
        if box is None or not np.isfinite(box).all():
            return None
        x, y = np.meshgrid(np.linspace(box[0], box[2], _STEPS), np.linspace(box[1], box[3], _STEPS))
        places = shapely.points(x.ravel(), y.ravel())
        found = shapely.total_bounds(self.way(places) if self.way is not None else places)
        return found if np.isfinite(found).all() else None


def open_layers(
    layers: Iterable[CheckedLayer], profile: Profile, listing: Listing
) -> tuple[list[OpenLayer], pyproj.CRS | None]:
    """The layers that can be read, and the CRS the check works in: that of the first whose own can be right.

    What is wrong with a CRS, and layers that cannot be read, go to the listing.
    """
    readable: list[tuple[CheckedLayer, Box | None, bool, Misread | None]] = []
    for layer in layers:
        try:
            if layer.source.count == 0:
                raise RedlineError("empty_layer", layer=layer.name)
            layer.source.require_polygons()
            wrong = _read_in_its_encoding(layer)
            box = layer.source.bounds
        except RedlineError as error:
            listing.add(unreadable(layer.name, error))
            continue
        found = crs_issues(layer.name, layer.source.crs, box)
        for issue in found:
            listing.add(issue)
        trusted = layer.source.crs is not None and all(issue.severity != "error" for issue in found)
        readable.append((layer, box, trusted, wrong))
    crs, area = _reference(readable)
    opened = [_opened(n, *one, crs, area, profile, listing) for n, one in enumerate(readable, 1)]
    return opened, crs


def unreadable(layer: str, error: RedlineError) -> Issue:
    """The issue for a layer that cannot be read. Raises the error itself where the planner has cancelled."""
    if error.code == "cancelled":
        raise error
    details = {name: value for name, value in error.details.items() if name not in ("layer", "feature")}
    return Issue(error.code, "error", layer, str(error.details.get("feature", "")), details)


def _read_in_its_encoding(layer: CheckedLayer) -> Misread | None:
    """Where the texts of a file cannot be in the encoding they are read in, it is read in the right one: its codes and
    names can be checked all the same."""
    wrong = Misread.of(layer.source)
    if wrong is None or not isinstance(layer.source, FileSource):
        return wrong
    layer.source = layer.source.in_encoding(CODECS[wrong.right])
    return replace(wrong, mended=True)


def _reference(
    readable: list[tuple[CheckedLayer, Box | None, bool, Misread | None]],
) -> tuple[pyproj.CRS | None, Box | None]:
    for layer, box, trusted, _ in readable:
        lies = degrees(layer.source.crs, box) if trusted and box is not None else None
        if lies is not None:
            return overlay_crs(layer.source.crs, ((lies[0] + lies[2]) / 2, (lies[1] + lies[3]) / 2)), lies
    return None, None


def _opened(
    number: int, layer: CheckedLayer, box: Box | None, trusted: bool, wrong: Misread | None, crs: pyproj.CRS | None,
    area: Box | None, profile: Profile, listing: Listing,
) -> OpenLayer:  # fmt: skip
    # By itself, and in metres or not as its coordinates look, where nobody knows where it lies.
    way, space, metric = None, number, box is not None and bool(np.isfinite(box).all()) and np.abs(box).max() > 361
    if crs is not None and trusted:
        issues, way = relation_issues(layer.source, crs, area, profile.allow_ballpark)
        for issue in issues:
            listing.add(issue)
        if way is not None:
            space, metric = (number if any(issue.severity == "error" for issue in issues) else 0), True
    codes, texts = CodeChecks(layer, profile.class_systems), TextChecks(layer.name, layer.source.fields, wrong)
    areas = area_fields(layer.source.fields) if trusted and layer.role != COVERAGE else []
    measure = AreaMeasure(layer.source.crs, threads=1) if areas else None
    return OpenLayer(str(number), layer, box, way, space, metric, codes, texts, areas, measure)
