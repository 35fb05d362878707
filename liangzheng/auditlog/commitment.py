"""The commitment of a log entry: a digest that binds every column, hidden by a salt so that nobody can guess backwards.

Whoever holds entry and salt can recompute it; once the salt is destroyed, the digest in the log says nothing about the entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import rfc8785

from liangzheng.crypto.digests import sha256

_DOMAIN = b"liangzheng log v1\x00"
_SALT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was done, by whom, to whose data, in which act, on which basis. Keys and names of fields only: no personal data."""

    id: UUID
    at: datetime
    actor_kind: str
    actor: UUID | None
    actor_number: str
    action: str
    subject_kind: str
    subject: UUID | None
    act: UUID | None
    act_code: str
    agency: UUID | None
    region: str
    holder: UUID | None
    purpose: str
    legal_basis: str
    fields: tuple[str, ...]
    result: str


def entry_bytes(entry: Entry) -> bytes:
    """Write the entry in canonical form (RFC 8785 JSON): UUIDs as lower-case text, None as null, UTC with microseconds."""
    return rfc8785.dumps(
        {
            "id": str(entry.id),
            "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor_kind": entry.actor_kind,
            "actor": _text(entry.actor),
            "actor_number": entry.actor_number,
            "action": entry.action,
            "subject_kind": entry.subject_kind,
            "subject": _text(entry.subject),
            "act": _text(entry.act),
            "act_code": entry.act_code,
            "agency": _text(entry.agency),
            "region": entry.region,
            "holder": _text(entry.holder),
            "purpose": entry.purpose,
            "legal_basis": entry.legal_basis,
            "fields": list(entry.fields),
            "result": entry.result,
        }
    )


def commit(salt: bytes, entry: Entry) -> bytes:
    """Return SHA-256(`liangzheng log v1` || 00 || salt || entry), 32 bytes. The salt: 32 random bytes, fresh for each entry."""
    if len(salt) != _SALT:
        raise ValueError("the salt has 32 bytes")
    return sha256(_DOMAIN + salt + entry_bytes(entry))


def _text(key: UUID | None) -> str | None:
    return None if key is None else str(key)
