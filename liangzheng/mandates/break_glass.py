"""应急查询: the way out when the quota is spent. Opened with a reason, ends by itself, is reviewed; one that is not, alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.mandates.alarms import Occasion, raise_alarm
from liangzheng.mandates.models import BreakGlass, BreakGlassReview
from liangzheng.people.sessions import Actor

LONGEST = timedelta(hours=1)
REVIEW_WITHIN = timedelta(hours=24)
REMEMBERED = timedelta(days=30)
"""How long a rejected emergency access keeps the officer from another one."""
_SHORTEST_REASON, _LONGEST_REASON = 8, 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer enters; `act` is an open act of his with its number and agency, `minutes` at most an hour."""

    act: UUID
    act_code: str
    agency: UUID
    reason: str
    minutes: int
    key: UUID


def open_break_glass(actor: Actor, number: str, wish: Wish, now: datetime) -> BreakGlass:
    """Open an emergency access in the officer's scope; `number` is that of his certificate. The same key gives the same one."""
    again = BreakGlass.objects.filter(officer=actor.user, request_key=wish.key).first()
    if again is not None:
        return again
    reason, term = wish.reason.strip(), timedelta(minutes=wish.minutes)
    if not _SHORTEST_REASON <= len(reason) <= _LONGEST_REASON:
        raise Malformed(
            "reason_required", f"请写明应急查询的理由（{_SHORTEST_REASON} 至 {_LONGEST_REASON} 个字）。", field="reason"
        )
    if not timedelta() < term <= LONGEST:
        raise Malformed("invalid_input", "应急查询最长 60 分钟。", place="minutes")
    _refuse_unsettled(actor.user, now)
    access = BreakGlass.objects.create(
        officer=actor.user,
        agency_id=wish.agency,
        region=actor.region,
        act=wish.act,
        reason=reason,
        opened_at=now,
        expires_at=now + term,
        review_due=now + REVIEW_WITHIN,
        request_key=wish.key,
    )
    append([_event("break_glass_opened", access, actor, now, number=number, act_code=wish.act_code)])
    raise_alarm(_occasion("break_glass_opened", access), now)
    return access


def _refuse_unsettled(officer: UUID, now: datetime) -> None:
    mine = BreakGlass.objects.filter(officer=officer)
    if mine.filter(review__isnull=True).exists():
        raise Refused("break_glass_pending", "您上一次应急查询还没有经过复核，复核后才能再次申请。")
    if mine.filter(review__is_accepted=False, review__at__gt=now - REMEMBERED).exists():
        raise Refused("break_glass_rejected", "您 30 天内的应急查询未通过复核，不能再次申请，请联系监督机构。")


def review_break_glass(actor: Actor, access_id: UUID, note: str, now: datetime, *, is_accepted: bool) -> BreakGlass:
    """Review an emergency access of the supervisor's area (in `supervising`); once, and never one's own."""
    access = BreakGlass.objects.filter(pk=access_id).exclude(officer=actor.user).first()
    if access is None:
        raise NotFound("break_glass_not_found", "没有这次应急查询。")
    if BreakGlassReview.objects.filter(access=access).exists():
        raise Refused("break_glass_reviewed", "这次应急查询已经复核。")
    if not note.strip():
        raise Malformed("reason_required", "请写明复核意见。", field="note")
    BreakGlassReview.objects.create(
        access=access,
        agency_id=access.agency_id,
        region=access.region,
        by=actor.user,
        at=now,
        is_accepted=is_accepted,
        note=note.strip()[:_LONGEST_REASON],
    )
    append([_event("break_glass_reviewed", access, actor, now, result="accepted" if is_accepted else "rejected")])
    return access


def alarm_unreviewed(now: datetime) -> int:
    """Raise an alarm for each access of the scope that nobody reviewed in time; gives the number of new ones."""
    late = BreakGlass.objects.filter(review__isnull=True, review_due__lt=now)
    return sum(raise_alarm(_occasion("break_glass_unreviewed", access), now) for access in late)


def _occasion(kind: str, access: BreakGlass) -> Occasion:
    return Occasion(
        kind=kind,
        key=str(access.pk),
        agency=access.agency_id,
        region=access.region,
        officer=access.officer,
        act=access.act,
        facts={"access": str(access.pk)},
    )


def _event(
    action: str, access: BreakGlass, actor: Actor, now: datetime, *, number: str = "", act_code: str = "", result: str = ""
) -> Event:
    return Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        actor_number=number,
        action=action,
        subject_kind="break_glass",
        subject=access.pk,
        act=access.act,
        act_code=act_code,
        agency=access.agency_id,
        region=access.region,
        purpose="应急查询",
        result=result,
    )
