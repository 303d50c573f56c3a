#!/usr/bin/env python3
"""Makes the sample data: the made-up county 清河县, the same from every run.

    python tools/make_sample.py [FOLDER]

writes qinghe.gpkg, qinghe_landcover.tif, the Shapefile qinghe_towns_gbk.shp, the boundary points qinghe_boundary.txt
and the tables qinghe_list.csv and qinghe_figures.csv into FOLDER (default resources/sample).
What is in them: resources/sample/README.md.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import rasterio
import rasterio.features
from sample import intensity, tables

from redline_review.core.inputs.boundary_txt_writer import Style, export_boundaries
from redline_review.core.inputs.files import FileSource

SURVEYED = ("QH02", "QH08", "QH10", "QH12")  # towns with boundary points: one of two parts, one with a hole
# Time stamps in the files are pinned, or each run would change them.
WRITTEN = "2026-05-01T00:00:00.000Z"
# ESA WorldCover classes of the 三调 classes, and their colours.
COVER = {
    "0301": 10,
    "0307": 10,
    "0201": 10,
    "0305": 20,
    "0404": 30,
    "0810": 30,
    "0101": 40,
    "0103": 40,
    "1006": 40,
    "1107": 40,
    "1106": 60,
    "1101": 80,
    "1103": 80,
    "1104": 80,
}
BUILT_COVER = 50
COLOURS = {
    10: (0, 100, 0),
    20: (255, 187, 34),
    30: (255, 255, 76),
    40: (240, 150, 255),
    50: (250, 0, 0),
    60: (180, 180, 180),
    80: (0, 100, 200),
}


def write_layers(path: Path) -> dict[str, geopandas.GeoDataFrame]:
    """Write every layer into one new GeoPackage and return them."""
    path.unlink(missing_ok=True)
    frames = {name: make() for name, make in tables.LAYERS.items()}
    frames["GHYD"] = intensity.planned_land_use(frames["DLTB"])
    frames["DLTB_QQ"] = intensity.earlier_land_use(frames["DLTB"])
    layers = {}
    for name, frame in frames.items():
        layers[name] = geopandas.GeoDataFrame(frame, geometry="geometry", crs=tables.CRS)
        pyogrio.write_dataframe(
            layers[name],
            path,
            layer=name,
            driver="GPKG",
            layer_options={"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "NO"},
        )
    return layers


def write_gbk_shapefile(path: Path, towns: geopandas.GeoDataFrame) -> None:
    """The towns as many offices still deliver them: names in GBK and nothing that says so."""
    pyogrio.write_dataframe(towns, path, driver="ESRI Shapefile", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    with path.with_suffix(".dbf").open("r+b") as table:
        table.seek(1)
        table.write(bytes([126, 5, 1]))  # date of the header: 2026-05-01
        table.seek(29)
        table.write(b"\0")  # language of the header: not stated


def write_boundary_points(path: Path, towns: geopandas.GeoDataFrame) -> None:
    """Some of the towns as a land survey delivers them, in GBK."""
    with tempfile.TemporaryDirectory() as folder:
        surveyed = Path(folder) / "surveyed.gpkg"
        pyogrio.write_dataframe(towns[towns["XZBH"].isin(SURVEYED)], surveyed)
        fields = {"number": "XZBH", "name": "XZMC", "use": "CYLX"}
        style = Style(unit_name="清河县测绘队", day=date(2026, 5, 1))
        export_boundaries(FileSource(surveyed), fields, path, None, style)


def write_land_cover(path: Path, land_use: geopandas.GeoDataFrame) -> None:
    """Land cover on a 10 m grid, from the land use; 0 is no data."""
    west, south, east, north = land_use.total_bounds
    west, north = np.floor(west / 10) * 10, np.ceil(north / 10) * 10
    shape = (int(np.ceil((north - south) / 10)), int(np.ceil((east - west) / 10)))
    transform = rasterio.transform.from_origin(west, north, 10, 10)
    values = [COVER.get(code, BUILT_COVER) for code in land_use["DLBM"]]
    cover = rasterio.features.rasterize(
        zip(land_use.geometry, values, strict=True), shape, 0, transform=transform, dtype="uint8"
    )
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=shape[0],
        width=shape[1],
        count=1,
        dtype="uint8",
        nodata=0,
        crs=tables.CRS,
        transform=transform,
        compress="deflate",
        zlevel=9,
        tiled=True,
    ) as raster:
        raster.write(cover, 1)
        raster.write_colormap(1, COLOURS)


def main(folder: Path) -> None:
    """Write the sample data into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    layers = write_layers(folder / "qinghe.gpkg")
    write_gbk_shapefile(folder / "qinghe_towns_gbk.shp", layers["TSXZ_GHFW"])
    write_boundary_points(folder / "qinghe_boundary.txt", layers["TSXZ_GHFW"])
    write_land_cover(folder / "qinghe_landcover.tif", layers["DLTB"])
    (folder / "qinghe_list.csv").write_bytes(intensity.town_list())
    (folder / "qinghe_figures.csv").write_bytes(intensity.figures(layers["TSXZ_GHFW"]))
    for name, layer in layers.items():
        print(f"{name}: {len(layer)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "resources" / "sample")
