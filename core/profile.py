"""The rules a province may set: control lines, zones, tolerances and verdicts, read from a validated JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import RedlineError
from .intensity_rules import ClassSystem, IntensityRules, Legend, TownListRules, TownRule

PROFILES = Path(__file__).resolve().parents[1] / "resources" / "profiles"
NATIONAL = PROFILES / "national.json"
SCHEMA = 1
BY_ID = ("class_systems", "legends", "town_rules", "checklist")  # lists that a province completes entry by entry

KEEP_OUT, STAY_INSIDE = "keep_out", "stay_inside"
YES, NO = "yes", "no"
ABOUT_DATA = ("title", "version", "number", "date")  # of a line's data; number: of its approval
VIOLATION, WARNING, NOTICE, CLEAR = "violation", "warning", "notice", "clear"

Text = str | Mapping[str, str]


@dataclass(frozen=True)
class Judgement:
    """What a hit is for a site and for a planned area, with the rule it follows from.

    The declared kind of construction may change what a site gets: ``concentrated`` where it is concentrated,
    ``allowed_kind`` where the profile lists it as allowed outside the boundary; None leaves ``site`` as it is.
    """

    site: str
    planned_area: str
    concentrated: str | None = None
    allowed_kind: str | None = None
    rule: Text = ""
    clause: Text = ""


@dataclass(frozen=True)
class Zone:
    """A zone of a line, recognised where the zone attribute contains one of ``names`` or equals one of ``codes``."""

    name: Text
    names: tuple[str, ...]
    codes: tuple[str, ...]
    judgement: Judgement


@dataclass(frozen=True)
class Line:
    """A control line: keep out of it, or stay inside it.

    Tolerances are None where no source gives a figure: nothing is then below tolerance (``min_area_m2``),
    narrow (``min_width_m``) or capped (``max_below_tolerance_m2``). ``judgement`` is that of an overlap with a
    keep-out line or of what lies outside a stay-inside line; ``unknown_zone`` is that of a feature whose zone is
    missing or not listed, and None where the line has no zones. ``data``: which data are to be used, of `ABOUT_DATA`.
    """

    id: str
    short: str
    mark: str
    name: Text
    test: str
    required: bool
    layer_names: tuple[str, ...]
    judgement: Judgement
    id_fields: tuple[str, ...] = ("BSM",)
    min_area_m2: float | None = None
    min_width_m: float | None = None
    max_below_tolerance_m2: float | None = None
    zone_fields: tuple[str, ...] = ()
    zones: tuple[Zone, ...] = ()
    unknown_zone: Judgement | None = None
    data: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    """A finding is unchanged since an earlier run while its area differs by no more than both limits allow."""

    limit_m2: float = 1.0
    limit_pct: float = 0.1


@dataclass(frozen=True)
class Question:
    """A question on each town that a person answers (核对清单). ``good``: the answer (`YES`, `NO`) that is no problem,
    None where either may be; ``group``: the heading it stands under; ``clause``: what it follows from."""

    id: str
    question: Text
    good: str | None = None
    group: Text = ""
    clause: Text = ""


@dataclass(frozen=True)
class Profile:
    name: Text
    source: Text
    lines: tuple[Line, ...]
    concentrated_kinds: tuple[str, ...] = ()
    allowed_kinds: tuple[str, ...] = ()
    changes: Changes = field(default_factory=Changes)
    max_edge_m: float = 100.0
    uncovered_limit_pct: float = 0.01
    allow_ballpark: bool = False
    class_systems: tuple[ClassSystem, ...] = ()
    legends: tuple[Legend, ...] = ()
    town_rules: tuple[TownRule, ...] = ()
    checklist: tuple[Question, ...] = ()
    intensity: IntensityRules = field(default_factory=IntensityRules)
    figure_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    town_list: TownListRules = field(default_factory=TownListRules)

    def line(self, line_id: str) -> Line:
        return next(line for line in self.lines if line.id == line_id)

    def line_of_layer(self, layer_name: str) -> Line | None:
        """The line whose names a layer's name contains, the longest match first; None where there is none."""
        wanted = layer_name.casefold()
        matches = [(len(name), line) for line in self.lines for name in line.layer_names if name.casefold() in wanted]
        return max(matches, key=lambda match: match[0])[1] if matches else None

    def with_tolerance(self, min_area: float | None, min_width: float | None) -> Profile:
        """The profile with every line's tolerance overridden where a figure (m², m) is given."""
        changed: dict[str, float] = {}
        if min_area is not None:
            changed["min_area_m2"] = min_area
        if min_width is not None:
            changed["min_width_m"] = min_width
        return replace(self, lines=tuple(replace(line, **changed) for line in self.lines)) if changed else self


def load_profile(path: str | Path | None = None) -> Profile:
    """Read and check a profile; the national one where no path is given.

    :raises RedlineError: ``profile_unreadable``, or ``profile_key`` naming the key and what it must be.
    """
    from .profile_reader import ProfileReader  # it builds on this module

    path = Path(path) if path else NATIONAL
    data = _json(path)
    profile = ProfileReader(path).profile(data)
    return profile if path == NATIONAL else _completed(profile, data)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise RedlineError("profile_unreadable", path=str(path), reason=str(error)) from error
    except json.JSONDecodeError as error:
        raise RedlineError("profile_not_json", path=str(path), line=error.lineno, reason=error.msg) from error


def _completed(profile: Profile, data: dict[str, Any]) -> Profile:
    """With what the file leaves out of the rules of intensity as the national profile has it; of the lists `BY_ID` the
    file's own entries stand in for the national ones of the same id."""
    national = load_profile()
    joined = {
        name: tuple({one.id: one for one in (*getattr(national, name), *getattr(profile, name))}.values())
        for name in BY_ID
    }
    listed = TownListRules(
        {**national.town_list.fields, **profile.town_list.fields},
        {**national.town_list.statuses, **profile.town_list.statuses},
    )
    if "intensity" not in data:
        joined["intensity"] = national.intensity
    figures = {**national.figure_fields, **profile.figure_fields}
    return replace(profile, **joined, figure_fields=figures, town_list=listed)
