"""Names in the order in which a Chinese reader looks for them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qgis.PyQt.QtCore import QCollator, QLocale

from redline_review.ui import collation
from redline_review.ui.collation import LONGEST, ranks

TOWNS = ["阿城", "安宁镇", "北关镇", "长春", "重庆", "东兴镇", "濮阳", "厦门", "曾家镇", "张庄镇", "中山", "涿州"]
NUMBERS = ["", "第2镇", "第10镇", "第10镇a", "第10镇b", "第100镇", "红001", "红2", "红010", "红11"]


def in_order(texts):
    return [texts[row] for row in np.argsort(ranks(texts), kind="stable")]


def mixed(texts):
    return np.random.default_rng(3).permutation(np.array(texts, dtype=object)).tolist()


@pytest.mark.parametrize("texts", [TOWNS, NUMBERS, ["(旧)", "2号地块", "10号地块", "张", "a", "B", "c"]])
def test_by_pinyin_and_by_size(texts):
    assert in_order(mixed(texts)) == texts


def test_what_reads_the_same_stays_in_order():
    texts = ["B", "２号", "a", "2号", "A", "02号", "é", "e"]
    assert in_order(texts) == ["02号", "２号", "2号", "a", "A", "B", "é", "e"]
    assert len(set(ranks(["a1", "A1", "ａ１"]).tolist())) == 1


def test_texts_of_any_length_and_kind():
    assert ranks([]).tolist() == [] and ranks(["", ""]).tolist() == [0, 0]
    long = "镇" * LONGEST
    texts = [long + "2", long + "1", long[1:], "9" * 5000, "9", "0" * 5000, "\ud83d", "🏞", "\x00", "x\x00y", "ß", "①"]
    assert len(ranks(texts)) == len(texts)
    assert in_order([long + "2", long + "1", long[1:]]) == [long[1:], long + "2", long + "1"]
    assert in_order(["10", "9", "0" * 50 + "8", "000"]) == ["000", "0" * 50 + "8", "9", "10"]


PIECES = st.sampled_from(["阿", "北", "镇", "村", "张", "濮", "-", "a", "B", "（", "7", "10", "120", "3"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=6).map("".join), min_size=2, max_size=8))
def test_as_qt_has_it(texts):
    """Text by text, which is slow."""
    collator = QCollator(QLocale("zh_CN"))
    collator.setNumericMode(True)
    places = ranks([text.lower() for text in texts])
    for one, place in zip(texts, places, strict=True):
        for other, beside in zip(texts, places, strict=True):
            told = collator.compare(one.lower(), other.lower())
            assert np.sign(place - beside) == np.sign(told), (one, other)


def test_where_qt_knows_no_pinyin(monkeypatch):
    class Plain:
        def __init__(self, locale):
            pass

        def sortKey(self, text):
            return text

    monkeypatch.setattr(collation, "QCollator", Plain)
    texts = ["2号地块", "10号地块", "阿城", "北关镇", "长春", "东兴镇", "张庄镇"]
    assert in_order(mixed(texts)) == texts
