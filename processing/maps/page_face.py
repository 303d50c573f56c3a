"""The typeface of a review's sheets, tried with all that will be printed."""

from __future__ import annotations

from ...core.errors import RedlineError
from ...core.report.content import Content
from ...core.report.sheet_texts import Imprint
from .typeface import Typeface, chosen

PRINTED = ("sheet_", "conclusion")  # messages that stand on sheets
WRITTEN = ("reason", "legal_basis", "author", "remark", "details")


def page_face(content: Content, imprint: Imprint, wanted: str = "") -> Typeface:
    """The face that is asked for, or the first Chinese one.

    :raises RedlineError: ``no_typeface`` where this computer has no Chinese face: text would print as boxes, or as
        Japanese has it.
    """
    browsed, texts = content.browsed, content.texts
    printed = [text for code, text in texts.words("messages").items() if code.startswith(PRINTED)]
    printed += [*browsed.towns["town_name"], *browsed.values()["zone"], *content.names.values()]
    printed += [imprint.unit, imprint.author, imprint.secrecy]
    printed += ["".join(map(str, browsed.findings["number"].iloc[:1]))]
    if len(browsed.events):
        printed += [text for name in WRITTEN for text in browsed.events[name]]
    # 黑体 for all of it: on a map small text has to be read over colours.
    face = chosen(wanted, "".join(str(text) for text in printed if text), "title")
    if not face.family:
        raise RedlineError("no_typeface")
    return face
