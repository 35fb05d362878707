"""Replays after +0 to +3,600 s, video relays, and clocks that are wrong by a second to ten years: what the phone says.

A relay within the minute cannot be told from the holder's own showing by any signature: the largest delay that still passes is
measured here and printed, and stands in docs/reference/offline-code.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from dev.vectors_offline import ACT, NOW, Case, plain
from liangzheng.codes.offline_code import CredentialKind, make_credential, read_offline_code
from liangzheng.verification.field_pack import Limits
from liangzheng.verification.offline import DeviceState, judge_offline
from liangzheng.verification.verdict import Standing, Verdict

MINUTE, HOUR, DAY, YEAR = 60, 3_600, 86_400, 31_536_000
TOLERANCE = Limits().clock_tolerance
LIFETIME = 60
GOOD = replace(
    plain(CredentialKind.LICENCE, "SM2", "ES256"),
    proof=replace(plain(CredentialKind.LICENCE, "SM2", "ES256").proof, issued_at=NOW, lifetime=LIFETIME),
)
TEXT = GOOD.text()
SHOWING = read_offline_code(TEXT).showing
DELAYS = [0, 1, 5, 30, 59, 60, 61, 119, 120, 121, 122, 180, 300, 600, 1_800, 3_600]


def judged(
    text: str = TEXT, *, late: int = 0, clock: int = 0, heard: bool = True, seen: tuple[str, ...] = (), case: Case = GOOD
) -> Verdict:
    """Scan `late` seconds after the showing with a phone whose clock is off by `clock`; it heard a server 90 s before."""
    device = DeviceState(NOW - 90 if heard else None, 90 + late, seen)
    return judge_offline(text, case.pack, now=NOW + late + clock, device=device, expect=case.expect).verdict


def is_valid(verdict: Verdict) -> bool:
    assert verdict.standing is not Standing.VALID
    return verdict.standing is Standing.VALID_OFFLINE


@pytest.mark.parametrize("delay", DELAYS)
def test_replayed_to_the_same_phone(delay: int) -> None:
    verdict = judged(late=delay, seen=(SHOWING,))
    assert not is_valid(verdict)
    assert "code_used" in verdict.reasons
    assert is_valid(judged(late=delay)) is (delay <= LIFETIME + TOLERANCE), "control: to a phone that has not seen it"


@pytest.mark.parametrize("delay", DELAYS)
def test_replayed_to_a_second_phone_that_drew_a_number(delay: int) -> None:
    """With a challenge on the officer's own screen a picture of an older showing answers nothing, however fresh."""
    challenged = replace(GOOD, expect=replace(GOOD.expect, challenge=b"12345678"))
    assert not is_valid(judged(late=delay, case=challenged))
    answered = replace(challenged, proof=replace(GOOD.proof, challenge=b"12345678"))
    assert is_valid(judged(answered.text(), case=answered)), "control"


def test_replayed_for_another_act() -> None:
    bound = replace(GOOD, proof=replace(GOOD.proof, audience=ACT), expect=replace(GOOD.expect, audience=ACT))
    elsewhere = replace(bound, expect=replace(GOOD.expect, audience="370600-20261125-ZZZZZZ"))
    assert is_valid(judged(bound.text(), case=bound)), "control"
    assert judged(bound.text(), case=elsewhere).reasons == ("wrong_audience",)


def largest(accepts: Callable[[int], bool]) -> int:
    """Find the largest delay in seconds that still passes."""
    passing = [delay for delay in range(400) if accepts(delay)]
    assert passing == list(range(len(passing))), "once too late, always too late"
    return passing[-1]


def test_the_largest_delay_of_a_relay(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody films the holder's screen and holds the film to the camera: nothing but the minute stops him."""
    right = largest(lambda delay: is_valid(judged(late=delay)))
    slow = largest(lambda delay: is_valid(judged(late=delay, clock=-TOLERANCE)))
    fast = largest(lambda delay: is_valid(judged(late=delay, clock=TOLERANCE)))
    with capsys.disabled():
        sys.stdout.write(
            f"\n    relay without signal: {right} s pass with a right clock, {fast} to {slow} s within its tolerance\n"
        )
    assert (right, slow, fast) == (LIFETIME + TOLERANCE, LIFETIME + 2 * TOLERANCE, LIFETIME)


# --- clocks ----------------------------------------------------------------------------------------------------------------

OFFSETS = [1, 30, 59, 60, 61, 90, 300, HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY, YEAR, 10 * YEAR]
EXPIRED = replace(
    GOOD, credential=replace(GOOD.credential, face={**GOOD.credential.face, "valid_to": "2026-11-21"}), proof=GOOD.proof
)
NOT_YET = replace(GOOD, credential=replace(GOOD.credential, face={**GOOD.credential.face, "valid_from": "2026-11-23"}))
ENDED = replace(GOOD, credential=replace(GOOD.credential, expires_at=NOW - HOUR))
STALE = replace(GOOD, pack=replace(GOOD.pack, limits=replace(GOOD.pack.limits, licence_status_max_age=HOUR - 1)))
LAPSED = replace(GOOD, pack=replace(GOOD.pack, expires_at=NOW - HOUR))
REPLAYED = replace(GOOD, proof=replace(GOOD.proof, issued_at=NOW - HOUR))
WRONG: dict[str, Case] = {
    "licence expired": EXPIRED,
    "licence not yet in force": NOT_YET,
    "credential ended": ENDED,
    "status stale": STALE,
    "pack lapsed": LAPSED,
    "shown an hour ago": REPLAYED,
}


@pytest.mark.parametrize("offset", [sign * offset for offset in OFFSETS for sign in (1, -1)])
def test_a_wrong_clock_says_so_and_accuses_nobody(offset: int) -> None:
    verdict = judged(clock=offset)
    assert is_valid(verdict) is (abs(offset) <= TOLERANCE)
    assert ("clock_wrong" in verdict.reasons) is (abs(offset) > TOLERANCE)
    assert verdict.standing is not Standing.INVALID
    assert not is_valid(judged(clock=offset, heard=False)), "a phone that never heard a server knows no time"


@pytest.mark.parametrize("story", WRONG)
@pytest.mark.parametrize("offset", [0, *(sign * offset for offset in OFFSETS for sign in (1, -1))])
def test_no_clock_makes_a_bad_one_good(story: str, offset: int) -> None:
    """The officer, or a thief of his phone, sets the clock to the one second at which it would have been valid."""
    case = WRONG[story]
    assert not is_valid(judged(case.text(), clock=offset, case=case))


@pytest.mark.parametrize("story", ["licence expired", "licence not yet in force", "credential ended", "shown an hour ago"])
def test_without_the_beacon_a_clock_set_right_for_it_would_make_it_good(story: str) -> None:
    """The control: where the phone has no server's time to compare with, believed to fit, the same setting gets through."""
    case = WRONG[story]
    offset = {"licence expired": -DAY, "licence not yet in force": DAY, "credential ended": -HOUR, "shown an hour ago": -HOUR}[
        story
    ]
    moved = replace(case, pack=replace(case.pack, issued_at=NOW - 2 * DAY, expires_at=NOW + 2 * DAY))
    shown = replace(
        moved, proof=replace(case.proof, issued_at=case.proof.issued_at if story == "shown an hour ago" else NOW + offset)
    )
    now = NOW + offset
    believing = DeviceState(now - 90, 90)
    far = replace(
        shown.pack,
        limits=replace(shown.pack.limits, licence_status_max_age=9 * DAY),
        statuses={uri: replace(listed, issued_at=NOW - 3 * DAY) for uri, listed in shown.pack.statuses.items()},
    )
    verdict = judge_offline(shown.text(), far, now=now, device=believing, expect=shown.expect).verdict
    assert is_valid(verdict)


def test_a_credential_of_another_time_does_not_help() -> None:
    """Issued ahead of its time, or asked about before: refused by a right clock."""
    for issued_at, expires_at in ((NOW + HOUR, NOW + DAY), (NOW - DAY, NOW - 1)):
        case = replace(GOOD, credential=replace(GOOD.credential, issued_at=issued_at, expires_at=expires_at))
        assert make_credential(case.credential, case.issuer)
        assert judged(case.text(), case=case).standing is Standing.INVALID
