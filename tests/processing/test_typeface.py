"""The typefaces of pages: which is taken, what is told, and how SVG names it."""

import ast
import os
import re
import shutil
import subprocess
import sys

import pytest
from qgis.core import Qgis
from qgis.PyQt.QtGui import QFontInfo
from typefaces import FACES, SANS, SENTENCE, SERIF, fonts_in, layout_of, need, there, write_pdf, write_svg

from redline_review.processing.maps.typeface import ROLES, chosen

NOTO = "/usr/share/fonts/opentype/noto"  # where fonts-noto-cjk puts its files
NOWHERE = "\U0010fffd"  # private use: no face has it


@pytest.fixture(params=FACES)
def installed(request, qgis_app):
    need(request.param)
    return request.param


@pytest.fixture
def noto(qgis_app):
    need(SANS, SERIF)


def test_the_face_asked_for_is_taken_in_either_role(installed):
    for role in ROLES:
        face = chosen(installed, SENTENCE, role)
        assert (face.family, face.substituted, face.missing) == (installed, "", "")
        assert QFontInfo(face.font()).family() == installed
        assert face.font(bold=True).bold() and not face.font().bold()


def test_without_a_wish_a_title_is_sans_and_a_text_serif(noto):
    assert chosen("", SENTENCE, "title").substituted == ""
    families = {role: chosen("", SENTENCE, role).family for role in ROLES}
    known = {role: [names[0] for names in faces] for role, faces in ROLES.items()}
    for role, family in families.items():
        assert family == next(name for name in known[role] if there(name))
    assert families["title"] != families["body"]


@pytest.mark.parametrize("wanted", ["No Such Face", "Noto Sans CJK JP", "Open Sans", "DejaVu Sans"])
def test_a_face_that_is_not_there_or_not_chinese_is_substituted_and_told(noto, wanted):
    face = chosen(wanted, SENTENCE, "title")
    assert face.substituted == wanted
    assert face.family == chosen("", SENTENCE, "title").family
    assert not face.missing


def test_a_face_is_found_however_its_name_is_written(noto):
    face = chosen("noto sans cjk sc", SENTENCE)
    assert (face.family, face.substituted) == (SANS, "")


def test_what_no_face_has_is_told_and_what_leaves_no_mark_is_not(noto):
    face = chosen(SANS, f"一 \t\n\u200b\ufeff　{NOWHERE}\ud800二{NOWHERE}")
    assert face.missing == NOWHERE
    assert chosen(SANS, "").missing == ""


def test_characters_that_a_face_lacks_are_lent_by_another_chinese_one(noto, tmp_path):
    lacking = next((names[0] for names in ROLES["body"] if there(names[0]) and chosen(names[0], "㳇𬭊").lent), None)
    if lacking is None:
        pytest.skip("every face installed has the rare characters (fonts-arphic-uming lacks them)")
    face = chosen(lacking, "三线㳇𬭊")
    assert face.family == lacking and face.lent in ("㳇𬭊", "𬭊") and face.missing == ""
    assert face.lenders and not any(name.endswith("JP") for name in face.lenders)
    if shutil.which("pdffonts"):
        fonts = " ".join(fonts_in(write_pdf(layout_of("三线㳇𬭊", face.font()), tmp_path / "lent.pdf")))
        assert "CJKjp" not in fonts and "CJKsc" in fonts


def elsewhere(tmp_path, fonts):
    """What is chosen where other fonts are installed: in a process of its own, as fontconfig is read once."""
    config = tmp_path / "fonts.conf"
    config.write_text(
        f"<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>{fonts}"
        f"<cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    code = (
        "from qgis.PyQt.QtGui import QGuiApplication\n"
        "app = QGuiApplication(['test', '-platform', 'offscreen'])\n"
        "from redline_review.processing.maps.typeface import chosen\n"
        "face = chosen('Noto Sans CJK JP', 'a三线b')\n"
        "print(ascii((face.family, face.substituted, face.missing)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "FONTCONFIG_FILE": str(config)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    return ast.literal_eval(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig says which fonts are installed")
def test_without_a_chinese_face_that_is_said(tmp_path):
    family, substituted, missing = elsewhere(tmp_path, "<dir>/usr/share/fonts/truetype/open-sans</dir>")
    assert (family, substituted) == ("", "Noto Sans CJK JP")
    assert "三线" in missing


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig says which fonts are installed")
def test_a_japanese_face_is_not_taken_even_where_it_is_the_only_one(noto, tmp_path):
    patterns = "".join(
        f"<pattern><patelt name='family'><string>Noto {kind} CJK {region}</string></patelt></pattern>"
        for kind in ("Sans", "Serif", "Sans Mono")
        for region in ("SC", "TC", "HK", "KR")
    )
    fonts = f"<dir>{NOTO}</dir><selectfont><rejectfont>{patterns}</rejectfont></selectfont>"
    assert elsewhere(tmp_path, fonts)[:2] == ("", "Noto Sans CJK JP")
    assert elsewhere(tmp_path, f"<dir>{NOTO}</dir>") == (SERIF, "Noto Sans CJK JP", "")


def test_text_in_svg_names_its_typeface(installed, tmp_path):
    face = chosen(installed, SENTENCE)
    svg = write_svg(layout_of(SENTENCE, face.font()), tmp_path / "text.svg", Qgis.TextRenderFormat.AlwaysText)
    texts = re.findall(r'<text[^>]* font-family="([^"]*)"[^>]*>([^<]*)</text>', svg)
    assert "".join(text for _, text in texts) == SENTENCE
    assert {family for family, _ in texts} == {installed}


def test_outlines_in_svg_need_no_typeface(noto, tmp_path):
    font = chosen(SANS, SENTENCE).font()
    svg = write_svg(layout_of(SENTENCE, font), tmp_path / "outlines.svg", Qgis.TextRenderFormat.AlwaysOutlines)
    assert "<text" not in svg and svg.count("<path") >= 1
