"""A verdict: what was checked, with which result, as of when. A negative one is a value and is stored like a positive one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import rfc8785


class Result(StrEnum):
    """The outcome of one check. `unknown` never counts as `pass`; `not_applicable` is neutral."""

    PASS = "pass"  # noqa: S105 - a check's result, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Standing(StrEnum):
    """What an officer may rely on."""

    VALID = "valid"
    VALID_OFFLINE = "valid_offline"
    CANNOT_CONFIRM = "cannot_confirm"
    INVALID = "invalid"


class Mode(StrEnum):
    """Whether the issuer's side was asked while judging."""

    ONLINE = "online"
    OFFLINE = "offline"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered check. `reason` is a code of `reasons.json`, empty when the result needs none; `detail` holds no words."""

    id: str
    result: Result
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole judgement of one scan or file."""

    standing: Standing
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]
    as_of: datetime
    mode: Mode

    def canonical(self) -> bytes:
        """RFC 8785 JSON without words, so that two implementations can be compared byte for byte."""
        return rfc8785.dumps(
            {
                "as_of": self.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "checks": [
                    {"detail": check.detail, "id": check.id, "reason": check.reason, "result": check.result.value}
                    for check in self.checks
                ],
                "mode": self.mode.value,
                "reasons": list(self.reasons),
                "standing": self.standing.value,
            }
        )


def conclude(checks: tuple[Check, ...], *, as_of: datetime, mode: Mode) -> Verdict:
    """Draw the standing from the checks: one `fail` makes it invalid, one `unknown` unconfirmable; no check, no confirmation."""
    results = {check.result for check in checks}
    if Result.FAIL in results:
        standing = Standing.INVALID
    elif Result.UNKNOWN in results or Result.PASS not in results:
        standing = Standing.CANNOT_CONFIRM
    else:
        standing = Standing.VALID_OFFLINE if mode is Mode.OFFLINE else Standing.VALID
    decisive = [check.reason for check in checks if check.result is Result.FAIL]
    open_questions = [check.reason for check in checks if check.result is Result.UNKNOWN]
    warnings = [c.reason for c in checks if c.reason and c.result in {Result.PASS, Result.NOT_APPLICABLE}]
    reasons = tuple(dict.fromkeys(reason for reason in (*decisive, *open_questions, *warnings) if reason))
    return Verdict(standing=standing, checks=checks, reasons=reasons, as_of=as_of, mode=mode)
