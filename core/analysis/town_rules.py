"""The rules a town is measured by (特色小镇). They stand beside the verdict on the lines and never change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from ..intensity_rules import TownRule

MEETS, WATCH, NO_DATA = "meets", "watch", "no_data"

BELOW_LEAST, ABOVE_MOST, ABOVE_ENCOURAGED = "below_least", "above_most", "above_encouraged"
KIND_UNKNOWN, KIND_NOT_STATED, UNKNOWN = "kind_unknown", "kind_not_stated", "unknown"
PATCHY = "patchy"  # a figure that is only the least it can be
NEW_CONSTRUCTION, OLD_VILLAGE, NOT_PROVEN = "new_construction", "old_village", "no_new_construction_proven"

LIST_RULE = "provincial_list"
LISTED, NOT_LISTED = "listed", "not_listed"
STATUSES = (LISTED, "proposed", NOT_LISTED, "renamed", "cleared", "removed")
_ON_THE_LIST, _OFF_THE_LIST = (LISTED, "renamed"), (NOT_LISTED, "proposed", "cleared", "removed")

_ROUNDING = 1e-8  # relative: figures are quotients, and exactly on a threshold meets

_TYPES = {"town": np.int64, "rule": object, "figure": np.float64, "result": object, "remark": object}


def judge_rules(
    rules: Sequence[TownRule], figures: Mapping[str, np.ndarray], kinds: np.ndarray, review_object: str
) -> pd.DataFrame:
    """What each rule says of each town it is for, in the order of towns, then of rules.

    :param figures: by `TownRule.figure`, float64 (m,) in the rule's unit, NaN where unknown; one that is not there is
        unknown for all.
    :param kinds: object array (m,) of text, the kind of each town, ``""`` where unknown.
    :returns: ``town`` (index), ``rule`` (id), ``figure``, ``result`` (`MEETS`, `WATCH`, `NO_DATA`) and ``remark``,
        ``""`` or a code.

    A rule is for the review objects it names. One that is only for some kinds is for towns whose kind contains one of
    these words; for a town of unknown kind that has such a figure it is no data, 'kind_not_stated'. Of others

    - an unknown figure is no data, remark 'unknown';
    - a figure below ``at_least`` is to be watched, 'below_least';
    - one above ``at_most`` is to be watched, 'above_most', but not where the town's kind is without upper limit; where
      some kinds are and the town's is unknown, the remark is 'kind_unknown';
    - anything else meets, on a threshold too; above ``encouraged_at_most`` with the remark 'above_encouraged'.
    """
    frames = []
    for order, rule in enumerate(rules):
        if review_object not in rule.objects:
            continue
        every = np.asarray(figures.get(rule.figure, np.full(len(kinds), np.nan)), dtype=float)
        # A town of unknown kind is asked for it where there is a figure that the rule could be about.
        asked = (kinds == "") & ~np.isnan(every) & bool(rule.only_for)
        towns = np.flatnonzero(_contains(kinds, rule.only_for) | asked) if rule.only_for else np.arange(len(kinds))
        figure = every[towns]
        result, remark = _judged(rule, figure, kinds[towns])
        result, remark = np.where(asked[towns], NO_DATA, result), np.where(asked[towns], KIND_NOT_STATED, remark)
        frames.append(_frame(towns, rule.id, figure, result, remark).assign(order=order))
    if not frames:
        return _frame(np.empty(0), "", np.empty(0), [], [])
    frame = pd.concat(frames, ignore_index=True).sort_values(["town", "order"])
    return frame.drop(columns="order").reset_index(drop=True)


def _judged(rule: TownRule, figure: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    def above(limit: float | None) -> np.ndarray:
        return np.zeros(len(figure), dtype=bool) if limit is None else figure > limit * (1 + _ROUNDING)

    least = -np.inf if rule.at_least is None else rule.at_least
    unknown, below = np.isnan(figure), figure < least * (1 - _ROUNDING)
    exceeds = above(rule.at_most) & ~_contains(kinds, rule.no_upper_limit_for)
    undecided = exceeds & (kinds == "") & bool(rule.no_upper_limit_for)
    cases = [unknown, below, undecided, exceeds, above(rule.encouraged_at_most)]
    result = np.select(cases, [NO_DATA, WATCH, WATCH, WATCH, MEETS], MEETS)
    remark = np.select(cases, [UNKNOWN, BELOW_LEAST, KIND_UNKNOWN, ABOVE_MOST, ABOVE_ENCOURAGED], "")
    return result, remark


def list_rule(status: np.ndarray, proven_new: np.ndarray | None = None) -> pd.DataFrame:
    """What the provincial list says of each town, as rows of `judge_rules` without a figure (NaN).

    :param status: object array (m,), of `STATUSES` or `NO_DATA`.
    :param proven_new: (m,) whether new construction is proven: true or false where there is evidence (two dates of
        existing land use, a declared start), NaN where there is none; None where there is none at all.

    A town on the list, under its present or an earlier name, meets. One of which no list tells is no data, 'unknown'.
    Any other, proposed ones too, is to be watched where new construction is proven, 'new_construction'; it meets where
    evidence shows none, 'old_village': old villages are no finding; and without evidence it is not judged: no data,
    'no_new_construction_proven'.
    """
    proven = np.full(len(status), np.nan) if proven_new is None else np.asarray(proven_new, dtype=float)
    off = np.isin(status, _OFF_THE_LIST)
    cases = [np.isin(status, _ON_THE_LIST), ~off, off & np.isnan(proven), off & (proven != 0)]
    result = np.select(cases, [MEETS, NO_DATA, NO_DATA, WATCH], MEETS)
    remark = np.select(cases, ["", UNKNOWN, NOT_PROVEN, NEW_CONSTRUCTION], OLD_VILLAGE)
    return _frame(np.arange(len(status)), LIST_RULE, np.full(len(status), np.nan), result, remark)


def overall(frame: pd.DataFrame, count: int) -> np.ndarray:
    """Object array (count,) of what the rows of `judge_rules` come to for each town: `WATCH` if any is; else `NO_DATA`
    if any is or there is none; else `MEETS`."""
    result = np.full(count, NO_DATA, dtype=object)
    town, results = frame["town"].to_numpy(), frame["result"].to_numpy()
    for one in (MEETS, NO_DATA, WATCH):  # the later stands
        result[town[results == one]] = one
    return result


def _contains(kinds: np.ndarray, words: Iterable[str]) -> np.ndarray:
    wanted = [word.casefold() for word in words]
    return np.array([any(word in kind.casefold() for word in wanted) for kind in kinds], dtype=bool)


def _frame(towns, rule: str, figure, result, remark) -> pd.DataFrame:
    columns = {"town": towns, "rule": np.full(len(towns), rule, dtype=object), "figure": figure}
    return pd.DataFrame(columns | {"result": result, "remark": remark}).astype(_TYPES)
