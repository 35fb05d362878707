"""时间戳: tokens of a time-stamp authority (RFC 3161, 2.4.2; RFC 5816), read strictly, judged, and issued for pilots and tests.

GM/T 0033 is not public; what is read of it is reconstructed from RFC 3161 with the SM2 and SM3 names of GM/T 0006 and GB/T 35275.
Signatures: SM2 with SM3, ECDSA on P-256, RSA with SHA-256, SHA-384 or SHA-512. Not judged here: the authority's chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from liangzheng.crypto import der
from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate, read_extensions
from liangzheng.crypto.digests import SHA256_OID, SM3_OID, digest_of
from liangzheng.crypto.keys import PublicKey, SigningKey
from liangzheng.crypto.names import read_name
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.signatures import is_signed, signature_algorithm
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.seals.signed_data import SignedData, read_signed_data

_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))
_CERTIFICATE_V1, _CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_DIRECTORY_NAME = der.context(4)
_LARGEST_PART = 999  # of a second, in milliseconds or microseconds
_LEAST_ACCURACY = 24 * 3600  # seconds; a stamp that may be wrong by more proves nothing
_LAST_YEAR = 9000
_GRANTED = frozenset({0, 1})

Fault = Literal[
    "",
    "other_content",
    "bad_attributes",
    "other_certificate",
    "bad_signature",
    "no_signer_certificate",
    "unsupported_algorithm",
    "not_a_timestamp_authority",
    "critical_extension",
]
_ORDER: tuple[Fault, ...] = (
    "other_content",
    "bad_attributes",
    "other_certificate",
    "bad_signature",
    "unsupported_algorithm",
    "no_signer_certificate",
    "not_a_timestamp_authority",
    "critical_extension",
    "",
)
BROKEN: frozenset[Fault] = frozenset(_ORDER[:4])
"""What no honest authority issues for this content; every other fault leaves the stamp open."""


class MalformedTimestamp(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not a time-stamp token."""


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """A token as it was read; nothing in it is checked before `verify`.

    `unverified_time` is genTime (UTC), right to within `accuracy`. `certificates` came along; `signer` is the one that the token
    names, None when it did not. `imprint` is the digest, by `digest_oid`, of what was stamped.
    """

    signed: SignedData
    info: bytes
    policy: str
    digest_oid: str
    imprint: bytes
    serial: int
    unverified_time: datetime
    accuracy: timedelta
    nonce: int | None
    authority: bytes | None
    critical: tuple[str, ...]
    certificates: tuple[Certificate, ...]

    @property
    def signer(self) -> Certificate | None:
        return next(filter(self.signed.names, self.certificates), None)

    def verify(self, imprinted: bytes) -> Fault:
        """Say what keeps this token from being one of its signer over these bytes; what is broken comes before what is open.

        Checked: imprint, content type, message digest, the signing certificate (ESSCertID, ESSCertIDv2), the signature, and that
        the certificate is one for time stamps alone (RFC 3161, 2.3).
        """
        faults: tuple[Fault, ...] = (
            _imprint_fault(self, imprinted),
            _attribute_fault(self.signed, self.info),
            _certificate_fault(self),
            _signature_fault(self),
            "critical_extension" if self.critical else "",
        )
        return min(faults, key=_ORDER.index)


def read_timestamp(token: bytes) -> TimestampToken:
    """Read a TimeStampToken. MalformedTimestamp; UnsupportedSignature for what may be one of a kind that is not judged."""
    try:
        signed = read_signed_data(token, frozenset({_TST_INFO}))
        if signed.content is None or signed.attributes is None:
            raise MalformedTimestamp("no content, or no signed attributes")
        return _read_info(signed, signed.content)
    except (der.DerError, BadCertificate) as error:
        raise MalformedTimestamp(str(error)) from error


def token_of_response(response: bytes) -> bytes:
    """Take the token out of a TimeStampResp (RFC 3161, 2.4.2). MalformedTimestamp when it is none or was not granted."""
    try:
        fields = der.read(response).fields()
        status = fields.take(der.SEQUENCE).fields().take(der.INTEGER).integer()
        token = fields.take_if(der.SEQUENCE)
        fields.end()
    except der.DerError as error:
        raise MalformedTimestamp(str(error)) from error
    if status not in _GRANTED or token is None:
        raise MalformedTimestamp(f"not granted: {status}")
    return token.encoded


def issue_timestamp(
    data: bytes,
    key: SigningKey,
    certificate: Certificate,
    at: datetime,
    *,
    serial: int,
    policy: str,
    authorities: Sequence[Certificate] = (),
) -> bytes:
    """Stamp these bytes: a token with digests of the key's kind (SM3 for SM2, else SHA-256).

    ValueError when the certificate is not that of the key. `authorities` go along for whoever judges the chain. The caller takes
    `at` from a clock that can be relied upon.
    """
    digest_oid = SM3_OID if isinstance(key.public_key, SM2PublicKey) else SHA256_OID
    imprint = (digest_oid, _digest(digest_oid, data))
    return stamp_imprint(imprint, key, certificate, at, serial=serial, policy=policy, authorities=authorities)


def stamp_imprint(  # noqa: PLR0913 - what an authority is asked for and what it states
    imprint: tuple[str, bytes],
    key: SigningKey,
    certificate: Certificate,
    at: datetime,
    *,
    serial: int,
    policy: str,
    nonce: int | None = None,
    authorities: Sequence[Certificate] = (),
) -> bytes:
    """Stamp a digest (its OID and value) that somebody else made; otherwise as `issue_timestamp`."""
    if certificate.key != key.public_key:
        raise ValueError("the certificate is that of another key")
    digest_oid = SM3_OID if isinstance(key.public_key, SM2PublicKey) else SHA256_OID
    info = der.sequence(
        der.integer(1),
        der.oid(policy),
        der.sequence(_named_digest(imprint[0]), der.octet_string(imprint[1])),
        der.integer(serial),
        der.generalized_time(at),
        b"" if nonce is None else der.integer(nonce),
    )
    signed = der.sequence(
        der.integer(3),
        der.set_of(_named_digest(digest_oid)),
        der.sequence(der.oid(_TST_INFO), der.explicit(0, der.octet_string(info))),
        der.element(der.context(0), b"".join(sorted(item.der for item in (certificate, *authorities)))),
        der.set_of(_signer_info(info, digest_oid, key, certificate, at)),
    )
    return der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, signed))


def reply_with(token: bytes) -> bytes:
    """Write the reply of an authority that grants (TimeStampResp, RFC 3161, 2.4.2)."""
    return der.sequence(der.sequence(der.integer(0)), token)


def _signer_info(info: bytes, digest_oid: str, key: SigningKey, certificate: Certificate, at: datetime) -> bytes:
    """Write SignerInfo (RFC 5652, 5.3) over these facts."""
    attributes = der.set_of(
        _attribute(_CONTENT_TYPE, der.oid(_TST_INFO)),
        _attribute(_SIGNING_TIME, der.time(at)),
        _attribute(_MESSAGE_DIGEST, der.octet_string(_digest(digest_oid, info))),
        _attribute(_CERTIFICATE_V2, _signing_certificate(digest_oid, certificate)),
    )
    return der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer.der, der.integer(certificate.serial)),
        _named_digest(digest_oid),
        der.element(der.context(0), der.read(attributes).content),
        signature_algorithm(key.public_key),
        der.octet_string(key.sign(attributes)),
    )


def _named_digest(oid: str) -> bytes:
    return der.sequence(der.oid(oid), der.null())


def _digest(oid: str, data: bytes) -> bytes:
    found = digest_of(oid, data)
    if found is None:
        raise ValueError(f"no such digest: {oid}")
    return found


def _attribute(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.set_of(value))


def _signing_certificate(digest_oid: str, certificate: Certificate) -> bytes:
    """Write SigningCertificateV2 (RFC 5035, 3); SHA-256 is its default and is not written."""
    named = b"" if digest_oid == SHA256_OID else der.sequence(der.oid(digest_oid))
    issuer = der.sequence(der.sequence(der.element(_DIRECTORY_NAME, certificate.issuer.der)), der.integer(certificate.serial))
    entry = der.sequence(named, der.octet_string(_digest(digest_oid, certificate.der)), issuer)
    return der.sequence(der.sequence(entry))


def _read_info(signed: SignedData, info: bytes) -> TimestampToken:
    """Read TSTInfo (RFC 3161, 2.4.2)."""
    fields = der.read(info).fields()
    if fields.take(der.INTEGER).integer() != 1:
        raise der.DerError("TSTInfo is of version 1")
    policy = fields.take().oid()
    imprint = fields.take(der.SEQUENCE).fields()
    algorithm, digest = imprint.take(der.SEQUENCE), imprint.take().octets()
    imprint.end()
    serial, moment = fields.take(der.INTEGER).integer(), fields.take(der.GENERALIZED_TIME).time()
    accuracy = _accuracy(fields.take_if(der.SEQUENCE))
    ordering = fields.take_if(der.BOOLEAN)
    nonce = fields.take_if(der.INTEGER)
    authority = fields.take_if(der.context(0))
    extensions = fields.take_if(der.context(1))
    fields.end()
    if (ordering and not ordering.boolean()) or moment.year > _LAST_YEAR:
        raise der.DerError("a default that is written, or a time beyond all times")
    named = read_extensions(der.read(der.element(der.SEQUENCE, extensions.content)) if extensions else None)
    return TimestampToken(
        signed=signed,
        info=info,
        policy=policy,
        digest_oid=_algorithm(algorithm),
        imprint=digest,
        serial=serial,
        unverified_time=moment,
        accuracy=accuracy,
        nonce=nonce.integer() if nonce else None,
        authority=authority.only_child().encoded if authority else None,
        critical=tuple(item.oid for item in named.values() if item.critical),
        certificates=tuple(map(read_certificate, signed.certificates)),
    )


def _algorithm(node: der.Node) -> str:
    fields = node.fields()
    oid, parameters = fields.take().oid(), fields.take_if(der.NULL)
    fields.end()
    if parameters and parameters.content:
        raise der.DerError("NULL has no content")
    return oid


def _accuracy(node: der.Node | None) -> timedelta:
    if node is None:
        return timedelta()
    fields = node.fields()
    seconds = fields.take_if(der.INTEGER)
    parts = [fields.take_if(der.context(number, constructed=False)) for number in (0, 1)]
    fields.end()
    whole = seconds.integer() if seconds else 0
    milli, micro = (der.read_integer(part.content) if part else 0 for part in parts)
    if not (0 <= whole <= _LEAST_ACCURACY and 0 <= milli <= _LARGEST_PART and 0 <= micro <= _LARGEST_PART):
        raise der.DerError("no such accuracy")
    return timedelta(seconds=whole, milliseconds=milli, microseconds=micro)


def _imprint_fault(token: TimestampToken, imprinted: bytes) -> Fault:
    digest = digest_of(token.digest_oid, imprinted)
    if digest is None:
        return "unsupported_algorithm"
    return "" if digest == token.imprint else "other_content"


def _attribute_fault(signed: SignedData, info: bytes) -> Fault:
    """The content type was held to TSTInfo when the token was read; the digest has to be that of the content."""
    digest = digest_of(signed.digest_oid, info)
    if digest is None:
        return "unsupported_algorithm"
    return "" if signed.attributes and signed.attributes.message_digest == digest else "bad_attributes"


def _certificate_fault(token: TimestampToken) -> Fault:
    """The signed attributes have to name the signer's certificate, so that no other one of its key can take its place."""
    attributes, signer = token.signed.attributes, token.signer
    values = attributes.values if attributes else {}
    named = [values[oid] for oid in (_CERTIFICATE_V1, _CERTIFICATE_V2) if oid in values]
    if not named:
        return "bad_attributes"
    if signer is None:
        return "no_signer_certificate"
    try:
        faults = [_named_fault(value, signer, is_first=oid == _CERTIFICATE_V1) for oid, value in values.items() if value in named]
    except der.DerError:
        return "bad_attributes"
    if token.authority and token.authority[0] == _DIRECTORY_NAME and not _is_named(token.authority, signer):
        return "other_certificate"
    return next((fault for fault in faults if fault), "")


def _is_named(general_name: bytes, signer: Certificate) -> bool:
    try:
        return read_name(der.read(general_name).only_child()).matches(signer.subject)
    except der.DerError:
        return False


def _named_fault(value: der.Node, signer: Certificate, *, is_first: bool) -> Fault:
    """Compare the first ESSCertID (RFC 5035, 4) or ESSCertIDv2 (3) with the signer's certificate; the others are its issuers."""
    certificates = value.fields().take(der.SEQUENCE).children()
    if not certificates:
        return "bad_attributes"
    fields = certificates[0].fields()
    algorithm = None if is_first else fields.take_if(der.SEQUENCE)
    digest = fields.take().octets()
    issuer = fields.take_if(der.SEQUENCE)
    fields.end()
    if is_first:
        expected: bytes | None = hashlib.sha1(signer.der, usedforsecurity=False).digest()  # the version's only one
    else:
        expected = digest_of(_algorithm(algorithm) if algorithm else SHA256_OID, signer.der)
    if expected is None:
        return "unsupported_algorithm"
    if digest != expected or (issuer and not _is_issuer(issuer, signer)):
        return "other_certificate"
    return ""


def _is_issuer(node: der.Node, signer: Certificate) -> bool:
    """Compare IssuerSerial (RFC 5035, 5): one directory name and the serial number."""
    fields = node.fields()
    names, serial = fields.take(der.SEQUENCE).children(), fields.take(der.INTEGER).integer()
    fields.end()
    directory = [read_name(name.only_child()) for name in names if name.tag == _DIRECTORY_NAME]
    return serial == signer.serial and any(name.matches(signer.issuer) for name in directory)


def _signature_fault(token: TimestampToken) -> Fault:
    signer, signed = token.signer, token.signed
    if signer is None:
        return "no_signer_certificate"
    if not signed.algorithm or signer.key is None or not _fits(signer.key, signed):
        return "unsupported_algorithm"
    encodings = signed.attributes.encodings if signed.attributes else ()
    if not any(is_signed(signer.key, signed.algorithm, signed.signature, encoding) for encoding in encodings):
        return "bad_signature"
    return "" if signer.stamps_only else "not_a_timestamp_authority"


def _fits(key: PublicKey, signed: SignedData) -> bool:
    """Say whether the digest is the one that goes with the key; RSA goes with all of SHA-2."""
    wanted = {SM2PublicKey: SM3_OID, P256PublicKey: SHA256_OID}.get(type(key))
    return wanted is None or wanted == signed.digest_oid
