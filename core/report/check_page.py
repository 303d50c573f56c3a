"""The data check as one page (.html) that needs nothing else."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from ..errors import Issue, RedlineError
from ..inputs.checks.run import Checked
from ..review.aside import Aside
from ..review.layers import cannot_write
from .papers.tables import plain
from .texts import Texts

STYLE = Path(__file__).resolve().parents[2] / "resources" / "report" / "page.css"  # that of the report
SEVERITIES = ("error", "warning", "notice")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_OPEN = 20  # issues of a kind up to which they are shown unfolded


def write_check_page(checked: Checked, path: Path, texts: Texts) -> None:
    """Write the page in the language of ``texts``; it is built aside and put in its place when it is whole.

    :raises RedlineError: ``cannot_write``, ``package_read_only``.
    """
    if path.exists() and not os.access(path, os.W_OK):  # renaming would put a new file in its place
        raise RedlineError("package_read_only", path=str(path))
    aside = None
    try:
        aside = Aside(path)
        with open(aside.path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(page(checked, texts))
            file.flush()
            os.fsync(file.fileno())
        aside.put()
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        if aside is not None:
            aside.discard()


def page(checked: Checked, texts: Texts) -> Iterator[str]:
    """The page, part by part: the layers, how much of what was found, and what is listed of it."""
    say = texts.words("check_page")
    style = STYLE.read_text(encoding="utf-8")
    language = "zh-CN" if texts.language == "zh_CN" else "en"
    yield (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_text(say["title"])}</title>'
        f"<style>\n{style}</style></head>\n<body><main>\n<header><h1>{_text(say['title'])}</h1></header>\n"
    )
    yield from _layers(checked, say)
    yield f"<section><h2>{_text(say['summary'])}</h2>\n"
    if checked.counts:
        yield from _summary(checked, texts, say)
    else:
        yield f"<p>{_text(say['none'])}</p>\n"
    yield "</section>\n"
    if checked.issues:
        yield f"<section><h2>{_text(say['list'])}</h2>\n"
        for (severity, code), issues in _grouped(checked.issues):
            yield from _kind(severity, code, issues, texts, say)
        yield "</section>\n"
    yield "</main></body></html>\n"


def kind_word(texts: Texts, code: str) -> str:
    """What an issue is called; those of the review's own codes have no word of their own."""
    words = texts.words("check_kind")
    return words.get(code, words["other"])


def _layers(checked: Checked, say) -> Iterator[str]:
    yield f"<section><h2>{_text(say['layers'])}</h2>\n"
    heads = [say[name] for name in ("layer", "features", "errors", "warnings", "notices")]
    found: Counter[tuple[str, str]] = Counter()
    for (layer, _, severity), count in checked.counts.items():
        found[layer, severity] += count
    rows = [
        (name, f"{count:,}", *(f"{found[name, severity]:,}" for severity in SEVERITIES))
        for name, count in dict.fromkeys(checked.layers)
    ]
    yield from _table(heads, rows, numbers=(1, 2, 3, 4))
    yield "</section>\n"


def _summary(checked: Checked, texts: Texts, say) -> Iterator[str]:
    heads = [say[name] for name in ("severity", "kind", "layer", "count", "advice")]
    order = sorted(checked.counts, key=lambda key: (SEVERITIES.index(key[2]), key[1], key[0]))
    advice = texts.words("check_advice")
    rows = [
        (
            texts.word("report_level", severity), kind_word(texts, code), layer,
            f"{checked.counts[layer, code, severity]:,}", advice.get(code, advice["other"]),
        )
        for layer, code, severity in order
    ]  # fmt: skip
    yield from _table(heads, rows, numbers=(3,))


def _kind(severity: str, code: str, issues: Sequence[Issue], texts: Texts, say) -> Iterator[str]:
    title = f"{texts.word('report_level', severity)} · {kind_word(texts, code)}"
    unfolded = " open" if len(issues) <= _OPEN else ""
    yield f"<details{unfolded}><summary>{_text(title)}<span>{len(issues):,}</span></summary>\n"
    heads = [say[name] for name in ("layer", "feature", "detail")]
    rows = ((issue.layer, issue.feature, texts.issue(issue)) for issue in issues)
    yield from _table(heads, rows)
    yield "</details>\n"


def _grouped(issues: Iterable[Issue]) -> list[tuple[tuple[str, str], list[Issue]]]:
    groups: dict[tuple[str, str], list[Issue]] = {}
    for issue in issues:
        groups.setdefault((issue.severity, issue.code), []).append(issue)
    return sorted(groups.items(), key=lambda group: (SEVERITIES.index(group[0][0]), group[0][1]))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> Iterator[str]:
    yield f'<div class="wide"><table><thead><tr>{"".join(f"<th>{_text(head)}" for head in heads)}</thead><tbody>\n'
    for row in rows:
        cells = (
            f'<td style="text-align:right">{_text(value)}' if place in numbers else f"<td>{_text(value)}"
            for place, value in enumerate(row)
        )  # fmt: skip
        yield f"<tr>{''.join(cells)}\n"
    yield "</tbody></table></div>\n"


def _text(text: str) -> str:
    return escape(plain(str(text)))
