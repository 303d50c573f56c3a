"""Drawings as they come from CAD, written by GDAL and read back as plots."""

import pytest
import shapely
from osgeo import ogr
from qgis.core import QgsProcessingException

EAST, NORTH = 42_500_000, 4_850_000


def ring(x, y, width, closed=True):
    corners = [(x, y), (x + width, y), (x + width, y + width), (x, y + width), *([(x, y)] if closed else [])]
    return shapely.LineString([(EAST + a, NORTH + b) for a, b in corners]).wkt


def text(x, y, said):
    return shapely.Point(EAST + x, NORTH + y).wkt, "ZJ", f'LABEL(f:"宋体",t:"{said}",s:5g)'


@pytest.fixture
def drawing(tmp_path):
    def make(*entities, name="地块图.dxf"):
        path = tmp_path / name
        source = ogr.GetDriverByName("DXF").CreateDataSource(str(path))
        layer = source.CreateLayer("entities")
        for wkt, cad_layer, style in entities:
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
            feature.SetField("Layer", cad_layer)
            feature.SetStyleString(style)
            layer.CreateFeature(feature)
        source.FlushCache()
        return str(path)

    return make


def plots(outcome):
    layer = outcome.layer("OUTPUT")
    return [({name: feature[name] for name in ("layer", "colour", "label")}, feature.geometry().area())
            for feature in layer.getFeatures()], layer.crs().authid()  # fmt: skip


def test_closed_lines_become_plots_with_layer_colour_and_label(run, drawing):
    path = drawing(
        (ring(0, 0, 100), "DK", "PEN(c:#FF0000)"), (ring(20, 20, 20), "DK", "PEN(c:#FF0000)"),
        (ring(25, 25, 5), "DK", "PEN(c:#00FF00)"), (ring(30, 60, 10), "FW", "PEN(c:#0000FF)"),
        (ring(200, 0, 50, closed=False), "DK", "PEN(c:#FF0000)"), text(60, 60, "地块一"), text(27, 27, "岛"),
        (shapely.box(EAST + 400, NORTH, EAST + 450, NORTH + 50).wkt, "HATCH", "BRUSH(fc:#00FF00)"),
    )  # fmt: skip
    outcome = run("importdxf", {"INPUT": path, "OUTPUT": "memory:"})
    found, crs = plots(outcome)
    assert crs == "EPSG:4530" and outcome.results["PLOT_COUNT"] == 4
    assert [(one["layer"], one["colour"], one["label"], round(area)) for one, area in found] == [
        ("DK", "#ff0000", "地块一", 9600), ("DK", "#00ff00", "岛", 25), ("FW", "#0000ff", "", 100),
        ("HATCH", "#00ff00", "", 2500),
    ]  # fmt: skip
    assert any("1" in said for said in outcome.said.infos)


def test_a_plot_that_crosses_itself_is_repaired_and_told(run, drawing):
    tie = shapely.LineString([(EAST + a, NORTH + b) for a, b in ((0, 0), (10, 10), (10, 0), (0, 10), (0, 0))]).wkt
    outcome = run("importdxf", {"INPUT": drawing((tie, "DK", "PEN(c:#FF0000)")), "OUTPUT": "memory:"})
    (found,), _ = plots(outcome)
    assert found[1] == pytest.approx(50) and any("repaired" in said for said in outcome.said.warnings)


def test_what_cannot_be_read_is_refused_by_name(run, drawing, tmp_path):
    near = shapely.LineString([(0, 0), (10, 0), (10, 10), (0, 0)]).wkt
    for path, said in (
        (tmp_path / "总图.dwg", "DWG.*DXF"),
        (tmp_path / "broken.dxf", r"broken\.dxf"),
        (drawing((ring(0, 0, 5, closed=False), "DK", ""), name="open.dxf"), "1 lines are open"),
        (drawing((near, "DK", ""), name="local.dxf"), "no zone number"),
    ):
        if not str(path).endswith(("open.dxf", "local.dxf")):
            path.write_bytes(b"AC1027 no drawing")
        with pytest.raises(QgsProcessingException, match=said):
            run("importdxf", {"INPUT": str(path), "OUTPUT": "memory:"})
    outcome = run("importdxf", {"INPUT": str(tmp_path / "local.dxf"), "CRS": "EPSG:4551", "OUTPUT": "memory:"})
    assert plots(outcome)[1] == "EPSG:4551"
