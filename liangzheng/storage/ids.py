"""UUIDv7 identifiers (RFC 9562 §5.7), made on the server; their order is the order of time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make a UUIDv7 of this moment."""
    return uuid7()


def first_id_at(moment: datetime) -> UUID:
    """Give the smallest UUIDv7-shaped value of a millisecond: the bound of a partition or of a search by time."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
