"""亮证（码）核验: one scan into one act, from the text to the stored verdict. A refused code leaves its row like a good one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from liangzheng.auditlog.append import seal_event
from liangzheng.auditlog.models import LogEntry
from liangzheng.cases.acts import find_act, require_open
from liangzheng.cases.models import Act
from liangzheng.catalogue.field_sets import field_names
from liangzheng.codes.foreign_ask import Answered
from liangzheng.errors import NotFound, Unavailable
from liangzheng.onsite.foreign_scan import ask_if_foreign, asking_of, judge_answered, key_of
from liangzheng.onsite.jobs import tell_foreign_holder
from liangzheng.onsite.prefill import Filling, fillings
from liangzheng.onsite.record import ScanRow, write_scan
from liangzheng.onsite.trail import Trail, trail_of
from liangzheng.people.sessions import Actor
from liangzheng.storage.ids import new_id
from liangzheng.storage.tenancy import acting
from liangzheng.verification.models import Scan, ScanRequest
from liangzheng.verification.verify import Judged, verdict_json, verify_code


@dataclass(frozen=True, slots=True)
class ScanInput:
    """What the phone sends: the text, how it was read, and the phone's own key of this request."""

    text: str
    method: str
    key: UUID


def scan_into_act(actor: Actor, act_id: UUID, given: ScanInput, now: datetime) -> UUID:
    """Judge the code, write everything in one transaction, give the scan's id; the same key gives the same scan."""
    answered = ask_if_foreign(actor, act_id, given.text, now)
    with acting(actor.scope):
        act = find_act(act_id, actor.user)
        require_open(act, now)
        known = known_scan(given.key, actor)
        if known is not None:
            return known
        trail = trail_of(actor, act)
        return _write_answered(trail, given, answered, now) if answered else _judge_and_write(trail, given, now)


def known_scan(key: UUID, actor: Actor) -> UUID | None:
    """Give the scan that this request made before."""
    request = ScanRequest.objects.filter(key=key, officer=actor.user).first()
    return request.scan if request else None


def _judge_and_write(trail: Trail, given: ScanInput, now: datetime) -> UUID:
    # Twice at most: another phone of the same officer may take the code or the key between judging and writing.
    for _ in range(2):
        row = scan_row(trail, given, _judge(trail, given, now), now)
        point = transaction.savepoint()
        if write_scan(row):
            transaction.savepoint_commit(point)
            return row.scan.id
        transaction.savepoint_rollback(point)
        known = known_scan(given.key, trail.actor)
        if known is not None:
            return known
    raise Unavailable("scan_busy", "请重新扫描。")


def _write_answered(trail: Trail, given: ScanInput, answered: Answered, now: datetime) -> UUID:
    """Write a scan for each licence behind another system's code; the first one uses up the code and is given back."""
    for _ in range(2):
        point = transaction.savepoint()
        judged = judge_answered(answered, trail, now)
        rows = [
            scan_row(trail, replace(given, key=key_of(given.key, place)), item, now, is_first=place == 0)
            for place, item in enumerate(judged)
        ]
        if all(write_scan(row) for row in rows):
            transaction.savepoint_commit(point)
            if answered.holder is not None:
                tell_foreign_holder.defer(label=answered.label, reference=answered.reference, **asdict(asking_of(trail)))
            return rows[0].scan.id
        transaction.savepoint_rollback(point)
        known = known_scan(given.key, trail.actor)
        if known is not None:
            return known
    raise Unavailable("scan_busy", "请重新扫描。")


def scans_beside(scan: Scan) -> list[UUID]:
    """Give the other scans that the same reading of a code made."""
    if scan.code is None:
        return []
    same = Scan.objects.filter(act=scan.act, officer=scan.officer, code=scan.code, at=scan.at).exclude(pk=scan.pk)
    return list(same.order_by("id").values_list("pk", flat=True))


def _judge(trail: Trail, given: ScanInput, now: datetime) -> Judged:
    beside = frozenset(trail.act.officers.values_list("officer", flat=True))
    return verify_code(given.text, trail.actor.user, trail.act.region, now, act_code=trail.act.act_code, beside=beside)


def scan_row(trail: Trail, given: ScanInput, judged: Judged, now: datetime, *, is_first: bool = True) -> ScanRow:
    """Make everything one scan writes; its log entries name the trail's purpose and basis."""
    licence, verdict, act = judged.licence, judged.verdict, trail.act
    scan = Scan(
        id=new_id(),
        at=now,
        act=act.pk,
        officer=trail.actor.user,
        agency_id=act.agency_id,
        region=act.region,
        method=given.method,
        code=judged.presented.code,
        licence=licence.pk if licence else None,
        holder=licence.holder_id if licence else None,
        standing=verdict.standing.value,
        verdict=verdict_json(verdict),
        purpose=trail.purpose,
        legal_basis=trail.legal_basis,
    )
    filled = fillings(verdict, licence, judged.licence_type, act.subject)
    return ScanRow(
        scan=scan,
        act=act,
        number=trail.number,
        key=given.key,
        claims=is_first and licence is not None and scan.code is not None,
        verdict=verdict,
        licence_type=judged.licence_type.id if judged.licence_type else "",
        fillings=filled,
        entries=_entries(trail, scan, judged, filled),
        written_at=now,
    )


def _entries(trail: Trail, scan: Scan, judged: Judged, filled: tuple[Filling, ...]) -> list[LogEntry]:
    subject = ("licence", scan.licence) if scan.licence else ("scan", scan.id)
    seen = field_names(judged.licence_type, "inspection", trail.actor.role) if judged.licence and judged.licence_type else ()
    result = ",".join((scan.standing, *judged.verdict.reasons))
    action = "look_up" if trail.ground else "scan"
    events = [trail.event(action, scan.at, subject=subject, holder=scan.holder, fields=seen, result=result)]
    if filled:
        sources = tuple(filling.licence_field for filling in filled)
        events.append(trail.event("prefill", scan.at, subject=subject, holder=scan.holder, fields=sources, result=scan.standing))
    return [seal_event(event) for event in events]


def find_scan(scan_id: UUID, act: Act) -> Scan:
    """Find a scan of this act."""
    scan = Scan.objects.filter(pk=scan_id, act=act.pk).first()
    if scan is None:
        raise NotFound("scan_not_found", "没有这次扫码记录。")
    return scan
