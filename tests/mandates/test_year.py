"""The anomaly rules on the synthetic year: hardly a false alarm, and each pattern of misuse found; with a rule off, it is not."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from dev.officer_year import DAYS, OFFICERS, Day, Inspection, Search, officer_year
from liangzheng.rules.anomaly import RULES
from tests.mandates.year import QUOTA, alarms, with_searches

IS_PROOF = settings().max_examples >= 2000  # the profile of `make prove`
SIZE = OFFICERS if IS_PROOF else 100
MOST_PER_THOUSAND = 1.0
HOLLOW, RECORDED, AFAR = Inspection(0, is_recorded=False), Inspection(2, is_recorded=True), "510100"
Misuse = Callable[[Day, int], Day]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def test_hardly_an_honest_day_raises_an_alarm() -> None:
    found: Counter[str] = Counter()
    days = checkpoints = 0

    def counted() -> Iterator[Day]:
        nonlocal days, checkpoints
        for day in officer_year(SIZE):
            days += 1
            checkpoints += any(act.scans > 150 for act in day.acts)
            yield day

    found.update(kind for _day, kind in alarms(counted()))
    rate = 1_000 * found.total() / days
    say(f"{SIZE} officers, {days} officer-days, {checkpoints} at checkpoints: {rate:.3f} alarms per 1,000 days {dict(found)}")
    assert checkpoints > days / 100, "the year has its checkpoint days"
    assert rate <= MOST_PER_THOUSAND


def _fuzhou(day: Day, _number: int) -> Day:
    """88,985 look-ups in nine months are 330 a day (judgment of 2025, see docs/reference/look-ups.md)."""
    searches = [Search(540 + place, 0, "person", 10**7 + 400 * day.day.toordinal() + place, AFAR) for place in range(330)]
    return with_searches(day, searches, acts=[RECORDED])


def _just_below_the_quota(day: Day, _number: int) -> Day:
    return with_searches(day, [Search(540 + place, 0, "plate", 10**7 + place, day.home) for place in range(45)], acts=[RECORDED])


def _drip(day: Day, _number: int) -> Day:
    """Three a day for somebody who pays, in an act that is nothing else."""
    searches = [Search(600, 0, "person", 10**7 + 5 * day.day.toordinal() + place, day.home) for place in range(3)]
    return with_searches(day, searches, acts=[HOLLOW])


def _former_wife(day: Day, _number: int) -> Day:
    return with_searches(day, [Search(600, 0, "person", 10**7, day.home)], acts=[RECORDED])


def _at_night(day: Day, number: int) -> Day:
    """Far outside of any shift, a few at a time."""
    start = day.shift[1] if day.shift else 1_080
    searches = [Search(start + 300 + place, 0, "plate", 10**7 + 9 * number + place, day.home) for place in range(3)]
    return with_searches(day, searches, acts=[RECORDED])


def _far_away(day: Day, number: int) -> Day:
    searches = [Search(600 + place, 0, "organisation", 10**7 + 19 * number + place, AFAR) for place in range(19)]
    return with_searches(day, searches, acts=[RECORDED])


def _tries_doors(day: Day, _number: int) -> Day:
    return with_searches(day, ()) if day.refused >= 3 else _refused(day)


def _refused(day: Day) -> Day:
    return Day(day.officer, day.day, day.home, day.region, day.shift, day.acts, day.searches, refused=4)


def _scans_all_day(day: Day, _number: int) -> Day:
    return with_searches(day, (), acts=[Inspection(600, is_recorded=True)])


PATTERNS: list[tuple[str, Misuse, int]] = [  # the rule that finds it, what is done, after how many days of duty at the latest
    ("quota_reached", _fuzhou, 1),
    ("many_look_ups", _just_below_the_quota, 1),
    ("hollow_acts", _drip, 10),
    ("same_person", _former_wife, 4),
    ("off_duty", _at_night, 3),
    ("other_region", _far_away, 1),
    ("no_act", _tries_doors, 1),
    ("many_scans", _scans_all_day, 1),
]


def _spoilt(misuse: Misuse) -> list[Day]:
    """A month of an officer who is otherwise as honest as the first, nights and checkpoints left out."""
    honest = [day for day in officer_year(1) if day.shift][:22]
    return [misuse(day, number) for number, day in enumerate(honest)]


@pytest.mark.parametrize(("kind", "misuse", "within"), PATTERNS, ids=[kind for kind, _, _ in PATTERNS])
def test_each_pattern_of_misuse_is_found_and_by_its_rule_alone_for_it_is_lost_without(
    kind: str, misuse: Misuse, within: int
) -> None:
    days = _spoilt(misuse)
    found = [day.day for day, found in alarms(days) if found == kind]
    assert found, "never found"
    took = [day.day for day in days].index(found[0]) + 1
    say(f"{kind}: found on the {took}. day of duty")
    assert took <= within
    without = {name: rule for name, rule in RULES.items() if name != kind}
    assert kind not in {found for _day, found in alarms(days, without)}


def test_the_fuzhou_insider_gets_the_quota_and_no_more_on_every_day_of_nine_months() -> None:
    honest = list(officer_year(1))[: 274 * 5 // 7]
    let_through = [min(len(_fuzhou(day, 0).searches), QUOTA) for day in honest]
    alarmed = {day.day for day, kind in alarms(_fuzhou(day, 0) for day in honest) if kind == "quota_reached"}
    wanted = 330 * len(honest)
    say(f"wanted {wanted}, got {sum(let_through)} if nobody ever acted on {len(alarmed)} alarms; day one: {let_through[0]}")
    assert let_through[0] == QUOTA
    assert alarmed == {day.day for day in honest}


def test_the_year_is_the_same_every_time() -> None:
    assert list(officer_year(3, 60)) == list(officer_year(3, 60))
    assert OFFICERS == 2_000
    assert DAYS == 365
