"""Layers in memory put through the real check."""

from __future__ import annotations

from support import MemorySource, square

from redline_review.core.inputs.checks.layer import LINE, TOWNS, CheckedLayer
from redline_review.core.inputs.checks.run import check_layers
from redline_review.core.profile import load_profile

PROFILE = load_profile()
TOWN = MemorySource("towns", [square(0, 0, 1000)])


def town_layer(*geometry, **attributes):
    source = MemorySource("towns", geometry, attributes)
    return CheckedLayer(source, TOWNS, name_field="name" if "name" in attributes else None)


def line_layer(*geometry, name="farm", line="farmland", crs=None, **attributes):
    source = MemorySource(name, geometry, attributes, **({"crs": crs} if crs else {}))
    return CheckedLayer(source, LINE, line, line)


def check(*layers, towns=None, **options):
    """The check of these layers, with one town unless ``towns`` (a layer) are given."""
    first = CheckedLayer(TOWN, TOWNS) if towns is None else towns
    return check_layers([first, *layers], PROFILE, **{"threads": 2, **options})


def kinds(checked, layer=None):
    """Codes of what was found and how often, of one layer or all."""
    found = {}
    for (of, code, _), count in checked.counts.items():
        if layer in (None, of):
            found[code] = found.get(code, 0) + count
    return found


def only(checked, code):
    """The issues of a kind."""
    return [issue for issue in checked.issues if issue.code == code]
