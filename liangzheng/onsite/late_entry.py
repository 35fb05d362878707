"""补录: something of an inspection that was written down afterwards, with a reason, within a limit. Never taken for verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.conf import settings

from liangzheng.cases.models import Act
from liangzheng.errors import Malformed, Refused
from liangzheng.onsite.trail import Trail
from liangzheng.onsite.writing import PhysicalInput, write_physical


@dataclass(frozen=True, slots=True)
class LateEntry:
    """What was read by eye at the time. `valid_to` is YYYY-MM-DD or empty."""

    requirement: str
    reason: str
    holder_name: str
    number: str
    valid_to: str
    note: str


def late_entry_until(act: Act) -> datetime:
    """Until when something of this act may still be entered late."""
    return act.opened_at + timedelta(hours=settings.LATE_ENTRY_HOURS)


def write_late_entry(trail: Trail, entry: LateEntry, event: tuple[UUID, int], now: datetime) -> None:
    """Write a late entry as a physical licence whose note says why it is late; the limit is counted from the act's opening.

    `event` (device and counter) makes it happen once. Refused `late_entry_closed` after the limit, by the server's clock.
    """
    if not entry.reason.strip():
        raise Malformed("reason_required", "补录须写明理由。", place="reason")
    if now > late_entry_until(trail.act):
        raise Refused("late_entry_closed", f"已超过补录期限（{settings.LATE_ENTRY_HOURS}小时）。")
    note = "；".join(part for part in (f"补录，理由：{entry.reason.strip()}", entry.note.strip()) if part)
    device, counter = event
    given = PhysicalInput(
        entry.requirement, entry.holder_name, entry.number, _day(entry.valid_to), note, uuid5(device, str(counter))
    )
    write_physical(trail.actor, trail.act.pk, given, now)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Malformed("event_unreadable", "有效期的日期格式不对。", place="valid_to") from error
