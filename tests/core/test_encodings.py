"""The encoding of a Shapefile that states none, against files that GDAL writes."""

from pathlib import Path

import geopandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import square

from redline_review.core.inputs.encodings import GBK, UTF_8, unstated_encoding

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


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2), min_size=3))
def test_chinese_texts_are_told_apart_though_cut_at_the_width_of_the_field(tmp_path, texts):
    for encoding, expected in (("GB18030", GBK), ("UTF-8", UTF_8)):
        assert unstated_encoding(written(tmp_path / "x.shp", texts, encoding)) == expected
