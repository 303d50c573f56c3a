"""The checklist: answered in real packages, all or nothing and on disk at once, kept over runs, merged by two."""

import itertools
import json
import os
import shutil
import signal
import sqlite3
import threading
from contextlib import closing

import pandas as pd
import pyogrio
import pytest
from packages import integrity
from sites import ECO, FARM, TEXTS, TODAY, events, exception, mounted, run, started, verdicts

from redline_review.core.errors import RedlineError
from redline_review.core.profile import load_profile
from redline_review.core.report.texts import LANGUAGES, Texts
from redline_review.core.review.checklist import ANSWERS, Answered, answer, present_answers, questions_of
from redline_review.core.review.decisions import CHECKLIST_FIELDS
from redline_review.core.review.exchange import export_decisions, merge_decisions
from redline_review.core.review.package import PackageWriter, open_package
from redline_review.core.review.recording import Decided, record

EMPTY = pd.DataFrame({field.name: pd.Series(dtype=object) for field in CHECKLIST_FIELDS})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("checklist") / "成果.gpkg"
    run(path)
    return path


@pytest.fixture
def path(made, tmp_path):
    folder = tmp_path / "审查 成果 #1 100%"
    folder.mkdir()
    return shutil.copy(made, folder / "清河县 三线.gpkg")


@pytest.fixture
def pair(made, tmp_path):
    """The same package at two desks."""
    return tuple(shutil.copy(made, tmp_path / name) for name in ("我的.gpkg", "同事 的.gpkg"))


def said(answer="yes", question="industry", town="T0", author="张三", **more):
    return Answered(town, question, answer, author, **more)


def answers(path):
    with open_package(path) as package:
        return package.checklist().to_dict("records")


def now(path, question="industry", town="T0"):
    """What holds on a question: answer, author, unsettled."""
    with open_package(path) as package:
        present = present_answers(package.checklist()).set_index(["town_id", "question"])
    return tuple(present.loc[(town, question), ["answer", "author", "unsettled"]])


def refused(code, path, *answered, **options):
    """It is refused with this code and a text, and the file is the same to the byte."""
    before = path.read_bytes()
    with pytest.raises(RedlineError) as caught:
        answer(path, answered, **options)
    assert caught.value.code == code and str(caught.value)
    assert path.read_bytes() == before
    return caught.value.details


# The questions.


def test_the_questions_come_with_the_package(path):
    with open_package(path) as package:
        facts = package.manifest()
    questions = questions_of(facts)
    assert questions == list(load_profile().checklist) and len(questions) >= 10
    assert {one.good for one in questions} == {"yes", "no"}
    for one in questions:
        for language in LANGUAGES:
            assert Texts(language).pick(one.question) and Texts(language).pick(one.group)
    assert questions_of({}) == questions_of({"profile": None}) == questions_of({"profile": {"name": "x"}}) == []


def test_a_question_of_a_later_version_may_have_more_to_it():
    (one,) = questions_of({"profile": {"checklist": [{"id": "a", "question": "甲？", "weight": 3}]}})
    assert (one.id, one.question, one.good, one.group) == ("a", "甲？", None, "")


def test_every_answer_has_its_word():
    codes = (*ANSWERS, "open", "contradicting")
    words = [Texts("zh_CN").word("answer", one) for one in codes]
    assert len(set(words)) == 5 and not set(words) & set(codes)
    assert Texts("en").word("answer", "not_applicable") == "not applicable"


# What is recorded.


def test_what_is_answered_reads_back(path):
    ids = answer(path, [said(author=" 张三 ", evidence="产业规划第3章"), said("no", "real_estate", "T2", "李四")])
    one, other = answers(path)
    assert [one["event_id"], other["event_id"]] == ids and len(set(ids)) == 2
    assert (one["town_id"], one["question"], one["answer"]) == ("T0", "industry", "yes")
    assert (one["evidence"], one["author"]) == ("产业规划第3章", "张三")
    assert (other["town_id"], other["answer"], other["evidence"]) == ("T2", "no", None)
    assert one["recorded_at"].endswith("+00:00") and one["recorded_at"] <= other["recorded_at"]
    assert answer(path, []) == [] and len(answers(path)) == 2
    assert events(path) == [] and verdicts(path) == ["violation", "violation", "clear"]  # they judge nothing


def test_the_last_answer_holds_and_may_be_taken_back(path):
    answer(path, [said("yes", author="甲"), said("no", "debt_warning"), said("no", author="乙", evidence="见附件")])
    assert now(path) == ("no", "乙", False) and now(path, "debt_warning") == ("no", "张三", False)
    answer(path, [said("open", author="丙")])
    assert now(path) == ("open", "丙", False)
    answer(path, [said("not_applicable", author="丁")])
    assert now(path) == ("not_applicable", "丁", False)
    assert [one["answer"] for one in answers(path)] == ["yes", "no", "no", "open", "not_applicable"]


def test_present_answers_are_a_row_for_each_town_and_question(path):
    answer(path, [said(town=town, question=one) for town in ("T1", "T0") for one in ("industry", "developer")])
    answer(path, [said("no", town="T1", evidence="无")])
    with open_package(path) as package:
        present = present_answers(package.checklist())
    assert present[["town_id", "question", "answer", "evidence"]].to_numpy().tolist() == [
        ["T1", "industry", "no", "无"], ["T1", "developer", "yes", ""],
        ["T0", "industry", "yes", ""], ["T0", "developer", "yes", ""],
    ]  # fmt: skip
    assert present.columns.tolist()[-1] == "unsettled" and present["unsettled"].dtype == bool
    nothing = present_answers(EMPTY)
    assert len(nothing) == 0 and nothing.columns.equals(present.columns) and nothing["unsettled"].dtype == bool


def test_an_answer_given_elsewhere_keeps_its_id_and_time_and_is_there_once(path):
    for _ in range(2):
        given = said(event_id="from afar", recorded_at="2026-01-01T00:00:00+00:00")
        assert answer(path, [given, said("no", "developer")])[0] == "from afar"
    assert [one["question"] for one in answers(path)] == ["industry", "developer", "developer"]
    assert answers(path)[0]["recorded_at"] == "2026-01-01T00:00:00+00:00"


def test_all_towns_and_questions_at_once(path):
    with open_package(path) as package:
        questions = [one.id for one in questions_of(package.manifest())]
    batch = [said(town=town, question=one) for town in ("T0", "T1", "T2") for one in questions]
    assert len(set(answer(path, batch))) == len(batch) == len(answers(path))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_of_any_length_and_script(path, text):
    answer(path, [said(author=text, evidence=text)])
    (one,) = answers(path)
    assert (one["author"], one["evidence"]) == (text.strip(), text)


def test_half_an_emoji_does_not_lose_the_text(path, tmp_path):
    answer(path, [said(author="张\ud83d三", evidence="a\ude00b")])
    assert (answers(path)[0]["author"], answers(path)[0]["evidence"]) == ("张\ufffd三", "a\ufffdb")
    file = tmp_path / "x.json"
    event = {**answers(path)[0], "event_id": "y", "evidence": "\ud83d"}
    file.write_text(json.dumps({"redline_decisions": 2, "events": [], "checklist": [event]}))
    assert merge_decisions(path, file).merged == 1 and answers(path)[1]["evidence"] == "\ufffd"


# What is refused.


@pytest.mark.parametrize("wrong", ["", "Yes", "是", "contradicting", None])
def test_unknown_answer(path, wrong):
    found = refused("checklist_unknown_answer", path, said(), said(wrong))
    assert found["town"] == "清河镇" and "not_applicable" in found["allowed"]


@pytest.mark.parametrize("wrong", ["", "Industry", "'; DROP TABLE checklist; --", None])
def test_unknown_question(path, wrong):
    assert refused("checklist_unknown_question", path, said(), said(question=wrong))["question"] == wrong


@pytest.mark.parametrize("wrong", ["", "T9", "t0"])
def test_a_town_that_is_not_there(path, wrong):
    assert refused("checklist_without_town", path, said(), said(town=wrong))["town"] == wrong


@pytest.mark.parametrize("author", ["", "  ", "\u3000", None])
def test_without_author(path, author):
    assert refused("decision_without_author", path, said(), said(author=author))["finding"] == "清河镇"


def test_what_is_no_package(path, tmp_path):
    other = tmp_path / "other.gpkg"
    other.write_bytes(b"no database" * 1000)
    refused("not_a_package", other, said())
    with pytest.raises(RedlineError) as caught:
        answer(tmp_path / "none.gpkg", [said()])
    assert caught.value.code == "no_package" and not (tmp_path / "none.gpkg").exists()


def test_package_that_lacks_the_table(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE checklist")
    refused("cannot_write", path, said())


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_read_only_media(path, tmp_path, mode):
    answer(path, [said()])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = " + mode)
    with mounted(tmp_path / "disc", "--bind", "-o", "ro", path.parent) as disc:
        if os.access(disc, os.W_OK):
            pytest.skip("this system does not mount a folder read-only in one step")
        refused("package_read_only", disc / path.name, said("no"))
        assert now(disc / path.name) == ("yes", "张三", False)


def test_full_disk(path, tmp_path):
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=8m", "tmpfs") as small:
        shutil.copy(path, small / path.name)
        fill = small / "filling"
        fill.write_bytes(b"x" * (shutil.disk_usage(small).free - 100_000))
        wordy = said(evidence="字" * 500_000)
        refused("disk_full", small / path.name, said("no"), wordy)
        assert integrity(small / path.name) == [("ok",)] and answers(small / path.name) == []
        fill.unlink()
        answer(small / path.name, [wordy])
        assert len(answers(small / path.name)[0]["evidence"]) == 500_000


# Several at the same time.


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_lock_that_is_not_let_go_is_said_and_answering_works_after(path, lock):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN " + lock)
        assert refused("package_locked", path, said(), wait=0.1)["path"] == str(path)
        other.execute("ROLLBACK")
    answer(path, [said()])
    assert len(answers(path)) == 1


def test_a_lock_is_waited_for(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=answer, args=(path, [said()], 60))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive() and answers(path) == []
        other.execute("ROLLBACK")
        waiting.join(60)
    assert len(answers(path)) == 1


ANSWERING = """
import sys
from redline_review.core.review.checklist import Answered, answer
from redline_review.core.review.recording import Decided, record

path, author, town, finding = sys.argv[1:]
for n in range(50):
    answer(path, [Answered(town, "industry", ("yes", "no")[n % 2], author, str(n))], wait=60)
    record(path, [Decided(finding, "needs_adjustment", author)], wait=60)
"""
KILLED = """
import os, signal, sys
from redline_review.core.review.checklist import Answered, answer

answer(sys.argv[1], [Answered("T0", "industry", "yes", "张三"), Answered("T1", "debt_warning", "no", "李四")])
os.kill(os.getpid(), signal.SIGKILL) if hasattr(signal, "SIGKILL") else os._exit(9)
"""


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_killed_right_after_the_answers_are_there(path, root, mode):
    with closing(sqlite3.connect(path)) as holder:  # as QGIS does, so that no one else ends WAL mode
        holder.execute("PRAGMA journal_mode = " + mode)
        assert started(KILLED, root, path).wait() in (-getattr(signal, "SIGKILL", -9), 9)
    assert [(one["town_id"], one["answer"]) for one in answers(path)] == [("T0", "yes"), ("T1", "no")]
    assert integrity(path) == [("ok",)]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_two_who_answer_and_decide_at_once_lose_nothing(path, root, mode):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = " + mode)
    people = (("张三", "T0", FARM), ("李四", "T1", ECO))
    writers = [started(ANSWERING, root, path, *one) for one in people]
    assert [writer.wait() for writer in writers] == [0, 0]
    found = answers(path)
    assert len({one["event_id"] for one in found}) == len(found) == len(events(path)) == 100
    for author, town, _ in people:
        assert [one["evidence"] for one in found if one["author"] == author] == [str(n) for n in range(50)]
        assert now(path, town=town) == ("no", author, False)
    assert integrity(path) == [("ok",)]


def test_answered_while_qgis_has_it_open_in_wal_mode(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as qgis:
        qgis.execute("PRAGMA journal_mode = WAL")
        qgis.execute("BEGIN")
        qgis.execute("SELECT * FROM towns").fetchall()
        answer(path, [said()], wait=0.1)  # a reader keeps nobody out
        qgis.execute("COMMIT")
        assert path.with_name(path.name + "-wal").stat().st_size > 0
    assert len(answers(path)) == 1


# As other programs see it.


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE checklist SET answer = 'no'",
        "DELETE FROM checklist",
        "INSERT OR REPLACE INTO checklist (fid, event_id, town_id, question, answer, recorded_at) "
        "VALUES (1, 'other', 'T0', 'industry', 'no', 'now')",
    ],
)
def test_answers_are_append_only(path, command):
    answer(path, [said()])
    before = answers(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(command)
        connection.execute(
            "INSERT OR REPLACE INTO checklist (event_id, town_id, question, answer, recorded_at) "
            "VALUES (?, 'T0', 'industry', 'no', 'now')",
            [before[0]["event_id"]],
        )
    assert answers(path) == before


def test_gdal_reads_the_table(path):
    answer(path, [said(evidence="规划第3章")])
    read = pyogrio.read_dataframe(path, layer="checklist")
    assert read[["town_id", "question", "answer", "evidence", "author"]].to_numpy().tolist() == [
        ["T0", "industry", "yes", "规划第3章", "张三"]
    ]


# Over runs.


def test_a_rerun_keeps_answers_up_to_its_last_moment(path):
    answer(path, [said(evidence="一")])
    record(path, [exception(FARM)], TODAY)
    real = PackageWriter.commit

    def late(self):
        answer(path, [said("no", "developer")])  # while the run is about to take its place
        real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PackageWriter, "commit", late)
        run(path)
    assert [(one["question"], one["evidence"]) for one in answers(path)] == [("industry", "一"), ("developer", None)]
    assert len(events(path)) == 1 and integrity(path) == [("ok",)]


def test_answers_are_carried_into_another_package_once(path):
    ids = answer(path, [said(), said("no", "real_estate", "T1")])
    later = path.with_name("later.gpkg")
    for _ in range(2):
        run(later, previous=path)
    assert [one["event_id"] for one in answers(later)] == ids
    answer(later, [said("no")])
    run(later, previous=path)
    assert now(later) == ("no", "张三", False) and len(answers(later)) == 3
    assert [one["event_id"] for one in answers(path)] == ids


# Two people.


def sent(source, target, folder):
    file = folder / "决定.json"
    export_decisions(source, file)
    return merge_decisions(target, file)


def test_what_is_sent_arrives_once(pair, tmp_path):
    mine, theirs = pair
    answer(mine, [said(evidence="规划 😀"), said("no", "real_estate", "T2")])
    record(mine, [Decided(FARM, "resolved", "张三")])
    assert export_decisions(mine, tmp_path / "x.json") == 3
    assert "规划 😀" in (tmp_path / "x.json").read_text(encoding="utf-8")
    first = sent(mine, theirs, tmp_path)
    assert (first.merged, first.known, first.disagreements, first.unknown_towns) == (3, 0, [], [])
    again = sent(mine, theirs, tmp_path)
    assert (again.merged, again.known) == (0, 3)
    assert answers(theirs) == answers(mine) and events(theirs) == events(mine)


def test_two_who_answer_differently_see_it_and_neither_counts(pair, tmp_path):
    mine, theirs = pair
    answer(mine, [said("yes"), said("no", "debt_warning")])
    answer(theirs, [said("no", author="李四", evidence="无规划"), said("no", "debt_warning", author="李四")])
    merged = sent(theirs, mine, tmp_path)
    (one,) = merged.disagreements  # the same answer twice is none
    assert (one.town_id, one.town_name, one.question) == ("T0", "清河镇", "industry")
    assert Texts("zh_CN").pick(one.asked) == "产业是否聚焦、主导产业是否明确？"
    assert (one.ours, one.our_author, one.theirs, one.their_author) == ("yes", "张三", "no", "李四")
    answer_now, authors, unsettled = now(mine)
    assert (answer_now, unsettled, set(authors.split(", "))) == ("open", True, {"张三", "李四"})
    assert now(mine, "debt_warning") == ("no", "李四", False)
    # The other way round it is the same disagreement, not a second one; and all is at both desks.
    back = sent(mine, theirs, tmp_path)
    assert back.disagreements == [] and now(theirs)[2]
    ids = [{one["event_id"] for one in answers(desk)} for desk in pair]
    assert ids[0] == ids[1] and len(answers(mine)) == len(answers(theirs)) == 5
    assert sent(theirs, mine, tmp_path).merged == 0
    # Settled by an answer anew, which travels like any other.
    answer(mine, [said("no", author="王五")])
    assert now(mine) == ("no", "王五", False)
    assert sent(mine, theirs, tmp_path).disagreements == [] and now(theirs) == ("no", "王五", False)


def test_disagreements_found_at_both_desks_at_once_are_one(pair, tmp_path):
    mine, theirs = pair
    answer(mine, [said("yes")])
    answer(theirs, [said("not_applicable", author="李四")])
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    export_decisions(mine, a)
    export_decisions(theirs, b)
    assert len(merge_decisions(mine, b).disagreements) == len(merge_decisions(theirs, a).disagreements) == 1
    assert sent(mine, theirs, tmp_path).merged == sent(theirs, mine, tmp_path).merged == 0
    assert [one["answer"] for one in answers(mine)].count("contradicting") == 1


def test_an_answer_given_in_knowledge_of_the_others_is_no_disagreement(pair, tmp_path):
    mine, theirs = pair
    answer(mine, [said("yes")])
    sent(mine, theirs, tmp_path)
    answer(theirs, [said("no", author="李四")])
    assert sent(theirs, mine, tmp_path).disagreements == [] and now(mine) == ("no", "李四", False)


def test_taking_back_and_answering_elsewhere_disagree(pair, tmp_path):
    mine, theirs = pair
    answer(mine, [said("yes")])
    sent(mine, theirs, tmp_path)
    answer(mine, [said("open")])
    answer(theirs, [said("no", author="李四")])
    (one,) = sent(theirs, mine, tmp_path).disagreements
    assert (one.ours, one.theirs) == ("open", "no") and now(mine)[2]


@pytest.mark.parametrize(
    "steps",
    [  # who answers what, or who is sent what by whom
        [(1, "no"), (2, "yes"), (0, "open"), (1, "open"), (0, 1), (1, 2), (0, 2), (2, 0), (1, 2)],
        [(1, "open"), (0, "no"), (1, 2), (0, "yes"), (1, 2), (2, "open"), (2, 1), (2, 0)],
        [(0, "yes"), (1, "no"), (2, "yes"), (1, 0), (2, 1), (0, "no"), (0, 2), (1, 2)],
    ],
)
def test_three_desks_end_with_the_same_in_whatever_order_events_arrive(made, tmp_path, steps):
    desks = [shutil.copy(made, tmp_path / f"{n}.gpkg") for n in range(3)]
    for desk, what in steps:
        if isinstance(what, str):
            answer(desks[desk], [said(what, author=str(desk))])
        else:
            sent(desks[what], desks[desk], tmp_path)
    for _ in range(6):
        if not sum(sent(one, other, tmp_path).merged for one, other in itertools.permutations(desks, 2)):
            break
    assert len({frozenset(one["event_id"] for one in answers(desk)) for desk in desks}) == 1
    assert len({(now(desk)[0], now(desk)[2]) for desk in desks}) == 1


def test_towns_that_are_not_here_are_named_not_lost_in_silence(pair, tmp_path):
    mine, theirs = pair
    answer(mine, [said(), said(town="T2")])
    file = tmp_path / "x.json"
    export_decisions(mine, file)
    file.write_text(file.read_text(encoding="utf-8").replace('"T2"', '"T9"'), encoding="utf-8")
    merged = merge_decisions(theirs, file)
    assert (merged.merged, merged.unknown_towns) == (1, ["T9"])
    file.write_text(file.read_text(encoding="utf-8").replace('"T0"', '"T8"'), encoding="utf-8")
    with pytest.raises(RedlineError) as caught:
        merge_decisions(theirs, file)
    assert caught.value.code == "decisions_of_other_review" and len(answers(theirs)) == 1


def test_answers_to_a_question_that_this_package_does_not_ask_are_kept(pair, tmp_path):
    mine, theirs = pair
    answer(mine, [said()])
    export_decisions(mine, tmp_path / "x.json")
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    (tmp_path / "x.json").write_text(text.replace('"industry"', '"of_the_province"'), encoding="utf-8")
    assert merge_decisions(theirs, tmp_path / "x.json").merged == 1
    assert now(theirs, "of_the_province") == ("yes", "张三", False)


EVENT = {
    "event_id": "x", "town_id": "T0", "question": "industry", "answer": "yes", "author": "a", "recorded_at": "b",
    "evidence": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("checklist", "code"),
    [
        ({}, "decisions_not_ours"),
        ("T0", "decisions_not_ours"),
        (["T0"], "decisions_damaged"),
        *[([EVENT, {**EVENT, **wrong}], "decisions_damaged") for wrong in (
            {"answer": "maybe"}, {"town_id": None}, {"town_id": 3}, {"question": ""}, {"author": ""},
            {"recorded_at": None}, {"evidence": ["x"]}, {"event_id": None})],
    ],
)  # fmt: skip
def test_files_that_are_damaged_merge_nothing(path, tmp_path, checklist, code):
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"redline_decisions": 2, "events": [], "checklist": checklist}), encoding="utf-8")
    with pytest.raises(RedlineError) as caught:
        merge_decisions(path, file)
    assert caught.value.code == code and "x.json" in str(caught.value) and answers(path) == []
