"""Credentials for showing without signal: what a device may show, signed for its key, for a week, renewed after three days.

Only what would be accepted as valid now gets one; what happens later is told by the platform's own status list, in which every
licence, certificate and delegation has a place on each device (`credential_status`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from liangzheng.auditlog.append import Event, append
from liangzheng.codes.models import StatusSlot
from liangzheng.codes.offline_code import Credential, CredentialKind, Grant, StatusPlace, TextTooLong, make_credential
from liangzheng.codes.show import Showable, entrusted, showable
from liangzheng.crypto.digests import sm3
from liangzheng.holders.models import Delegation
from liangzheng.people.certificates import current_certificate, selectable
from liangzheng.people.devices import key_of, live_device
from liangzheng.people.models import Device, EnforcementCertificate, Officer
from liangzheng.people.sessions import Actor
from liangzheng.storage.keystore import credential_key
from liangzheng.storage.objects import read_object
from liangzheng.storage.tenancy import acting

LIFETIME, RENEW_AFTER = timedelta(days=7), timedelta(days=3)
_FILE_BYTES, _PHOTO_BYTES = 16, 8
_DROPPED: tuple[frozenset[str], ...] = (frozenset(), frozenset({"issuer"}), frozenset({"issuer", "number", "area"}))
"""What a face goes without, step by step, until the code is short enough; the server shows it all the same."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Issued:
    """One credential; `licence` or `certificate` (its number) says for what."""

    licence: UUID | None
    certificate: str | None
    credential: bytes
    expires_at: datetime
    renew_after: datetime


@dataclass(frozen=True, slots=True)
class _Subject:
    """What one credential speaks of. `file` and `photo` are objects' SHA-256, "" when there are none."""

    id: UUID
    face: Mapping[str, str]
    region: str
    photo: str
    file: str = ""
    giver: str = ""
    delegation: Delegation | None = None
    certificate: str = ""

    @property
    def is_licence(self) -> bool:
        return not self.certificate

    @property
    def kind(self) -> CredentialKind:
        if not self.is_licence:
            return CredentialKind.OFFICER
        return CredentialKind.DELEGATED if self.delegation else CredentialKind.LICENCE


def status_uri() -> str:
    """Where the platform's own status list is found; short, because it stands in every code."""
    return f"{settings.PUBLIC_URL}/s/1"


def issue_credentials(actor: Actor, device_id: UUID, now: datetime) -> list[Issued]:
    """Make a credential for everything this account may show now, on this device of its own."""
    moment = now.replace(microsecond=0)
    device = live_device(actor, device_id)
    with acting(actor.scope):
        subjects = _certificates(actor, now) if actor.role == "officer" else _licences(actor, now)
        issued = [(subject, _issue(subject, device, moment)) for subject in subjects]
        append([_event(actor, device, subject, now) for subject, made in issued if made])
        return [made for _, made in issued if made]


def _certificates(actor: Actor, now: datetime) -> list[_Subject]:
    officer = Officer.objects.select_related("user", "agency").filter(pk=actor.user).first()
    certificate = current_certificate(officer) if officer else None
    if officer is None or certificate is None or selectable(officer, now):
        return []
    face = _certificate_face(officer, certificate)
    return [_Subject(certificate.pk, face, certificate.region, officer.photo, certificate=certificate.number)]


def _certificate_face(officer: Officer, certificate: EnforcementCertificate) -> Mapping[str, str]:
    return {
        "number": certificate.number,
        "name": officer.user.name,
        "agency": officer.agency.name,
        "fields": "、".join(certificate.fields),
        "area": certificate.area,
        "area_code": certificate.area_code,
        "valid_from": certificate.valid_from.isoformat(),
        "valid_to": certificate.valid_to.isoformat(),
    }


def _licences(actor: Actor, now: datetime) -> list[_Subject]:
    return [_licence(item, entrusted(item.licence, actor, now)) for item in showable(actor, now) if not item.reason]


def _licence(item: Showable, delegation: Delegation | None) -> _Subject:
    licence = item.licence
    face = {
        "type_code": licence.type_code,
        "name": licence.type_name,
        "holder": licence.holder.name,
        "number": item.number_masked,
        "valid_from": licence.valid_from.isoformat(),
        "valid_to": licence.valid_to.isoformat() if licence.valid_to else "",
        "issuer": licence.issuing_authority,
    }
    return _Subject(
        id=licence.pk,
        face={name: value for name, value in face.items() if value},
        region=licence.region,
        photo=licence.holder.photo,
        file=licence.file,
        giver=licence.holder.name if delegation else "",
        delegation=delegation,
    )


def _issue(subject: _Subject, device: Device, now: datetime) -> Issued | None:
    """Make one credential; None when even the shortest face makes a code that no camera reads well."""
    given = subject.delegation
    until = min(now + LIFETIME, given.valid_to) if given else now + LIFETIME
    credential = Credential(
        kind=subject.kind,
        subject=subject.id,
        issued_at=int(now.timestamp()),
        expires_at=int(until.timestamp()),
        device_key=key_of(device),
        face=subject.face,
        status=_place("licence" if subject.is_licence else "certificate", subject.id, device),
        file_digest=sm3(read_object(subject.file))[:_FILE_BYTES] if subject.file else b"",
        photo_digest=bytes.fromhex(subject.photo)[:_PHOTO_BYTES],
        grant=Grant(subject.giver, given.purpose or "代为出示", _place("delegation", given.pk, device).index) if given else None,
    )
    signed = _shortened(credential)
    if signed is None:
        return None
    return Issued(
        licence=subject.id if subject.is_licence else None,
        certificate=subject.certificate or None,
        credential=signed,
        expires_at=until,
        renew_after=min(now + RENEW_AFTER, until),
    )


def _shortened(credential: Credential) -> bytes | None:
    for dropped in _DROPPED:
        face = {name: value for name, value in credential.face.items() if name not in dropped}
        try:
            return make_credential(replace(credential, face=face), credential_key())
        except TextTooLong:
            continue
    log.warning("no off-line credential for %s: its code would be too long", credential.subject)
    return None


def _place(kind: str, subject: UUID, device: Device) -> StatusPlace:
    slot, _ = StatusSlot.objects.get_or_create(device=device.pk, subject=subject, defaults={"kind": kind})
    return StatusPlace(status_uri(), slot.index)


def _event(actor: Actor, device: Device, subject: _Subject, now: datetime) -> Event:
    return Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        action="issue_credential",
        subject_kind="licence" if subject.is_licence else "enforcement_certificate",
        subject=subject.id,
        agency=actor.agency,
        holder=actor.holder,
        region=subject.region,
        purpose="离线亮码",
        result=str(device.pk),
    )
