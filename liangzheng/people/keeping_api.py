"""Routes of keeping people: posts, outside identities of accounts, certificates, delegations of power."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from liangzheng.people.api import AnySession, CertificateOut, signed_in
from liangzheng.people.checks import POSTS
from liangzheng.people.keeping import NewDelegation, check_for_year, decide, delegate_power, revoke_power
from liangzheng.people.models import PostGrant, PowerDelegation
from liangzheng.people.outside import link, unlink
from liangzheng.people.posts import account_of, approve, end, grants_seen_by, propose, require_post
from liangzheng.people.shapes import IdentityIn

router = Router(tags=["people"])


class PostIn(Schema):
    """A post for an account, with the reason."""

    username: str = Field(max_length=64)
    post: str = Field(max_length=40)
    reason: str = Field(max_length=200)


class PostOut(Schema):
    """A post of an account; without `approved_at` it waits for the second person."""

    id: UUID
    username: str
    post: str
    label: str
    reason: str
    proposed_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: PostGrant) -> PostOut:
        """Describe a grant."""
        values = {name: getattr(row, name) for name in ("post", "reason", "proposed_at", "approved_at", "ended_at")}
        return cls(id=row.pk, username=row.user.username, label=POSTS[row.post].label, **values)


class DecisionIn(Schema):
    """What is decided about a certificate, and on what basis."""

    kind: Literal["suspend", "resume", "cancel"]
    reason: str = Field(max_length=200)


class AnnualCheckIn(Schema):
    """The yearly check of a certificate; `through`: the last day it covers."""

    through: date
    reason: str = Field(max_length=200)


class PowerIn(Schema):
    """A written delegation, as published; see `people.keeping.NewDelegation`."""

    delegate: str = Field(max_length=18)
    powers: list[str] = Field(max_length=3)
    matters: list[str] = Field(max_length=200)
    area_code: str = Field(pattern=r"^[0-9]{6}$")
    document_number: str = Field(max_length=100)
    published_at: str = Field(max_length=300)
    valid_from: date
    valid_to: date


class PowerOut(PowerIn):
    """A delegation of the register."""

    id: UUID
    agency: str
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: PowerDelegation) -> PowerOut:
        """Describe a delegation."""
        names = [name for name in PowerIn.model_fields if name != "delegate"]
        values = {name: getattr(row, name) for name in names}
        return cls(id=row.pk, agency=row.agency.name, delegate=row.delegate.uscc, revoked_at=row.revoked_at, **values)


@router.get("/posts", response=list[PostOut], auth=AnySession())
def list_posts(request: HttpRequest) -> list[PostOut]:
    """List the posts of the accounts I keep."""
    return [PostOut.of(row) for row in grants_seen_by(signed_in(request))]


@router.post("/posts", response=PostOut, auth=AnySession())
def propose_post(request: HttpRequest, body: PostIn) -> PostOut:
    """Grant a post, or propose it where a second person has to approve."""
    return PostOut.of(propose(signed_in(request), body.username, body.post, body.reason, timezone.now()))


@router.post("/posts/{grant_id}/approve", response=PostOut, auth=AnySession())
def approve_post(request: HttpRequest, grant_id: UUID) -> PostOut:
    """Approve a proposal as the second person."""
    return PostOut.of(approve(signed_in(request), grant_id, timezone.now()))


@router.post("/posts/{grant_id}/end", response=PostOut, auth=AnySession())
def end_post(request: HttpRequest, grant_id: UUID) -> PostOut:
    """End a post or withdraw a proposal."""
    return PostOut.of(end(signed_in(request), grant_id, timezone.now()))


@router.post("/accounts/{username}/identities", response={204: None}, auth=AnySession())
def link_identity(request: HttpRequest, username: str, body: IdentityIn) -> Status[None]:
    """Link an account to a person's subject at a provider outside."""
    actor = signed_in(request)
    require_post(actor, "security_admin")
    link(actor, account_of(actor, username), body.provider, body.subject, timezone.now())
    return Status(204, None)


@router.delete("/accounts/{username}/identities/{provider}", response={204: None}, auth=AnySession())
def unlink_identity(request: HttpRequest, username: str, provider: str) -> Status[None]:
    """Take an account's link to a provider away."""
    actor = signed_in(request)
    require_post(actor, "security_admin")
    unlink(actor, account_of(actor, username), provider, timezone.now())
    return Status(204, None)


@router.post("/certificates/{number}/decisions", response=CertificateOut, auth=AnySession())
def decide_certificate(request: HttpRequest, number: str, body: DecisionIn) -> CertificateOut:
    """Suspend, resume or cancel a certificate of the own agency."""
    return CertificateOut.of(decide(signed_in(request), number, body.kind, body.reason, timezone.now()))


@router.post("/certificates/{number}/annual-check", response=CertificateOut, auth=AnySession())
def check_certificate(request: HttpRequest, number: str, body: AnnualCheckIn) -> CertificateOut:
    """Enter the yearly check of a certificate."""
    return CertificateOut.of(check_for_year(signed_in(request), number, body.through, body.reason, timezone.now()))


@router.get("/powers", response=list[PowerOut], auth=AnySession())
def list_powers(request: HttpRequest) -> list[PowerOut]:  # noqa: ARG001 - delegations are published
    """List the delegations of power; they are public."""
    return [PowerOut.of(row) for row in PowerDelegation.objects.select_related("agency", "delegate").order_by("-id")[:500]]


@router.post("/powers", response=PowerOut, auth=AnySession())
def enter_power(request: HttpRequest, body: PowerIn) -> PowerOut:
    """Enter a delegation of the own agency."""
    return PowerOut.of(delegate_power(signed_in(request), NewDelegation(**body.dict()), timezone.now()))


@router.post("/powers/{power_id}/revoke", response=PowerOut, auth=AnySession())
def end_power(request: HttpRequest, power_id: UUID) -> PowerOut:
    """Revoke a delegation of the own agency."""
    return PowerOut.of(revoke_power(signed_in(request), power_id, timezone.now()))
