"""What the tests share: the checkout, real data where it stands beside it, QGIS started as users start it."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time, so that a failure is the change's; HYPOTHESIS_PROFILE=default looks further.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def nothing_outlives_qgis(qgis_app):
    """A layer that is let go of after QGIS has ended closes its file with GDAL gone, which ends the process with a
    segmentation fault: what a failed test or a circle of references still holds has to go before."""
    yield
    from qgis.core import QgsProject

    from redline_review.processing.background import wait_for_workers

    wait_for_workers(10)
    QgsProject.instance().clear()
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):  # pytest keeps the last failure there
        vars(sys).pop(name, None)
    gc.collect()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real layers with reference figures; they are too large for the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real layers of ../shared/data are not here")
    return folder


@pytest.fixture(scope="session")
def qgis_process():
    """Run tools/qgis_process: a Python host such as pytest hides the clash of libraries that QGIS itself shows."""

    def run(*arguments, environment=None, timeout=300):
        return subprocess.run(
            [ROOT / "tools" / "qgis_process", *map(str, arguments)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **(environment or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run
