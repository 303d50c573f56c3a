"""Which class system the codes of a land use layer are of: asked for, or told from codes that only one of them has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from ..errors import RedlineError
from ..intensity_rules import ClassSystem

_LEAST_KNOWN = 0.5  # share of features whose codes a system must know
_SHOWN = 10


def normal_code(text: str) -> str:
    """A code as the tables have it: trimmed, capital letters, and with the leading zero that a number loses (101)."""
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    return "0" + code if re.fullmatch(r"[0-9]|[0-9]{3}|[0-9]{5}", code) else code


def class_system(
    systems: Iterable[ClassSystem], wanted: str | None, counts: Mapping[str, int], layer: str, field: str
) -> ClassSystem:
    """The system asked for by its id, else the one the codes are of.

    :param counts: features by normal code.
    :raises RedlineError: ``codes_do_not_fit`` where a system knows less than half of them, ``class_system_unclear``
        where the codes could be of several, ``class_system_mixed`` where some are of one and some of another.
    """
    systems = list(systems)
    if not any(counts):
        raise RedlineError("no_codes", layer=layer, field=field)
    if wanted:
        chosen = next((one for one in systems if one.id == wanted), None)
        if chosen is None:
            raise RedlineError("class_system_unknown", system=wanted, systems=", ".join(one.id for one in systems))
        _require_fit(chosen, counts, layer, field)
        return chosen
    own = {one.id: [code for code in counts if one.owns(code) and one.of(code)] for one in systems}
    claimed = [one for one in systems if own[one.id]]
    if len(claimed) > 1:
        listed = "; ".join(f"{one.id}: {_some(own[one.id])}" for one in claimed)
        raise RedlineError("class_system_mixed", layer=layer, field=field, codes=listed)
    if not claimed:
        fitting = [one for one in systems if _known(one, counts) >= _LEAST_KNOWN]
        code = "class_system_unclear" if fitting else "codes_fit_no_system"
        raise RedlineError(code, layer=layer, field=field, codes=_some(counts))
    _require_fit(claimed[0], counts, layer, field)
    return claimed[0]


def _require_fit(system: ClassSystem, counts: Mapping[str, int], layer: str, field: str) -> None:
    if _known(system, counts) < _LEAST_KNOWN:
        unknown = [code for code in counts if system.of(code) is None]
        raise RedlineError("codes_do_not_fit", layer=layer, field=field, codes=_some(unknown), system=system.name)


def _known(system: ClassSystem, counts: Mapping[str, int]) -> float:
    """Share of features whose codes the system knows; of those that have a code."""
    coded = sum(count for code, count in counts.items() if code)
    return sum(count for code, count in counts.items() if system.of(code)) / coded if coded else 0.0


def _some(codes: Iterable[str]) -> str:
    codes = [code or "∅" for code in codes]
    return ", ".join(codes[:_SHOWN]) + (" …" if len(codes) > _SHOWN else "")
