"""The encoding of a Shapefile that states none, against files that GDAL writes."""

from pathlib import Path

import geopandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import square

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.encodings import (
    GBK,
    UTF_8,
    collapsed,
    field_names,
    misread,
    original,
    same_encoding,
    unstated_encoding,
)
from redline_review.core.inputs.files import FileSource

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample" / "qinghe_towns_gbk.shp"


def written(path, texts, encoding, cpg=False, field="名称"):
    geometry = [square(n, 0, 1) for n in range(len(texts))]
    frame = geopandas.GeoDataFrame({field: texts}, geometry=geometry, crs="EPSG:4530")
    frame.to_file(path, engine="pyogrio", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink(missing_ok=True)
        # What a program that states nothing writes there.
        content = bytearray(path.with_suffix(".dbf").read_bytes())
        content[29] = 0
        path.with_suffix(".dbf").write_bytes(content)
    return path


def test_the_sample_in_gbk():
    assert unstated_encoding(SAMPLE) == GBK and unstated_encoding(SAMPLE.with_suffix(".dbf")) == GBK


@pytest.mark.parametrize(("encoding", "expected"), [("GB18030", GBK), ("UTF-8", UTF_8)])
def test_told_from_the_bytes(tmp_path, encoding, expected):
    path = written(tmp_path / "县 界.shp", ["南关区", "", "宽城区"], encoding)
    assert unstated_encoding(path) == expected


def test_nothing_is_said_of_what_is_stated_or_plain(tmp_path):
    assert unstated_encoding(written(tmp_path / "a.shp", ["南关区"], "UTF-8", cpg=True)) is None
    assert unstated_encoding(written(tmp_path / "b.shp", ["abc"], "UTF-8", field="name")) is None
    assert unstated_encoding(tmp_path / "none.shp") is None
    (tmp_path / "short.dbf").write_bytes(b"\x03")
    assert unstated_encoding(tmp_path / "short.shp") is None


def test_real_counties_in_gbk(shared_data):
    files = list((shared_data / "jilin_gbk").rglob("*.shp"))
    assert files and all(unstated_encoding(path) == GBK for path in files)


@pytest.mark.parametrize("stated", [False, True])
def test_misread_whatever_the_file_states(tmp_path, stated):
    path = written(tmp_path / "a.shp", ["南关区", None, "宽城区"], "GB18030", cpg=stated)
    if stated:
        path.with_suffix(".cpg").write_text("UTF-8")
    assert misread(path, "UTF-8") == GBK
    for right in ("GBK", "gb2312", "CP936", "ISO-8859-1", "System", "", None):
        assert misread(path, right) is None, right
    other = written(tmp_path / "b.shp", ["南关区"], "UTF-8", cpg=stated)
    assert misread(other, "UTF-8") is None and misread(other, "ascii") == UTF_8
    assert misread(tmp_path / "none.shp", "UTF-8") is None
    assert misread(written(tmp_path / "c.shp", ["abc"], "UTF-8", field="name"), "ascii") is None


def test_what_a_garbled_text_really_is(tmp_path):
    geometry = [square(n, 0, 1) for n in range(500)]
    columns = {"镇": [f"第{n}镇" for n in range(500)], "面积": range(500), "县": ["吉林"] * 499 + ["南关区"]}
    path = tmp_path / "a.shp"
    geopandas.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4530").to_file(path, engine="pyogrio", encoding="GBK")
    shown = collapsed("南关区".encode("GBK").decode("utf-8", "replace"))
    assert original(path, 2, "UTF-8", GBK, shown.__eq__) == (shown, "南关区")  # the last record of many
    assert original(path, 0, "UTF-8", GBK, shown.__eq__) is None
    assert original(path, 1, "UTF-8", GBK, lambda text: True) is None  # numbers
    assert [right for _, right in field_names(path, "UTF-8", GBK)] == ["镇", "面积", "县"]
    path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes()[:-20_000])  # cut short
    assert original(path, 2, "UTF-8", GBK, shown.__eq__) is None
    path.with_suffix(".dbf").unlink()
    assert original(path, 2, "UTF-8", GBK, shown.__eq__) is None and field_names(path, "UTF-8", GBK) == []


def test_names_of_the_same_encoding():
    assert same_encoding("utf8", "UTF-8") and same_encoding("GB18030", "cp936") and not same_encoding("GBK", "UTF-8")


def test_a_source_that_cannot_be_read_so_says_how_it_can(tmp_path):
    path = written(tmp_path / "towns.shp", ["南关区"], "GBK", field="name")
    source = FileSource(path, encoding="UTF-8", engine="pyogrio")  # fiona drops such texts and goes on
    for read in (lambda: list(source.batches(["name"])), lambda: source.values("name")):
        with pytest.raises(RedlineError, match="GBK") as refused:
            read()
        assert refused.value.code == "wrong_encoding_likely"
    for one in (source, FileSource(path, encoding="UTF-8", engine="fiona")):
        assert one.in_encoding("GB18030").values("name").tolist() == ["南关区"]
    assert source.encoding == "UTF-8"  # the other is a source of its own
    path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes()[:-5] + b"\xff\xff\xff\xff\x1a")
    with pytest.raises(RedlineError) as refused:
        source.values("name")
    assert refused.value.code == "wrong_encoding"  # and what it is in nobody can tell


def test_real_counties_are_read_in_their_encoding(shared_data):
    path = shared_data / "jilin_gbk" / "jilin_gbk_nocpg.shp"
    assert misread(path, "UTF-8") == GBK
    assert {"省", "市", "县"} <= {right for _, right in field_names(path, "UTF-8", GBK)}
    assert "南关区" in FileSource(path, encoding="GBK").values("县")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2), min_size=3))
def test_chinese_texts_are_told_apart_though_cut_at_the_width_of_the_field(tmp_path, texts):
    for encoding, expected in (("GB18030", GBK), ("UTF-8", UTF_8)):
        assert unstated_encoding(written(tmp_path / "x.shp", texts, encoding)) == expected
