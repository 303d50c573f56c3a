"""What the tests share: the checkout, real data where it stands beside it, QGIS started as users start it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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
