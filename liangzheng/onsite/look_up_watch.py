"""Watch an officer's day of look-ups: gather what the anomaly rules need, let them judge, raise the alarms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from liangzheng.cases.models import Act
from liangzheng.mandates.alarms import Occasion, raise_alarm
from liangzheng.mandates.models import LookUp, Shift
from liangzheng.mandates.quota import count_of
from liangzheng.people.certificates import SHANGHAI
from liangzheng.rules.anomaly import OfficerDay, Sought, judge_day, off_duty
from liangzheng.rules.mandates import mandate_book
from liangzheng.storage.ids import first_id_at
from liangzheng.verification.models import Scan

ONE_DAY = timedelta(days=1)
METHOD = "lookup"
Turn = tuple[datetime, datetime]


def watch(officer: UUID, agency: UUID, region: str, day: date, now: datetime) -> int:
    """Judge the day as far as it has gone, in the agency's scope; gives the number of new alarms.

    An act of today may still get its record, so hollow acts of today count only once the day is over.
    """
    found = judge_day(officer_day(officer, agency, day, now), mandate_book().limits)
    occasions = [
        Occasion(
            kind=item.kind,
            key=f"{officer}:{day}",
            agency=agency,
            region=region,
            officer=officer,
            facts={"count": item.count, "limit": item.limit, "day": day.isoformat()},
        )
        for item in found
    ]
    return sum(raise_alarm(occasion, now) for occasion in occasions)


def officer_day(officer: UUID, agency: UUID, day: date, now: datetime) -> OfficerDay:
    """Gather one officer's day."""
    limits = mandate_book().limits
    since = day - timedelta(days=max(limits.days_looked_back, limits.person_days_looked_back))
    rows = list(LookUp.objects.filter(officer=officer, day__gt=since, day__lte=day).order_by("at"))
    today = [row for row in rows if row.day == day]
    count = count_of(officer, day)
    is_over = now >= _midnight(day + ONE_DAY)
    recent = [row for row in rows if row.day > day - timedelta(days=limits.days_looked_back) and (is_over or row.day < day)]
    persons: dict[bytes, set[date]] = defaultdict(set)
    for row in rows:
        if row.person is not None and row.day < day:
            persons[bytes(row.person)].add(row.day)
    bare = OfficerDay(
        look_ups=_sought(today),
        shifts=_shifts(officer, agency, day),
        scans=_scans(officer, day),
        refused=count.refused if count else 0,
        stopped=count.stopped if count else 0,
        hollow_acts=_hollow(recent),
        earlier_persons={person: frozenset(days) for person, days in persons.items()},
    )
    return replace(bare, earlier_off_duty=_earlier_off_duty(officer, agency, recent, day))


def _sought(rows: Sequence[LookUp]) -> tuple[Sought, ...]:
    return tuple(Sought(row.at, bytes(row.person) if row.person is not None else None, row.is_away) for row in rows)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _shifts(officer: UUID, agency: UUID, day: date) -> tuple[Turn, ...] | None:
    """Give the officer's turns that touch the day; None when the agency keeps no roster around it."""
    start, end, fortnight = _midnight(day), _midnight(day + ONE_DAY), timedelta(days=14)
    around = Shift.objects.filter(agency_id=agency, starts_at__gt=start - fortnight, starts_at__lt=end + fortnight)
    if not around.exists():
        return None
    mine = around.filter(officer=officer, starts_at__lt=end, ends_at__gt=start)
    return tuple(mine.values_list("starts_at", "ends_at"))


def _scans(officer: UUID, day: date) -> int:
    """Count the codes presented to the officer that day; the id is a time, so the day is a range of the key."""
    of_day = Scan.objects.filter(pk__gte=first_id_at(_midnight(day)), pk__lt=first_id_at(_midnight(day + ONE_DAY)))
    return of_day.filter(officer=officer).exclude(method=METHOD).count()


def _hollow(rows: Sequence[LookUp]) -> int:
    """Count the acts that were nothing but look-ups: no presented code, no record."""
    acts = {row.act for row in rows}
    with_codes = set(Scan.objects.filter(act__in=acts).exclude(method=METHOD).values_list("act", flat=True))
    return Act.objects.filter(pk__in=acts - with_codes, recorded_at__isnull=True).count()


def _earlier_off_duty(officer: UUID, agency: UUID, rows: Sequence[LookUp], today: date) -> int:
    by_day: dict[date, list[LookUp]] = defaultdict(list)
    for row in rows:
        if row.day < today:
            by_day[row.day].append(row)
    limits = mandate_book().limits
    judged = (OfficerDay(look_ups=_sought(found), shifts=_shifts(officer, agency, day), scans=0) for day, found in by_day.items())
    return sum(off_duty(day, limits) > 0 for day in judged)
