"""Every string of the interface has its Chinese."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def strings(root):
    spec = importlib.util.spec_from_file_location("strings_tool", root / "tools" / "strings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_string_of_the_code_is_in_chinese(strings):
    assert strings.faults() == []


def test_a_string_without_chinese_is_noticed(strings, monkeypatch):
    known = strings.translations()
    missing = known.popitem()[0]
    monkeypatch.setattr(strings, "translations", lambda: known)
    assert strings.faults() == [f"no Chinese for: {missing!r}"]


def test_what_cannot_be_translated_is_noticed(strings):
    assert strings.strings_in('tr("a" "b")', "ui/x.py") == ({"ab"}, [])
    for wrong in ('tr(f"{n} towns")', "tr(name)", 'tr("a" + b)', 'self.tr("a")'):
        assert strings.strings_in(wrong, "ui/x.py")[1], wrong


def test_fields_in_braces_must_agree(strings, monkeypatch):
    source = next(iter(strings.translations()))
    monkeypatch.setattr(strings, "translations", lambda: {**strings_known, source: "{typo}"})
    strings_known = dict.fromkeys(strings.strings_of_the_code()[0], "")
    assert any("braces differ" in fault and repr(source) in fault for fault in strings.faults())
