"""The checklist (核对清单), data issues and lines that overlap each other as tables."""

from __future__ import annotations

from collections.abc import Sequence

from ..content import Content, TownContent
from .issue_texts import issue_text
from .tables import COUNT, DAY, HA, MU, TEXT, Table, Value, made, rounded
from .town_tables import column, hectares, mu_of

_SEVERITIES = {"error": 0, "warning": 1, "notice": 2}


def checklist(content: Content, towns: Sequence[TownContent]) -> list[Table]:
    """How far each town's checklist is, and every question with its answer, who gave it, when, on what evidence."""
    if not content.questions:
        return []
    return [_progress(content, towns), _answers(content, towns)]


def issues(content: Content) -> Table:
    """What was repaired, left out or not checked, the worst first."""
    columns = [column(content, name) for name in ("level", "layer", "feature", "detail")]
    found = content.issues.to_dict("records")
    found.sort(key=lambda row: _SEVERITIES.get(row["severity"], 3))
    rows = [
        (content.texts.word("report_level", row["severity"]), rounded(row["layer"], TEXT),
         rounded(row["feature"], TEXT), issue_text(row["kind"], row["detail"] or "", content.texts.language))
        for row in found
    ]  # fmt: skip
    return made(content.texts, "issues", columns, rows)


def conflicts(content: Content, town_ids: Sequence[str]) -> Table:
    """Land under two lines (控制线交叉重叠); each still counts on its own line."""
    columns = [column(content, name) for name in ("town", "line_a", "line_b")]
    columns += [column(content, "ha", HA, True), column(content, "mu", MU, True)]
    found = content.conflicts
    found = found[found["town_id"].isin(list(town_ids))]
    rows = [
        (row["town_name"], content.line(row["line_a"]), content.line(row["line_b"]), hectares(row["area_m2"]),
         mu_of(row["area_m2"]))
        for row in found.to_dict("records")
    ]  # fmt: skip
    return made(content.texts, "conflicts", columns, rows)


def _progress(content: Content, towns: Sequence[TownContent]) -> Table:
    columns = [column(content, "town"), *(column(content, name, COUNT, True) for name in
               ("questions", "answered", "amiss", "unsettled"))]  # fmt: skip
    rows = []
    for one in towns:
        answers = [one.answers.get(question.id, {}) for question in content.questions]
        given = sum(answer.get("answer", "open") != "open" for answer in answers)
        amiss = sum(_is_amiss(question.good, answer.get("answer")) for question, answer in
                    zip(content.questions, answers, strict=True))  # fmt: skip
        unsettled = sum(bool(answer.get("unsettled")) for answer in answers)
        rows.append((one.town["town_name"], len(content.questions), given, amiss, unsettled))
    return made(content.texts, "progress", columns, rows)


def _answers(content: Content, towns: Sequence[TownContent]) -> Table:
    names = ("town", "question_group", "question", "answer", "judged", "evidence", "author")
    columns = [column(content, name) for name in names]
    columns += [column(content, "recorded", DAY), column(content, "clause", roomy=True)]
    rows: list[tuple[Value, ...]] = []
    begun = {one.town["town_name"] for one in towns if one.answers}
    for one in towns:
        for question in content.questions:
            answer = one.answers.get(question.id, {})
            said = "contradicting" if answer.get("unsettled") else answer.get("answer") or "open"
            judged = content.texts.word("report_judged", "amiss") if _is_amiss(question.good, said) else None
            rows.append((
                one.town["town_name"], content.texts.pick(question.group), content.texts.pick(question.question),
                content.word("answer", said), judged, rounded(answer.get("evidence"), TEXT),
                rounded(answer.get("author"), TEXT), rounded(answer.get("recorded_at"), DAY),
                content.texts.pick(question.clause) or None,
            ))  # fmt: skip
    return made(content.texts, "checklist", columns, rows, town=0, short=[row for row in rows if row[0] in begun])


def _is_amiss(good: str | None, answer: str | None) -> bool:
    """Whether the answer is the one that is a problem."""
    return good is not None and answer in ("yes", "no") and answer != good
