"""Numbers of headings: 一、 and （一） in Chinese, 1 and 1.1 in English."""

from __future__ import annotations

from ..texts import Texts

_DIGITS, _PLACES = "零一二三四五六七八九", ("", "十", "百", "千")


def chinese(number: int) -> str:
    """A number from 1 to 9999 in Chinese characters; others in digits."""
    if not 0 < number < 10_000:
        return str(number)
    said = ""
    for place, digit in enumerate(reversed(str(number))):
        if digit != "0":
            said = _DIGITS[int(digit)] + _PLACES[place] + said
        elif said and not said.startswith("零"):
            said = "零" + said
    return said.removeprefix("一") if said.startswith("一十") else said


def chapter_title(texts: Texts, number: int, title: str) -> str:
    return f"{chinese(number)}、{title}" if texts.language == "zh_CN" else f"{number}  {title}"


def section_title(texts: Texts, chapter: int, number: int, title: str) -> str:
    return f"（{chinese(number)}）{title}" if texts.language == "zh_CN" else f"{chapter}.{number}  {title}"
