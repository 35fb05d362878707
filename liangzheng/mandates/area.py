"""The area a supervisor or auditor reads: a region and everything below it, behind PostgreSQL's row-level security."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import Scope, acting

IN_AREA = "region LIKE nullif(current_setting('app.supervised', true), '') || '%'"
"""SQL condition of the read policies; without an area no row is seen."""


def area_of(actor: Actor) -> str:
    """Give the region without its trailing 00 pairs (GB/T 2260): 370600 reads 3706…, a county reads itself."""
    return re.sub(r"(?:00)+$", "", actor.region)


@contextmanager
def supervising(actor: Actor) -> Iterator[None]:
    """Open a transaction that may read the actor's area and write what a supervisor writes; an empty area sees nothing."""
    with acting(Scope(account=actor.user, supervises=area_of(actor))):
        yield
