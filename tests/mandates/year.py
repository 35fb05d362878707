"""The synthetic year as the anomaly rules see it, and patterns of misuse laid over single officers of it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from dev.officer_year import Day, Inspection, Search
from liangzheng.rules.anomaly import RULES, OfficerDay, Rule, Sought, judge_day, off_duty
from liangzheng.rules.mandates import mandate_book

LIMITS = mandate_book().limits
QUOTA = 50


class Watch:
    """Remembers of each officer what the rules look back on, and judges his days in their order."""

    def __init__(self, rules: Mapping[str, Rule] = RULES) -> None:
        """Begin without any memory."""
        self.rules = rules
        self.persons: dict[int, dict[bytes, deque[date]]] = defaultdict(lambda: defaultdict(deque))
        self.off_duty: dict[int, deque[date]] = defaultdict(deque)
        self.hollow: dict[int, deque[date]] = defaultdict(deque)

    def judge(self, day: Day) -> tuple[str, ...]:
        """Judge one day and remember it."""
        hollow, off = self.hollow[day.officer], self.off_duty[day.officer]
        used = {search.act for search in day.searches}
        hollow.extend(day.day for place in used if day.acts[place] == Inspection(0, is_recorded=False))
        for kept in (hollow, off):
            _forget(kept, day.day - timedelta(days=LIMITS.days_looked_back))
        seen = self._seen(day, len(hollow), len(off))
        found = tuple(item.kind for item in judge_day(seen, LIMITS, self.rules))
        if off_duty(seen, LIMITS):
            off.append(day.day)
        for person in {item.person for item in seen.look_ups if item.person}:
            self.persons[day.officer][person].append(day.day)
        return found

    def _seen(self, day: Day, hollow: int, off: int) -> OfficerDay:
        start = datetime.combine(day.day, time(), UTC)
        let_through = day.searches[:QUOTA]
        return OfficerDay(
            look_ups=tuple(_sought(search, start, {day.home, day.region}) for search in let_through),
            shifts=((start + timedelta(minutes=day.shift[0]), start + timedelta(minutes=day.shift[1])),) if day.shift else (),
            scans=sum(act.scans for act in day.acts),
            refused=day.refused,
            stopped=len(day.searches) - len(let_through),
            hollow_acts=hollow,
            earlier_persons=self._earlier(day),
            earlier_off_duty=off,
        )

    def _earlier(self, day: Day) -> dict[bytes, frozenset[date]]:
        known = self.persons[day.officer]
        wanted = [_person(search) for search in day.searches if search.kind == "person"]
        for person in wanted:
            _forget(known[person], day.day - timedelta(days=LIMITS.person_days_looked_back))
        return {person: frozenset(known[person]) for person in wanted}


def _forget(kept: deque[date], until: date) -> None:
    while kept and kept[0] <= until:
        kept.popleft()


def _person(search: Search) -> bytes:
    return search.subject.to_bytes(8)


def _sought(search: Search, start: datetime, own: set[str]) -> Sought:
    person = _person(search) if search.kind == "person" else None
    return Sought(start + timedelta(minutes=search.minute), person, is_away=search.subject_region not in own)


def alarms(days: Iterable[Day], rules: Mapping[str, Rule] = RULES) -> Iterator[tuple[Day, str]]:
    """Give every alarm of these days with its day."""
    watch = Watch(rules)
    for day in days:
        for kind in watch.judge(day):
            yield day, kind


def with_searches(day: Day, searches: Iterable[Search], *, acts: Iterable[Inspection] = ()) -> Day:
    """Lay look-ups, in acts of their own, over a day of honest work."""
    first = len(day.acts)
    moved = (replace(search, act=first + search.act) for search in searches)
    mixed = sorted((*day.searches, *moved), key=lambda search: search.minute)
    return replace(day, acts=(*day.acts, *acts), searches=tuple(mixed))
