"""Working days (行政处罚法第八十五条): deadlines counted in them, with the public holidays and the weekends worked instead.

The arrangement of a year is published at the end of the year before. Of a year that is not in the data file only weekends and
the holidays with fixed dates are known: a deadline there is provisional and comes rather too early than too late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter, with_config

from liangzheng.rules.rulebook import STRICT

_SATURDAY = 5


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Arrangement:
    """One year: weekdays that are off, and weekend days that are worked."""

    year: int
    off: frozenset[date]
    work: frozenset[date]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Holidays:
    """The data file. `fixed`: MM-DD of holidays that have the same date each year."""

    text_as_of: date
    confirmed: str
    fixed: frozenset[str]
    years: tuple[Arrangement, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day; `is_provisional` while the arrangement of a year on the way is not known."""

    on: date
    is_provisional: bool


@cache
def holidays() -> Holidays:
    """The shipped holidays. ValueError when the data file is wrong."""
    read = TypeAdapter(Holidays).validate_json(files("liangzheng.rules").joinpath("holidays.json").read_bytes())
    if any(day.year != year.year for year in read.years for day in (*year.off, *year.work)):
        raise ValueError("holidays.json: a day in the wrong year")
    return read


def is_working_day(day: date, known: Holidays) -> bool:
    """Say whether offices work on this day."""
    year = _years(known).get(day.year)
    if year is not None:
        return day in year.work or (day.weekday() < _SATURDAY and day not in year.off)
    return day.weekday() < _SATURDAY and f"{day:%m-%d}" not in known.fixed


def after_working_days(start: date, count: int, known: Holidays) -> Deadline:
    """Give the last of `count` working days; the day on which the term begins is not counted."""
    day, is_provisional = start, False
    while count > 0:
        day += timedelta(days=1)
        is_provisional = is_provisional or day.year not in _years(known)
        count -= is_working_day(day, known)
    return Deadline(day, is_provisional)


def _years(known: Holidays) -> Mapping[int, Arrangement]:
    return {year.year: year for year in known.years}
