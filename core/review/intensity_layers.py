"""Opening the layers of intensity: fields found, class systems told, before anything is read past the towns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..analysis.buildings import positive
from ..analysis.class_systems import class_system, normal_code
from ..analysis.land_use import deduction
from ..analysis.roles import BUILDINGS, PLANNED_LAND_USE
from ..errors import Issue, RedlineError
from ..inputs.source import Source, as_texts
from ..intensity_rules import ClassSystem
from ..profile import Profile
from .intensity_request import IntensityRequest, LandUseLayer
from .reading import LineLayer, LineReader
from .request import ReviewRequest

DEDUCTION_FIELDS = ("KCXS",)  # 扣除系数
FLOORS, HEIGHT = "floors_not_usable", "height_not_usable"


@dataclass
class OpenedLandUse:
    role: str
    source: Source
    code_field: str
    deduction_field: str | None
    system: ClassSystem

    def line_layer(self, reader: LineReader) -> LineLayer:
        name = self.source.name

        def check(fid: np.ndarray, _: np.ndarray, deducted: np.ndarray) -> list[Issue]:
            wrong = [(row, text) for row, text in zip(fid, deducted, strict=True) if deduction(text) is None]
            return [Issue("deduction_not_usable", "warning", name, str(row), {"value": text}) for row, text in wrong]

        extent = reader.extent(self.source, declared=False)
        wanted = check if self.deduction_field else None
        return LineLayer(self.role, self.source, self.code_field, self.deduction_field, extent, [], wanted)


def open_land_use(role: str, layer: LandUseLayer, profile: Profile, issues: list[Issue]) -> OpenedLandUse:
    """:raises RedlineError: ``no_code_field``, ``no_such_field``, and those of `class_system`."""
    source = layer.source
    if source.count == 0:
        raise RedlineError("empty_layer", layer=source.name)
    known = {field.name.casefold(): field.name for field in source.fields}
    usual = _usual_fields(role, layer, profile)
    there = [known[name.casefold()] for name in usual if name.casefold() in known]
    field = layer.code_field or next(iter(there), None)
    if field is None:
        raise RedlineError("no_code_field", layer=source.name, fields=", ".join(usual))
    if field not in known.values():
        raise RedlineError("no_such_field", layer=source.name, field=field)
    counts = Counter(as_texts(source.values(field)).tolist())
    codes: Counter[str] = Counter()
    for text, count in counts.items():
        codes[normal_code(text)] += count
    system = class_system(profile.class_systems, layer.system, codes, source.name, field)
    if len(there) > 1 and not layer.code_field:
        details = {"field": field, "fields": ", ".join(there[1:])}
        issues.append(Issue("code_field_found", "notice", source.name, details=details))
    if not layer.system:
        details = {"system": system.name, "field": field}
        issues.append(Issue("class_system_found", "notice", source.name, details=details))
    deducted = next((known[name.casefold()] for name in DEDUCTION_FIELDS if name.casefold() in known), None)
    return OpenedLandUse(role, source, field, deducted, system)


def not_given(request: ReviewRequest) -> list[Issue]:
    """What a whole review could not look at, because it was not given."""
    lines = [line.name for line in request.profile.lines if line.required and line.id not in request.lines]
    issues = [Issue("line_not_given", "warning", request.towns.name, details={"line": name}) for name in lines]
    wanted = request.intensity
    sources = {
        "land_use": wanted.land_use, "planned_land_use": wanted.planned, "land_cover": wanted.land_cover,
        "buildings": wanted.buildings, "town_list": wanted.town_list,
    }  # fmt: skip
    missing = [name for name, source in sources.items() if source is None]
    return issues + [
        Issue("source_not_given", "notice", request.towns.name, details={"source": name}) for name in missing
    ]


def _usual_fields(role: str, layer: LandUseLayer, profile: Profile) -> list[str]:
    """Those of the system asked for first; for a plan those of later systems before others: plans keep the codes of
    the present land use beside their own."""
    systems = profile.class_systems[:: -1 if role == PLANNED_LAND_USE else 1]
    systems = sorted(systems, key=lambda one: one.id != layer.system)
    return [name for system in systems for name in system.code_fields]


def buildings_layer(request: IntensityRequest, reader: LineReader) -> LineLayer:
    """:raises RedlineError: ``no_such_field``."""
    source = request.buildings
    name = source.name
    names = [field.name for field in source.fields]
    for field in (request.floors_field, request.height_field):
        if field and field not in names:
            raise RedlineError("no_such_field", layer=name, field=field)

    def check(fid: np.ndarray, floors: np.ndarray, heights: np.ndarray) -> list[Issue]:
        found = []
        for code, field, texts in ((FLOORS, request.floors_field, floors), (HEIGHT, request.height_field, heights)):
            if field:
                wrong = [(row, text) for row, text in zip(fid, texts, strict=True) if text and positive(text) is None]
                details = [{"field": field, "value": text} for _, text in wrong]
                found += [
                    Issue(code, "warning", name, str(row), more) for (row, _), more in zip(wrong, details, strict=True)
                ]
        return found

    extent = reader.extent(source, declared=False)
    return LineLayer(BUILDINGS, source, request.floors_field, request.height_field, extent, [], check)
