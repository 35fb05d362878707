"""The quota: how many look-ups by function an officer has a day. Scans of presented codes do not count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from liangzheng.errors import Refused
from liangzheng.mandates.models import BreakGlass, LookUp, LookUpCount
from liangzheng.people.certificates import today_in_china
from liangzheng.people.sessions import Actor
from liangzheng.storage.ids import new_id

BREAK_GLASS_LOOK_UPS = 20
"""How many more one emergency access gives."""

# The row's lock holds until the transaction ends: two phones of one officer cannot both take the last one.
_COUNT = """
INSERT INTO mandates_lookupcount AS c (id, officer, day, agency_id, region, used, stopped, refused)
VALUES (%s, %s, %s, %s, %s, 1, 0, 0)
ON CONFLICT (officer, day) DO UPDATE SET used = c.used + 1 RETURNING used
"""
_TALLY = """
INSERT INTO mandates_lookupcount AS c (id, officer, day, agency_id, region, used, stopped, refused)
VALUES (%(id)s, %(officer)s, %(day)s, %(agency)s, %(region)s, 0, %(stopped)s, %(refused)s)
ON CONFLICT (officer, day) DO UPDATE SET stopped = c.stopped + %(stopped)s, refused = c.refused + %(refused)s
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left today. `emergency`: the open emergency access of this act, if any."""

    quota: int
    used: int
    emergency: BreakGlass | None
    emergency_left: int


def take_one(actor: Actor, act: UUID, now: datetime) -> UUID | None:
    """Count one look-up, for good when the transaction commits; gives the emergency access it uses, None within the quota.

    Refused `quota_spent` when there is nothing left.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [new_id(), actor.user, today_in_china(now), actor.agency, actor.region])
        (used,) = cursor.fetchone()
    if used <= settings.LOOK_UPS_A_DAY:
        return None
    access = open_access(actor.user, act, now)
    if access is not None and _left(access):
        return access.pk
    raise Refused(
        "quota_spent",
        f"今天的依职能查询次数（{settings.LOOK_UPS_A_DAY} 次）已用完。请当事人亮码、登记实体证照，或者写明理由申请应急查询。",
        quota=settings.LOOK_UPS_A_DAY,
    )


def allowance(actor: Actor, act: UUID, now: datetime) -> Allowance:
    """Say what is left, without counting."""
    row = count_of(actor.user, today_in_china(now))
    access = open_access(actor.user, act, now)
    used = min(row.used, settings.LOOK_UPS_A_DAY) if row else 0
    return Allowance(settings.LOOK_UPS_A_DAY, used, access, _left(access) if access else 0)


def tally(actor: Actor, now: datetime, *, stopped: int = 0, refused: int = 0) -> None:
    """Count what was not let through, in a transaction of its own: the refused one has been rolled back."""
    values: dict[str, UUID | date | str | None] = {
        "id": new_id(),
        "officer": actor.user,
        "day": today_in_china(now),
        "agency": actor.agency,
        "region": actor.region,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, {**values, "stopped": stopped, "refused": refused})


def count_of(officer: UUID, day: date) -> LookUpCount | None:
    """Give an officer's day."""
    return LookUpCount.objects.filter(officer=officer, day=day).first()


def open_access(officer: UUID, act: UUID, now: datetime) -> BreakGlass | None:
    """Give the emergency access that is open for this officer in this act."""
    return BreakGlass.objects.filter(officer=officer, act=act, opened_at__lte=now, expires_at__gt=now).first()


def _left(access: BreakGlass) -> int:
    return max(0, BREAK_GLASS_LOOK_UPS - LookUp.objects.filter(break_glass=access.pk).count())
