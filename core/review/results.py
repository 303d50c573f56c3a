"""Everything a run writes: result layers and the review package, built aside and put in place together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..inputs.source import Field
from . import intensity_schema, schema
from .decisions import CHECKLIST, DECISIONS
from .intensity_frames import class_sums
from .layers import LayerWriter
from .package import PackageWriter
from .previous import Previous
from .request import ReviewRequest


class Results:
    """:param crs: the towns', which all geometry handed over is in."""

    def __init__(self, request: ReviewRequest, crs: pyproj.CRS):
        self._request, self._crs = request, crs
        self._package = PackageWriter(request.package) if request.package else None
        self._open: list[LayerWriter | PackageWriter] = [self._package] if self._package else []
        self._findings: list[LayerWriter] = []
        self._lines = self._package_layer("lines", schema.LINES)

    @property
    def wants_findings(self) -> bool:
        return self._package is not None or self._request.findings is not None

    @property
    def wants_package(self) -> bool:
        return self._package is not None

    def open(self, summary_fields: list[Field], intensity_fields: list[Field]) -> None:
        """Start the result layers; the lines are all there. Nothing is heard of them until `commit`."""
        for writer, fields in (
            (self._request.summary, summary_fields),
            (self._request.findings, schema.FINDINGS),
            (self._request.intensity_layer, intensity_fields),
        ):
            if writer is not None:
                self._open.insert(0, writer)
                writer.open(fields, self._crs)
        for name, writer in self._request.tables.items():
            self._open.insert(0, writer)
            writer.open(intensity_schema.TABLES[name], None)
        rules = intensity_schema.OF_TOWNS if self._request.intensity else []
        self._towns = self._package_layer("towns", [*summary_fields, *rules, schema.REVIEWED])
        self._conflicts = self._package_layer("line_conflicts", schema.CONFLICTS)
        layer = self._package_layer("findings", schema.FINDINGS)
        # The package's layer first: it is written in a thread of its own while the other is.
        self._findings = [writer for writer in (layer, self._request.findings) if writer is not None]
        if self._package and self._request.intensity:
            for name in ("land_use", "land_classes"):
                fields = intensity_schema.TABLES[name]
                self._package.table(name, fields, pd.DataFrame(columns=[field.name for field in fields]))
        if self._lines is not None:
            self._lines.finish()

    def near(self, line: str, zone: np.ndarray, source_id: np.ndarray, geometry: np.ndarray) -> None:
        """Features of a line, or of the coverage, in the surroundings of towns: what maps need."""
        there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
        columns = {"line": line, "zone": zone[there], "source_id": source_id[there], "geometry": geometry[there]}
        self._lines.write(pd.DataFrame(columns))

    def group(self, findings: pd.DataFrame, conflicts: pd.DataFrame) -> None:
        """Findings and line conflicts of a group of towns."""
        # GEOS works out a geometry's bounds when they are first asked for: not by two writers at the same time.
        shapely.bounds(findings["geometry"].to_numpy(object))
        for writer in self._findings:
            writer.write(findings)
        if self._conflicts is not None:
            self._conflicts.write(conflicts)

    def land_use(self, rows: pd.DataFrame) -> None:
        """Land use in the findings of a group of towns."""
        if self._package is not None:
            self._package.rows("land_use", intensity_schema.LAND_USE, rows)
            self._package.rows("land_classes", intensity_schema.LAND_CLASSES, class_sums(rows))

    def intensity(self, layer: pd.DataFrame, table: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> None:
        """Indicators as a layer and as a table of the package, and the other tables by name."""
        if self._request.intensity_layer is not None:
            self._request.intensity_layer.write(layer)
        for name, writer in self._request.tables.items():
            writer.write(tables[name])
        if self._package is not None:
            self._package.table("intensity", intensity_schema.INTENSITY, table)
            self._package.table("indicators", intensity_schema.INDICATORS, tables["indicators"])
            self._package.table("town_rules", intensity_schema.TOWN_RULES, tables["town_rules"])
            for name in ("land_use", "land_classes"):
                self._package.rows(name, intensity_schema.TABLES[name], tables[name])

    def finish(
        self, summary: pd.DataFrame, ledger: pd.DataFrame, issues: pd.DataFrame, previous: Previous,
        manifest: pd.DataFrame,
    ) -> None:  # fmt: skip
        """What is known when all towns have been looked at."""
        if self._request.summary is not None:
            self._request.summary.write(summary)
        if self._package is None:
            return
        self._towns.write(summary.assign(**{schema.REVIEWED.name: summary["verdict"]}))
        self._package_layer("data_issues", schema.ISSUES).write(issues)
        self._package.table("ledger", schema.LEDGER, ledger)
        self._package.carry_events(DECISIONS, previous.decisions())
        self._package.carry_events(CHECKLIST, previous.checklist())
        self._package.carry_numbers(previous.numbers())
        self._package.table("run", schema.RUN, manifest)
        self._package.complete()

    def commit(self) -> None:
        """Put everything in its place, the package last: it is the one that is compared with later."""
        while self._open:
            writer = self._open[0]
            if writer is self._package:
                self._package.commit()
            else:
                writer.close()
            self._open.pop(0)

    def abort(self) -> None:
        """Throw away what was not put in place; does nothing after `commit`."""
        for writer in self._open:
            writer.abort()

    def _package_layer(self, name: str, fields: list[Field]) -> LayerWriter | None:
        return self._package.layer(name, fields, self._crs) if self._package else None
