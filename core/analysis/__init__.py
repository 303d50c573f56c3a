"""The analysis itself: areas, overlap, findings, verdicts. Arrays in, arrays out."""
