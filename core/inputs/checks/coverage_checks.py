"""The towns that the coverage, or failing that the extent of a line's features, does not reach."""

from __future__ import annotations

import numpy as np
import shapely

from ...analysis.robust import Overlay
from .layer import CheckedLayer
from .listing import Listing


def check_coverage(
    line: CheckedLayer, cover: shapely.Geometry | None, declared: bool, towns: np.ndarray, names: np.ndarray,
    slack_pct: float, overlay: Overlay, listing: Listing,
) -> None:  # fmt: skip
    """cover: the declared coverage, or the box of the layer's features, None for nothing. towns: (m,) valid polygons or
    None, names: (m,). slack_pct: so much of a town may be left out."""
    known = np.flatnonzero(~(shapely.is_missing(towns) | shapely.is_empty(towns)))
    if cover is None:
        left, share = towns[known].copy(), np.zeros(len(known))
    else:
        shapely.prepare(cover)
        outside = ~shapely.covers(cover, towns[known])
        known = known[outside]
        left = overlay.difference(towns[known], np.full(len(known), cover))
        share = 1 - shapely.area(left) / shapely.area(towns[known])
    code = "check_town_uncovered" if declared else "check_town_beyond"
    title = line.title or line.name
    for row in np.flatnonzero(100 * (1 - share) > slack_pct):
        severity = "error" if share[row] <= 0 else "warning"
        details = {"line": title, "covered_pct": 100 * float(max(share[row], 0.0))}
        listing.add_rows(
            code, severity, line.name, [names[known[row]]], lambda _, said=details: said, left[row : row + 1]
        )
