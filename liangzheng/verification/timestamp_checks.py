"""Judges a time stamp over a signature (时间戳; RFC 3161, GM/T 0033): it proves when, if its authority is trusted. Pure.

The authority's own time is its word: an authority whose certificate has since expired or was revoked proves nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from liangzheng.crypto.certificates import Certificate
from liangzheng.formats.seals.signed_data import UnsupportedSignature
from liangzheng.formats.timestamp import BROKEN, MalformedTimestamp, TimestampToken, read_timestamp
from liangzheng.verification.issuer_checks import Setting, judge_issuer
from liangzheng.verification.signer_checks import CLOCK_SLACK, FAIL, NOT_APPLICABLE, PASS, UNKNOWN, is_in_future
from liangzheng.verification.verdict import Check

NAME = "timestamp"
State = Literal["none", "valid", "invalid", "untrusted"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time stamp comes to. `proven_at`: the signature existed then, at the latest; only a valid stamp has it."""

    state: State
    check: Check
    proven_at: datetime | None = None


NO_STAMP = Stamp("none", Check(NAME, NOT_APPLICABLE))


def judge_timestamp(token: bytes | None, stamped: bytes, setting: Setting, *, claimed: datetime | None = None) -> Stamp:
    """Judge a token over these bytes, the value of a signature; `claimed` is when that says it was made. None: no token."""
    if token is None:
        return NO_STAMP
    try:
        read = read_timestamp(token)
    except MalformedTimestamp:
        return _invalid("malformed")
    except UnsupportedSignature as kind:
        return untrusted_stamp(str(kind))
    if fault := read.verify(stamped):
        return _invalid(fault) if fault in BROKEN else untrusted_stamp(fault)
    return _judge_time(read, setting, claimed)


def untrusted_stamp(detail: str) -> Stamp:
    """Give what is said of a stamp that proves nothing, though nothing about it is false."""
    return Stamp("untrusted", Check(NAME, UNKNOWN, "timestamp_untrusted", detail))


def _invalid(detail: str) -> Stamp:
    return Stamp("invalid", Check(NAME, FAIL, "timestamp_invalid", detail))


def _judge_time(token: TimestampToken, setting: Setting, claimed: datetime | None) -> Stamp:
    latest = token.unverified_time + token.accuracy
    if is_in_future(token.unverified_time, setting.at):
        return _invalid("stamped_after_judging")
    if claimed and claimed > latest + CLOCK_SLACK:
        return _invalid("stamped_before_signing")
    if open_question := _authority(token.signer, token, setting):
        return open_question
    return Stamp("valid", Check(NAME, PASS), latest)


def _authority(signer: Certificate | None, token: TimestampToken, setting: Setting) -> Stamp | None:
    """Give what keeps the authority from being believed; None when nothing does."""
    judged = judge_issuer(signer, setting, claimed=token.unverified_time, intermediates=token.certificates)
    for result, stamp in ((FAIL, _invalid), (UNKNOWN, untrusted_stamp)):
        for check in (judged.trusted, judged.not_revoked):
            if check.result is result:
                return stamp(check.reason)
    return None
