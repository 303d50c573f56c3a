"""The typefaces of map pages: Chinese ones that are really there and have what is to be printed.

Qt draws with whatever it likes better when a face is missing or lacks a character: a face without Chinese and empty
boxes, or Japanese forms of Chinese characters. So faces are looked for, tried and named here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from qgis.PyQt.QtGui import QFont, QFontInfo, QRawFont, QTextLayout

# In order of preference; the names of one face stand together, since English and Chinese systems list it differently.
# Windows' faces come first, then macOS's, then those of Linux: all that matters is which are there.
_HEI = (  # 黑体
    ("SimHei", "黑体"),
    ("Heiti SC", "黑体-简"),
    ("Source Han Sans SC", "思源黑体"),
    ("Source Han Sans CN", "思源黑体 CN"),
    ("Noto Sans CJK SC",),
    ("Noto Sans SC",),
    ("WenQuanYi Zen Hei", "文泉驿正黑"),
)
_SONG = (  # 宋体
    ("SimSun", "宋体"),
    ("Songti SC", "宋体-简"),
    ("Source Han Serif SC", "思源宋体"),
    ("Source Han Serif CN", "思源宋体 CN"),
    ("Noto Serif CJK SC",),
    ("Noto Serif SC",),
    ("AR PL UMing CN",),
)
_OTHERS = (
    ("Microsoft YaHei", "微软雅黑"),
    ("PingFang SC", "苹方-简"),
    ("FangSong", "仿宋"),
    ("STHeiti", "华文黑体"),
    ("WenQuanYi Micro Hei", "文泉驿微米黑"),
)
ROLES = {"title": _HEI + _OTHERS + _SONG, "body": _SONG + _OTHERS + _HEI}

# What a face for Chinese pages must have: simplified characters, which Japanese, Korean and traditional faces lack.
_SAMPLE = "三线审查图斑编号红线农田护开发边界违规预警涉及龙东车门马见长"
# Faces for several languages have them too: their Japanese member is known by its name. Source Han's has none.
_JAPANESE = re.compile(r"JP\b|\bJ$|^Source Han (Sans|Serif|Mono|Code)( HW)?( VF)?$")


@dataclass(frozen=True)
class Typeface:
    """A face for the text of pages.

    ``family``: what is used; empty where no Chinese face is there. ``substituted``: the face that was asked for, where
    it is not the one used, else empty. ``lenders``: further Chinese faces, for characters that the first lacks.
    ``lent``: these characters. ``missing``: characters of the text that no face here has: they print as empty boxes.
    """

    family: str
    substituted: str
    lenders: tuple[str, ...]
    lent: str
    missing: str

    def font(self, bold: bool = False) -> QFont:
        """The face for a text format or a painter, see `page_font`."""
        return page_font(self.family, bold, self.lenders)


def page_font(family: str, bold: bool = False, lenders: Iterable[str] = ()) -> QFont:
    """A font for the text of pages; Qt's own where ``family`` is empty.

    Its text is not shaped: shaped by Qt, letters and figures of Noto and Source Han turn to glyphs without a code, and
    are gone when a PDF's text is copied or searched. Chinese needs no shaping.
    """
    font = QFont()
    if family:
        font.setFamily(family)
        font.setFamilies([family, *lenders])
    font.setBold(bold)
    font.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
    return font


def chosen(wanted: str, text: str, role: str = "body") -> Typeface:
    """The face for a text: the one asked for if it is a Chinese face that is there, else the first that is.

    :param wanted: a family, or empty for the first of the role. A Japanese one is not taken.
    :param text: all that is to be printed. :param role: of `ROLES`, ``title`` (黑体) or ``body`` (宋体).
    """
    printed = _characters(text)
    asked_for = next((names for names in ROLES[role] if wanted in names), (wanted,) if wanted else ())
    there = _installed((asked_for, *ROLES[role]))
    family = there[0] if there else ""
    left = _lacking(family, printed) if family else printed
    lacked, lenders = left, []
    for other in there[1:]:
        still = _lacking(other, left) if left else left
        if len(still) < len(left):
            lenders.append(other)
            left = still
    face = Typeface(family, "", tuple(lenders), "", "")
    missing = "".join(char for char in left if not _drawn(face.font(), char))
    substituted = "" if family and _family(asked_for) == family else wanted
    lent = "".join(char for char in lacked if char not in left) if family else ""
    return Typeface(family, substituted, face.lenders, lent, missing)


def _installed(faces: Iterable[tuple[str, ...]]) -> list[str]:
    """The families of the faces that are there and fit for Chinese, in their order, each once."""
    found = (_family(names) for names in faces)
    return [family for family in dict.fromkeys(found) if family and not _lacking(family, _SAMPLE)]


def _family(names: Iterable[str]) -> str:
    """The family that Qt loads for one of a face's names, empty where it would load another or a Japanese one."""
    known = {name.casefold() for name in names}
    families = (QFontInfo(QFont(name)).family() for name in names)
    return next((each for each in families if each.casefold() in known and not _JAPANESE.search(each)), "")


def _characters(text: str) -> str:
    """What of a text leaves a mark on paper, each character once."""
    unseen = ("Z", "M", "Cc", "Cf", "Cs")
    return "".join(char for char in dict.fromkeys(text) if not unicodedata.category(char).startswith(unseen))


def _lacking(family: str, characters: str) -> str:
    """Which characters a face has no glyph for."""
    face = QRawFont.fromFont(QFont(family))
    return "".join(char for char in characters if not face.supportsCharacter(ord(char)))


def _drawn(font: QFont, char: str) -> bool:
    """Whether Qt finds a glyph for a character in any face at all."""
    layout = QTextLayout(char, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()  # without any face at hand Qt draws boxes itself, of a face without a name
    return bool(runs) and all(run.rawFont().familyName() and 0 not in run.glyphIndexes() for run in runs)
