"""Which scans an officer has taken back. Nothing is removed: the undo stands in the chain of his phone, after the scan."""

from __future__ import annotations

from uuid import UUID

from liangzheng.onsite.models import DeviceEvent


def undone_scans(act: UUID) -> frozenset[UUID]:
    """Give the scans of an act that were taken back."""
    rows = DeviceEvent.objects.filter(act=act, kind="undo", state="applied").values_list("scan", flat=True)
    return frozenset(scan for scan in rows if scan is not None)
