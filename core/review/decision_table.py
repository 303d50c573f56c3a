"""Decisions from a table, as a planner keeps them in a workbook: a row for each, by the number or id of its finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import RedlineError
from ..inputs.source import Source, as_texts
from ..report.texts import LANGUAGES, Texts
from . import lifecycle
from .package import open_package
from .recording import Decided, record

# Columns by what they hold: the names they may have, compared without case and blanks.
COLUMNS = {
    "finding": ("图斑编号", "图斑标识", "number", "finding_id", "finding"),
    "decision": ("处理决定", "决定", "decision"),
    "reason": ("理由", "reason"),
    "legal_basis": ("依据", "法律依据", "legal_basis"),
    "author": ("审查人", "填写人", "author"),
    "remark": ("备注", "remark"),
}
FACTS = {
    "authority": ("批准机关", "authority"),
    "authority_level": ("批准层级", "authority_level"),
    "document": ("批准文号", "document"),
    "approved_on": ("批准日期", "approved_on"),
    "approved_m2": ("批准面积", "批准面积（平方米）", "approved_m2"),
    "valid_until": ("有效期至", "valid_until"),
    "attachment": ("附件", "attachment"),
    "responsible": ("责任人", "整改责任人", "responsible"),
    "due": ("整改期限", "due"),
    "action": ("整改措施", "action"),
    "line_wrong": ("控制线有误", "line_wrong"),
    "reference": ("参考编号", "reference"),
}
_YES = {"是", "1", "true", "yes", "y"}
_LEVELS = {"国务院": "state_council", "依法授权": "delegated", "其他": "other"}


def decide(package: str | Path, table: Source, author: str = "") -> int:
    """Record every row of a table, all or none; the number of events.

    :param author: of rows that name none.
    :raises RedlineError: ``no_decision_column`` (what is missing), ``decision_row`` (the row, and what is wrong with
        it), ``empty_layer``, and those of `record`.
    """
    names = [field.name for field in table.fields]
    columns = {key: _named(names, known) for key, known in {**COLUMNS, **FACTS}.items()}
    for key in ("finding", "decision"):
        if columns[key] is None:
            raise RedlineError("no_decision_column", layer=table.name, columns=COLUMNS[key])
    read = sorted({name for name in columns.values() if name})
    batches = list(table.batches(columns=read))
    if not sum(map(len, batches)):
        raise RedlineError("empty_layer", layer=table.name)
    values = {name: as_texts(np.concatenate([batch.fields[name] for batch in batches])) for name in read}
    rows = np.concatenate([batch.fid for batch in batches])
    with open_package(package) as opened:
        numbers = opened.numbers()
    ids = dict(zip(numbers["number"], numbers["finding_id"], strict=True))
    ids |= {finding: finding for finding in numbers["finding_id"]}

    def cell(key: str, row: int) -> str:
        return values[columns[key]][row] if columns[key] else ""

    decided = []
    for row in range(len(rows)):
        if not any(column[row] for column in values.values()):
            continue
        finding, decision = ids.get(cell("finding", row)), _decision(cell("decision", row))
        if finding is None or decision is None:
            key = "finding" if finding is None else "decision"
            raise RedlineError("decision_row", layer=table.name, row=str(rows[row]), value=cell(key, row), column=key)
        facts: dict[str, Any] = {key: cell(key, row) for key in FACTS if cell(key, row)}
        if "line_wrong" in facts:
            facts["line_wrong"] = facts["line_wrong"].casefold() in _YES
        if "authority_level" in facts:
            facts["authority_level"] = _LEVELS.get(facts["authority_level"], facts["authority_level"])
        texts = {key: cell(key, row) for key in ("reason", "legal_basis", "remark")}
        decided.append(Decided(finding, decision, cell("author", row) or author, details=facts, **texts))
    return len(record(package, decided))


def _named(names: list[str], known: tuple[str, ...]) -> str | None:
    wanted = {"".join(name.split()).casefold() for name in known}
    return next((name for name in names if "".join(name.split()).casefold() in wanted), None)


def _decision(text: str) -> str | None:
    """The code of a decision, written as such or in words of either language."""
    for code in lifecycle.DECISIONS:
        if text.casefold() in {code, *(Texts(language).word("decision", code).casefold() for language in LANGUAGES)}:
            return code
    return None
