"""What of an act a supervisor is told by itself, each fact just before and just after it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from liangzheng.rules.act_alarms import ActFacts, judge_act

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GOOD = ActFacts(
    opened_at=NOW - 30 * HOUR,
    officers_shown=2,
    standings=("valid", "valid"),
    looked=3,
    is_recorded=True,
    finding_since=None,
    acts_about_same=1,
)
CASES: list[tuple[str, ActFacts, ActFacts]] = [  # kind, not yet, now
    ("single_officer", replace(GOOD, officers_shown=1, opened_at=NOW - 2 * HOUR), replace(GOOD, officers_shown=1)),
    ("single_officer", replace(GOOD, officers_shown=0, looked=0), replace(GOOD, officers_shown=0)),
    ("certificate_not_valid", GOOD, replace(GOOD, standings=("valid", "expired"))),
    ("certificate_not_valid", GOOD, replace(GOOD, standings=("suspended", "valid"))),
    (
        "missing_record",
        replace(GOOD, is_recorded=False, opened_at=NOW - 24 * HOUR),
        replace(GOOD, is_recorded=False, opened_at=NOW - 24 * HOUR - MINUTE),
    ),
    ("missing_record", replace(GOOD, is_recorded=False, looked=0), replace(GOOD, is_recorded=False)),
    ("over_limit", replace(GOOD, finding_since=NOW - 72 * HOUR), replace(GOOD, finding_since=NOW - 72 * HOUR - MINUTE)),
    ("repeated_inspection", replace(GOOD, acts_about_same=3), replace(GOOD, acts_about_same=4)),
]


@pytest.mark.parametrize(("kind", "before", "after"), CASES, ids=[f"{kind}-{place}" for place, (kind, _, _) in enumerate(CASES)])
def test_an_alarm_begins_at_its_limit(kind: str, before: ActFacts, after: ActFacts) -> None:
    assert kind not in judge_act(before, NOW)
    assert judge_act(after, NOW) == (kind,)


def test_an_act_in_order_raises_none() -> None:
    assert judge_act(GOOD, NOW) == ()
