"""QGIS Processing: turns QGIS's layers and parameters into `core` calls and the results back."""
