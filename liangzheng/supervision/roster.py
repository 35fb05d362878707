"""值班表: an agency's turns, against which look-ups off duty are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import Malformed, NotAllowed
from liangzheng.mandates.models import Shift
from liangzheng.people.models import Officer
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting

LONGEST = timedelta(hours=24)
Turn = tuple[UUID, datetime, datetime]


def enter_roster(actor: Actor, turns: Sequence[Turn], now: datetime) -> int:
    """Enter turns of one's agency, all or none; a turn that begins when a known one does replaces it. Logged."""
    agency = actor.agency
    if agency is None:
        raise NotAllowed("not_your_role", "此功能不对本账号开放。")
    with acting(actor.scope):
        own = set(Officer.objects.values_list("pk", flat=True))
        for officer, starts, ends in turns:
            if officer not in own or starts.tzinfo is None or ends.tzinfo is None or not timedelta() < ends - starts <= LONGEST:
                raise Malformed("shift_not_usable", "每班须有开始和结束时间（含时区），不超过 24 小时，人员须属于本机构。")
        rows = {(officer, starts): ends for officer, starts, ends in turns}
        for officer, starts in rows:
            Shift.objects.filter(officer=officer, starts_at=starts).delete()
        Shift.objects.bulk_create(
            Shift(officer=officer, starts_at=starts, ends_at=ends, agency_id=agency, region=actor.region)
            for (officer, starts), ends in rows.items()
        )
        event = Event(
            at=now,
            actor_kind=actor.role,
            actor=actor.user,
            action="roster_entered",
            subject_kind="roster",
            agency=actor.agency,
            region=actor.region,
            result=str(len(rows)),
        )
        append([event])
        return len(rows)
