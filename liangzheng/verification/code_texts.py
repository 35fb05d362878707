"""Judges the text of a presentation code away from the platform: signature and age. Pure.

What stands behind an on-line code, and whether it was used, only the platform can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from liangzheng.codes.offline_code import PREFIX, CredentialKind, key_id
from liangzheng.codes.signed import MalformedCode, SignedCode, classify, read_badge_token, read_holder_text
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.status_list import MalformedStatusList, read_status_list
from liangzheng.formats.trust_list import MalformedTrustList, TrustEntry, read_trust_list
from liangzheng.verification.field_pack import CodeKey, FieldPack, StatusSnapshot
from liangzheng.verification.file_checks import FileReport
from liangzheng.verification.offline import DeviceState, Expect, judge_offline
from liangzheng.verification.signer_checks import FAIL, PASS, UNKNOWN, TrustMaterial, utc_text
from liangzheng.verification.verdict import Check, Mode, conclude

_ANY = Expect(tuple(CredentialKind))


def judge_code_text(text: str, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge any text as a code."""
    if text.startswith(PREFIX):
        now = int(at.timestamp())
        report = judge_offline(text, _pack(trust, at), now=now, device=DeviceState(now, 0), expect=_ANY)
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
    entries = [entry for entry in _code_keys(trust, at) if _short_id(entry) == code.key_id]
    if not entries:
        return Check("code_signature", UNKNOWN, "issuer_unknown")
    keys = {entry.public_key.key_id: entry.public_key for entry in entries if isinstance(entry.public_key, SM2PublicKey)}
    if not code.is_signed_by(keys):
        return Check("code_signature", FAIL, "code_forged")
    since = min((entry.distrusted_since for entry in entries if entry.distrusted_since), default=None)
    return Check("code_signature", FAIL, "issuer_distrusted", utc_text(since)) if since else Check("code_signature", PASS)


def _short_id(entry: TrustEntry) -> bytes:
    return entry.public_key.key_id if isinstance(entry.public_key, SM2PublicKey) else b""


def _code_keys(trust: TrustMaterial, at: datetime) -> list[TrustEntry]:
    """Give the code keys of the trust lists that can be relied upon at `at`, those already trusted then."""
    found: list[TrustEntry] = []
    for token in trust.trust_lists:
        try:
            listed = read_trust_list(token)
        except MalformedTrustList:
            continue
        if not listed.verify(trust.list_signers, at):
            found += [entry for entry in listed.unverified.entries if entry.kind == "code_key" and entry.trusted_from <= at]
    return found


def _pack(trust: TrustMaterial, at: datetime) -> FieldPack:
    """Make of the trust files what a phone would have: keys and status lists, but no list of usable types."""
    now = int(at.timestamp())
    keys: dict[bytes, CodeKey] = {}
    for entry in _code_keys(trust, at):
        if entry.public_key is not None:
            since = int(entry.distrusted_since.timestamp()) if entry.distrusted_since else None
            keys[key_id(entry.public_key)] = CodeKey(entry.public_key, int(entry.trusted_from.timestamp()), since)
    return FieldPack(0, now, now, now, keys, _statuses(trust, at))


def _statuses(trust: TrustMaterial, at: datetime) -> Mapping[str, StatusSnapshot]:
    found: dict[str, StatusSnapshot] = {}
    for token in trust.status_tokens:
        try:
            listed = read_status_list(token)
        except MalformedStatusList:
            continue
        if not listed.verify(trust.roots, trust.crls, at):
            times = (int(listed.issued_at.timestamp()), int(listed.expires_at.timestamp()))
            found[listed.uri] = StatusSnapshot(*times, listed.bits, listed.packed)
    return found


def _fresh(code: SignedCode, at: datetime) -> Check:
    if code.issued_at > at:
        return Check("code_fresh", UNKNOWN, "code_from_future", utc_text(code.issued_at))
    late = at > code.expires_at
    return Check("code_fresh", FAIL, "code_expired", utc_text(code.expires_at)) if late else Check("code_fresh", PASS)
