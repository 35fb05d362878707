"""亮码: what a holder may show, and making the code for it on his authenticated request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from liangzheng.auditlog.append import Event, append
from liangzheng.catalogue.masks import masked
from liangzheng.catalogue.read import catalogue
from liangzheng.catalogue.usable import usable_type
from liangzheng.codes.issue import FreshCode, issue_holder_code
from liangzheng.errors import NotFound
from liangzheng.holders.delegations import live_delegations
from liangzheng.holders.models import Delegation
from liangzheng.licences.models import Licence
from liangzheng.people.certificates import today_in_china
from liangzheng.people.sessions import Actor
from liangzheng.rules.notices import notice_on
from liangzheng.storage.tenancy import acting


@dataclass(frozen=True, slots=True)
class Showable:
    """A licence this account may show. `reason` is "" or why it would not be accepted as valid."""

    licence: Licence
    is_delegated: bool
    number_masked: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A code with the licence behind it and the labels of the fields an officer will see."""

    code: FreshCode
    licence: Licence
    discloses: tuple[str, ...]


def entrusted(licence: Licence, actor: Actor, now: datetime) -> Delegation | None:
    """Give the delegation by which this account shows the licence, the one that lasts longest; None when it is its own."""
    if licence.holder_id == actor.holder:
        return None
    fitting = [
        given
        for given in live_delegations(actor.holder, now)
        if given.organisation_id == licence.holder_id and given.licence in {None, licence.pk}
    ]
    return max(fitting, key=lambda given: given.valid_to)


def _mine(actor: Actor, now: datetime) -> QuerySet[Licence]:
    """Own licences and those entrusted now: one, or all of an organisation."""
    shown = Q(holder=actor.holder)
    for given in live_delegations(actor.holder, now):
        shown |= Q(holder=given.organisation_id) if given.licence is None else Q(holder=given.organisation_id, pk=given.licence)
    return Licence.objects.select_related("holder").filter(shown)


def showable(actor: Actor, now: datetime) -> list[Showable]:
    """List own and entrusted licences: own ones first, and those that would be accepted before the others."""
    items = [_showable(licence, actor, now) for licence in _mine(actor, now).order_by("type_name", "id")]
    return sorted(items, key=lambda item: (item.is_delegated, item.reason != ""))


def _showable(licence: Licence, actor: Actor, now: datetime) -> Showable:
    return Showable(
        licence=licence,
        is_delegated=licence.holder_id != actor.holder,
        number_masked=masked(licence.number, "id") if licence.holder.kind == "person" else licence.number,
        reason=_plain_reason(licence, now),
    )


def _plain_reason(licence: Licence, now: datetime) -> str:
    if licence.status != "valid":
        return licence.status
    today = today_in_china(now)
    if today < licence.valid_from:
        return "not_yet_effective"
    return "expired" if licence.valid_to is not None and today > licence.valid_to else ""


def may_show(actor: Actor, licence_id: UUID, now: datetime) -> Licence:
    """Find a licence this account may show; anybody else's does not exist for it."""
    licence = _mine(actor, now).filter(pk=licence_id).first()
    if licence is None:
        raise NotFound("licence_not_found", "没有这个证照，或者您不能出示它。")
    return licence


def show_licence(actor: Actor, licence_id: UUID, now: datetime) -> Shown:
    """Make a code for one licence and log that it was made."""
    with acting(actor.scope):
        licence = may_show(actor, licence_id, now)
        code = issue_holder_code(licence.pk, licence.holder_id, licence.region, now)
        append(
            [
                Event(
                    at=now,
                    actor_kind="holder",
                    actor=actor.user,
                    action="show_code",
                    subject_kind="licence",
                    subject=licence.pk,
                    holder=licence.holder_id,
                    region=licence.region,
                    purpose="亮码",
                    result=f"notice {notice_on(today_in_china(now)).version}",
                )
            ]
        )
    return Shown(code, licence, _disclosed(licence, now))


def _disclosed(licence: Licence, now: datetime) -> tuple[str, ...]:
    licence_type = usable_type(licence.type_code, today_in_china(now))
    if licence_type is None:
        return ()
    return tuple(catalogue().field(licence_type, name).label for name in licence_type.fields["inspection"])
