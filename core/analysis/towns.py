"""The review objects as the analysis sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely


@dataclass
class Towns:
    """Arrays of one length, one entry per town.

    ``geometry``: as delivered (repaired) in the towns' CRS, None where unusable. ``overlay``: the same in the overlay
    CRS. ``official_m2``: by the chosen area method from the delivered vertices, NaN without geometry.
    ``measured_m2``: of ``overlay``, as its parts are measured (`AreaMeasure.of_parts`). ``kind``: class of the declared
    kind of construction, or None. ``approved_m2``: NaN where not given.
    """

    id: np.ndarray
    name: np.ndarray
    geometry: np.ndarray
    overlay: np.ndarray
    official_m2: np.ndarray
    measured_m2: np.ndarray
    kind: np.ndarray
    approved_m2: np.ndarray

    def __len__(self) -> int:
        return len(self.id)

    @property
    def balance(self) -> np.ndarray:
        """Factor that scales measured parts to the town's official area (平差), about 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.measured_m2 > 0, self.official_m2 / self.measured_m2, 1.0)

    @property
    def boxes(self) -> np.ndarray:
        """Bounds in the overlay CRS, shape (n, 4)."""
        return shapely.bounds(self.overlay)
