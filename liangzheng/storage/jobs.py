"""Hourly: make the coming partitions and drop the codes of days gone by. Nightly: delete what is over its term."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from liangzheng.storage.partitions import roll_partitions
from liangzheng.storage.retention import delete_due

log = logging.getLogger(__name__)


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="roll_partitions")
def roll_partitions_hourly(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the time of the tick
    """Partitions are made three months and seven days ahead, so that a worker may be away for a week."""
    roll_partitions()


@app.periodic(cron="13 18 * * *")  # UTC: 02:13 in China
@app.task(queueing_lock="delete_due")
def delete_due_nightly(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the time of the tick
    """Terms and holds are read anew each night; the numbers stand in the worker's log."""
    log.info("retention: %s", ", ".join(f"{kind} {number}" for kind, number in delete_due().items()))
