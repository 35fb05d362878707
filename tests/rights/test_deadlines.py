"""Working days: weekends, holidays, worked weekends, and years whose arrangement nobody knows yet."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date

import pytest

from liangzheng.rules.calendar import after_working_days, holidays, is_working_day
from liangzheng.rules.notices import notice_on, notices


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        ("2026-11-25", 1, "2026-11-26"),
        ("2026-11-25", 10, "2026-12-09"),
        ("2026-09-24", 1, "2026-09-28"),  # Mid-Autumn from Friday to Sunday
        ("2026-09-30", 3, "2026-10-10"),  # National Day, then a Saturday that is worked
        ("2026-02-13", 1, "2026-02-14"),  # a worked Saturday before the Spring Festival
        ("2026-02-14", 1, "2026-02-24"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2026-11-25", 0, "2026-11-25"),
    ],
)
def test_a_term_ends_on_the_last_working_day(start: str, count: int, last: str) -> None:
    deadline = after_working_days(date.fromisoformat(start), count, holidays())
    assert (deadline.on.isoformat(), deadline.is_provisional) == (last, False)


def test_a_year_without_arrangement_is_provisional_and_comes_rather_too_early() -> None:
    deadline = after_working_days(date(2026, 12, 25), 5, holidays())
    assert deadline.is_provisional
    assert deadline.on == date(2027, 1, 4), "the first of January is off whatever is announced"
    assert not is_working_day(date(2027, 10, 1), holidays())
    assert is_working_day(date(2027, 10, 4), holidays()), "not announced yet"


def test_five_working_days_a_week_where_nothing_is_off() -> None:
    assert sum(is_working_day(date(2026, 8, day), holidays()) for day in range(1, 32)) == 21


# What was told stays as it was told: a change of text is a new version. Digest of each version's content.
TOLD = {"2026-1": "0f003201374d1e3a1e2ade1159642f079fa8da6cdadad9079808a6baf84ea473"}


def digest(version: str) -> str:
    text = json.dumps(asdict(notices()[version])["parts"], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def test_no_notice_that_was_ever_shown_is_changed() -> None:
    assert {version: digest(version) for version in notices()} == TOLD


def test_the_notice_of_a_day_is_the_newest_begun() -> None:
    assert notice_on(date(2026, 11, 25)).version == "2026-1"
    assert notice_on(date(2020, 1, 1)).version == "2026-1", "before the first one, the first"


def test_a_notice_tells_what_the_law_wants_told() -> None:
    for notice in notices().values():
        assert [part.heading for part in notice.parts] == ["谁在处理", "为什么处理", "处理哪些内容", "保存多久", "您的权利"]
        assert all(part.article for part in notice.parts)
        assert notice.confirmed == "待法制机构确认"
