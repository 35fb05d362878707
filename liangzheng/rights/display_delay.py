"""延迟显示: an act may keep its looks at one holder from him for a time, where law allows it and a supervisor decides so.

What was looked up before the decision stays shown. When the term is over everything is shown, with the decision's reason; a
second term for the same act and holder does not exist. Every step is in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from liangzheng.auditlog.append import Event, append
from liangzheng.cases.acts import find_act
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.mandates.area import supervising
from liangzheng.people.sessions import Actor
from liangzheng.rights.models import DisplayDelay
from liangzheng.storage.tenancy import acting
from liangzheng.verification.models import Scan

LONGEST = 90  # days; the table refuses more
LONGEST_REASON = 500  # characters
# Where telling at once would hinder the duty (个人信息保护法第十八条、第三十五条); the wording awaits the legal office.
BASES: Mapping[str, str] = {
    "hinders_duty": "个人信息保护法第三十五条：告知将妨碍履行法定职责（待法制机构确认）",
    "secrecy": "个人信息保护法第十八条第一款：法律、行政法规规定应当保密（待法制机构确认）",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer asks for: the party of this scan, so many days from the decision, on which basis and why."""

    scan: UUID
    days: int
    basis: str
    reason: str


def ask_for_delay(actor: Actor, act_id: UUID, wish: Wish, now: datetime) -> DisplayDelay:
    """Ask for a delay inside an act. Nothing is delayed by asking."""
    if wish.basis not in BASES or wish.days not in range(1, LONGEST + 1) or not 0 < len(wish.reason.strip()) <= LONGEST_REASON:
        raise Malformed("delay_unreadable", f"请选择依据、写明理由，期限为 1 至 {LONGEST} 天。")
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        scan = Scan.objects.filter(pk=wish.scan, act=act.pk).exclude(holder=None).first()
        if scan is None or scan.holder is None:
            raise NotFound("scan_not_found", "没有这次扫码记录，或者没有读出持证主体。")
        row = DisplayDelay(
            act=act.pk,
            act_code=act.act_code,
            holder=scan.holder,
            agency_id=act.agency_id,
            region=act.region,
            days=wish.days,
            reason=wish.reason.strip(),
            legal_basis=BASES[wish.basis],
            requested_by=actor.user,
            requested_at=now,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Refused("delay_once", "对同一当事人，一次检查只能申请一次延迟显示，不能延长。") from error
        append([_event(row, "delay_requested", actor, now)])
        return row


def delays_to_decide(actor: Actor) -> list[DisplayDelay]:
    """List what waits for a supervisor of this area, the oldest first."""
    with supervising(actor):
        return list(DisplayDelay.objects.filter(decision="").order_by("id"))


def decide_delay(actor: Actor, delay: UUID, now: datetime, *, approve: bool) -> DisplayDelay:
    """Decide once. The term begins now and has its end from the start."""
    with supervising(actor):
        row = DisplayDelay.objects.select_for_update().filter(pk=delay, decision="").first()
        if row is None:
            raise NotFound("delay_not_found", "没有待批准的延迟显示，或者已经决定。")
        row.decision, row.decided_by, row.decided_at = "approved" if approve else "refused", actor.user, now
        row.ends_at = now + timedelta(days=row.days) if approve else None
        row.save(update_fields=["decision", "decided_by", "decided_at", "ends_at"])
        append([_event(row, f"delay_{row.decision}", actor, now)])
        return row


def _event(row: DisplayDelay, action: str, actor: Actor, now: datetime) -> Event:
    """The holder stands in the entry of an approval only, and that one is itself delayed: asking must not tell him."""
    return Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        action=action,
        subject_kind="display_delay",
        subject=row.pk,
        act=row.act,
        act_code=row.act_code,
        agency=row.agency_id,
        region=row.region,
        holder=row.holder if action == "delay_approved" else None,
        purpose="延迟显示",
        legal_basis=row.legal_basis,
        result=f"{row.days} days",
    )
