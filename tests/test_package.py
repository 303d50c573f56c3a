"""The zip that planners install."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def package(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([root / "tools" / "translate.sh"], check=True)
    subprocess.run([sys.executable, root / "tools" / "package.py", folder], check=True)
    (target,) = folder.iterdir()
    with zipfile.ZipFile(target) as opened:
        yield opened


def test_holds_what_is_shipped_and_nothing_else(package):
    names = set(package.namelist())
    for name in ("LICENSE", "metadata.txt", "__init__.py", "plugin.py", "i18n/redline_review_zh_CN.qm"):
        assert f"redline_review/{name}" in names
    inner = {name.split("/")[1] for name in names}
    assert not inner & {"tests", "benchmarks", "tools", "docs", "Makefile", "pyproject.toml", ".ci", ".gitignore"}


def test_text_is_utf8(package):
    for name in package.namelist():
        if name.endswith("qinghe_boundary.txt"):  # as land surveyors write it
            package.read(name).decode("gb18030")
        elif Path(name).suffix in {".py", ".txt", ".md", ".json", ".qml", ".svg", ".ts"}:
            package.read(name).decode("utf-8")


def test_installs_and_loads_from_the_zip(package, root, tmp_path):
    package.extractall(tmp_path / "plugins")
    (site,) = (root / ".venv" / "lib").glob("python3*/site-packages")
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QGIS_PLUGINPATH": str(tmp_path / "plugins"),
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile"),
        "PYTHONPATH": str(site),
    }

    def qgis_process(*arguments):
        done = subprocess.run(["qgis_process", *arguments], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    qgis_process("plugins", "enable", "redline_review")
    listed = qgis_process("list")
    assert "Traceback" not in listed
    assert "redline:overlap" in listed or "overlap\t" in listed.split("Redline Review")[1]
