"""A whole review of the sample county, with decisions and answers, for what is printed of a review."""

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from redline_review.core.inputs.files import FileSource
from redline_review.core.inputs.rasters import RasterSource
from redline_review.core.inputs.tables import CsvSource
from redline_review.core.profile import load_profile
from redline_review.core.review.checklist import Answered, answer
from redline_review.core.review.figures import FigureRequest
from redline_review.core.review.intensity_request import IntensityRequest, LandUseLayer
from redline_review.core.review.recording import Decided, record
from redline_review.core.review.request import ReviewRequest
from redline_review.core.review.run import run_review

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
LINES = {"eco_redline": "STBHHX", "farmland": "YJJBNTTB", "urban_boundary": "CZKFBJ"}
# Of the town QH09, with four findings on farmland; of QH06, with six outside the boundary; of QH01, with a violation.
FARM = "QH09/farmland/"
APPROVAL = {
    "authority": "国务院", "authority_level": "state_council", "document": "国函〔2025〕1号",
    "approved_on": "2025-03-01", "approved_m2": 10_000, "valid_until": "长期",
}  # fmt: skip


def sample_review(folder: Path, language: str = "zh_CN") -> Path:
    """A copy of its own of the package, in ``folder``."""
    return Path(shutil.copy(_reviewed(language), Path(folder) / "清河县.gpkg"))


def decide_some(path: Path) -> dict[str, str]:
    """Decisions of every kind and two answers; by decision the number of the finding it is on."""
    from redline_review.core.review.package import open_package

    with open_package(path) as package:
        found = package.findings()
    farm = found[(found["town_id"] == "QH09") & (found["line"] == "farmland")]
    outside = found[(found["town_id"] == "QH06") & (found["kind"] == "outside")]
    chosen = {
        "accepted_exception": farm.iloc[0], "false_positive": farm.iloc[1], "needs_adjustment": outside.iloc[0],
        "resolved": outside.iloc[1],
    }  # fmt: skip
    task = {"responsible": "柳河镇政府", "due": "2026-12-31", "action": "退出边界外用地"}
    facts = {"accepted_exception": APPROVAL, "needs_adjustment": task, "resolved": task}
    why = {"author": "张三", "reason": "国家重大项目", "legal_basis": "土地管理法", "remark": "见附件"}
    record(path, [
        Decided(one["finding_id"], decision, **why, details=facts.get(decision, {}))
        for decision, one in chosen.items()
    ])  # fmt: skip
    record(path, [Decided(chosen["resolved"]["finding_id"], "verified", "李四")])
    answer(path, [
        Answered("QH01", "industry", "yes", "王工", "可研报告第3章"), Answered("QH01", "real_estate", "yes", "王工"),
    ])  # fmt: skip
    return {decision: one["number"] for decision, one in chosen.items()}


@lru_cache
def _reviewed(language: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="redline-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

    def read(name: str) -> FileSource:
        return FileSource(SAMPLE / "qinghe.gpkg", name)

    measured = IntensityRequest(
        land_use=LandUseLayer(read("DLTB")), planned=LandUseLayer(read("GHYD")), earlier=LandUseLayer(read("DLTB_QQ")),
        land_cover=RasterSource(SAMPLE / "qinghe_landcover.tif"), buildings=read("JZW"), floors_field="CS",
        height_field="GD", figures=FigureRequest(table=CsvSource(SAMPLE / "qinghe_figures.csv")),
        town_list=CsvSource(SAMPLE / "qinghe_list.csv"),
    )  # fmt: skip
    request = ReviewRequest(
        towns=read("TSXZ_GHFW"), profile=load_profile(), lines={line: read(name) for line, name in LINES.items()},
        coverage=read("COVERAGE"), coverage_line_field="line", town_id_field="XZBH", town_name_field="XZMC",
        approved_area_field="PZMJ", kind_field="CYLX", intensity=measured, package=folder / "review.gpkg",
        language=language,
    )  # fmt: skip
    run_review(request)
    return folder / "review.gpkg"
