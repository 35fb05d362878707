"""使用记录: who looked at my data, when, why, in which act. Read from the log, which every look writes before it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from liangzheng.auditlog.models import LogEntry
from liangzheng.auditlog.proofs import places_of, receipt_of
from liangzheng.auditlog.receipt import Receipt
from liangzheng.catalogue.licence_types import LicenceType
from liangzheng.catalogue.read import catalogue
from liangzheng.errors import NotFound
from liangzheng.licences.models import Licence
from liangzheng.people.certificates import SHANGHAI
from liangzheng.people.models import Agency
from liangzheng.people.sessions import Actor
from liangzheng.rights.models import DisplayDelay
from liangzheng.storage.ids import first_id_at
from liangzheng.storage.tenancy import acting
from liangzheng.verification.words import words

ACTIONS = {
    "scan": "扫码核验",
    "look_up": "依职能查询",
    "prefill": "填入检查笔录",
    "reveal": "查看完整信息",
    "keep_exhibit": "存档为证据",
    "photo_compared": "核对照片",
    "read_photo": "查看照片",
    "read_scan": "再次查看核验结果",
    "read_record": "查看检查笔录",
    "write_record": "写入检查笔录文书",
    "read_exhibit": "打开存档证据",
    "offline_finding": "离线核验后联网复核，结果不同",
    "issue_receipt": "出具回执",
    "delay_approved": "批准延迟显示",
    "petition_entered": "代填异议、纠错或者投诉",
    "petition_forwarded": "转办异议、纠错或者投诉",
    "petition_answered": "答复异议、纠错或者投诉",
    "petition_read": "办理时查看异议、纠错或者投诉",
}
OTHER_ACTION = "其他查看"
"""For an action of a later version: a look is shown even when there is no word for it yet."""
JUDGED = {"scan", "look_up", "read_scan"}
OWN_DOING = ("holder", "operator")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Delayed:
    """Why a look was shown late: the decision, and until when it held."""

    reason: str
    legal_basis: str
    decided_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """One look at my data."""

    id: UUID
    at: datetime
    action: str
    action_label: str
    agency: str
    officer_certificate_number: str
    act_code: str
    purpose: str
    legal_basis: str
    licence_type_label: str
    fields: tuple[str, ...]
    result: str
    result_label: str
    log_index: int | None
    licence: UUID | None
    delayed: Delayed | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which uses: `before` is the last one of the page before; days are whole days in China; "" means any."""

    before: UUID | None = None
    action: str = ""
    act_code: str = ""
    agency: str = ""
    since: date | None = None
    until: date | None = None


def uses_of(actor: Actor, now: datetime, wanted: Wanted = Wanted()) -> list[Use]:
    """List a page of looks at this holder's data, the newest first; what he did himself is left out."""
    with acting(actor.scope):
        delays = _delays_of(actor)
        return _uses(actor, list(_wanted(_visible(actor, delays, now), wanted)[:PAGE]), delays)


def one_use(actor: Actor, use: UUID, now: datetime) -> Use:
    """Give one look at this holder's data."""
    with acting(actor.scope):
        return _uses(actor, [find_use(actor, use, now)], _delays_of(actor))[0]


def _uses(actor: Actor, entries: Sequence[LogEntry], delays: Sequence[DisplayDelay]) -> list[Use]:
    agencies = dict(Agency.objects.filter(pk__in={entry.agency_id for entry in entries}).values_list("pk", "name"))
    licences = {licence.pk: licence for licence in Licence.objects.filter(holder=actor.holder)}
    places = places_of([entry.pk for entry in entries])
    return [_use(entry, agencies, licences, places.get(entry.pk), delays) for entry in entries]


def find_use(actor: Actor, use: UUID, now: datetime) -> LogEntry:
    """Find one look at this holder's data, in his scope. NotFound for the looks of others and for those not shown yet."""
    delays = _delays_of(actor)
    entry = _visible(actor, delays, now).filter(pk=use).first()
    if entry is None:
        raise NotFound("use_not_found", "没有这条使用记录。")
    return entry


def receipt_of_use(actor: Actor, use: UUID, now: datetime) -> Receipt:
    """Give the proof of one look at this holder's data."""
    with acting(actor.scope):
        return receipt_of(find_use(actor, use, now))


def _delays_of(actor: Actor) -> list[DisplayDelay]:
    if actor.holder is None:
        raise NotFound("use_not_found", "本账号没有对应的持证主体。")
    return list(DisplayDelay.objects.filter(holder=actor.holder, decision="approved"))


def _visible(actor: Actor, delays: Sequence[DisplayDelay], now: datetime) -> QuerySet[LogEntry]:
    """Everything about this holder but his own doing, and but what is delayed as of now."""
    hidden = Q(pk__in=[])
    for delay in delays:
        if delay.ends_at is not None and now < delay.ends_at:
            hidden |= Q(act=delay.act, at__gte=delay.decided_at)
    return LogEntry.objects.filter(holder=actor.holder).exclude(actor_kind__in=OWN_DOING).exclude(hidden).order_by("-id")


def _wanted(entries: QuerySet[LogEntry], wanted: Wanted) -> QuerySet[LogEntry]:
    """The id is a time (UUIDv7): days select by it, so that one index serves both."""
    if wanted.before is not None:
        entries = entries.filter(pk__lt=wanted.before)
    if wanted.since is not None:
        entries = entries.filter(pk__gte=first_id_at(_midnight(wanted.since)))
    if wanted.until is not None:
        entries = entries.filter(pk__lt=first_id_at(_midnight(wanted.until + timedelta(days=1))))
    if wanted.agency:
        entries = entries.filter(agency_id__in=list(Agency.objects.filter(name=wanted.agency).values_list("pk", flat=True)))
    named = {"action": wanted.action, "act_code": wanted.act_code}
    return entries.filter(**{name: value for name, value in named.items() if value})


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _use(
    entry: LogEntry,
    agencies: Mapping[UUID, str],
    licences: Mapping[UUID, Licence],
    log_index: int | None,
    delays: Sequence[DisplayDelay],
) -> Use:
    licence = licences.get(entry.subject) if entry.subject else None
    return Use(
        id=entry.pk,
        at=entry.at,
        action=entry.action,
        action_label=action_word(entry.action),
        agency=agencies.get(entry.agency_id, "") if entry.agency_id else "",
        officer_certificate_number=entry.actor_number,
        act_code=entry.act_code,
        purpose=entry.purpose,
        legal_basis=entry.legal_basis,
        licence_type_label=licence.type_name if licence else "",
        fields=field_words(licence, entry.fields),
        result=entry.result,
        result_label=result_word(entry.action, entry.result),
        log_index=log_index,
        licence=licence.pk if licence else None,
        delayed=_delayed(entry, delays),
    )


def _delayed(entry: LogEntry, delays: Sequence[DisplayDelay]) -> Delayed | None:
    for delay in delays:
        if delay.act == entry.act and delay.decided_at and delay.ends_at and delay.decided_at <= entry.at < delay.ends_at:
            return Delayed(delay.reason, delay.legal_basis, delay.decided_at, delay.ends_at)
    return None


def action_word(action: str) -> str:
    """Say in words what was done."""
    return ACTIONS.get(action, OTHER_ACTION)


def result_word(action: str, result: str) -> str:
    """Say the verdict of a scan or look-up in words; "" for other actions."""
    if action not in JUDGED or not result:
        return ""
    table, codes = words(), result.split(",")
    decisive = codes[1] if codes[0] == "invalid" and len(codes) > 1 else ""
    if decisive in table:
        return str(table[decisive]["zh"])
    return str(table["standing"][codes[0]]["zh"]) if codes[0] in table["standing"] else codes[0]


def field_words(licence: Licence | None, names: Sequence[str]) -> tuple[str, ...]:
    """Say the names of a licence's fields in words."""
    kind = next((item for item in catalogue().licence_types if licence and item.code == licence.type_code), None)
    return tuple(_field_word(kind, name) for name in names)


def _field_word(kind: LicenceType | None, name: str) -> str:
    try:
        return catalogue().field(kind, name).label if kind else name
    except KeyError:
        return name
