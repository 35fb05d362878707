"""Raise an alarm once, and log it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from liangzheng.auditlog.append import Event, append
from liangzheng.mandates.models import Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What an alarm is about. `key` names the occasion: the same one raises no second alarm. `facts` hold no personal data."""

    kind: str
    key: str
    agency: UUID
    region: str
    officer: UUID | None = None
    act: UUID | None = None
    facts: dict[str, int | str] = field(default_factory=dict)


def raise_alarm(occasion: Occasion, now: datetime) -> bool:
    """Store the alarm in the transaction that found it; False when it is known."""
    alarm, is_new = Alarm.objects.get_or_create(
        key=f"{occasion.kind}:{occasion.key}",
        defaults={
            "kind": occasion.kind,
            "at": now,
            "agency_id": occasion.agency,
            "region": occasion.region,
            "officer": occasion.officer,
            "act": occasion.act,
            "facts": occasion.facts,
        },
    )
    if is_new:
        append(
            [
                Event(
                    at=now,
                    actor_kind="system",
                    action="alarm",
                    agency=occasion.agency,
                    region=occasion.region,
                    act=occasion.act,
                    subject_kind="alarm",
                    subject=alarm.pk,
                    result=occasion.kind,
                )
            ]
        )
    return is_new
