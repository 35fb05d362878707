"""The answers about a phone's queue, as shapes."""

from __future__ import annotations

from collections.abc import Sequence

from liangzheng.formats.strict_json import BadJson, from_base64url
from liangzheng.onsite import shapes
from liangzheng.onsite.models import OfflineFinding
from liangzheng.onsite.queue import Outcome, Uploaded
from liangzheng.people.models import Device
from liangzheng.storage.tenancy import Scope, acting


def read_encoded(events: Sequence[str]) -> list[bytes]:
    """Decode base64url; what is none becomes bytes that are no event."""
    return [_decoded(event) for event in events]


def _decoded(text: str) -> bytes:
    try:
        return from_base64url(text.encode())
    except BadJson:
        return b""


def uploaded_out(uploaded: Uploaded) -> shapes.QueueOut:
    """Describe an upload, with the findings of its scans."""
    scans = [outcome.scan for outcome in uploaded.outcomes if outcome.scan]
    agency = Device.objects.select_related("user__agency").get(pk=uploaded.device).user.agency
    with acting(Scope(agency=agency.pk, region=agency.region_id) if agency else Scope()):
        found = {row.scan: row for row in OfflineFinding.objects.filter(scan__in=scans).order_by("-id")}
    return shapes.QueueOut(
        device=uploaded.device,
        applied_to=uploaded.counter,
        head=uploaded.head.hex(),
        gap=shapes.GapOut(expected=uploaded.gap[0], got=uploaded.gap[1]) if uploaded.gap else None,
        results=[_result(outcome, found.get(outcome.scan) if outcome.scan else None) for outcome in uploaded.outcomes],
        wipe=uploaded.wipe,
    )


def _result(outcome: Outcome, found: OfflineFinding | None) -> shapes.EventResultOut:
    return shapes.EventResultOut(
        counter=outcome.counter,
        state=outcome.state,
        reason=outcome.reason,
        scan_id=outcome.scan,
        finding=shapes.FindingShort(kind=found.kind, server_standing=found.server_standing) if found else None,
    )


def finding_out(row: OfflineFinding) -> shapes.FindingOut:
    """Describe a finding."""
    return shapes.FindingOut(
        id=row.pk,
        act_id=row.act,
        scan_id=row.scan,
        kind=row.kind,
        seen_standing=row.seen_standing,
        server_standing=row.server_standing,
        reasons=row.reasons,
        at=row.at,
        closed_at=row.closed_at,
        note=row.note,
    )
