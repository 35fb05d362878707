"""An off-line code (`LZ2:`) at the server, which knows more than any pack: who holds the device, what he may show today.

It is treated like an on-line code from here on: signed, fresh, used once by a verifier. The row behind it is not stored anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from liangzheng.codes.models import IssuedCode
from liangzheng.codes.offline_code import CredentialKind, MalformedOfflineCode, UnverifiedOfflineCode, key_id, read_offline_code
from liangzheng.crypto.digests import sha256
from liangzheng.holders.delegations import live_delegations
from liangzheng.licences.models import Licence
from liangzheng.people.models import Device
from liangzheng.storage.ids import first_id_at
from liangzheng.storage.keystore import credential_key

CLOCK_TOLERANCE = timedelta(seconds=120)
"""How far a holder's clock may be off; he may have had no signal for days."""
USED_FOR = timedelta(hours=36)
"""How long after its showing a code is looked for among the used ones; their partitions are dropped after two days."""
_RANDOM_BITS = 74


@dataclass(frozen=True, slots=True)
class OfflineShowing:
    """A code as the server knows it. `code`: None when shown too long ago to be told from others; `issued`: as in `find`.

    `match_number`: what the holder saw on an officer's badge before he showed; 0: nothing.
    """

    is_signed: bool
    is_officer: bool
    code: UUID | None
    issued: IssuedCode | None
    expires_at: datetime
    match_number: int = 0


def find_showing(text: str, act_code: str, now: datetime) -> OfflineShowing | None:
    """Read a code and look up what stands behind it; None when it is none. `act_code` "": any audience is accepted."""
    try:
        read = read_offline_code(text)
    except MalformedOfflineCode:
        return None
    shown_at = datetime.fromtimestamp(min(read.proof.issued_at, int(now.timestamp()) + 2**31), tz=UTC)
    expires_at = shown_at + timedelta(seconds=read.proof.lifetime) + CLOCK_TOLERANCE
    is_officer = read.credential.kind is CredentialKind.OFFICER
    if not _is_signed(read):
        return OfflineShowing(is_signed=False, is_officer=is_officer, code=None, issued=None, expires_at=expires_at)
    code = showing_id(read.showing, shown_at) if abs(now - shown_at) < USED_FOR else None
    is_for_here = read.proof.audience in {"", act_code} or not act_code
    is_due = shown_at <= now + CLOCK_TOLERANCE and now.timestamp() < read.credential.expires_at and is_for_here
    licence = _licence(read, now) if is_due else None
    issued = IssuedCode(kind="holder", licence=licence.pk, holder=licence.holder_id) if licence else None
    return OfflineShowing(
        is_signed=True,
        is_officer=is_officer,
        code=code,
        issued=issued,
        expires_at=expires_at,
        match_number=read.proof.match_number,
    )


def showing_id(showing: str, shown_at: datetime) -> UUID:
    """Give one showing its key: a UUIDv7 of its moment, the random bits being its digest, so that it is always the same."""
    tail = int.from_bytes(sha256(showing.encode())[:10], "big") & ((1 << _RANDOM_BITS) - 1)
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return UUID(int=first_id_at(shown_at).int | 7 << 76 | high << 64 | 2 << 62 | low)


def _is_signed(read: UnverifiedOfflineCode) -> bool:
    key = credential_key().public_key
    return read.key_id == key_id(key) and read.is_issued_by(key) and read.is_proved


def _licence(read: UnverifiedOfflineCode, now: datetime) -> Licence | None:
    """Give the licence when the device's owner may show it: his own, or delegated to him; the device must not be revoked."""
    device = Device.objects.select_related("user").filter(public_point=read.credential.device_key.point, revoked_at=None).first()
    licence = Licence.objects.select_related("holder").filter(pk=read.credential.subject).first()
    if device is None or licence is None or not device.user.is_active:
        return None
    if licence.holder_id == device.user.holder:
        return licence
    given = live_delegations(device.user.holder, now)
    fitting = [item for item in given if item.organisation_id == licence.holder_id and item.licence in {None, licence.pk}]
    return licence if fitting else None
