"""Make on-line codes: for a holder's licence, for an officer's badge. Each lives at most a minute."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.codes.models import IssuedCode
from liangzheng.codes.signed import SignedCode, make_code, new_short_code
from liangzheng.storage.ids import new_id
from liangzheng.storage.keystore import platform_key

LIFETIME_SECONDS = 60


@dataclass(frozen=True, slots=True)
class FreshCode:
    """A code just made, in its signed and its short form."""

    id: UUID
    signed: SignedCode
    short_code: str
    issued_at: datetime
    expires_at: datetime


def issue_holder_code(licence: UUID, holder: UUID, region: str, now: datetime) -> FreshCode:
    """Make a code for one licence on the authenticated request of who may show it."""
    return _issue(IssuedCode(kind="holder", licence=licence, holder=holder, region=region), now)


def issue_badge_code(act: UUID, officer: UUID, agency: UUID, region: str, now: datetime) -> FreshCode:
    """Make an officer's badge code, bound to the act."""
    return _issue(IssuedCode(kind="badge", act=act, officer=officer, agency_id=agency, region=region), now)


def _issue(row: IssuedCode, now: datetime) -> FreshCode:
    row.id = new_id()
    row.short_code = new_short_code(secrets.token_bytes)
    issued_at = now.replace(microsecond=0)
    row.expires_at = issued_at + timedelta(seconds=LIFETIME_SECONDS)
    row.save(force_insert=True)
    signed = make_code(row.kind, row.id, issued_at, LIFETIME_SECONDS, platform_key())
    return FreshCode(row.id, signed, row.short_code, issued_at, row.expires_at)
