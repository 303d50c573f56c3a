"""The meeting pack (上会材料): one zip file of maps, papers, package and decisions, with an index page."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ..errors import RedlineError
from ..review.aside import Aside
from ..review.layers import cannot_write
from .content import Content
from .sheet_texts import stale, verdict_counts

INDEX = "index.html"
_STORED = (".png", ".pdf", ".docx", ".xlsx", ".zip")  # are compressed already
_STYLE = """body{font-family:"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;margin:3em auto;
max-width:46em;color:#141414;line-height:1.6}h1{font-size:1.6em}li{margin:.3em 0}.note{color:#666;font-size:.9em}
p.stale{background:#fff3cd;padding:.6em}"""


@dataclass(frozen=True)
class Part:
    """A file of the pack: ``folder`` it stands in there, ``title`` for readers."""

    path: Path
    folder: str
    title: str

    @property
    def name(self) -> str:
        return f"{self.folder}/{self.path.name}" if self.folder else self.path.name


def write_pack(parts: Sequence[Part], target: Path, content: Content, unit: str = "") -> None:
    """Write the parts and an index page of them to a zip file, which takes its place when it is whole.

    :raises RedlineError: ``cannot_write``, ``disk_full``.
    """
    try:
        aside = Aside(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    try:
        with zipfile.ZipFile(aside.path, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr(INDEX, index_page(parts, content, unit))
            for part in parts:
                stored = part.path.suffix.lower() in _STORED
                pack.write(part.path, part.name, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        with open(aside.path, "rb+") as file:
            os.fsync(file.fileno())
        aside.put()
    except RedlineError:
        raise
    except (OSError, zipfile.LargeZipFile) as error:
        raise cannot_write(target, error) from error
    finally:
        aside.discard()


def index_page(parts: Sequence[Part], content: Content, unit: str = "") -> str:
    """The page that leads to all parts, as HTML that needs nothing else."""
    texts, facts = content.texts, content.facts
    told = [texts.listed(texts.say("sheet_towns", count=content.count), verdict_counts(content))]
    if unit:
        told.append(texts.say("sheet_unit", value=unit))
    changed = stale(content)
    warned = f"<p class='stale'>{escape(changed)}</p>" if changed else ""
    links = "".join(f"<li><a href='{_address(part.name)}'>{escape(part.title)}</a></li>" for part in parts)
    run = texts.say(
        "sheet_run", run=facts.get("run_id") or "", day=str(facts.get("finished") or "")[:10],
        profile=texts.pick((facts.get("profile") or {}).get("name")),
    )  # fmt: skip
    title = escape(texts.say("pack_title"))
    return (
        f"<!DOCTYPE html><html lang='{'zh-CN' if texts.language == 'zh_CN' else 'en'}'><head><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width'><title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{title}</h1>{warned}{''.join(f'<p>{escape(one)}</p>' for one in told)}<ul>{links}</ul>"
        f"<p class='note'>{escape(run)}</p></body></html>"
    )


def _address(name: str) -> str:
    """A part's name as an address: what would end it, or begin an escape, is escaped."""
    for char in "%#?":
        name = name.replace(char, f"%{ord(char):02X}")
    return escape(name, quote=True)
