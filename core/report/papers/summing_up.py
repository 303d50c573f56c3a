"""The conclusions of a report in sentences: of all towns together, then town by town."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ...review.lifecycle import OPEN
from ..content import Content, TownContent
from ..sheet_texts import VERDICTS
from ..texts import Texts
from .finding_tables import counts
from .gaps import gaps
from .numerals import section_title
from .tables import HA, MU, Column, added, printed
from .town_tables import hectares, mu_of


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


def conclusions(content: Content, towns: Sequence[TownContent], day: date) -> list[Heading | Words]:
    """How many towns of each verdict and what was not checked, then each town's conclusion with both its verdicts."""
    blocks: list[Heading | Words] = [Words(text) for text in _overall(content, towns, day)]
    for number, one in enumerate(towns, 1):
        blocks.append(Heading(section_title(content.texts, 1, number, one.town["town_name"])))
        blocks.append(Words(one.conclusion))
        blocks.append(Words(_verdicts(content, one)))
    return blocks


def finding_words(content: Content, towns: Sequence[TownContent]) -> Words:
    """How many findings there are of each severity, and how many are decided on."""
    texts, found = content.texts, counts(towns)
    if towns and all(one.town["findings"] is None for one in towns):
        return Words(texts.say("report_none_checked"))
    decided = [now for one in towns for now in (content.browsed.decided.get(key) for key in one.standing["finding_id"])]
    decided = [now for now in decided if now and now.decision != OPEN]
    undecided = int(np.nansum([content.browsed.open_findings[one.row] for one in towns]))
    stale = sum(now.stale for now in decided)
    below = found.pop("below_tolerance")
    said = [texts.say("report_count", what=content.word("severity", code), count=n) for code, n in found.items()]
    words = texts.listed(texts.say("report_found", count=sum(found.values())), said)
    words += texts.say("report_below", count=below) if below else texts.say("conclusion_end")
    return Words(words + texts.say("report_decided", decided=len(decided), stale=stale, undecided=undecided))


def some(texts: Texts, names: Sequence[str], most: int = 20) -> str:
    """Names in a sentence: of many the first, and how many there are."""
    said = texts.comma.join(names[:most])
    return said if len(names) <= most else texts.say("report_and_more", names=said, count=len(names))


def _overall(content: Content, towns: Sequence[TownContent], day: date) -> list[str]:
    texts = content.texts
    ha, mu = (
        printed(added([(measure(one.town["area_m2"]),) for one in towns], 0, Column("", kind, True)), kind)
        for measure, kind in ((hectares, HA), (mu_of, MU))
    )
    kind_of = texts.words("report_object").get(content.facts.get("review_object") or "")
    scope = texts.bracketed(kind_of) if kind_of else ""
    said = [texts.say("report_scope", count=len(towns), ha=ha, mu=mu, object=scope)]
    for kind, key in (("verdict", "machine"), ("reviewed_verdict", "reviewed")):
        counted = Counter(one.town[kind] for one in towns)
        verdicts = [texts.say("report_count", what=content.word(kind, code), count=counted[code])
                    for code in VERDICTS if counted[code]]  # fmt: skip
        said.append(texts.listed(texts.word("report_column", key), verdicts) + texts.say("conclusion_end"))
    unchecked = [(one.town["town_name"], gaps(content, one)) for one in towns]
    named = [name + texts.bracketed(texts.comma.join(some)) for name, some in unchecked if some]
    if named:
        said.append(texts.say("report_gaps", count=len(named), towns=some(texts, named)))
    else:
        said.append(texts.say("report_no_gaps"))
    undeclared = {line for one in towns for line in str(one.town.get("undeclared") or "").split(",") if line}
    if undeclared:
        lines = [content.line(line.id) for line in content.lines.lines if line.id in undeclared]
        said.append(texts.say("report_undeclared", lines=lines))
    said.append(texts.say("report_as_of", year=day.year, month=day.month, day=day.day))
    return said


def _verdicts(content: Content, one: TownContent) -> str:
    texts, town = content.texts, one.town
    verdicts = {"machine": content.word("verdict", town["verdict"]),
                "reviewed": content.word("reviewed_verdict", town["reviewed_verdict"])}  # fmt: skip
    if town["findings"] is None:
        said = texts.say("report_verdicts_unchecked", **verdicts)
    else:
        undecided = int(content.browsed.open_findings[one.row])
        said = texts.say("report_verdicts", **verdicts, findings=int(town["findings"]), undecided=undecided)
    missing = gaps(content, one)
    if missing:
        said += texts.say("report_town_gaps", lines=missing)
    rules = content.word("town_rules", town.get("town_rules"))
    if rules:
        said += texts.say("report_town_rules", rules=rules)
    return said
