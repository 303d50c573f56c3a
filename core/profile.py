"""The rules a province may set: control lines, zones, tolerances and verdicts, read from a validated JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import RedlineError

PROFILES = Path(__file__).resolve().parents[1] / "resources" / "profiles"
NATIONAL = PROFILES / "national.json"
SCHEMA = 1

KEEP_OUT, STAY_INSIDE = "keep_out", "stay_inside"
VIOLATION, WARNING, NOTICE, CLEAR = "violation", "warning", "notice", "clear"

_TAKEN = ("appr", "area")  # their _m2 are fields of their own

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
    missing or not listed, and None where the line has no zones.
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


@dataclass(frozen=True)
class Changes:
    """A finding is unchanged since an earlier run while its area differs by no more than both limits allow."""

    limit_m2: float = 1.0
    limit_pct: float = 0.1


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
    path = Path(path) if path else NATIONAL
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise RedlineError("profile_unreadable", path=str(path), reason=str(error)) from error
    except json.JSONDecodeError as error:
        raise RedlineError("profile_not_json", path=str(path), line=error.lineno, reason=error.msg) from error
    return _Reader(path).profile(data)


class _Reader:
    """Turns JSON into the classes above; every message names the file, the key's path and what it must be."""

    def __init__(self, path: Path):
        self._path = path

    def profile(self, data: Any) -> Profile:
        known = {
            "schema": self._number, "name": self._text, "source": self._text, "lines": self._lines,
            "concentrated_kinds": self._words, "allowed_kinds": self._words, "changes": self._changes,
            "max_edge_m": self._positive, "uncovered_limit_pct": self._number,
            "allow_ballpark": self._flag,
        }  # fmt: skip
        values = self._object(data, "", known, required=("schema", "name", "lines"))
        if values.pop("schema") != SCHEMA:
            self._fail("schema", "must_be_schema", SCHEMA)
        values.setdefault("source", "")
        for key in ("id", "short", "mark"):  # without case, as the names of fields
            if len({getattr(line, key).casefold() for line in values["lines"]}) < len(values["lines"]):
                self._fail(f"lines[].{key}", "must_be_unique")
        return Profile(**values)

    def _lines(self, data: Any, at: str) -> tuple[Line, ...]:
        if not isinstance(data, list) or not data:
            self._fail(at, "must_be_list")
        return tuple(self._line(item, f"{at}[{n}]") for n, item in enumerate(data))

    def _line(self, data: Any, at: str) -> Line:
        known = {
            "id": self._identifier, "short": self._short, "mark": self._word, "name": self._text,
            "test": self._choice(KEEP_OUT, STAY_INSIDE), "required": self._flag, "layer_names": self._words,
            "judgement": self._judgement, "id_fields": self._words, "min_area_m2": self._tolerance,
            "min_width_m": self._tolerance, "max_below_tolerance_m2": self._tolerance, "zone_fields": self._words,
            "zones": self._zones, "unknown_zone": self._judgement,
        }  # fmt: skip
        required = ("id", "short", "mark", "name", "test", "layer_names", "judgement")
        values = self._object(data, at, known, required)
        values.setdefault("required", False)
        if values.get("zones") and "unknown_zone" not in values:
            self._fail(f"{at}.unknown_zone", "must_be_given_with_zones")
        return Line(**values)

    def _zones(self, data: Any, at: str) -> tuple[Zone, ...]:
        if not isinstance(data, list):
            self._fail(at, "must_be_list")
        known = {"name": self._text, "names": self._words, "codes": self._words, "judgement": self._judgement}
        zones = []
        for n, item in enumerate(data):
            values = self._object(item, f"{at}[{n}]", known, required=("name", "names", "judgement"))
            zones.append(Zone(**{"codes": (), **values}))
        return tuple(zones)

    def _judgement(self, data: Any, at: str) -> Judgement:
        severity = self._choice(VIOLATION, WARNING, NOTICE, CLEAR)
        known = {
            "site": severity, "planned_area": severity, "concentrated": severity, "allowed_kind": severity,
            "rule": self._text, "clause": self._text,
        }  # fmt: skip
        return Judgement(**self._object(data, at, known, required=("site", "planned_area")))

    def _changes(self, data: Any, at: str) -> Changes:
        return Changes(**self._object(data, at, {"limit_m2": self._number, "limit_pct": self._number}))

    def _object(self, data: Any, at: str, known: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
        if not isinstance(data, dict):
            self._fail(at or "{}", "must_be_object")
        for key in data:
            if key not in known and not key.startswith("//"):  # "// …" keys are remarks
                self._fail(f"{at}.{key}".lstrip("."), "must_be_known", ", ".join(known))
        for key in required:
            if key not in data:
                self._fail(f"{at}.{key}".lstrip("."), "must_be_given")
        return {key: known[key](value, f"{at}.{key}".lstrip(".")) for key, value in data.items() if key in known}

    def _text(self, value: Any, at: str) -> Text:
        texts = value.values() if isinstance(value, dict) and value else [value]
        if not all(isinstance(text, str) for text in texts):
            self._fail(at, "must_be_text")
        return value

    def _word(self, value: Any, at: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self._fail(at, "must_be_word")
        return value

    def _identifier(self, value: Any, at: str) -> str:
        if not isinstance(value, str) or not value.isidentifier() or not value.isascii():
            self._fail(at, "must_be_identifier")
        return value

    def _short(self, value: Any, at: str) -> str:
        if len(self._identifier(value, at)) > 4:  # leaves room for _check in a Shapefile's ten characters
            self._fail(at, "must_be_short")
        if value.casefold() in _TAKEN:
            self._fail(at, "must_not_be", ", ".join(_TAKEN))
        return value

    def _words(self, value: Any, at: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._fail(at, "must_be_list_of_words")
        return tuple(self._word(item, f"{at}[{n}]") for n, item in enumerate(value))

    def _flag(self, value: Any, at: str) -> bool:
        if not isinstance(value, bool):
            self._fail(at, "must_be_flag")
        return value

    def _number(self, value: Any, at: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            self._fail(at, "must_be_number")
        return value

    def _positive(self, value: Any, at: str) -> float:
        if not self._number(value, at):
            self._fail(at, "must_be_positive")
        return value

    def _tolerance(self, value: Any, at: str) -> float | None:
        return None if value is None else self._number(value, at)

    def _choice(self, *choices: str) -> Any:
        def read(value: Any, at: str) -> str:
            if value not in choices:
                self._fail(at, "must_be_one_of", ", ".join(choices))
            return value

        return read

    def _fail(self, key: str, must: str, what: Any = "") -> None:
        raise RedlineError(must, path=str(self._path), key=key, what=what)
