"""The page: needs nothing else, reads without scripts, escapes every text, holds every finding."""

import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser

import pytest
from programs import chromium
from sample_review import SAMPLE, decide_some, sample_review
from support import MemorySource, review, square

from redline_review.core.errors import Cancelled
from redline_review.core.report.content import Content
from redline_review.core.report.papers.chapters import Asked, report
from redline_review.core.report.papers.page import write_page
from redline_review.core.report.sheet_texts import Imprint

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
MAKER = Imprint(unit="规划院", author="王工", day=date(2026, 5, 1), secrecy="内部")
VOID = {"meta", "input", "img", "br", "line", "rect"}
MAY_STAY_OPEN = {"tr", "td", "th", "thead", "tbody", "tfoot"}


class Read(HTMLParser):
    """What a page holds: addresses, texts by tag, rows of tables by the id of their place; faults of nesting."""

    def __init__(self, page):
        super().__init__()
        self.open, self.addresses, self.texts, self.rows, self.faults, self.place = [], [], {}, {}, [], None
        self.scripts, self.tags = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.tags.append(tag)
        self.addresses += [known[name] for name in ("href", "src", "action", "data") if name in known]
        self.scripts += [name for name in known if name.startswith("on")]
        if known.get("id", "").startswith("t"):
            self.place = known["id"]
        if tag == "tr":
            self.rows.setdefault(self.place, []).append([])
        if tag in ("td", "th"):
            self.rows[self.place][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        while self.open and self.open[-1] in MAY_STAY_OPEN and self.open[-1] != tag:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        inside = next((tag for tag in reversed(self.open)), "")
        self.texts.setdefault(inside, []).append(data)
        if inside in ("td", "th") and data.strip():
            self.rows[self.place][-1][-1] += data.strip("\n")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = sample_review(tmp_path_factory.mktemp("sample"))
    decide_some(path)
    return path


@pytest.fixture(scope="module")
def written(package, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "报告.html"
    assert write_page(report(Content(package, "zh_CN", MAKER.day), Asked(MAKER, previous=package)), path) == []
    return path


@pytest.fixture(scope="module")
def read(written):
    return Read(written.read_text(encoding="utf-8"))


def test_it_is_sound_and_asks_for_nothing(read, written):
    assert read.faults == [] and read.open == []
    assert read.addresses and all(address.startswith("#") for address in read.addresses)
    assert read.scripts == [] and not {"iframe", "object", "embed", "link", "form"} & set(read.tags)
    page = written.read_text(encoding="utf-8")
    assert "default-src 'none'" in page and "http://" not in page and "https://" not in page and "url(" not in page
    assert '<html lang="zh-CN">' in page


def test_it_holds_every_finding_and_what_they_come_to(read, package):
    content = Content(package, "zh_CN", MAKER.day)
    numbers = [row[0] for rows in read.rows.values() for row in rows]
    for number in content.browsed.findings["number"]:
        assert number in numbers
    sums = [text for text in read.texts["span"] if text.startswith("82项；面积（公顷） ")]
    assert sums and sums[0].split()[1].rstrip("；面积（亩）") == "424.8306"


def test_it_says_what_the_maps_say(read, package):
    content = Content(package, "zh_CN", MAKER.day)
    for row in range(content.count):
        assert content.town(row).conclusion in read.texts["p"]


def test_charts_are_drawn_in_the_page(read):
    assert read.tags.count("svg") >= 8 and read.tags.count("rect") > 80


def test_nothing_of_the_machine_is_in_it(written, package):
    page = written.read_text(encoding="utf-8")
    assert str(package.parent) not in page and str(SAMPLE) not in page


def test_texts_are_escaped(tmp_path):
    name = "<script>alert(1)</script>&\"'"
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["A"], "name": [name]})
    review(towns, {"farmland": [square(0, 0, 100)]}, package=tmp_path / "r.gpkg", town_name_field="name")
    maker = Imprint(unit="<img src=x>", author='"><b>', day=MAKER.day, secrecy="<i>")
    write_page(report(Content(tmp_path / "r.gpkg", "en"), Asked(maker)), tmp_path / "r.html")
    read = Read((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert read.faults == [] and not {"img", "i"} & set(read.tags) and read.tags.count("script") == 1
    assert name in "".join(read.texts["td"]) and "<img src=x>" in read.texts["dd"]


def test_chromium_shows_it_without_a_complaint(written, tmp_path):
    picture = tmp_path / "page.png"
    assert chromium(written, picture) == []
    from redline_review.core.report.papers.pictures import whole_png

    shown = whole_png(picture.read_bytes())
    assert (shown.width, shown.height) == (1200, 1600) and len(shown.content) > 50_000  # an empty one has a tenth


def test_on_paper_tables_have_the_columns_that_there_is_room_for(written, read, package, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not here: apt-get install poppler-utils")
    chromium(written, tmp_path / "page.pdf")
    text = subprocess.run(["pdftotext", "-raw", tmp_path / "page.pdf", "-"], capture_output=True, check=True).stdout
    said = re.sub(r"\s", "", text.decode())
    assert "判定依据" in read.texts["th"] and "来源图斑" in read.texts["th"]
    assert "判定依据" not in said and "来源图斑" not in said and "禁止占用永久基本农田" not in said
    content = Content(package, "zh_CN", MAKER.day)
    assert all(str(number) in said for number in content.browsed.findings["number"])
    assert said.count("图斑编号") >= 10  # headings on every page


def test_a_figure_that_is_not_known_has_a_dash(read):
    town = next(row for rows in read.rows.values() for row in rows if row[0] == "北岭林海小镇" and "未核查" in row)
    assert "—" in town


def test_a_cancel_ends_it(package, tmp_path):
    with pytest.raises(Cancelled):
        write_page(report(Content(package, "en"), Asked(MAKER)), tmp_path / "x.html", cancelled=lambda: True)
