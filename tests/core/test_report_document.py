"""The document: set as official papers are, whole where LibreOffice opens it, with nothing of the machine in it."""

import re
import struct
import subprocess
import zipfile
import zlib
from datetime import date
from shutil import which

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from programs import libreoffice, refreshed
from sample_review import SAMPLE, decide_some, sample_review
from support import MemorySource, review, square

from redline_review.core.errors import Cancelled
from redline_review.core.report.content import Content
from redline_review.core.report.map_files import OVERVIEW, map_file
from redline_review.core.report.papers.chapters import Asked, report
from redline_review.core.report.papers.document import write_document
from redline_review.core.report.papers.document_tables import MOST_OF_TOWN
from redline_review.core.report.papers.pictures import Pictures, whole_png
from redline_review.core.report.sheet_texts import Imprint
from redline_review.core.report.texts import Texts

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
MAKER = Imprint(unit="规划院", author="王工", day=date(2026, 5, 1), secrecy="内部")


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, *chunks):
    """A white picture with further chunks before its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height))))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Maps of two towns and of all; one of a third that is cut off."""
    folder = tmp_path_factory.mktemp("图件")
    secret = chunk(b"tEXt", b"Source\0/home/wang/secret.qgz")
    map_file(folder, "QH01").write_bytes(png(400, 280, secret))
    (folder / "QH01_2.png").write_bytes(png(420, 280))  # its table goes on
    map_file(folder, "QH02").write_bytes(png(280, 400))
    map_file(folder, OVERVIEW).write_bytes(png(300, 200))
    map_file(folder, "QH03").write_bytes(png(300, 200)[:-20])
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = sample_review(tmp_path_factory.mktemp("sample"))
    decide_some(path)
    return path


@pytest.fixture(scope="module")
def written(package, folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("doc") / "报告.docx"
    said = write_document(report(Content(package, "zh_CN", MAKER.day), Asked(MAKER, maps=folder)), path)
    return path, said


@pytest.fixture(scope="module")
def document(written):
    return docx.Document(written[0])


def fonts(style):
    found = style.element.rPr.rFonts
    return found.get(qn("w:eastAsia")), style.font.size.pt


def mm(*lengths):
    return [round(length.mm) for length in lengths]


def text_of(element):
    return "".join(one.text or "" for one in element.iter(qn("w:t")))


def rows(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def table_of(document, title):
    """The table under the caption that ends so."""
    body = list(document.element.body)
    caption = next(n for n, one in enumerate(body) if one.tag == qn("w:p") and text_of(one).endswith(title))
    element = next(one for one in body[caption:] if one.tag == qn("w:tbl"))
    return next(table for table in document.tables if table._tbl is element)


def test_pages_faces_and_sizes_of_official_papers(document):
    first = document.sections[0]
    assert mm(first.page_width, first.page_height) == [210, 297]
    assert mm(first.top_margin, first.left_margin, first.right_margin) == [37, 28, 26]
    turned = [section for section in document.sections if section.page_width > section.page_height]
    assert turned and all(mm(section.page_width, section.top_margin) == [297, 28] for section in turned)
    assert fonts(document.styles["Title"])[0] == fonts(document.styles["Heading 1"])[0] == "黑体"
    assert fonts(document.styles["Body Text"]) == ("仿宋", 16) and fonts(document.styles["Table text"]) == (
        "宋体",
        10.5,
    )


def test_headings_are_numbered_and_the_contents_lead_to_them(document):
    chapters = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert chapters[:3] == ["一、审查结论", "二、审查结果汇总", "三、各控制线审查情况"]
    assert "十、整改清单" in chapters and chapters[-1] == "十四、审查图件"
    towns = [one.text for one in document.paragraphs if one.style.name == "Heading 2"]
    assert towns[0] == "（一）松花文旅小镇" and towns[-1] == "（十二）清河古城小镇"
    links = document.element.body.findall(f".//{qn('w:hyperlink')}")
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    assert [text_of(link) for link in links] == chapters
    assert {link.get(qn("w:anchor")) for link in links} <= marks
    fields = [one.text.split()[1] for link in links for one in link.iter(qn("w:instrText"))]
    assert fields == [link.get(qn("w:anchor")) for link in links]  # each with the page of its chapter


def test_contents_brought_up_to_date_name_the_page_on_which_each_chapter_begins(written, document, tmp_path):
    if not which("pdftotext"):
        pytest.skip("pdftotext is not here: apt-get install poppler-utils")
    pdf = refreshed(written[0], tmp_path)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    _, contents, *pages = [re.sub(r"[ \t]", "", page).splitlines() for page in text.split("\f")]  # behind the cover
    titles = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    begin = {title: n for n, page in enumerate(pages, 2) for title in titles if title in page}
    said = dict(re.fullmatch(r"(.*?)\.{3,}(\d+)", line).groups() for line in contents if "..." in line)
    assert {title: int(page) for title, page in said.items()} == begin and list(begin) == titles
    assert "目录" in contents and len(set(begin.values())) > 5


def test_pages_are_numbered_from_the_first_behind_the_cover(document):
    starts = [section._sectPr.find(qn("w:pgNumType")) for section in document.sections]
    assert starts[0] is None and starts[1].get(qn("w:start")) == "1" and not any(one is not None for one in starts[2:])
    assert "PAGE" in "".join(document.sections[1].footer._element.itertext())
    assert "内部" in document.sections[1].header.paragraphs[0].text
    assert not any(one.text for one in document.sections[0].footer.paragraphs)
    cover = [one.text for one in document.paragraphs[:12]]
    assert {"内部", "三线审查报告", "编制单位：规划院", "编制人：王工", "编制日期：2026年5月1日"} <= set(cover)


def test_headings_of_tables_are_repeated_and_no_row_is_broken(document):
    captions = [one for one in document.paragraphs if one.style.name == "Caption"]
    tables = [table for table in document.tables if table._tbl.find(f".//{qn('w:tblHeader')}") is not None]
    assert len(tables) == len(captions) > 20
    for table in tables:
        assert all(row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in table.rows)
        room = 225 if sum(column.width for column in table.columns) > Mm(157) else 156
        assert sum(column.width for column in table.columns) <= Mm(room + 1)


def test_of_many_findings_the_worst_and_what_the_others_come_to(document):
    shown = rows(table_of(document, "疑似问题图斑表"))
    start = shown.index(next(row for row in shown if row[0] == "松花文旅小镇"))
    own = shown[start + 1 : start + 1 + MOST_OF_TOWN]
    rest, subtotal = shown[start + 1 + MOST_OF_TOWN : start + 3 + MOST_OF_TOWN]
    assert all(row[0].startswith("松花文旅小镇-") for row in own)
    assert rest[0] == f"其余{82 - MOST_OF_TOWN}项见工作簿“图斑”表" and subtotal[0] == "小计"
    ha = shown[0].index("面积\n（公顷）")
    added = sum(round(float(row[ha].replace(",", "")) * 1e4) for row in [*own, rest])
    assert added == round(float(subtotal[ha].replace(",", "")) * 1e4)


def test_a_total_adds_up_as_it_is_printed(document):
    shown = rows(table_of(document, "审查结果汇总表"))
    for column in (1, 2, 3, 5, 7):
        values = [round(float(row[column].replace(",", "")) * 1e4) for row in shown[1:] if row[column] != "—"]
        assert sum(values[:-1]) == values[-1]


def test_maps_stand_in_it_and_what_is_no_picture_is_said(written, document):
    for shape, ratio in zip(document.inline_shapes, (300 / 200, 400 / 280, 420 / 280, 280 / 400), strict=True):
        assert shape.width / shape.height == pytest.approx(ratio, rel=0.01)
    assert written[1] == [Texts("zh_CN").say("report_bad_map", name="QH03.png")]
    assert any("下列审查对象没有图件：梨树湾田园小镇" in one.text for one in document.paragraphs)


def test_nothing_of_the_machine_is_in_it(written, package, folder):
    with zipfile.ZipFile(written[0]) as parts:
        everything = b"".join(parts.read(name) for name in parts.namelist())
    for path in (package.parent, folder, SAMPLE):
        assert str(path).encode() not in everything
    assert b"secret" not in everything
    about = docx.Document(written[0]).core_properties
    assert (about.author, about.last_modified_by, about.comments, about.title) == ("王工", "王工", "", "三线审查报告")


def test_libreoffice_opens_it_and_reads_the_same(written, package, tmp_path):
    pdf = libreoffice(written[0], "pdf", tmp_path)
    if not which("pdftotext"):
        pytest.skip("pdftotext is not here: apt-get install poppler-utils")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    said = re.sub(r"\s", "", text)
    content = Content(package, "zh_CN", MAKER.day)
    for row in range(content.count):
        assert content.town(row).conclusion in said
    for title in ("一、审查结论", "表1审查结果汇总表", "图1土地开发强度（%）（数据来源：现状地类）"):
        assert title in said


def test_english(package, tmp_path):
    write_document(report(Content(package, "en", MAKER.day), Asked(MAKER)), tmp_path / "r.docx")
    document = docx.Document(tmp_path / "r.docx")
    titles = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert titles[0] == "1  Conclusions" and document.core_properties.language == "en-GB"
    assert rows(table_of(document, "Verdicts and lines by town"))[0][0] == "Town"


def test_odd_names_and_a_town_without_findings(tmp_path):
    names = ["<b>&\"'", "a\x00b\x0bc", "无图斑"]
    towns = MemorySource("towns", [square(2000 * n, 0, 1000) for n in range(3)], {"code": list("ABC"), "name": names})
    farm = [square(2000 * n, 0, 100) for n in range(2)]
    review(towns, {"farmland": farm}, package=tmp_path / "r.gpkg", town_name_field="name")
    write_document(report(Content(tmp_path / "r.gpkg", "zh_CN"), Asked(MAKER)), tmp_path / "r.docx")
    shown = [row[0] for row in rows(table_of(docx.Document(tmp_path / "r.docx"), "审查结果汇总表"))]
    assert shown == ["审查对象", "<b>&\"'", "abc", "无图斑", "合计"]


def test_a_cancel_ends_it(package, tmp_path):
    with pytest.raises(Cancelled):
        write_document(report(Content(package, "en"), Asked(MAKER)), tmp_path / "x.docx", cancelled=lambda: True)
    assert not (tmp_path / "x.docx").exists()


def test_pictures_lose_their_texts_but_not_their_pixels():
    bare, dressed = png(4, 3), png(4, 3, chunk(b"tEXt", b"a\0b"), chunk(b"eXIf", b"x"), chunk(b"tIME", b"1234567"))
    assert whole_png(dressed).content == bare and (whole_png(bare).width, whole_png(bare).height) == (4, 3)
    for broken in (b"", b"GIF89a", bare[:-1], bare[:40] + b"\0" + bare[41:]):
        assert whole_png(broken) is None


def test_more_pictures_than_a_file_can_hold_are_counted(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png(4, 3))
    pictures = Pictures(most=2 * len(png(4, 3)))
    assert [pictures.read(path) is None for _ in range(4)] == [False, False, True, True]
    assert pictures.left_out(Texts("en")) == [Texts("en").say("report_maps_left_out", count=2)]
