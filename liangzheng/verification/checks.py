"""The numbered checks of an on-line scan, in order. Pure: facts in, checks out; nothing here reads a clock or a row.

 (1) code_readable    the text is a code this system knows
 (2) code_kind        it is a holder's code, not a badge or somebody else's
 (3) code_signature   the platform signed it (a typed short code stands in for the signature: it is found or it is not)
 (4) code_fresh       its minute is not over; of another system's code (code_gateway) its own gateway says that and (3)
 (5) code_unused      this officer has not used it before, and nobody outside of this act
 (6) licence_found    a licence stands behind it
 (7) file_intact      the issuer's original file: digests, seal, signature, coverage (`file_checks.py`)
 (8) issuer_trusted   the seal's certificate leads to a trusted root and is not revoked
 (9) record_matches_file  the record says what the sealed file says
(10) identifier       the licence identifier's check digit (a mismatch is a warning: real ones break it)
(11) issuer_matches   the seal belongs to the issuing authority
(12) in_validity      today lies within the validity dates, the last day included (Asia/Shanghai)
(13) status           not suspended, revoked, withdrawn, cancelled, superseded, lost, transferred
(14) on_list          the type is on the usable list for this use on this day
(15) physical_required  the law does not demand the physical document, or that question is settled

Of a look-up by function (looked_up) there is no code: it stands for (1) to (5) and says that nobody presented anything.

A check whose ground is missing is `not_applicable`, and then an earlier one has failed.
Not checked here: that the person standing there is the holder. The officer compares the photo and answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from liangzheng.verification.verdict import Check, Mode, Result, Verdict, conclude

EXPIRES_SOON = timedelta(days=30)
STATUS_REASONS = ("revoked", "suspended", "withdrawn", "cancelled", "superseded", "transferred_out", "lost", "expired")


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What is known of the presented code (`codes.find.Presented`), without rows."""

    kind: str
    is_signed: bool
    is_known: bool
    expires_at: datetime | None
    was_used: bool
    gateway: str | None = None
    """Of another system's code: None when nobody was asked, "" when its gateway knew it, else the reason why not."""
    is_reused: bool = False


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """What the record says. `compared` holds, per metadata field, the record's value and the sealed file's."""

    valid_from: date
    valid_to: date | None
    status: str
    status_on: date | None
    compared: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What the usable list says of the type on that day; `physical` is the requirement's policy, "" when there is none."""

    is_listed: bool
    physical: str
    is_physical_confirmed: bool


def judge_scan(
    code: CodeFacts,
    licence: LicenceFacts | None,
    file_checks: Mapping[str, Check] | None,
    usable: ListFacts | None,
    now: datetime,
    today: date,
) -> Verdict:
    """Judge one scan. `file_checks` are those of the original file by id, None when there is no file."""
    checks = list(check_code(code, now))
    may_open = all(check.result is Result.PASS for check in checks)
    if not may_open:
        return conclude(tuple(checks), as_of=now, mode=Mode.ONLINE)
    if licence is None:
        checks.append(Check("licence_found", Result.UNKNOWN, "code_unknown"))
        return conclude(tuple(checks), as_of=now, mode=Mode.ONLINE)
    checks.append(Check("licence_found", Result.PASS))
    checks += check_file(licence, file_checks)
    checks.append(check_validity(licence, today))
    checks.append(check_status(licence, file_checks))
    checks += check_list(usable)
    return conclude(tuple(checks), as_of=now, mode=Mode.ONLINE)


def check_code(code: CodeFacts, now: datetime) -> tuple[Check, ...]:
    """(1)–(5); the first that fails ends the list, because the rest has no ground."""
    if code.kind == "unreadable":
        return (Check("code_readable", Result.FAIL, "code_unreadable"),)
    if code.kind in {"foreign_code", "look_up"}:
        return _check_foreign(code) if code.kind == "foreign_code" else _check_looked_up(code)
    readable = Check("code_readable", Result.PASS)
    kind = Check("code_kind", Result.FAIL, "wrong_code_kind") if code.kind == "badge_code" else Check("code_kind", Result.PASS)
    if kind.result is Result.FAIL:
        return (readable, kind)
    if not code.is_signed:
        return (readable, kind, Check("code_signature", Result.FAIL, "code_forged"))
    signed = Check("code_signature", Result.PASS)
    if code.expires_at is not None and now > code.expires_at:
        return (readable, kind, signed, Check("code_fresh", Result.FAIL, "code_expired"))
    fresh = Check("code_fresh", Result.PASS)
    # Signed by us, or typed, but nothing stands behind it.
    nothing = Check("licence_found", Result.UNKNOWN, "code_unknown")
    return (readable, kind, signed, fresh, _unused(code) if code.is_known else nothing)


def _unused(code: CodeFacts) -> Check:
    if code.was_used:
        return Check("code_unused", Result.FAIL, "code_used")
    return Check("code_unused", Result.UNKNOWN, "code_reused") if code.is_reused else Check("code_unused", Result.PASS)


def _check_foreign(code: CodeFacts) -> tuple[Check, ...]:
    """(1), (2), then what its own gateway said; only an expired code is refused, the rest leaves the question open."""
    readable = Check("code_readable", Result.PASS)
    if code.gateway is None:  # it may be perfectly good: it cannot be confirmed here, and that is all this says
        return (readable, Check("code_kind", Result.UNKNOWN, "foreign_code"))
    kind = Check("code_kind", Result.PASS)
    if code.gateway:
        result = Result.FAIL if code.gateway == "code_expired" else Result.UNKNOWN
        return (readable, kind, Check("code_gateway", result, code.gateway))
    answered = (readable, kind, Check("code_gateway", Result.PASS), _unused(code))
    if code.is_known or code.was_used:
        return answered
    return (*answered, Check("licence_found", Result.UNKNOWN, "holder_has_none"))


def _check_looked_up(code: CodeFacts) -> tuple[Check, ...]:
    looked_up = Check("looked_up", Result.PASS, "not_presented")
    return (looked_up,) if code.is_known else (looked_up, Check("licence_found", Result.UNKNOWN, "look_up_none"))


_INTACT = ("file_digests", "seal_identity", "seal_signature", "signer_in_seal", "seal_validity", "coverage", "metadata_present")
_TRUSTED = ("issuer_trusted", "issuer_not_revoked", "timestamp")


def check_file(licence: LicenceFacts, file_checks: Mapping[str, Check] | None) -> tuple[Check, ...]:
    """(7)–(11), drawn from the judgement of the original file."""
    if file_checks is None:
        return (Check("file_intact", Result.UNKNOWN, "file_missing"),)
    differing = sorted(name for name, (ours, sealed) in licence.compared.items() if ours != sealed)
    matches = (
        Check("record_matches_file", Result.FAIL, "record_differs_from_file", ",".join(differing))
        if differing
        else Check("record_matches_file", Result.PASS)
    )
    return (
        _worst("file_intact", _INTACT, file_checks),
        _worst("issuer_trusted", _TRUSTED, file_checks),
        matches,
        _worst("identifier", ("identifier",), file_checks),
        _worst("issuer_matches", ("issuer_matches",), file_checks),
    )


def _worst(name: str, parts: tuple[str, ...], file_checks: Mapping[str, Check]) -> Check:
    found = [file_checks[part] for part in parts if part in file_checks]
    for result in (Result.FAIL, Result.UNKNOWN):
        for check in found:
            if check.result is result:
                return Check(name, result, check.reason, check.detail)
    if len(found) < len(parts):  # a file check that was not reached proves nothing
        return Check(name, Result.UNKNOWN, "file_missing")
    warning = next((check.reason for check in found if check.reason), "")
    return Check(name, Result.PASS, warning)


def check_validity(licence: LicenceFacts, today: date) -> Check:
    """(12)."""
    detail = licence.valid_to.isoformat() if licence.valid_to else ""
    if today < licence.valid_from:
        return Check("in_validity", Result.FAIL, "not_yet_effective", licence.valid_from.isoformat())
    if licence.valid_to is None:
        return Check("in_validity", Result.PASS)
    if today > licence.valid_to:
        return Check("in_validity", Result.FAIL, "expired", detail)
    soon = "expiring_soon" if licence.valid_to - today <= EXPIRES_SOON else ""
    return Check("in_validity", Result.PASS, soon, detail)


def check_status(licence: LicenceFacts, file_checks: Mapping[str, Check] | None) -> Check:
    """(13): the record's status as of now; a signed status list that says worse wins, one that is missing does not."""
    if licence.status in STATUS_REASONS:
        return Check("status", Result.FAIL, licence.status, licence.status_on.isoformat() if licence.status_on else "")
    if licence.status != "valid":
        return Check("status", Result.UNKNOWN, "status_unknown")
    listed = file_checks.get("status") if file_checks else None
    if listed is not None and listed.result is Result.FAIL:
        return Check("status", Result.FAIL, listed.reason, listed.detail)
    return Check("status", Result.PASS)


def check_list(usable: ListFacts | None) -> tuple[Check, Check]:
    """(14), (15). An unlisted type or an open question never makes a licence invalid: the physical document is asked for."""
    if usable is None or not usable.is_listed:
        return Check("on_list", Result.UNKNOWN, "not_on_list"), Check("physical_required", Result.NOT_APPLICABLE)
    listed = Check("on_list", Result.PASS)
    if usable.physical == "physical_required":
        return listed, Check("physical_required", Result.UNKNOWN, "physical_required")
    if not usable.is_physical_confirmed:
        return listed, Check("physical_required", Result.UNKNOWN, "physical_unconfirmed")
    return listed, Check("physical_required", Result.PASS)
