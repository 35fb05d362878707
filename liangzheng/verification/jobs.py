"""Daily: forget the phones' request keys when no retry can come any more."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from liangzheng.verification.models import ScanRequest

KEEP = timedelta(days=7)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="forget_scan_requests")
def forget_scan_requests(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the time of the tick
    """A key older than a week is not repeated by any phone of this version."""
    ScanRequest.objects.filter(at__lt=timezone.now() - KEEP).delete()
