"""Parts of the document that python-docx has no words for: contents, page numbers, sign-off block."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from docx.oxml import parse_xml

from .document_styles import NAMESPACE
from .tables import plain


def bookmarked(paragraph, number: int, name: str) -> None:
    """Mark a heading so that the contents lead to it."""
    start = parse_xml(f'<w:bookmarkStart {NAMESPACE} w:id="{number}" w:name="{name}"/>')
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(parse_xml(f'<w:bookmarkEnd {NAMESPACE} w:id="{number}"/>'))


def contents_xml(heading: str, heading_style: str, titles: Sequence[str], style: str):
    """The chapters under a heading, each a link with dots up to its page, as the block that Word and WPS offer to bring
    up to date. Which page, only a program that sets the document can say: Word does when it prints or makes a PDF, all
    do when asked. A request to do so (``w:dirty``) would have Word ask a question at every opening, and a guess would
    be wrong on some paper."""
    lines = [_line(heading_style, _text(heading))]
    for number, title in enumerate(titles, 1):
        before = _begun(' TOC \\o "1-1" \\h ') if number == 1 else ""
        after = _run(_CHAR.format("end")) if number == len(titles) else ""
        page = _run("<w:tab/>") + _begun(f" PAGEREF chapter{number} \\h ") + _run(_CHAR.format("end"))
        link = f'<w:hyperlink w:anchor="chapter{number}" w:history="1">{_text(title)}{page}</w:hyperlink>'
        lines.append(_line(style, before + link + after))
    block = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
    return parse_xml(
        f"<w:sdt {NAMESPACE}><w:sdtPr>{block}</w:sdtPr><w:sdtContent>{''.join(lines)}</w:sdtContent></w:sdt>"
    )


def _line(style: str, content: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{content}</w:p>'


def field_xml(code: str) -> list:
    """The runs of a field within dashes: — 1 —."""
    field = _begun(f" {code} ") + _text("1") + _run(_CHAR.format("end"))
    return list(parse_xml(f"<w:p {NAMESPACE}>{_text('— ')}{field}{_text(' —')}</w:p>"))


def sign_off_xml(roles: Sequence[str], experts: str):
    """Empty places for those who sign: a column for each role, a row for the experts."""
    width = 8844  # twentieths of a point: the room of an upright page
    each = width // len(roles)
    grid = "".join(f'<w:gridCol w:w="{each}"/>' for _ in roles)
    head = "".join(_cell(role, each) for role in roles)
    blank = "".join(_cell("", each) for _ in roles)
    below = _cell(experts, each) + _cell("", each * (len(roles) - 1), len(roles) - 1)
    rows = [(head, 400), (blank, 800), (below, 1500)]
    body = "".join(f'<w:tr><w:trPr><w:trHeight w:val="{height}" w:hRule="atLeast"/></w:trPr>{cells}</w:tr>'
                   for cells, height in rows)  # fmt: skip
    sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="808080"/>'
                    for side in ("top", "left", "bottom", "right", "insideH", "insideV"))  # fmt: skip
    return parse_xml(
        f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>'
    )


_CHAR = '<w:fldChar w:fldCharType="{}"/>'


def _begun(code: str) -> str:
    """A field up to its result."""
    command = _run(f'<w:instrText xml:space="preserve">{code}</w:instrText>')
    return _run(_CHAR.format("begin")) + command + _run(_CHAR.format("separate"))


def _cell(text: str, width: int, span: int = 1) -> str:
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="Tabletext"/><w:jc w:val="center"/></w:pPr>{_text(text)}</w:p></w:tc>'
    )


def _run(content: str) -> str:
    return f"<w:r>{content}</w:r>"


def _text(text: str) -> str:
    return _run(f'<w:t xml:space="preserve">{escape(plain(text))}</w:t>') if text else ""
