"""A review of three sites on which people decide, and what goes on around: full disks, other processes, odd texts."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import date

import pytest
from support import MemorySource, review, square

from redline_review.core.review.package import open_package
from redline_review.core.review.recording import Decided

TODAY = date(2026, 5, 1)
EVERYWHERE, FAR = square(-5000, -5000, 40_000), square(30_000, 30_000, 10)
FARM, FARM_TOO, ECO = "T0/farmland/F0", "T0/farmland/F1", "T1/eco_redline/E0"
APPROVAL = {
    "authority": "国务院", "authority_level": "state_council", "document": "国函〔2025〕1号",
    "approved_on": "2025-03-01", "approved_m2": 10_000, "valid_until": "2027-03-01",
}  # fmt: skip


def run(path, side=100, **options):
    """A review of three sites: two patches of farmland in the first, redline in the second, nothing in the third."""
    named = {"code": ["T0", "T1", "T2"], "name": ["清河镇", "新市镇", "柳树镇"]}
    towns = MemorySource("towns", [square(2000 * n, 0, 1000) for n in range(3)], named)
    farm = [square(100, 100, side), square(300, 100, side), FAR]
    core = {"HXFQMC": ["核心保护区"] * 2, "BSM": ["E0", "E1"]}
    lines = {
        "eco_redline": MemorySource("eco", [square(2100, 100, 50), FAR], core),
        "farmland": MemorySource("farm", farm, {"BSM": ["F0", "F1", "F2"]}),
        "urban_boundary": MemorySource("udb", [EVERYWHERE], {"GHFQMC": ["集中建设区"]}),
    }
    options = {"review_object": "site", "coverage": [EVERYWHERE], "town_name_field": "name", **options}
    return review(towns, lines, package=path, **options)


def exception(finding=FARM, author="张三", **facts):
    return Decided(finding, "accepted_exception", author, "国家重大项目", "土地管理法", details={**APPROVAL, **facts})


def false_positive(finding=FARM, author="张三", **facts):
    return Decided(finding, "false_positive", author, "影像误读", details=facts)


def verified(finding=FARM, author="李四"):
    return Decided(finding, "verified", author)


def events(path):
    with open_package(path) as package:
        return package.decisions().to_dict("records")


def verdicts(path):
    """The reviewed verdicts of the three sites."""
    with open_package(path) as package:
        return package.towns()["reviewed_verdict"].tolist()


@contextmanager
def mounted(folder, *options):
    """A small disk of memory, or the same folder seen read-only; only root may make one."""
    folder.mkdir(exist_ok=True)
    if not shutil.which("mount") or subprocess.run(["mount", *options, folder], capture_output=True).returncode:
        pytest.skip("mounting a small or read-only disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def started(program, root, *arguments):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], cwd=root, env=environment)


TEXTS = {
    "emoji": "同意👩‍👩‍👧‍👦🏗️🀄",
    "100,000 characters": "永久基本农田" * 16_667,
    "right to left": "مرفوض \u202e‏لا‎ עברית",
    "marks and controls": "quote ' \" ; -- \\ \t\r\n {x} %s \u200b\ufeff é",
    "rare": "𠮷𡈽㐀\U0002a6d6 \U0010ffff",
    "null": "before\x00after",
}
