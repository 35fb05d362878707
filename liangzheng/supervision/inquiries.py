"""督办: a supervisor asks an agency of his area, the agency answers by a day, the supervisor closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.mandates.area import area_of, supervising
from liangzheng.mandates.models import Alarm
from liangzheng.people.certificates import today_in_china
from liangzheng.people.models import Agency
from liangzheng.people.sessions import Actor
from liangzheng.rules.calendar import after_working_days, holidays
from liangzheng.storage.tenancy import acting
from liangzheng.supervision.models import Inquiry, InquiryAnswer

LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Question:
    """What a supervisor asks. `days`: working days for the answer; `alarm`, `act`: what it is about, if anything."""

    agency: UUID
    text: str
    days: int
    alarm: UUID | None
    act: UUID | None
    key: UUID


def open_inquiry(actor: Actor, question: Question, now: datetime) -> UUID:
    """Open an inquiry; the same key opens one."""
    text = _text(question.text)
    with supervising(actor):
        again = Inquiry.objects.filter(asked_by=actor.user, request_key=question.key).first()
        if again is not None:
            return again.pk
        agency = Agency.objects.filter(pk=question.agency).first()
        if agency is None or not agency.region_id.startswith(area_of(actor) or "-"):
            raise NotFound("agency_not_in_area", "该执法主体不在您的监督范围内。")
        inquiry = Inquiry.objects.create(
            agency=agency,
            region=agency.region_id,
            alarm=question.alarm,
            act=question.act,
            question=text,
            asked_by=actor.user,
            asked_at=now,
            due_on=after_working_days(today_in_china(now), question.days, holidays()).on,
            request_key=question.key,
        )
        append([_event("inquiry_opened", actor, inquiry, now)])
        return inquiry.pk


def answer_inquiry(actor: Actor, inquiry_id: UUID, text: str, now: datetime) -> None:
    """Answer for one's agency; every answer stays."""
    with acting(actor.scope):
        inquiry = _open_one(inquiry_id)
        InquiryAnswer.objects.create(
            inquiry=inquiry, agency_id=inquiry.agency_id, region=inquiry.region, text=_text(text), by=actor.user, at=now
        )
        append([_event("inquiry_answered", actor, inquiry, now)])


def close_inquiry(actor: Actor, inquiry_id: UUID, now: datetime) -> None:
    """Close an inquiry of the area."""
    with supervising(actor):
        inquiry = _open_one(inquiry_id)
        inquiry.closed_at, inquiry.closed_by = now, actor.user
        inquiry.save(update_fields=["closed_at", "closed_by"])
        append([_event("inquiry_closed", actor, inquiry, now)])


def close_alarm(actor: Actor, alarm_id: UUID, note: str, now: datetime) -> None:
    """Close an alarm of the area with a note; nobody closes one about himself."""
    if not note.strip():
        raise Malformed("reason_required", "请写明处理意见。", field="note")
    with supervising(actor):
        alarm = Alarm.objects.exclude(officer=actor.user).filter(pk=alarm_id).first()
        if alarm is None:
            raise NotFound("alarm_not_found", "没有这条预警，或者不在您的监督范围内。")
        if alarm.closed_at is not None:
            raise Refused("alarm_closed", "这条预警已经处理。")
        alarm.closed_at, alarm.closed_by, alarm.note = now, actor.user, _text(note)
        alarm.save(update_fields=["closed_at", "closed_by", "note"])
        event = Event(
            at=now,
            actor_kind=actor.role,
            actor=actor.user,
            action="alarm_closed",
            subject_kind="alarm",
            subject=alarm.pk,
            act=alarm.act,
            agency=alarm.agency_id,
            region=alarm.region,
            purpose="行政执法监督",
            result=alarm.kind,
        )
        append([event])


def _open_one(inquiry_id: UUID) -> Inquiry:
    inquiry = Inquiry.objects.filter(pk=inquiry_id).first()
    if inquiry is None:
        raise NotFound("inquiry_not_found", "没有这项督办。")
    if inquiry.closed_at is not None:
        raise Refused("inquiry_closed", "这项督办已经办结。")
    return inquiry


def _text(text: str) -> str:
    clean = text.strip()
    if not 0 < len(clean) <= LONGEST_TEXT:
        raise Malformed("reason_required", f"请填写内容，最长 {LONGEST_TEXT} 个字。", field="text")
    return clean


def _event(action: str, actor: Actor, inquiry: Inquiry, now: datetime) -> Event:
    return Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        action=action,
        subject_kind="inquiry",
        subject=inquiry.pk,
        act=inquiry.act,
        agency=inquiry.agency_id,
        region=inquiry.region,
        purpose="行政执法监督",
    )
