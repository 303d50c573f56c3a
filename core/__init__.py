"""The analysis: arrays and data frames in and out. Imports no qgis module."""
