"""Nightly: forget failures that no longer count, sessions that no longer hold, and sign-ins of half a year ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app

from liangzheng.people.models import SignIn, SignInTally

TALLIES_KEPT, SIGN_INS_KEPT = timedelta(days=2), timedelta(days=183)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="forget_sign_ins")
def forget_sign_ins_nightly(timestamp: int) -> None:
    """The log keeps that somebody signed in; this table is for ending sign-ins."""
    now = datetime.fromtimestamp(timestamp, tz=UTC)
    SignInTally.objects.filter(last_at__lt=now - TALLIES_KEPT).delete()
    SignIn.objects.filter(seen_at__lt=now - SIGN_INS_KEPT).delete()
    SessionStore.clear_expired()
