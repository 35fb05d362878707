"""Region codes with their history (行政区划代码, GB/T 2260): what a code was called in a given year, and whether it was in use.

A number keeps the code of the time when it was given out, so that lawful numbers carry codes that are long gone.
What the table does not hold is unknown, never wrong: it is complete for today and in part for the past.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from liangzheng.formats.region_table import PREFECTURES, PROVINCES, SHANDONG

_ENTRY = re.compile(r"([0-9]{2}|[0-9]{4}|[0-9]{6})([^0-9\s()]+)(?:\(([0-9]{4})?-([0-9]{4})?\))?")


@dataclass(frozen=True, slots=True)
class RegionName:
    """One name of one code, with its first and last year, both inclusive; None when it is not known or goes on."""

    code: str
    name: str
    since: int | None
    until: int | None

    def held_in(self, year: int) -> bool:
        return (self.since or year) <= year <= (self.until or year)


@dataclass(frozen=True, slots=True)
class RegionPath:
    """A code by its levels, as named in the year that was asked for: the whole path, and the last level that the table holds."""

    code: str
    levels: tuple[RegionName, ...]
    is_complete: bool

    @property
    def name(self) -> str:
        """The names one after the other, such as 山东省烟台市芝罘区; empty when not even the province is known."""
        return "".join(level.name for level in self.levels)

    @property
    def until(self) -> int | None:
        """The year after which the code was no longer given out; None while it is in use, or not known."""
        return self.levels[-1].until if self.is_complete else None


def names_of(code: str) -> tuple[RegionName, ...]:
    """Give every name that a code had, oldest first: 2, 4 or 6 digits; trailing zeros count for nothing."""
    return _table().get(_short(code), ())


def path_of(code: str, year: int | None = None) -> RegionPath:
    """Name the levels of a six-digit code in that year, today's or last names where none is given or none held then."""
    short = _short(code)
    steps = [short[:size] for size in (2, 4, 6) if len(short) >= size]
    levels = tuple(name for name in (_name_in(step, year) for step in steps) if name is not None)
    return RegionPath(code, levels, bool(levels) and levels[-1].code == short)


def ended_before(code: str, year: int) -> bool:
    """Say whether the code is known to have been out of use already before that year."""
    names = names_of(code)
    return bool(names) and all(name.until is not None and name.until < year for name in names)


def _name_in(code: str, year: int | None) -> RegionName | None:
    names = names_of(code)
    if year is not None:
        names = tuple(name for name in names if name.held_in(year)) or names
    return names[-1] if names else None


def _short(code: str) -> str:
    """Cut a code down to its level: 370000 is a province, 370600 a city."""
    code = code[:6]
    if code[2:] in {"0000", ""}:
        return code[:2]
    return code[:4] if code[4:] in {"00", ""} else code


@functools.cache
def _table() -> Mapping[str, tuple[RegionName, ...]]:
    found: dict[str, tuple[RegionName, ...]] = {}
    for text in f"{PROVINCES}{PREFECTURES}{SHANDONG}".split():
        match = _ENTRY.fullmatch(text)
        if match is None:
            raise ValueError(f"not an entry of the region table: {text}")
        code, name, since, until = match.groups()
        entry = RegionName(code, name, int(since) if since else None, int(until) if until else None)
        found[code] = (*found.get(code, ()), entry)
    return found
