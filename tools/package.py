"""Builds dist/redline_review-<version>.zip for QGIS's "Install from ZIP".

`python tools/package.py [FOLDER]`. In it: what git tracks of the parts that are shipped, and the compiled translations.
"""

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ["core", "i18n", "processing", "resources", "ui"]
SHIPPED += ["CHANGELOG.md", "LICENSE", "README.md", "__init__.py", "metadata.txt", "plugin.py", "requirements.txt"]
LARGEST = 25_000_000  # bytes the plugin repository accepts
BINARIES = {".dll", ".dylib", ".exe", ".pyc", ".pyd", ".so", ".whl"}


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main(folder: Path) -> Path:
    """Write the zip into `folder` and return its path; ends with a message where it would not be accepted."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    tracked = [Path(name) for name in git("ls-files", "-z", "--", *SHIPPED).split("\0") if name]
    compiled = [path.relative_to(ROOT) for path in ROOT.glob("i18n/*.qm")]
    if not compiled:
        sys.exit("package: the translations are not compiled: run make package, or tools/translate.sh")
    if binaries := [str(path) for path in tracked if path.suffix in BINARIES]:
        sys.exit(f"package: the plugin repository takes no binaries: {', '.join(binaries)}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"redline_review-{metadata['general']['version']}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted({*tracked, *compiled}):
            package.write(ROOT / path, Path("redline_review") / path)
    if (size := target.stat().st_size) > LARGEST:
        sys.exit(f"package: {target} has {size} bytes, the plugin repository takes {LARGEST}")
    print(f"{target} ({size / 1e6:.1f} MB, {len(tracked) + len(compiled)} files)")
    return target


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
