"""Judges one seal signature of a file (电子签章): the steps of GB/T 38540-2020, 7. Pure, with clock and trust as arguments.

The numbers are those of `file_checks`. Not judged: a time stamp inside the signature; the signing time is the signer's own word.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.chains import ChainVerdict, judge_chain
from liangzheng.crypto.der import DerError
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.revocation import Crl
from liangzheng.crypto.sm2 import SM2PublicKey, signature_from_raw
from liangzheng.formats.identifiers import is_uscc_form
from liangzheng.formats.ofd.package import ENTRY, OfdPackage, OfdSignature
from liangzheng.formats.seals.seal import SM2_OIDS, VERSION, UnsupportedSeal
from liangzheng.formats.seals.signature import SealSignature, read_signature
from liangzheng.verification.verdict import Check, Result

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE

_SM3_NAMES = frozenset({"SM3", "1.2.156.10197.1.401"})
_CLOCK_SLACK = timedelta(minutes=5)
_RAW_SIGNATURE = 64
_SEVERITY = (NOT_APPLICABLE, PASS, UNKNOWN, FAIL)
_SEAL_CHECKS = (
    "file_digests",
    "seal_identity",
    "seal_signature",
    "signer_in_seal",
    "seal_validity",
    "issuer_trusted",
    "issuer_not_revoked",
)


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """Whom to believe: root certificates, revocation lists, signed status lists (JWT, still unverified)."""

    roots: tuple[Certificate, ...] = ()
    crls: tuple[Crl, ...] = ()
    status_tokens: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What one signature of the file says about itself; believe it as far as the checks went. Times are UTC."""

    signature_id: str
    kind: str
    seal_id: str = ""
    seal_name: str = ""
    signer: str = ""
    organisation: str = ""
    organisation_code: str = ""
    signed_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def to_json(self) -> dict[str, object]:
        times = {"signed_at": self.signed_at, "valid_from": self.valid_from, "valid_to": self.valid_to}
        texts = ("signature_id", "kind", "seal_id", "seal_name", "signer", "organisation", "organisation_code")
        return {name: getattr(self, name) for name in texts} | {name: time and utc_text(time) for name, time in times.items()}


@dataclass(frozen=True, slots=True)
class JudgedSeal:
    """`protects_entry`: the signature covers OFD.xml, in which the licence describes itself."""

    facts: SealFacts
    checks: tuple[Check, ...]
    protects_entry: bool


def worst_of(judged: Sequence[JudgedSeal]) -> list[Check]:
    """Give the worst of each check over all signatures: every seal on the document has to be good."""
    if not judged:
        missing = [Check(name, NOT_APPLICABLE) for name in _SEAL_CHECKS]
        missing[1] = Check("seal_identity", FAIL, "no_signature")
        return missing
    columns = zip(*(seal.checks for seal in judged), strict=True)
    return [max(column, key=lambda check: _SEVERITY.index(check.result)) for column in columns]


def judge_seal(package: OfdPackage, index: int, trust: TrustMaterial, at: datetime) -> JudgedSeal:
    """Judge one signature: the checks of `_SEAL_CHECKS` in that order."""
    described = package.signatures[index]
    digests = _file_digests(package, index)  # 2
    protects_entry = any(reference.path == ENTRY for reference in described.references)
    try:
        value = read_signature(package.files.get(described.value_path, b""))
    except UnsupportedSeal as kind:
        checks = [Check(name, UNKNOWN, "unsupported_seal_version", str(kind)) for name in _SEAL_CHECKS[1:]]
        return JudgedSeal(SealFacts(described.id, str(kind)), (digests, *checks), protects_entry)
    except DerError:
        broken = Check("seal_identity", FAIL, "bad_signature", "malformed")
        checks = [broken, *(Check(name, UNKNOWN, "bad_signature") for name in _SEAL_CHECKS[2:])]
        return JudgedSeal(SealFacts(described.id, "unreadable"), (digests, *checks), protects_entry)
    signer, maker = _certificate(value.certificate), _certificate(value.seal.maker_certificate)
    signer_chain = _chain(signer, trust, value.signed_at)
    maker_chain = _chain(maker, trust, value.seal.created_at)
    return JudgedSeal(
        _facts(described, value, signer),
        (
            digests,
            _seal_identity(package, described, value, maker),  # 3
            _seal_signature(package, described, value, signer),  # 4
            _signer_in_seal(value),  # 5
            _seal_validity(value, maker_chain, at),  # 6
            _issuer_trusted(signer_chain, maker_chain),  # 7
            _issuer_not_revoked(signer_chain, maker_chain),  # 8
        ),
        protects_entry,
    )


def _file_digests(package: OfdPackage, index: int) -> Check:
    """2. Every file that the signature names is there and has the digest that was signed."""
    signature = package.signatures[index]
    if signature.digest_method not in _SM3_NAMES:
        return Check("file_digests", UNKNOWN, "unsupported_algorithm", signature.digest_method or "MD5")
    for reference in signature.references:
        content = package.files.get(reference.path)
        if content is None or _digest(reference.check_value) != sm3(content):
            if reference.path == signature.index_path and _is_countersigned(package, index):
                continue
            return Check("file_digests", FAIL, "tampered_file", reference.path)
    return Check("file_digests", PASS, detail=str(len(signature.references)))


def _is_countersigned(package: OfdPackage, index: int) -> bool:
    """Say whether a later signature protects this one: its entry in the list of signatures lawfully changed that list."""
    own = {package.signatures[index].path, package.signatures[index].value_path}
    return any(own <= {reference.path for reference in later.references} for later in package.signatures[index + 1 :])


def _digest(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _seal_identity(package: OfdPackage, described: OfdSignature, value: SealSignature, maker: Certificate | None) -> Check:
    """3. The seal is one: the file beside the signature is the seal that was signed with, and its maker signed it."""
    name, seal = "seal_identity", value.seal
    if described.seal_path and package.files.get(described.seal_path) != seal.encoded:
        return Check(name, FAIL, "seal_mismatch", described.seal_path)
    if maker is None or maker.public_key is None or seal.maker_signature_oid not in SM2_OIDS:
        return Check(name, UNKNOWN, "unsupported_algorithm" if maker else "bad_certificate", "maker")
    if not _is_signed(maker.public_key, seal.maker_signature, seal.info):
        return Check(name, FAIL, "bad_signature", "maker")
    if (seal.version, value.version) != (VERSION, VERSION):
        return Check(name, UNKNOWN, "unsupported_seal_version", f"SES_V{seal.version}")
    if critical := (*seal.critical, *value.critical):
        return Check(name, UNKNOWN, "unsupported_seal_version", critical[0])
    return Check(name, PASS)


def _seal_signature(package: OfdPackage, described: OfdSignature, value: SealSignature, signer: Certificate | None) -> Check:
    """4. The signer signed this use of the seal, and what was signed is the description that lies in the package."""
    name = "seal_signature"
    is_sm2 = value.signature_oid in SM2_OIDS
    key = signer.public_key if signer else None
    if is_sm2 and key and not _is_signed(key, value.signature, value.to_sign):
        return Check(name, FAIL, "bad_signature", "signer")
    if value.data_hash != sm3(package.files[described.path]):
        return Check(name, FAIL, "tampered_signature_xml", described.path)
    if not is_sm2 and described.method != value.signature_oid:
        return Check(name, FAIL, "bad_signature", "two_algorithms")  # this OID stands outside what was signed
    if not is_sm2 or described.method not in {"", *SM2_OIDS}:
        return Check(name, UNKNOWN, "unsupported_algorithm", described.method)
    if signer is None:
        return Check(name, UNKNOWN, "bad_certificate", "signer")
    return Check(name, PASS) if key else Check(name, UNKNOWN, "unsupported_algorithm", "signer")


def _is_signed(key: SM2PublicKey, signature: bytes, message: bytes) -> bool:
    """Verify a signature in strict DER or in one of two other forms that real seal systems write.

    One writes r || s without DER; another writes both as INTEGERs of 32 bytes, negative ones where a zero was due.
    """
    raw = signature if len(signature) == _RAW_SIGNATURE else b""
    if len(signature) == 6 + _RAW_SIGNATURE and (signature[:4], signature[36:38]) == (b"\x30\x44\x02\x20", b"\x02\x20"):
        raw = signature[4:36] + signature[38:]
    if not raw:
        return key.verify(signature, message)
    try:
        return key.verify(signature_from_raw(raw), message)
    except DerError:
        return False


def _signer_in_seal(value: SealSignature) -> Check:
    """5. The signer's certificate stands in the seal, whole or as its SM3 digest."""
    seal = value.seal
    listed = value.certificate in seal.certificates or sm3(value.certificate) in seal.certificate_digests
    return Check("signer_in_seal", PASS) if listed else Check("signer_in_seal", FAIL, "signer_not_in_seal")


def _seal_validity(value: SealSignature, maker: ChainVerdict, at: datetime) -> Check:
    """6. The seal was valid when it was used. The period is its maker's word: without trust in the maker it decides nothing."""
    name, seal = "seal_validity", value.seal
    if value.signed_at > at + _CLOCK_SLACK:
        return Check(name, FAIL, "seal_not_yet_valid", "signed_after_judging")
    outside = FAIL if maker.path else UNKNOWN
    if value.signed_at < seal.valid_from:
        return Check(name, outside, "seal_not_yet_valid", utc_text(seal.valid_from))
    if value.signed_at > seal.valid_to:
        return Check(name, outside, "seal_expired", utc_text(seal.valid_to))
    return Check(name, PASS)


def _certificate(encoded: bytes) -> Certificate | None:
    try:
        return read_certificate(encoded)
    except BadCertificate:
        return None


def _chain(certificate: Certificate | None, trust: TrustMaterial, at: datetime) -> ChainVerdict:
    if certificate is None:
        return ChainVerdict("untrusted_root")
    return judge_chain(certificate, trust.roots, trust.crls, at)


def _issuer_trusted(*chains: ChainVerdict) -> Check:
    """7. Signer and seal maker lead to a trusted root, and their certificates were valid when they signed."""
    results = {chain.result: chain for chain in chains}
    for result in ("bad_certificate", "cert_expired_at_signing"):
        if result in results:
            return Check("issuer_trusted", FAIL, result, results[result].detail)
    if "untrusted_root" in results:
        return Check("issuer_trusted", UNKNOWN, "untrusted_root")
    return Check("issuer_trusted", PASS)


def _issuer_not_revoked(*chains: ChainVerdict) -> Check:
    """8. No certificate of either path was revoked when it was used; a missing or overdue list leaves that open."""
    results = {chain.result: chain for chain in chains}
    if "cert_revoked" in results:
        return Check("issuer_not_revoked", FAIL, "cert_revoked", results["cert_revoked"].detail)
    for result in ("revocation_unknown", "untrusted_root", "bad_certificate", "cert_expired_at_signing"):
        if result in results:
            return Check("issuer_not_revoked", UNKNOWN, result)
    return Check("issuer_not_revoked", PASS)


def _facts(described: OfdSignature, value: SealSignature, signer: Certificate | None) -> SealFacts:
    return SealFacts(
        signature_id=described.id,
        kind=f"SES_V{value.seal.version}",
        seal_id=value.seal.seal_id,
        seal_name=value.seal.name,
        signer=signer.common_name if signer else "",
        organisation=signer.organisation if signer else "",
        organisation_code=organisation_code_of(signer) if signer else "",
        signed_at=value.signed_at,
        valid_from=value.seal.valid_from,
        valid_to=value.seal.valid_to,
    )


def organisation_code_of(signer: Certificate) -> str:
    """Give the credit code of a certificate: from serialNumber, or in front of the organisation's name, as Shandong writes it."""
    for text in (signer.organisation_code, signer.organisation[:18]):
        if is_uscc_form(text.upper()):
            return text.upper()
    return ""


def utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
