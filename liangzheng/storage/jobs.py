"""Hourly: make the coming partitions and drop the codes of days gone by."""

from __future__ import annotations

from procrastinate.contrib.django import app

from liangzheng.storage.partitions import roll_partitions


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="roll_partitions")
def roll_partitions_hourly(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the time of the tick
    """Partitions are made three months and seven days ahead, so that a worker may be away for a week."""
    roll_partitions()
