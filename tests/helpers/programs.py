"""Other programs that open what we write: LibreOffice and Chromium, where they are installed."""

import os
import re
import shutil
import subprocess
from html import escape

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


def refreshed(path, folder):
    """The document as a PDF, after LibreOffice has brought its contents up to date as it does when asked."""
    macro = """Sub Refresh(source, target)
      Dim hidden(0) As New com.sun.star.beans.PropertyValue
      hidden(0).Name = "Hidden"
      hidden(0).Value = True
      opened = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
      indexes = opened.getDocumentIndexes()
      For n = 0 To indexes.getCount() - 1
        indexes.getByIndex(n).update()
      Next n
      Dim pdf(0) As New com.sun.star.beans.PropertyValue
      pdf(0).Name = "FilterName"
      pdf(0).Value = "writer_pdf_Export"
      opened.storeToURL(target, pdf())
      opened.close(True)
    End Sub"""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice is not here: apt-get install libreoffice-writer")
    copy, made = folder / "a.docx", folder / "a.pdf"  # names that the address of a macro may hold
    shutil.copy(path, copy)

    def run(*asked):
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        return subprocess.run([office, profile, "--headless", *asked], capture_output=True, text=True, timeout=180)

    run("--terminate_after_init")  # makes the profile, with a module that is still empty
    module = folder / "profile" / "user" / "basic" / "Standard" / "Module1.xba"
    empty = module.read_text(encoding="utf-8")
    module.write_text(re.sub(r"REM.*(?=</script:module>)", escape(macro), empty, flags=re.DOTALL), encoding="utf-8")
    done = run(f"macro:///Standard.Module1.Refresh({copy.as_uri()},{made.as_uri()})")
    assert made.is_file(), done.stdout + done.stderr
    return made


def chromium(path, picture):
    """What Chromium shows of a page, as a PNG, or how it prints it, as a PDF; what it had to complain of. Skips the
    test where it is not there."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("Chromium is not here: apt-get install chromium")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
               "--window-size=1200,1600", f"--{'print-to-pdf' if picture.suffix == '.pdf' else 'screenshot'}={picture}",
               path.as_uri()]  # fmt: skip
    environment = {**os.environ, "HOME": str(picture.parent)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment)
    assert picture.is_file(), done.stderr
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]
