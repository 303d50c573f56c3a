"""From the values of parameters to what `core` is asked about intensity. Main thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProviderRegistry, QgsRasterLayer

from .intensity_inputs import CLASS_SYSTEMS, LEGENDS, MONEY_UNITS, IntensityInputs
from .request import Values
from .sources import is_given

if TYPE_CHECKING:
    from ..core.inputs.rasters import RasterSource
    from ..core.review.intensity_request import IntensityRequest, LandUseLayer


def intensity_request(
    algorithm: IntensityInputs, parameters: dict[str, Any], context: QgsProcessingContext
) -> IntensityRequest:
    """:raises RedlineError: for a raster or a text file that cannot be read.
    :raises QgsProcessingException: for a layer that cannot be opened.
    """
    from ..core.review.figures import FigureRequest
    from ..core.review.intensity_request import IntensityRequest, LandUseLayer

    values = Values(algorithm, parameters, context)

    def land_use(layer: str, field: str, system: str) -> LandUseLayer | None:
        source = values.source(layer)
        return source and LandUseLayer(source, values.text(field), values.choice(system, CLASS_SYSTEMS))

    fields = {figure: chosen for figure, name in algorithm.FIGURE_FIELDS.items() if (chosen := values.text(name))}
    if kind := values.text(algorithm.KIND_FIELD):
        fields["kind"] = kind
    return IntensityRequest(
        land_use=land_use(algorithm.LAND_USE, algorithm.LAND_USE_CODE_FIELD, algorithm.CLASS_SYSTEM),
        planned=land_use(algorithm.PLANNED_LAND_USE, algorithm.PLANNED_CODE_FIELD, algorithm.PLANNED_CLASS_SYSTEM),
        earlier=land_use(algorithm.EARLIER_LAND_USE, algorithm.EARLIER_CODE_FIELD, algorithm.EARLIER_CLASS_SYSTEM),
        land_cover=_raster(algorithm, parameters, context),
        legend=values.choice(algorithm.LEGEND, LEGENDS) or LEGENDS[0],
        buildings=values.source(algorithm.BUILDINGS),
        floors_field=values.text(algorithm.FLOORS_FIELD),
        height_field=values.text(algorithm.HEIGHT_FIELD),
        figures=FigureRequest(
            fields, values.table(algorithm.FIGURES), values.choice(algorithm.MONEY_UNIT, MONEY_UNITS)
        ),
        town_list=values.table(algorithm.TOWN_LIST),
    )


def _raster(
    algorithm: IntensityInputs, parameters: dict[str, Any], context: QgsProcessingContext
) -> RasterSource | None:
    """The file behind the raster layer, with the name and CRS it has in QGIS."""
    from ..core.inputs.rasters import RasterSource
    from .crs import core_crs

    name = algorithm.LAND_COVER
    if not is_given(parameters, name):
        return None
    layer = algorithm.parameterAsRasterLayer(parameters, name, context)
    if not isinstance(layer, QgsRasterLayer) or not layer.isValid() or layer.providerType() != "gdal":
        raise QgsProcessingException(algorithm.invalidRasterError(parameters, name))
    parts = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
    path = layer.source() if parts.get("layerName") else parts.get("path") or layer.source()
    raster = RasterSource(path, name=layer.name())
    raster.crs = core_crs(layer.crs())
    return raster
