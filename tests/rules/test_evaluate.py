"""R01–R03, R08, R37, R38: what blocks, what warns, what does neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from liangzheng.rules.evaluate import OfficerShown, RuleHit, is_open, judge_opening, judge_record
from liangzheng.rules.rulebook import rules

T0 = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
WANG = OfficerShown("wang", "15379900001", "officer", "valid", True, True, T0, T0, None)
LI = replace(WANG, officer_id="li", certificate_number="15379900002")
QIAN = OfficerShown("qian", "", "auxiliary", "none", True, True, None, None, None)


def names(hits: Sequence[RuleHit]) -> list[str]:
    return [hit.rule for hit in hits]


OPENINGS = [
    ("two valid officers, both seen", [WANG, LI], []),
    ("one seen, one declined", [WANG, replace(LI, acknowledged_at=None, declined_at=T0)], []),
    ("a third valid officer who has shown", [WANG, LI, replace(WANG, officer_id="zhao", certificate_number="15379900003")], []),
    ("nobody", [], ["R01", "R02"]),
    ("one officer", [WANG], ["R01"]),
    ("same person twice", [WANG, WANG], ["R01"]),
    ("same person, two certificates", [WANG, replace(WANG, certificate_number="15379900009")], ["R01"]),
    ("two persons, one certificate number", [WANG, replace(LI, certificate_number=WANG.certificate_number)], ["R01"]),
    ("no certificate number", [WANG, replace(LI, certificate_number="")], ["R01"]),
    ("second certificate expired", [WANG, replace(LI, certificate_standing="expired")], ["R01"]),
    ("second certificate suspended", [WANG, replace(LI, certificate_standing="suspended")], ["R01"]),
    ("second certificate cancelled", [WANG, replace(LI, certificate_standing="cancelled")], ["R01"]),
    ("second certificate not yet effective", [WANG, replace(LI, certificate_standing="not_yet_effective")], ["R01"]),
    ("nothing shown", [replace(WANG, shown_at=None), replace(LI, shown_at=None)], ["R02"]),
    ("second not shown", [WANG, replace(LI, shown_at=None, acknowledged_at=None)], ["R02"]),
    ("shown, but neither seen nor declined", [WANG, replace(LI, acknowledged_at=None)], ["R02"]),
    ("seen without being shown in his own session", [WANG, replace(LI, shown_at=None)], ["R02"]),
    ("a third officer has not shown", [WANG, LI, replace(LI, officer_id="x", certificate_number="y", shown_at=None)], ["R02"]),
    ("auxiliary as the second", [WANG, QIAN], ["R01", "R03"]),
    ("auxiliary beside two officers", [WANG, LI, QIAN], ["R03"]),
    ("auxiliary who somehow has a valid number", [WANG, replace(LI, kind="auxiliary")], ["R01", "R03"]),
    ("out of his area", [WANG, replace(LI, in_area=False)], ["R38"]),
    ("out of his field", [replace(WANG, in_field=False), LI], ["R38"]),
]


@pytest.mark.parametrize(("story", "officers", "expected"), OPENINGS, ids=[row[0] for row in OPENINGS])
def test_opening(story: str, officers: list[OfficerShown], expected: list[str]) -> None:
    hits = judge_opening(officers)
    assert names(hits) == expected, story
    assert is_open(hits) == (expected == [])
    assigned = judge_opening(officers, is_assigned=True)
    assert names(assigned) == expected, "a document lifts the block of R38 and nothing else"
    assert is_open(assigned) == (set(expected) <= {"R38"})


def test_a_hit_names_article_date_and_what_unblocks() -> None:
    hit = judge_opening([WANG])[0]
    assert "第四十二条" in hit.article
    assert hit.text_as_of == date(2025, 4, 30)
    assert hit.level == "block"
    assert "增加一名" in hit.unblock_zh


@pytest.mark.parametrize(
    ("record_made", "valid_scans", "exhibits", "expected"),
    [
        (True, 0, 0, []),
        (True, 3, 3, []),
        (True, 0, 2, []),
        (False, 0, 0, ["R08"]),
        (True, 2, 1, ["R37"]),
        (False, 1, 0, ["R08", "R37"]),
    ],
)
def test_record(record_made: bool, valid_scans: int, exhibits: int, expected: list[str]) -> None:  # noqa: FBT001
    hits = judge_record(record_made=record_made, valid_scans=valid_scans, exhibits=exhibits)
    assert names(hits) == expected
    assert is_open(hits)


def test_rules_are_complete_data() -> None:
    assert set(rules()) == {"R01", "R02", "R03", "R08", "R37", "R38"}
    for rule in rules().values():
        assert rule.article
        assert rule.text
        assert rule.message_zh.endswith("。")
        assert rule.unblock_zh.endswith("。")
        assert rule.confirmed == "待法制机构确认"
