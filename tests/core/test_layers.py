"""Result files: every format, whole or not there."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import date, datetime

import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from packages import CRS, box, content, decision, record
from packages import findings as package_findings
from packages import review as package_review

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.files import FileSource
from redline_review.core.inputs.source import Field
from redline_review.core.review import layers
from redline_review.core.review.layers import FileWriter

FIELDS = [
    Field("town_id", "text"), Field("名称", "text"), Field("findings", "integer"), Field("area_m2", "real"),
    Field("surveyed", "date"), Field("listed", "boolean"),
]  # fmt: skip
SUFFIXES = [".gpkg", ".shp", ".geojson", ".fgb"]
ENGINES = ["pyogrio", "fiona"]
FORMATS = [(suffix, engine) for suffix in SUFFIXES for engine in ENGINES if (suffix, engine) != (".fgb", "fiona")]


def rows(first, count):
    ids = range(first, first + count)
    return pd.DataFrame({
        "town_id": [f"T{i}" for i in ids],
        "名称": [None if i % 3 == 0 else f"北山镇{i}" for i in ids],
        "findings": [None if i % 3 == 1 else 2**40 + i for i in ids],
        "area_m2": [None if i % 3 == 2 else i + 0.125 for i in ids],
        "surveyed": [None if i % 3 == 0 else date(2025, 6, 1 + i % 20) for i in ids],
        "listed": [i % 2 == 0 for i in ids],
        "geometry": [None if i == 5 else box(i * 10, 0, 5) for i in ids],
        "left_out": 1,
    })  # fmt: skip


def write(path, *frames, fields=FIELDS, crs=CRS, **options):
    writer = FileWriter(path, **options)
    writer.open(fields, crs)
    for frame in frames:
        writer.write(frame)
    writer.close()
    return writer


def read(path, layer=None):
    source = FileSource(path, layer)
    batches = list(source.batches([field.name for field in source.fields]))
    columns = {field.name: [v for b in batches for v in b.fields[field.name]] for field in source.fields}
    geometry = [shape for batch in batches for shape in batch.geometry]
    return source, columns, geometry


def names(folder):
    return sorted(item.name for item in folder.iterdir())


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "成果 资料"
    made.mkdir()
    return made


@pytest.mark.parametrize("engine", ENGINES)
def test_names_in_a_shapefile(folder, engine):
    # 15 bytes each: cut within a character no program could read the file; and ours keep their names
    fields = [Field(name, "text") for name in ("行政区名称", "行政区代码", "undeclared_land", "undeclared")]
    frame = pd.DataFrame({field.name: [field.name] for field in fields} | {"geometry": [box(0, 0, 5)]})
    write(folder / "a.shp", frame, fields=fields, engine=engine)
    _, columns, _ = read(folder / "a.shp")
    assert list(columns.values()) == [["行政区名称"], ["行政区代码"], ["undeclared_land"], ["undeclared"]]
    assert list(columns) == ["行政_1", "行政区", "undeclar_1", "undeclared"]


@pytest.mark.parametrize("suffix, engine", FORMATS)  # fiona writes no dates into FlatGeobuf, and says so
def test_values_come_back(folder, suffix, engine):
    path = folder / f"汇总 表{suffix}"
    frame = rows(0, 9)
    if suffix == ".fgb":
        assert fails("needs_geometry", lambda: write(path, frame)).details == {"path": str(path), "count": 1}
        frame.loc[5, "geometry"] = box(50, 0, 5)
    write(path, frame[:4], frame[:0], frame[4:], engine=engine)
    source, columns, geometry = read(path)
    assert source.count == 9
    assert source.crs.equals(CRS, ignore_axis_order=True) or source.crs.to_epsg() == 4530
    assert [field.name for field in source.fields] == [field.name for field in FIELDS]
    order = sorted(range(9), key=lambda i: columns["town_id"][i])  # FlatGeobuf orders by place
    for field in FIELDS:
        expected = [None if pd.isna(value) else value for value in frame[field.name]]
        if field.type == "date" and suffix == ".fgb":  # it knows dates with a time only
            expected = [value and datetime(value.year, value.month, value.day) for value in expected]
        assert [columns[field.name][i] for i in order] == expected, field
    kind = "Polygon" if suffix == ".shp" else "MultiPolygon"  # a Shapefile's polygons are both
    written = shapely.from_wkb(pyogrio.raw.read(path)[2])
    assert [shape and shape.geom_type for shape in (written[i] for i in order)] == [
        None if i == 5 and suffix != ".fgb" else kind for i in range(9)
    ]
    assert geometry[order[8]].equals(box(80, 0, 5))


@pytest.mark.parametrize("suffix, engine", FORMATS)
def test_empty_layer_has_its_fields_and_type(folder, suffix, engine):
    path = folder / f"empty{suffix}"
    write(path, engine=engine)
    source = FileSource(path)
    assert not source.count and not read(path)[2]
    if suffix != ".geojson":  # it has no place for them
        assert [field.name for field in source.fields] == [field.name for field in FIELDS]
        assert source.crs.to_epsg() == 4530
        assert pyogrio.read_info(path)["geometry_type"] == {".shp": "Polygon"}.get(suffix, "MultiPolygon")


def test_datetime_and_other_numbers(folder):
    fields = [Field("at", "datetime"), Field("n", "integer"), Field("x", "real")]
    moment = datetime(2025, 6, 15, 8, 30)
    frame = pd.DataFrame({"at": [moment, None], "n": [3.0, None], "x": [1, None], "geometry": [box(0, 0, 1), None]})
    write(folder / "a.gpkg", frame, fields=fields)
    _, columns, _ = read(folder / "a.gpkg")
    assert columns == {"at": [moment, None], "n": [3, None], "x": [1.0, None]}


@pytest.mark.parametrize("engine", ENGINES)
def test_shapefile_is_utf8_and_says_so(folder, engine):
    write(folder / "镇.shp", rows(0, 3), engine=engine)
    assert (folder / "镇.cpg").read_text().strip().upper().replace("-", "") == "UTF8"
    assert names(folder) == ["镇.cpg", "镇.dbf", "镇.prj", "镇.shp", "镇.shx"]


def test_replaced_shapefile_loses_the_old_indexes_and_keeps_the_style(folder):
    path = folder / "a.shp"
    write(path, rows(0, 9))
    for suffix in (".qix", ".qml"):
        (folder / f"a{suffix}").write_text("of the old")
    write(path, rows(0, 2))
    assert names(folder) == ["a.cpg", "a.dbf", "a.prj", "a.qml", "a.shp", "a.shx"]
    assert FileSource(path).count == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_table_of_an_existing_geopackage(folder, engine):
    path = folder / "mine.gpkg"
    write(path, rows(0, 9), layer="first")
    write(path, rows(0, 3), layer="结果 'x' \"y\"", engine=engine)
    write(path, rows(0, 4), layer="first", engine=engine)
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == ["first", "结果 'x' \"y\""]
    assert FileSource(path, "first").count == 4
    assert FileSource(path, "结果 'x' \"y\"").count == 3
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("PRAGMA foreign_keys = ON")
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_two_crs_without_code_in_one_geopackage(folder):
    path = folder / "mine.gpkg"
    crs = [pyproj.CRS(f"+proj=tmerc +lon_0={lon} +x_0=500000 +ellps=GRS80 +units=m +type=crs") for lon in (125, 126)]
    for index in (0, 1, 1):
        write(path, rows(0, 3), layer=f"l{index}", crs=crs[index])
    found = [FileSource(path, f"l{index}").crs.coordinate_operation.params[1].value for index in (0, 1)]
    assert found == [125, 126]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM gpkg_spatial_ref_sys WHERE srs_id >= 100000").fetchone() == (2,)


def test_plain_name_is_the_layers(folder):
    assert write(folder / "汇总.gpkg", rows(0, 1)).layer == "汇总"
    assert [name for name, _ in pyogrio.list_layers(folder / "汇总.gpkg")] == ["汇总"]


def fails(code, action):
    with pytest.raises(RedlineError) as caught:
        action()
    assert caught.value.code == code
    return caught.value


def test_bad_targets_are_named(folder):
    error = fails("cannot_write", lambda: write(folder / "no such" / "a.gpkg", rows(0, 1)))
    assert error.details["path"].endswith("a.gpkg") and error.details["reason"]
    fails("unknown_format", lambda: write(folder / "a.nonsense", rows(0, 1)))
    (folder / "text.gpkg").write_text("not a database " * 100)
    fails("not_a_geopackage", lambda: write(folder / "text.gpkg", rows(0, 1)))
    assert names(folder) == ["text.gpkg"]
    assert (folder / "text.gpkg").read_text() == "not a database " * 100


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_abort_leaves_what_was_there(folder, suffix):
    path = folder / f"a{suffix}"
    write(path, rows(0, 2))
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    writer = FileWriter(path)
    writer.open(FIELDS, CRS)
    writer.write(rows(0, 5))
    writer.abort()
    writer.abort()
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_write_protected_file_is_left_alone(folder, suffix, monkeypatch):
    path = folder / f"a{suffix}"
    write(path, rows(0, 2)[:1])
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    # Whoever runs as root may write anything: what the file says is told here.
    monkeypatch.setattr(layers.os, "access", lambda place, mode: place != path)
    with pytest.raises(RedlineError) as caught:
        write(path, rows(0, 2)[:1])
    assert caught.value.code == "package_read_only"
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


def test_shapefile_held_open_elsewhere_stays_whole(folder, monkeypatch):
    """On Windows a part that is open cannot be moved."""
    path = folder / "a.shp"
    write(path, rows(0, 2))
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    move = layers.Aside.put.__globals__["os"].replace

    def held(source, target):
        if str(source).endswith("a.shp") and "replaced" in str(target):
            raise PermissionError(13, "held open")
        move(source, target)

    monkeypatch.setattr("os.replace", held)
    assert fails("cannot_write", lambda: write(path, rows(0, 5))).details["reason"] == "held open"
    monkeypatch.undo()
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


@pytest.mark.skipif(not shutil.which("mount"), reason="no mount on this system")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_full_disk_changes_nothing(tmp_path, suffix):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        path = disk / f"a{suffix}"
        write(path, rows(0, 2))
        before = {name: (disk / name).read_bytes() for name in names(disk)}
        big = rows(10, 3000)
        big["geometry"] = shapely.buffer(big["geometry"].to_numpy(), 1, quad_segs=32)
        fails("cannot_write", lambda: write(path, big, big))
        assert {name: (disk / name).read_bytes() for name in names(disk)} == before
    finally:
        subprocess.run(["umount", disk], check=True)


def test_database_that_may_hold_other_layers_is_left_alone(folder):
    path = folder / "a.sqlite"
    path.write_bytes(b"")
    fails("target_holds_layers", lambda: write(path, rows(0, 1)))
    assert names(folder) == ["a.sqlite"]
    write(folder / "b.sqlite", rows(0, 3))
    assert FileSource(folder / "b.sqlite").count == 3


@pytest.mark.parametrize("layer", ["decisions", "towns", "mine"])
def test_no_table_of_a_review_package_is_replaced(folder, layer):
    package_review(folder / "p.gpkg", package_findings([("A", "farm", "1", box(0, 0, 5))]))
    record(folder / "p.gpkg", decision("e1"))
    before = content(folder / "p.gpkg")
    with pytest.raises(RedlineError) as caught:
        write(folder / "p.gpkg", rows(0, 3), layer=layer)
    assert caught.value.code == "target_is_package" and "p.gpkg" in str(caught.value)
    assert str(content(folder / "p.gpkg")) == str(before) and names(folder) == ["p.gpkg"]
