"""Packages of another version: an earlier one is read, continued in a copy or refilled; nothing is recorded in it."""

import gzip
import json
import os
import shutil
import sqlite3
import threading
from contextlib import closing

import pyogrio
import pytest
from packages import integrity
from sites import FARM, TODAY, exception, mounted, run, verdicts

from redline_review.core.errors import RedlineError
from redline_review.core.profile import load_profile
from redline_review.core.review import migrate, package, recording
from redline_review.core.review.checklist import Answered, answer, questions_of
from redline_review.core.review.exchange import export_decisions, merge_decisions
from redline_review.core.review.migrate import migrated
from redline_review.core.review.opening import SCHEMA_VERSION, is_package, open_package
from redline_review.core.review.recording import record

DECIDED = ["accepted_exception", "false_positive", "verified", "needs_adjustment", "open"]


@pytest.fixture
def old(tmp_path, root):
    """A package as version 1 wrote it (commit 793a334): the review of `sites`, five decisions."""
    folder = tmp_path / "审查 成果 #1 100%"
    folder.mkdir()
    path = folder / "清河县 三线.gpkg"
    path.write_bytes(gzip.decompress((root / "tests" / "data" / "review_v1.gpkg.gz").read_bytes()))
    return path


def set_version(path, version):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run SET value = ? WHERE key = 'schema_version'", (str(version),))


def decisions(path):
    with open_package(path) as package:
        return package.decisions().to_dict("records")


def tables(path):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {(kind, name): sql for kind, name, sql in rows}


def fails(code, action, *arguments):
    with pytest.raises(RedlineError) as caught:
        action(*arguments)
    assert caught.value.code == code and str(caught.value)
    return caught.value.details


def beside(path):
    return sorted(item.name for item in path.parent.iterdir())


# Reading, and not recording.


def test_an_earlier_package_is_read(old):
    with open_package(old) as package:
        assert package.version == 1 and package.manifest()["schema_version"] == 1
        assert package.decisions()["decision"].tolist() == DECIDED
        assert len(package.findings()) == 3 and package.towns()["reviewed_verdict"][0] == "conditional"
        answers = package.checklist()
        assert len(answers) == 0 and "question" in answers and questions_of(package.manifest()) == []


def test_a_table_that_a_planner_called_checklist_is_not_taken_for_ours(old):
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("CREATE TABLE checklist (mine TEXT)")
        connection.execute("INSERT INTO checklist VALUES ('x')")
    with open_package(old) as package:
        assert len(package.checklist()) == 0


def test_nothing_is_recorded_in_an_earlier_package(old, tmp_path):
    file = tmp_path / "决定.json"
    assert export_decisions(old, file) == 5
    before = old.read_bytes()
    for action, *arguments in (
        (record, old, [exception(FARM)], TODAY),
        (answer, old, [Answered("T0", "industry", "yes", "张三")]),
        (merge_decisions, old, file),
    ):
        assert fails("package_older", action, *arguments) == {"path": str(old), "version": 1}
    assert old.read_bytes() == before


def test_a_newer_package_is_read_where_asked_for_only(old):
    set_version(old, 3)
    fails("package_newer", open_package, old)
    with open_package(old, newer=True) as package:
        assert package.version == 3 and package.decisions()["decision"].tolist() == DECIDED
    assert is_package(old)
    for action, *arguments in (
        (record, old, [exception(FARM)]),
        (answer, old, [Answered("T0", "industry", "yes", "张三")]),
        (migrated, old),
        (run, old),
    ):
        assert fails("package_newer", action, *arguments)["version"] == 3


def test_what_became_newer_since_it_was_opened_is_refused_under_the_lock(old, monkeypatch):
    path = migrated(old)
    monkeypatch.setattr(recording, "open_package", lambda *_: open_package(path, newer=True))
    set_version(path, SCHEMA_VERSION + 1)
    fails("package_newer", record, path, [exception(FARM)])
    assert [event["decision"] for event in decisions(old)] == DECIDED


@pytest.mark.parametrize("version", ["0", "-1", "1.5", "true", "null", '"2"', "{"])
def test_a_version_that_is_none_is_damage(old, version):
    set_version(old, version)
    fails("package_damaged", open_package, old)


# Continued in a copy.


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_copy_is_of_this_version_and_the_package_as_it_was(old, mode):
    with closing(sqlite3.connect(old)) as qgis:  # which holds it open
        qgis.execute("PRAGMA journal_mode = " + mode)
        if mode == "WAL":  # an event that is in the -wal only
            qgis.execute(
                "INSERT INTO decisions (event_id, decision, recorded_at) SELECT 'late', 'open', recorded_at "
                "FROM decisions LIMIT 1"
            )
            qgis.commit()
        before, events, names = old.read_bytes(), decisions(old), beside(old)
        copy = migrated(old)
        assert copy == old.with_name("清河县 三线_v2.gpkg")
        assert old.read_bytes() == before and decisions(old) == events
        assert beside(old) == sorted([*names, copy.name])
    assert integrity(copy) == [("ok",)]
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert decisions(copy) == events and len(events) == (6 if mode == "WAL" else 5)
    with open_package(copy) as package, open_package(old) as earlier:
        assert package.version == package.manifest()["schema_version"] == 2
        assert package.findings().equals(earlier.findings())
        assert {**package.manifest(), "schema_version": 1, "profile": earlier.manifest()["profile"]} == (
            earlier.manifest()
        )
        assert package.manifest()["profile"]["changes"] == earlier.manifest()["profile"]["changes"]
        # Rules of that time held no questions: a run would have completed them by the national ones.
        assert questions_of(package.manifest()) == list(load_profile().checklist)
    record(copy, [exception(FARM)], TODAY)
    answer(copy, [Answered("T0", "industry", "yes", "张三")])
    assert verdicts(copy)[0] == "conditional"


def test_a_copy_has_the_tables_that_a_run_makes(old, tmp_path):
    run(tmp_path / "new.gpkg")
    copied, new = tables(migrated(old)), tables(tmp_path / "new.gpkg")
    assert set(copied) == set(new)
    ours = {one for one in new if one[1].startswith("checklist")}
    assert len(ours) == 6 and all(copied[one] == new[one] for one in ours)
    assert "checklist" in dict(pyogrio.list_layers(old.with_name("清河县 三线_v2.gpkg")))


def test_no_file_is_overwritten(old):
    taken = old.with_name("清河县 三线_v2.gpkg")
    taken.write_text("mine")
    assert migrated(old).name == "清河县 三线_v2_2.gpkg"
    old.with_name("清河县 三线_v2_3.gpkg-wal").write_text("left")  # it would spoil what takes that name
    assert migrated(old).name == "清河县 三线_v2_4.gpkg"
    assert taken.read_text() == "mine"


def test_a_name_taken_while_the_copy_is_made_is_not_overwritten(old, monkeypatch):
    free = migrate._free

    def slow(path):
        target = free(path)
        if not taken:
            taken.append(target)
        elif len(taken) == 1:  # another program is quicker, right before the copy takes its place
            target.write_text("theirs")
            taken.append(target)
        return target

    taken = []
    monkeypatch.setattr(migrate, "_free", slow)
    assert migrated(old).name == "清河县 三线_v2_2.gpkg"
    assert taken[1].read_text() == "theirs"


def test_a_package_of_this_version_needs_no_copy(old):
    copy = migrated(old)
    assert migrated(copy) == copy and beside(old) == sorted([old.name, copy.name])


def test_what_is_no_package_is_not_copied(tmp_path):
    (tmp_path / "other.gpkg").write_bytes(b"no database" * 1000)
    fails("not_a_package", migrated, tmp_path / "other.gpkg")
    fails("no_package", migrated, tmp_path / "none.gpkg")
    assert beside(tmp_path / "x") == ["other.gpkg"]


def test_a_package_damaged_inside_leaves_no_copy(old):
    data = bytearray(old.read_bytes())
    with closing(sqlite3.connect(old)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'findings_town'").fetchone()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    data[(page - 1) * size : page * size] = bytes(size)
    old.write_bytes(data)
    assert fails("package_damaged", migrated, old)["path"] == str(old)
    assert beside(old) == [old.name] and old.read_bytes() == data


def test_events_that_are_lost_on_the_way_are_noticed(old, monkeypatch):
    def losing(connection):
        connection.execute("DROP TRIGGER decisions_delete")
        connection.execute("DELETE FROM decisions WHERE fid = 3")

    monkeypatch.setitem(migrate.STEPS, 1, losing)
    assert "4 / 5" in fails("cannot_write", migrated, old)["reason"]
    assert beside(old) == [old.name] and len(decisions(old)) == 5


def test_a_lock_that_is_not_let_go_is_said(old):
    with closing(sqlite3.connect(old, isolation_level=None)) as other:
        with open_package(old, wait=0.1) as package:
            other.execute("BEGIN EXCLUSIVE")
            fails("package_locked", package.copy_to, old.with_name("copy.gpkg"))
            assert package.path == old
        fails("package_locked", migrated, old, 0.1)
        other.execute("ROLLBACK")
    old.with_name("copy.gpkg").unlink()
    assert beside(old) == [old.name]


def test_a_lock_is_waited_for(old):
    done = []
    with closing(sqlite3.connect(old, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        waiting = threading.Thread(target=lambda: done.append(migrated(old, 60)))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive() and not done
        other.execute("ROLLBACK")
        waiting.join(60)
    assert len(decisions(done[0])) == 5


def test_read_only_media(old, tmp_path):
    with mounted(tmp_path / "disc", "--bind", "-o", "ro", old.parent) as disc:
        if os.access(disc, os.W_OK):
            pytest.skip("this system does not mount a folder read-only in one step")
        with open_package(disc / old.name) as package:
            assert len(package.decisions()) == 5
        assert fails("package_read_only", migrated, disc / old.name)["path"] == str(disc)
    assert beside(old) == [old.name]


@pytest.mark.parametrize("room", [400_000, 10_000])
def test_full_disk(old, tmp_path, room):
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=4m", "tmpfs") as small:
        shutil.copy(old, small / old.name)
        fill = small / "filling"
        fill.write_bytes(b"x" * (shutil.disk_usage(small).free - room))
        fails("disk_full", migrated, small / old.name)
        assert beside(fill) == sorted(["filling", old.name]) and (small / old.name).read_bytes() == old.read_bytes()
        fill.unlink()
        assert len(decisions(migrated(small / old.name))) == 5


# Refilled by a run.


def test_a_run_into_an_earlier_package_brings_it_to_this_version(old):
    before, inode = decisions(old), old.stat().st_ino
    run(old)
    assert old.stat().st_ino == inode and beside(old) == [old.name]
    assert decisions(old) == before and verdicts(old)[0] == "conditional" and integrity(old) == [("ok",)]
    with open_package(old) as package:
        assert package.version == 2 and len(package.checklist()) == 0
        assert package.findings()["state"].tolist() == ["unchanged"] * 3
        assert questions_of(package.manifest()) == list(load_profile().checklist)
    answer(old, [Answered("T0", "industry", "yes", "张三")])
    run(old)  # once more, now of this version
    with open_package(old) as package:
        assert package.checklist()["question"].tolist() == ["industry"]
    with closing(sqlite3.connect(old)) as connection:
        for command in ("UPDATE checklist SET author = '王五'", "DELETE FROM checklist", "DELETE FROM decisions"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(command)
    listed = dict(pyogrio.list_layers(old))
    assert {"checklist", "decisions"} <= set(listed)


def test_a_run_that_fails_leaves_the_earlier_package_of_its_version(old, monkeypatch):
    def fail(_):
        raise sqlite3.OperationalError("no more")

    before = old.read_bytes()
    monkeypatch.setattr(package.decisions, "merge_events", fail)
    fails("cannot_write", run, old)
    assert old.read_bytes() == before and beside(old) == [old.name]


def test_an_earlier_package_as_previous(old):
    later, before = old.with_name("later.gpkg"), old.read_bytes()
    run(later, previous=old)
    assert decisions(later) == decisions(old) and verdicts(later)[0] == "conditional"
    assert old.read_bytes() == before
    with open_package(later) as package:
        assert package.version == 2 and package.findings()["state"].tolist() == ["unchanged"] * 3


def test_events_of_an_earlier_package_merge_into_a_copy_once(old, tmp_path):
    file = tmp_path / "决定.json"
    export_decisions(old, file)
    content = json.loads(file.read_text(encoding="utf-8"))
    del content["checklist"]  # as version 1 wrote the file
    file.write_text(json.dumps({**content, "redline_decisions": 1}), encoding="utf-8")
    merged = merge_decisions(migrated(old), file)
    assert (merged.merged, merged.known) == (0, 5)
