"""X.509 certificates (GB/T 20518, RFC 5280): read strictly; with SM2 keys also issued, for test and demonstration authorities.

A certificate that was read is not trusted: `chains.judge_chain` decides that.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liangzheng.crypto import der, names
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.keys import PublicKey, SigningKey, read_spki
from liangzheng.crypto.names import Name, read_name, write_name
from liangzheng.crypto.signatures import read_public_key, signature_algorithm
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.crypto.verified import is_signed

SUBJECT_KEY_ID = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
SUBJECT_ALT_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
CRL_POINTS = "2.5.29.31"
CERTIFICATE_POLICIES = "2.5.29.32"
AUTHORITY_KEY_ID = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"  # a purpose in extendedKeyUsage

# Read, or harmless when critical. Policies and extended purposes are not judged: a seal names its signers itself.
_HANDLED = frozenset(
    {SUBJECT_KEY_ID, KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, CRL_POINTS, CERTIFICATE_POLICIES, AUTHORITY_KEY_ID}
    | {EXTENDED_KEY_USAGE}
)
_DIGITAL_SIGNATURE, _NON_REPUDIATION, _CERT_SIGN, _CRL_SIGN = 0, 1, 5, 6
_V3 = 2
_LARGEST = 64 * 1024
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


class BadCertificate(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not a certificate (or certificate revocation list) that can be used."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension as it stands in a certificate, a CRL or a CRL entry."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. `key` is None when its kind or size is not accepted; without keyUsage every use is allowed.

    `stamps_only`: a critical extendedKeyUsage names time stamping and nothing else (RFC 3161, 2.3).
    """

    der: bytes
    subject: Name
    issuer: Name
    serial: int
    not_before: datetime
    not_after: datetime
    key: PublicKey | None
    tbs: bytes
    signature: bytes
    signature_oid: str
    is_ca: bool
    path_length: int | None
    digital_signature: bool
    cert_sign: bool
    crl_sign: bool
    key_id: bytes
    unhandled_critical: tuple[str, ...]
    stamps_only: bool

    @property
    def public_key(self) -> SM2PublicKey | None:
        """The key if it is SM2, for those that accept no other: seals and codes."""
        return self.key if isinstance(self.key, SM2PublicKey) else None

    @property
    def common_name(self) -> str:
        return self.subject.get(names.COMMON_NAME)

    @property
    def organisation(self) -> str:
        return self.subject.get(names.ORGANISATION)

    @property
    def organisation_code(self) -> str:
        """The unified social credit code, carried in the subject's serialNumber (2.5.4.5)."""
        return self.subject.get(names.SERIAL_NUMBER)

    @property
    def is_self_issued(self) -> bool:
        return self.subject.matches(self.issuer)

    def is_signed_by(self, key: PublicKey | None) -> bool:
        """Say whether this key made the signature under the algorithm that the certificate names (SM2: default signer id)."""
        return is_signed(key, self.signature_oid, self.signature, self.tbs)

    def pem(self) -> bytes:
        return to_pem("CERTIFICATE", self.der)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate is issued to. `organisation_code` goes into serialNumber (2.5.4.5)."""

    common_name: str
    organisation: str = ""
    organisation_code: str = ""
    country: str = "CN"

    def encode(self) -> bytes:
        return write_name(
            (
                (names.COUNTRY, self.country),
                (names.ORGANISATION, self.organisation),
                (names.SERIAL_NUMBER, self.organisation_code),
                (names.COMMON_NAME, self.common_name),
            )
        )


def read_certificate(data: bytes) -> Certificate:
    """Read one certificate, DER or PEM (the first block). BadCertificate when it is malformed."""
    match = _PEM.search(data)
    try:
        encoded = base64.b64decode(b"".join(match[1].split()), validate=True) if match else data
        if len(encoded) > _LARGEST:
            raise BadCertificate("too large for a certificate")
        return read_once(bytes(encoded))
    except (der.DerError, binascii.Error) as error:
        raise BadCertificate(f"not a certificate: {error}") from error


def read_certificates(data: bytes) -> tuple[Certificate, ...]:
    """Read a PEM bundle, or a single certificate in DER. BadCertificate when one of its blocks is none."""
    return tuple(read_certificate(block) for block in pem_blocks(_PEM, data))


def pem_blocks(kind: re.Pattern[bytes], data: bytes) -> list[bytes]:
    """Take a PEM bundle apart; data without a block is given as it is.

    BadCertificate when a block is of another kind, cut off or damaged: what is left out in silence would be missed by nobody.
    """
    blocks = [match[0] for match in kind.finditer(data)]
    if data.count(b"-----BEGIN ") != len(blocks):
        raise BadCertificate("a PEM block is of another kind, cut off or damaged")
    return blocks or [data]


def issue_certificate(  # noqa: PLR0913 - as many as a certificate has parts
    subject: Subject,
    public_key: PublicKey,
    *,
    issuer: Certificate | None,
    issuer_key: SigningKey,
    validity: tuple[datetime, datetime],
    path_length: int | None = None,
    serial: int | None = None,
    purposes: Sequence[str] = (),
) -> bytes:
    """Issue a certificate (DER), signed as the issuer's key signs: SM2 with SM3, ES256 or Ed25519.

    `issuer` None makes a self-signed one. `path_length` None makes a signing certificate (digitalSignature, nonRepudiation);
    a number makes an authority (keyCertSign, cRLSign). `validity` is (not before, not after), both inclusive. `purposes` (OIDs)
    become a critical extendedKeyUsage.
    """
    issuer_name, issuer_key_id = (
        (issuer.subject.der, issuer.key_id) if issuer else (subject.encode(), subject_key_id(issuer_key.public_key))
    )
    tbs = der.sequence(
        der.explicit(0, der.integer(_V3)),
        der.integer(serial if serial is not None else secrets.randbits(126) | 1 << 126),
        signature_algorithm(issuer_key.public_key),
        issuer_name,
        der.sequence(*(der.time(moment) for moment in validity)),
        subject.encode(),
        public_key.spki,
        der.explicit(3, der.sequence(*_extensions(public_key, issuer_key_id, path_length), *_purposes(purposes))),
    )
    return signed(tbs, issuer_key)


def _extensions(public_key: PublicKey, issuer_key_id: bytes, path_length: int | None) -> list[bytes]:
    is_ca = path_length is not None
    usage = der.bit_flags(_CERT_SIGN, _CRL_SIGN) if is_ca else der.bit_flags(_DIGITAL_SIGNATURE, _NON_REPUDIATION)
    constraints = der.sequence(der.boolean(True), der.integer(path_length)) if path_length is not None else der.sequence()
    return [
        extension(BASIC_CONSTRAINTS, constraints, critical=is_ca),
        extension(KEY_USAGE, usage, critical=True),
        extension(SUBJECT_KEY_ID, der.octet_string(subject_key_id(public_key))),
        extension(AUTHORITY_KEY_ID, authority_key_id(issuer_key_id)),
    ]


def _purposes(oids: Sequence[str]) -> list[bytes]:
    return [extension(EXTENDED_KEY_USAGE, der.sequence(*map(der.oid, oids)), critical=True)] if oids else []


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """Write one extension."""
    return der.sequence(der.oid(oid), der.boolean(True) if critical else b"", der.octet_string(value))


def authority_key_id(issuer_key_id: bytes) -> bytes:
    """Write an AuthorityKeyIdentifier that holds the key id alone."""
    return der.sequence(der.element(der.context(0, constructed=False), issuer_key_id))


def subject_key_id(key: PublicKey) -> bytes:
    """Return the identifier of a key: the first 20 bytes of SM3 over its bits, a point for SM2 (the manner of RFC 7093, 2)."""
    return sm3(read_spki(key.spki)[1])[:20]


def signed(tbs: bytes, key: SigningKey) -> bytes:
    """Wrap a to-be-signed structure, which names the algorithm of that key inside, as SIGNED{…}."""
    return der.sequence(tbs, signature_algorithm(key.public_key), der.bit_string(key.sign(tbs)))


def open_signed(encoded: bytes) -> tuple[der.Node, str, bytes]:
    """Open SIGNED{…}: the to-be-signed element, the OID of the signature algorithm, the signature."""
    fields = der.read(encoded).fields()
    tbs, algorithm, signature = fields.take(der.SEQUENCE), fields.take(der.SEQUENCE), fields.take().bits()
    fields.end()
    return tbs, algorithm_oid(algorithm), signature


def algorithm_oid(node: der.Node) -> str:
    """Read the OID of an AlgorithmIdentifier; its parameters are left alone."""
    return node.fields().take(der.OID).oid()


def read_extensions(node: der.Node | None) -> dict[str, Extension]:
    """Read Extensions; the same one twice is refused."""
    found: dict[str, Extension] = {}
    for item in node.expect(der.SEQUENCE).children() if node else ():
        fields = item.fields()
        oid, critical, value = fields.take().oid(), fields.take_if(der.BOOLEAN), fields.take().octets()
        fields.end()
        if oid in found:
            raise der.DerError(f"extension {oid} twice")
        found[oid] = Extension(oid, critical is not None and critical.boolean(), value)
    return found


def to_pem(label: str, encoded: bytes) -> bytes:
    """Write a PEM block."""
    text = base64.b64encode(encoded).decode()
    lines: Sequence[str] = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", "")).encode()


@functools.lru_cache(maxsize=512)
def read_once(encoded: bytes) -> Certificate:
    """Read one certificate in DER; the same bytes, which come with file after file, only once. DerError."""
    tbs, signature_oid, signature = open_signed(encoded)
    fields = tbs.fields()
    version = fields.take_if(der.context(0))
    serial = fields.take(der.INTEGER).integer()
    inner_oid = algorithm_oid(fields.take(der.SEQUENCE))
    issuer = read_name(fields.take())
    not_before, not_after = _read_validity(fields.take())
    subject, spki = read_name(fields.take()), fields.take(der.SEQUENCE)
    for number in (1, 2):  # unique identifiers: obsolete, never used here
        fields.take_if(der.context(number, constructed=False), der.context(number))
    wrapped = fields.take_if(der.context(3))
    fields.end()
    if inner_oid != signature_oid:
        raise der.DerError("two different signature algorithms")
    if wrapped and (version is None or version.only_child().integer() != _V3):
        raise der.DerError("extensions need version 3")
    extensions = read_extensions(wrapped.only_child() if wrapped else None)
    is_ca, path_length = _read_constraints(extensions.get(BASIC_CONSTRAINTS))
    usage = _read_usage(extensions.get(KEY_USAGE))
    return Certificate(
        der=encoded,
        subject=subject,
        issuer=issuer,
        serial=serial,
        not_before=not_before,
        not_after=not_after,
        key=read_public_key(spki.encoded),
        tbs=tbs.encoded,
        signature=signature,
        signature_oid=signature_oid,
        is_ca=is_ca,
        path_length=path_length,
        digital_signature=_DIGITAL_SIGNATURE in usage,
        cert_sign=_CERT_SIGN in usage,
        crl_sign=_CRL_SIGN in usage,
        key_id=_read_key_id(extensions.get(SUBJECT_KEY_ID), spki),
        unhandled_critical=tuple(item.oid for item in extensions.values() if item.critical and item.oid not in _HANDLED),
        stamps_only=_is_for_stamps(extensions.get(EXTENDED_KEY_USAGE)),
    )


def _read_validity(node: der.Node) -> tuple[datetime, datetime]:
    fields = node.fields()
    not_before, not_after = fields.take().time(), fields.take().time()
    fields.end()
    return not_before, not_after


def _read_constraints(item: Extension | None) -> tuple[bool, int | None]:
    """Read BasicConstraints: whether it is an authority, and how many authorities may follow below it."""
    if item is None:
        return False, None
    fields = der.read(item.value).fields()
    is_ca, depth = fields.take_if(der.BOOLEAN), fields.take_if(der.INTEGER)
    fields.end()
    if depth is not None and depth.integer() < 0:
        raise der.DerError("negative path length")
    return is_ca is not None and is_ca.boolean(), None if depth is None else depth.integer()


def _read_usage(item: Extension | None) -> frozenset[int]:
    """Read KeyUsage; without it nothing is restricted (RFC 5280, 4.2.1.3)."""
    return der.read(item.value).flags() if item else frozenset(range(9))


def _is_for_stamps(item: Extension | None) -> bool:
    return item is not None and item.critical and item.value == der.sequence(der.oid(TIME_STAMPING))


def _read_key_id(item: Extension | None, spki: der.Node) -> bytes:
    return der.read(item.value).octets() if item else sm3(spki.encoded)[:20]
