"""What the server judged otherwise than the phone did without signal: a task for the act's officers, a notice to the holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import append
from liangzheng.cases.acts import find_act
from liangzheng.cases.models import Act
from liangzheng.errors import Malformed, NotFound
from liangzheng.onsite.models import OfflineFinding
from liangzheng.onsite.trail import trail_of
from liangzheng.people.models import Device
from liangzheng.people.sessions import Actor
from liangzheng.storage.tenancy import acting
from liangzheng.verification.models import Scan
from liangzheng.verification.verdict import Standing, Verdict

LATEST, LONGEST_NOTE = 200, 500
_AGREES = {
    # A valid off-line verdict is confirmed by a valid one; what could not be confirmed may since have been.
    Standing.VALID_OFFLINE: {Standing.VALID, Standing.VALID_OFFLINE},
    Standing.CANNOT_CONFIRM: {Standing.CANNOT_CONFIRM, Standing.VALID},
    Standing.INVALID: {Standing.INVALID},
}


@dataclass(frozen=True, slots=True)
class Difference:
    """kind: standing_differs, gate_closed (scanned before two officers had shown their certificates), code_reused (the same

    showing was scanned in another act: one of the two saw a copy).
    """

    kind: str
    seen: str
    server: str
    reasons: tuple[str, ...]


def differences(seen: Verdict, server: Verdict, *, is_gate_open: bool, is_reused: bool = False) -> tuple[Difference, ...]:
    """Compare what the officer saw with the server's verdict. Pure."""
    kinds = []
    if server.standing not in _AGREES[seen.standing]:
        kinds.append("standing_differs")
    if not is_gate_open:
        kinds.append("gate_closed")
    if is_reused:
        kinds.append("code_reused")
    return tuple(Difference(kind, seen.standing.value, server.standing.value, server.reasons) for kind in kinds)


def note_differences(scan: Scan, device: Device, found: tuple[Difference, ...], now: datetime) -> None:
    """Write the tasks of one scan."""
    OfflineFinding.objects.bulk_create(
        OfflineFinding(
            scan=scan.pk,
            act=scan.act,
            device=device,
            agency_id=scan.agency_id,
            region=scan.region,
            kind=item.kind,
            seen_standing=item.seen,
            server_standing=item.server,
            reasons=list(item.reasons),
            at=now,
        )
        for item in found
    )


def findings_of(actor: Actor, *, is_open: bool) -> list[OfflineFinding]:
    """List the newest findings in acts of this officer."""
    with acting(actor.scope):
        acts = Act.objects.filter(officers__officer=actor.user).values_list("pk", flat=True)
        rows = OfflineFinding.objects.filter(act__in=list(acts), closed_at__isnull=is_open)
        return list(rows.order_by("-id")[:LATEST])


def close_finding(actor: Actor, finding_id: UUID, note: str, now: datetime) -> OfflineFinding:
    """Close a finding with what was done about it; a second time changes nothing."""
    if not note.strip():
        raise Malformed("reason_required", "请写明如何处理。", place="note")
    with acting(actor.scope):
        mine = Act.objects.filter(officers__officer=actor.user).values("pk")
        finding = OfflineFinding.objects.select_for_update().filter(pk=finding_id, act__in=mine).first()
        if finding is None:
            raise NotFound("finding_not_found", "没有这项待办。")
        trail = trail_of(actor, find_act(finding.act, actor.user))
        if finding.closed_at is None:
            finding.closed_at, finding.closed_by, finding.note = now, actor.user, note.strip()[:LONGEST_NOTE]
            finding.save(update_fields=["closed_at", "closed_by", "note"])
            append([trail.event("close_finding", now, subject=("scan", finding.scan), result=finding.kind)])
        return finding
