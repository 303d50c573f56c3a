"""Recording decisions in real packages: all or nothing, on disk at once, by several people at the same time."""

import json
import os
import re
import shutil
import signal
import sqlite3
import threading
from contextlib import closing
from datetime import date

import pandas as pd
import pyogrio
import pytest
from packages import integrity
from sites import (
    APPROVAL,
    ECO,
    EVERYWHERE,
    FAR,
    FARM,
    FARM_TOO,
    TEXTS,
    TODAY,
    events,
    exception,
    false_positive,
    mounted,
    run,
    started,
    verdicts,
    verified,
)
from support import MemorySource, review, square

from redline_review.core.errors import RedlineError
from redline_review.core.report.texts import Texts
from redline_review.core.review.decisions import add_events
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record, writing


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "审查 成果 #1 100%"
    folder.mkdir()
    run(folder / "清河县 三线.gpkg")
    return folder / "清河县 三线.gpkg"


def number(path, finding=FARM):
    with open_package(path) as package:
        return dict(package.numbers()[["finding_id", "number"]].to_numpy().tolist())[finding]


def details(event):
    return json.loads(event["details"])


def refused(code, path, *decided, **options):
    """It is refused with this code and a text, and the file is the same to the byte."""
    before = path.read_bytes()
    with pytest.raises(RedlineError) as caught:
        record(path, decided, TODAY, **options)
    assert caught.value.code == code and str(caught.value)
    assert path.read_bytes() == before
    return caught.value.details


# What is recorded.


def test_what_is_recorded_reads_back(path):
    first = Decided(FARM, "needs_adjustment", " 张三 ", "须退让", "土地管理法", "图上已标", details={"due": TODAY})
    ids = record(path, [first, Decided(None, "open", "李四", town_id="T2", remark="全镇复看")])
    one, other = events(path)
    assert [one["event_id"], other["event_id"]] == ids and len(set(ids)) == 2
    assert (one["finding_id"], one["town_id"], one["decision"], one["author"]) == (
        FARM,
        "T0",
        "needs_adjustment",
        "张三",
    )
    assert (one["reason"], one["legal_basis"], one["remark"]) == ("须退让", "土地管理法", "图上已标")
    assert details(one) == {"due": "2026-05-01", "area_m2": 10_000}
    assert one["recorded_at"].endswith("+00:00") and one["recorded_at"] <= other["recorded_at"]
    assert (other["finding_id"], other["town_id"], other["reason"], other["details"]) == (None, "T2", None, None)
    assert record(path, []) == [] and len(events(path)) == 2


def test_the_towns_own_name_of_a_finding_is_taken_from_the_package(path):
    record(path, [Decided(ECO, "needs_adjustment", "张三", town_id="T0")])
    assert events(path)[0]["town_id"] == "T1"


def test_reviewed_verdict_follows(path):
    assert verdicts(path) == ["violation", "violation", "clear"]
    record(path, [exception(FARM)], TODAY)
    assert verdicts(path)[0] == "violation"  # the other patch is undecided
    record(path, [false_positive(FARM_TOO)], TODAY)
    assert verdicts(path)[0] == "violation"
    record(path, [verified(FARM_TOO)], TODAY)
    assert verdicts(path) == ["conditional", "violation", "clear"]
    record(path, [exception(ECO, authority_level="other")], TODAY)
    assert verdicts(path) == ["conditional", "conditional", "clear"]
    record(path, [Decided(FARM, "open", "李四")], TODAY)
    assert verdicts(path) == ["violation", "conditional", "clear"]
    with open_package(path) as package:
        assert package.towns()["verdict"].tolist() == ["violation", "violation", "clear"]  # the machine's stays


def test_the_day_of_recording_tells_what_has_expired(path):
    record(path, [exception(ECO)], date(2027, 3, 1))
    assert verdicts(path)[1] == "conditional"
    record(path, [Decided(None, "open", "张三", town_id="T1")], date(2027, 3, 2))
    assert verdicts(path)[1] == "violation"


def test_events_stay_in_order(path):
    batch = [Decided(one, "needs_adjustment", f"{n}") for n, one in enumerate([ECO, FARM_TOO, FARM, ECO])]
    ids = record(path, batch) + record(path, [false_positive(FARM, "甲"), verified(FARM, "乙")])
    assert [event["event_id"] for event in events(path)] == ids
    assert [event["author"] for event in events(path)] == ["0", "1", "2", "3", "甲", "乙"]


def test_many_findings_at_once(tmp_path):
    path = tmp_path / "成果.gpkg"
    farm = MemorySource("farm", [square(15 * (n % 50), 15 * (n // 50), 10) for n in range(500)] + [FAR], size=1000)
    lines = {"farmland": farm, "eco_redline": [FAR], "urban_boundary": MemorySource(
        "udb", [EVERYWHERE], {"GHFQMC": ["集中建设区"]})}  # fmt: skip
    _, found, _ = review([square(-10, -10, 1000)], lines, package=path, review_object="site", coverage=[EVERYWHERE])
    ids = found["finding_id"].tolist()
    assert len(ids) == 500
    shared = {"line_wrong": False}
    assert len(set(record(path, [false_positive(one) for one in ids]))) == 500
    record(path, [Decided(one, "false_positive", "王五", "同", details=shared) for one in ids[:250]])
    record(path, [verified(one) for one in ids])
    assert verdicts(path) == ["clear"] and shared == {"line_wrong": False}
    assert [event["finding_id"] for event in events(path)] == [*ids, *ids[:250], *ids]
    refused("confirmed_by_author", path, *(Decided(one, "verified", "王 五") for one in ids[:250]))


# The area at the time.


def test_details_keep_the_area_of_each_finding(path):
    shared = {"responsible": "开发公司"}
    record(path, [Decided(one, "needs_adjustment", "张三", details=shared) for one in (FARM, ECO)])
    assert [details(event)["area_m2"] for event in events(path)] == pytest.approx([10_000, 2500])
    assert shared == {"responsible": "开发公司"}  # the form's own is not touched


def test_a_decision_goes_stale_when_the_finding_has_grown_and_is_made_anew(path):
    record(path, [false_positive(FARM), verified(FARM), exception(FARM_TOO)], TODAY)
    assert verdicts(path)[0] == "conditional"
    run(path, side=101, previous=path)
    assert verdicts(path)[0] == "violation"
    old = [details(event) for event in events(path)]
    again = [false_positive(FARM, **old[0]), verified(FARM), exception(FARM_TOO, **{**old[2], "approved_m2": 10_201})]
    record(path, again, TODAY)  # from a form that was filled in with what had been decided
    assert [details(event)["area_m2"] for event in events(path)] == pytest.approx([10_000] * 3 + [10_201] * 3)
    assert verdicts(path)[0] == "conditional"


def test_an_event_made_elsewhere_keeps_its_time_and_area(path):
    made = Decided(FARM, "false_positive", "张三", "误读", details={"area_m2": 9000.0}, event_id="from afar",
                   recorded_at="2026-01-01T00:00:00+00:00")  # fmt: skip
    for _ in range(2):
        assert record(path, [made, verified(FARM)])[0] == "from afar"
    first, *rest = events(path)
    assert (details(first)["area_m2"], first["recorded_at"]) == (9000.0, "2026-01-01T00:00:00+00:00")
    assert [event["decision"] for event in rest] == ["verified"] * 2  # known events do not keep new ones out
    assert verdicts(path)[0] == "violation"  # it has grown since, and the other patch is undecided


def test_a_confirmation_names_what_it_confirms(path):
    first, second = record(path, [false_positive(), verified()])
    third, fourth = record(path, [false_positive(), verified()])
    confirms = {
        event["event_id"]: details(event)["confirms"] for event in events(path) if event["decision"] == "verified"
    }
    assert confirms == {second: first, fourth: third}


# What is refused.


@pytest.mark.parametrize("decision", ["", "Open", "contradicting", "已批准占用", None])
def test_unknown_decision(path, decision):
    refused("decision_unknown", path, Decided(FARM, "open", "张三"), Decided(FARM, decision, "张三", "理由"))


@pytest.mark.parametrize("author", ["", "  ", "\u3000", None])
def test_without_author(path, author):
    assert refused("decision_without_author", path, Decided(FARM, "open", author))["finding"] == number(path)
    assert refused("decision_without_author", path, Decided(None, "open", author, town_id="T0"))["finding"] == "清河镇"


@pytest.mark.parametrize("finding", ["T0/farmland/F9", "t0/farmland/f0", "", "'; DROP TABLE decisions; --"])
def test_without_finding(path, finding):
    refused("decision_without_finding", path, Decided(FARM, "open", "张三"), Decided(finding, "open", "张三"))


@pytest.mark.parametrize("town", ["", "T9"])
def test_about_a_town_that_is_not_there(path, town):
    assert refused("decision_without_town", path, Decided(None, "open", "张三", town_id=town))["town"] == town


@pytest.mark.parametrize("reason", ["", " ", None])
@pytest.mark.parametrize("make", [exception, false_positive])
def test_without_reason(path, make, reason):
    one = make()
    one.reason = reason
    assert refused("decision_facts_missing", path, one) == {"finding": number(path), "facts": ["reason"]}


@pytest.mark.parametrize("fact", ["authority", "document", "approved_on", "approved_m2", "valid_until"])
@pytest.mark.parametrize("value", [None, "", "  ", "absent"])
def test_without_a_fact(path, fact, value):
    one = exception(**{fact: value})
    if value == "absent":
        del one.details[fact]
    assert refused("decision_facts_missing", path, Decided(FARM, "open", "张三"), one)["facts"] == [fact]


def test_facts_that_cannot_be_read(path):
    wrong = {"approved_on": "去年", "approved_m2": "一公顷", "valid_until": "2027-02-30"}
    assert refused("decision_facts_missing", path, exception(**wrong))["facts"] == [*wrong]


@pytest.mark.parametrize(
    "before", [[], ["open"], ["needs_adjustment"], ["accepted_exception"], ["false_positive", "open"]]
)
def test_nothing_to_confirm(path, before):
    record(path, [Decided(FARM, one, "张三", "理由", details=dict(APPROVAL)) for one in before])
    record(path, [false_positive(FARM_TOO)])  # of another finding
    refused("nothing_to_confirm", path, verified(FARM))
    refused("nothing_to_confirm", path, Decided(None, "verified", "李四", town_id="T0"))


@pytest.mark.parametrize("decision", ["false_positive", "resolved"])
def test_confirmed_by_its_author(path, decision):
    record(path, [Decided(FARM, decision, "Wang Gong", "理由")])
    refused("confirmed_by_author", path, verified(FARM, " wang gong"))
    refused("confirmed_by_author", path, Decided(FARM, decision, "李四", "理由"), verified(FARM, "李四"))
    record(path, [verified(FARM, "李四")])
    assert len(events(path)) == 2


def test_what_has_been_decided_anew_meanwhile_is_not_confirmed(path):
    record(path, [false_positive(FARM, "张三")])
    record(path, [false_positive(FARM, "李四")])
    refused("confirmed_by_author", path, verified(FARM, "李四"))
    record(path, [Decided(FARM, "open", "张三")])
    refused("nothing_to_confirm", path, verified(FARM, "王五"))


def test_errors_name_the_finding_by_its_number_in_the_planners_words(path):
    record(path, [false_positive(FARM, "张三")])
    said = {}
    for one in (
        verified(FARM, "张三"), verified(FARM_TOO), exception(FARM, document="", valid_until="近期"),
        Decided(FARM, "drop", "张三"), Decided(FARM_TOO, "undone", "张三"), Decided(FARM, "open", ""),
    ):  # fmt: skip
        with pytest.raises(RedlineError) as caught:
            record(path, [one])
        assert number(path, one.finding_id) in str(caught.value)
        said[caught.value.code] = [Texts(language).error(caught.value) for language in ("en", "zh_CN")]
    codes = [
        "confirmed_by_author", "nothing_to_confirm", "decision_facts_missing", "decision_unknown", "nothing_to_undo",
        "decision_without_author",
    ]  # fmt: skip
    assert list(said) == codes and not any(re.search(r"\{|_|T0/", text) for texts in said.values() for text in texts)
    english, chinese = said["decision_facts_missing"]
    assert english.endswith("document number, valid until.") and "批准文号、有效期至" in chinese
    assert "accepted exception, false positive" in said["decision_unknown"][0]
    assert "待处理、需调整、已批准占用" in said["decision_unknown"][1]


def test_what_is_no_package_of_this_version(path, tmp_path):
    other = tmp_path / "other.gpkg"
    other.write_bytes(b"no database" * 1000)
    refused("not_a_package", other, exception())
    with pytest.raises(RedlineError) as caught:
        record(tmp_path / "none.gpkg", [exception()])
    assert caught.value.code == "no_package" and not (tmp_path / "none.gpkg").exists()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run SET value = '99' WHERE key = 'schema_version'")
    refused("package_newer", path, exception())


def test_damaged_package(path):
    data = bytearray(path.read_bytes())
    data[16384:] = os.urandom(len(data) - 16384)
    path.write_bytes(data)
    refused("package_damaged", path, exception())


def test_package_that_lacks_a_table(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE ledger")
    refused("cannot_write", path, exception())
    assert events(path) == []


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_read_only_media(path, tmp_path, mode):
    record(path, [false_positive()])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = " + mode)
    with mounted(tmp_path / "disc", "--bind", "-o", "ro", path.parent) as disc:
        if os.access(disc, os.W_OK):
            pytest.skip("this system does not mount a folder read-only in one step")
        assert refused("package_read_only", disc / path.name, exception())["path"] == str(disc / path.name)
    assert [event["decision"] for event in events(path)] == ["false_positive"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write whatever the mode says")
def test_read_only_file(path):
    path.chmod(0o444)
    refused("package_read_only", path, exception())


def test_full_disk(path, tmp_path):
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=8m", "tmpfs") as small:
        shutil.copy(path, small / path.name)
        fill = small / "filling"
        fill.write_bytes(b"x" * (shutil.disk_usage(small).free - 100_000))
        wordy = Decided(FARM, "open", "张三", remark="字" * 500_000)
        refused("disk_full", small / path.name, wordy)
        assert integrity(small / path.name) == [("ok",)] and events(small / path.name) == []
        fill.unlink()
        record(small / path.name, [wordy])
        assert len(events(small / path.name)[0]["remark"]) == 500_000


# Several at the same time.


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_lock_that_is_not_let_go_is_said_and_recording_works_after(path, lock):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN " + lock)
        one = exception()
        assert refused("package_locked", path, one, wait=0.1)["path"] == str(path)
        other.execute("ROLLBACK")
    assert one == exception()  # what was typed is as it was
    record(path, [one], TODAY)
    assert len(events(path)) == 1


def test_a_reader_that_does_not_end_keeps_out_the_writer_only(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM findings").fetchone()
        refused("package_locked", path, exception(), wait=0.1)
        other.execute("COMMIT")
    record(path, [exception()], TODAY)
    assert len(events(path)) == 1


def test_a_lock_is_waited_for(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=record, args=(path, [exception()], TODAY, 60))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive() and events(path) == []
        other.execute("ROLLBACK")
        waiting.join(60)
    assert len(events(path)) == 1


def test_while_very_many_are_being_written_others_read(path):
    record(path, [Decided(FARM, "needs_adjustment", "张三")])
    (one,) = events(path)
    many = pd.DataFrame([one | {"event_id": f"e{n}"} for n in range(20_000)])
    with writing(path, 1) as connection:
        add_events(connection, "decisions", many)
        with open_package(path, wait=0) as package:
            assert len(package.decisions()) == 1
    assert len(events(path)) == 20_001


RECORDING = """
import sys
from redline_review.core.review.recording import Decided, record

path, author, finding = sys.argv[1:]
for n in range(50):
    record(path, [Decided(finding, "needs_adjustment", author, reason=str(n))], wait=60)
"""
KILLED = """
import os, signal, sys
from redline_review.core.review.recording import Decided, record

record(sys.argv[1], [Decided(sys.argv[2], "false_positive", "张三", "误读"), Decided(sys.argv[2], "verified", "李四")])
os.kill(os.getpid(), signal.SIGKILL) if hasattr(signal, "SIGKILL") else os._exit(9)
"""


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_killed_right_after_the_event_is_there(path, root, mode):
    with closing(sqlite3.connect(path)) as holder:  # as QGIS does, so that no one else ends WAL mode
        holder.execute("PRAGMA journal_mode = " + mode)
        assert started(KILLED, root, path, ECO).wait() in (-getattr(signal, "SIGKILL", -9), 9)
    assert [event["decision"] for event in events(path)] == ["false_positive", "verified"]
    assert verdicts(path)[1] == "clear" and integrity(path) == [("ok",)]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_two_who_record_at_once_lose_nothing(path, root, mode):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = " + mode)
    writers = [started(RECORDING, root, path, author, one) for author, one in (("张三", FARM), ("李四", FARM_TOO))]
    assert [writer.wait() for writer in writers] == [0, 0]
    found = events(path)
    assert len({event["event_id"] for event in found}) == len(found) == 100
    for author in ("张三", "李四"):
        assert [event["reason"] for event in found if event["author"] == author] == [str(n) for n in range(50)]
    assert verdicts(path) == ["violation", "violation", "clear"] and integrity(path) == [("ok",)]


def test_recorded_while_qgis_has_it_open_in_wal_mode(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as qgis:
        qgis.execute("PRAGMA journal_mode = WAL")
        qgis.execute("BEGIN")
        before = qgis.execute("SELECT reviewed_verdict FROM towns").fetchall()
        record(path, [exception(FARM), exception(FARM_TOO)], TODAY, wait=0.1)  # a reader keeps nobody out
        assert qgis.execute("SELECT reviewed_verdict FROM towns").fetchall() == before
        qgis.execute("COMMIT")
        assert qgis.execute("SELECT reviewed_verdict FROM towns").fetchone() == ("conditional",)
        assert path.with_name(path.name + "-wal").stat().st_size > 0
    assert len(events(path)) == 2


# Texts, and the file as others see it.


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_of_any_length_and_script(path, text):
    record(path, [Decided(FARM, "false_positive", text, text, text, text, details={"reference": text, text: [text]})])
    (one,) = events(path)
    assert (one["author"], one["reason"], one["legal_basis"], one["remark"]) == (text.strip(), text, text, text)
    assert details(one) == {"reference": text, text: [text], "area_m2": 10_000}
    refused("confirmed_by_author", path, verified(FARM, text))


def test_half_an_emoji_does_not_lose_the_text(path):
    record(path, [Decided(FARM, "false_positive", "张\ud83d三", "a\ude00b", details={"reference": "\ud83d"})])
    (one,) = events(path)
    assert (one["author"], one["reason"], details(one)["reference"]) == ("张\ufffd三", "a\ufffdb", "\ufffd")


def test_layers_stay_sound(path):
    def towns(bbox=None):
        return pyogrio.read_dataframe(path, layer="towns", bbox=bbox)

    before = towns()
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
    record(path, [exception(FARM), exception(FARM_TOO), false_positive(ECO), verified(ECO)], TODAY)
    after = towns()
    assert after["reviewed_verdict"].tolist() == ["conditional", "clear", "clear"]
    assert after.drop(columns="reviewed_verdict").equals(before.drop(columns="reviewed_verdict"))
    for n, town in enumerate(after.geometry):
        assert towns(town.buffer(-100).bounds)["town_id"].tolist() == [f"T{n}"]  # by the spatial index
    assert len(pyogrio.read_dataframe(path, layer="findings")) == 3
    assert pyogrio.read_dataframe(path, layer="decisions")["author"].tolist() == ["张三", "张三", "张三", "李四"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall() == kept
        for layer in ("towns", "findings"):
            assert connection.execute(f"SELECT rtreecheck('rtree_{layer}_geom')").fetchall() == [("ok",)]
        counted = connection.execute("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'towns'")
        assert counted.fetchone() == (3,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for command in ("UPDATE decisions SET author = '王五'", "DELETE FROM decisions"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(command)
    assert integrity(path) == [("ok",)]
