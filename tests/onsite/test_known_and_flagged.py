"""Revoked, packed, scanned, handed in, at any times and limits: the phone never says more than it could know, and what came to
light since is a task for the officer.

`make test` takes a thousand cases, `make prove` 50,000. Controls: without the limits of age, without the comparison, or with a
pack that forgets the revoked ones, the same property fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from liangzheng.codes.offline_code import (
    Credential,
    CredentialKind,
    Grant,
    Proof,
    StatusPlace,
    key_id,
    make_credential,
    make_proof,
    write_offline_code,
)
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.onsite.finding import Difference, differences
from liangzheng.verification.checks import CodeFacts, LicenceFacts, ListFacts, judge_scan
from liangzheng.verification.field_pack import CodeKey, FieldPack, Limits, StatusSnapshot
from liangzheng.verification.offline import DeviceState, Expect, judge_offline
from liangzheng.verification.verdict import Check, Result, Standing, Verdict

CASES = settings().max_examples * 25  # 1,250 and 50,000
PACKED_AT = 1_795_334_400  # 2026-11-22T08:00:00Z; all other times are seconds from here
HOUR, DAY, YEAR = 3_600, 86_400, 31_536_000
EVER = 100 * YEAR
URI, TYPE = "https://yantai.example/s/1", "11100000MB0187654XDL1"
ISSUER, DEVICE = SM2PrivateKey.generate(), P256PrivateKey.generate()
KEYS = {key_id(ISSUER.public_key): CodeKey(ISSUER.public_key, 0)}
FILE = {"file_digests": Check("file_digests", Result.PASS)}


def credential_of(kind: CredentialKind) -> bytes:
    told = Credential(
        kind=kind,
        subject=UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab"),
        issued_at=PACKED_AT - YEAR,
        expires_at=PACKED_AT + YEAR,
        device_key=DEVICE.public_key,
        face={"type_code": TYPE, "holder": "张三丰"},
        status=StatusPlace(URI, 0),
        grant=Grant("烟台海云客运有限公司（演示）", "包车", 1) if kind is CredentialKind.DELEGATED else None,
    )
    return make_credential(told, ISSUER)


CREDENTIALS = {kind: credential_of(kind) for kind in CredentialKind}


@dataclass(frozen=True, slots=True)
class Life:
    """One licence and one scan of it. Times are true times in seconds from the making of the pack; `revoked` None: never.

    `grant_ended` is the end of the delegation, if it is one. `heard`: when the phone last heard a server; `clock`: how far its
    clock is off. Limits as in the pack; `list_until`, `pack_until`: when the list and the pack lapse.
    """

    kind: CredentialKind
    revoked: int | None
    grant_ended: int | None
    scanned: int
    synced: int
    heard: int
    clock: int
    limits: Limits
    list_until: int
    pack_until: int

    @property
    def gone(self) -> int | None:
        """When there was no longer any ground to show it."""
        ends = [self.revoked, self.grant_ended if self.kind is CredentialKind.DELEGATED else None]
        return min((end for end in ends if end is not None), default=None)

    @property
    def longest(self) -> int:
        officer = self.kind is CredentialKind.OFFICER
        return self.limits.officer_status_max_age if officer else self.limits.licence_status_max_age


def near(*places: int) -> st.SearchStrategy[int]:
    """Times near the places where something changes, and any others."""
    marks = st.sampled_from(places).flatmap(lambda place: st.integers(place - 2, place + 2))
    return marks | st.integers(-3 * DAY, 3 * DAY)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    limits = Limits(draw(st.integers(0, DAY)), draw(st.integers(0, 2 * DAY)), draw(st.integers(0, 300)))
    ends = (limits.officer_status_max_age, limits.licence_status_max_age, limits.licence_status_max_age + limits.clock_tolerance)
    scanned = max(0, draw(near(0, *ends)))
    synced = scanned + max(0, draw(near(0, HOUR)))
    clock = draw(st.just(0) | near(0, limits.clock_tolerance, -limits.clock_tolerance) | st.integers(-10 * YEAR, 10 * YEAR))
    return Life(
        kind=draw(st.sampled_from(CredentialKind)),
        revoked=draw(st.none() | near(0, scanned, synced)),
        grant_ended=draw(st.none() | near(0, scanned, synced)),
        scanned=scanned,
        synced=synced,
        heard=draw(st.integers(0, scanned)),
        clock=clock,
        limits=limits,
        list_until=draw(st.just(EVER) | near(0, scanned)),
        pack_until=draw(st.just(EVER) | near(0, scanned)),
    )


def packed(life: Life) -> bytes:
    """The list as it was made: places 0 and 1 of four bits."""
    first = 1 if life.revoked is not None and life.revoked <= 0 else 0
    second = 11 if life.grant_ended is not None and life.grant_ended <= 0 else 0
    return bytes((second << 4 | first,))


def phone_says(life: Life) -> Verdict:
    """Show it on the spot and judge it by the pack."""
    credential = CREDENTIALS[life.kind]
    shown = PACKED_AT + life.scanned + (life.clock if abs(life.clock) <= life.limits.clock_tolerance else 0)
    text = write_offline_code(credential, make_proof(Proof(issued_at=shown, counter=1, lifetime=60), credential, DEVICE))
    listed = StatusSnapshot(PACKED_AT, PACKED_AT + life.list_until, 4, packed(life))
    until = PACKED_AT + life.pack_until
    pack = FieldPack(1, PACKED_AT, until, PACKED_AT, KEYS, {URI: listed}, {TYPE: "accepted"}, life.limits)
    now = PACKED_AT + life.scanned + life.clock
    device = DeviceState(PACKED_AT + life.heard, life.scanned - life.heard)
    return judge_offline(text, pack, now=now, device=device, expect=Expect(kinds=(life.kind,))).verdict


def server_says(life: Life) -> Verdict:
    """Judge the same scan at its upload, by what is known then; the code's minute counts as of the scan."""
    now = datetime.fromtimestamp(PACKED_AT + life.synced, tz=UTC)
    gone = life.gone is not None and life.gone <= life.synced
    code = CodeFacts("holder_code", is_signed=True, is_known=True, expires_at=None, was_used=False)
    licence = LicenceFacts(date(2020, 1, 1), None, "revoked" if gone else "valid", None, {})
    usable = ListFacts(is_listed=True, physical="carry_required__electronic_accepted", is_physical_confirmed=True)
    return judge_scan(code, licence, FILE, usable, now, now.date())


Compare = Callable[[Verdict, Verdict], tuple[Difference, ...]]


def compare(seen: Verdict, server: Verdict) -> tuple[Difference, ...]:
    return differences(seen, server, is_gate_open=True)


def breach(life: Life, *, told: Life | None = None, compare: Compare = compare) -> str:
    """Say what is wrong with the phone's word or with what became of it, "" when nothing is. `told`: what the phone was given."""
    seen = phone_says(told or life)
    found = {"more than valid off-line": seen.standing is Standing.VALID} | wrongly_valid(seen, life)
    if life.kind is not CredentialKind.OFFICER:  # badges are shown to the party; no queue carries them
        found |= wrongly_quiet(seen, life, compare)
    return next((name for name, is_so in found.items() if is_so), "")


def wrongly_valid(seen: Verdict, life: Life) -> dict[str, bool]:
    good = seen.standing is Standing.VALID_OFFLINE
    return {
        "valid, though the pack knew better": good and life.gone is not None and life.gone <= 0,
        "valid by a list that was too old": good and life.scanned > min(life.longest, life.list_until),
        "valid by a pack that had lapsed": good and life.scanned > life.pack_until + life.limits.clock_tolerance,
        "valid by a wrong clock": good and abs(life.clock) > life.limits.clock_tolerance,
    }


def wrongly_quiet(seen: Verdict, life: Life, compare: Compare) -> dict[str, bool]:
    server = server_says(life)
    good, is_task = seen.standing is Standing.VALID_OFFLINE, bool(compare(seen, server))
    return {
        "revoked since, and nobody is told": good and life.gone is not None and life.gone <= life.synced and not is_task,
        "a task without a ground": good and server.standing is Standing.VALID and is_task,
    }


@settings(max_examples=CASES)
@given(lives())
def test_never_more_than_was_known_and_whatever_came_to_light_is_a_task(life: Life) -> None:
    assert breach(life) == ""


def forever(life: Life) -> Life:
    """What a phone would be given if nothing aged."""
    return replace(life, limits=Limits(EVER, EVER, life.limits.clock_tolerance), list_until=EVER, pack_until=EVER)


def without_its_word(life: Life) -> Life:
    """A pack that leaves the revoked ones out."""
    return replace(life, revoked=None, grant_ended=None)


def with_any_clock(life: Life) -> Life:
    return replace(life, limits=replace(life.limits, clock_tolerance=EVER))


CONTROLS: dict[str, Callable[[Life], str]] = {
    "valid by a list that was too old": lambda life: breach(life, told=forever(life)),
    "valid, though the pack knew better": lambda life: breach(life, told=without_its_word(life)),
    "valid by a wrong clock": lambda life: breach(life, told=with_any_clock(life)),
    "revoked since, and nobody is told": lambda life: breach(life, compare=lambda _seen, _server: ()),
}


@pytest.mark.parametrize("expected", CONTROLS)
def test_the_controls_fail(expected: str) -> None:
    search = settings(max_examples=5_000, phases=[Phase.generate], database=None)
    found = find(lives(), lambda life: CONTROLS[expected](life) == expected, settings=search)
    assert CONTROLS[expected](found) == expected


@settings(max_examples=CASES)
@given(lives())
def test_a_short_way_back_says_valid(life: Life) -> None:
    """The other side: in good time, by a right clock, with nothing revoked, it is valid off-line: not everything is refused."""
    fine = replace(
        life,
        revoked=None,
        grant_ended=None,
        clock=0,
        scanned=min(life.scanned, life.longest),
        heard=0,
        list_until=EVER,
        pack_until=EVER,
    )
    assert phone_says(fine).standing is Standing.VALID_OFFLINE
