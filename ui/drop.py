"""What may be dropped on the panel: review packages and files of decisions. All else is QGIS's to take."""

from __future__ import annotations

from qgis.PyQt.QtGui import QDropEvent

HEAD = 4096  # bytes of a file of decisions within which its name for itself stands


def dropped(event: QDropEvent) -> str:
    """The one package or file of decisions of ours that is dropped; empty for anything else."""
    paths = [url.toLocalFile() for url in event.mimeData().urls()]
    if len(paths) != 1:
        return ""
    ours = {".gpkg": _is_package, ".json": is_decisions}.get(paths[0][-5:].lower(), lambda path: False)
    return paths[0] if ours(paths[0]) else ""


def is_decisions(path: str) -> bool:
    """Whether a file of decisions is at ``path``, to be merged."""
    from ..core.review.exchange import FORMAT

    try:
        with open(path, "rb") as file:
            return path[-5:].lower() == ".json" and FORMAT.encode() in file.read(HEAD)
    except OSError:
        return False


def _is_package(path: str) -> bool:
    from ..core.errors import RedlineError
    from ..core.review.opening import open_package

    try:
        open_package(path, wait=0, newer=True).close()
    except RedlineError as error:  # one that is damaged or locked is opened to say so
        return error.code not in ("no_package", "not_a_package")
    return True
