"""代为出示: an organisation lets a person show one of its licences, for a time and a purpose, and can take that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.holders.models import Delegation, Holder
from liangzheng.people.models import User
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting

LONGEST = timedelta(days=366)
LONGEST_PURPOSE = 100  # characters


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """What the organisation enters; `to_user` is the person's log-in. The caller has checked that the licence is its own."""

    licence: UUID
    to_user: str
    purpose: str
    until: datetime


def give(actor: Actor, new: NewDelegation, now: datetime) -> Delegation:
    """Let a person show one licence; a delegated licence cannot be passed on, for it is never the person's own."""
    purpose = new.purpose.strip()
    if not purpose or len(purpose) > LONGEST_PURPOSE:
        raise Malformed("reason_required", "请写明代为出示的用途。", place="purpose")
    if new.until.tzinfo is None or not now < new.until <= now + LONGEST:
        raise Malformed("invalid_input", "截止时间须在一年以内，并写明时区。", place="until")
    with acting(actor.scope):
        organisation = Holder.objects.filter(pk=actor.holder, kind="organisation").first() if actor.holder else None
        # The person's own row is not the organisation's to see; the database still checks that it exists.
        user = User.objects.filter(username=new.to_user, role="holder", is_active=True).exclude(holder=actor.holder).first()
        if organisation is None or user is None or user.holder is None:
            raise Refused("delegation_not_allowed", "只有单位可以授权，并且只能授权给已注册的个人。")
        given = Delegation.objects.create(
            organisation=organisation,
            person_id=user.holder,
            licence=new.licence,
            purpose=purpose,
            valid_from=now.replace(microsecond=0),  # phones count whole seconds
            valid_to=new.until,
        )
        append([_event(actor, given, organisation, "delegate", now)])
        return given


def live_delegations(person: UUID | None, now: datetime) -> list[Delegation]:
    """List what this person may show for others now."""
    live = Delegation.objects.filter(person=person, revoked_at=None, valid_from__lte=now, valid_to__gt=now)
    return list(live.order_by("id"))


def delegations_of(actor: Actor) -> list[Delegation]:
    """List what this account has given and received, ended ones too, the newest first."""
    rows = Delegation.objects.filter(Q(organisation=actor.holder) | Q(person=actor.holder))
    return list(rows.order_by("-id"))  # not joined: the organisation of an ended one is no longer to be seen


def revoke(actor: Actor, delegation_id: UUID, now: datetime) -> None:
    """Take a delegation back at once; a second time changes nothing."""
    with acting(actor.scope):
        mine = Delegation.objects.select_for_update(of=("self",)).select_related("organisation")
        given = mine.filter(pk=delegation_id, organisation=actor.holder).first()
        if given is None:
            raise NotFound("delegation_not_found", "没有这项授权。")
        if given.revoked_at is None:
            given.revoked_at = now
            given.save(update_fields=["revoked_at"])
            append([_event(actor, given, given.organisation, "revoke_delegation", now)])


def _event(actor: Actor, given: Delegation, organisation: Holder, action: str, now: datetime) -> Event:
    return Event(
        at=now,
        actor_kind="holder",
        actor=actor.user,
        action=action,
        subject_kind="delegation",
        subject=given.pk,
        holder=organisation.pk,
        region=organisation.region,
        purpose=given.purpose,
    )
