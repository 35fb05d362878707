"""Routes of a holder's phone: the licences he may show, and the code for one of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from liangzheng.codes.delegate import delegate_licence, my_delegations
from liangzheng.codes.offline_issue import issue_credentials
from liangzheng.codes.show import Showable, may_show, show_licence, showable
from liangzheng.errors import NotFound
from liangzheng.formats.strict_json import to_base64url
from liangzheng.holders.delegations import NewDelegation, revoke
from liangzheng.licences.record import standard_record, versions_of
from liangzheng.people.api import AnySession, HolderSession, signed_in
from liangzheng.people.sessions import Actor
from liangzheng.storage.objects import read_object
from liangzheng.storage.tenancy import acting

router = Router(tags=["holder"])


class MyLicence(Schema):
    """One line of 我的证照; `on_behalf_of` names the firm whose licence it is; only an organisation may delegate its own."""

    id: UUID
    type_label: str
    type_code: str
    number_masked: str
    holder_name: str
    on_behalf_of: str | None
    valid_from: date
    valid_to: date | None
    standing: str
    reason: str
    photo_url: str | None
    is_demo: bool
    may_delegate: bool

    @classmethod
    def of(cls, item: Showable) -> MyLicence:
        """Describe one licence."""
        licence = item.licence
        return cls(
            id=licence.pk,
            type_label=licence.type_name,
            type_code=licence.type_code,
            number_masked=item.number_masked,
            holder_name=licence.holder.name,
            on_behalf_of=licence.holder.name if item.is_delegated else None,
            valid_from=licence.valid_from,
            valid_to=licence.valid_to,
            standing="invalid" if item.reason else "valid",
            reason=item.reason,
            photo_url=f"/api/v1/my/licences/{licence.pk}/photo" if licence.holder.photo else None,
            is_demo=licence.is_demo,
            may_delegate=licence.holder.kind == "organisation" and not item.is_delegated,
        )


class StatusChangeOut(Schema):
    """One change of status; `source_status` is the issuer's own word or code."""

    status: str
    source_status: str
    since: datetime
    note: str
    recorded_at: datetime


class VersionOut(Schema):
    """One version of the licence."""

    id: UUID
    identifier: str
    version: str
    status: str


class LicenceRecordOut(Schema):
    """The record by the names of GB/T 36903, its status over time (oldest first), and its versions (oldest first)."""

    record: dict[str, str]
    history: list[StatusChangeOut]
    versions: list[VersionOut]


class CodeLicence(Schema):
    """Which licence a code shows."""

    type_label: str
    holder_name: str


class CodeOut(Schema):
    """A fresh code; `discloses` lists in words what the officer will see."""

    text: str
    short_code: str
    issued_at: datetime
    expires_at: datetime
    lifetime: int
    discloses: list[str]
    licence: CodeLicence


class DelegationIn(Schema):
    """Let the person with this log-in show one of the organisation's licences, for a purpose, until a moment."""

    licence: UUID
    to_user: str
    purpose: str
    until: datetime


class DelegationOut(Schema):
    """代为出示, given or received. `licence` is null when all of the organisation's licences are meant."""

    id: UUID
    given: bool
    organisation: str
    person: str
    licence: UUID | None
    licence_label: str
    purpose: str
    valid_from: datetime
    valid_to: datetime
    revoked_at: datetime | None


class CredentialOut(Schema):
    """One credential (base64url) for a licence, or for the officer's certificate by its number."""

    licence: UUID | None
    certificate: str | None
    credential: str
    expires_at: datetime
    renew_after: datetime


class CredentialsOut(Schema):
    """Everything this device may show without signal; what it holds beyond that it deletes."""

    credentials: list[CredentialOut]
    wipe: bool


@router.get("/my/licences", response=list[MyLicence], auth=HolderSession())
def my_licences(request: HttpRequest) -> list[MyLicence]:
    """List what this account may show, own and entrusted."""
    actor = signed_in(request)
    with acting(actor.scope):
        return [MyLicence.of(item) for item in showable(actor, timezone.now())]


@router.post("/my/licences/{licence_id}/code", response=CodeOut, auth=HolderSession())
def make_code(request: HttpRequest, licence_id: UUID) -> CodeOut:
    """Make a code for one licence; it lives a minute and holds nothing personal."""
    shown = show_licence(signed_in(request), licence_id, timezone.now())
    return CodeOut(
        text=shown.code.signed.holder_text(),
        short_code=shown.code.short_code,
        issued_at=shown.code.issued_at,
        expires_at=shown.code.expires_at,
        lifetime=int((shown.code.expires_at - shown.code.issued_at).total_seconds()),
        discloses=list(shown.discloses),
        licence=CodeLicence(type_label=shown.licence.type_name, holder_name=shown.licence.holder.name),
    )


@router.get("/my/licences/{licence_id}/photo", auth=HolderSession(), include_in_schema=False)
def my_photo(request: HttpRequest, licence_id: UUID) -> HttpResponse:
    """Give the picture on an own licence."""
    actor = signed_in(request)
    with acting(actor.scope):
        licence = may_show(actor, licence_id, timezone.now())
    if not licence.holder.photo:
        raise NotFound("photo_not_found", "没有照片。")
    return HttpResponse(read_object(licence.holder.photo), content_type="image/png")


@router.get("/my/licences/{licence_id}/file", auth=HolderSession(), include_in_schema=False)
def my_file(request: HttpRequest, licence_id: UUID) -> HttpResponse:
    """Give the holder the issuer's original file."""
    actor = signed_in(request)
    with acting(actor.scope):
        licence = may_show(actor, licence_id, timezone.now())
    if not licence.file:
        raise NotFound("no_licence_file", "没有证照文件。")
    name = f'attachment; filename="{licence.identifier}.ofd"'
    return HttpResponse(read_object(licence.file), content_type="application/ofd", headers={"Content-Disposition": name})


@router.get("/my/licences/{licence_id}/record", response=LicenceRecordOut, auth=HolderSession())
def my_record(request: HttpRequest, licence_id: UUID) -> LicenceRecordOut:
    """Give the whole record of a licence with its history; a licence that is entrusted is no exception."""
    actor = signed_in(request)
    with acting(actor.scope):
        licence = may_show(actor, licence_id, timezone.now())
        return LicenceRecordOut(
            record=dict(standard_record(licence)),
            history=[StatusChangeOut.from_orm(item) for item in licence.status_changes.order_by("since", "id")],
            versions=[VersionOut.from_orm(item) for item in versions_of(licence)],
        )


@router.post("/my/delegations", response=DelegationOut, auth=HolderSession())
def create_delegation(request: HttpRequest, body: DelegationIn) -> DelegationOut:
    """Let a person show one of the organisation's own licences."""
    actor, now = signed_in(request), timezone.now()
    given = delegate_licence(actor, NewDelegation(body.licence, body.to_user, body.purpose, body.until), now)
    return next(item for item in _delegations(actor) if item.id == given)


@router.get("/my/delegations", response=list[DelegationOut], auth=HolderSession())
def list_delegations(request: HttpRequest) -> list[DelegationOut]:
    """List what was given and received, ended ones too."""
    return _delegations(signed_in(request))


@router.delete("/my/delegations/{delegation_id}", response={204: None}, auth=HolderSession())
def delete_delegation(request: HttpRequest, delegation_id: UUID) -> tuple[int, None]:
    """Take a delegation back at once."""
    revoke(signed_in(request), delegation_id, timezone.now())
    return 204, None


def _delegations(actor: Actor) -> list[DelegationOut]:
    return [DelegationOut(**asdict(item)) for item in my_delegations(actor)]


@router.post("/devices/{device_id}/credentials", response=CredentialsOut, auth=AnySession())
def credentials(request: HttpRequest, device_id: UUID) -> CredentialsOut:
    """Give a device its credentials anew: at enrolment, and again after `renew_after`."""
    issued = issue_credentials(signed_in(request), device_id, timezone.now())
    described = [CredentialOut(**{**asdict(item), "credential": to_base64url(item.credential).decode()}) for item in issued]
    return CredentialsOut(credentials=described, wipe=False)
