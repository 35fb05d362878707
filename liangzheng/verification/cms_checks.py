"""Judges a signature without a seal (数字签名; GB/T 35275-2017, RFC 5652; GM/T 0099-2020, 7.2.2) by the checks of a seal. Pure.

SignedData can be as good as a seal but for what only a seal says: who may use it, and when. A bare value names nobody, so it is
never confirmed, whatever it would verify with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.der import DerError
from liangzheng.crypto.digests import digest_of, sm3
from liangzheng.crypto.signatures import is_signed as is_signed_by
from liangzheng.formats.ofd.package import OfdSignature
from liangzheng.formats.seals.seal import SM2_OIDS, SM2_WITH_SM3
from liangzheng.formats.seals.signature import read_written_time
from liangzheng.formats.seals.signed_data import SignedData, UnsupportedSignature, read_signed_data
from liangzheng.verification.issuer_checks import Setting, judge_issuer
from liangzheng.verification.signer_checks import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    SealFacts,
    TrustMaterial,
    certificate_of,
    is_in_future,
    is_signed,
    organisation_code_of,
)
from liangzheng.verification.timestamp_checks import NAME, NO_STAMP, judge_timestamp
from liangzheng.verification.trust_anchors import resolve
from liangzheng.verification.verdict import Check

_OPEN_CHECKS = ("signer_in_seal", "seal_validity", "issuer_trusted", "issuer_not_revoked")


def judge_signed_data(
    described: OfdSignature, description: bytes, value: SignedData, setting: Setting
) -> tuple[SealFacts, tuple[Check, ...]]:
    """Judge SignedData over the description (the bytes of Signature.xml): checks 3 to 9 of `file_checks`."""
    # Both times are signed; the description's is, because the description is.
    claimed = (value.attributes and value.attributes.signed_at) or read_written_time(described.date_time)
    judged = _judge_signer(value, setting, claimed)
    return replace(judged.facts, signature_id=described.id), (
        _seal_identity(described),  # 3
        _signature(described, description, value, judged.signer),  # 4
        *judged.checks,  # 5 to 9
    )


def judge_detached(
    signed_data: bytes,
    content: bytes,
    trust: TrustMaterial,
    at: datetime,
    *,
    licence_type: str | None = None,
    claimed: datetime | None = None,
) -> tuple[SealFacts, tuple[Check, ...]]:
    """Judge SignedData (DER) over content that lies elsewhere, as in a PDF: checks 3 to 9 of `file_checks`, as of `at` (aware).

    SM2 with SM3, ECDSA on P-256, RSA. `claimed` is a time that the content states; one among the signed attributes goes first.
    """
    try:
        value = read_signed_data(signed_data)
    except UnsupportedSignature as kind:
        checks = (Check(name, UNKNOWN, "unsupported_algorithm", str(kind)) for name in ("seal_signature", *_OPEN_CHECKS, NAME))
        return SealFacts("", "unsupported"), (Check("seal_identity", NOT_APPLICABLE), *checks)
    except DerError:
        broken = Check("seal_identity", NOT_APPLICABLE), Check("seal_signature", FAIL, "bad_signature", "malformed")
        return SealFacts("", "unreadable"), (*broken, *(Check(name, UNKNOWN, "bad_signature") for name in (*_OPEN_CHECKS, NAME)))
    judged = _judge_signer(
        value, Setting(resolve(trust, at), licence_type), (value.attributes and value.attributes.signed_at) or claimed
    )
    return judged.facts, (
        Check("seal_identity", NOT_APPLICABLE, "signature_without_seal"),
        _detached_signature(value, content, judged.signer),
        *judged.checks,
    )


@dataclass(frozen=True, slots=True)
class _JudgedSigner:
    """Who signed, and checks 5 to 9: all but whether he signed this."""

    signer: Certificate | None
    facts: SealFacts
    checks: tuple[Check, ...]


def _judge_signer(value: SignedData, setting: Setting, claimed: datetime | None) -> _JudgedSigner:
    bundle = [found for found in map(certificate_of, value.certificates) if found]
    signer = next(filter(value.names, bundle), None)
    stamp = judge_timestamp(value.timestamp, value.signature, setting, claimed=claimed)
    issuer = judge_issuer(signer, setting, claimed=claimed, proven=stamp.proven_at, intermediates=bundle)
    facts = SealFacts(
        "",
        "CMS",
        signer=signer.common_name if signer else "",
        organisation=signer.organisation if signer else "",
        organisation_code=organisation_code_of(signer) if signer else "",
        timestamp=stamp.state,
        proven_at=stamp.proven_at,
        signed_at=claimed,
    )
    time = _signing_time(claimed or stamp.proven_at, setting.at)
    checks = (Check("signer_in_seal", NOT_APPLICABLE), time, issuer.trusted, issuer.not_revoked, stamp.check)
    return _JudgedSigner(signer, facts, checks)


def _detached_signature(value: SignedData, content: bytes, signer: Certificate | None) -> Check:
    """4. The signer signed this content."""
    name = "seal_signature"
    digest = digest_of(value.digest_oid, content)
    if digest is None or not value.algorithm or value.content is not None:
        return Check(name, UNKNOWN, "unsupported_algorithm", value.signature_oid)
    if value.attributes and value.attributes.message_digest != digest:
        return Check(name, FAIL, "tampered_file")
    if signer is None:
        return Check(name, UNKNOWN, "no_signer_certificate")
    if signer.key is None:
        return Check(name, UNKNOWN, "unsupported_algorithm", "signer")
    messages = value.attributes.encodings if value.attributes else (content,)
    if any(is_signed_by(signer.key, value.algorithm, value.signature, message) for message in messages):
        return Check(name, PASS)
    return Check(name, FAIL, "bad_signature", "signer")


def judge_bare_signature(described: OfdSignature) -> tuple[SealFacts, tuple[Check, ...]]:
    """Give checks 3 to 9 of an SM2 value without a certificate: nothing can be said but that."""
    missing = "no_signer_certificate"
    signature = Check("seal_signature", UNKNOWN, missing)
    open_checks = (Check(name, UNKNOWN, missing) for name in _OPEN_CHECKS)
    return SealFacts(described.id, "bare_SM2"), (_seal_identity(described), signature, *open_checks, NO_STAMP.check)


def _seal_identity(described: OfdSignature) -> Check:
    """3. There is no seal. One that is shown without having signed could be anybody's."""
    if described.seal_path or described.kind.lower() == "seal":
        return Check("seal_identity", UNKNOWN, "unsupported_seal_version", "seal_did_not_sign")
    return Check("seal_identity", NOT_APPLICABLE, "signature_without_seal")


def _signature(described: OfdSignature, description: bytes, value: SignedData, signer: Certificate | None) -> Check:
    """4. The signer signed, and what was signed is the description that lies in the package."""
    name = "seal_signature"
    if value.algorithm != SM2_WITH_SM3 or described.method not in {"", *SM2_OIDS}:
        return Check(name, UNKNOWN, "unsupported_algorithm", described.method)
    if not _is_of(value, description):
        return Check(name, FAIL, "tampered_signature_xml", described.path)
    if signer is None:
        return Check(name, UNKNOWN, "no_signer_certificate")
    if signer.public_key is None:
        return Check(name, UNKNOWN, "unsupported_algorithm", "signer")
    if not any(is_signed(signer.public_key, value.signature, message) for message in _messages(value, description)):
        return Check(name, FAIL, "bad_signature", "signer")
    return Check(name, PASS)


def _is_of(value: SignedData, description: bytes) -> bool:
    """Say whether content and signed digest are of this description. Content is the description or, in real files, its digest."""
    content = description if value.content is None else value.content
    if content not in {description, sm3(description)}:
        return False
    return value.attributes is None or value.attributes.message_digest == sm3(content)


def _messages(value: SignedData, description: bytes) -> Sequence[bytes]:
    """Give what may have been signed: the attributes, else the content, else the description or its digest."""
    if value.attributes:
        return value.attributes.encodings
    return (value.content,) if value.content is not None else (description, sm3(description))


def _signing_time(signed_at: datetime | None, at: datetime) -> Check:
    """6. Without a seal there is no period of its own; the time of signing must be known and past."""
    name = "seal_validity"
    if signed_at is None:
        return Check(name, UNKNOWN, "signing_time_unknown")
    if is_in_future(signed_at, at):
        return Check(name, FAIL, "seal_not_yet_valid", "signed_after_judging")
    return Check(name, NOT_APPLICABLE)
