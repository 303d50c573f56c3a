"""Typefaces and paragraph styles of the document: 黑体 for titles, 仿宋 for text, 宋体 for tables; Times and Arial in
English."""

from __future__ import annotations

from datetime import datetime

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from .chapters import Report
from .tables import plain

NAMESPACE = nsdecls("w")
SECRECY, COVER, CONTENTS_TITLE, CONTENTS = "Secrecy mark", "Cover line", "TOC Heading", "toc 1"
NOTICE, NOTE, CAPTION_BELOW, PICTURE, SPACE = "Notice", "Table note", "Caption below", "Picture", "Space"
ROOM = {False: 156.0, True: 225.0}  # mm between the margins, upright and turned
# Cells by the size of their text, points; the largest that a table has room for is taken.
CELLS = {10.5: "Table text", 9.0: "Table text small", 7.5: "Table text tiny"}
_BLACK = RGBColor(0, 0, 0)
_LEFT, _CENTRE, _RIGHT, _BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY
)  # fmt: skip


def prepare(document, chinese: bool) -> None:
    """Set the document's styles; those it lacks are made."""
    title, text, second, table = ("黑体", "仿宋", "楷体", "宋体") if chinese else ("黑体", "宋体", "黑体", "宋体")
    latin, bold = "Times New Roman", "Times New Roman" if chinese else "Arial"
    body = 16 if chinese else 12
    styled = _Styles(document)
    styled.set("Normal", latin, text, body)
    styled.set("Body Text", latin, text, body, _BOTH, line=28 if chinese else None, after=0 if chinese else 6,
               first=2 if chinese else 0)  # fmt: skip
    styled.set("Title", bold, title, 36 if chinese else 30, _CENTRE, before=100, after=110, strong=not chinese)
    styled.set("Heading 1", bold, title, 16, _LEFT, before=16, after=8, strong=not chinese, keep=True)
    styled.set("Heading 2", bold, second, body, _LEFT, before=8, after=2, strong=True, keep=True)
    styled.set("Caption", bold, title, 10.5, _CENTRE, before=10, after=4, keep=True)
    styled.set(CAPTION_BELOW, bold, title, 10.5, _CENTRE, before=4, after=4)
    styled.set(NOTE, latin, table, 9, _LEFT, before=3, after=6)
    styled.set(SECRECY, bold, title, 16, _LEFT)
    styled.set(COVER, latin, text, 14 if chinese else 12, _LEFT, before=6, indent=60)
    document.styles[CONTENTS_TITLE].base_style = document.styles["Normal"]  # else it would stand in the contents itself
    styled.set(CONTENTS_TITLE, bold, title, 18, _CENTRE, before=6, after=14, strong=not chinese)
    styled.set(CONTENTS, latin, text, 14 if chinese else 12, _LEFT, after=4)
    stops = document.styles[CONTENTS].paragraph_format.tab_stops
    stops.add_tab_stop(Mm(ROOM[False]), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    styled.set(SPACE, latin, text, 9, _LEFT, after=30)
    styled.set(PICTURE, latin, text, 9, _CENTRE, keep=True)
    styled.set(NOTICE, bold, title, body - 2, _LEFT, before=6, after=12, colour=RGBColor(0x9C, 0x1C, 0x1C))
    _framed(document.styles[NOTICE])
    styled.set("Header", latin, table, 9, _RIGHT)
    styled.set("Footer", latin, table, 14 if chinese else 10, _CENTRE)
    for size, name in CELLS.items():
        styled.set(name, latin, table, size, _LEFT, before=1, after=1)
    _present_word(document)


def describe(document, report: Report) -> None:
    """The document's properties: nothing of the machine."""
    about, now = document.core_properties, datetime.now().replace(microsecond=0)
    about.title = plain(report.title)
    about.author = about.last_modified_by = plain(report.imprint.author or report.imprint.unit)
    about.comments = about.keywords = about.subject = ""
    about.created = about.modified = now
    about.language = "zh-CN" if report.content.texts.language == "zh_CN" else "en-GB"


def style_id(document, name: str) -> str:
    return document.styles[name].style_id


def write(paragraph, text: str, style) -> None:
    paragraph.style = style
    paragraph.add_run(text)


class _Styles:
    def __init__(self, document):
        self._styles = document.styles

    def set(
        self, name: str, latin: str, chinese: str, size: float, align=None, line: float | None = None,
        before: float = 0, after: float = 0, first: int = 0, indent: float = 0, strong: bool = False,
        keep: bool = False, colour: RGBColor = _BLACK,
    ) -> None:  # fmt: skip
        """``size``, ``line``, ``before``, ``after``, ``indent`` in points; ``first``: characters of the first line's
        indent; ``keep``: with what follows."""
        if name not in {style.name for style in self._styles}:
            self._styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name == CONTENTS)
        style = self._styles[name]
        font, shape = style.font, style.paragraph_format
        font.name, font.size, font.bold, font.italic, font.color.rgb = latin, Pt(size), strong, False, colour
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # they would win over the names
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), chinese)
        fonts.set(qn("w:hAnsi"), latin)
        shape.alignment, shape.keep_with_next = align, keep
        shape.space_before, shape.space_after, shape.left_indent = Pt(before), Pt(after), Pt(indent)
        shape.line_spacing = Pt(line) if line else 1.0
        if line:
            shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        properties = style.element.get_or_add_pPr()
        for border in properties.findall(qn("w:pBdr")):  # the line below a title
            properties.remove(border)
        if first:
            indents = properties.get_or_add_ind()
            indents.set(qn("w:firstLineChars"), str(100 * first))
            indents.set(qn("w:firstLine"), str(int(20 * size * first)))


def _framed(style) -> None:
    sides = "".join(f'<w:{side} w:val="single" w:sz="8" w:space="6" w:color="9C1C1C"/>'
                    for side in ("top", "left", "bottom", "right"))  # fmt: skip
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(
        parse_xml(f"<w:pBdr {NAMESPACE}>{sides}</w:pBdr>"), "w:shd", "w:spacing", "w:ind", "w:jc"
    )


def _present_word(document) -> None:
    """No "compatibility mode" in the title of the window."""
    settings = document.settings.element
    if settings.find(qn("w:compat")) is None:
        uri = "http://schemas.microsoft.com/office/word"
        compat = parse_xml(
            f'<w:compat {NAMESPACE}><w:compatSetting w:name="compatibilityMode" w:uri="{uri}" w:val="15"/></w:compat>'
        )
        before = settings.find(qn("w:rsids"))
        settings.insert(len(settings) if before is None else settings.index(before), compat)
