"""Gather what a supervisor's lists need beside their rows: names of agencies and officers, numbers of acts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.cases.models import Act
from liangzheng.mandates.area import area_of, supervising
from liangzheng.mandates.models import Alarm, BreakGlass, LookUp
from liangzheng.onsite.look_up_watch import METHOD
from liangzheng.people.models import Agency, EnforcementCertificate, User
from liangzheng.people.sessions import Actor
from liangzheng.storage.ids import first_id_at
from liangzheng.supervision.models import Inquiry
from liangzheng.verification.models import Scan

LATEST = 200


@dataclass(frozen=True, slots=True)
class Names:
    """Words for keys; a key that is not known has no word."""

    agencies: dict[UUID, str]
    officers: dict[UUID, str]
    numbers: dict[UUID, str]
    acts: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """The area in numbers, of the last thirty days."""

    agencies: list[Agency]
    acts: int
    scans: int
    look_ups: int
    open_alarms: int
    unreviewed: int
    open_inquiries: int


def names_of(agencies: Collection[UUID], officers: Collection[UUID | None], acts: Collection[UUID | None]) -> Names:
    """Look the words up in the scope of the caller."""
    people = {key for key in officers if key}
    numbers = EnforcementCertificate.objects.filter(officer__in=people).order_by("valid_to")
    return Names(
        agencies=dict(Agency.objects.filter(pk__in=set(agencies)).values_list("pk", "name")),
        officers={user.pk: user.name for user in User.objects.filter(pk__in=people)},
        numbers=dict(numbers.values_list("officer_id", "number")),
        acts=dict(Act.objects.filter(pk__in={key for key in acts if key}).values_list("pk", "act_code")),
    )


def alarms_of(actor: Actor, kind: str, *, is_open: bool) -> tuple[list[Alarm], Names]:
    """List the area's alarms, the newest first."""
    with supervising(actor):
        found = Alarm.objects.filter(closed_at__isnull=is_open).order_by("-at")
        alarms = list((found.filter(kind=kind) if kind else found)[:LATEST])
        return alarms, names_of([one.agency_id for one in alarms], [one.officer for one in alarms], [one.act for one in alarms])


def accesses_of(actor: Actor) -> tuple[list[BreakGlass], dict[UUID, int], Names]:
    """List the area's emergency accesses, the newest first, with the number of look-ups under each."""
    with supervising(actor):
        found = list(BreakGlass.objects.select_related("review").order_by("-opened_at")[:LATEST])
        used = {access.pk: LookUp.objects.filter(break_glass=access.pk).count() for access in found}
        names = names_of([one.agency_id for one in found], [one.officer for one in found], [one.act for one in found])
        return found, used, names


def count_area(actor: Actor, now: datetime) -> Counts:
    """Count the area."""
    since = now - timedelta(days=30)
    with supervising(actor):
        scans = Scan.objects.filter(pk__gte=first_id_at(since))
        return Counts(
            agencies=list(Agency.objects.filter(region__code__startswith=area_of(actor) or "-").order_by("name")),
            acts=Act.objects.filter(opened_at__gt=since).count(),
            scans=scans.exclude(method=METHOD).count(),
            look_ups=scans.filter(method=METHOD).count(),
            open_alarms=Alarm.objects.filter(closed_at__isnull=True).count(),
            unreviewed=BreakGlass.objects.filter(review__isnull=True).count(),
            open_inquiries=Inquiry.objects.filter(closed_at__isnull=True).count(),
        )
