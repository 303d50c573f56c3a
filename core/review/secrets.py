"""Addresses of data without what opens them: a package is passed on."""

from __future__ import annotations

import re

# A login in an address, a password or key among its parameters, Oracle's user/password@database.
SECRET = re.compile(
    r"""://[^/\s'"@]*:[^/\s'"@]*@
    | (?<![a-z])(?:pass(?:word|wd)?|pwd|[a-z_]*token|[a-z]+[_-]?secret|(?:api|access|app|auth)[_-]?key|[ast]k|sig)=
    | [?&]key=
    | ^OCI:[^/]*/[^@]*@""",
    re.IGNORECASE | re.VERBOSE,
)


def without_secrets(address: str) -> str:
    """The address up to what looks like a secret, with ``…`` for the rest; all of it where nothing does."""
    found = SECRET.search(address)
    return address if found is None else address[: found.start()] + "…"
