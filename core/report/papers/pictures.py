"""Pictures of maps for document and page: whole PNG files, without what programs write beside the picture."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from ..texts import Texts

MOST_BYTES = 200_000_000  # of all pictures in one file: more, and nobody can open it
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN = (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"IDAT", b"IEND")


@dataclass(frozen=True)
class Png:
    """``width``, ``height``: in pixels."""

    content: bytes
    width: int
    height: int

    def stream(self) -> BytesIO:
        return BytesIO(self.content)

    def address(self) -> str:
        """The picture itself as the address of an image."""
        return "data:image/png;base64," + b64encode(self.content).decode()


class Pictures:
    """Reads pictures one by one until they are too much for one file.

    :param most: bytes of all of them.
    """

    def __init__(self, most: int):
        self._left, self._too_many, self._bad = most, 0, []

    def read(self, path: Path) -> Png | None:
        """None where it cannot be read, is no whole PNG or too much: `left_out` tells."""
        try:
            found = whole_png(path.read_bytes())
        except OSError:
            found = None
        if found is None:
            self._bad.append(path.name)
            return None
        if len(found.content) > self._left:
            self._too_many += 1
            return None
        self._left -= len(found.content)
        return found

    def left_out(self, texts: Texts) -> list[str]:
        """What was left out, in words."""
        said = [texts.say("report_bad_map", name=name) for name in self._bad]
        return [*said, texts.say("report_maps_left_out", count=self._too_many)] if self._too_many else said


def whole_png(content: bytes) -> Png | None:
    """The picture without texts (which may hold paths), times and places; None where it is no whole PNG."""
    if not content.startswith(_SIGNATURE):
        return None
    kept, at, size = [_SIGNATURE], len(_SIGNATURE), None
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            return None
        if kind == b"IHDR":
            size = struct.unpack(">II", content[at + 8 : at + 16])
        if kind in _SHOWN:
            kept.append(content[at:end])
        if kind == b"IEND":
            return Png(b"".join(kept), *size) if size and all(size) else None
        at = end
    return None
