"""The texts behind codes, by language, from the catalogues in ``i18n/``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import Issue, RedlineError

CATALOGUES = Path(__file__).resolve().parents[2] / "i18n"
LANGUAGES = ("en", "zh_CN")

# Details that hold a code of the field, or a list of them, and the kind of words that say it.
_WORDED = {
    "figure": "indicator",
    "source": "intensity_source",
    "facts": "decision_field",
    "column": "decision_field",
    "known": "decision",
    "issue_kind": "check_kind",
}


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> dict[str, dict[str, str]]:
    return json.loads((CATALOGUES / f"catalogue.{language}.json").read_text(encoding="utf-8"))


class Texts:
    """Texts of one language: ``en`` or ``zh_CN``; every Chinese locale reads Chinese, all others English."""

    def __init__(self, language: str):
        self.language = "zh_CN" if language.lower().startswith("zh") else "en"
        self._catalogue = _catalogue(self.language)

    def say(self, code: str, **details: Any) -> str:
        """The message for a code; details that are missing stay visible as ``{name}``. Codes among the details are said
        by their words, lists item by item, texts of the profile in this language."""
        said = {name: self._said(name, value) for name, value in details.items()}
        return self._catalogue["messages"][code].format_map(_Details(said))

    def word(self, kind: str, code: str) -> str:
        """The word for a code of the field, e.g. ``word("verdict", "clear")``; the code itself where there is none."""
        return self._catalogue.get(kind, {}).get(code, code)

    def words(self, kind: str) -> Mapping[str, str]:
        """All words of a kind by their codes."""
        return self._catalogue.get(kind, {})

    @property
    def separator(self) -> str:
        """What stands between the items of a list in a cell."""
        return "；" if self.language == "zh_CN" else "; "

    @property
    def comma(self) -> str:
        """What stands between the items of a list in a sentence."""
        return "、" if self.language == "zh_CN" else ", "

    def listed(self, head: str, items: list[str]) -> str:
        """A word and what it is about."""
        return head + ("：" if self.language == "zh_CN" else ": ") + self.comma.join(items)

    def bracketed(self, text: str) -> str:
        """An addition in brackets."""
        return f"（{text}）" if self.language == "zh_CN" else f" ({text})"

    def within(self, name: str) -> str:
        """A name as it stands within a sentence: in English without its capital, an abbreviation aside."""
        small = self.language == "en" and name[1:2].islower()
        return name[:1].lower() + name[1:] if small else name

    def error(self, error: RedlineError) -> str:
        return self.say(error.code, **error.details)

    def issue(self, issue: Issue) -> str:
        return self.say(issue.code, layer=issue.layer, feature=issue.feature, **issue.details)

    def pick(self, text: str | Mapping[str, str] | None) -> str:
        """A profile's text: one string for all languages, or one for each."""
        if isinstance(text, Mapping):
            return text.get(self.language) or next(iter(text.values()), "")
        return text or ""

    def _said(self, name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            value = self.pick(value)
        if isinstance(value, (list, tuple)):
            return self.comma.join(str(self._said(name, one)) for one in value)
        return self.word(_WORDED[name], value) if name in _WORDED else value


class _Details(dict):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
