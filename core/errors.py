"""The one error family, and the issues a run lists instead of stopping.

`core` knows no language: it raises and returns codes with details. Their texts stand in
``i18n/catalogue.<language>.json`` and are put together by `core.report.texts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class RedlineError(Exception):
    """What the planner must mend before the run can go on.

    ``code`` names a text of the catalogue, ``details`` fill it in: ``layer`` and ``feature`` wherever they apply.
    """

    def __init__(self, code: str, **details: Any):
        super().__init__(code)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        from .report.texts import Texts

        return Texts("en").error(self)


class Cancelled(RedlineError):
    """The planner stopped the run. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("cancelled")


@dataclass(frozen=True)
class Issue:
    """Something in the input that was repaired, left out or not checked; it is listed and the run goes on.

    ``geometry`` is a shapely polygon in the overlay CRS that shows where, or None.
    """

    code: str
    severity: str  # error, warning or notice
    layer: str
    feature: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    geometry: Any = None
