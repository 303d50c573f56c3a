"""Other programs that open what we write: LibreOffice and Chromium, where they are installed."""

import os
import shutil
import subprocess

import pytest


def libreoffice(path, to, folder):
    """The file converted, ``to`` being a suffix; skips the test where LibreOffice is not there."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice is not here: apt-get install libreoffice-writer libreoffice-calc")
    folder.mkdir(exist_ok=True)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", to, "--outdir", str(folder), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    made = folder / f"{path.stem}.{to}"
    assert made.is_file(), done.stdout + done.stderr
    return made


def chromium(path, picture):
    """What Chromium shows of a page, as a PNG; what it had to complain of. Skips the test where it is not there."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("Chromium is not here: apt-get install chromium")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
               "--window-size=1200,1600", f"--screenshot={picture}", path.as_uri()]  # fmt: skip
    environment = {**os.environ, "HOME": str(picture.parent)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment)
    assert picture.is_file(), done.stderr
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]
