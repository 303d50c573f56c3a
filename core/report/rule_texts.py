"""Texts of the rules in another language: a run writes them in its own, the built-in rules have them in both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ..profile import NATIONAL, PROFILES
from .texts import LANGUAGES, Texts

# Words of the catalogues that runs write into their tables.
_SPOKEN = (
    "intensity_source", "indicator_unit", "indicator", "reason", "rule_remark", "list_status", "land_class", "rule",
)  # fmt: skip


def in_language(text: str | None, language: str) -> str:
    """The same text as the built-in rules, or the words of the catalogues, say it in ``language``; a rule may have its
    clause behind it. As it is where neither has it."""
    known = _translations(language)
    if not text or text in known:
        return known.get(text or "", "")
    for other in LANGUAGES:  # several remarks in one cell
        parts = text.split(Texts(other).separator)
        if len(parts) > 1 and all(part in known for part in parts):
            return Texts(language).separator.join(known[part] for part in parts)
    for other in LANGUAGES:
        before, between, after = Texts(other).say("rule_with_clause", rule="\0", clause="\0").split("\0")
        rule, found, clause = text.removeprefix(before).removesuffix(after).partition(between)
        if found and rule in known and clause in known:
            return Texts(language).say("rule_with_clause", rule=known[rule], clause=known[clause])
    return text


@lru_cache(maxsize=len(LANGUAGES))
def _translations(language: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for path in (*sorted(PROFILES.glob("*.json")), NATIONAL):
        for texts in _in_both(json.loads(path.read_text(encoding="utf-8"))):
            known.update({texts[other]: texts[language] for other in LANGUAGES})
    for kind in _SPOKEN:
        for code, word in Texts(language).words(kind).items():
            known.update({Texts(other).word(kind, code): word for other in LANGUAGES})
    return known


def _in_both(value: Any) -> Iterator[Mapping[str, str]]:
    if isinstance(value, dict):
        if set(value) == set(LANGUAGES) and all(isinstance(one, str) for one in value.values()):
            yield value
        else:
            for one in value.values():
                yield from _in_both(one)
    elif isinstance(value, list):
        for one in value:
            yield from _in_both(one)
