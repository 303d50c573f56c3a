"""Layers read in batches, brought into one CRS and made usable."""
