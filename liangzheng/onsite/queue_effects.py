"""What one event of a phone's queue does: a scan, an undo, a late entry, a shown badge. A refused event stays, without effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from liangzheng.auditlog.append import append
from liangzheng.cases.acts import find_act
from liangzheng.cases.models import Act, ActOfficer
from liangzheng.codes.find_offline import find_showing
from liangzheng.errors import CannotDo, Malformed, Refused, Unavailable
from liangzheng.formats.device_event import EventKind, Happened
from liangzheng.onsite.late_entry import LateEntry, write_late_entry
from liangzheng.onsite.models import DeviceEvent
from liangzheng.onsite.queue_scan import SeenScan, happened_at, read_verdict, write_offline_scan
from liangzheng.onsite.trail import Trail, trail_of
from liangzheng.people.models import Device
from liangzheng.people.sessions import Actor
from liangzheng.verification.models import Scan

METHODS = frozenset({"camera", "photo", "typed", "wedge"})
LONGEST_CODE, LONGEST_REASON = 4096, 500  # characters
_UUID = 16


@dataclass(slots=True)
class Work:
    """One upload's officer and device; acts are looked up once."""

    actor: Actor
    device: Device
    now: datetime
    _trails: dict[UUID, Trail] = field(default_factory=dict)

    def trail(self, act: UUID | None) -> Trail:
        """Give the officer's trail in an act of his."""
        if act is None:
            raise Malformed("event_unreadable", "记录没有写明是哪次检查。")
        if act not in self._trails:
            self._trails[act] = trail_of(self.actor, find_act(act, self.actor.user))
        return self._trails[act]


@dataclass(frozen=True, slots=True)
class Effect:
    """applied, or refused with its error code."""

    state: str
    reason: str = ""
    scan: UUID | None = None


def apply_event(work: Work, happened: Happened, before: Sequence[DeviceEvent]) -> Effect:
    """Do what the event says, all or nothing; `before` are this call's rows, which are not stored yet.

    Unavailable is not caught: the whole call is undone and comes again.
    """
    try:
        with transaction.atomic():
            return Effect("applied", scan=_EFFECTS[happened.kind](work, happened, before))
    except Unavailable:
        raise
    except CannotDo as error:
        return Effect("refused", error.code)


def _scan(work: Work, happened: Happened, _before: Sequence[DeviceEvent]) -> UUID:
    body = _Body(happened)
    method = body.text("method", 10)
    if method not in METHODS:
        raise Malformed("event_unreadable", "没有这种扫码方式。")
    seen = SeenScan(
        text=body.text("text", LONGEST_CODE),
        method=method,
        verdict=read_verdict(body.bytes("verdict")),
        key=body.id("id"),
        at=happened_at(happened, work.now),
    )
    return write_offline_scan(work.trail(happened.act), work.device, seen, work.now)


def _undo(work: Work, happened: Happened, before: Sequence[DeviceEvent]) -> UUID:
    """Take back a scan of the act: this phone's own by the counter of its event, one made with signal by its id."""
    body = _Body(happened)
    reason = body.text("reason", LONGEST_REASON).strip()
    if not reason:
        raise Malformed("reason_required", "撤回须写明理由。")
    trail = work.trail(happened.act)
    if "scan" in happened.body:
        scan = Scan.objects.filter(pk=body.id("scan"), act=trail.act.pk).values_list("pk", flat=True).first()
    else:
        scan = _scan_of(work, body.number("of"), trail.act, before)
    if scan is None:
        raise Refused("undo_unknown", "要撤回的扫码不在本次检查中。")
    append([trail.event("undo_scan", work.now, subject=("scan", scan), result=reason[:200])])
    return scan


def _scan_of(work: Work, counter: int, act: Act, before: Sequence[DeviceEvent]) -> UUID | None:
    stored = DeviceEvent.objects.filter(device=work.device, counter=counter, kind="scan", state="applied", act=act.pk)
    fresh = (row for row in before if (row.counter, row.kind, row.state, row.act) == (counter, "scan", "applied", act.pk))
    found = next(fresh, None) or stored.first()
    return found.scan if found else None


def _late_entry(work: Work, happened: Happened, _before: Sequence[DeviceEvent]) -> None:
    body = _Body(happened)
    entry = LateEntry(
        requirement=body.text("requirement", 100),
        reason=body.text("reason", LONGEST_REASON),
        holder_name=body.text("holder_name", 200, ""),
        number=body.text("number", 200, ""),
        valid_to=body.text("valid_to", 10, ""),
        note=body.text("note", LONGEST_REASON, ""),
    )
    write_late_entry(work.trail(happened.act), entry, (happened.device, happened.counter), work.now)


def _presence(work: Work, happened: Happened, _before: Sequence[DeviceEvent]) -> None:
    """Note that this officer showed his badge, and that the party looked where the party's own phone has signed that.

    Its signature is over the match number it saw; without one nothing is acknowledged, because this phone could say anything.
    """
    body = _Body(happened)
    trail, at, match = work.trail(happened.act), happened_at(happened, work.now), body.number("match")
    row = ActOfficer.objects.select_for_update().get(act=trail.act, officer=work.actor.user)
    if match != int(row.match_number):
        raise Refused("match_number_differs", "核对号与本次检查不一致。")
    if row.shown_at is None:
        row.shown_at = at
        row.save(update_fields=["shown_at"])
        append([trail.event("show_badge", work.now, subject=("enforcement_certificate", row.certificate_id), result="offline")])
    if row.acknowledged_at is None and _is_countersigned(body.text("party", LONGEST_CODE, ""), match, trail.act.act_code, at):
        row.acknowledged_at = at
        row.save(update_fields=["acknowledged_at"])
        append([trail.event("open_badge", work.now, subject=("enforcement_certificate", row.certificate_id), result="offline")])


def _is_countersigned(text: str, match: int, act_code: str, at: datetime) -> bool:
    """Say whether a holder's enrolled phone signed this match number in a showing that was fresh at the time."""
    showing = find_showing(text, act_code, at) if text and match else None
    if showing is None or not showing.is_signed or showing.issued is None:
        return False
    return showing.match_number == match and at <= showing.expires_at


def _nothing(_work: Work, _happened: Happened, _before: Sequence[DeviceEvent]) -> None:
    """A training run ended: it left nothing behind but its place in the chain."""


_EFFECTS: Mapping[EventKind, Callable[[Work, Happened, Sequence[DeviceEvent]], UUID | None]] = {
    "scan": _scan,
    "undo": _undo,
    "late_entry": _late_entry,
    "presence": _presence,
    "training_end": _nothing,
}


@dataclass(frozen=True, slots=True)
class _Body:
    """Reads an event's body strictly."""

    happened: Happened

    def text(self, name: str, longest: int, default: str | None = None) -> str:
        value = self.happened.body.get(name, default)
        if not isinstance(value, str) or len(value) > longest:
            raise _unreadable(name)
        return value

    def number(self, name: str) -> int:
        value = self.happened.body.get(name)
        if not isinstance(value, int):
            raise _unreadable(name)
        return value

    def bytes(self, name: str) -> bytes:
        value = self.happened.body.get(name)
        if not isinstance(value, bytes):
            raise _unreadable(name)
        return value

    def id(self, name: str) -> UUID:
        value = self.bytes(name)
        if len(value) != _UUID:
            raise _unreadable(name)
        return UUID(bytes=value)


def _unreadable(name: str) -> Malformed:
    return Malformed("event_unreadable", "离线记录的内容不完整或格式不对。", place=name)
