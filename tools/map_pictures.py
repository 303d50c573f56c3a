"""Takes the pictures of docs/maps.md: `.venv/bin/python tools/map_pictures.py PACKAGE FOLDER`. Needs Pillow.

PACKAGE is the sample's review, as `make demo` writes it; a copy of it gets a few decisions, so that they are seen.
"""

import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import QgsApplication, QgsFeedback

TOWN, DECIDED_ON = "QH01", "QH06"
PICTURES = {  # by language: the file that is drawn and the picture that is kept of it
    "zh_CN": {TOWN: "map_town", DECIDED_ON: "map_decided"},
    "en": {TOWN: "map_town", "overview": "map_overview"},
}
DPI, WIDTH = 200, 1400  # drawn fine, shown smaller
IMPRINTS = {"zh_CN": ("清河县自然资源局", "李四"), "en": ("Qinghe County Planning Institute", "Li Si")}
REASON = {"zh_CN": "边界外用地退出，另行选址", "en": "Land outside the boundary is given up, another site is chosen"}


def take(package: Path, folder: Path, language: str) -> None:
    from redline_review.core.report.content import Content
    from redline_review.core.report.sheet_texts import Imprint
    from redline_review.processing.maps.atlas import Look, open_atlas
    from redline_review.processing.maps.export import PNG, Way, export
    from redline_review.processing.maps.typeface import chosen

    content = Content(package, language)
    names = "".join(content.browsed.towns["town_name"])
    face = chosen("", content.texts.say("sheet_title", town=names), "title")
    with (
        tempfile.TemporaryDirectory() as made,
        open_atlas(content, Look(face), Imprint(*IMPRINTS[language], date.today())) as atlas,
    ):
        jobs = atlas.jobs(content.rows([TOWN, DECIDED_ON]), True)
        export(jobs, Path(made), Way(PNG, face.family, DPI), QgsFeedback())
        for name, picture in PICTURES[language].items():
            shrink(Path(made) / f"{name}.png", folder / f"{picture}.{language}.png")


def shrink(source: Path, target: Path) -> None:
    from PIL import Image

    with Image.open(source) as image:
        size = (WIDTH, round(image.height * WIDTH / image.width))
        if image.height > image.width:
            size = (round(WIDTH / 2**0.5), WIDTH)
        small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small.quantize(255, dither=Image.Dither.NONE).save(target, optimize=True)
    print(target, target.stat().st_size // 1000, "kB")


def decided(package: Path, language: str) -> None:
    from redline_review.core.review.package import open_package
    from redline_review.core.review.recording import Decided, record

    with open_package(package) as opened:
        found = opened.findings()
    own = found[(found["town_id"] == DECIDED_ON) & (found["kind"] == "outside")]
    who = IMPRINTS[language][1]
    details = {"responsible": IMPRINTS[language][0], "due": "2026-12-31"}
    record(package, [Decided(one, "needs_adjustment", who, reason=REASON[language], details=details)
                     for one in own["finding_id"].iloc[:2]])  # fmt: skip


def main() -> None:
    application = QgsApplication([], True)
    application.initQgis()
    folder = Path(sys.argv[2])
    for language in IMPRINTS:
        with tempfile.TemporaryDirectory() as own:
            package = Path(shutil.copy(sys.argv[1], Path(own) / "review.gpkg"))
            decided(package, language)
            take(package, folder, language)
    sys.stdout.flush()
    os._exit(0)  # QGIS's own end is not waited for


if __name__ == "__main__":
    main()
