"""Judges one signature of a file: the steps of GB/T 38540-2020, 7, for seals of versions 1, 4 and 5 (电子签章). Pure.

The numbers are those of `file_checks`; signatures without a seal are judged in `cms_checks`. The time of signing is the signer's
own word until a time stamp over the signature proves it; one over the seal proves when its maker made it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.der import DerError
from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.package import ENTRY, OfdPackage, OfdSignature
from liangzheng.formats.seals.seal import FIRST, FLAT, SM2_OIDS
from liangzheng.formats.seals.signature import SealSignature
from liangzheng.formats.seals.signed_data import SignedData, UnsupportedSignature
from liangzheng.formats.seals.signed_value import BareSignature, read_signed_value
from liangzheng.verification.cms_checks import judge_bare_signature, judge_signed_data
from liangzheng.verification.issuer_checks import JudgedIssuer, Setting, judge_issuer, worst_check
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
    utc_text,
)
from liangzheng.verification.timestamp_checks import Stamp, judge_timestamp, untrusted_stamp
from liangzheng.verification.trust_anchors import resolve
from liangzheng.verification.verdict import Check

_SM3_NAMES = frozenset({"SM3", "1.2.156.10197.1.401"})
_SEAL_CHECKS = (
    "file_digests",
    "seal_identity",
    "seal_signature",
    "signer_in_seal",
    "seal_validity",
    "issuer_trusted",
    "issuer_not_revoked",
    "timestamp",
)
_VERSIONS = {FIRST: (1,), FLAT: (4, 5)}
_WITH_SEAL_TIMESTAMP = 5


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
    return [worst_check(*column) for column in columns]


def judge_seal(
    package: OfdPackage, index: int, trust: TrustMaterial, at: datetime, licence_type: str | None = None
) -> JudgedSeal:
    """Judge one signature: the checks of `_SEAL_CHECKS` in that order. `licence_type` is the kind the file says that it is of."""
    described = package.signatures[index]
    facts, checks = _judge_value(package, described, Setting(resolve(trust, at), licence_type))
    protects_entry = any(reference.path == ENTRY for reference in described.references)
    return JudgedSeal(facts, (_file_digests(package, index), *checks), protects_entry)


def _judge_value(package: OfdPackage, described: OfdSignature, setting: Setting) -> tuple[SealFacts, tuple[Check, ...]]:
    try:
        value = read_signed_value(package.files.get(described.value_path, b""))
    except UnsupportedSignature as kind:
        checks = (Check(name, UNKNOWN, "unsupported_seal_version", str(kind)) for name in _SEAL_CHECKS[1:])
        return SealFacts(described.id, "unsupported"), tuple(checks)
    except DerError:
        broken = Check("seal_identity", FAIL, "bad_signature", "malformed")
        checks = (Check(name, UNKNOWN, "bad_signature") for name in _SEAL_CHECKS[2:])
        return SealFacts(described.id, "unreadable"), (broken, *checks)
    if isinstance(value, BareSignature):
        return judge_bare_signature(described)
    if isinstance(value, SignedData):
        return judge_signed_data(described, package.files[described.path], value, setting)
    return _judge_seal_signature(package, described, value, setting)


def _judge_seal_signature(
    package: OfdPackage, described: OfdSignature, value: SealSignature, setting: Setting
) -> tuple[SealFacts, tuple[Check, ...]]:
    signer, maker = certificate_of(value.certificate), certificate_of(value.seal.maker_certificate)
    stamp, made = _stamps(value, setting)
    # The seal is part of what was signed: whatever proves when it was used proves that it had been made.
    made_by = min((time for time in (stamp.proven_at, made.proven_at) if time), default=None)
    signing = judge_issuer(signer, setting, claimed=value.signed_at, proven=stamp.proven_at)
    making = judge_issuer(maker, setting, claimed=value.seal.created_at, proven=made_by)
    return _facts(described, value, signer, stamp), (
        _seal_identity(package, described, value, maker),  # 3
        _seal_signature(package, described, value, signer),  # 4
        _signer_in_seal(value),  # 5
        _seal_validity(value, making, stamp, setting.at),  # 6
        worst_check(signing.trusted, making.trusted),  # 7
        worst_check(signing.not_revoked, making.not_revoked),  # 8
        worst_check(stamp.check, made.check),  # 9
    )


def _stamps(value: SealSignature, setting: Setting) -> tuple[Stamp, Stamp]:
    """Judge the time stamps over the signature and over the seal. One among what is signed proves no more than a time before."""
    made = judge_timestamp(value.seal.timestamp, value.seal.maker_signature, setting, claimed=value.seal.created_at)
    if value.time_is_stamp:
        return untrusted_stamp("inside_signature"), made
    return judge_timestamp(value.timestamp, value.signature, setting, claimed=value.signed_at), made


def _file_digests(package: OfdPackage, index: int) -> Check:
    """2. Every file that the signature names is there and has the digest that was signed."""
    signature = package.signatures[index]
    if signature.digest_method not in _SM3_NAMES:
        return Check("file_digests", UNKNOWN, "unsupported_algorithm", signature.digest_method or "MD5")
    wrong = [
        reference.path
        for reference in dict.fromkeys(signature.references)
        if reference.path not in package.files or _digest(reference.check_value) != package.digest(reference.path)
    ]
    if signature.index_path in wrong and _is_countersigned(package, index):
        wrong = [path for path in wrong if path != signature.index_path]
    if wrong:
        return Check("file_digests", FAIL, "tampered_file", wrong[0])
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
    if not is_signed(maker.public_key, seal.maker_signature, seal.maker_signed):
        return Check(name, FAIL, "bad_signature", "maker")
    if not _is_of_one_version(value):
        return Check(name, UNKNOWN, "unsupported_seal_version", f"SES_V{seal.version}")
    if critical := (*seal.critical, *value.critical):
        return Check(name, UNKNOWN, "unsupported_seal_version", critical[0])
    return Check(name, PASS)


def _is_of_one_version(value: SealSignature) -> bool:
    """Say whether seal and signature are of one version, and their layout is that version's."""
    seal = value.seal
    if seal.timestamp and seal.version != _WITH_SEAL_TIMESTAMP:
        return False
    return seal.layout == value.layout and seal.version == value.version and seal.version in _VERSIONS[seal.layout]


def _seal_signature(package: OfdPackage, described: OfdSignature, value: SealSignature, signer: Certificate | None) -> Check:
    """4. The signer signed this use of the seal, and what was signed is the description that lies in the package."""
    name = "seal_signature"
    is_sm2 = value.signature_oid in SM2_OIDS
    key = signer.public_key if signer else None
    if is_sm2 and key and not is_signed(key, value.signature, value.to_sign):
        return Check(name, FAIL, "bad_signature", "signer")
    if value.data_hash != package.digest(described.path):
        return Check(name, FAIL, "tampered_signature_xml", described.path)
    if not is_sm2 and described.method != value.signature_oid:
        return Check(name, FAIL, "bad_signature", "two_algorithms")  # this OID stands outside what was signed
    if not is_sm2 or described.method not in {"", *SM2_OIDS}:
        return Check(name, UNKNOWN, "unsupported_algorithm", described.method)
    if signer is None:
        return Check(name, UNKNOWN, "bad_certificate", "signer")
    return Check(name, PASS) if key else Check(name, UNKNOWN, "unsupported_algorithm", "signer")


def _signer_in_seal(value: SealSignature) -> Check:
    """5. The signer's certificate stands in the seal, whole or as its SM3 digest."""
    seal = value.seal
    listed = value.certificate in seal.certificates or sm3(value.certificate) in seal.certificate_digests
    return Check("signer_in_seal", PASS) if listed else Check("signer_in_seal", FAIL, "signer_not_in_seal")


def _seal_validity(value: SealSignature, maker: JudgedIssuer, stamp: Stamp, at: datetime) -> Check:
    """6. The seal was valid when it was used. The period is its maker's word: without trust in the maker it decides nothing."""
    name, seal, signed_at = "seal_validity", value.seal, value.signed_at or stamp.proven_at
    if signed_at is None:
        return Check(name, UNKNOWN, "signing_time_unknown")
    if is_in_future(signed_at, at):
        return Check(name, FAIL, "seal_not_yet_valid", "signed_after_judging")
    outside = FAIL if maker.is_known else UNKNOWN
    if signed_at < seal.valid_from:
        return Check(name, outside, "seal_not_yet_valid", utc_text(seal.valid_from))
    if signed_at > seal.valid_to:
        return Check(name, outside, "seal_expired", utc_text(seal.valid_to))
    return Check(name, PASS)


def _facts(described: OfdSignature, value: SealSignature, signer: Certificate | None, stamp: Stamp) -> SealFacts:
    return SealFacts(
        signature_id=described.id,
        kind=f"SES_V{value.seal.version}",
        seal_id=value.seal.seal_id,
        seal_name=value.seal.name,
        signer=signer.common_name if signer else "",
        organisation=signer.organisation if signer else "",
        organisation_code=organisation_code_of(signer) if signer else "",
        timestamp=stamp.state,
        proven_at=stamp.proven_at,
        signed_at=value.signed_at,
        valid_from=value.seal.valid_from,
        valid_to=value.seal.valid_to,
    )
