"""The verdict tables of a review: what a piece, a line and a town are judged as.

Pure functions on codes and figures; the figures come from the profile.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..profile import CLEAR, NOTICE, VIOLATION, WARNING, Judgement, Line, Profile, Zone

SITE, PLANNED_AREA, ADMINISTRATIVE_UNIT = "site", "planned_area", "administrative_unit"
CONCENTRATED, ALLOWED = "concentrated", "allowed"
BELOW_TOLERANCE = "below_tolerance"
NOT_CHECKED, NOT_JUDGED = "not_checked", "not_judged"
HIT, PARTLY, UNCHECKED = "hit", "partly", "unchecked"

# Size of a connected piece, least first.
BELOW, NARROW, FULL = 0, 1, 2

_RANK = {CLEAR: 0, BELOW_TOLERANCE: 0, NOTICE: 1, WARNING: 2, VIOLATION: 3}


def worst(severities: Iterable[str]) -> str:
    return max(severities, key=_RANK.__getitem__, default=CLEAR)


def piece_size(area: np.ndarray, width: np.ndarray, line: Line) -> np.ndarray:
    """`BELOW`, `NARROW` or `FULL` for connected pieces of the given areas (m²) and mean widths (m).

    Where the profile has both figures a piece is below tolerance only if both its area and its width are: a compact
    patch is never dropped for being small. Without a width the area alone decides, without an area nothing is below.
    """
    small = np.zeros(len(area), dtype=bool) if line.min_area_m2 is None else area < line.min_area_m2
    thin = np.zeros(len(area), dtype=bool) if line.min_width_m is None else width < line.min_width_m
    below = small if line.min_width_m is None else small & thin
    return np.select([below, thin], [BELOW, NARROW], FULL)


def zone_of(line: Line, text: str) -> Zone | None:
    """The zone with the longest name the attribute contains, else the one with its code; None where it is unknown."""
    named = [(len(name), zone) for zone in line.zones for name in zone.names if name.casefold() in text.casefold()]
    if named:
        return max(named, key=lambda match: match[0])[1]
    return next((zone for zone in line.zones if text and text in zone.codes), None)


def judgement_of(line: Line, text: str) -> Judgement:
    """The judgement of a feature of the line with this zone attribute, ``""`` where it has none."""
    zone = zone_of(line, text)
    return zone.judgement if zone else line.unknown_zone or line.judgement


def kind_class(profile: Profile, declared: str | None) -> str | None:
    """`CONCENTRATED`, `ALLOWED` or None for the declared kind of construction; None where nothing fits or is stated."""
    text = (declared or "").casefold()
    if text and any(kind.casefold() in text for kind in profile.concentrated_kinds):
        return CONCENTRATED
    if text and any(kind.casefold() in text for kind in profile.allowed_kinds):
        return ALLOWED
    return None


def severity(judgement: Judgement, review_object: str, kind: str | None) -> str:
    """What a piece of full size is; an administrative unit gets statistics only."""
    if review_object == ADMINISTRATIVE_UNIT:
        return NOTICE
    if review_object == PLANNED_AREA:
        return judgement.planned_area
    if kind == CONCENTRATED and judgement.concentrated:
        return judgement.concentrated
    if kind == ALLOWED and judgement.allowed_kind:
        return judgement.allowed_kind
    return judgement.site


def severity_of_size(size: int, full: str, review_object: str) -> str:
    """A narrow piece is suspected to be a boundary error: a warning at most."""
    if size == BELOW:
        return BELOW_TOLERANCE
    if size == NARROW and review_object != ADMINISTRATIVE_UNIT:
        return WARNING if _RANK[full] >= _RANK[WARNING] else full
    return full


def line_verdict(severities: Iterable[str], below_m2: float, line: Line, review_object: str) -> str:
    """The verdict on what was found on one line in one town; coverage is judged apart. Pieces below tolerance alone
    leave the line clear, unless their total is over the cap."""
    found = worst(severities)
    if found == BELOW_TOLERANCE:
        found = CLEAR
    over_cap = line.max_below_tolerance_m2 is not None and below_m2 > line.max_below_tolerance_m2
    if over_cap and review_object != ADMINISTRATIVE_UNIT:
        return worst([found, WARNING])
    return found


def line_check(found: str, covered: float) -> str:
    """`HIT`, `CLEAR`, `PARTLY` or `UNCHECKED` from the line's verdict and the covered share of the town, 0 to 1."""
    if found != CLEAR:
        return HIT
    if covered >= 1:
        return CLEAR
    return PARTLY if covered > 0 else UNCHECKED


def town_verdict(found: Iterable[str], gap: bool, review_object: str) -> str:
    """The machine verdict on a town.

    :param found: the verdict of each line.
    :param gap: whether a required line is absent or does not cover the whole town; a gap outranks a warning, since
        what was not looked at may hold a violation.
    """
    if review_object == ADMINISTRATIVE_UNIT:
        return NOT_JUDGED
    verdict = worst(found)
    if verdict == VIOLATION:
        return VIOLATION
    if gap:
        return NOT_CHECKED
    return WARNING if verdict == WARNING else CLEAR
