"""代为出示 of a licence: only one's own licence can be delegated; and the list of delegations with the licences' names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.catalogue.masks import masked
from liangzheng.errors import NotFound
from liangzheng.holders.delegations import NewDelegation, delegations_of, give
from liangzheng.licences.models import Licence
from liangzheng.people.models import User
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting


@dataclass(frozen=True, slots=True)
class DelegationLine:
    """One delegation as a screen shows it; the person's name is masked for the organisation."""

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


def delegate_licence(actor: Actor, new: NewDelegation, now: datetime) -> UUID:
    """Delegate one's own licence; one that was entrusted does not exist here, so there is no passing on."""
    with acting(actor.scope):
        if not Licence.objects.filter(pk=new.licence, holder=actor.holder).exists():
            raise NotFound("licence_not_found", "没有这个证照，或者它不是本单位的。")
        return give(actor, new, now).pk


def my_delegations(actor: Actor) -> list[DelegationLine]:
    """List given and received delegations."""
    with acting(actor.scope):
        rows = delegations_of(actor)
        licences = dict(
            Licence.objects.filter(pk__in=[row.licence for row in rows if row.licence]).values_list("pk", "type_name")
        )
        concerned = {key for row in rows for key in (row.organisation_id, row.person_id)}
        names = {user.holder: user.name for user in User.objects.filter(holder__in=concerned)}
        return [
            DelegationLine(
                id=row.pk,
                given=row.organisation_id == actor.holder,
                organisation=names.get(row.organisation_id, ""),
                person=masked(names.get(row.person_id, ""), "name"),
                licence=row.licence,
                licence_label=licences.get(row.licence, "") if row.licence else "",
                purpose=row.purpose,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                revoked_at=row.revoked_at,
            )
            for row in rows
        ]
