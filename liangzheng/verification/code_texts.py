"""Judges the text of a presentation code away from the platform: signature and age. Pure.

What stands behind an on-line code, and whether it was used, only the platform can say.
"""

from __future__ import annotations

from datetime import UTC, datetime

from liangzheng.codes.offline_code import PREFIX, CredentialKind
from liangzheng.codes.signed import MalformedCode, SignedCode, classify, read_badge_token, read_holder_text
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.verification.field_pack import FieldPack
from liangzheng.verification.file_checks import FileReport
from liangzheng.verification.offline import DeviceState, Expect, judge_offline
from liangzheng.verification.pack_trust import listed_code_keys, listed_statuses
from liangzheng.verification.signer_checks import FAIL, PASS, UNKNOWN, TrustMaterial, utc_text
from liangzheng.verification.trust_anchors import Trust, resolve
from liangzheng.verification.verdict import Check, Mode, conclude

_ANY = Expect(tuple(CredentialKind))


def judge_code_text(text: str, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge any text as a code."""
    if text.startswith(PREFIX):
        now = int(at.timestamp())
        report = judge_offline(text, _pack(resolve(trust, at)), now=now, device=DeviceState(now, 0), expect=_ANY)
        return FileReport("code", report.verdict, (), None)
    return FileReport("code", conclude(_signed_checks(text, trust, at), as_of=at, mode=Mode.FILE), (), None)


def _signed_checks(text: str, trust: TrustMaterial, at: datetime) -> tuple[Check, ...]:
    form = classify(text)
    if form in {"short_code", "foreign_code"}:
        reason = "code_unknown" if form == "short_code" else "foreign_code"
        return (Check("code_readable", PASS), Check("code_kind", UNKNOWN, reason))
    try:
        code = read_badge_token(text) if form == "badge_code" else read_holder_text(text)
    except MalformedCode:
        return (Check("code_readable", FAIL, "code_unreadable"),)
    readable, kind = Check("code_readable", PASS), Check("code_kind", PASS)
    return (readable, kind, _signature(code, trust, at), _fresh(code, at), Check("licence_found", UNKNOWN, "code_unknown"))


def _signature(code: SignedCode, trust: TrustMaterial, at: datetime) -> Check:
    listed = listed_code_keys(resolve(trust, at)).values()
    known = {item.key.key_id: item for item in listed if isinstance(item.key, SM2PublicKey)}.get(code.key_id)
    if known is None or not isinstance(known.key, SM2PublicKey):
        return Check("code_signature", UNKNOWN, "issuer_unknown")
    if not code.is_signed_by({known.key.key_id: known.key}):
        return Check("code_signature", FAIL, "code_forged")
    if known.distrusted_since is not None:
        since = datetime.fromtimestamp(known.distrusted_since, tz=UTC)
        return Check("code_signature", FAIL, "issuer_distrusted", utc_text(since))
    return Check("code_signature", PASS)


def _pack(trust: Trust) -> FieldPack:
    """Make of the trust files what a phone would have: keys and status lists, but no list of usable types."""
    now = int(trust.at.timestamp())
    return FieldPack(0, now, now, now, listed_code_keys(trust), listed_statuses(trust))


def _fresh(code: SignedCode, at: datetime) -> Check:
    if code.issued_at > at:
        return Check("code_fresh", UNKNOWN, "code_from_future", utc_text(code.issued_at))
    late = at > code.expires_at
    return Check("code_fresh", FAIL, "code_expired", utc_text(code.expires_at)) if late else Check("code_fresh", PASS)
