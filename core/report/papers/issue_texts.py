"""Data issues in another language: a run writes their texts in its own, and keeps the code of each."""

from __future__ import annotations

import re
import string
from functools import lru_cache

from ..rule_texts import in_language
from ..texts import LANGUAGES, Texts

# Absolute paths, of whose files only the name is told.
_PATHS = re.compile(r"(?:[A-Za-z]:[\\/]|\\\\|(?<![\w.:/])/)(?:[^\\/:*?\"<>|\n“”]+[\\/])+")


def issue_text(code: str, text: str, language: str) -> str:
    """The same issue in ``language``, without folders; as it is where its details cannot be read out of it."""
    for other in LANGUAGES:
        found = _pattern(code, other).fullmatch(text) if code in Texts(other).words("messages") else None
        if found:
            said = {name: in_language(value, language) for name, value in found.groupdict().items()}
            return without_folders(_plain(code, language).format(**said))
    return without_folders(text)


def without_folders(text: str) -> str:
    """The text with every path cut to its last part."""
    return _PATHS.sub("", text)


@lru_cache
def _plain(code: str, language: str) -> str:
    """The message's text without the formats of its numbers, which are texts by now."""
    pieces = string.Formatter().parse(Texts(language).words("messages")[code])
    return "".join(_doubled(before) + (f"{{{name}}}" if name else "") for before, name, _, _ in pieces)


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


@lru_cache
def _pattern(code: str, language: str) -> re.Pattern[str]:
    """What a message of this code looks like, its details as named groups."""
    seen: set[str] = set()
    parts = []
    for before, name, _, _ in string.Formatter().parse(Texts(language).words("messages")[code]):
        parts.append(re.escape(before))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
