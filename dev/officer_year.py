"""A synthetic year of officers: rosters, inspections, checkpoint days of 200 scans, look-ups by function. Fictional throughout.

This file was written before the rules of anomaly (`liangzheng/rules/anomaly.py`) and is not fitted to them: it says what honest
work looks like, odd days included. Every figure is an assumption of ours, none was measured at an agency; a city that has a
year of its own should put it in this one's place. The same seed gives the same year.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Literal

OFFICERS, DAYS, FIRST_DAY, SEED = 2_000, 365, date(2025, 1, 1), 716
CHECKPOINT_SCANS = 200
WORKING_DAYS = 5  # of seven
CAMPAIGN = range(30, 44)  # days of each half-year
COUNTIES = tuple(
    f"{city}{county:02d}" for city, last in (("3706", 14), ("3707", 12), ("3708", 11), ("3711", 4)) for county in range(2, last)
)
"""County codes of four of the pilot cities, roughly; which ones does not matter."""

Kind = Literal["plate", "organisation", "person"]
Plan = Literal["office", "early_late", "nights"]
_PLANS: tuple[Plan, ...] = ("office", "early_late", "nights")


@dataclass(frozen=True, slots=True)
class Search:
    """One look-up by function. `minute` of the day, beyond 1440 after midnight; `act` is the place in the day's acts."""

    minute: int
    act: int
    kind: Kind
    subject: int
    subject_region: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """One act: how many presented codes were scanned in it, and whether a record was written."""

    scans: int
    is_recorded: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One officer's day of duty. `shift`: minutes from and to as the roster has it, None when the roster learned of it too late.

    `region`: where he worked, another county when assigned there. `refused`: look-ups tried before the act was open.
    """

    officer: int
    day: date
    home: str
    region: str
    shift: tuple[int, int] | None
    acts: tuple[Inspection, ...]
    searches: tuple[Search, ...]
    refused: int


@dataclass(frozen=True, slots=True)
class _Habits:
    """How one officer works: acts a day, share of parties without a phone, share of codes that cannot be read, shift plan."""

    officer: int
    home: str
    acts: float
    no_phone: float
    unreadable: float
    plan: Plan
    on_road: bool


def officer_year(officers: int = OFFICERS, days: int = DAYS, seed: int = SEED) -> Iterator[Day]:
    """Give every day of duty of every officer, officer by officer."""
    for number in range(officers):
        chance = random.Random(f"{seed}/{number}")
        habits = _habits(number, chance)
        for offset in range(days):
            if _is_on_duty(habits, offset, chance):
                yield _day(habits, offset, chance)


def _habits(number: int, chance: random.Random) -> _Habits:
    plan = chance.choices(_PLANS, (60, 30, 10))[0]
    return _Habits(
        officer=number,
        home=chance.choice(COUNTIES),
        acts=min(chance.lognormvariate(1.2, 0.5), 12),
        no_phone=chance.betavariate(2, 40),
        unreadable=chance.betavariate(2, 60),
        plan=plan,
        on_road=_happens(0.6, chance),
    )


def _is_on_duty(habits: _Habits, offset: int, chance: random.Random) -> bool:
    """Five days in seven, at other weekdays for those with turns; leave and training take one day in ten."""
    turn = offset if habits.plan == "office" else offset + habits.officer
    return turn % 7 < WORKING_DAYS and not _happens(0.1, chance)


def _shift(habits: _Habits, offset: int) -> tuple[int, int]:
    if habits.plan == "nights" and (offset + habits.officer) % 6 == 0:
        return 20 * 60, 30 * 60
    if habits.plan == "office":
        return 8 * 60 + 30, 17 * 60 + 30
    return (7 * 60, 15 * 60) if (offset // 7 + habits.officer) % 2 else (14 * 60, 22 * 60)


def _is_checkpoint(habits: _Habits, offset: int, chance: random.Random) -> bool:
    """Checkpoints stand on the road: some all year round, many in the two campaigns of a fortnight each."""
    in_campaign = offset % 182 in CAMPAIGN
    return habits.on_road and _happens(0.3 if in_campaign else 0.03, chance)


def _day(habits: _Habits, offset: int, chance: random.Random) -> Day:
    start, end = _shift(habits, offset)
    late = chance.randrange(15, 180) if _happens(0.04, chance) else 0  # overtime: a case that would not end
    is_assigned = _happens(0.01, chance)
    is_known = not _happens(0.005, chance)  # turns that colleagues swapped among themselves
    is_checkpoint = _is_checkpoint(habits, offset, chance)
    away = 0.4 if is_checkpoint else 0.12
    acts: list[Inspection] = []
    found: list[Search] = []
    for place, licences in enumerate(_plan(habits, chance, is_checkpoint=is_checkpoint)):
        minute = chance.randrange(start, end + late)
        has_phone = is_checkpoint or not _happens(habits.no_phone, chance)
        failing = habits.no_phone + habits.unreadable if is_checkpoint else habits.unreadable
        missed = sum(_happens(failing, chance) for _ in range(licences)) if has_phone else licences
        for _ in range(missed):
            at = chance.randrange(start, end + late) if is_checkpoint else min(minute + chance.randrange(20), end + late)
            found.append(_search(at, place, habits, chance, away))
        acts.append(Inspection(licences - missed, _happens(0.9, chance)))
    return Day(
        officer=habits.officer,
        day=FIRST_DAY + timedelta(days=offset),
        home=habits.home,
        region=chance.choice(COUNTIES) if is_assigned else habits.home,
        shift=(start, end) if is_known else None,
        acts=tuple(acts),
        searches=tuple(sorted(found, key=lambda search: search.minute)),
        refused=chance.choice((1, 1, 1, 2)) if _happens(0.01, chance) else 0,
    )


def _plan(habits: _Habits, chance: random.Random, *, is_checkpoint: bool) -> list[int]:
    """Say how many licences each act of the day asks for."""
    if is_checkpoint:
        return [CHECKPOINT_SCANS]
    return [chance.choice((2, 3, 3)) for _ in range(_poisson(habits.acts, chance))]


def _happens(share: float, chance: random.Random) -> bool:
    return chance.random() < share


def _poisson(mean: float, chance: random.Random) -> int:
    return sum(1 for waited in accumulate(chance.expovariate(mean) for _ in range(40)) if waited < 1)


def _search(minute: int, act: int, habits: _Habits, chance: random.Random, away: float) -> Search:
    """Look somebody up: line coaches and their drivers come by again and again, everybody else hardly ever."""
    kind: Kind = chance.choices(("plate", "organisation", "person"), (55, 25, 20))[0]
    is_regular = _happens(0.08 if kind == "person" else 0.3, chance)
    is_away = not is_regular and _happens(away, chance)
    subject = chance.randrange(60) if is_regular else 1_000 + chance.randrange(1_000_000)
    return Search(minute, act, kind, subject, chance.choice(COUNTIES) if is_away else habits.home)
