"""Anomalies of one officer's day of looking people up. Pure: what was done comes in, what a supervisor should look at goes out.

An anomaly accuses nobody and stops nothing (only the quota stops); a supervisor asks. Held against `dev/officer_year.py`, a
synthetic year written before these rules. Not seen here: what an officer does with what he has lawfully seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from liangzheng.rules.mandates import Limits


@dataclass(frozen=True, slots=True)
class Sought:
    """One look-up by function. `person`: a pseudonym when a natural person was sought, else None.

    `is_away`: whom it was about lives or is registered outside the officer's city or county.
    """

    at: datetime
    person: bytes | None
    is_away: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerDay:
    """What one officer did on one day, and what is known of the days before.

    `shifts`: turns of that day as the roster has them; empty: none, None: nobody keeps a roster. `scans`: presented codes.
    `refused`: tries outside an open act; `stopped`: tries beyond the quota. `hollow_acts`: acts of the last days, this one
    included, in which somebody was looked up, nothing presented was scanned and no record was written.
    `earlier_persons`: on which earlier days each person was sought; `earlier_off_duty`: days with look-ups off duty.
    """

    look_ups: tuple[Sought, ...]
    shifts: tuple[tuple[datetime, datetime], ...] | None
    scans: int
    refused: int = 0
    stopped: int = 0
    hollow_acts: int = 0
    earlier_persons: Mapping[bytes, frozenset[date]] = field(default_factory=dict)
    earlier_off_duty: int = 0


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What stands out: how much of it, and from which number on it does."""

    kind: str
    count: int
    limit: int


Rule = Callable[[OfficerDay, Limits], tuple[int, int]]
"""Gives the count and the limit; a count that reaches the limit is an anomaly."""


def judge_day(day: OfficerDay, limits: Limits, rules: Mapping[str, Rule] | None = None) -> tuple[Anomaly, ...]:
    """Judge a day that is over or going on."""
    judged = [(kind, *rule(day, limits)) for kind, rule in (RULES if rules is None else rules).items()]
    return tuple(Anomaly(kind, count, limit) for kind, count, limit in judged if count >= limit)


def off_duty(day: OfficerDay, limits: Limits) -> int:
    """Count the look-ups that lie further than the tolerance outside every shift; 0 where nobody keeps a roster."""
    if day.shifts is None:
        return 0
    grace = timedelta(minutes=limits.off_duty_tolerance_minutes)
    return sum(not any(start - grace <= item.at <= end + grace for start, end in day.shifts) for item in day.look_ups)


def _quota_reached(day: OfficerDay, _limits: Limits) -> tuple[int, int]:
    return day.stopped, 1


def _many_look_ups(day: OfficerDay, limits: Limits) -> tuple[int, int]:
    """Many, also beside what was presented: at a checkpoint of 200 scans thirty phones may well be out of power."""
    return len(day.look_ups), max(limits.many_look_ups, day.scans // 2)


def _many_scans(day: OfficerDay, limits: Limits) -> tuple[int, int]:
    return day.scans, limits.many_scans


def _off_duty(day: OfficerDay, limits: Limits) -> tuple[int, int]:
    """Many on one day, or some again and again: one swapped turn that the roster learned too late is neither."""
    today = off_duty(day, limits)
    if today and day.earlier_off_duty + 1 >= limits.off_duty_days:
        return max(today, limits.off_duty_look_ups), limits.off_duty_look_ups
    return today, limits.off_duty_look_ups


def _other_region(day: OfficerDay, limits: Limits) -> tuple[int, int]:
    away = sum(item.is_away for item in day.look_ups)
    is_most = 100 * away >= limits.away_percent * len(day.look_ups)
    return away if is_most else 0, limits.away_look_ups


def _same_person(day: OfficerDay, limits: Limits) -> tuple[int, int]:
    """The person most often sought: on how many days, today included."""
    today = Counter(item.person for item in day.look_ups if item.person is not None)
    return max((1 + len(day.earlier_persons.get(person, ())) for person in today), default=0), limits.same_person_days


def _no_act(day: OfficerDay, limits: Limits) -> tuple[int, int]:
    return day.refused, limits.refused_attempts


def _hollow_acts(day: OfficerDay, limits: Limits) -> tuple[int, int]:
    return (day.hollow_acts if day.look_ups else 0), limits.hollow_acts


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "quota_reached": _quota_reached,
        "many_look_ups": _many_look_ups,
        "many_scans": _many_scans,
        "off_duty": _off_duty,
        "other_region": _other_region,
        "same_person": _same_person,
        "no_act": _no_act,
        "hollow_acts": _hollow_acts,
    }
)
