"""Layers in memory and plain writers, for tests that run the real review without files."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyproj
import shapely

from redline_review.core.inputs.source import Batch, Field, Source
from redline_review.core.profile import load_profile
from redline_review.core.review.intensity_request import IntensityRequest, LandUseLayer
from redline_review.core.review.layers import LayerWriter
from redline_review.core.review.request import ReviewRequest
from redline_review.core.review.run import run_review

GAUSS_KRUGER = pyproj.CRS.from_epsg(4530)
ORIGIN = np.array([42_500_000.0, 4_850_000.0])


class MemorySource(Source):
    """A layer of geometries and attributes (name → list of values)."""

    def __init__(self, name, geometry, attributes=None, crs=GAUSS_KRUGER, size=3):
        self.name, self.crs, self._size = name, crs, size
        self._geometry = np.array(list(geometry), dtype=object)
        self._attributes = {k: np.array(list(v), dtype=object) for k, v in (attributes or {}).items()}
        self.fields = [Field(name, _type(values)) for name, values in self._attributes.items()]
        self.count, self.geometry_kind = len(self._geometry), "polygon"

    @property
    def bounds(self):
        return tuple(shapely.total_bounds(self._geometry))

    def fingerprint(self):
        return {"features": self.count}

    def batches(self, columns=(), bbox=None, size=None):
        for start in range(0, self.count, self._size):
            rows = slice(start, start + self._size)
            fields = {name: self._attributes[name][rows] for name in columns}
            yield Batch(self._geometry[rows].copy(), fields, np.arange(self.count)[rows])

    def values(self, column):
        return self._attributes[column]


def _type(values):
    kinds = {type(v) for v in values if v is not None}
    return {frozenset({int}): "integer", frozenset({float}): "real"}.get(frozenset(kinds), "text")


class FrameWriter(LayerWriter):
    """Keeps what is written; ``frame`` is None until it is closed."""

    def __init__(self):
        self.frame, self.fields, self.parts, self.aborted = None, None, [], False

    def open(self, fields, crs):
        self.fields, self.crs = fields, crs

    def write(self, frame):
        self.parts.append(frame)

    def close(self):
        self.frame = pd.concat(self.parts, ignore_index=True) if self.parts else pd.DataFrame()

    def abort(self):
        self.aborted = True


def at(x, y):
    """A place in metres from the test county's south-west corner."""
    return np.add(ORIGIN, (x, y))


def square(x, y, width, height=None):
    """A rectangle whose south-west corner is at (x, y) metres."""
    (x, y), height = at(x, y), width if height is None else height
    return shapely.box(x, y, x + width, y + height)


def review(towns, lines, threads=2, budget=8_000_000, **options):
    """Run a review of geometries: ``lines`` maps line ids to lists of geometries or sources.

    Returns summary and findings as data frames, and the outcome.
    """
    if not isinstance(towns, Source):
        towns = MemorySource("towns", towns, {"code": [f"T{n}" for n in range(len(towns))]})
    sources = {k: v if isinstance(v, Source) else MemorySource(k, v) for k, v in lines.items()}
    options.setdefault("profile", load_profile())
    options.setdefault("area_method", "planar")
    options.setdefault("language", "en")
    if any(field.name == "code" for field in towns.fields):
        options.setdefault("town_id_field", "code")
    for name in ("coverage", "construction"):
        if isinstance(options.get(name), list):
            options[name] = MemorySource(name, options[name])
    summary, findings = FrameWriter(), FrameWriter()
    request = ReviewRequest(towns=towns, lines=sources, summary=summary, findings=findings, **options)
    outcome = run_review(request, threads=threads, budget=budget)
    return summary.frame, findings.frame, outcome


def measure(towns, tmp_path=None, lines=None, **options):
    """Measure the intensity of towns (geometries or a source); options are those of IntensityRequest or ReviewRequest.

    Returns the layer and the tables as data frames by name, the outcome, and the package's path where there is one.
    """
    if not isinstance(towns, Source):
        towns = MemorySource("towns", towns, {"code": [f"T{n}" for n in range(len(towns))]})
    wanted = {name: options.pop(name) for name in list(options) if name in IntensityRequest.__dataclass_fields__}
    run = {name: options.pop(name) for name in ("threads", "budget") if name in options}
    options = {"profile": load_profile(), "area_method": "planar", "language": "en"} | options
    if any(field.name == "code" for field in towns.fields):
        options.setdefault("town_id_field", "code")
    layer, tables = FrameWriter(), {name: FrameWriter() for name in ("indicators", "land_use", "town_rules")}
    sources = {k: v if isinstance(v, Source) else MemorySource(k, v) for k, v in (lines or {}).items()}
    package = tmp_path / "review.gpkg" if tmp_path else None
    request = ReviewRequest(
        towns=towns, lines=sources, intensity=IntensityRequest(**wanted), intensity_layer=layer, tables=tables,
        package=package, **options,
    )  # fmt: skip
    outcome = run_review(request, **run)
    return SimpleNamespace(
        towns=layer.frame.set_index("town_id"), outcome=outcome, package=package,
        **{name: writer.frame for name, writer in tables.items()},
    )  # fmt: skip


def land(patches, system="sandiao", name="DLTB", size=3, **fields):
    """A land use layer of (geometry, code) pairs."""
    geometry, codes = zip(*patches, strict=True)
    return LandUseLayer(MemorySource(name, geometry, {"DLBM": codes, **fields}, size=size), None, system)
