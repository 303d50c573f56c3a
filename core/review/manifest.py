"""The facts of a run: what was compared, how, by which rules and versions."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..analysis.coverage import LineExtent
from ..analysis.robust import Overlay
from ..profile import Profile
from .intensity import Intensity
from .opening import SCHEMA_VERSION
from .reading import LineReader
from .reading_towns import TownTable
from .request import ReviewRequest
from .secrets import without_secrets


def manifest_rows(
    request: ReviewRequest, table: TownTable, extents: dict[str, LineExtent], reader: LineReader,
    overlay: Overlay, run_id: str, started: datetime, intensity: Intensity | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Key and JSON value of each fact, as the table ``run`` of the package holds them."""
    profile = request.profile
    sources = {"towns": request.towns, "construction": request.construction, "coverage": request.coverage}
    sources |= request.lines
    if intensity:
        sources |= {role.lstrip("@"): source for role, source in intensity.sources.items()}
    facts = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "language": request.language,
        "versions": {
            **request.versions, "numpy": np.__version__, "shapely": shapely.__version__,
            "geos": shapely.geos_version_string, "pyproj": pyproj.__version__, "proj": pyproj.proj_version_str,
        },
        "crs": table.crs.to_string(),
        "overlay_crs": table.overlay_crs.to_string(),
        "transformations": reader.transformations,
        "area_method": request.area_method,
        "review_object": request.review_object,
        "max_edge_m": profile.max_edge_m,
        "profile": _of_profile(profile),
        "fields": {
            "town_id": request.town_id_field, "town_name": request.town_name_field, "kind": request.kind_field,
            "coverage_line": request.coverage_line_field, "approved_area": request.approved_area_field,
            "zones": request.zone_fields, "ids": request.id_fields, "ids_used": reader.ids_used,
        },
        "sources": {
            role: {"layer": source.name, **_fingerprint(source), **_reopen(request, role), **_about(request, role)}
            for role, source in sources.items() if source
        },
        "coverage": {line: "declared" if extent.declared else "not_declared" for line, extent in extents.items()},
        "unusable_features": {line: len(extent.unusable) for line, extent in extents.items()},
        "snapped": {str(grid): count for grid, count in overlay.snapped.items()},
        "intensity": intensity.facts() if intensity else None,
        "previous": str(request.previous) if request.previous else None,
        "tool": request.tool or None,
    }  # fmt: skip
    values = [json.dumps(value, ensure_ascii=False, default=str) for value in facts.values()]
    return pd.DataFrame({"key": list(facts), "value": values})


def _fingerprint(source: Any) -> dict[str, object]:
    facts = source.fingerprint()
    return {**facts, "location": without_secrets(str(facts["location"]))} if "location" in facts else facts


def _reopen(request: ReviewRequest, role: str) -> dict[str, object]:
    return {"reopen": dict(request.reopen[role])} if role in request.reopen else {}


def _about(request: ReviewRequest, role: str) -> dict[str, object]:
    """Which data a line is: as the layer's metadata say, else as the rules say; never some of each, which may be of two
    editions."""
    if role not in request.lines:
        return {}
    said = request.lines[role].about or request.profile.line(role).data
    return {"about": dict(said)} if said else {}


def _of_profile(profile: Profile) -> dict[str, Any]:
    """What of the rules is needed where the package is opened, so that nobody needs the profile there."""
    return {
        "name": profile.name,
        "tolerances": {
            line.id: [line.min_area_m2, line.min_width_m, line.max_below_tolerance_m2] for line in profile.lines
        },
        "required": [line.id for line in profile.lines if line.required],
        "changes": [profile.changes.limit_m2, profile.changes.limit_pct],
        "lines": [{"id": line.id, "short": line.short, "name": line.name, "test": line.test} for line in profile.lines],
        "checklist": [asdict(question) for question in profile.checklist],
    }
