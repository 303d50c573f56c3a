"""The review panel in a real QGIS window: 1,000 towns, 100,000 findings, 5,000 decisions.

`.venv/bin/python benchmarks/panel.py [FOLDER]` (needs Xvfb) makes the package with a fixed seed and prints each step's
time, the longest time the event loop stood still meanwhile, and the memory that QGIS took more.
"""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(os.environ.get("REDLINE_ROOT") or Path(__file__).resolve().parents[1])  # QGIS runs this without a file
TOWNS, FINDINGS, DECISIONS = 1000, 100_000, 5000
BEAT_MS = 5
TARGETS = {"open": 1500, "sort": 150, "filter": 150, "select": 100, "decide": 50}


def make(path: Path) -> None:
    """A package as a run writes it, of random rectangles."""
    import numpy as np
    import pandas as pd
    import pyproj
    import shapely

    from redline_review.core.profile import load_profile
    from redline_review.core.review import schema
    from redline_review.core.review.intensity_schema import LAND_CLASSES
    from redline_review.core.review.package import SCHEMA_VERSION, PackageWriter

    random, profile = np.random.default_rng(7), load_profile()
    crs = pyproj.CRS("EPSG:4530")
    package = PackageWriter(path)
    summary = [*schema.summary_fields(list(profile.lines), approved=False), schema.REVIEWED]
    fields = {"towns": summary, "findings": schema.FINDINGS, "lines": schema.LINES}
    fields |= {"line_conflicts": schema.CONFLICTS, "data_issues": schema.ISSUES}
    layers = {name: package.layer(name, columns, crs) for name, columns in fields.items()}
    town = np.sort(random.integers(0, TOWNS, FINDINGS))
    x, y = (42_500_000 + 3000.0 * (town % 40)), (4_850_000 + 3000.0 * (town // 40))
    dx, dy, w, h = (random.uniform(low, high, FINDINGS) for low, high in ((0, 1900), (0, 1900), (1, 100), (1, 100)))
    line = random.choice(["eco_redline", "farmland", "urban_boundary"], FINDINGS, p=[0.1, 0.8, 0.1])
    serial = np.arange(FINDINGS)
    ids = [f"T{t:04}/{name}/{n}" for t, name, n in zip(town, line, serial, strict=True)]
    severity = random.choice(["violation", "warning", "below_tolerance"], FINDINGS, p=[0.3, 0.6, 0.1])
    frame = pd.DataFrame({
        "finding_id": ids,
        "number": [f"第{t:04}镇-{name[0]}{n:06}" for t, name, n in zip(town, line, serial, strict=True)],
        "town_id": [f"T{t:04}" for t in town], "town_name": [f"第{t:04}镇" for t in town], "line": line,
        "kind": np.where(line == "urban_boundary", "outside", "overlap"),
        "zone": np.where(line == "eco_redline", "一般控制区", None), "source_id": serial.astype(str),
        "severity": severity,
        "area_m2": w * h, "share_pct": w * h / 40_000, "width_m": np.minimum(w, h),
        "state": random.choice(["new", "unchanged", "grown"], FINDINGS), "rule": "规划范围内涉及永久基本农田",
    })  # fmt: skip
    geometry = shapely.box(x + dx, y + dy, x + dx + w, y + dy + h)
    layers["findings"].write(frame.assign(geometry=geometry))
    number = np.arange(TOWNS)
    towns = pd.DataFrame({field.name: None for field in summary}, index=number, dtype=object)
    towns = towns.assign(
        town_id=[f"T{t:04}" for t in number], town_name=[f"第{t:04}镇" for t in number], area_m2=4e6,
        verdict="violation", reviewed_verdict="violation", unchecked="",
    )  # fmt: skip
    for name in summary:
        if name.name.endswith("_m2"):
            towns[name.name] = random.uniform(0, 4e6, TOWNS)
    left, bottom = 42_500_000 + 3000.0 * (number % 40), 4_850_000 + 3000.0 * (number // 40)
    layers["towns"].write(towns.assign(geometry=shapely.box(left, bottom, left + 2000, bottom + 2000)))
    package.table("ledger", schema.LEDGER, pd.DataFrame(columns=[field.name for field in schema.LEDGER]))
    land = frame[["town_id", "town_name", "line", "finding_id", "area_m2"]].assign(period="existing")
    for field in LAND_CLASSES:
        if field.name.endswith("_m2") and field.name != "area_m2":
            land[field.name] = random.uniform(0, 1, FINDINGS) * land["area_m2"]
    package.table("land_classes", LAND_CLASSES, land[[field.name for field in LAND_CLASSES]])
    facts = {"schema_version": SCHEMA_VERSION, "run_id": "bench", "crs": "EPSG:4530"}
    facts["profile"] = {"lines": [{"id": one.id, "short": one.short, "name": one.name, "test": one.test}
                                  for one in profile.lines]}  # fmt: skip
    rows = {"key": list(facts), "value": [json.dumps(value, ensure_ascii=False) for value in facts.values()]}
    package.table("run", schema.RUN, pd.DataFrame(rows))
    chosen = random.choice(FINDINGS, DECISIONS, replace=False)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    package.carry_events("decisions", pd.DataFrame({
        "event_id": [f"e{n}" for n in range(DECISIONS)], "finding_id": frame["finding_id"].to_numpy()[chosen],
        "town_id": frame["town_id"].to_numpy()[chosen],
        "decision": random.choice(["resolved", "needs_adjustment"], DECISIONS),
        "reason": "已整改", "legal_basis": None, "author": "张三", "remark": None, "details": None, "recorded_at": now,
    }))  # fmt: skip
    package.commit()


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist" / "benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    package, result = folder / "panel.gpkg", folder / "panel.json"
    package.unlink(missing_ok=True)
    make(package)
    without, measured = (window(package, result, mode) for mode in ("without", "panel"))
    print(f"{'step':<24}{'ms':>8}{'target':>8}{'standstill':>12}")
    for step, (took, still) in measured["steps"].items():
        target = TARGETS.get(step.split()[0], "")
        print(f"{step:<24}{took:>8.0f}{target:>8}{still:>12.0f}")
    print(f"MB more than QGIS at its start: {without['mb']:.0f} with the layers alone, {measured['mb']:.0f} with both")


def window(package: Path, result: Path, mode: str) -> dict:
    """What was measured in one QGIS window: ``without`` the panel only the layers are shown."""
    facts = {"REDLINE_ROOT": str(ROOT), "REDLINE_PACKAGE": str(package), "REDLINE_RESULT": str(result)}
    command = ["xvfb-run", "-a", "-s", "-screen 0 1500x940x24", str(ROOT / "tools" / "qgis"), "--nologo"]
    command += ["--noversioncheck", "--code", __file__]
    subprocess.run(command, env={**os.environ, **facts, "REDLINE_MODE": mode}, check=True, timeout=300)
    return json.loads(result.read_text())


def inside() -> None:
    """In QGIS: each step, with a heartbeat that tells how long the event loop stood still."""
    import traceback

    from qgis.PyQt.QtCore import QTimer

    steps = iter(work() if os.environ["REDLINE_MODE"] == "panel" else without())

    def step() -> None:
        try:
            QTimer.singleShot(next(steps), step)
        except StopIteration:
            os._exit(0)
        except Exception:
            traceback.print_exc(file=sys.stdout)
            os._exit(1)

    QTimer.singleShot(4000, step)


class Heart:
    def __init__(self):
        from qgis.PyQt.QtCore import QTimer

        self.longest, self._last = 0.0, time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, 1000 * (now - self._last) - BEAT_MS), now

    def start(self) -> None:
        self.longest, self._last = 0.0, time.perf_counter()


def resident() -> float:
    """MB of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def without():
    """The layers of the package, shown by QGIS alone."""
    from qgis.core import QgsProject, QgsVectorLayer
    from qgis.utils import iface

    before = resident()
    for name in ("findings", "towns"):
        layer = QgsVectorLayer(f"{os.environ['REDLINE_PACKAGE']}|layername={name}", name, "ogr")
        layer.loadNamedStyle(str(ROOT / "resources" / "styles" / f"{name}.qml"))
        QgsProject.instance().addMapLayer(layer)
    iface.mapCanvas().setExtent(layer.extent())
    yield 8000
    Path(os.environ["REDLINE_RESULT"]).write_text(json.dumps({"mb": resident() - before}))


def work():
    """Yields how many ms to wait before it goes on."""
    from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, Qt
    from qgis.utils import iface, plugins

    plugin, heart, steps = plugins["redline_review"], Heart(), {}
    before = resident()
    panel = plugin.show_dock()
    iface.mainWindow().resizeDocks([plugin.dock], [640], Qt.Orientation.Horizontal)
    yield 1500

    def settle() -> None:
        """Until what was asked for is on the screen."""
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)

    def timed(name, action):
        """How long until it is done and drawn, and the longest standstill until half a second later."""
        heart.start()
        start = time.perf_counter()
        action()
        settle()
        steps[name] = [1000 * (time.perf_counter() - start), 0.0]
        yield 700
        steps[name][1] = heart.longest

    heart.start()
    start, opened = time.perf_counter(), []
    panel.opened.connect(lambda: opened.append(time.perf_counter()))
    panel.open(os.environ["REDLINE_PACKAGE"])
    while not opened:
        yield 20
    settle()
    steps["open"] = [1000 * (time.perf_counter() - start), 0.0]
    yield 6000  # the map is drawn
    steps["open"][1] = heart.longest
    tables, places = panel.tables, {column.key: n for n, column in enumerate(panel.tables.findings.columns)}
    for key in ("number", "area_m2", "line", "decision"):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            way = "up" if order == Qt.SortOrder.AscendingOrder else "down"
            sort = lambda key=key, order=order: tables.finding_view.sortByColumn(places[key], order)  # noqa: E731
            yield from timed(f"sort {key} {way}", sort)
    yield from timed("filter undecided", panel.chips.buttons["undecided"].click)
    yield from timed("filter off", panel.chips.buttons["undecided"].click)
    panel.search.blockSignals(True)
    panel.search.setText("0500")
    yield from timed("filter text", panel.narrowing.narrow)
    panel.search.setText("")
    panel.search.blockSignals(False)
    yield from timed("filter text off", panel.narrowing.narrow)
    panel.filters.least["area_m2"].blockSignals(True)
    panel.filters.least["area_m2"].setValue(5000)
    yield from timed("filter area", panel.narrowing.narrow)
    panel.filters.least["area_m2"].setValue(0)
    panel.filters.least["area_m2"].blockSignals(False)
    yield from timed("filter extent", panel.extentButton.click)
    yield from timed("filter extent off", panel.extentButton.click)
    for town in (1, 500, 999):
        yield from timed(f"select town {town}", lambda town=town: tables.town_view.selectRow(town))
    tables.town_view.clearSelection()
    yield 1000
    for place in (0, 1, 70_000):
        yield from timed(f"select finding {place}", lambda place=place: tables.finding_view.selectRow(place))
    panel.pages.form.author.setText("李四")
    panel.detail.setCurrentWidget(panel.pages.form)  # where the button is
    yield 500
    for number in range(4):
        yield from timed(f"decide {number}", panel.pages.form.record_next.click)
    tables.finding_view.clearSelection()
    yield 500
    Path(os.environ["REDLINE_RESULT"]).write_text(json.dumps({"steps": steps, "mb": resident() - before}))


if "REDLINE_PACKAGE" in os.environ:
    inside()
elif __name__ == "__main__":
    main()
