"""Missing and clashing libraries are found out before they can do harm."""

import os
import subprocess
import sys
import textwrap

import pytest

from redline_review.processing import libraries

ASK = """
    import sys
    import qgis.core  # imports shapely, and with it numpy, itself
    before = set(sys.modules)
    from redline_review.processing import libraries
    print(libraries.problem(load={load}))
    needed = {{name for group in libraries.OVERLAP for name in group}}
    print("imported:", *sorted((set(sys.modules) - before) & needed))
"""


def ask(path, load=False):
    """What a fresh Python says that has `path` first on its path: the answer, and the libraries it imported."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(ASK.format(load=load))],
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answer, _, imported = done.stdout.strip().rpartition("imported:")
    return answer.strip(), imported.split()


def put(site, package, code=""):
    (site / package).mkdir()
    (site / package / "__init__.py").write_text(code)


def test_nothing_is_wrong_here_and_asking_imports_nothing(tmp_path):
    assert ask(tmp_path) == ("None", [])


def test_versions_agree_here(tmp_path):
    answer, imported = ask(tmp_path, load=True)
    assert answer == "None"
    assert {"pandas", "pyproj", "pyogrio"} <= set(imported)


@pytest.mark.parametrize(
    ("package", "folder"),
    [
        ("shapely", "shapely.libs"),
        ("shapely", "Shapely.libs"),
        ("pyproj", "pyproj.libs"),
        ("pyproj", "pyproj/.libs"),
        ("pyogrio", "pyogrio.libs"),
        ("fiona", "fiona.libs"),
    ],
)
def test_a_wheel_that_bundles_its_own_copies_is_refused_unimported(tmp_path, package, folder):
    put(tmp_path, package)
    (tmp_path / folder).mkdir()
    answer, imported = ask(tmp_path, load=True)
    assert str(tmp_path / folder) in answer
    assert f"pip uninstall --break-system-packages {package}" in answer
    assert package not in imported


def test_wheels_of_other_systems_may_bundle(tmp_path, monkeypatch):
    put(tmp_path, "redline_example")
    (tmp_path / "redline_example.libs").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert libraries.bundled_copies("redline_example") == tmp_path / "redline_example.libs"
    monkeypatch.setattr(sys, "platform", "win32")
    assert libraries.bundled_copies("redline_example") is None


@pytest.mark.parametrize(
    ("package", "code", "said"),
    [
        ("shapely", "geos_version = (3, 99, 0)\n__version__ = '2.1.0'", "shapely uses GEOS 3.99, but QGIS uses GEOS"),
        ("pyproj", "proj_version_str = '99.1.0'", "pyproj uses PROJ 99.1, but QGIS uses PROJ"),
        ("pyogrio", "__gdal_version__ = (2, 99, 1)", "pyogrio uses GDAL 2.99, but QGIS uses GDAL"),
        ("fiona", "__gdal_version__ = '2.99.1'", "fiona uses GDAL 2.99, but QGIS uses GDAL"),
    ],
)
def test_other_versions_than_qgis_uses_are_refused(tmp_path, package, code, said):
    put(tmp_path, package, code)
    assert said in ask(tmp_path, load=True)[0]


def test_a_library_that_cannot_be_imported_is_named(tmp_path):
    put(tmp_path, "pandas", "raise ImportError('DLL load failed')")
    answer, _ = ask(tmp_path, load=True)
    assert "pandas is damaged (DLL load failed)" in answer


def test_a_shapely_too_old_is_named(tmp_path):
    put(tmp_path, "shapely")
    record = tmp_path / "Shapely-1.8.5.dist-info" / "METADATA"
    record.parent.mkdir()
    record.write_text("Metadata-Version: 2.1\nName: Shapely\nVersion: 1.8.5\n")
    answer, _ = ask(tmp_path)
    assert "shapely 2" in answer
    assert "--no-binary shapely" in answer


@pytest.fixture
def without(monkeypatch):
    """Make libraries look uninstalled."""

    def hide(*names):
        real = libraries.find_spec
        monkeypatch.setattr(libraries, "find_spec", lambda name: None if name in names else real(name))

    return hide


def test_either_reader_is_enough(without):
    without("pyogrio")
    assert libraries.problem() is None


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        ("linux", "sudo apt install"),
        ("win32", "OSGeo4W Shell"),
        ("darwin", "Terminal"),
    ],
)
def test_what_is_missing_is_named_with_the_way_to_get_it(without, monkeypatch, platform, said):
    without("pyogrio", "fiona", "pandas")
    monkeypatch.setattr(sys, "platform", platform)
    answer = libraries.problem()
    assert "pandas, pyogrio" in answer
    assert said in answer


def test_qgis_itself_refuses_a_wheel_and_does_not_crash(tmp_path, qgis_process):
    """A real wheel from the package index, which bundles its own GEOS, first on QGIS's path."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    got = subprocess.run([*command, "--target", tmp_path, "shapely>=2"], capture_output=True, text=True, timeout=300)
    if got.returncode or not (tmp_path / "shapely.libs").is_dir():
        pytest.skip(f"pip cannot get a wheel of shapely here: {got.stderr.strip()[-200:]}")
    square = tmp_path / "towns.geojson"
    square.write_text('{"type": "Polygon", "coordinates": [[[125, 43], [125.1, 43], [125, 43.1], [125, 43]]]}')
    parameters = (f"TOWNS={square}", f"FARMLAND={square}", f"SUMMARY={tmp_path / 'summary.gpkg'}")
    done = qgis_process("run", "redline:overlap", "--", *parameters, environment={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1, done.stderr
    assert str(tmp_path / "shapely.libs") in done.stdout + done.stderr
