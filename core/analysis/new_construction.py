"""New construction (新增建设): construction land that an earlier land use shows as something else."""

from __future__ import annotations

import numpy as np

from ..intensity_rules import CONSTRUCTION, ClassSystem, IntensityRules
from .area import AreaMeasure
from .cover import Coverer
from .land_use import LandUse
from .parallel import Workers, shareable
from .pieces import land_parts, widths
from .robust import Overlay
from .towns import Towns


def new_construction(
    now: LandUse, earlier: LandUse, now_system: ClassSystem, earlier_system: ClassSystem, rules: IntensityRules,
    towns: Towns, measure: AreaMeasure, coverer: Coverer, overlay: Overlay, workers: Workers,
) -> np.ndarray:  # fmt: skip
    """m² in each town (m,), balanced. Only what the earlier layer shows as no construction land is proven new, and only
    in connected pieces of the area and width that the rules ask for: two surveys never draw an edge alike."""
    is_built = _main(now.code, now_system) == CONSTRUCTION
    earlier_main = _main(earlier.code, earlier_system)
    was_other = (earlier_main != CONSTRUCTION) & (earlier_main != "")
    built = coverer.unite(now.town[is_built], now.geometry[is_built])
    other = coverer.unite(earlier.town[was_other], earlier.geometry[was_other])
    town = np.flatnonzero((built != None) & (other != None))  # noqa: E711 - elementwise
    common = workers.map(overlay.intersection, shareable(built[town]), shareable(other[town]), step=4)
    part, row = land_parts(common)
    area = measure.of_parts(part) * towns.balance[town[row]]
    counts = (area >= rules.new_construction_m2) & (widths(part) >= rules.new_construction_width_m)
    return np.bincount(town[row[counts]], weights=area[counts], minlength=len(towns))


def _main(codes: np.ndarray, system: ClassSystem) -> np.ndarray:
    """Farm, construction or unused of each code; ``""`` where the system does not know it."""
    found = {code: system.of(code) for code in set(codes.tolist())}
    names = {code: one.main if one else "" for code, one in found.items()}
    return np.array([names[code] for code in codes], dtype=object)
