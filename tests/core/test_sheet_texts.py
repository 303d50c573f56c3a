"""What a map sheet says: figures as the package has them, in either language."""

from datetime import date

import pytest
from packages import box, findings, review

from redline_review.core.report.content import Content
from redline_review.core.report.pack import Part, index_page, write_pack
from redline_review.core.report.sheet_texts import (
    Imprint,
    crs_name,
    overview_rows,
    overview_texts,
    table_columns,
    table_rows,
    town_texts,
)
from redline_review.core.report.texts import Texts
from redline_review.core.review.recording import Decided, record


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "成果.gpkg"
    rows = [("A", "farmland", f"F{n}", box(200 * n, 0, 100 + n)) for n in range(3)]
    frame = findings([*rows, ("A", "eco_redline", "E1", box(0, 0, 50)), ("B", "farmland", "F9", box(20_000, 0, 1))])
    frame.loc[frame["town_id"] == "B", "severity"] = "below_tolerance"
    review(path, frame)
    return path


def test_the_table_has_every_finding_and_a_total_for_each_line(package):
    record(package, [Decided("A/farmland/F1", "resolved", "张三")])
    content = Content(package, "zh_CN")
    rows = table_rows(content, content.town(0))
    farmland = [[f"A镇-f00{n}", "永久基本农田"] for n in (1, 2, 3)]
    assert [row[:2] for row in rows[:4]] == [*farmland, ["A镇-e001", "生态保护红线"]]
    assert [row[3] for row in rows[:3]] == ["1.0000", "1.0201", "1.0404"] and rows[0][4] == "15.00"
    assert rows[1][-1].startswith("已整改") and rows[0][-1] == ""
    assert rows[4][:5] == ["合计", "永久基本农田", "", "3.0605", "45.91"]
    assert rows[5][:4] == ["合计", "生态保护红线", "", "0.2500"]
    assert all(len(row) == len(table_columns(content)) for row in rows)


def test_what_is_below_tolerance_stands_in_one_row(package):
    content = Content(package, "zh_CN")
    rows = table_rows(content, content.town(1))
    assert rows[0][:4] == ["容差内1个", "永久基本农田", "", "0.0001"] and rows[1][0] == "合计"


def test_texts_of_a_town_and_of_the_overview(package):
    content = Content(package, "zh_CN")
    texts = town_texts(content, content.town(0), Imprint("自然资源局", "张三", date(2026, 5, 1), "秘密"))
    assert texts["title"] == "A三线套合审查图" and texts["secrecy"] == "秘密" and texts["stale"] == ""
    assert texts["maker"].split() == ["编制单位：自然资源局", "编制人：张三", "日期：2026-05-01"]
    assert "机审结论：疑似违规" in texts["verdict"] and "审定结论：违规" in texts["verdict"]
    assert texts["figures"] == ""  # nothing was measured
    assert overview_texts(content, Imprint())["verdict"] == "审查对象2个：违规 2"
    assert [row[0] for row in overview_rows(content)] == ["A", "B"]


@pytest.mark.parametrize(
    ("crs", "said"),
    [("EPSG:4530", "第42带"), ("EPSG:4544", "105°E"), ("EPSG:2056", "LV95 (EPSG:2056)"), ("nonsense", "nonsense")],
)
def test_a_crs_is_called_by_its_name(crs, said):
    assert said in crs_name(crs, Texts("zh_CN"))


def test_the_pack_holds_its_parts_and_an_index_that_leads_to_them(package, tmp_path):
    from zipfile import ZipFile

    content = Content(package, "zh_CN")
    (tmp_path / "图 1.pdf").write_bytes(b"%PDF")
    parts = [Part(tmp_path / "图 1.pdf", "图件", "图 <1>"), Part(package, "", "成果包")]
    page = index_page(parts, content, "自然资源局")
    assert "href='图件/图 1.pdf'" in page and "图 &lt;1&gt;" in page
    assert "自然资源局" in page and str(tmp_path) not in page
    target = tmp_path / "上会.zip"
    write_pack(parts, target, content)
    with ZipFile(target) as pack:
        assert pack.namelist() == ["index.html", "图件/图 1.pdf", "成果.gpkg"] and pack.testzip() is None
        assert pack.read("成果.gpkg") == package.read_bytes()
    write_pack(parts, target, content)  # again, over the one that is there
