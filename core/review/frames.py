"""The analysis put into the fields that are written."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..analysis.assess import Assessment
from ..analysis.coverage import LineExtent
from ..analysis.findings import OUTSIDE, OVERLAP, ZONE, Findings, rule_code
from ..analysis.judge import BELOW, zone_of
from ..analysis.pieces import widths
from ..errors import Issue
from ..profile import Judgement, Line, Profile
from ..report.texts import Texts
from . import schema
from .reading_towns import TownTable
from .town_fields import TownFields


def back_to_towns(overlay_crs: pyproj.CRS, crs: pyproj.CRS) -> Callable[[np.ndarray], np.ndarray]:
    """A function that takes geometries from the overlay CRS to the towns' (same datum, so without a shift)."""
    if overlay_crs.equals(crs, ignore_axis_order=True):
        return lambda geometry: geometry
    back = pyproj.Transformer.from_crs(overlay_crs, crs, always_xy=True)

    def transform(geometry: np.ndarray) -> np.ndarray:
        return shapely.transform(geometry, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))

    return transform


class Frames:
    """Turns assessments into data frames with the columns of `schema` and ``geometry`` in the towns' CRS."""

    def __init__(
        self, table: TownTable, lines: list[Line], profile: Profile, texts: Texts, extents: dict[str, LineExtent]
    ):
        self._table, self._towns, self._lines = table, table.towns, lines
        self._profile, self._texts, self._extents = profile, texts, extents
        self._approved = not np.isnan(table.towns.approved_m2).all()
        self._of_towns = TownFields(table, schema.summary_fields(lines, self._approved))
        self.summary_fields = self._of_towns.fields
        self._back = back_to_towns(table.overlay_crs, table.crs)
        # The number says the town by its name, unless two towns share it.
        unique, counts = np.unique(table.towns.name.astype(str), return_counts=True)
        shared = np.isin(table.towns.name.astype(str), unique[counts > 1])
        self._spoken = np.where(shared, table.towns.name + " " + table.towns.id, table.towns.name)

    def findings(self, assessment: Assessment) -> pd.DataFrame:
        """Findings of one group of towns; ``number`` holds what stands before the serial, ``state`` is empty yet;
        ``row`` is the place among the line's `Findings`."""
        frames = [self._line_findings(line, assessment.findings[line.id]) for line in self._lines]
        if not frames:
            columns = [field.name for field in schema.FINDINGS]
            return pd.DataFrame({name: pd.Series(dtype=object) for name in [*columns, "geometry", "row"]})
        frame = pd.concat(frames, ignore_index=True)
        frame = frame.sort_values(["town", "order", "area_m2"], ascending=[True, True, False], kind="stable")
        return frame.drop(columns=["town", "order"]).reset_index(drop=True)

    def _line_findings(self, line: Line, found: Findings) -> pd.DataFrame:
        towns = self._towns
        town = found.town
        with np.errstate(divide="ignore", invalid="ignore"):
            # Of all of a town it may be more than all by the last digits.
            share = np.minimum(found.area_m2 / towns.official_m2[town] * 100, 100.0)
        label, labels = pd.factorize(found.zone)
        zone = np.array([self._zone_name(line, text) for text in labels], dtype=object)[label]
        source_id = found.source_id.copy()
        for i in np.flatnonzero(found.kind != OVERLAP):
            source_id[i] = self._own_id(found, i, zone[i])
        finding_id = (towns.id + "/" + line.id + "/")[town] + source_id
        key = pd.Series(finding_id, dtype=object)
        twice = np.flatnonzero(key.duplicated(keep=False))  # the same feature drawn twice is two findings
        again = key.iloc[twice].groupby(key.iloc[twice]).cumcount()
        finding_id[twice] = [f"{own}#{n + 1}" if n else own for own, n in zip(finding_id[twice], again, strict=True)]
        return pd.DataFrame({
            "finding_id": finding_id, "number": (self._spoken + "-" + line.mark)[town], "town_id": towns.id[town],
            "town_name": towns.name[town], "line": line.id, "kind": found.kind, "zone": zone, "source_id": source_id,
            "severity": found.severity, "area_m2": found.area_m2, "share_pct": share, "width_m": widths(found.geometry),
            "state": "", "rule": self._rules(found), "geometry": self._back(found.geometry),
            "town": town, "order": self._lines.index(line), "row": np.arange(len(town)),
        })  # fmt: skip

    def _zone_name(self, line: Line, text: str) -> str:
        zone = zone_of(line, text)
        return zone.names[0] if zone and not text else text

    @staticmethod
    def _own_id(found: Findings, row: int, zone: str) -> str:
        """Identity of a finding that no source feature stands for."""
        if found.kind[row] == ZONE:
            return f"zone:{zone}"
        if found.size[row] == BELOW and found.kind[row] == OUTSIDE:
            return "below_tolerance"
        wkb = shapely.to_wkb(shapely.normalize(found.geometry[row]), byte_order=1)
        return blake2b(wkb, digest_size=8).hexdigest()

    def _rules(self, found: Findings) -> list[str]:
        memory: dict[tuple, str] = {}
        rules = []
        for judgement, size, severity in zip(found.judgement, found.size.tolist(), found.severity, strict=True):
            key = (id(judgement), size, severity)
            if key not in memory:
                code, rule = rule_code(size, severity), self._rule(judgement)
                memory[key] = self._texts.say(code, rule=rule) if code else rule
            rules.append(memory[key])
        return rules

    def _rule(self, judgement: Judgement) -> str:
        rule, clause = self._texts.pick(judgement.rule), self._texts.pick(judgement.clause)
        return self._texts.say("rule_with_clause", rule=rule, clause=clause) if clause else rule

    def summary(self, assessment: Assessment) -> pd.DataFrame:
        """One row per town of the group, indexed by the town's row."""
        towns, result = self._towns, assessment.summary
        rows = result.index.to_numpy()
        columns = {"town_id": towns.id[rows], "town_name": towns.name[rows], "area_m2": towns.official_m2[rows]}
        if self._approved:
            columns["appr_m2"] = towns.approved_m2[rows]
        columns |= {name: result[name].to_numpy() for name in result.columns}
        open_lines = [line.id for line in self._lines if not self._extents[line.id].declared]
        columns["undeclared"] = np.full(len(rows), ",".join(open_lines), dtype=object)
        return self._of_towns.layer(pd.DataFrame(columns, index=rows))

    def ledger(self, assessment: Assessment) -> pd.DataFrame:
        frame = self._named(assessment.ledger)
        frame["planar_m2"] = shapely.area(self._towns.overlay[assessment.ledger["town"].to_numpy()])
        return frame.reindex(columns=[field.name for field in schema.LEDGER])

    def conflicts(self, assessment: Assessment) -> pd.DataFrame:
        frame = self._named(assessment.conflicts)
        frame["geometry"] = self._back(frame["geometry"].to_numpy(object))
        return frame[[field.name for field in schema.CONFLICTS] + ["geometry"]]

    def _named(self, frame: pd.DataFrame) -> pd.DataFrame:
        town = frame["town"].to_numpy(np.int64)
        return frame.assign(town_id=self._towns.id[town], town_name=self._towns.name[town])

    def issues(self, issues: list[Issue]) -> pd.DataFrame:
        """Data issues in the language of the run; ``kind`` is the code, ``detail`` the text."""
        rows = [(i.layer, str(i.feature), i.code, i.severity, self._texts.issue(i)) for i in issues]
        frame = pd.DataFrame(rows, columns=[field.name for field in schema.ISSUES], dtype=object)
        places = np.full(len(issues), None, dtype=object)
        places[:] = [issue.geometry for issue in issues]
        return frame.assign(geometry=list(self._back(places)))
