"""异议、纠错、投诉: how a party files one, on his phone, with a receipt’s code or on paper through an officer; and its term."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.auditlog.models import LogEntry
from liangzheng.errors import Malformed, NotFound, Refused
from liangzheng.licences.models import Licence
from liangzheng.people.certificates import current_certificate, today_in_china
from liangzheng.people.models import Agency, Officer
from liangzheng.people.sessions import Actor
from liangzheng.rights.issue_receipt import ALPHABET, holding
from liangzheng.rights.models import Petition
from liangzheng.rights.uses import find_use
from liangzheng.rules.calendar import after_working_days, holidays
from liangzheng.storage.tenancy import acting

Kind = Literal["objection", "correction", "complaint"]


@dataclass(frozen=True, slots=True)
class Term:
    """How long the answer may take, and the letters its number begins with."""

    working_days: int
    letters: str
    label: str


# Proposed by the platform; each agency's legal office sets them (待法制机构确认).
TERMS: Mapping[Kind, Term] = {
    "objection": Term(10, "YY", "异议"),
    "correction": Term(10, "JC", "纠错"),
    "complaint": Term(15, "TS", "投诉"),
}
LONGEST_TEXT, LONGEST_LINE = 2000, 100  # characters
MOST_OPEN = 3
"""About one look or inspection: more of them at once would only hide the first."""
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class NewPetition:
    """What the party wants. `field`: which entry of a licence is wrong; `name`, `contact`: of one who has no account."""

    kind: Kind
    text: str
    key: UUID
    field: str = ""
    name: str = ""
    contact: str = ""


def file_petition(actor: Actor, use: UUID, new: NewPetition, now: datetime) -> Petition:
    """File one about a look at one's own data."""
    with acting(actor.scope):
        entry = find_use(actor, use, now)
        again = Petition.objects.filter(request_key=new.key, holder=actor.holder).first()
        return again or _file(new, now, channel="phone", entry=entry)


def file_with_receipt(code: str, new: NewPetition, now: datetime) -> Petition:
    """File one as the bearer of a receipt, without log-in."""
    with holding(code) as receipt:
        entry = LogEntry.objects.get(pk=receipt.entry)
        again = Petition.objects.filter(request_key=new.key, entry=entry.pk).first()
        return again or _file(new, now, channel="receipt", entry=entry)


def enter_petition(actor: Actor, code: str, new: NewPetition, now: datetime) -> Petition:
    """Write down what somebody hands in on paper, with or without his receipt; the log says who wrote it down."""
    if actor.role != "officer":
        raise Refused("auxiliary_not_counted", "执法辅助人员不能代填。", rule="R03")
    if not code.strip():
        with acting(actor.scope):
            return _known(actor, new) or _file(new, now, channel="paper", by=actor)
    with holding(code) as receipt:
        if receipt.agency_id != actor.agency:
            raise NotFound("receipt_not_found", "没有这份回执，请核对回执号。")
        entry = LogEntry.objects.get(pk=receipt.entry)
        return _known(actor, new) or _file(new, now, channel="paper", entry=entry, by=actor)


def _known(actor: Actor, new: NewPetition) -> Petition | None:
    return Petition.objects.filter(request_key=new.key, entered_by=actor.user).first()


def _file(new: NewPetition, now: datetime, *, channel: str, entry: LogEntry | None = None, by: Actor | None = None) -> Petition:
    _require_readable(new, needs_name=channel == "paper")
    agency_id = entry.agency_id if entry else by.agency if by else None
    if agency_id is None:
        raise Refused("petition_without_agency", "这条记录没有执法机关，不能在这里提出。")
    if entry and Petition.objects.filter(entry=entry.pk).exclude(state__in=("answered", "withdrawn")).count() >= MOST_OPEN:
        raise Refused("petition_open", "对这条记录已有尚未答复的申请，请等待答复。")
    agency = Agency.objects.get(pk=agency_id)
    about = entry.subject if entry and entry.subject_kind == "licence" else None
    licence = Licence.objects.filter(pk=about).first() if about else None
    deadline = after_working_days(today_in_china(now), TERMS[new.kind].working_days, holidays())
    row = Petition(
        number=_number(new.kind, now),
        kind=new.kind,
        entry=entry.pk if entry else None,
        act=entry.act if entry else None,
        act_code=entry.act_code if entry else "",
        agency_id=agency.pk,
        region=entry.region if entry else agency.region_id,
        holder=entry.holder if entry else None,
        licence=about,
        field=new.field.strip(),
        name=new.name.strip(),
        contact=new.contact.strip(),
        text=new.text.strip(),
        channel=channel,
        entered_by=by.user if by else None,
        received_at=now,
        due_on=deadline.on,
        is_due_provisional=deadline.is_provisional,
        state="received",
        addressed_to=licence.issuing_authority if licence and new.kind == "correction" else agency.name,
        request_key=new.key,
    )
    row.save(force_insert=True)
    append([petition_event(row, "petition_entered" if by else "petition_filed", by, now)])
    return row


def _require_readable(new: NewPetition, *, needs_name: bool) -> None:
    lines = (new.field, new.name, new.contact)
    if not new.text.strip() or len(new.text) > LONGEST_TEXT or any(len(line) > LONGEST_LINE for line in lines):
        raise Malformed("petition_unreadable", f"请写明事实和理由，最多 {LONGEST_TEXT} 字；其他各项最多 {LONGEST_LINE} 字。")
    if any(_UNSEEN.search(text) for text in (new.text.replace("\r\n", "\n"), *lines)):
        raise Malformed("petition_unreadable", "内容含有看不见的控制字符，请删除后再提交。")
    if needs_name and not new.name.strip():
        raise Malformed("petition_unreadable", "代填须写明当事人的姓名或者名称。")


def _number(kind: Kind, now: datetime) -> str:
    tail = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"{TERMS[kind].letters}-{today_in_china(now):%Y%m%d}-{tail}"


def petition_event(row: Petition, action: str, by: Actor | None, now: datetime, result: str = "") -> Event:
    """Describe a step of a petition for the log; `by` is empty when the party himself took it."""
    return Event(
        at=now,
        actor_kind="officer" if by else "holder",
        actor=by.user if by else None,
        actor_number=_certificate_number(by) if by else "",
        action=action,
        subject_kind="petition",
        subject=row.pk,
        act=row.act,
        act_code=row.act_code,
        agency=row.agency_id,
        region=row.region,
        holder=row.holder,
        purpose=f"办理{TERMS[row.kind].label}",  # type: ignore[index]  # the column has these choices only
        result=result or row.number,
    )


def _certificate_number(by: Actor) -> str:
    officer = Officer.objects.filter(pk=by.user).first()
    certificate = current_certificate(officer) if officer else None
    return certificate.number if certificate else ""
