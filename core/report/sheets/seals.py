"""Seals of map files: by them a later export knows what it may take away, files that nobody but us has written to."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

_MARK = b"Redline Review "
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"  # the last chunk of every PNG


def seal(path: Path) -> None:
    """Write behind the picture a digest of it: a text of a PNG, a comment of an SVG. Other files stay as they are.

    Raises OSError.
    """
    content = path.read_bytes()
    made = _sealed(path.suffix.lower(), content)
    if made is not None:
        path.write_bytes(made)


def is_sealed(path: Path) -> bool:
    """Whether a file has been sealed and not been changed since; not where it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    bare = _bare(path.suffix.lower(), content)
    return bare is not None and _sealed(path.suffix.lower(), bare) == content


def _sealed(kind: str, content: bytes) -> bytes | None:
    text = _MARK + hashlib.blake2b(content, digest_size=8).hexdigest().encode()
    if kind == ".svg":
        return content + b"<!-- " + text + b" -->"
    if kind == ".png" and content.endswith(_END):
        chunk = b"tEXtComment\0" + text
        sealed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return content.removesuffix(_END) + sealed + _END
    return None


def _bare(kind: str, content: bytes) -> bytes | None:
    """The content before it was sealed, if it was."""
    empty = _sealed(kind, _END if kind == ".png" else b"")
    if empty is None or _MARK not in content[-len(empty) :]:
        return None
    return content[: -len(empty)] + (_END if kind == ".png" else b"")
