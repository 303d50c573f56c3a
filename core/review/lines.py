"""Reading the lines, the construction land and the coverage of a review past its towns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from ..analysis.coverage import LineExtent
from ..analysis.roles import CONSTRUCTION, COVERAGE
from ..analysis.store import PieceStore
from ..errors import Issue, RedlineError
from ..inputs.source import Source, as_texts
from ..profile import Line, Profile
from .reading import LineLayer, LineReader
from .request import ReviewRequest


def read_lines(
    request: ReviewRequest, reader: LineReader, store: PieceStore, issues: list[Issue], done: Callable[[float], None],
    further: Iterable[LineLayer] = (),
) -> dict[str, LineExtent]:  # fmt: skip
    """Put the pieces of all layers into the store; what is known of each line beside them, by its id.

    :param done: called with the share of all features that has been read, 0 to 1. :param further: layers that are no
        lines, read after them.
    """
    spoken = _read_coverage(request, reader, store, issues) if request.coverage else set()
    of_intensity = request.intensity.sources.values() if request.intensity else ()
    read_all = (*request.lines.values(), request.construction, *of_intensity)
    total = sum(source.count or 0 for source in read_all if source) or 1
    extents: dict[str, LineExtent] = {}

    def layers() -> Iterator[LineLayer]:
        for line in request.profile.lines:
            source = request.lines.get(line.id)
            if source is not None:
                extents[line.id] = extent = reader.extent(source, not spoken.isdisjoint({"", line.id}))
                zone = request.zone_fields.get(line.id) or _usual(source, line.zone_fields)
                layer = LineLayer(line.id, source, zone, None, extent, [])
                layer.id_field = _identity(request, line, source, layer.issues)
                opened.append(layer)
                yield layer
        if request.construction:
            extent = reader.extent(request.construction, declared=False)
            opened.append(LineLayer(CONSTRUCTION, request.construction, None, None, extent, []))
            yield opened[-1]
        for layer in further:
            opened.append(layer)
            yield layer

    opened: list[LineLayer] = []
    read = 0
    for layer, pieces, count in reader.read(layers()):
        store.add(layer.line, pieces)
        read += count
        done(min(1.0, read / total))
    for layer in opened:
        issues += layer.issues
    return extents


def _read_coverage(request: ReviewRequest, reader: LineReader, store: PieceStore, issues: list[Issue]) -> set[str]:
    """Read the coverage polygons; the ids of the lines they speak of, ``""`` for all lines."""
    source, field = request.coverage, request.coverage_line_field
    values = source.values(field) if field else np.array([""], dtype=object)
    lines = {text: line_named(request.profile, text) for text in {str(v or "").strip() for v in values}}
    unknown = sorted(text for text, line in lines.items() if line is None)
    if unknown:
        raise RedlineError("coverage_of_unknown_line", layer=source.name, field=field, value=", ".join(unknown))
    met = False
    layer = LineLayer(COVERAGE, source, field, None, reader.extent(source, declared=False), [])
    for _, pieces, _ in reader.read([layer]):
        pieces.zone = np.array([lines[zone] for zone in pieces.zone], dtype=object)
        met = met or len(pieces) > 0
        store.add(COVERAGE, pieces)
    issues += layer.issues
    if not met:
        raise RedlineError("coverage_meets_no_town", layer=source.name, towns=request.towns.name)
    return set(lines.values())


def line_named(profile: Profile, text: str) -> str | None:
    """The id of the line a coverage polygon names by id, name or layer name; ``""`` where it names none."""
    if not text:
        return ""
    for line in profile.lines:
        names = [line.name] if isinstance(line.name, str) else line.name.values()
        if text.casefold() in {name.casefold() for name in (line.id, *names)}:
            return line.id
    line = profile.line_of_layer(text)
    return line.id if line else None


def _usual(source: Source, names: tuple[str, ...]) -> str | None:
    """The first of the usual field names, compared without case, that the layer has."""
    known = {field.name.casefold(): field.name for field in source.fields}
    return next((known[name.casefold()] for name in names if name.casefold() in known), None)


def _identity(request: ReviewRequest, line: Line, source: Source, issues: list[Issue]) -> str | None:
    """The field that identifies the line's features; None, and an issue, where it has gaps or duplicates."""
    field = request.id_fields.get(line.id) or _usual(source, line.id_fields)
    if field is None:
        return None
    values = as_texts(source.values(field)).tolist()
    unique = set(values)
    if "" in unique or len(unique) < len(values):
        issues.append(Issue("ids_not_unique", "notice", source.name, details={"field": field}))
        return None
    return field
