"""Declared starts of construction (开工): what people write into such a field, and whether it proves anything."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import numpy as np

from ..errors import Issue

_YES = {"是", "有", "已开工", "在建", "已建", "已建成", "开工", "yes", "true", "y"}
_NO = {"否", "无", "没有", "待开工", "待建", "no", "none", "false", "n"}
_NOT_YET = ("未", "尚未", "拟")
_YEAR = re.compile(r"(?<!\d)(?:(19|20)\d{2})(?!\d)")


def started(
    texts: np.ndarray, towns: np.ndarray, layer: str, field: str, since: int, today: date, issues: list[Issue]
) -> np.ndarray:
    """1 where a start in the year ``since`` or later is declared, 0 where an earlier one or none is, NaN where the
    field says nothing that can be read; float64 (m,).

    Issue: 'start_not_read'.
    """
    found = np.full(len(texts), np.nan)
    for n, text in enumerate(texts):
        word = unicodedata.normalize("NFKC", text).strip().casefold()
        if not word:
            continue
        year = _YEAR.search(word)
        if word in _NO or word.startswith(_NOT_YET):
            found[n] = 0.0
        elif word in _YES:
            found[n] = 1.0
        elif year and int(year[0]) <= today.year:
            found[n] = float(int(year[0]) >= since)
        elif year:
            found[n] = 0.0  # a plan
        else:
            issues.append(Issue("start_not_read", "warning", layer, str(towns[n]), {"field": field, "value": text}))
    return found
