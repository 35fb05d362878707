"""Daily: forget the phones' request keys when no retry can come any more, and parts of old field packs."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from liangzheng.verification.models import ScanRequest
from liangzheng.verification.packs import drop_old_parts

KEEP = timedelta(days=7)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="forget_scan_requests")
def forget_scan_requests(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the time of the tick
    """A key older than a week is not repeated by any phone of this version."""
    ScanRequest.objects.filter(at__lt=timezone.now() - KEEP).delete()


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="drop_pack_parts")
def drop_pack_parts(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the time of the tick
    """Drop what no phone makes a delta from any more."""
    drop_old_parts(timezone.now())
