"""The numbered checks of an off-line code, in order; the same in `web/core`, byte for byte. Pure: facts in, verdict out.

 (1) code_readable         the text is such a code
 (2) code_kind             it shows what was asked for: a licence, or an officer's certificate
 (3) credential_signature  the key it names signed the credential
 (4) issuer_trusted        the pack trusts that key, then and still
 (5) credential_validity   the credential has begun and not ended
 (6) holder_proof          the device it was issued to signed the proof
 (7) proof_fresh           just now
 (8) audience              for this act, if it names one
 (9) challenge             over the number this phone drew, if it drew one
(10) code_unused           not seen on this phone before
(11) clock                 this phone's clock fits the last time a server named
(12) pack_fresh            the pack has not lapsed
(13) in_validity           today lies within the dates on the face (Asia/Shanghai), the last day included
(14) status                the list that names it says valid, and is not too old; for a delegated showing the grant's place too
(15) on_list               the licence type is on the usable list
(16) physical_required     the law does not demand the physical document, or that question is settled

A wrong clock accuses nobody: what (5), (7) and (13) would refuse by it cannot be confirmed instead.

The best standing is `valid_offline`: what was known when the status was taken. A code that fails one of (1) to (6) opens nothing:
no face is given, and the later checks have no ground. Not checked here: that the person standing there is the holder.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

from liangzheng.codes.offline_code import CredentialKind, MalformedOfflineCode, UnverifiedOfflineCode, read_offline_code
from liangzheng.verification.field_pack import FieldPack, StatusSnapshot
from liangzheng.verification.verdict import Check, Mode, Result, Verdict, conclude

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE

_BY_CLOCK = frozenset(
    {"credential_not_yet_valid", "credential_expired", "code_expired", "code_from_future", "not_yet_effective", "expired"}
)
"""What rests on this phone's clock alone."""

CHECKS = (
    "code_readable",
    "code_kind",
    "credential_signature",
    "issuer_trusted",
    "credential_validity",
    "holder_proof",
    "proof_fresh",
    "audience",
    "challenge",
    "code_unused",
    "clock",
    "pack_fresh",
    "in_validity",
    "status",
    "on_list",
    "physical_required",
)
_OPENING = 6
"""The first six checks open the code."""
_SHANGHAI = timedelta(hours=8)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXPIRES_SOON = timedelta(days=30)
STATUS_REASONS: Mapping[int, str] = {
    1: "revoked",
    2: "suspended",
    3: "transferred_out",
    11: "withdrawn",
    12: "cancelled",
    13: "superseded",
    14: "lost",
}


@dataclass(frozen=True, slots=True)
class DeviceState:
    """This phone: the last server time it heard (None: never), seconds since then, and the showings it has seen."""

    server_time: int | None
    elapsed: int
    seen: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Expect:
    """What the officer or the party wants to see: kinds, the act it must be for, the challenge that was drawn."""

    kinds: tuple[CredentialKind, ...] = (CredentialKind.LICENCE, CredentialKind.DELEGATED)
    audience: str = ""
    challenge: bytes = b""


@dataclass(frozen=True, slots=True)
class OfflineReport:
    """The verdict, and what the code showed if it opened: `code` is None when it did not."""

    verdict: Verdict
    code: UnverifiedOfflineCode | None


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything a check may look at."""

    code: UnverifiedOfflineCode
    pack: FieldPack
    now: int
    device: DeviceState
    expect: Expect


def judge_offline(text: str, pack: FieldPack, *, now: int, device: DeviceState, expect: Expect) -> OfflineReport:
    """Judge a scanned text at `now`, seconds since 1970 by this phone's clock."""
    try:
        code = read_offline_code(text)
    except MalformedOfflineCode:
        reason = "code_unreadable" if text.startswith("LZ2:") else "foreign_code"
        checks = (Check("code_readable", FAIL if reason == "code_unreadable" else UNKNOWN, reason),)
        return OfflineReport(_concluded(checks, now), None)
    case = _Case(code, pack, now, device, expect)
    opening = _opening(case)
    if len(opening) < _OPENING or opening[-1].result is not PASS:
        return OfflineReport(_concluded(opening, now), None)
    return OfflineReport(_concluded((*opening, *_timely(case), *_standing(case)), now), code)


def _concluded(checks: tuple[Check, ...], now: int) -> Verdict:
    given = {check.id for check in checks}
    rest = tuple(Check(name, NOT_APPLICABLE) for name in CHECKS if name not in given)
    return conclude((*checks, *rest), as_of=datetime.fromtimestamp(now, tz=UTC), mode=Mode.OFFLINE)


def _opening(case: _Case) -> tuple[Check, ...]:
    """(1)–(6); the first that does not pass ends the list."""
    checks = (
        Check("code_readable", PASS),
        _kind(case),
        *_issuer(case),
        _by_clock(case, _credential_validity(case)),
        _holder_proof(case),
    )
    passed = tuple(takewhile(lambda check: check.result is PASS, checks))
    return checks[: len(passed) + 1]


def _kind(case: _Case) -> Check:
    right = case.code.credential.kind in case.expect.kinds
    return Check("code_kind", PASS) if right else Check("code_kind", FAIL, "wrong_code_kind")


def _issuer(case: _Case) -> tuple[Check, Check]:
    """A key nobody named leaves open who signed: that may be a newer key than the pack knows."""
    known = case.pack.code_keys.get(case.code.key_id)
    if known is None:
        return Check("credential_signature", UNKNOWN, "issuer_unknown"), Check("issuer_trusted", NOT_APPLICABLE)
    if not case.code.is_issued_by(known.key):
        return Check("credential_signature", FAIL, "code_forged"), Check("issuer_trusted", NOT_APPLICABLE)
    signed, issued_at = Check("credential_signature", PASS), case.code.credential.issued_at
    # What a distrusted key signed may carry any date: none of it counts.
    if known.distrusted_since is not None:
        return signed, Check("issuer_trusted", FAIL, "issuer_distrusted", _time(known.distrusted_since))
    if issued_at < known.trusted_from:
        return signed, Check("issuer_trusted", FAIL, "issuer_distrusted", _time(known.trusted_from))
    return signed, Check("issuer_trusted", PASS)


def _credential_validity(case: _Case) -> Check:
    name, credential = "credential_validity", case.code.credential
    if case.now + case.pack.limits.clock_tolerance < credential.issued_at:
        return Check(name, FAIL, "credential_not_yet_valid", _time(credential.issued_at))
    if case.now > credential.expires_at:
        return Check(name, FAIL, "credential_expired", _time(credential.expires_at))
    return Check(name, PASS)


def _holder_proof(case: _Case) -> Check:
    return Check("holder_proof", PASS) if case.code.is_proved else Check("holder_proof", FAIL, "proof_forged")


def _timely(case: _Case) -> tuple[Check, ...]:
    """(7)–(12): shown now, to this phone, for this purpose, by data of today."""
    return (_by_clock(case, _fresh(case)), _audience(case), _challenge(case), _unused(case), _clock(case), _pack(case))


def _fresh(case: _Case) -> Check:
    name, proof, slack = "proof_fresh", case.code.proof, case.pack.limits.clock_tolerance
    if case.now > proof.issued_at + proof.lifetime + slack:
        return Check(name, FAIL, "code_expired", _time(proof.issued_at))
    if case.now + slack < proof.issued_at:
        return Check(name, UNKNOWN, "code_from_future", _time(proof.issued_at))
    return Check(name, PASS)


def _audience(case: _Case) -> Check:
    named = case.code.proof.audience
    if not named:
        return Check("audience", NOT_APPLICABLE)
    return Check("audience", PASS) if named == case.expect.audience else Check("audience", FAIL, "wrong_audience")


def _challenge(case: _Case) -> Check:
    wanted, given = case.expect.challenge, case.code.proof.challenge
    if not wanted:
        return Check("challenge", NOT_APPLICABLE)
    if not given:
        return Check("challenge", UNKNOWN, "challenge_missing")
    return Check("challenge", PASS) if given == wanted else Check("challenge", FAIL, "challenge_mismatch")


def _unused(case: _Case) -> Check:
    seen = case.code.showing in case.device.seen
    return Check("code_unused", FAIL, "code_used") if seen else Check("code_unused", PASS)


def _clock(case: _Case) -> Check:
    known, slack = case.device.server_time, case.pack.limits.clock_tolerance
    if known is None or abs(case.now - (known + case.device.elapsed)) > slack:
        return Check("clock", UNKNOWN, "clock_wrong")
    return Check("clock", PASS)


def _by_clock(case: _Case, found: Check) -> Check:
    is_doubtful = found.reason in _BY_CLOCK and _clock(case).result is not PASS
    return Check(found.id, UNKNOWN, "clock_wrong", found.detail) if is_doubtful else found


def _pack(case: _Case) -> Check:
    pack = case.pack
    is_current = pack.issued_at - pack.limits.clock_tolerance <= case.now <= pack.expires_at
    return Check("pack_fresh", PASS) if is_current else Check("pack_fresh", UNKNOWN, "pack_stale", _time(pack.expires_at))


def _standing(case: _Case) -> tuple[Check, ...]:
    """(13)–(16): what stands behind the code."""
    return (_by_clock(case, _in_validity(case)), _status(case), *_list(case))


def _in_validity(case: _Case) -> Check:
    name, face = "in_validity", case.code.credential.face
    today = (datetime.fromtimestamp(case.now, tz=UTC) + _SHANGHAI).date()
    first, last = _day(face.get("valid_from")), _day(face.get("valid_to"))
    if ("valid_from" in face and first is None) or ("valid_to" in face and last is None):
        return Check(name, UNKNOWN, "face_unreadable")
    if first is not None and today < first:
        return Check(name, FAIL, "not_yet_effective", first.isoformat())
    if last is None:
        return Check(name, PASS)
    if today > last:
        return Check(name, FAIL, "expired", last.isoformat())
    soon = "expiring_soon" if last - today <= _EXPIRES_SOON else ""
    return Check(name, PASS, soon, last.isoformat())


def _day(text: str | None) -> date | None:
    """Read YYYY-MM-DD and nothing else."""
    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _status(case: _Case) -> Check:
    credential = case.code.credential
    place = credential.status
    listed = case.pack.statuses.get(place.uri) if place else None
    if place is None or listed is None:
        return Check("status", UNKNOWN, "status_unknown")
    values = [listed.value_at(place.index)] + ([listed.value_at(credential.grant.index)] if credential.grant else [])
    as_of = _time(listed.issued_at)
    # What was bad when the list was made stays bad however old the list is. Of the grant it only matters that it is no more.
    for value, reasons in zip(values, (STATUS_REASONS, dict.fromkeys(STATUS_REASONS, "delegation_ended")), strict=False):
        if value is not None and value in reasons:
            return Check("status", FAIL, reasons[value], as_of)
    if any(value != 0 for value in values):
        return Check("status", UNKNOWN, "status_unknown", as_of)
    return Check("status", UNKNOWN, "status_stale", as_of) if _is_stale(case, listed) else Check("status", PASS, "", as_of)


def _is_stale(case: _Case, listed: StatusSnapshot) -> bool:
    """By the later of this phone's clock and the time a server is known to have: a clock set back makes nothing younger."""
    limits, device = case.pack.limits, case.device
    is_officer = case.code.credential.kind is CredentialKind.OFFICER
    longest = limits.officer_status_max_age if is_officer else limits.licence_status_max_age
    now = max(case.now, device.server_time + device.elapsed if device.server_time is not None else 0)
    return now > min(listed.expires_at, listed.issued_at + longest) or now + limits.clock_tolerance < listed.issued_at


def _list(case: _Case) -> tuple[Check, Check]:
    if case.code.credential.kind is CredentialKind.OFFICER:
        return Check("on_list", NOT_APPLICABLE), Check("physical_required", NOT_APPLICABLE)
    physical = case.pack.usable.get(case.code.credential.face.get("type_code", ""))
    if physical is None:
        return Check("on_list", UNKNOWN, "not_on_list"), Check("physical_required", NOT_APPLICABLE)
    listed = Check("on_list", PASS)
    if physical == "accepted":
        return listed, Check("physical_required", PASS)
    reason = "physical_required" if physical == "required" else "physical_unconfirmed"
    return listed, Check("physical_required", UNKNOWN, reason)


def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
