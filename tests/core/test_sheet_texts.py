"""What a map sheet says: figures as the package has them, in either language."""

from datetime import date

import pytest
from packages import box, findings, review

from redline_review.core.report.content import Content
from redline_review.core.report.pack import Part, index_page, write_pack
from redline_review.core.report.sheet_texts import Imprint, crs_name, overview_texts, town_texts
from redline_review.core.report.sheets.tables import (
    findings_table,
    notes_table,
    overview_rows,
    overview_table,
    table_columns,
    table_rows,
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


def test_land_outside_a_boundary_and_land_in_its_zones_have_totals_of_their_own(tmp_path):
    path = tmp_path / "成果.gpkg"
    frame = findings([("A", "urban_boundary", f"U{n}", box(200 * n, 0, 100)) for n in range(4)])
    frame["kind"], frame["zone"] = ["outside", "outside", "zone", "zone"], [None, None, "弹性发展区", "弹性发展区"]
    review(path, frame)
    content = Content(path, "zh_CN")
    rows = table_rows(content, content.town(0))
    assert [row[2] for row in rows[:4]] == ["边界外", "边界外", "弹性发展区", "弹性发展区"]
    assert [row[:4] for row in rows[4:]] == [
        ["合计", "城镇开发边界", "边界外", "2.0000"], ["合计", "城镇开发边界", "弹性发展区", "2.0000"],
    ]  # fmt: skip


def test_what_patches_of_one_line_cover_twice_is_told_beside_their_sum(package):
    content = Content(package, "zh_CN")
    content.browsed.towns["farm_m2"] = 29_000.0
    content.browsed.towns["eco_m2"] = 2500.0
    said = [row[:4] for row in table_rows(content, content.town(0))[4:]]
    assert said == [["合计（累计）", "永久基本农田", "", "3.0605"], ["合计（去重）", "永久基本农田", "", "2.9000"],
                    ["合计", "生态保护红线", "", "0.2500"]]  # fmt: skip


def test_columns_in_which_no_finding_has_anything_are_left_out(package):
    content = Content(package, "zh_CN")
    assert len(findings_table(content, content.town(0)).headings) == len(table_columns(content)) - 2
    record(package, [Decided("A/farmland/F1", "needs_adjustment", "张三")])
    content = Content(package, "zh_CN")
    assert findings_table(content, content.town(0)).headings[-1] == "处理决定"


def test_totals_are_the_last_rows_and_known_as_such(package):
    content = Content(package, "zh_CN")
    table = findings_table(content, content.town(0))
    assert table.totals == 2 and [row[0] for row in table.rows[-3:]] == ["A镇-e001", "合计", "合计"]
    assert overview_table(content).totals == 1 and overview_table(content).rows[-1][0] == "合计"


def test_towns_asked_for_by_id_are_those_with_findings_where_asked(package):
    content = Content(package, "zh_CN")
    content.browsed.towns = content.browsed.towns.assign(findings=[4, 0])
    assert content.rows(["A", "B", "C"], only_findings=True) == content.rows(only_findings=True) == [0]
    assert content.rows(["B"]) == [1] and content.rows(["B"], only_findings=True) == []


def test_a_town_without_findings_says_so(package):
    content = Content(package, "zh_CN")
    content.browsed.findings = content.browsed.findings.assign(state="gone")
    table = findings_table(content, content.town(0))
    assert (list(table.headings), list(table.rows), table.totals) == (["疑似问题图斑"], [["已核查范围内未发现"]], 0)


def test_a_zone_that_is_missing_is_called_unknown_where_the_line_has_zones(tmp_path):
    path = tmp_path / "成果.gpkg"
    lines = ["eco_redline", "eco_redline", "farmland", "urban_boundary", "urban_boundary"]
    frame = findings([("A", line, f"{line}{n}", box(200 * n, 0, 100)) for n, line in enumerate(lines)])
    frame["kind"] = ["overlap", "overlap", "overlap", "zone", "outside"]
    frame["zone"] = ["核心保护区", None, None, "", None]
    review(path, frame)
    for language, said in (("zh_CN", "分区不明"), ("en", "zone unknown")):
        content = Content(path, language)
        found = content.town(0).findings.set_index("source_id")["zone"]
        assert found["eco_redline0"] == "核心保护区" and found["eco_redline1"] == found["urban_boundary3"] == said
        assert not found["farmland2"] and not found["urban_boundary4"]


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [("en", "Ecological redline", "ecological redline"), ("en", "UDB", "UDB"), ("en", "", ""), ("en", "X", "X"),
     ("zh_CN", "Eco line", "Eco line"), ("en", "生态保护红线", "生态保护红线")],
)  # fmt: skip
def test_a_name_within_a_sentence(language, name, said):
    assert Texts(language).within(name) == said


def test_what_people_wrote_is_all_there(package):
    content = Content(package, "zh_CN")
    assert notes_table(content, content.town(0)) is None
    long = "说" * 1200
    task = {"responsible": "柳河镇政府", "due": "2026-12-31"}
    record(package, [
        Decided("A/farmland/F1", "needs_adjustment", "张三", reason="退耕", details=task),
        Decided("A/farmland/F2", "resolved", "李四", remark=long),
        Decided(None, "open", "王工", town_id="A", remark="整体复核"),
    ])  # fmt: skip
    content = Content(package, "zh_CN")
    rows = notes_table(content, content.town(0)).rows
    assert all(
        part in rows[0][2] for part in ("理由：退耕", "整改责任人：柳河镇政府", "整改期限：2026-12-31", "填写人：张三")
    )
    assert "".join(row[2] for row in rows).count("说") == 1200 and max(len(row[2]) for row in rows) <= 500
    assert rows[-1][0] == "审查对象" and "整体复核" in rows[-1][2]
    assert notes_table(content, content.town(1)) is None


def test_a_source_that_is_not_here_is_not_said_to_have_changed(package, tmp_path):
    content = Content(package, "zh_CN")
    here = tmp_path / "x.gpkg"
    here.write_text("")
    content.facts["sources"] = {"farmland": {"location": f"{here}|layername=YJJBNTTB"},
                                "eco_redline": {"location": str(tmp_path / "elsewhere.gpkg")}}  # fmt: skip
    content.browsed.changed[:] = ["farmland", "eco_redline"]
    texts = town_texts(content, content.town(0), Imprint())
    assert texts["stale"] == "审查后数据已变化：永久基本农田"
    assert "未核对审查后有无变化：生态保护红线" in texts["data"] and "x.gpkg" not in texts["data"]


def test_texts_of_a_town_and_of_the_overview(package):
    content = Content(package, "zh_CN")
    texts = town_texts(content, content.town(0), Imprint("自然资源局", "张三", date(2026, 5, 1), "秘密"))
    assert texts["title"] == "A三线套合审查图" and texts["secrecy"] == "秘密" and texts["stale"] == ""
    assert texts["maker"].split() == ["编制单位：自然资源局", "编制人：张三", "日期：2026-05-01"]
    assert "机审结论：疑似违规" in texts["verdict"] and "审定结论：违规" in texts["verdict"]
    assert texts["figures"] == ""  # nothing was measured
    assert overview_texts(content, Imprint())["verdict"] == "审查对象2个：违规 2"
    content.browsed.towns["reviewed_verdict"] = ["clear", "violation"]
    assert overview_texts(content, Imprint())["verdict"] == "审查对象2个：违规 1、通过 1"  # the worst first
    assert [row[0] for row in overview_rows(content)] == ["A", "B", "合计"]


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
    odd = index_page([Part(tmp_path / "a#1 50%.pdf", "图件", "x")], content)
    assert "href='图件/a%231 50%25.pdf'" in odd
    assert "href='图件/图 1.pdf'" in page and "图 &lt;1&gt;" in page
    assert "自然资源局" in page and str(tmp_path) not in page
    target = tmp_path / "上会.zip"
    write_pack(parts, target, content)
    with ZipFile(target) as pack:
        assert pack.namelist() == ["index.html", "图件/图 1.pdf", "成果.gpkg"] and pack.testzip() is None
        assert pack.read("成果.gpkg") == package.read_bytes()
    write_pack(parts, target, content)  # again, over the one that is there
