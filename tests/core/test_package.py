"""The review package: whole or not there, refilled in place, its decisions kept."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from packages import CRS, LAYERS, box, build, content, decision, findings, integrity, record, review
from sites import mounted

from redline_review.core.errors import RedlineError
from redline_review.core.review import bulk, gpkg
from redline_review.core.review.aside import Aside, sweep
from redline_review.core.review.package import PackageWriter, is_package, open_package


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "审查 成果 #1 100%"
    folder.mkdir()
    return folder / "清河县 三线.gpkg"


def some(count=3, line="farm", size=100):
    return findings([("A" if i % 2 else "B", line, str(i), box(i * 200, 0, size)) for i in range(count)])


def fails(code, action, *arguments):
    with pytest.raises(RedlineError) as caught:
        action(*arguments)
    assert caught.value.code == code
    assert str(caught.value)
    return caught.value


def left_over(path):
    return [item.name for item in path.parent.iterdir() if item.name.startswith(".redline")]


def test_new_package_reads_back(path):
    written = review(path, some(), run_id="first")
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert integrity(path) == [("ok",)]
    with open_package(path) as package:
        found = package.findings()
        assert package.manifest() == {"schema_version": 2, "run_id": "first"}
        assert package.crs == CRS
        assert package.towns()["town_id"].tolist() == ["A", "B"]
        assert package.towns(["B"])["town_id"].tolist() == ["B"]
        assert package.towns()["reviewed_verdict"].tolist() == ["violation", "violation"]
        assert len(package.decisions()) == len(package.ledger()) == 0
        assert package.layer("lines").columns.tolist() == ["line", "zone", "source_id", "geometry"]
    columns = [name for name in written if name != "geometry"]
    assert found[columns].values.tolist() == written[columns].values.tolist()
    assert shapely.equals(found["geometry"].to_numpy(), written["geometry"].to_numpy()).all()


def test_gdal_lists_all_layers_and_tables(path):
    review(path, some())
    listed = dict(pyogrio.list_layers(path))
    assert {name: kind for name, kind in listed.items() if kind} == {
        "towns": "MultiPolygon", "findings": "MultiPolygon", "lines": "MultiPolygon",
        "line_conflicts": "MultiPolygon", "data_issues": "Unknown",
    }  # fmt: skip
    assert {"ledger", "run", "decisions", "checklist", "numbers"} <= set(listed)
    assert pyogrio.read_dataframe(path, layer="run")["key"].tolist() == ["schema_version", "run_id"]


def test_only_the_towns_asked_for_are_read(path):
    review(path, some(10))
    with open_package(path) as package:
        assert set(package.findings(["A"])["town_id"]) == {"A"}
        assert len(package.findings([])) == 0
        assert len(package.findings(["no such town", "'; DROP TABLE run"])) == 0
        plan = package._connection.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM findings WHERE town_id IN (SELECT value FROM json_each('[]'))"
        ).fetchall()
    assert any("findings_town" in str(step) for step in plan)


def test_refilled_package_holds_the_new_run_only(path):
    review(path, some(5), run_id="first")
    with closing(sqlite3.connect(path)) as connection, connection:  # a style saved by the planner
        connection.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, name TEXT)")
        connection.execute("INSERT INTO layer_styles (name) VALUES ('mine')")
        connection.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('layer_styles', 'attributes')")
    inode = path.stat().st_ino
    review(path, some(2), run_id="second")
    assert path.stat().st_ino == inode
    assert integrity(path) == [("ok",)]
    with open_package(path) as package:
        assert package.manifest()["run_id"] == "second"
        assert len(package.findings()) == 2
    frame = pyogrio.read_dataframe(path, layer="findings")
    assert len(frame) == 2
    box_of_first = tuple(frame.geometry.bounds.iloc[0])
    assert len(pyogrio.read_dataframe(path, layer="findings", bbox=box_of_first)) == 1  # by the spatial index
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM layer_styles").fetchall() == [("mine",)]
        assert connection.execute("SELECT rtreecheck('rtree_findings_geom')").fetchall() == [("ok",)]
        count = connection.execute("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'findings'")
        assert count.fetchone() == (2,)
        assert len(connection.execute("SELECT * FROM sqlite_master WHERE name LIKE 'rtree_findings%'").fetchall()) > 8


def test_table_of_an_earlier_run_that_this_one_lacks_is_taken_away(path):
    package = build(path, some())
    package.table("intensity", LAYERS["towns"], pd.DataFrame(columns=[field.name for field in LAYERS["towns"]]))
    package.commit()
    assert "intensity" in dict(pyogrio.list_layers(path))
    build(path, some()).commit()
    assert "intensity" not in dict(pyogrio.list_layers(path))


def test_refilled_in_another_crs(path):
    own = "+proj=tmerc +lon_0={} +x_0=500000 +ellps=GRS80 +units=m +type=crs"
    for longitude in (125, 125.5, 126):
        crs = pyproj.CRS(own.format(longitude))
        build(path, some(), crs=crs).commit()
        with open_package(path) as package:
            assert package.crs.equals(crs, ignore_axis_order=True) or package.crs.to_dict() == crs.to_dict()
        meta, _, _, _ = pyogrio.raw.read(path, layer="findings")
        assert pyproj.CRS(meta["crs"]).to_dict()["lon_0"] == longitude
        with closing(sqlite3.connect(path)) as connection:
            (blob,) = connection.execute("SELECT geom FROM findings LIMIT 1").fetchone()
            (srs,) = connection.execute("SELECT srs_id FROM gpkg_contents WHERE table_name = 'findings'").fetchone()
        assert int.from_bytes(blob[4:8], "little") == srs


def test_decisions_survive_a_rerun(path):
    review(path, some())
    record(path, decision("e1"), decision("e2"))
    package = build(path, some(1), run_id="second")
    record(path, decision("e3"))  # while the run is being built
    package.commit()
    with open_package(path) as package:
        assert package.decisions()["event_id"].tolist() == ["e1", "e2", "e3"]
        assert package.decisions()["reason"].tolist() == ["国家重大项目"] * 3


def test_decisions_are_carried_into_another_package_once(path):
    review(path, some())
    record(path, decision("e1"), decision("e2"))
    later = path.with_name("later.gpkg")
    for _ in range(2):
        review(later, some(), previous=path)
    with open_package(later) as package:
        assert package.decisions()["event_id"].tolist() == ["e1", "e2"]


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE decisions SET reason = 'x'",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions (fid, event_id, decision, recorded_at) VALUES (1, 'other', 'open', 'now')",
    ],
)
def test_decisions_are_append_only(path, command):
    review(path, some())
    record(path, decision("e1"))
    with closing(sqlite3.connect(path)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(command)
        connection.execute("INSERT OR REPLACE INTO decisions (event_id, decision, recorded_at) VALUES ('e1', 'x', 'y')")
        rows = connection.execute("SELECT event_id, decision FROM decisions").fetchall()
    assert rows == [("e1", "accepted_exception")]


def test_writer_that_holds_the_lock_is_waited_for(path):
    review(path, some(3), run_id="first")
    package = build(path, some(1), run_id="second", wait=5)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.7, lambda: other.execute("ROLLBACK"))
    timer.start()
    package.commit()
    timer.join()
    other.close()
    assert content(path)[1]["run_id"] == "second"


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_writer_that_does_not_let_go_is_named_and_nothing_changes(path, mode):
    review(path, some(3), run_id="first")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = " + mode)
        before = content(path)
        package = build(path, some(1), wait=0.3)
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert fails("package_locked", package.commit).details["path"] == str(path)
        assert 0.2 < time.monotonic() - started < 5
        assert content(path) == before
        other.execute("ROLLBACK")
        package.commit()  # what was built is still there: it may be tried again
        assert len(content(path)[0]) == 1
    assert left_over(path) == []


def test_something_else_is_never_overwritten(path):
    pyogrio.raw.write(path, shapely.to_wkb([box(0, 0, 1)]), [], np.array([]), layer="mine", driver="GPKG",
                      geometry_type="Polygon", crs="EPSG:4530")  # fmt: skip
    for make in (lambda: None, lambda: path.write_bytes(b"not a database at all" * 100), lambda: path.write_bytes(b"")):
        make()
        before = path.read_bytes()
        fails("not_a_package", PackageWriter, path)
        fails("not_a_package", open_package, path)
        assert not is_package(path)
        assert path.read_bytes() == before
    fails("no_package", open_package, path.with_name("none.gpkg"))
    assert not is_package(path.with_name("none.gpkg"))
    assert left_over(path) == []


def test_newer_package_is_left_alone(path):
    review(path, some())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run SET value = '99' WHERE key = 'schema_version'")
    assert fails("package_newer", open_package, path).details["version"] == 99
    fails("package_newer", PackageWriter, path)
    assert is_package(path)


def test_damaged_package_says_so(path):
    review(path, some(200))
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    fails("package_damaged", open_package, path)
    fails("package_damaged", PackageWriter, path)
    assert path.read_bytes() == data


def test_abort_leaves_nothing(path):
    build(path, some()).abort()
    assert list(path.parent.iterdir()) == []
    review(path, some())
    before = path.read_bytes()
    build(path, some(1)).abort()
    assert path.read_bytes() == before
    assert left_over(path) == []


def test_layer_that_was_cut_short_is_not_put_in_place(path):
    package = build(path, some())
    with closing(sqlite3.connect(package._aside.path)) as connection, connection:
        connection.execute("DROP TABLE findings")
        connection.execute("CREATE TABLE findings (fid INTEGER PRIMARY KEY, finding_id, number, town_id, line)")
    fails("cannot_write", package.commit)
    assert list(path.parent.iterdir()) == []


def test_wal_left_by_a_deleted_package_does_not_spoil_the_new_one(path):
    review(path, some(3))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO numbers (finding_id, number) VALUES ('x', 'y')")
        for suffix in ("-wal", "-shm"):
            shutil.copy(f"{path}{suffix}", path.parent / f"kept{suffix}")
    path.unlink()
    for suffix in ("-wal", "-shm"):
        os.replace(path.parent / f"kept{suffix}", f"{path}{suffix}")
    review(path, some(2))
    assert integrity(path) == [("ok",)]
    assert len(content(path)[0]) == 2


KILLED = """
import os, signal, sys
from packages import box, build, findings
from redline_review.core.review import package, replace

def with_small_cache(*arguments, **options):  # so that the transaction reaches the file before it is committed
    connection = opened(*arguments, **options)
    connection.execute("PRAGMA cache_size = 10")
    return connection

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

opened, replace.connect = replace.connect, with_small_cache
package.decisions.merge_events = die
writer = build(sys.argv[1], findings([("A", "farm", str(i), box(i, 0, 1)) for i in range(4000)]), run_id="killed")
die() if sys.argv[2] == "building" else writer.commit()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill a process outright")
@pytest.mark.parametrize("moment", ["building", "committing"])
@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_killed_run_leaves_the_old_package_whole(path, moment, mode, root):
    review(path, some(50), run_id="first")
    record(path, decision("e1"))
    before = content(path)
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("PRAGMA journal_mode = " + mode)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["tests/helpers", *sys.path])}
        ended = subprocess.run([sys.executable, "-c", KILLED, path, moment], cwd=root, env=environment)
        assert ended.returncode == -signal.SIGKILL
        if moment == "committing":
            journal = path.with_name(path.name + {"DELETE": "-journal", "WAL": "-wal"}[mode])
            assert journal.stat().st_size > 100_000
    assert len(left_over(path)) == 1
    assert content(path) == before
    assert integrity(path) == [("ok",)]
    review(path, some(2), run_id="second")
    assert content(path)[1]["run_id"] == "second"
    assert left_over(path) == []


def test_sweep_leaves_what_a_running_process_builds(tmp_path):
    mine, other = Aside(tmp_path / "a.gpkg"), Aside(tmp_path / "b.gpkg")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    own = f"-{os.getpid()}-"
    shutil.copytree(other.path.parent, str(other.path.parent).replace(own, f"-{ended.pid}-"))
    foreign = tmp_path / f".redline-00000000-{ended.pid}-abc"  # of another machine that shares the drive
    foreign.mkdir()
    sweep(tmp_path)
    assert mine.path.parent.exists() and other.path.parent.exists() and foreign.exists()
    assert len(list(tmp_path.iterdir())) == 3


def test_sweep_puts_back_files_that_were_being_replaced(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    aside = Aside(tmp_path / "a.shp")
    replaced = aside.path.parent / "replaced"
    replaced.mkdir()
    (replaced / "a.shp").write_text("old")
    (replaced / "a.dbf").write_text("old")
    (tmp_path / "a.dbf").write_text("new")
    aside.path.parent.rename(str(aside.path.parent).replace(f"-{os.getpid()}-", f"-{ended.pid}-"))
    sweep(tmp_path)
    assert {item.name: item.read_text() for item in tmp_path.iterdir()} == {"a.shp": "old", "a.dbf": "old"}


def test_full_disk_changes_nothing(tmp_path):
    big = findings([("A", "farm", str(i), box(i, 0, 100).buffer(1, quad_segs=32)) for i in range(1500)])
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=3m", "tmpfs") as small:
        error = fails("disk_full", lambda: build(small / "new.gpkg", big).commit())
        assert error.details["path"] == str(small / "new.gpkg")
        assert list(small.iterdir()) == []
        old = small / "old.gpkg"
        review(old, some(3))
        before = content(old)
        with pytest.raises(RedlineError) as caught:
            build(old, big).commit()
        assert caught.value.code in ("cannot_write", "disk_full")
        # Room for the copy aside, not for the transaction.
        package = build(old, some(5))
        shapes = findings([("A", "farm", str(i), box(i, 0, 1)) for i in range(900)])
        package._layers["findings"].write(shapes)
        package.complete()
        package._behind.wait()  # a thread of its own builds the copy: only now is it known what is free
        fill = small / "filling"
        fill.write_bytes(b"x" * (shutil.disk_usage(small).free - 40_000))
        assert fails("disk_full", package.commit).details["path"] == str(old)
        package.abort()
        fill.unlink()
        assert content(old) == before
        assert integrity(old) == [("ok",)]
        assert left_over(old) == []


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_read_only_media(tmp_path, mode):
    source = tmp_path / "source"
    source.mkdir()
    path = source / "package.gpkg"
    review(path, some(3))
    record(path, decision("e1"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = " + mode)
    with mounted(tmp_path / "disc", "--bind", "-o", "ro", source) as disc:
        if os.access(disc, os.W_OK):
            pytest.skip("this system does not mount a folder read-only in one step")
        assert content(disc / path.name) == content(path)
        assert is_package(disc / path.name)
        fails("package_read_only", PackageWriter, disc / path.name)
        fails("cannot_write", PackageWriter, disc / "new.gpkg")
    assert integrity(path) == [("ok",)]


def test_sqlite_without_rtree_is_named(path, monkeypatch):
    class Bare:
        sqlite_version, OperationalError = "3.0", sqlite3.OperationalError

        @staticmethod
        def connect(_):
            class Connection:
                def execute(self, _):
                    raise sqlite3.OperationalError("no such module: rtree")

                def close(self):
                    pass

            return Connection()

    monkeypatch.setattr(gpkg, "sqlite3", Bare)
    assert "3.0" in str(fails("no_rtree", PackageWriter, path))


@pytest.mark.parametrize(
    "place, expected",
    [
        ("C:/数据 库/a b.gpkg", "file:///C:/%E6%95%B0%E6%8D%AE%20%E5%BA%93/a%20b.gpkg?mode=rw"),
        ("//server/share/a.gpkg", "file:////server/share/a.gpkg?mode=rw"),
        ("/data/a?b#c.gpkg", "file:///data/a%3Fb%23c.gpkg?mode=rw"),
    ],
)
def test_uri_of_windows_and_network_paths(place, expected):
    class Place:
        def absolute(self):
            return self

        def as_posix(self):
            return place

    assert gpkg.uri(Place(), "rw") == expected


def test_without_pyogrio(path, monkeypatch):
    """Where QGIS ships fiona only."""
    there = bulk.importlib.util.find_spec
    monkeypatch.setattr(bulk.importlib.util, "find_spec", lambda name: None if name == "pyogrio" else there(name))
    for count in (5, 2):
        written = review(path, some(count), previous=path if path.exists() else None)
    monkeypatch.undo()
    assert integrity(path) == [("ok",)]
    assert pyogrio.read_info(path, layer="findings")["geometry_type"] == "MultiPolygon"
    assert len(pyogrio.read_dataframe(path, layer="findings")) == len(written) == 5
    assert written["state"].tolist() == ["unchanged"] * 2 + ["gone"] * 3
