"""Parts of the document that python-docx has no words for: contents, page numbers, sign-off block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from docx.oxml import parse_xml

from .document_styles import NAMESPACE
from .tables import plain


def bookmarked(paragraph, number: int, name: str) -> None:
    """Mark a heading so that the contents lead to it."""
    start = parse_xml(f'<w:bookmarkStart {NAMESPACE} w:id="{number}" w:name="{name}"/>')
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(parse_xml(f'<w:bookmarkEnd {NAMESPACE} w:id="{number}"/>'))


def contents_xml(titles: Sequence[str], style: str) -> Iterator:
    """The chapters, each a link; Word can bring it up to date, but needs not be asked when the document is opened."""
    for number, title in enumerate(titles, 1):
        begin = _run(_CHAR.format("begin")) + _run(
            '<w:instrText xml:space="preserve"> TOC \\o "1-1" \\n \\h </w:instrText>'
        )
        before = begin + _run(_CHAR.format("separate")) if number == 1 else ""
        after = _run(_CHAR.format("end")) if number == len(titles) else ""
        link = f'<w:hyperlink w:anchor="chapter{number}" w:history="1">{_text(title)}</w:hyperlink>'
        yield parse_xml(f'<w:p {NAMESPACE}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{before}{link}{after}</w:p>')


def field_xml(code: str) -> list:
    """A field within dashes: — 1 —."""
    runs = (
        _text("— "), _run(_CHAR.format("begin")), _run(f'<w:instrText xml:space="preserve"> {code} </w:instrText>'),
        _run(_CHAR.format("separate")), _text("1"), _run(_CHAR.format("end")), _text(" —"),
    )  # fmt: skip
    return [parse_xml(run.replace("<w:r>", f"<w:r {NAMESPACE}>", 1)) for run in runs]


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
