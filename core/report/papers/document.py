"""The report as a document (.docx), set as official papers are: A4, 一、 and （一）, heads of tables on every page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Emu, Mm

from ...errors import Cancelled
from ...review.request import Progress
from . import document_styles as styles
from .chapters import Block, Chapter, Picture, Report
from .charts import Chart, more_bars
from .document_tables import chart_xml, layout, table_xml
from .document_text import bookmarked, contents_xml, field_xml, sign_off_xml
from .pictures import MOST_BYTES, Pictures, whole_png
from .summing_up import Heading
from .tables import Table, plain

# Margins of official papers (GB/T 9704): top, right, bottom, left; of a sheet on its side turned with it.
_UPRIGHT, _TURNED = (37, 26, 35, 28), (28, 37, 26, 35)
_PAPER = 210, 297
_CAPTION, _HEADING = 15, 40  # mm that a picture leaves to its caption, and to a chapter's heading and first words


def write_document(
    report: Report, path: Path, progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[str]:  # fmt: skip
    """Write the document; what could not be put into it, in words. Raises OSError.

    :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    made = _Document(report)
    for done, chapter in enumerate(report.chapters):
        progress(100 * done / len(report.chapters), "report_writing")
        made.chapter(chapter, cancelled)
    made.save(path)
    return made.pictures.left_out(report.content.texts)


class _Document:
    """A document that is being written, chapter after chapter."""

    def __init__(self, report: Report):
        self._report, self._texts = report, report.content.texts
        self._document = Document()
        self._body = self._document.element.body
        self._towns = sum(isinstance(block, Heading) for block in report.chapters[0].blocks)
        self._tables = self._charts = self._chapters = 0
        self.pictures = Pictures(MOST_BYTES)
        styles.prepare(self._document, self._texts.language == "zh_CN")
        styles.describe(self._document, report)
        self._cover()
        self._turned = self._headed = False
        self._section(first=True)
        self._contents()

    def chapter(self, chapter: Chapter, cancelled: Callable[[], bool]) -> None:
        blocks = [block.in_short() if isinstance(block, Table) else block for block in chapter.blocks]
        tables = [block for block in blocks if isinstance(block, Table) and block.rows]
        turned = any(layout(table).turned for table in tables) or self._begins_turned(blocks)
        self._turn(turned)
        self._chapters += 1
        self._headed = True
        heading = self._paragraph(chapter.title, "Heading 1")
        heading.paragraph_format.page_break_before = self._chapters == 1  # the contents have a page of their own
        bookmarked(heading, self._chapters, f"chapter{self._chapters}")
        for block in blocks:
            if cancelled():
                raise Cancelled
            if isinstance(block, Table):
                self._table(block, turned)
            elif isinstance(block, Chart):
                self._chart(block)
            elif isinstance(block, Picture):
                self._picture(block)
            else:
                self._paragraph(block.text, "Heading 2" if isinstance(block, Heading) else "Body Text")

    def save(self, path: Path) -> None:
        # In memory first: where the disk is full the library would leave the file open behind it.
        whole = BytesIO()
        self._document.save(whole)
        path.write_bytes(whole.getbuffer())

    def _cover(self) -> None:
        report, say = self._report, self._texts
        section = self._document.sections[0]
        _set_page(section, False)
        self._paragraph(report.imprint.secrecy, styles.SECRECY)
        self._paragraph(report.title, "Title")
        for label, value in report.cover:
            self._paragraph(say.listed(label, [value]), styles.COVER)
        self._paragraph(" ", styles.SPACE)
        roles = [say.word("report_fact", role) for role in ("made", "checked", "approved")]
        self._add(sign_off_xml(roles, say.word("report_fact", "experts")))

    def _contents(self) -> None:
        for notice in self._report.notices:
            self._paragraph(f"{self._texts.say('report_notice')}　{notice}", styles.NOTICE)
        heading, line = (styles.style_id(self._document, name) for name in (styles.CONTENTS_TITLE, styles.CONTENTS))
        titles = [chapter.title for chapter in self._report.chapters]
        self._add(contents_xml(self._texts.say("report_contents"), heading, titles, line))

    def _table(self, table: Table, turned: bool) -> None:
        if not table.rows:
            return
        self._tables += 1
        title = self._texts.say("report_table_number", number=self._tables, title=table.title)
        self._paragraph(title, "Caption")
        self._add(table_xml(table, layout(table, turned), self._texts, self._towns))
        self._paragraph(table.note, styles.NOTE)

    def _chart(self, drawn: Chart) -> None:
        self._charts += 1
        self._add(chart_xml(drawn))
        title = self._texts.say("report_chart_number", number=self._charts, title=drawn.title)
        said = self._texts.separator.join(text for text in (drawn.note, more_bars(self._texts, drawn)) if text)
        self._paragraph(title + (self._texts.bracketed(said) if said else ""), styles.CAPTION_BELOW)

    def _begins_turned(self, blocks: Sequence[Block]) -> bool:
        """Whether the first picture of a chapter wants its page on its side: the heading stands there too."""
        first = next((block for block in blocks if isinstance(block, Picture)), None)
        found = whole_png(first.path.read_bytes()) if first else None
        return found is not None and found.width > found.height

    def _picture(self, picture: Picture) -> None:
        content = self.pictures.read(picture.path)
        if content is None:
            return
        turned = content.width > content.height
        self._turn(turned)
        width, height = _room(turned)
        height -= _CAPTION + (_HEADING if self._headed else 0)
        self._headed = False
        scale = min(width / content.width, height / content.height)
        paragraph = self._paragraph(" ", styles.PICTURE)
        paragraph.add_run().add_picture(content.stream(), Mm(content.width * scale), Mm(content.height * scale))
        self._paragraph(picture.caption, styles.CAPTION_BELOW)

    def _turn(self, turned: bool) -> None:
        if turned != self._turned:
            self._turned = turned
            self._section()

    def _section(self, first: bool = False) -> None:
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        _set_page(section, self._turned)
        for numbering in section._sectPr.findall(qn("w:pgNumType")):  # which a section takes over from the one before
            section._sectPr.remove(numbering)
        if not first:
            return
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        head = " · ".join(text for text in (self._report.title, self._report.imprint.secrecy) if text)
        styles.write(section.header.paragraphs[0], plain(head), self._document.styles["Header"])
        foot = section.footer.paragraphs[0]
        foot.style = self._document.styles["Footer"]
        for part in field_xml("PAGE"):
            foot._p.append(part)
        section._sectPr.append(parse_xml(f'<w:pgNumType {styles.NAMESPACE} w:start="1"/>'))

    def _paragraph(self, text: str, style: str):
        """A paragraph; none for no text."""
        return self._document.add_paragraph(plain(text), self._document.styles[style]) if text else None

    def _add(self, element) -> None:
        """Behind what is there, before the properties of the last section."""
        self._body.insert(len(self._body) - 1, element)


def _set_page(section, turned: bool) -> None:
    short_side, long_side = (Mm(side) for side in _PAPER)
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long_side, short_side) if turned else (short_side, long_side)
    top, right, bottom, left = (Mm(margin) for margin in (_TURNED if turned else _UPRIGHT))
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = top, right, bottom, left
    section.header_distance = section.footer_distance = Emu(min(top, bottom) * 3 // 5)


def _room(turned: bool) -> tuple[float, float]:
    """Width and height between the margins, mm."""
    top, right, bottom, left = _TURNED if turned else _UPRIGHT
    width, height = reversed(_PAPER) if turned else _PAPER
    return width - left - right, height - top - bottom
