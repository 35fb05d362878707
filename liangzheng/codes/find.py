"""Find the row behind a presented code, and whether this verifier has used it before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from liangzheng.codes.find_offline import find_showing
from liangzheng.codes.models import IssuedCode, UsedCode
from liangzheng.codes.offline_code import PREFIX
from liangzheng.codes.signed import MalformedCode, classify, normalise_short_code, read_holder_text
from liangzheng.storage.ids import first_id_at
from liangzheng.storage.keystore import platform_key

# A typed code is looked for among those of the last minutes only, so that an old one is "expired", not "unknown".
SHORT_CODE_WINDOW = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Presented:
    """What an officer scanned or typed. `kind` is `codes.signed.classify`'s word; `issued` is None: nothing stands behind it.

    `used_by`: the other verifiers who have used it.
    """

    kind: str
    is_signed: bool
    code: UUID | None
    issued: IssuedCode | None
    expires_at: datetime | None
    was_used: bool
    used_by: frozenset[UUID] = frozenset()


def find_presented(text: str, verifier: UUID, now: datetime, act_code: str = "") -> Presented:
    """Read a scanned or typed text and look up what stands behind it; never raises for a bad code."""
    if text.startswith(PREFIX):
        return _offline(text, verifier, now, act_code)
    kind = classify(text)
    if kind == "short_code":
        issued = _by_short_code(normalise_short_code(text), now)
        return _presented(kind, issued, verifier, is_signed=True, expires_at=None)
    if kind != "holder_code":
        return Presented(kind, is_signed=False, code=None, issued=None, expires_at=None, was_used=False)
    try:
        code = read_holder_text(text)
    except MalformedCode:
        return Presented("unreadable", is_signed=False, code=None, issued=None, expires_at=None, was_used=False)
    key = platform_key().public_key
    if not code.is_signed_by({key.key_id: key}):
        return Presented(kind, is_signed=False, code=None, issued=None, expires_at=code.expires_at, was_used=False)
    issued = IssuedCode.objects.filter(pk=code.code_id).first()
    return _presented(kind, issued, verifier, is_signed=True, expires_at=code.expires_at)


def _offline(text: str, verifier: UUID, now: datetime, act_code: str) -> Presented:
    shown = find_showing(text, act_code, now)
    if shown is None:
        return Presented("unreadable", is_signed=False, code=None, issued=None, expires_at=None, was_used=False)
    kind = "badge_code" if shown.is_officer else "holder_code"
    used_by = _used_by(shown.code)
    return Presented(kind, shown.is_signed, shown.code, shown.issued, shown.expires_at, verifier in used_by, used_by - {verifier})


def _used_by(code: UUID | None) -> frozenset[UUID]:
    return frozenset(UsedCode.objects.filter(code=code).values_list("verifier", flat=True)) if code else frozenset()


def _by_short_code(short_code: str, now: datetime) -> IssuedCode | None:
    recent = IssuedCode.objects.filter(id__gte=first_id_at(now - SHORT_CODE_WINDOW), kind="holder", short_code=short_code)
    return recent.order_by("-id").first()


def _presented(
    kind: str, issued: IssuedCode | None, verifier: UUID, *, is_signed: bool, expires_at: datetime | None
) -> Presented:
    if issued is None:
        return Presented(kind, is_signed=is_signed, code=None, issued=None, expires_at=expires_at, was_used=False)
    used_by = _used_by(issued.pk)
    return Presented(kind, is_signed, issued.pk, issued, issued.expires_at, verifier in used_by, used_by - {verifier})
