"""What every signature of a file has: its facts, the form of its value, what it is judged by. Pure.

Who signed is judged in `issuer_checks`, a time stamp in `timestamp_checks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.der import DerError
from liangzheng.crypto.revocation import Crl
from liangzheng.crypto.sm2 import SM2PublicKey, signature_from_raw
from liangzheng.formats.identifiers import is_uscc_form
from liangzheng.verification.verdict import Result

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE

CLOCK_SLACK = timedelta(minutes=5)
_RAW_SIGNATURE = 64


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """Whom to believe: root certificates, revocation lists, signed status lists (JWT or CWT, still unverified).

    `list_signers` are pinned: a trust list (`trust_lists`, unverified) counts when one of these very certificates signed it.
    """

    roots: tuple[Certificate, ...] = ()
    crls: tuple[Crl, ...] = ()
    status_tokens: tuple[bytes, ...] = ()
    list_signers: tuple[Certificate, ...] = ()
    trust_lists: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What one signature of the file says about itself; believe it as far as the checks went. Times are UTC.

    `kind`: SES_V1, SES_V4, SES_V5, CMS, bare_SM2, unsupported, unreadable. `signed_at` is the signer's own word; a time stamp
    over the signature (`timestamp`: none, valid, invalid, untrusted) proves that it was there at `proven_at`, if it is valid.
    """

    signature_id: str
    kind: str
    seal_id: str = ""
    seal_name: str = ""
    signer: str = ""
    organisation: str = ""
    organisation_code: str = ""
    timestamp: str = "none"
    signed_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    proven_at: datetime | None = None

    def to_json(self) -> dict[str, object]:
        times = {name: getattr(self, name) for name in ("signed_at", "proven_at", "valid_from", "valid_to")}
        texts = ("signature_id", "kind", "seal_id", "seal_name", "signer", "organisation", "organisation_code", "timestamp")
        return {name: getattr(self, name) for name in texts} | {name: time and utc_text(time) for name, time in times.items()}


def is_signed(key: SM2PublicKey, signature: bytes, message: bytes) -> bool:
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


def certificate_of(encoded: bytes) -> Certificate | None:
    """Read a certificate; None when it is none."""
    try:
        return read_certificate(encoded)
    except BadCertificate:
        return None


def is_in_future(signed_at: datetime, at: datetime) -> bool:
    """Say whether the signature claims to be made after it is judged; clocks differ a little."""
    return signed_at > at + CLOCK_SLACK


def organisation_code_of(signer: Certificate) -> str:
    """Give the credit code of a certificate: from serialNumber, or in front of the organisation's name, as Shandong writes it."""
    for text in (signer.organisation_code, signer.organisation[:18]):
        if is_uscc_form(text.upper()):
            return text.upper()
    return ""


def utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
