"""Whether the Python libraries an analysis needs are there and agree with QGIS, before it uses them.

On Linux a wheel that brings its own GEOS, PROJ or GDAL must not be loaded into QGIS: the system's are in the global
symbol scope there, the wheel's copy calls into them, and QGIS crashes later. Such wheels are known by the folders they
keep those copies in, without importing them (QGIS imports shapely by itself, which does no harm yet). Importing the
libraries is left to when an analysis starts.
"""

import importlib
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from qgis.core import Qgis, QgsProjUtils

from ..i18n import tr

Need = tuple[str, ...]  # libraries any one of which is enough, the best first

OVERLAP: tuple[Need, ...] = (("numpy",), ("pandas",), ("shapely",), ("pyproj",), ("pyogrio", "fiona"))

# What each format of a report needs beside them, by suffix.
REPORTS: dict[str, tuple[Need, ...]] = {"docx": (("docx",),), "xlsx": (("openpyxl",),), "html": ()}

AT_LEAST = {"shapely": 2}  # major versions
FROM_PIP = {"docx": "python-docx"}  # whose name there is another than in Python
NATIVE = ("shapely", "pyproj", "pyogrio", "fiona", "rasterio", "exactextract")  # use GEOS, PROJ or GDAL
BUILT_FROM_SOURCE = ("shapely", "pyogrio", "exactextract")  # Debian 12 has them too old or not at all


def problem(needed: tuple[Need, ...] = OVERLAP, load: bool = False) -> str | None:
    """What keeps an analysis from running and the commands that mend it, for a planner to read; None where nothing.

    Imports nothing unless `load` is true, as it should be when the analysis starts: then the libraries are imported
    and the versions of GEOS, PROJ and GDAL they use are compared with QGIS's.
    """
    missing = [group[0] for group in needed if not any(_usable(name) for name in group)]
    if missing:
        return _explain_missing(missing)
    # Whichever of a group's libraries are there may be imported by one another, so each must be sound.
    present = [name for group in needed for name in group if find_spec(name)]
    clashing = {name: folder for name in present if name in NATIVE and (folder := bundled_copies(name))}
    if clashing:
        return _explain_clash(clashing)
    for name in present if load else ():
        try:
            importlib.import_module(name)
        except ImportError as error:
            return _explain_broken(name, error)
    different = list(_different_versions(present))
    return _explain_versions(different) if different else None


def bundled_copies(name: str) -> Path | None:
    """The folder in which an installed library keeps copies of GEOS, PROJ or GDAL, on Linux; None where it has none."""
    spec = find_spec(name)
    if not sys.platform.startswith("linux") or spec is None or not spec.submodule_search_locations:
        return None
    for package in map(Path, spec.submodule_search_locations):
        beside = (folder for folder in package.parent.glob("*.libs") if folder.name.lower() == f"{name}.libs")
        for folder in (*beside, package / ".libs", package / ".dylibs"):
            if folder.is_dir():
                return folder
    return None


def _usable(name: str) -> bool:
    """Whether a library is there and new enough."""
    if find_spec(name) is None:
        return False
    try:
        return int(metadata.version(name).split(".")[0]) >= AT_LEAST.get(name, 0)
    except (metadata.PackageNotFoundError, ValueError):
        return True  # installed without a record of its version: the import will tell


def _different_versions(names: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """(library, GEOS/PROJ/GDAL, its version there, its version in QGIS) of the imported libraries that differ.

    Major and minor are compared: a patch of the system's library reaches QGIS and the Python library alike.
    """
    for name in names:
        module = sys.modules.get(name)
        if module is None:
            continue
        if name == "shapely":
            compared = "GEOS", module.geos_version[:2], (Qgis.geosVersionMajor(), Qgis.geosVersionMinor())
        elif name == "pyproj":
            compared = (
                "PROJ",
                _numbers(module.proj_version_str),
                (QgsProjUtils.projVersionMajor(), QgsProjUtils.projVersionMinor()),
            )
        elif name in ("pyogrio", "fiona", "rasterio"):
            from osgeo import gdal

            compared = "GDAL", _numbers(module.__gdal_version__), _numbers(gdal.__version__)
        else:
            continue
        part, here, in_qgis = compared
        if tuple(here) != tuple(in_qgis):
            yield name, part, ".".join(map(str, here)), ".".join(map(str, in_qgis))


def _numbers(version: str | tuple[int, ...]) -> tuple[int, ...]:
    """Major and minor of a version given as text or as numbers."""
    parts = version.split(".") if isinstance(version, str) else version
    return tuple(int(part) for part in parts[:2])


def _explain_missing(names: list[str]) -> str:
    listed = ", ".join(f"{name} {AT_LEAST[name]}" if name in AT_LEAST else FROM_PIP.get(name, name) for name in names)
    what = tr("Redline Review cannot run here yet. These Python libraries are missing or too old: {names}.")
    if sys.platform == "win32":
        mend = tr('Open the "OSGeo4W Shell" from the Start menu, type this line, then restart QGIS:')
        commands = [f"python -m pip install --user {_requirements(names)}"]
    elif sys.platform == "darwin":
        mend = tr("Open Terminal, type this line, then restart QGIS:")
        commands = [f"{Path(sys.exec_prefix, 'bin', 'python3')} -m pip install --user {_requirements(names)}"]
    else:
        mend = tr("Type this in a terminal, then restart QGIS:")
        commands = _linux_commands(names)
    return "\n".join([what.format(names=listed), "", mend, *commands])


def _explain_clash(clashing: dict[str, Path]) -> str:
    what = tr(
        "Redline Review does not start, because QGIS would crash. These Python libraries bring their own copies of "
        "GEOS, PROJ or GDAL, which do not go together with QGIS's:"
    )
    listed = [f"{name} ({folder})" for name, folder in clashing.items()]
    mend = tr("Replace them by ones that share QGIS's copies. Type this in a terminal, then restart QGIS:")
    after = tr("If pip does not find them, remove the folders above, or take them off PYTHONPATH.")
    remove = f"python3 -m pip uninstall --break-system-packages {' '.join(clashing)}"
    return "\n".join([what, *listed, "", mend, remove, *_linux_commands(list(clashing)), "", after])


def _explain_broken(name: str, error: ImportError) -> str:
    what = tr("Redline Review cannot run here: the Python library {name} is damaged ({error}). Install it anew.")
    return what.format(name=name, error=error)


def _explain_versions(different: list[tuple[str, str, str, str]]) -> str:
    what = tr("Redline Review does not start, because its results could be wrong or QGIS could crash:")
    row = tr("{library} uses {part} {here}, but QGIS uses {part} {in_qgis}")
    listed = [
        row.format(library=name, part=part, here=here, in_qgis=in_qgis) for name, part, here, in_qgis in different
    ]
    names = [name for name, *_ in different]
    if sys.platform.startswith("linux"):
        mend = tr("Replace them by ones that share QGIS's copies. Type this in a terminal, then restart QGIS:")
        return "\n".join([what, *listed, "", mend, *_linux_commands(names)])
    mend = tr("Remove what was installed beside QGIS, so that QGIS's own is used, then restart QGIS:")
    return "\n".join([what, *listed, "", mend, f"python -m pip uninstall {' '.join(names)}"])


def _linux_commands(names: list[str]) -> list[str]:
    """Commands that install libraries linked to the system's own GEOS, PROJ and GDAL."""
    from_source = [name for name in names if name in BUILT_FROM_SOURCE]
    packages = [f"python3-{name}" for name in names if name not in BUILT_FROM_SOURCE]
    if from_source:
        packages += ["python3-pip", "python3-dev", "build-essential", "cmake", "libgeos-dev", "libgdal-dev"]
    commands = [f"sudo apt install {' '.join(packages)}"]
    if from_source:
        commands.append(
            "python3 -m pip install --user --break-system-packages --force-reinstall --no-deps "
            f"--no-binary {','.join(from_source)} {_requirements(from_source)}"
        )
    return commands


def _requirements(names: list[str]) -> str:
    """The libraries as pip wants them, with their least versions."""
    return " ".join(f'"{name}>={AT_LEAST[name]}"' if name in AT_LEAST else FROM_PIP.get(name, name) for name in names)
