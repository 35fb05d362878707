"""Judges what is no licence but belongs to one: a seal (.esl), a status or trust list, a time stamp. Pure.

Each gets the report of a licence file, with the checks that have a ground: who signed it, is that somebody trusted, and when.
"""

from __future__ import annotations

from datetime import datetime

from liangzheng.crypto.der import DerError
from liangzheng.formats.seals.seal import SM2_OIDS, ESeal, read_seal
from liangzheng.formats.seals.signed_data import UnsupportedSignature
from liangzheng.formats.status_list import MalformedStatusList, read_status_list
from liangzheng.formats.timestamp import MalformedTimestamp, read_timestamp, token_of_response
from liangzheng.formats.trust_list import MalformedTrustList, read_trust_list
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification.file_checks import FileReport
from liangzheng.verification.issuer_checks import Setting, judge_issuer, worst_check
from liangzheng.verification.signer_checks import (
    FAIL,
    PASS,
    UNKNOWN,
    SealFacts,
    TrustMaterial,
    certificate_of,
    is_signed,
    organisation_code_of,
    utc_text,
)
from liangzheng.verification.timestamp_checks import judge_timestamp
from liangzheng.verification.trust_anchors import resolve
from liangzheng.verification.verdict import Check, Mode, conclude

READABLE = Check("file_readable", PASS)
_BROKEN = frozenset({"bad_signature", "cert_expired_at_signing", "cert_revoked", "bad_certificate", "issuer_distrusted"})
_AGES = frozenset({"status_stale", "status_unknown", "trust_list_stale"})


def judge_seal_file(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge an electronic seal by itself: its maker, its period, and the maker's certificate. Raises UnreadableFile."""
    try:
        seal = read_seal(data)
    except DerError as error:
        raise UnreadableFile("not_a_seal") from error
    setting = Setting(resolve(trust, at), None)
    maker = certificate_of(seal.maker_certificate)
    made = judge_timestamp(seal.timestamp, seal.maker_signature, setting, claimed=seal.created_at)
    making = judge_issuer(maker, setting, claimed=seal.created_at, proven=made.proven_at)
    checks = (READABLE, _made_by(seal), _in_period(seal, at), making.trusted, making.not_revoked, made.check)
    facts = SealFacts(
        signature_id="",
        kind=f"SES_V{seal.version}",
        seal_id=seal.seal_id,
        seal_name=seal.name,
        signer=maker.common_name if maker else "",
        organisation=maker.organisation if maker else "",
        organisation_code=organisation_code_of(maker) if maker else "",
        timestamp=made.state,
        proven_at=made.proven_at,
        signed_at=seal.created_at,
        valid_from=seal.valid_from,
        valid_to=seal.valid_to,
    )
    return FileReport("seal", conclude(checks, as_of=at, mode=Mode.FILE), (facts,), None)


def _made_by(seal: ESeal) -> Check:
    maker, name = certificate_of(seal.maker_certificate), "seal_identity"
    if maker is None or maker.public_key is None or seal.maker_signature_oid not in SM2_OIDS:
        return Check(name, UNKNOWN, "unsupported_algorithm" if maker else "bad_certificate", "maker")
    if not is_signed(maker.public_key, seal.maker_signature, seal.maker_signed):
        return Check(name, FAIL, "bad_signature", "maker")
    return Check(name, UNKNOWN, "unsupported_seal_version", seal.critical[0]) if seal.critical else Check(name, PASS)


def _in_period(seal: ESeal, at: datetime) -> Check:
    if at < seal.valid_from:
        return Check("seal_validity", FAIL, "seal_not_yet_valid", utc_text(seal.valid_from))
    expired = at > seal.valid_to
    return Check("seal_validity", FAIL, "seal_expired", utc_text(seal.valid_to)) if expired else Check("seal_validity", PASS)


def judge_status_list(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge a status list (JWT or CWT); which signer may speak for a licence, that licence says. Raises UnreadableFile."""
    try:
        listed = read_status_list(data)
    except MalformedStatusList as error:
        raise UnreadableFile("not_a_status_list", str(error)) from error
    believed = resolve(trust, at)
    fault = believed.status_list_fault(listed, believed.every_root(at))
    return _list_report("status_list", fault, utc_text(listed.expires_at), at)


def judge_trust_list(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge a trust list by the signers the operator pinned. Raises UnreadableFile."""
    try:
        listed = read_trust_list(data)
    except MalformedTrustList as error:
        raise UnreadableFile("not_a_trust_list", str(error)) from error
    return _list_report("trust_list", listed.verify(trust.list_signers, at), utc_text(listed.unverified.expires_at), at)


def _list_report(kind: str, reason: str, until: str, at: datetime) -> FileReport:
    """Say which of three checks the one reason belongs to; those behind it were not reached."""
    found: tuple[Check, ...]
    if reason in _AGES:
        found = (Check("token_signature", PASS), Check("issuer_trusted", PASS), Check("list_fresh", UNKNOWN, reason, until))
    elif reason == "bad_signature":
        found = (Check("token_signature", FAIL, reason), *_unreached("issuer_trusted", "list_fresh"))
    elif reason:
        result = FAIL if reason in _BROKEN else UNKNOWN
        found = (Check("token_signature", UNKNOWN, reason), Check("issuer_trusted", result, reason), *_unreached("list_fresh"))
    else:
        found = (Check("token_signature", PASS), Check("issuer_trusted", PASS), Check("list_fresh", PASS, "", until))
    return FileReport(kind, conclude((READABLE, *found), as_of=at, mode=Mode.FILE), (), None)


def _unreached(*names: str) -> tuple[Check, ...]:
    return tuple(Check(name, UNKNOWN, "not_reached") for name in names)


def judge_timestamp_file(data: bytes, trust: TrustMaterial, at: datetime) -> FileReport:
    """Judge a time stamp, or a reply with one: without what it was made over it proves nothing. Raises UnreadableFile."""
    try:
        token = read_timestamp(_token(data))
    except (MalformedTimestamp, UnsupportedSignature) as error:
        raise UnreadableFile("not_a_timestamp", str(error)) from error
    issuer = judge_issuer(
        token.signer, Setting(resolve(trust, at), None), claimed=token.unverified_time, intermediates=token.certificates
    )
    over = Check("timestamp", UNKNOWN, "timestamp_without_content", utc_text(token.unverified_time))
    checks = (READABLE, worst_check(issuer.trusted), worst_check(issuer.not_revoked), over)
    return FileReport("timestamp", conclude(checks, as_of=at, mode=Mode.FILE), (), None)


def _token(data: bytes) -> bytes:
    try:
        return token_of_response(data)
    except MalformedTimestamp:
        return data
