"""What officers write into an act by hand: the opening answers, edits with a reason, physical licences, the record document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from liangzheng.auditlog.append import append
from liangzheng.cases.acts import NewAct, asks_of, find_act, lock_act, open_act, require_open
from liangzheng.cases.form import fields_for
from liangzheng.cases.models import Act, Document, PhysicalLicence, RecordValue
from liangzheng.catalogue.read import subjects
from liangzheng.errors import Malformed, Refused
from liangzheng.onsite.trail import trail_of
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting

LONGEST_VALUE = 4000  # characters


@dataclass(frozen=True, slots=True)
class PhysicalInput:
    """A physical licence as read by eye; nothing of it has been verified."""

    requirement: str
    holder_name: str
    number: str
    valid_to: date | None
    note: str
    key: UUID


def open_inspection(actor: Actor, new: NewAct, now: datetime) -> UUID:
    """Open an act and put the opening answers into the record."""
    subject = subjects().get(new.subject)
    if subject is None:
        raise Malformed("invalid_input", "没有这种检查对象。", place="subject")
    missing = [ask.label for ask in subject.asks if ask.required and not new.asks.get(ask.name, "").strip()]
    if missing or not new.place.strip():
        raise Malformed("invalid_input", f"请填写：{'、'.join([*missing, *([] if new.place.strip() else ['检查地点'])])}。")
    if actor.role != "officer":
        raise Refused("auxiliary_not_counted", "执法辅助人员不能开展检查。", rule="R03")
    with acting(actor.scope):
        act = open_act(actor.user, new, now)
        if not act.values.exists():
            _write_asks(actor, act, now)
        return act.pk


def _write_asks(actor: Actor, act: Act, now: datetime) -> None:
    asks = asks_of(act)
    for ask in subjects()[act.subject].asks:
        if ask.record_field and asks.get(ask.name, "").strip():
            _write(actor, act, ask.record_field, asks[ask.name].strip(), "typed", "", now)
    append([trail_of(actor, act).event("open_act", now, subject=("act", act.pk), result=act.assignment_number)])


def _write(actor: Actor, act: Act, field: str, value: str, kind: str, reason: str, now: datetime) -> None:
    RecordValue.objects.create(
        act=act,
        agency_id=act.agency_id,
        region=act.region,
        field=field,
        value=value,
        kind=kind,
        reason=reason,
        by=actor.user,
        at=now,
    )


def write_value(actor: Actor, act_id: UUID, name: str, value: str, reason: str, now: datetime) -> None:
    """Write one field by hand. What a licence filled may be changed only with a reason, and the old value stays."""
    with acting(actor.scope):
        act = lock_act(act_id, actor.user)
        require_open(act, now)
        field = next((field for field in fields_for(act.subject) if field.name == name), None)
        if field is None or not field.editable:
            raise Malformed("value_unknown_field", "笔录中没有这一项，或者这一项不能修改。", field=name)
        if len(value) > LONGEST_VALUE:
            raise Malformed("invalid_input", f"内容不能超过{LONGEST_VALUE}字。", field=name)
        newest = act.values.filter(field=name).order_by("-id").first()
        if newest is not None and newest.value == value.strip():
            return
        was_filled = newest is not None and newest.kind in {"filled", "edited"}
        if was_filled and not reason.strip():
            raise Malformed("reason_required", "修改自动填入的内容须写明理由。", field=name)
        kind = "edited" if was_filled else ("asked" if field.kind == "asked" else "typed")
        _write(actor, act, name, value.strip(), kind, reason.strip(), now)
        append([trail_of(actor, act).event("write_value", now, subject=("act", act.pk), fields=(name,), result=kind)])


def write_physical(actor: Actor, act_id: UUID, given: PhysicalInput, now: datetime) -> None:
    """Write down a physical licence: no phone, law demands paper, or no e-licence. It is never counted as verified."""
    with acting(actor.scope):
        act = lock_act(act_id, actor.user)
        require_open(act, now)
        if given.requirement not in {item.id for item in subjects()[act.subject].requirements}:
            raise Malformed("invalid_input", "没有这项证照要求。", place="requirement")
        row, is_new = PhysicalLicence.objects.get_or_create(
            request_key=given.key,
            defaults={
                "act": act,
                "agency_id": act.agency_id,
                "region": act.region,
                "requirement": given.requirement,
                "unverified_holder_name": given.holder_name,
                "unverified_number": given.number,
                "unverified_valid_to": given.valid_to,
                "note": given.note,
                "by": actor.user,
                "at": now,
            },
        )
        if is_new:
            event = trail_of(actor, act).event(
                "write_physical", now, subject=("physical_licence", row.pk), result=given.requirement
            )
            append([event])


def document_of(actor: Actor, act_id: UUID, document_id: UUID) -> Document | None:
    """Find a document of an act of this officer."""
    act = find_act(act_id, actor.user)
    return Document.objects.filter(pk=document_id, act=act).first()
