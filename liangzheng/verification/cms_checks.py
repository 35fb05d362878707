"""Judges a signature without a seal (数字签名; GB/T 35275-2017, RFC 5652; GM/T 0099-2020, 7.2.2) by the checks of a seal. Pure.

SignedData can be as good as a seal but for what only a seal says: who may use it, and when. A bare value names nobody, so it is
never confirmed, whatever it would verify with.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.digests import SM3_OID, sm3
from liangzheng.formats.ofd.package import OfdSignature
from liangzheng.formats.seals.seal import SM2_OIDS
from liangzheng.formats.seals.signature import read_written_time
from liangzheng.formats.seals.signed_data import SignedData
from liangzheng.verification.signer_checks import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    SealFacts,
    TrustMaterial,
    certificate_of,
    chain_of,
    is_in_future,
    is_signed,
    issuer_not_revoked,
    issuer_trusted,
    organisation_code_of,
)
from liangzheng.verification.verdict import Check

# In SignerInfo the algorithm is also named as the curve's signature without its digest (GM/T 0006-2012, SM2-1).
_SIGNATURE_OIDS = SM2_OIDS | {"1.2.156.10197.1.301.1"}
_OPEN_CHECKS = ("signer_in_seal", "seal_validity", "issuer_trusted", "issuer_not_revoked")


def judge_signed_data(
    described: OfdSignature, description: bytes, value: SignedData, trust: TrustMaterial, at: datetime
) -> tuple[SealFacts, tuple[Check, ...]]:
    """Judge SignedData over the description (the bytes of Signature.xml): checks 3 to 8 of `file_checks`."""
    bundle = [found for found in map(certificate_of, value.certificates) if found]
    signer = next(filter(value.names, bundle), None)
    # Both times are signed; the description's is, because the description is.
    signed_at = (value.attributes and value.attributes.signed_at) or read_written_time(described.date_time)
    chain = chain_of(signer, trust, signed_at, bundle)
    facts = SealFacts(
        described.id,
        "CMS",
        signer=signer.common_name if signer else "",
        organisation=signer.organisation if signer else "",
        organisation_code=organisation_code_of(signer) if signer else "",
        timestamp="not_checked" if value.has_timestamp else "none",
        signed_at=signed_at,
    )
    return facts, (
        _seal_identity(described),  # 3
        _signature(described, description, value, signer),  # 4
        Check("signer_in_seal", NOT_APPLICABLE),  # 5
        _signing_time(signed_at, at),  # 6
        issuer_trusted(chain),  # 7
        issuer_not_revoked(chain),  # 8
    )


def judge_bare_signature(described: OfdSignature) -> tuple[SealFacts, tuple[Check, ...]]:
    """Give checks 3 to 8 of an SM2 value without a certificate: nothing can be said but that."""
    missing = "no_signer_certificate"
    signature = Check("seal_signature", UNKNOWN, missing)
    open_checks = (Check(name, UNKNOWN, missing) for name in _OPEN_CHECKS)
    return SealFacts(described.id, "bare_SM2"), (_seal_identity(described), signature, *open_checks)


def _seal_identity(described: OfdSignature) -> Check:
    """3. There is no seal. One that is shown without having signed could be anybody's."""
    if described.seal_path or described.kind.lower() == "seal":
        return Check("seal_identity", UNKNOWN, "unsupported_seal_version", "seal_did_not_sign")
    return Check("seal_identity", NOT_APPLICABLE, "signature_without_seal")


def _signature(described: OfdSignature, description: bytes, value: SignedData, signer: Certificate | None) -> Check:
    """4. The signer signed, and what was signed is the description that lies in the package."""
    name = "seal_signature"
    if value.digest_oid != SM3_OID or value.signature_oid not in _SIGNATURE_OIDS or described.method not in {"", *SM2_OIDS}:
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
