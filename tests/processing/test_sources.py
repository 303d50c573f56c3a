"""Both ways of reading a layer give the same features."""

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsVectorLayer,
)

from redline_review.core.errors import RedlineError
from redline_review.processing.crs import chosen_pipeline, core_crs, qgis_crs, reversed_pipeline
from redline_review.processing.readers import LayerFileSource, QgisSource
from redline_review.processing.sources import plain_file, source_from_layer

pytestmark = pytest.mark.usefixtures("qgis_app")


@pytest.fixture
def context():
    return QgsProcessingContext()


def opened(path, name="layer"):
    layer = QgsVectorLayer(str(path), name, "ogr")
    assert layer.isValid()
    return layer


def copy_in_memory(layer):
    copy = layer.materialize(layer_request())
    copy.setName(layer.name())
    return copy


def layer_request():
    from qgis.core import QgsFeatureRequest

    return QgsFeatureRequest()


def read(source, columns):
    batches = list(source.batches(columns=columns))
    geometry = np.concatenate([batch.geometry for batch in batches])
    return geometry, {name: np.concatenate([batch.fields[name] for batch in batches]).tolist() for name in columns}


def parts(geometry):
    """QGIS shows a Shapefile's polygons as multipolygons of one."""
    return None if geometry is None else [part.wkb for part in shapely.get_parts(geometry)]


def assert_same(one, other, columns):
    (a, x), (b, y) = read(one, columns), read(other, columns)
    assert [parts(g) for g in a] == [parts(g) for g in b]
    assert x == y
    assert [[type(v) for v in x[name]] for name in columns] == [[type(v) for v in y[name]] for name in columns]
    assert one.bounds == pytest.approx(other.bounds)
    assert one.crs == other.crs
    assert one.geometry_kind == other.geometry_kind
    assert one.count == other.count


@pytest.fixture(params=[".gpkg", ".shp", ".geojson", ".fgb"])
def typed_file(request, tmp_path):
    """A layer with every type of field, nulls, an empty and an invalid geometry."""
    frame = geopandas.GeoDataFrame(
        {
            "whole": np.array([1, 2, 2**40], dtype="int64"),
            "real": [1.5, None, -2.25],
            "text": ["北山镇", None, "a'b"],
            "day": np.array(["2025-10-01", "2025-10-02", "2025-10-03"], dtype="datetime64[D]").astype("datetime64[ns]"),
        },
        geometry=[
            shapely.box(42_500_000, 4_850_000, 42_501_000, 4_851_000),
            shapely.Polygon([(42_500_000, 0), (42_500_009, 9), (42_500_009, 0), (42_500_000, 9)]),
            None,
        ],
        crs="EPSG:4530",
    )
    path = tmp_path / f"各种 fields{request.param}"
    if request.param == ".shp":
        frame["day"] = frame["day"].dt.date
    # FlatGeobuf takes a null geometry only without its index (GDAL 3.10).
    options = {"SPATIAL_INDEX": "NO"} if request.param == ".fgb" else {}
    frame.to_file(path, engine="pyogrio", encoding="UTF-8", **options)
    return path


def test_file_and_features_read_alike(typed_file, context):
    layer = opened(typed_file)
    bulk, features = source_from_layer(layer, context), QgisSource(layer, context)
    assert isinstance(bulk, LayerFileSource)
    assert [(field.name, field.type) for field in bulk.fields] == [
        (field.name, field.type) for field in features.fields
    ]
    assert_same(bulk, features, [field.name for field in bulk.fields])


def test_file_and_its_copy_in_memory_read_alike(typed_file, context):
    layer = opened(typed_file)
    assert_same(source_from_layer(layer, context), source_from_layer(copy_in_memory(layer), context), ["whole", "text"])


def test_filter_join_edit_and_virtual_field_rule_bulk_reading_out(county, context):
    layer = opened(county.folder / "towns.gpkg")
    assert plain_file(layer) is not None
    assert plain_file(copy_in_memory(layer)) is None
    layer.setSubsetString("\"code\" <> 'T1'")
    assert plain_file(layer) is None
    layer.setSubsetString("")
    layer.startEditing()
    assert plain_file(layer) is None
    layer.rollBack()
    from qgis.core import QgsField
    from qgis.PyQt.QtCore import QMetaType

    layer.addExpressionField("1", QgsField("virtual", QMetaType.Type.Int))
    assert plain_file(layer) is None


def test_selection_filter_and_limit_of_a_definition(county, context):
    layer = opened(county.folder / "towns.gpkg")
    layer.selectByExpression("\"code\" IN ('T2', 'T3')")
    selected = source_from_layer(layer, context, QgsProcessingFeatureSourceDefinition(layer.id(), True))
    assert read(selected, ["code"])[1] == {"code": ["T2", "T3"]}
    assert selected.count == 2
    assert selected.bounds == (42_502_000, 4_850_000, 42_505_000, 4_851_000)
    layer.removeSelection()
    assert read(selected, ["code"])[1] == {"code": ["T2", "T3"]}, "a snapshot"
    by_expression = QgsProcessingFeatureSourceDefinition(layer.id(), filterExpression="\"code\" = 'T4'")
    assert read(source_from_layer(layer, context, by_expression), ["code"])[1] == {"code": ["T4"]}
    first = QgsProcessingFeatureSourceDefinition(layer.id(), featureLimit=1)
    assert read(source_from_layer(layer, context, first), ["code"])[1] == {"code": ["T1"]}


def test_edits_in_progress_are_read(county, context):
    layer = opened(county.folder / "towns.gpkg")
    layer.startEditing()
    layer.deleteFeature(1)
    source = source_from_layer(layer, context)
    layer.rollBack()
    assert read(source, ["code"])[1] == {"code": ["T2", "T3", "T4"]}


def test_bbox_reads_what_meets_it(county, context):
    layer = opened(county.folder / "towns.gpkg")
    box = (42_502_100.0, 4_850_100.0, 42_502_200.0, 4_850_200.0)
    for source in (source_from_layer(layer, context), QgisSource(layer, context)):
        assert [str(v) for batch in source.batches(["code"], bbox=box) for v in batch.fields["code"]] == ["T2"]


def test_batches_are_bounded(county, context):
    source = QgisSource(opened(county.folder / "towns.gpkg"), context)
    assert [len(batch) for batch in source.batches(size=3)] == [3, 1]


def test_field_that_is_not_there(county, context):
    with pytest.raises(RedlineError) as error:
        list(QgisSource(opened(county.folder / "towns.gpkg"), context).batches(["nowhere"]))
    assert error.value.code == "no_such_field"


@pytest.mark.parametrize(
    ("kind", "wkt"),
    [
        ("CurvePolygon", "CurvePolygon (CompoundCurve (CircularString (0 0, 5 5, 10 0),(10 0, 0 0)))"),
        ("PolygonZ", "PolygonZ ((0 0 7, 10 0 7, 10 10 7, 0 0 7))"),
        ("PolygonM", "PolygonM ((0 0 7, 10 0 7, 10 10 7, 0 0 7))"),
        ("PolygonZM", "PolygonZM ((0 0 7 1, 10 0 7 1, 10 10 7 1, 0 0 7 1))"),
    ],
)
def test_curves_z_and_m(kind, wkt, context, tmp_path):
    memory = QgsVectorLayer(f"{kind}?crs=EPSG:4530", "shapes", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    assert memory.dataProvider().addFeature(feature)
    (geometry,) = read(QgisSource(memory, context), [])[0]
    assert not geometry.has_z
    assert geometry.is_valid
    assert geometry.area == pytest.approx(39.27 if "Curve" in kind else 50, abs=0.01)
    from qgis.core import QgsVectorFileWriter

    path = tmp_path / "shapes.gpkg"
    QgsVectorFileWriter.writeAsVectorFormatV3(
        memory, str(path), QgsCoordinateTransformContext(), QgsVectorFileWriter.SaveVectorOptions()
    )
    bulk = source_from_layer(opened(path), context)
    assert isinstance(bulk, LayerFileSource)
    assert read(bulk, [])[0][0].equals_exact(geometry, 1e-9)


def test_the_crs_set_in_qgis_wins(county, context):
    layer = opened(county.folder / "towns.gpkg")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:4529"))
    assert source_from_layer(layer, context).crs.to_epsg() == 4529
    layer.setCrs(QgsCoordinateReferenceSystem())
    assert source_from_layer(layer, context).crs is None


def test_encoding_set_in_qgis_wins(shared_data, context):
    layer = opened(shared_data / "jilin_gbk" / "jilin_gbk_nocpg.shp")
    layer.setProviderEncoding("GBK")
    source = source_from_layer(layer, context)
    texts = {
        str(v) for batch in source.batches([f.name for f in source.fields]) for c in batch.fields.values() for v in c
    }
    assert "长春市" in texts


def test_encoding_asked_for_mends_a_shapefile_that_states_none(root, county, context):
    layer = opened(root / "resources" / "sample" / "qinghe_towns_gbk.shp")
    source = source_from_layer(layer, context, encoding="GBK")
    assert isinstance(source, LayerFileSource)
    assert "松花文旅小镇" in read(source, ["XZMC"])[1]["XZMC"]
    stated = county.write("utf8", [shapely.box(0, 0, 1, 1)], {"name": ["北山镇"]}, suffix=".shp", encoding="UTF-8")
    assert read(source_from_layer(opened(stated), context, encoding="GBK"), ["name"])[1] == {"name": ["北山镇"]}
    wrong = county.write("gbk", [shapely.box(0, 0, 1, 1)], {"name": ["北山镇"]}, suffix=".shp", encoding="GBK")
    Path(wrong).with_suffix(".cpg").write_text("UTF-8")  # what it states cannot be
    assert read(source_from_layer(opened(wrong), context, encoding="GBK"), ["name"])[1] == {"name": ["北山镇"]}


@pytest.mark.parametrize("epsg", [4490, 4530, 4547, 2056, 27700])
def test_crs_survives_the_way_there_and_back(epsg):
    crs = QgsCoordinateReferenceSystem(f"EPSG:{epsg}")
    assert qgis_crs(core_crs(crs)) == crs
    assert core_crs(crs).to_epsg() == epsg


def test_reversed_pipeline_undoes_a_pipeline():
    from pyproj import Transformer

    pipeline = (
        "+proj=pipeline +step +inv +proj=utm +zone=32 +ellps=GRS80 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg +step +proj=axisswap +order=2,1"
    )
    there = Transformer.from_pipeline(pipeline).transform(500_000, 5_300_000)
    back = Transformer.from_pipeline(reversed_pipeline(pipeline)).transform(*there)
    assert back == pytest.approx((500_000, 5_300_000), abs=1e-4)


def test_the_projects_operation_is_passed_on(county, context):
    source, target = QgsCoordinateReferenceSystem("EPSG:4530"), QgsCoordinateReferenceSystem("EPSG:4549")
    transforms = QgsCoordinateTransformContext()
    assert chosen_pipeline(source, core_crs(target), transforms) is None
    operation = (
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0=126 +k=1 +x_0=42500000 +y_0=0 +ellps=GRS80 "
        "+step +proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80"
    )
    transforms.addCoordinateOperation(source, target, operation)
    assert chosen_pipeline(source, core_crs(target), transforms) == operation
    assert chosen_pipeline(target, core_crs(source), transforms) == reversed_pipeline(operation)
    context.setTransformContext(transforms)
    layer = opened(county.folder / "towns.gpkg")
    for reader in (source_from_layer(layer, context), QgisSource(layer, context)):
        assert reader.pipeline(core_crs(target)) == operation
