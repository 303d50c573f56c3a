"""Boundary-point files and drawings that are dropped: the layers made of them, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import Qgis
from qgis.gui import QgsMessageBar
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject

from ..i18n import language, tr
from .message import tell

BOUNDARIES, DRAWING = "redline:importboundarytxt", "redline:importdxf"


@dataclass
class Job:
    """A tool, its parameters, and what the layer it makes is called."""

    tool: str
    parameters: dict[str, Any]
    title: str


@dataclass
class Loaded:
    """What came of the files that were dropped together. ``layers``: ids of those added, the first first; ``told``: a
    sentence for each; ``problems``: what was refused, left out or doubtful; ``failed``: what made no layer."""

    layers: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failed: list[Job] = field(default_factory=list)


def load_plots(paths: list[str], owner: QObject, done: Callable[[Loaded], None]) -> None:
    """Make layers of these files one after the other, beside the window; then ``done``, unless ``owner`` is deleted.

    Boundary-point files come as one layer, since they are often one delivery, drawings as one each.
    """
    loaded = Loaded(problems=_refused(paths))
    _next(_jobs(paths), loaded, owner, done)


def say(bar: QgsMessageBar, loaded: Loaded, then: Mapping[str, Callable[[], Any]]) -> None:
    """Tell in a message bar what was loaded. ``then``: what a click can do next, by what its button says."""
    title = tr("Loaded") if loaded.layers else tr("Not loaded")
    level = Qgis.MessageLevel.Warning if loaded.problems else Qgis.MessageLevel.Success
    tell(bar, title, [*loaded.told, *loaded.problems], level, then)


def _refused(paths: list[str]) -> list[str]:
    from ..core.errors import RedlineError
    from ..core.inputs.formats import refuse_unreadable
    from ..core.report.texts import Texts

    said = []
    for path in paths:
        try:
            refuse_unreadable(path)
        except RedlineError as error:
            error.details["path"] = Path(path).name  # she has just had it in her hand
            said.append(Texts(language()).error(error))
    return said


def _jobs(paths: list[str]) -> list[Job]:
    from ..core.inputs.formats import DRAWING as SUFFIX
    from ..core.inputs.formats import makes_plots, suffix_of

    usable = [path for path in paths if makes_plots(path)]
    texts = [path for path in usable if suffix_of(path) != SUFFIX]
    jobs = []
    if texts:
        first = Path(texts[0]).stem
        title = first if len(texts) == 1 else tr("{name} and {n} more").format(name=first, n=len(texts) - 1)
        jobs.append(Job(BOUNDARIES, {"INPUT": texts}, title))
    drawings = [path for path in usable if suffix_of(path) == SUFFIX]
    return jobs + [Job(DRAWING, {"INPUT": path}, Path(path).stem) for path in drawings]


def _next(jobs: list[Job], loaded: Loaded, owner: QObject, done: Callable[[Loaded], None]) -> None:
    from ..processing.load_beside import Ran, load_beside

    if sip.isdeleted(owner):  # the window was closed meanwhile
        return
    if not jobs:
        done(loaded)
        return
    job, *rest = jobs

    def ended(ran: Ran) -> None:
        loaded.layers += ran.layers
        loaded.problems += ran.said
        if ran.results is None or not ran.layers:
            loaded.failed.append(job)
        else:
            told = tr("Plots loaded as “{layer}”: {n}.").format(layer=job.title, n=ran.results["PLOT_COUNT"])
            left_out = ran.results.get("LEFT_OUT_COUNT", 0)
            loaded.told.append(told + (" " + tr("Left out: {n}.").format(n=left_out) if left_out else ""))
        _next(rest, loaded, owner, done)

    load_beside(job.tool, job.parameters, job.title, ended)
