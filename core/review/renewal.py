"""What has been recorded in a package since it was browsed: read on any thread, taken in in a moment."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from .browse import Browsed, refreshed


@dataclass
class Renewed:
    """``rows``: as `refreshed` returns them. ``since``: the events that were known before, ``now``: all that is known
    since."""

    rows: list[int] | None
    since: pd.DataFrame
    now: Browsed


def renewed(browsed: Browsed, today: date | None = None) -> Renewed:
    """As `refreshed`, and ``browsed`` stays as it is until `take_in`: on any thread, while others look at it.

    :raises RedlineError: those of `refreshed`.
    """
    now, since = copy(browsed), browsed.events
    # What `refreshed` changes in place is of these.
    vars(now).update({name: copy(one) for name, one in vars(now).items() if isinstance(one, dict | np.ndarray)})
    return Renewed(refreshed(now, today), since, now)


def take_in(browsed: Browsed, read: Renewed | None = None, today: date | None = None) -> list[int] | None:
    """As `refreshed`. ``read``: what `renewed` has read of it; nothing is read then but where more has been taken in
    since, or it is of another package.

    :raises RedlineError: those of `refreshed`.
    """
    if read is None or read.since is not browsed.events:
        return refreshed(browsed, today)
    vars(browsed).update(vars(read.now))
    return read.rows
