"""Result layers as they arrive in the window: grouped, named, styled, with words for codes."""

import pytest
from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayerTreeModel,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
)
from qgis.gui import QgsLayerTreeView
from qgis.PyQt import sip
from support import square

from redline_review.core.profile import load_profile
from redline_review.core.report.texts import Texts
from redline_review.core.review.compare import CHANGES
from redline_review.processing.styling import ResultWords


@pytest.fixture
def layer_panel(qgis_iface, qgis_new_project, monkeypatch):
    """The window's layer panel: QGIS loads results through it."""
    view = QgsLayerTreeView()
    model = QgsLayerTreeModel(QgsProject.instance().layerTreeRoot(), view)
    view.setModel(model)
    monkeypatch.setattr(qgis_iface, "layerTreeView", lambda: view, raising=False)
    yield view
    QgsProject.instance().clear()
    sip.delete(view)


@pytest.fixture
def loaded(redline, layer_panel, qgis_processing):
    """Run and load as the window does; the project."""
    from qgis import processing

    def run(parameters, name="overlap"):
        processing.runAndLoadResults(f"redline:{name}", parameters)
        return QgsProject.instance()

    return run


def layers_by_style(project):
    return {("towns" if "udb_check" in layer.fields().names() else "findings"): layer
            for layer in project.mapLayers().values()}  # fmt: skip


@pytest.mark.parametrize("target", ["memory:", "TEMPORARY_OUTPUT", ".gpkg", ".shp"])
def test_layers_are_grouped_named_and_styled(own_county, loaded, target):
    paths = {
        name: str(own_county.folder / f"{name}{target}") if target.startswith(".") else target
        for name in ("SUMMARY", "FINDINGS")
    }
    project = loaded(own_county.parameters(**paths))
    layers = layers_by_style(project)
    group = project.layerTreeRoot().findGroup("Red-line review")
    assert group is not None
    assert [node.name() for node in group.findLayers()] == ["Verdicts by town", "Findings"]  # from the top
    towns, findings = layers["towns"], layers["findings"]
    assert towns.renderer().type() == "categorizedSymbol"
    assert [category.label() for category in towns.renderer().categories()][:3] == [
        "violation",
        "not checked",
        "warning",
    ]
    labels = [rule.label() for rule in findings.renderer().rootRule().descendants()]
    assert "Ecological redline" in labels and "below tolerance" in labels and not any(":" in label for label in labels)
    assert all(layer.labelsEnabled() for layer in layers.values())


def test_codes_read_as_words(own_county, loaded):
    layers = layers_by_style(loaded(own_county.parameters()))
    towns, findings = layers["towns"], layers["findings"]
    assert towns.attributeAlias(towns.fields().indexOf("eco_m2")) == "Ecological redline · area (m²)"
    assert towns.attributeAlias(towns.fields().indexOf("code")) == ""
    ours = [name for name in towns.fields().names() if name not in ("code", "name", "src_area_m2", "batch")]
    assert [name for name in ours if not towns.attributeAlias(towns.fields().indexOf(name))] == []
    assert [
        name for name in findings.fields().names() if not findings.attributeAlias(findings.fields().indexOf(name))
    ] == []
    setup = findings.editorWidgetSetup(findings.fields().indexOf("line"))
    assert setup.type() == "ValueMap" and {"Permanent basic farmland": "farmland"} in setup.config()["map"]
    setup = towns.editorWidgetSetup(towns.fields().indexOf("udb_check"))
    assert {"not checked": "unchecked"} in setup.config()["map"]


def test_in_chinese(own_county, loaded, monkeypatch):
    monkeypatch.setattr(QgsApplication.instance(), "locale", lambda: "zh_CN", raising=False)
    from redline_review.processing import base

    monkeypatch.setattr(base, "language", lambda: "zh_CN")
    layers = layers_by_style(loaded(own_county.parameters()))
    labels = [category.label() for category in layers["towns"].renderer().categories()]
    assert labels[:2] == ["疑似违规", "未核查"]


def test_the_package_alone_is_loaded_read_only(own_county, loaded):
    path = own_county.folder / "审查.gpkg"
    project = loaded(own_county.parameters(SUMMARY=None, FINDINGS=None, REVIEW=str(path)))
    layers = layers_by_style(project)
    assert set(layers) == {"towns", "findings"}
    assert all(layer.readOnly() for layer in layers.values())
    assert layers["towns"].renderer().type() == "categorizedSymbol"


def test_the_name_the_planner_gives_stays(own_county, loaded):
    wanted = QgsProcessingOutputLayerDefinition("memory:", QgsProject.instance())
    wanted.destinationName = "第一批"
    project = loaded(own_county.parameters(SUMMARY=wanted))
    assert "第一批" in {layer.name() for layer in project.mapLayers().values()}


def test_intensity_and_its_tables_read_as_words(own_county, loaded):
    towns = {name: value for name, value in own_county.parameters().items() if name.startswith("TOWN")}
    own_county.write("dltb", [square(0, 0, 1000)], {"DLBM": ["05H1"]})
    project = loaded(
        {**towns, "LAND_USE": str(own_county.folder / "dltb.gpkg"), "OUTPUT": "memory:", "TOWN_RULES": "memory:"},
        "intensity",
    )
    layers = {layer.name(): layer for layer in project.mapLayers().values()}
    towns = layers["Land-use intensity by town"]
    named = {name: towns.attributeAlias(towns.fields().indexOf(name)) for name in towns.fields().names()}
    own = ("code", "name", "src_area_m2", "batch")
    assert [name for name, alias in named.items() if not alias and name not in own] == []
    assert not any(named[name] for name in own)
    assert named["construction_pct"] == "Share of construction land (%)"
    labels = [rule.label() for rule in towns.renderer().rootRule().descendants()]
    assert "10–20 %" in labels and "not known" in labels
    table = layers["Table of town rules"]
    assert all(table.attributeAlias(index) for index in range(table.fields().count()))


def test_changes_of_two_reviews_are_styled_and_read_as_words(own_county, loaded, run):
    packages = [str(own_county.folder / name) for name in ("一审.gpkg", "二审.gpkg")]
    whole = own_county.write("whole", [square(-9000, -9000, 30_000)])
    options = {"SUMMARY": None, "FINDINGS": None, "COVERAGE": whole, "AREA_METHOD": 1}
    run("overlap", own_county.parameters(**options, REVIEW=packages[0]))
    own_county.write("farm", [square(500, 500, 350), square(4000, 0, 100)], {"BSM": ["F1", "F9"]})
    run("overlap", own_county.parameters(**options, REVIEW=packages[1]))
    project = loaded({"OLD": packages[0], "NEW": packages[1], "OUTPUT": "memory:", "TABLE": "memory:"}, "compare")
    layers = {layer.name(): layer for layer in project.mapLayers().values()}
    changes, table = layers["Changes of findings"], layers["Changes by town and line"]
    renderer = changes.renderer()
    assert renderer.classAttribute() == "change" and renderer.orderByEnabled() and changes.labelsEnabled()
    categories = {category.value(): category.label() for category in renderer.categories()}
    assert set(categories) == set(CHANGES) and categories["town_gone"] == "town no longer reviewed"
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(changes))
    told = {}
    for feature in changes.getFeatures():
        context.setFeature(feature)
        label = QgsExpression(changes.labeling().settings().fieldName)
        told[feature["finding_id"]] = label.evaluate(context)
        assert not label.hasEvalError(), label.evalErrorString()
        for clause in renderer.orderBy().list():
            assert clause.expression().evaluate(context) is not None
    assert told["T1/farmland/F1"].endswith("\n+32,500 m²") and told["T2/farmland/F3"].endswith("\n−10,000 m²")
    assert told["T2/eco_redline/E2"] == ""  # as it was
    for layer in (changes, table):
        assert [name for n, name in enumerate(layer.fields().names()) if not layer.attributeAlias(n)] == []
    setup = changes.editorWidgetSetup(changes.fields().indexOf("new_decision"))
    assert {"accepted exception": "accepted_exception"} in setup.config()["map"]


def test_the_legend_of_changes_in_chinese():
    words = ResultWords(load_profile(), Texts("zh_CN"))
    assert [words.label(f"change:{code}") for code in CHANGES] == [
        "新增", "扩大", "缩小", "未变化", "已消除", "未核查", "新增审查对象", "不再审查",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spoken", "levels"), [("en", ["error", "warning", "notice"]), ("zh_CN", ["错误", "警告", "提示"])]
)
def test_data_issues_are_styled_by_severity_and_read_as_words(own_county, loaded, monkeypatch, spoken, levels):
    from redline_review.processing import base

    monkeypatch.setattr(base, "language", lambda: spoken)
    twice = own_county.write("twice", [square(0, 0, 300), square(250, 0, 300), square(9000, 9000, 500, 0.1), None])
    given = {name: value for name, value in own_county.parameters().items() if name.startswith("TOWN")}
    project = loaded({**given, "FARMLAND": twice, "OUTPUT": "memory:", "AREAS": "memory:"}, "checkdata")
    nodes = project.layerTreeRoot().findGroup("Red-line review").findLayers()
    assert [node.name() for node in nodes] == ["Data issues", "Areas of data issues"]  # points above their areas
    for node in nodes:
        layer = node.layer()
        renderer = layer.renderer()
        assert renderer.classAttribute() == "severity" and renderer.orderByEnabled()
        assert [one.label() for one in renderer.categories()] == levels
        assert {one.value() for one in renderer.categories()} >= {
            feature["severity"] for feature in layer.getFeatures()
        }
        assert [name for n, name in enumerate(layer.fields().names()) if not layer.attributeAlias(n)] == []
        context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
        feature = next(one for one in layer.getFeatures() if one["kind"] == "check_overlap")
        context.setFeature(feature)
        tip = QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
        kind = Texts(spoken).word("check_kind", "check_overlap")
        assert kind in tip and feature["detail"] in tip and feature["advice"] in tip
        if layer.labelsEnabled():
            assert QgsExpression(layer.labeling().settings().fieldName).evaluate(context) == kind
    assert nodes[0].layer().labelsEnabled() and not nodes[1].layer().labelsEnabled()


def test_data_issues_go_to_no_plain_table(own_county, redline):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redline:checkdata")
    given = {name: value for name, value in own_county.parameters().items() if name.startswith("TOWN")}
    parameters = {**given, "OUTPUT": str(own_county.folder / "issues.csv")}
    good, message = algorithm.checkParameterValues(parameters, QgsProcessingContext())
    assert not good and "issues.csv" in message and ".gpkg" in message
