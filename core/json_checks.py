"""Checks of values read from JSON: each names the file, the key's path and what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import RedlineError

Text = str | Mapping[str, str]


class Checks:
    """:raises RedlineError: from every check: the code says what the value must be."""

    def __init__(self, path: Path):
        self._path = path

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

    def _words(self, value: Any, at: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._fail(at, "must_be_list_of_words")
        return tuple(self._word(item, f"{at}[{n}]") for n, item in enumerate(value))

    def _words_by(self, names: Iterable[str]) -> Callable[[Any, str], dict[str, tuple[str, ...]]]:
        known = dict.fromkeys(names, self._words)
        return lambda value, at: self._object(value, at, known)

    def _numbers(self, value: Any, at: str) -> tuple[int, ...]:
        if not isinstance(value, list) or not all(type(number) is int for number in value):
            self._fail(at, "must_be_whole_numbers")
        return tuple(value)

    def _pattern(self, value: Any, at: str) -> str:
        try:
            re.compile(self._word(value, at))
        except re.error:
            self._fail(at, "must_be_pattern")
        return value

    def _list_of(self, read: Callable[[Any, str], Any]) -> Callable[[Any, str], tuple]:
        def reader(value: Any, at: str) -> tuple:
            if not isinstance(value, list):
                self._fail(at, "must_be_list")
            return tuple(read(item, f"{at}[{n}]") for n, item in enumerate(value))

        return reader

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

    def _choice(self, *choices: str | None) -> Any:
        def read(value: Any, at: str) -> str | None:
            if value not in choices or isinstance(value, bool):
                self._fail(at, "must_be_one_of", ", ".join("null" if one is None else str(one) for one in choices))
            return value

        return read

    def _fail(self, key: str, must: str, what: Any = "") -> None:
        raise RedlineError(must, path=str(self._path), key=key, what=what)
