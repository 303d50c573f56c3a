"""Text files of figures, and the rows of a table laid to the towns."""

import numpy as np
import pytest
from support import MemorySource

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.tables import CsvSource, columns_named, join, match_towns


def texts(*values):
    return np.array(values, dtype=object)


IDS, NAMES = texts("XZ001", "XZ002", "XZ003"), texts("北山小镇", "松花湖小镇", "查干湖小镇")


@pytest.fixture
def csv_file(tmp_path):
    def write(content, encoding="utf-8", name="指标 表.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def table(**columns):
    """A table that is no text file, with columns of any type."""
    source = MemorySource("统计", [None] * len(next(iter(columns.values()))), columns)
    source.geometry_kind = "none"
    return source


def rows(source):
    names = [field.name for field in source.fields]
    return [tuple(b.fields[name][i] for name in names) for b in source.batches(names) for i in range(len(b))]


def told(issues):
    return [(issue.code, issue.severity, issue.feature, issue.details) for issue in issues]


def failed(call, *arguments, **options):
    with pytest.raises(RedlineError) as error:
        call(*arguments, **options)
    return error.value.code, error.value.details


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("gbk", "gb18030"), ("gb18030", "gb18030"),
     ("utf-16", "utf-16"), ("utf-16-be", "utf-16")],
)  # fmt: skip
def test_encodings_are_found(csv_file, encoding, found):
    content = "小镇名称,常住人口\r\n北山小镇,1200\r\n"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    source = CsvSource(csv_file(mark + content, encoding))
    assert [(field.name, field.type) for field in source.fields] == [("小镇名称", "text"), ("常住人口", "text")]
    assert rows(source) == [("北山小镇", "1200")]
    assert source.encoding == found


def test_a_character_that_only_gb18030_has(csv_file):
    assert rows(CsvSource(csv_file("名称\n㐀𠀀镇\n", "gb18030"))) == [("㐀𠀀镇",)]


def test_the_encoding_asked_for(csv_file):
    # valid in both: only who made the file knows
    path = csv_file("name\nCaf\xe9\n", "latin-1")
    assert rows(CsvSource(path, "latin-1")) == [("Café",)]
    marked = CsvSource(csv_file("名称\n甲\n", "utf-8-sig"), "utf-8")
    assert [field.name for field in marked.fields] == ["名称"]


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [("名称\n甲\n".encode("gbk"), "utf-8", "utf-8"), (b"a\n1\n", "no-such", "no-such"),
     ("a\n1\n".encode("utf-16-le"), None, "utf-8-sig, gb18030"), (b"\xff\xff\xff", None, "utf-8-sig, gb18030")],
)  # fmt: skip
def test_a_wrong_encoding_is_said(csv_file, content, encoding, said):
    assert failed(CsvSource, csv_file(content), encoding) == ("wrong_encoding", {"layer": "指标 表", "encoding": said})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
def test_delimiters_are_found(csv_file, delimiter):
    lines = [("名称", "备注", "人口"), ("甲", "已批、在建", "1.5"), ("乙", "无", "2")]
    source = CsvSource(csv_file("\n".join(delimiter.join(line) for line in lines)))
    assert [field.name for field in source.fields] == list(lines[0])
    assert rows(source) == lines[1:]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('名称,人口\n甲,"1,234"\n', [("甲", "1,234")]),  # the comma in quotes is the number's
        ("名称;人口\n甲;1,5\n乙;2,5\n", [("甲", "1,5"), ("乙", "2,5")]),
        ("名称\t人口,万人\n甲\t1,234\n", [("甲", "1,234")]),  # both cut every row in two
        ("名称;人数,男,女\n甲;5\n", [("甲", "5")]),  # cuts the header into fewer, but every row alike
        ("名称,备注\n甲,好，很好\n", [("甲", "好，很好")]),
        ('名称, 备注\n甲, "一, 二"\n', [("甲", "一, 二")]),
        ('名称,备注\n甲,"一\n二"\n', [("甲", "一\n二")]),
        ("名称\n甲\n乙\n", [("甲",), ("乙",)]),
    ],
)
def test_delimiters_within_cells(csv_file, content, expected):
    assert rows(CsvSource(csv_file(content))) == expected


def test_blanks_short_rows_and_empty_columns_at_the_end(csv_file):
    source = CsvSource(csv_file("\n 名称 ,人口,税收,,\n\n甲,　,3,,\n,,,,\n 乙\n\n丙,1,2,,,,\n"))
    assert [field.name for field in source.fields] == ["名称", "人口", "税收"]
    assert rows(source) == [("甲", None, "3"), ("乙", None, None), ("丙", "1", "2")]
    (batch,) = source.batches(["人口"])
    assert batch.fid.tolist() == [4, 6, 8] and batch.fid.dtype == np.int64
    assert list(batch.geometry) == [None] * 3


def test_a_source_like_any_other(csv_file):
    path = csv_file("名称,人口\n甲,1\n乙,2\n丙,3\n")
    source = CsvSource(path)
    assert (source.name, source.crs, source.bounds, source.geometry_kind, source.count) == (
        "指标 表", None, None, "none", 3,
    )  # fmt: skip
    assert source.values("人口").tolist() == ["1", "2", "3"]
    batches = list(source.batches(["人口", "名称"], size=2))
    assert [batch.fid.tolist() for batch in batches] == [[2, 3], [4]]
    assert list(batches[0].fields) == ["人口", "名称"]
    assert list(source.batches(["人口"], bbox=(0, 0, 1, 1))) == []  # features without geometry are in no box
    assert failed(source.batches, ["税收"]) == ("no_such_field", {"layer": "指标 表", "field": "税收"})
    before = source.fingerprint()
    assert (before["location"], before["size"]) == (str(path), path.stat().st_size)
    path.write_text("名称,人口\n甲,10\n")
    assert CsvSource(path).fingerprint() != before
    assert failed(source.require_polygons)[0] == "not_polygons"


@pytest.mark.parametrize(
    ("content", "code", "details"),
    [
        ("", "empty_layer", {}),
        ("\n ,\n", "empty_layer", {}),
        ("名称,人口\n\n", "empty_layer", {}),
        ("名称,人口\n甲,1\n\n乙,1,234\n", "csv_ragged", {"line": 4}),
        ("名称,人口,人口\n甲,1,2\n", "csv_header", {"columns": "人口"}),
        ("名称,,人口, ,税收\n甲,1,2,3,4\n", "csv_header", {"columns": "#2, #4"}),
        ('名称,人口\n甲,1\n"乙,2\n丙,3\n', "csv_quotes", {"line": 3}),
    ],
)
def test_what_is_no_table_is_said(csv_file, content, code, details):
    assert failed(CsvSource, csv_file(content)) == (code, {"layer": "指标 表", **details})


def test_a_file_that_is_not_there(tmp_path):
    code, details = failed(CsvSource, tmp_path / "没有.csv")
    assert code == "cannot_read" and details["layer"] == "没有" and details["path"].endswith("没有.csv")


def test_rows_are_laid_to_towns_by_id(csv_file):
    source = CsvSource(csv_file("代码,人口\nxz003 ,30\nXZ001,10\nXZ002,\n"))
    issues = []
    laid = join(IDS, NAMES, source, ["人口"], issues, town_column="代码")
    assert list(laid) == ["人口"] and laid["人口"].tolist() == ["10", None, "30"]
    assert issues == []


def test_rows_are_laid_to_towns_by_name_and_what_is_left_is_told(csv_file):
    source = CsvSource(csv_file("小镇名称,人口\n查干湖小镇,30\n合计,100\n,7\n"))
    issues = []
    laid = join(IDS, NAMES, source, ["人口"], issues, candidates=["小镇名称"])
    assert laid["人口"].tolist() == [None, None, "30"]
    assert told(issues) == [
        ("row_matches_no_town", "warning", "3", {"value": "合计"}),
        ("row_matches_no_town", "warning", "4", {"value": ""}),
        ("town_without_row", "notice", "", {"count": 2, "towns": "XZ001, XZ002"}),
    ]
    assert {issue.layer for issue in issues} == {"指标 表"}


def test_ten_towns_without_a_row_are_named():
    ids = np.array([f"T{n:02}" for n in range(12)], dtype=object)
    issues = []
    join(ids, ids, table(code=["T11"]), [], issues, town_column="code")
    details = {"count": 11, "towns": "T00, T01, T02, T03, T04, T05, T06, T07, T08, T09 …"}
    assert told(issues) == [("town_without_row", "notice", "", details)]


def test_rows_without_anything_are_no_issue():
    issues = []
    laid = join(IDS[:1], NAMES[:1], table(code=["XZ001", None], jobs=[5, None]), ["jobs"], issues, "code")
    assert laid["jobs"].tolist() == [5] and issues == []


def test_numbers_as_ids():
    ids = texts("220101", "220102")
    laid = join(ids, ids, table(code=[220102.0, 220101], jobs=[2, 1]), ["jobs"], [], town_column="code")
    assert laid["jobs"].tolist() == [1, 2]


def test_a_name_of_two_towns_and_a_town_with_two_rows():
    names = texts("北山小镇", "北山小镇", "查干湖小镇")
    source = table(名称=["北山小镇", "查干湖小镇", "查干湖小镇"], jobs=[1, 2, 3])
    issues = []
    laid = join(IDS, names, source, ["jobs"], issues, candidates=["名称"])
    assert laid["jobs"].tolist() == [None, None, None]
    assert told(issues) == [
        ("row_matches_two_towns", "error", "0", {"value": "北山小镇"}),
        ("town_has_two_rows", "error", "1, 2", {"town": "XZ003"}),
    ]


def test_of_the_candidates_ids_come_first_then_names():
    """A town that was renamed is known by its number, a row without a number by its name."""
    source = table(
        县=["甲县", "乙县", "丙县"], NAME=["松花湖小镇", "老名字", "北山小镇"], 编号=[None, "XZ003", None],
        jobs=[1, 2, 3],
    )  # fmt: skip
    issues = []
    match = match_towns(IDS, NAMES, source, issues, candidates=["县", " name", "编号"])
    assert match.column == "编号" and match.laid("jobs").tolist() == [3, 1, 2]
    assert match.found.all() and not match.disputed.any()
    assert issues == []


def test_without_candidates_the_column_with_the_most_towns_is_found():
    source = table(镇=["松花湖小镇", "别处", "北山小镇"], 码=["XZ002", "XZ003", "XZ001"], jobs=[1, 2, 3])
    issues = []
    laid = join(IDS, NAMES, source, ["jobs"], issues, candidates=["小镇名称"])
    assert laid["jobs"].tolist() == [3, 1, 2]
    assert told(issues) == [("town_column_found", "notice", "", {"field": "码"})]


def test_of_two_columns_that_fit_equally_the_ids_are_taken():
    # the names are at odds with the ids
    source = table(镇=["松花湖小镇", "北山小镇"], 码=["XZ001", "XZ002"], jobs=[1, 2])
    assert join(IDS[:2], NAMES[:2], source, ["jobs"], [])["jobs"].tolist() == [1, 2]


def test_serial_numbers_and_figures_are_no_ids_by_accident():
    ids = texts("1", "2", "3")
    source = table(序号=[1, 2, 3], 镇=["查干湖小镇", "别处", "北山小镇"], jobs=[10, 20, 30])
    assert join(ids, NAMES, source, ["jobs"], [])["jobs"].tolist() == [30, None, 10]
    assert join(ids, NAMES, source, ["jobs"], [], town_column="序号")["jobs"].tolist() == [10, 20, 30]
    # a column that is wanted as a figure is none that says whose it is
    codes = texts("220101", "220102")
    assert failed(join, codes, codes, table(人口=[220101, 220102]), ["人口"], [])[0] == "table_matches_no_town"


@pytest.mark.parametrize("options", [{}, {"town_column": "镇"}, {"candidates": ["镇"]}])
def test_a_table_of_other_towns(options):
    source = table(镇=["甲", "乙"], jobs=[1, 2])
    issues = []
    details = {"layer": "统计", "towns": "XZ001, XZ002, XZ003"}
    assert failed(join, IDS, NAMES, source, ["jobs"], issues, **options) == ("table_matches_no_town", details)
    assert issues == []


def test_columns_that_are_not_there_and_a_table_without_rows():
    source = table(镇=["北山小镇"], jobs=[1])
    assert failed(join, IDS, NAMES, source, ["税收"], []) == ("no_such_field", {"layer": "统计", "field": "税收"})
    assert failed(join, IDS, NAMES, source, ["jobs"], [], "码") == ("no_such_field", {"layer": "统计", "field": "码"})
    assert failed(join, IDS, NAMES, table(镇=[]), ["镇"], []) == ("empty_layer", {"layer": "统计"})


def test_columns_by_name_stand_in_the_order_of_the_names():
    assert columns_named(["name", " 名称", "NAME "], ["名称", "Name", "code"]) == [" 名称", "name", "NAME "]
