"""The anomaly rules, each at its limit and just below it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from liangzheng.rules.anomaly import OfficerDay, Sought, judge_day
from liangzheng.rules.mandates import mandate_book

LIMITS = mandate_book().limits
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ON_DUTY = ((NOON - timedelta(hours=4), NOON + timedelta(hours=4)),)
QUIET = OfficerDay(look_ups=(), shifts=ON_DUTY, scans=0)


def sought(count: int, at: datetime = NOON, *, person: bytes | None = None, away: bool = False) -> tuple[Sought, ...]:
    return tuple(Sought(at, person, is_away=away) for _ in range(count))


def days(count: int) -> frozenset[date]:
    return frozenset(date(2026, 2, 1) + timedelta(days=number) for number in range(count))


LATE = NOON + timedelta(hours=4, minutes=LIMITS.off_duty_tolerance_minutes + 1)
CASES: list[tuple[str, OfficerDay, OfficerDay]] = [  # kind, just below, at the limit
    ("quota_reached", QUIET, replace(QUIET, stopped=1)),
    ("many_look_ups", replace(QUIET, look_ups=sought(19)), replace(QUIET, look_ups=sought(20))),
    ("many_look_ups", replace(QUIET, look_ups=sought(40), scans=82), replace(QUIET, look_ups=sought(40), scans=80)),
    ("many_scans", replace(QUIET, scans=299), replace(QUIET, scans=300)),
    ("off_duty", replace(QUIET, look_ups=sought(4, LATE)), replace(QUIET, look_ups=sought(5, LATE))),
    ("off_duty", replace(QUIET, look_ups=sought(9, LATE - timedelta(minutes=1))), replace(QUIET, look_ups=sought(5), shifts=())),
    ("off_duty", replace(QUIET, look_ups=sought(9, LATE), shifts=None), replace(QUIET, look_ups=sought(9, LATE))),
    (
        "off_duty",
        replace(QUIET, look_ups=sought(1, LATE), earlier_off_duty=1),
        replace(QUIET, look_ups=sought(1, LATE), earlier_off_duty=2),
    ),
    ("other_region", replace(QUIET, look_ups=sought(7, away=True)), replace(QUIET, look_ups=sought(8, away=True))),
    (
        "other_region",
        replace(QUIET, look_ups=sought(8, away=True) + sought(3)),
        replace(QUIET, look_ups=sought(8, away=True) + sought(2)),
    ),
    (
        "same_person",
        replace(QUIET, look_ups=sought(9, person=b"a"), earlier_persons={b"a": days(2)}),
        replace(QUIET, look_ups=sought(1, person=b"a"), earlier_persons={b"a": days(3)}),
    ),
    (
        "same_person",
        replace(QUIET, earlier_persons={b"a": days(9)}),
        replace(QUIET, look_ups=sought(1, person=b"a"), earlier_persons={b"a": days(9)}),
    ),
    ("no_act", replace(QUIET, refused=2), replace(QUIET, refused=3)),
    ("hollow_acts", replace(QUIET, look_ups=sought(1), hollow_acts=4), replace(QUIET, look_ups=sought(1), hollow_acts=5)),
    ("hollow_acts", replace(QUIET, hollow_acts=9), replace(QUIET, look_ups=sought(1), hollow_acts=9)),
]


@pytest.mark.parametrize(("kind", "below", "at"), CASES, ids=[f"{kind}-{place}" for place, (kind, _, _) in enumerate(CASES)])
def test_a_rule_holds_at_its_limit_and_not_below(kind: str, below: OfficerDay, at: OfficerDay) -> None:
    assert kind not in {found.kind for found in judge_day(below, LIMITS)}
    assert kind in {found.kind for found in judge_day(at, LIMITS)}


def test_a_day_without_look_ups_is_no_anomaly() -> None:
    assert judge_day(QUIET, LIMITS) == ()


def test_a_checkpoint_day_is_none() -> None:
    assert judge_day(replace(QUIET, scans=200, look_ups=sought(40)), LIMITS) == ()
