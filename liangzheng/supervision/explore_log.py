"""The auditor's view of the log: entries of his area by action, actor, act and time, each with its proof. Reading is logged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet

from liangzheng.auditlog.append import Event, append
from liangzheng.auditlog.models import LogEntry
from liangzheng.auditlog.proofs import places_of, receipt_of
from liangzheng.auditlog.receipt import Receipt
from liangzheng.errors import NotFound
from liangzheng.mandates.area import supervising
from liangzheng.people.certificates import SHANGHAI
from liangzheng.people.sessions import Actor
from liangzheng.storage.ids import first_id_at

PAGE = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries; what is empty does not count. `actor`: an officer's certificate number; days are whole, in Asia/Shanghai."""

    action: str = ""
    actor: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None
    before: UUID | None = None


def explore(actor: Actor, filters: Filters, now: datetime) -> tuple[list[LogEntry], dict[UUID, int]]:
    """Give a page of entries, the newest first, and the places in the tree of those that are sealed."""
    with supervising(actor):
        append([_event(actor, "audit_read", now, _said(filters), None)])
        entries = list(_found(filters)[:PAGE])
        return entries, places_of([entry.pk for entry in entries])


def prove(actor: Actor, entry_id: UUID, now: datetime) -> Receipt:
    """Give the inclusion proof of an entry of the area, as anyone can check it (C2SP tlog-proof)."""
    with supervising(actor):
        entry = LogEntry.objects.filter(pk=entry_id).first()
        if entry is None:
            raise NotFound("entry_not_found", "没有这条日志，或者不在您的范围内。")
        append([_event(actor, "audit_proof", now, "", entry.pk)])
        return receipt_of(entry)


def _found(filters: Filters) -> QuerySet[LogEntry]:
    """An id is a time (UUIDv7), so days select partitions and the order is that of the key."""
    found = LogEntry.objects.order_by("-id")
    if filters.since is not None:
        found = found.filter(pk__gte=first_id_at(_midnight(filters.since)))
    if filters.until is not None:
        found = found.filter(pk__lt=first_id_at(_midnight(filters.until + timedelta(days=1))))
    if filters.before is not None:
        found = found.filter(pk__lt=filters.before)
    wanted = {"action": filters.action, "actor_number": filters.actor, "act_code": filters.act}
    return found.filter(**{name: value for name, value in wanted.items() if value})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _said(filters: Filters) -> str:
    return " ".join(f"{name}={value}" for name, value in asdict(filters).items() if value)[:300]


def _event(actor: Actor, action: str, now: datetime, result: str, subject: UUID | None) -> Event:
    return Event(
        at=now,
        actor_kind=actor.role,
        actor=actor.user,
        action=action,
        subject_kind="log_entry" if subject else "log",
        subject=subject,
        agency=actor.agency,
        region=actor.region,
        purpose="审计",
        result=result,
    )
