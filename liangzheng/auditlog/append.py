"""Write log entries in the transaction of what they tell: no entry, no data."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.commitment import Entry, commit
from liangzheng.auditlog.models import LogEntry
from liangzheng.storage.ids import new_id

SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, before it has a number and a salt. `fields` names data fields, never their values.

    `actor_number` is the officer's certificate number and `act_code` the act's public code: the person concerned may read both.
    """

    at: datetime
    actor_kind: str
    action: str
    region: str
    actor: UUID | None = None
    actor_number: str = ""
    subject_kind: str = ""
    subject: UUID | None = None
    act: UUID | None = None
    act_code: str = ""
    agency: UUID | None = None
    holder: UUID | None = None
    purpose: str = ""
    legal_basis: str = ""
    fields: tuple[str, ...] = ()
    result: str = ""


def seal_event(event: Event) -> LogEntry:
    """Give the event its id, salt and commitment (pure but for randomness); the caller writes the row."""
    entry_id, salt = new_id(), secrets.token_bytes(SALT_BYTES)
    values = {name: getattr(event, name) for name in Event.__slots__}
    commitment = commit(salt, Entry(id=entry_id, **values))
    agency = values.pop("agency")
    fields = list(values.pop("fields"))
    return LogEntry(id=entry_id, agency_id=agency, fields=fields, salt=salt, commitment=commitment, **values)


def append(events: Iterable[Event]) -> None:
    """Append the events of this transaction."""
    LogEntry.objects.bulk_create([seal_event(event) for event in events])
