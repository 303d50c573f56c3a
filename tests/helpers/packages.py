"""Small review packages for the tests."""

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pyproj
import shapely

from redline_review.core.inputs.source import Field
from redline_review.core.profile import Changes
from redline_review.core.review import schema
from redline_review.core.review.package import SCHEMA_VERSION, PackageWriter, open_package
from redline_review.core.review.previous import Previous

CRS = pyproj.CRS("EPSG:4530")
EAST, NORTH = 42_500_000, 4_850_000
TOWNS = [
    Field("town_id", "text"), Field("town_name", "text"), Field("area_m2", "real"), Field("unchecked", "text"),
    Field("verdict", "text"), schema.REVIEWED,
]  # fmt: skip
LAYERS = {
    "towns": TOWNS,
    "findings": schema.FINDINGS,
    "lines": schema.LINES,
    "line_conflicts": schema.CONFLICTS,
    "data_issues": schema.ISSUES,
}


def box(x, y, width, height=None):
    """A rectangle in metres from the county's south-west corner."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + (height or width))


def findings(rows):
    """Findings as a run hands them to `Previous.match`: (town, line, source id, geometry) or with a kind at the end."""
    full = [(*row, "overlap")[:5] for row in rows]
    columns = {
        "finding_id": [f"{town}/{line}/{source}" for town, line, source, _, _ in full],
        "number": [f"{town}镇-{line[0]}" for town, line, *_ in full],
        "town_id": [row[0] for row in full],
        "town_name": [f"{row[0]}镇" for row in full],
        "line": [row[1] for row in full],
        "kind": [row[4] for row in full],
        "zone": "",
        "source_id": [row[2] for row in full],
        "severity": "violation",
        "area_m2": shapely.area([row[3] for row in full]),
        "share_pct": 1.0,
        "width_m": 2.0,
        "state": "",
        "rule": "不得占用",
    }
    frame = pd.DataFrame(columns, index=range(len(full)))
    geometry = np.empty(len(full), dtype=object)
    geometry[:] = [row[3] for row in full]
    return frame.assign(geometry=geometry)


def ledger(*rows):
    return pd.DataFrame(rows, columns=["town_id", "line", "checked_pct"])


def decision(event_id, finding_id="A/farm/1", **values):
    event = {
        "event_id": event_id, "finding_id": finding_id, "town_id": "A", "decision": "accepted_exception",
        "reason": "国家重大项目", "legal_basis": "土地管理法", "author": "王工", "remark": None, "details": "{}",
        "recorded_at": "2026-05-01T08:00:00Z",
    }  # fmt: skip
    return {**event, **values}


def record(path, *events, timeout=10):
    """Append decisions as the dock does."""
    with closing(sqlite3.connect(path, timeout=timeout)) as connection, connection:
        for event in events:
            names = ", ".join(event)
            connection.execute(
                f"INSERT INTO decisions ({names}) VALUES ({', '.join('?' * len(event))})", list(event.values())
            )


def build(path, frame, run_id="r", wait=10.0, version=SCHEMA_VERSION, crs=CRS):
    """A writer with everything written, ready to be committed."""
    package = PackageWriter(path, wait=wait)
    layers = {name: package.layer(name, fields, crs) for name, fields in LAYERS.items()}
    town_ids = sorted(set(frame["town_id"]))
    towns = {"town_id": town_ids, "town_name": town_ids, "area_m2": 1e6, "unchecked": "", "verdict": "violation"}
    towns["reviewed_verdict"] = "violation"
    geometry = [box(index * 10_000, 0, 1000) for index in range(len(town_ids))]
    layers["towns"].write(pd.DataFrame({**towns, "geometry": geometry}, index=range(len(town_ids))))
    layers["findings"].write(frame)
    package.table("ledger", schema.LEDGER, pd.DataFrame(columns=[field.name for field in schema.LEDGER]))
    rows = {"key": ["schema_version", "run_id"], "value": [str(version), f'"{run_id}"']}
    package.table("run", schema.RUN, pd.DataFrame(rows))
    return package


def review(path, frame, previous=None, checked=None, run_id="r", changes=None, crs=CRS):
    """One run: match with ``previous`` (a path), write, commit; the findings as written."""
    changes = changes or Changes()
    with Previous(open_package(previous) if previous else None, changes, crs) as earlier:
        matched = earlier.match(frame, checked)
        package = build(path, matched, run_id, crs=crs)
        package.carry_events("decisions", earlier.decisions())
        package.carry_events("checklist", earlier.checklist())
        package.carry_numbers(earlier.numbers())
        package.commit()
    return matched


def content(path):
    """Everything a reader sees of the findings and the run, for comparing before and after."""
    with open_package(path) as package:
        frame = package.findings()
        rows = frame.assign(geometry=shapely.to_wkt(frame["geometry"])).to_dict("records")
        return rows, package.manifest(), package.decisions().to_dict("records")


def integrity(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall()
