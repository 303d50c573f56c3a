"""What a report says: rows that add up as printed, figures of the package, nothing hidden, nothing of the machine."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import geopandas
import pytest
import sites
from sample_review import SAMPLE, decide_some, sample_review
from support import MemorySource, review, square

from redline_review.core.inputs.files import FileSource
from redline_review.core.report.content import Content
from redline_review.core.report.papers.chapters import Asked, report
from redline_review.core.report.papers.charts import Bar, Chart, chart, svg
from redline_review.core.report.papers.issue_texts import issue_text
from redline_review.core.report.papers.numerals import chinese
from redline_review.core.report.papers.summing_up import Words
from redline_review.core.report.papers.tables import Table, printed
from redline_review.core.report.sheet_texts import Imprint
from redline_review.core.report.texts import LANGUAGES, Texts
from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided, record

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
TODAY = Imprint(unit="规划院", day=date(2026, 5, 1))


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = sample_review(tmp_path_factory.mktemp("县 data"))
    return path, decide_some(path)


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request, package):
    return report(Content(package[0], request.param, TODAY.day), Asked(TODAY, previous=package[0]))


@pytest.fixture(scope="module")
def chinese_one(package):
    return report(Content(package[0], "zh_CN", TODAY.day), Asked(TODAY, previous=package[0]))


def tables(made):
    return [block for chapter in made.chapters for block in chapter.blocks if isinstance(block, Table)]


def chapter(made, code):
    return next(chapter for chapter in made.chapters if chapter.code == code)


def named(made, name):
    return next(table for table in tables(made) if table.name == name)


def rows(table):
    """Rows as printed, by the titles of their columns."""
    return [{column.title: printed(value, column.kind) for column, value in zip(table.columns, row, strict=True)}
            for row in table.rows]  # fmt: skip


def exact(value, kind):
    return Decimal(printed(value, kind).replace(",", "") or 0)


def test_rows_add_up_to_their_totals_as_printed(made):
    checked = 0
    for table in tables(made):
        for n, column in enumerate(table.columns):
            if not column.total or column.within:
                continue
            total = table.total()[n]
            assert sum(exact(row[n], column.kind) for row in table.rows) == exact(total, column.kind), column.title
            checked += 1
    assert checked > 60


def test_figures_made_of_others_are_their_sum_as_printed(made):
    checked = 0
    for table in tables(made):
        for n, column in enumerate(table.columns):
            for row in [*table.rows, table.total()] if column.made_of else ():
                if row[n] is not None and all(row[one] is not None for _, one in column.made_of):
                    made_of = sum(sign * exact(row[one], table.columns[one].kind) for sign, one in column.made_of)
                    assert exact(row[n], column.kind) == made_of, (table.title, column.title)
                    checked += 1
    assert checked > 100


def test_findings_of_a_town_add_up_to_its_line(chinese_one, package):
    """Where no features of a line lie over one another, findings add up to what is said of the line."""
    found = [row for row in rows(named(chinese_one, "图斑")) if row["审查对象"] == "松花文旅小镇"]
    on_redline = sum(Decimal(row["面积（公顷）"]) for row in found if row["控制线"] == "生态保护红线")
    line = next(row for row in rows(named(chinese_one, "生态保护红线")) if row["审查对象"] == "松花文旅小镇")
    with open_package(package[0]) as opened:
        towns = opened.towns().set_index("town_id")
    assert str(on_redline) == line["涉及面积（公顷）"] == f"{towns.at['QH01', 'eco_m2'] / 1e4:.4f}"


def test_classes_of_land_add_up_to_each_finding(chinese_one):
    parts = ("农用地（公顷）", "建设用地（公顷）", "未利用地（公顷）")
    known = [row for row in rows(named(chinese_one, "图斑")) if row["农用地（公顷）"]]
    assert len(known) > 200 and "编码不明（公顷）" not in known[0]  # there is none: no column for it
    for row in known:
        assert sum(Decimal(row[part]) for part in parts) == Decimal(row["面积（公顷）"])
        assert Decimal(row["农用地中耕地（公顷）"]) <= Decimal(row["农用地（公顷）"])


def test_every_title_has_its_words(made):
    """A code that the catalogue lacks would stand there as it is."""
    texts = [made.title, *(label for label, _ in made.cover), *(chapter.title for chapter in made.chapters)]
    for table in tables(made):
        texts += [table.name, table.title, table.note, *(column.title for column in table.columns)]
    for text in texts:
        assert not re.search(r"[a-z]_|[{}]", text), text
        assert not text or made.content.texts.language == "en" or re.search("[一-鿿]", text), text


def test_what_was_not_checked_is_named_wherever_a_verdict_stands(chinese_one):
    unchecked = {"北岭林海小镇": "永久基本农田未核查", "红旗矿山装备小镇": "永久基本农田仅核查36.85%"}
    said = [block.text for block in chapter(chinese_one, "conclusions").blocks]
    for town, gap in unchecked.items():
        assert any(town in text and gap in text for text in said)  # of all towns together
        place = next(n for n, text in enumerate(said) if text.endswith(f"）{town}"))
        assert gap in said[place + 2]
    for name, columns in (("汇总", {"机审结论", "审定结论"}), ("结论变化", {"前次机审结论", "本次机审结论"})):
        table = named(chinese_one, name)
        assert columns <= {column.title for column in table.columns}
        gaps = {row["审查对象"]: row["未核查控制线"] for row in rows(table) if row["未核查控制线"]}
        assert gaps == unchecked


def test_findings_come_worst_and_largest_first(chinese_one):
    found = [row for row in rows(named(chinese_one, "图斑")) if row["审查对象"] == "泉眼沟温泉小镇"]
    assert [row["等级"] for row in found[:2]] == ["违规", "违规"] and found[2]["等级"] == "预警"
    areas = [Decimal(row["面积（公顷）"]) for row in found if row["等级"] == "预警"]
    assert areas == sorted(areas, reverse=True) and len(areas) > 20


def test_decisions_and_what_is_to_be_put_right(chinese_one, package):
    numbers = package[1]
    decided = {row["图斑编号"]: row for row in rows(named(chinese_one, "处理决定"))}
    assert set(decided) == set(numbers.values())
    exception = decided[numbers["accepted_exception"]]
    assert (exception["批准机关"], exception["批准文号"], exception["批准面积（公顷）"]) == (
        "国务院",
        "国函〔2025〕1号",
        "1.0000",
    )
    assert "未经复核" in decided[numbers["false_positive"]]["处理决定"]
    adjusted = {row["图斑编号"]: row for row in rows(named(chinese_one, "整改清单"))}
    assert set(adjusted) == {numbers["needs_adjustment"], numbers["resolved"]}
    for row in adjusted.values():
        assert (row["整改责任人"], row["整改期限"], row["整改措施"]) == ("柳河镇政府", "2026-12-31", "退出边界外用地")
    assert adjusted[numbers["needs_adjustment"]]["销号情况"] == "未销号"
    assert adjusted[numbers["resolved"]]["销号情况"] == "已复核，待复跑确认"
    (words,) = [block.text for block in chapter(chinese_one, "findings").blocks if isinstance(block, Words)]
    assert "已作处理决定4个，其中失效0个；待处理239个" in words


def test_the_checklist_tells_who_when_and_on_what(chinese_one):
    answers = [row for row in rows(named(chinese_one, "核对清单")) if row["答复"] != "未填写"]
    assert [(row["答复"], row["填写人"], row["依据材料"]) for row in answers] == [
        ("是", "王工", "可研报告第3章"), ("是", "王工", ""),
    ]  # fmt: skip
    assert [row["判断"] for row in answers] == ["", "不符合要求"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["填写日期"]) for row in answers)
    assert {row[0] for row in named(chinese_one, "核对清单").short} == {"松花文旅小镇"}  # in print only who has begun


def test_a_missing_figure_says_why(chinese_one):
    missing = [row for row in rows(named(chinese_one, "强度指标")) if not row["数值"]]
    assert len(missing) > 10 and all(row["备注"] for row in missing)
    bars = [block for block in chapter(chinese_one, "intensity").blocks if isinstance(block, Chart)]
    unknown = [bar for drawn in bars for bar in drawn.bars if bar.value is None]
    assert len(bars) >= 8 and unknown and all(bar.why for bar in unknown)


def test_money_is_in_the_units_that_planners_read(made, package):
    """Tables, charts and limits of rules alike, each figure as the package has it."""
    chinese = made.content.texts.language == "zh_CN"
    with open_package(package[0]) as opened:
        known = opened.table("indicators").set_index(["town_name", "indicator"])["value"]
        whole = opened.towns().set_index("town_name")
    name, code, unit = ("亩均投资", "强度指标", "万元/亩") if chinese else (
        "Investment per construction land", "Figures", "10,000 yuan/mu")  # fmt: skip
    figures = {(row[0], row[1]): row for row in named(made, code).rows}
    for town in whole.index:
        value, row = known[town, "investment_per_mu"], figures[town, name]
        known_here = value is not None and value == value
        assert row[3] == unit and (row[2] == pytest.approx(value / 1e4, abs=0.005) if known_here else row[2] is None)
    assert sum(row[2] is not None for key, row in figures.items() if key[1] == name) > 8
    if not chinese:
        return
    gdp = figures["云溪康养小镇", "地均GDP"]
    assert gdp[3] == "亿元/平方公里" and gdp[2] == pytest.approx(known["云溪康养小镇", "gdp_per_km2"] / 1e8, abs=1e-4)
    built = figures["云溪康养小镇", "规划建设用地面积"]
    assert built[3] == "公顷" and built[2] == pytest.approx(
        known["云溪康养小镇", "planned_construction_m2"] / 1e4, abs=1e-4
    )
    drawn = {one.title: one for one in chapter(made, "intensity").blocks if isinstance(one, Chart)}
    assert drawn["地均GDP（亿元/平方公里）"].longest == gdp[2] and "亩均税收（万元/亩）" in drawn
    rules = {row["指标"]: row for row in rows(named(made, "小镇指标明细")) if row["审查对象"] == "松花文旅小镇"}
    limits = {rule: (row["单位"], row["标准"]) for rule, row in rules.items()}
    assert limits["建设用地亩均累计投资额"] == ("万元/亩", "≥ 200")
    assert limits["劳动生产率"] == ("万元/人", "≥ 20") and limits["规划用地面积"] == ("平方公里", "≥ 1, ≤ 5")


def test_land_outside_a_boundary_is_called_so(chinese_one):
    found = [row for row in rows(named(chinese_one, "图斑")) if row["控制线"] == "城镇开发边界"]
    assert {row["分区"] for row in found if row["类型"] == "边界外"} == {"边界外"} and len(found) > 10


def test_a_re_run_is_compared(tmp_path):
    sites.run(tmp_path / "前次.gpkg")
    sites.run(tmp_path / "本次.gpkg", side=120, previous=tmp_path / "前次.gpkg")
    content = Content(tmp_path / "本次.gpkg", "zh_CN", TODAY.day)
    changed = chapter(report(content, Asked(TODAY, previous=tmp_path / "前次.gpkg")), "changes")
    assert "前次.gpkg" in changed.blocks[0].text and "扩大 2" in changed.blocks[1].text
    found = rows(next(block for block in changed.blocks if isinstance(block, Table) and block.name == "图斑变化"))
    assert [(row["变化"], row["前次（公顷）"], row["本次（公顷）"], row["增加（公顷）"]) for row in found] == [
        ("扩大", "1.0000", "1.4400", "0.4400"), ("扩大", "1.0000", "1.4400", "0.4400"),
    ]  # fmt: skip


def test_what_is_gone_has_no_area_and_is_closed(tmp_path):
    sites.run(tmp_path / "前次.gpkg")
    record(tmp_path / "前次.gpkg", [Decided(sites.FARM, "needs_adjustment", "张三", details={"responsible": "李四"})])
    farm = MemorySource("farm", [square(300, 100, 100), sites.FAR], {"BSM": ["F1", "F2"]})
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["T0"], "name": ["清河镇"]})
    again = {"review_object": "site", "coverage": [sites.EVERYWHERE], "town_name_field": "name"}
    review(towns, {"farmland": farm}, package=tmp_path / "本次.gpkg", previous=tmp_path / "前次.gpkg", **again)
    said = report(Content(tmp_path / "本次.gpkg", "zh_CN", TODAY.day), Asked(TODAY))
    gone = rows(named(said, "图斑"))[-1]
    assert gone["变化状态"] == "已消除" and gone["面积（公顷）"] == ""
    (adjusted,) = rows(named(said, "整改清单"))
    assert (adjusted["整改责任人"], adjusted["销号情况"]) == ("李四", "已销号")
    assert any(
        "未提供生态保护红线数据" in block.text for block in chapter(said, "lines").blocks if isinstance(block, Words)
    )


def test_inputs_that_changed_since_the_run_are_said_before_all(tmp_path):
    layer = tmp_path / "农田.gpkg"
    geopandas.GeoDataFrame({"BSM": ["F0"]}, geometry=[square(0, 0, 100)], crs=4530).to_file(layer, engine="pyogrio")
    review([square(0, 0, 1000)], {"farmland": FileSource(layer)}, package=tmp_path / "r.gpkg")
    assert report(Content(tmp_path / "r.gpkg", "zh_CN"), Asked(TODAY)).notices == []
    geopandas.GeoDataFrame({"BSM": ["F0"]}, geometry=[square(0, 0, 50)], crs=4530).to_file(layer, engine="pyogrio")
    (notice,) = report(Content(tmp_path / "r.gpkg", "zh_CN"), Asked(TODAY)).notices
    assert "永久基本农田" in notice and "重新审查" in notice


@pytest.mark.parametrize("confidential", [False, True])
def test_no_folder_is_told_and_no_file_where_it_is_confidential(package, confidential):
    asked = Asked(TODAY, previous=package[0], confidential=confidential)
    said = report(Content(package[0], "zh_CN", TODAY.day), asked)
    texts = [str(value) for table in tables(said) for row in table.rows for value in row if value is not None]
    texts += [block.text for chapter in said.chapters for block in chapter.blocks if isinstance(block, Words)]
    for folder in (package[0].parent, SAMPLE):
        assert not any(str(folder) in text for text in texts)
    assert any("qinghe.gpkg" in text for text in texts) != confidential
    assert any("清河县.gpkg" in text for text in texts) != confidential
    assert any("YJJBNTTB" in text for text in texts)


def test_a_report_on_some_towns_is_on_those_alone(package):
    some = report(Content(package[0], "zh_CN", TODAY.day), Asked(TODAY, ["QH02", "QH09"], previous=package[0]))
    for table in tables(some):
        assert not any("松花文旅小镇" in str(value) for row in table.rows for value in row), table.name
    assert ("审查对象", "成果包共12个，本报告2个") in some.cover


@pytest.mark.parametrize(("number", "said"), [
    (1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (101, "一百零一"), (110, "一百一十"), (1000, "一千"),
    (1012, "一千零一十二"), (10_000, "10000"),
])  # fmt: skip
def test_numbers_of_headings(number, said):
    assert chinese(number) == said


def test_a_chart_shows_the_largest_and_tells_of_the_others():
    bars = [Bar(f"镇{n}", float(n)) for n in range(40)] + [Bar("<无>", None, "缺统计数据")]
    drawn = chart("容积率", bars)
    assert (len(drawn.bars), drawn.bars[0].value, drawn.more) == (30, 39.0, 11)
    assert chart("容积率", [Bar("甲", None, "缺")]) is None
    assert "&lt;无&gt;" in svg(chart("容积率", bars[-2:])) and "缺统计数据" in svg(chart("容积率", bars[-2:]))


# Details that touch each other cannot be told apart; no issue has such.
TELLABLE = sorted(code for code, text in Texts("en").words("messages").items() if "}{" not in text)


@pytest.mark.parametrize("code", TELLABLE)
def test_an_issue_is_said_in_the_other_language(code):
    """Of whatever code: what was filled into one language's text is found again and filled into the other's."""
    known = [Texts(language).words("messages")[code] for language in LANGUAGES]
    fields, numbers = (set(re.findall(pattern, known[0] + known[1])) for pattern in (r"{(\w+)", r"{(\w+):"))
    given = {name: 12 if name in numbers else f"甲{n}乙" for n, name in enumerate(sorted(fields))}
    texts = {language: Texts(language).say(code, **given) for language in LANGUAGES}
    assert issue_text(code, texts["en"], "zh_CN").replace(".00", "") == texts["zh_CN"].replace(".00", "")


def test_an_issue_that_nobody_knows_stays_but_for_its_folders():
    assert (
        issue_text("nobody", "read /home/王/数据/农田.shp and D:\\规划 数据\\a.gpkg", "en")
        == "read 农田.shp and a.gpkg"
    )
    assert issue_text("nobody", "3/4 of 2021/5/1, see https://example.org/a", "en").startswith("3/4 of 2021/5/1")


def test_the_package_is_not_touched(package, tmp_path):
    copy = sample_review(tmp_path)
    before = Path(copy).read_bytes()
    report(Content(copy, "zh_CN"), Asked(TODAY))
    assert Path(copy).read_bytes() == before
