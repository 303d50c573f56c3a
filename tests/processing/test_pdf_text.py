"""The text of PDF files as it comes out again: exact in every face, and other files left alone."""

import re
import zlib

import pytest
from qgis.PyQt.QtGui import QFont
from typefaces import (
    FACES,
    SANS,
    SENTENCE,
    SERIF,
    add_label,
    copied,
    fonts_in,
    layout_of,
    need,
    needs_pdftotext,
    pages_of,
    write_pdf,
)

from redline_review.processing.maps.pdf_text import mend_text
from redline_review.processing.maps.typeface import chosen, page_font

HARD = "见用田面乙金高麦黑 户籍农户 橡胶 〔2023〕193号 〈一〉 A／B 10～20"
LATIN = "official finding, affluent fjord 12,345.67 m² (5–6 %)"
SIGNS = "。，、；：？！“”‘’（）【】《》「」…—·％＋－×÷±≤≥°㎡℃№①②③Ⅰ○●■★"


@pytest.fixture(params=FACES)
def installed(request, qgis_app):
    need(request.param)
    return request.param


@pytest.fixture
def noto(qgis_app):
    need(SANS, SERIF)


def gb2312():
    """All 6,763 characters of GB 2312."""
    found = []
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.append(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return "".join(found)


@needs_pdftotext
@pytest.mark.parametrize("bold", [False, True])
def test_text_copied_from_a_pdf_is_what_was_printed(installed, tmp_path, bold):
    face = chosen(installed, SENTENCE)
    characters = gb2312()
    lines = [HARD, SENTENCE, LATIN, *(characters[i : i + 90] for i in range(0, len(characters), 90))]
    path = write_pdf(layout_of("\n".join(lines), face.font(bold)), tmp_path / "页 1.pdf")
    written = path.read_bytes()
    mend_text(path)
    assert copied(path) == "".join(lines)
    assert path.read_bytes().startswith(written)  # the pages stay where they are
    for font in fonts_in(path):
        assert re.search(r"Identity-H +yes", font), f"not embedded: {font}"
    assert mend_text(path) == 0


@needs_pdftotext
@pytest.mark.parametrize("family", [SANS, SERIF])
def test_signs_of_noto_are_copied_as_they_were_printed(noto, tmp_path, family):
    path = write_pdf(layout_of(SIGNS, chosen(family, SIGNS).font()), tmp_path / "signs.pdf")
    mend_text(path)
    assert copied(path) == SIGNS


@needs_pdftotext
def test_without_mending_noto_gives_radicals(noto, tmp_path):
    """Else the tests above would show nothing."""
    path = write_pdf(layout_of(HARD, chosen(SANS, HARD).font()), tmp_path / "raw.pdf")
    assert copied(path).startswith("⻅⽤⽥⾯⼄⾦⾼⻨⿊")
    assert mend_text(path) > 9
    assert copied(path) == HARD


@needs_pdftotext
def test_shaped_text_of_noto_loses_its_figures(noto, tmp_path):
    """Why the fonts of pages are not shaped."""
    path = write_pdf(layout_of(LATIN, QFont(SANS)), tmp_path / "shaped.pdf")
    mend_text(path)
    assert "345" not in copied(path)
    path = write_pdf(layout_of(LATIN, page_font(SANS)), tmp_path / "plain.pdf")
    mend_text(path)
    assert copied(path) == LATIN


@needs_pdftotext
def test_a_pdf_of_two_faces_and_many_pages(noto, tmp_path):
    layout = layout_of(HARD, chosen(SANS, HARD).font())
    height = layout.pageCollection().page(0).pageSize().height() + layout.pageCollection().spaceBetweenPages()
    for page in range(1, 30):
        layout.pageCollection().extendByNewPage()
        font = chosen(SERIF if page % 2 else SANS, HARD).font(bold=page % 3 == 0)
        add_label(layout, f"{HARD}{page}", font, (5, 5 + page * height, 800, 50))
    path = write_pdf(layout, tmp_path / "atlas.pdf")
    mend_text(path)
    assert [page.strip() for page in pages_of(path)] == [HARD, *(f"{HARD}{page}" for page in range(1, 30))]


def small_pdf(table, name="NotoSansCJKsc-Regular", packed=True, extra=b""):
    """A PDF of one font with this ToUnicode table, its length in an object of its own."""
    data = zlib.compress(table) if packed else table
    filtered = b"/Filter /FlateDecode " if packed else b""
    objects = [
        b"<< /Type /Catalog /Pages 5 0 R >>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+%b /Encoding /Identity-H /ToUnicode 3 0 R >>"
        % name.encode(),
        b"<< %b/Length 4 0 R >>\r\nstream\r\n%b\r\nendstream" % (filtered, data),
        b"%d" % len(data),
        b"<< /Type /Pages /Kids [] /Count 0 >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    xref = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(places) + 1, entries)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R %b>>\n" % (len(places) + 1, extra)
    return content + xref + trailer + b"startxref\n%d\n%%%%EOF\n" % len(content)


TABLE = b"""/CIDInit /ProcSet findresource begin
begincmap
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
2 beginbfrange
<0000> <0000> <0000>
<0001> <0003> <2F63>
endbfrange
2 beginbfchar
<0010> <2EC5>
<0011> <00660069>
endbfchar
1 beginbfrange
<0020> <0022> [<4E00> <2F3E> <2f00>]
endbfrange
endcmap
end
"""


def last_table(content):
    """The table that a reader takes: where the file's last list of places says."""
    start = int(content[content.rindex(b"startxref") :].split()[1])
    entry = re.search(rb"\n3 1\n(\d{10}) 00000 n ", content[start:])
    head, _, rest = content[int(entry[1]) :].partition(b"stream\n")
    assert head.startswith(b"3 0 obj")
    length = int(re.search(rb"/Length (\d+)", head)[1])
    assert rest[length : length + 10] == b"\nendstream"
    return zlib.decompress(rest[:length]).decode()


@pytest.mark.parametrize("packed", [True, False])
def test_every_form_of_table_is_understood(noto, tmp_path, packed):
    path = tmp_path / "small.pdf"
    path.write_bytes(small_pdf(TABLE, packed=packed))
    assert mend_text(path) == 6
    table = last_table(path.read_bytes())
    codes = dict(re.findall(r"<(\w+)> <(\w+)>\n", table.split("endcodespacerange")[1]))
    assert codes == {
        **{"0000": "0000", "0001": "751F", "0002": "7528", "0003": "7530"},  # 生 用 田: 2F63 to 2F65
        **{"0010": "89C1", "0011": "00660069", "0020": "4E00", "0021": "6237", "0022": "4E00"},  # 见 fi 一 户 一
    }
    assert table.startswith("/CIDInit") and table.endswith("endcmap\nend\n") and "beginbfrange" not in table


def test_a_table_is_cut_into_blocks_of_a_hundred(noto, tmp_path):
    path = tmp_path / "long.pdf"
    path.write_bytes(small_pdf(b"1 beginbfrange\n<0001> <00D0> <2F00>\nendbfrange\n"))
    assert mend_text(path) > 150
    assert re.findall(r"(\d+) beginbfchar", last_table(path.read_bytes())) == ["100", "100", "8"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no PDF at all",
        b"%PDF-1.5\n1 0 obj\n<< /Type /XRef >>\nendobj\nstartxref\n9\n%%EOF\n",
        small_pdf(TABLE, extra=b"/Encrypt 9 0 R "),
        small_pdf(TABLE)[:-30],
        small_pdf(TABLE).replace(b"/FlateDecode", b"/ASCII85Code"),
        small_pdf(TABLE).replace(b"/ToUnicode 3", b"/ToUnicode 9"),
        small_pdf(TABLE).replace(b"startxref\n", b"startxref\n9"),
    ],
)
def test_a_file_that_is_not_understood_is_left_alone(noto, tmp_path, content):
    path = tmp_path / "other.pdf"
    path.write_bytes(content)
    assert mend_text(path) is None
    assert path.read_bytes() == content


def test_text_in_an_unknown_face_is_left_alone(noto, tmp_path):
    path = tmp_path / "other.pdf"
    path.write_bytes(small_pdf(TABLE, name="Unheard-Of"))
    assert mend_text(path) == 0
    assert path.read_bytes() == small_pdf(TABLE, name="Unheard-Of")


def test_a_full_disk_leaves_the_file_whole(noto, tmp_path):
    resource = pytest.importorskip("resource", reason="a limit to the size of files stands for the full disk")
    import signal

    path = tmp_path / "full.pdf"
    path.write_bytes(small_pdf(TABLE))
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 40, limits[1]))
    try:
        with pytest.raises(OSError):
            mend_text(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == small_pdf(TABLE)
