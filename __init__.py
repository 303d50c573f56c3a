"""Redline Review (三线审查), a QGIS plugin. QGIS's entry and nothing else: `core` imports without QGIS."""


def classFactory(iface):
    """Return the plugin for QGIS's interface `iface` (None in qgis_process)."""
    from .plugin import RedlineReviewPlugin

    return RedlineReviewPlugin(iface)
