"""Routes of sessions and colleagues, and the guards that other rooms' routes use."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from ninja.security import APIKeyCookie

from liangzheng.errors import Malformed, NotAllowed, NotFound
from liangzheng.formats.strict_json import BadJson, from_base64url, to_base64url
from liangzheng.people.certificates import certificate_standing, current_certificate, selectable
from liangzheng.people.devices import Enrolment, check_device, devices_of, enrol, new_challenge, revoke
from liangzheng.people.models import EnforcementCertificate, Officer
from liangzheng.people.sessions import (
    Actor,
    actor_of,
    require_sign_in,
)
from liangzheng.people.shapes import (
    ChallengeOut,
    DeviceIn,
    DeviceOut,
    RevokeIn,
)
from liangzheng.storage.objects import read_object
from liangzheng.storage.tenancy import acting

router = Router(tags=["people"])


class _Session(APIKeyCookie):
    """A session cookie with the CSRF check, for some roles."""

    param_name = "sessionid"
    roles: tuple[str, ...] = ()
    whole = True

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:  # noqa: ARG002 - Django's session has read it
        now = timezone.now()
        user, _ = require_sign_in(request, now, whole=self.whole)
        if user.role not in self.roles:
            raise NotAllowed("not_your_role", "此功能不对本账号开放。")
        check_device(request.session, now)
        return actor_of(user)


class OfficerSession(_Session):
    """Officers and auxiliaries; acts refuse the latter (R03)."""

    roles = ("officer", "auxiliary")


class HolderSession(_Session):
    """Inspected people and firms."""

    roles = ("holder",)


class AnySession(_Session):
    """Everybody who is signed in."""

    roles = ("officer", "auxiliary", "holder", "administrator", "supervisor", "auditor")


class UnfinishedSession(AnySession):
    """Everybody, also who has still to set up his second factor, or whose device has to prove itself again."""

    whole = False


class AnyBrowser(APIKeyCookie):
    """Nobody in particular, but with the CSRF check: for signing in and out."""

    param_name = "csrftoken"

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:  # noqa: ARG002 - anybody may
        return True


def signed_in(request: HttpRequest) -> Actor:
    """Give the actor that the route's guard has found."""
    found: Actor = request.auth  # type: ignore[attr-defined]  # ninja sets it after `authenticate`
    return found


class CertificateOut(Schema):
    """行政执法证 as shown on a screen."""

    number: str
    kind: str
    agency: str
    fields: list[str]
    area: str
    valid_from: date
    valid_to: date
    standing: str
    photo_url: str

    @classmethod
    def of(cls, certificate: EnforcementCertificate) -> CertificateOut:
        """Describe a certificate as of now."""
        return cls(
            **{name: getattr(certificate, name) for name in ("number", "kind", "fields", "area", "valid_from", "valid_to")},
            agency=certificate.agency.name,
            standing=certificate_standing(certificate, timezone.now()),
            photo_url=f"/api/v1/officers/{certificate.officer_id}/photo",
        )


class Colleague(Schema):
    """Someone of the own agency who may or may not be the second officer; `reason` says why not."""

    id: UUID
    name: str
    agency: str
    role: str
    certificate: CertificateOut | None
    selectable: bool
    reason: str


@router.get("/colleagues", response=list[Colleague], auth=OfficerSession())
def colleagues(request: HttpRequest) -> list[Colleague]:
    """List the own agency's other people, so that one can be chosen as the second officer."""
    actor = signed_in(request)
    with acting(actor.scope):
        officers = Officer.objects.exclude(pk=actor.user).select_related("user", "agency").order_by("user__username")
        return [_colleague(officer) for officer in officers]


def _colleague(officer: Officer) -> Colleague:
    certificate, reason = current_certificate(officer), selectable(officer, timezone.now())
    return Colleague(
        id=officer.pk,
        name=officer.user.name,
        agency=officer.agency.name,
        role=officer.user.role,
        certificate=CertificateOut.of(certificate) if certificate else None,
        selectable=not reason,
        reason=reason,
    )


@router.get("/officers/{officer_id}/photo", auth=OfficerSession(), include_in_schema=False)
def officer_photo(request: HttpRequest, officer_id: UUID) -> HttpResponse:
    """Give the picture of an officer of the own agency."""
    with acting(signed_in(request).scope):
        officer = Officer.objects.filter(pk=officer_id).exclude(photo="").first()
    if officer is None:
        raise NotFound("photo_not_found", "没有照片。")
    return HttpResponse(read_object(officer.photo), content_type="image/png", headers={"Cache-Control": "private, max-age=300"})


@router.post("/devices/challenge", response=ChallengeOut, auth=UnfinishedSession())
def device_challenge(request: HttpRequest) -> ChallengeOut:
    """Give the bytes a device key has to sign."""
    return ChallengeOut(challenge=to_base64url(new_challenge(request.session, timezone.now())).decode())


@router.post("/devices", response=DeviceOut, auth=UnfinishedSession())
def enrol_device(request: HttpRequest, body: DeviceIn) -> DeviceOut:
    """Enrol this phone's key, or recognise it again; the session is the device's from now on."""
    try:
        point, challenge, signature = (
            from_base64url(text.encode()) for text in (body.public_key, body.challenge, body.signature)
        )
    except BadJson as error:
        raise Malformed("invalid_input", "设备公钥或签名的格式不对。") from error
    given = Enrolment(point, body.algorithm, body.label, challenge, signature)
    return DeviceOut.of(enrol(signed_in(request), request.session, given, timezone.now()))


@router.get("/devices", response=list[DeviceOut], auth=AnySession())
def list_devices(request: HttpRequest) -> list[DeviceOut]:
    """List my devices; for an administrator, those of his agency."""
    return [DeviceOut.of(device) for device in devices_of(signed_in(request))]


@router.post("/devices/{device_id}/revoke", response=DeviceOut, auth=AnySession())
def revoke_device(request: HttpRequest, device_id: UUID, body: RevokeIn) -> DeviceOut:
    """Revoke a device for good; its next request is refused."""
    return DeviceOut.of(revoke(signed_in(request), device_id, body.reason, timezone.now()))
