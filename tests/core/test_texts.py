"""Catalogues: every code of core has its text in every language, with the same details to fill in."""

import ast
import json
import re
import string

import pytest

from redline_review.core.errors import Cancelled, Issue, RedlineError
from redline_review.core.report.texts import LANGUAGES, Texts

CODES = {"RedlineError": 0, "Issue": 0, "say": 0, "_fail": 1}  # callables that take a code, and where it stands


@pytest.fixture
def catalogues(root):
    paths = {language: root / "i18n" / f"catalogue.{language}.json" for language in LANGUAGES}
    return {language: json.loads(path.read_text(encoding="utf-8")) for language, path in paths.items()}


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_languages_hold_the_same_texts_with_the_same_details(catalogues):
    english, *others = catalogues.values()
    for other in others:
        assert {kind: set(texts) for kind, texts in other.items()} == {k: set(v) for k, v in english.items()}
        for kind, texts in english.items():
            for code, text in texts.items():
                assert placeholders(other[kind][code]) == placeholders(text), code
                assert text.strip() and other[kind][code].strip(), code


def test_chinese_is_chinese(catalogues):
    for code, text in catalogues["zh_CN"]["messages"].items():
        words = re.sub(r"{\w+}", "", catalogues["en"]["messages"][code])
        assert re.search("[一-鿿]", text) or not re.search("[a-z]", words), code


def test_every_code_that_core_uses_has_a_text(root, catalogues):
    used = set()
    for path in (root / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            place = CODES.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                used.add(node.args[place].value)
    assert len(used) > 40  # the search itself works
    assert used <= set(catalogues["en"]["messages"])


def test_core_knows_no_qgis_and_no_qt(root):
    for path in (root / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] in ("qgis", "PyQt5", "PyQt6", "osgeo") for name in names), path


def test_texts_of_errors_and_issues():
    assert str(RedlineError("no_crs", layer="YJJBNT")).count("YJJBNT") == 1
    assert Texts("zh-Hans").error(Cancelled()).startswith("已取消")
    assert Texts("de").language == "en"
    issue = Issue("no_geometry", "warning", "永久基本农田", "17")
    for language in LANGUAGES:
        assert "永久基本农田" in Texts(language).issue(issue) and "17" in Texts(language).issue(issue)
    assert "{layer}" in Texts("en").say("no_crs")  # a detail that is missing stays visible
    assert Texts("zh_CN").pick({"en": "a", "zh_CN": "甲"}) == "甲" and Texts("en").pick("甲") == "甲"
