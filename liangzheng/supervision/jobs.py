"""Hourly: look for what a supervisor should be told."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from liangzheng.supervision.act_watch import watch_everything


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="watch_for_alarms")
def watch_for_alarms(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the time of the tick
    """An alarm comes once, however often its occasion is found."""
    watch_everything(timezone.now())
