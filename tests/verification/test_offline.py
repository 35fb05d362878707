"""Judging without signal: each story of the shared vectors has its reason, every reason its stories; TypeScript agrees."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from dev import vectors_offline
from liangzheng.codes.offline_code import LONGEST_TEXT
from liangzheng.verification.offline import CHECKS, STATUS_REASONS
from liangzheng.verification.verdict import Result, Standing

FILE = Path(__file__).parent.parent / "vectors" / "offline.json"
WORDS = json.loads((Path(__file__).parents[2] / "liangzheng" / "verification" / "reasons.json").read_text(encoding="utf-8"))
CASES = vectors_offline.cases()
LARGEST = 2 * 1024 * 1024
EVERY_REASON = {
    *("code_unreadable", "foreign_code", "wrong_code_kind", "issuer_unknown", "code_forged", "issuer_distrusted"),
    *("credential_not_yet_valid", "credential_expired", "proof_forged", "code_expired", "code_from_future", "wrong_audience"),
    *("challenge_missing", "challenge_mismatch", "code_used", "clock_wrong", "pack_stale", "face_unreadable"),
    *("not_yet_effective", "expired", "expiring_soon", "status_unknown", "status_stale"),
    *("not_on_list", "physical_required", "physical_unconfirmed"),
    *STATUS_REASONS.values(),
    "delegation_ended",
}


def test_the_vectors_are_those_of_the_generator() -> None:
    text = vectors_offline.text()
    assert FILE.read_text(encoding="utf-8") == text
    assert len(text.encode()) < LARGEST
    assert len(CASES) >= 300


@pytest.mark.parametrize("name", CASES)
def test_each_story_has_its_reason(name: str) -> None:
    reason, case = CASES[name]
    report = case.judge()
    verdict = report.verdict
    assert verdict.reasons[:1] == ((reason,) if reason else ())
    assert [check.id for check in verdict.checks] == list(CHECKS)
    assert (verdict.standing is Standing.VALID_OFFLINE) is (reason in {"", "expiring_soon"})
    opened = all(check.result is Result.PASS for check in verdict.checks[:6])
    assert (report.code is not None) is opened
    assert len(case.text()) <= LONGEST_TEXT + len("https://example.com/")


def test_every_reason_comes_up_three_times_and_has_words() -> None:
    counted = Counter(reason for _, case in CASES.values() for reason in case.judge().verdict.reasons)
    assert set(counted) == EVERY_REASON
    assert min(counted.values()) >= 3
    assert not EVERY_REASON - set(WORDS)
    assert not set(CHECKS) - set(WORDS["check"])


def test_each_failing_check_alone_decides() -> None:
    """The control: the same story with that one check passed would be good. So no case is held by a second check by chance."""
    alone = Counter[str]()
    for reason, case in CASES.values():
        open_checks = [check for check in case.judge().verdict.checks if check.result in {Result.FAIL, Result.UNKNOWN}]
        if reason and len(open_checks) == 1:
            alone[open_checks[0].id] += 1
    assert set(alone) == set(CHECKS)
