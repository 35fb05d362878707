"""Time-based one-time passwords (RFC 6238 over RFC 4226): HMAC-SHA-1, six digits, steps of 30 seconds, as every app has them."""

from __future__ import annotations

import hmac

STEP = 30
"""Seconds."""
_DIGITS = 6


def step_at(seconds: float) -> int:
    """Give the step of a moment in Unix time."""
    return int(seconds) // STEP


def code_at(secret: bytes, step: int) -> str:
    """Give the code of a step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def matching_step(secret: bytes, code: str, seconds: float) -> int | None:
    """Find the step whose code this is: the one of now, or one before or after it for clocks that differ (RFC 6238, 5.2)."""
    now = step_at(seconds)
    return next(
        (step for step in (now, now - 1, now + 1) if hmac.compare_digest(code_at(secret, step).encode(), code.encode())), None
    )
