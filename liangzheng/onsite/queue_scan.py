"""A scan made without signal, at the server: what the officer saw stays as it was, the server's own verdict stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from liangzheng.auditlog.append import append, seal_event
from liangzheng.auditlog.models import LogEntry
from liangzheng.cases.acts import rule_hits
from liangzheng.codes.models import UsedCode
from liangzheng.codes.offline_code import PREFIX
from liangzheng.errors import Malformed, Unavailable
from liangzheng.formats.device_event import Happened
from liangzheng.formats.strict_json import BadJson, read_object
from liangzheng.onsite.finding import Difference, differences, note_differences
from liangzheng.onsite.prefill import Filling, fillings
from liangzheng.onsite.record import ScanRow, write_scan
from liangzheng.onsite.trail import PURPOSE, Trail
from liangzheng.people.models import Device
from liangzheng.rules.evaluate import is_open
from liangzheng.storage.ids import new_id
from liangzheng.verification.models import Scan, ScanRequest
from liangzheng.verification.verdict import Check, Mode, Result, Standing, Verdict
from liangzheng.verification.verify import Judged, verdict_json, verify_code

_LARGEST_VERDICT = 16 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class SeenScan:
    """What the phone tells of a scan: the text, its own verdict, its key of the scan, and when, as far as it can be known."""

    text: str
    method: str
    verdict: Verdict
    key: UUID
    at: datetime


def happened_at(happened: Happened, now: datetime) -> datetime:
    """Say when it happened: the last server time the phone knew and the seconds since then, never later than now.

    The device clock is not used: anybody can set it. Both numbers are still the phone's word.
    """
    return min(now, datetime.fromtimestamp(min(happened.server_time + happened.elapsed, int(now.timestamp())), tz=UTC))


def read_verdict(data: bytes) -> Verdict:
    """Read an off-line verdict in its canonical form, byte for byte. Malformed `event_unreadable` for anything else.

    A phone without signal cannot have seen `valid`, whatever it says.
    """
    try:
        verdict = _verdict(read_object(data)) if len(data) <= _LARGEST_VERDICT else None
    except (BadJson, KeyError, TypeError, ValueError, AttributeError):
        verdict = None
    if verdict is None or verdict.canonical() != data or verdict.mode is not Mode.OFFLINE or verdict.standing is Standing.VALID:
        raise Malformed("event_unreadable", "离线核验结论的内容不完整或格式不对。", place="verdict")
    return verdict


def _verdict(value: dict[str, object]) -> Verdict:
    checks = cast("list[dict[str, str]]", value["checks"])
    return Verdict(
        standing=Standing(cast("str", value["standing"])),
        checks=tuple(Check(item["id"], Result(item["result"]), item["reason"], item["detail"]) for item in checks),
        reasons=tuple(cast("list[str]", value["reasons"])),
        as_of=datetime.strptime(cast("str", value["as_of"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        mode=Mode(cast("str", value["mode"])),
    )


def write_offline_scan(trail: Trail, device: Device, seen: SeenScan, now: datetime) -> UUID:
    """Judge again, write both verdicts, note the differences; a scan the phone has meanwhile made on-line is that one."""
    gate = is_open(rule_hits(trail.act, now))
    for _ in range(2):  # a code may be used by another phone of the officer between judging and writing
        known = ScanRequest.objects.filter(key=seen.key, officer=trail.actor.user).first()
        if known is not None:
            return known.scan
        judged = _judge(trail, seen, now)
        row = _row(trail, seen, judged, now, may_fill=gate)
        point = transaction.savepoint()
        if write_scan(row):
            transaction.savepoint_commit(point)
            found = differences(seen.verdict, judged.verdict, is_gate_open=gate, is_reused=_is_reused(row.scan))
            _note(trail, device, row.scan, found, now)
            return row.scan.pk
        transaction.savepoint_rollback(point)
    raise Unavailable("scan_busy", "请重新上传。")


def _judge(trail: Trail, seen: SeenScan, now: datetime) -> Judged:
    """Judge by what is known now. An off-line code's minute and the dates count as of the scan, an on-line code's as of now:

    such a code could not be checked off-line, so its moment would rest on the phone's word alone.
    """
    at = seen.at if seen.text.startswith(PREFIX) else now
    judged = verify_code(seen.text, trail.actor.user, trail.act.region, at, act_code=trail.act.act_code)
    return replace(judged, verdict=replace(judged.verdict, as_of=now))


def _is_reused(scan: Scan) -> bool:
    """Say whether another officer has used the same showing elsewhere; the second officer of the act may scan it, too."""
    if scan.code is None:
        return False
    others = list(UsedCode.objects.filter(code=scan.code).exclude(verifier=scan.officer).values_list("scan", flat=True))
    return len(others) > Scan.objects.filter(pk__in=others, act=scan.act).count()


def _note(trail: Trail, device: Device, scan: Scan, found: tuple[Difference, ...], now: datetime) -> None:
    note_differences(scan, device, found, now)
    subject = ("licence", scan.licence) if scan.licence else ("scan", scan.pk)
    append(
        [
            trail.event("offline_finding", now, subject=subject, holder=scan.holder, result=f"{scan.server_standing},{item.kind}")
            for item in found
        ]
    )


def _row(trail: Trail, seen: SeenScan, judged: Judged, now: datetime, *, may_fill: bool) -> ScanRow:
    licence, act, server = judged.licence, trail.act, judged.verdict
    scan = Scan(
        id=new_id(),
        at=seen.at,
        act=act.pk,
        officer=trail.actor.user,
        agency_id=act.agency_id,
        region=act.region,
        method=seen.method,
        code=judged.presented.code,
        licence=licence.pk if licence else None,
        holder=licence.holder_id if licence else None,
        standing=seen.verdict.standing.value,
        verdict=verdict_json(seen.verdict),
        server_standing=server.standing.value,
        server_verdict=verdict_json(server),
        purpose=PURPOSE,
        legal_basis=trail.legal_basis,
    )
    filled = fillings(server, licence, judged.licence_type, act.subject) if may_fill else ()
    return ScanRow(
        scan=scan,
        act=act,
        number=trail.number,
        key=seen.key,
        claims=licence is not None and scan.code is not None,
        verdict=seen.verdict,
        licence_type=judged.licence_type.id if judged.licence_type else "",
        fillings=filled,
        entries=_entries(trail, scan, judged, filled, now),
        written_at=now,
    )


def _entries(trail: Trail, scan: Scan, judged: Judged, filled: Sequence[Filling], now: datetime) -> list[LogEntry]:
    subject = ("licence", scan.licence) if scan.licence else ("scan", scan.pk)
    seen = tuple(judged.licence_type.fields["inspection"]) if judged.licence and judged.licence_type else ()
    result = ",".join((judged.verdict.standing.value, *judged.verdict.reasons))
    events = [trail.event("scan", now, subject=subject, holder=scan.holder, fields=seen, result=result)]
    if filled:
        sources = tuple(filling.licence_field for filling in filled)
        events.append(
            trail.event("prefill", now, subject=subject, holder=scan.holder, fields=sources, result=scan.server_standing)
        )
    return [seal_event(event) for event in events]
