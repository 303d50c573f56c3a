"""What of a town was not checked, in words: it is named wherever a verdict stands."""

from __future__ import annotations

from ...review.line_names import NamedLine
from ..content import Content, TownContent
from ..units import number

UNCHECKED = "unchecked"


def gaps(content: Content, one: TownContent) -> list[str]:
    """The lines of a town that were not or only partly checked, each by its name and how."""
    known = {line.id: line for line in content.lines.lines}
    ids = [line for line in str(one.town.get("unchecked") or "").split(",") if line]
    return [content.texts.say("report_gap", line=content.line(line), how=_how(content, one, known.get(line), line))
            for line in ids]  # fmt: skip


def check_words(content: Content, one: TownContent, line: NamedLine) -> str:
    """What the check of a line came to, with the share that was checked where that is not all."""
    check = one.town.get(f"{line.short}_check") or UNCHECKED
    boundary = content.texts.words("report_boundary") if f"{line.short}_out_m2" in one.town else {}
    said = boundary.get(check) or content.word("check", check)
    if check == UNCHECKED or line.id not in str(one.town.get("unchecked") or "").split(","):
        return said
    return said + content.texts.bracketed(_how(content, one, line, line.id))


def _how(content: Content, one: TownContent, line: NamedLine | None, line_id: str) -> str:
    check = one.town.get(f"{line.short}_check") if line else None
    if check in (None, UNCHECKED):
        return content.word("check", UNCHECKED)
    ledger = one.tables["ledger"]
    rows = ledger[ledger["line"] == line_id] if len(ledger) else ledger
    share = rows.iloc[0]["checked_pct"] if len(rows) else None
    return content.texts.say("report_checked", share=number(share, 2))
