"""The daily job forgets old request keys, and only those; the worker knows both periodic jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from liangzheng.storage.ids import new_id
from liangzheng.verification.jobs import KEEP, forget_scan_requests
from liangzheng.verification.models import ScanRequest


@pytest.mark.django_db
def test_only_keys_older_than_a_week_are_forgotten() -> None:
    now = timezone.now()
    old, young = (
        ScanRequest.objects.create(key=new_id(), officer=new_id(), scan=new_id(), at=now - age)
        for age in (KEEP + timedelta(minutes=1), KEEP - timedelta(minutes=1))
    )
    forget_scan_requests(timestamp=0)
    assert [row.key for row in ScanRequest.objects.all()] == [young.key]
    assert old.key != young.key


def test_the_worker_has_both_periodic_jobs() -> None:
    names = {task.name for task in app.tasks.values()}
    assert {"liangzheng.verification.jobs.forget_scan_requests", "liangzheng.storage.jobs.roll_partitions_hourly"} <= names
