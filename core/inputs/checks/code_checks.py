"""Codes that are missing, stand twice, or are not what they should be: BSM, XZQDM, DLBM."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from ...analysis.class_systems import class_system, normal_code
from ...errors import Issue, RedlineError
from ...intensity_rules import ClassSystem
from ..source import Field, as_texts
from .layer import LAND_USE, TOWNS, CheckedLayer
from .listing import Listing

IDS, DISTRICTS, CLASSES = ("BSM",), ("XZQDM",), ("DLBM",)
_BSM_LENGTH = 18
_DISTRICT = re.compile(r"(\d{6}|\d{9}|\d{12})", re.ASCII)
_SHOWN = 5  # features that share a code, named in the message


class CodeChecks:
    """Which columns of a layer are codes, and what is wrong with them.

    systems: the class systems of the rules, for columns of land classes.
    """

    def __init__(self, layer: CheckedLayer, systems: Iterable[ClassSystem]):
        self._layer, self._systems = layer, tuple(systems)
        fields = layer.source.fields
        usual = named(fields, IDS)
        self._id = layer.id_field if layer.id_field in {field.name for field in fields} else usual
        self._bsm = usual
        self._district = named(fields, DISTRICTS)
        codes = {name for system in self._systems for name in system.code_fields} if layer.role == LAND_USE else ()
        coded = layer.code_field if layer.role == LAND_USE else None
        self._class = coded or named(fields, CLASSES) or named(fields, tuple(codes))

    @property
    def columns(self) -> list[str]:
        return [name for name in dict.fromkeys((self._id, self._bsm, self._district, self._class)) if name]

    def check(self, columns: dict[str, np.ndarray], fid: np.ndarray, places: np.ndarray, listing: Listing) -> None:
        """columns: values (n,) of `columns`; fid: (n,); places: (n, 2), of the features, not finite where they have
        none."""
        texts = {name: as_texts(columns[name]) for name in self.columns}
        say = _Saying(self._layer.name, fid, places, listing)
        if self._id:
            say.missing(self._id, texts[self._id], "error" if self._layer.role == TOWNS else "warning")
            say.twice(self._id, texts[self._id], "error" if self._layer.role == TOWNS else "warning")
        if self._bsm:
            say.unlike("check_bsm_length", self._bsm, texts[self._bsm], lambda text: len(text) == _BSM_LENGTH)
        if self._district:
            column = texts[self._district]
            say.missing(self._district, column, "warning")
            say.unlike("check_district_code", self._district, column, lambda text: bool(_DISTRICT.fullmatch(text)))
        if self._class:
            say.missing(self._class, texts[self._class], "warning")
            self._classes(texts[self._class], say, listing)

    def _classes(self, texts: np.ndarray, say: _Saying, listing: Listing) -> None:
        counts: Counter[str] = Counter()
        for text, count in Counter(texts.tolist()).items():
            if text:
                counts[normal_code(text)] += count
        if not counts:
            return
        layer, field = self._layer.name, self._class
        if self._layer.role != LAND_USE:  # which system a line's codes are of does not matter to the review
            known = {code for code in counts if any(system.of(code) for system in self._systems)}
            names = [system.name for system in self._systems]
            say.unlike("check_class_code", field, texts, lambda text: normal_code(text) in known, {"system": names})
            return
        try:
            wanted = self._layer.system.id if self._layer.system else None
            system = class_system(self._systems, wanted, counts, layer, field)
        except RedlineError as error:
            details = {name: value for name, value in error.details.items() if name != "layer"}
            listing.add(Issue(error.code, "error", layer, details=details))
            return
        say.unlike(
            "check_class_code", field, texts, lambda text: system.of(normal_code(text)) is not None,
            {"system": system.name},
        )  # fmt: skip


class _Saying:
    """Lists what is wrong with a column."""

    def __init__(self, layer: str, fid: np.ndarray, places: np.ndarray, listing: Listing):
        self._layer, self._fid, self._places, self._listing = layer, fid, places, listing

    def missing(self, field: str, texts: np.ndarray, severity: str) -> None:
        self._rows("check_code_missing", severity, np.flatnonzero(texts == ""), lambda row: {"field": field})

    def twice(self, field: str, texts: np.ndarray, severity: str) -> None:
        """One issue for each code that several features have."""
        column = pd.Series(texts, dtype=object)
        again = np.flatnonzero((column.duplicated(keep=False) & (column != "")).to_numpy())
        groups = list(column.iloc[again].groupby(column.iloc[again], sort=False).indices.values())

        def details(row: int) -> dict[str, object]:
            of = again[groups[row]]
            named = ", ".join(map(str, self._fid[of[:_SHOWN]])) + (" …" if len(of) > _SHOWN else "")
            return {"field": field, "value": texts[of[0]], "count": len(of), "features": named}

        first = np.array([again[group[0]] for group in groups], dtype=np.int64)
        self._rows("check_code_twice", severity, first, details)

    def unlike(
        self, code: str, field: str, texts: np.ndarray, right: Callable[[str], bool], more: dict | None = None
    ) -> None:
        """Codes for which ``right`` is false."""
        wrong = {text for text in set(texts.tolist()) if text and not right(text)}
        rows = np.flatnonzero([text in wrong for text in texts.tolist()]) if wrong else np.empty(0, np.int64)
        details = more or {}
        self._rows(code, "warning", rows, lambda row: {"field": field, "value": texts[rows[row]], **details})

    def _rows(self, code: str, severity: str, rows: np.ndarray, details: Callable[[int], dict]) -> None:
        if len(rows):
            self._listing.add_rows(code, severity, self._layer, self._fid[rows], details, self._places[rows])


def named(fields: Iterable[Field], names: Iterable[str]) -> str | None:
    """The first of the names, whatever its case, that is a field."""
    known = {field.name.casefold(): field.name for field in fields}
    return next((known[name.casefold()] for name in names if name.casefold() in known), None)
