"""Time-stamp tokens in which every part can be replaced; the signature is always over what was put in."""

from __future__ import annotations

from datetime import datetime

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.digests import SM3_OID, sm3
from liangzheng.crypto.keys import SigningKey
from liangzheng.crypto.sm2 import SM2_WITH_SM3_OID

TST_INFO = "1.2.840.113549.1.9.16.1.4"
PKCS9 = "1.2.840.113549.1.9"
SIGNED_DATA = "1.2.840.113549.1.7.2"


def algorithm(oid: str = SM3_OID) -> bytes:
    return der.sequence(der.oid(oid), der.null())


def attribute(number: str, value: bytes) -> bytes:
    return der.sequence(der.oid(f"{PKCS9}.{number}"), der.set_of(value))


def info(
    data: bytes,
    at: datetime,
    *,
    version: int = 1,
    digest_oid: str = SM3_OID,
    imprint: bytes | None = None,
    time: bytes | None = None,
    ending: bytes = b"",
) -> bytes:
    """TSTInfo; `ending` is what follows genTime."""
    return der.sequence(
        der.integer(version),
        der.oid("1.2.3"),
        der.sequence(algorithm(digest_oid), der.octet_string(sm3(data) if imprint is None else imprint)),
        der.integer(1),
        der.generalized_time(at) if time is None else time,
        ending,
    )


def named(digest: bytes, *more: bytes, before: bytes | None = None) -> bytes:
    """SigningCertificateV2 with one entry; `before` is its algorithm, by default SM3."""
    return der.sequence(
        der.sequence(der.sequence(der.sequence(der.oid(SM3_OID)) if before is None else before, der.octet_string(digest), *more))
    )


def token(
    content: bytes,
    key: SigningKey,
    certificate: Certificate,
    *,
    kind: str = TST_INFO,
    attribute_kind: str = TST_INFO,
    message_digest: bytes | None = None,
    naming: tuple[bytes, ...] | None = None,
    digest_oid: str = SM3_OID,
    signature_oid: str = SM2_WITH_SM3_OID,
    certificates: list[bytes] | None = None,
    outer: str = SIGNED_DATA,
    versions: tuple[int, int] = (3, 1),
    copies: int = 1,
    unsigned_attributes: bool = False,
) -> bytes:
    """A token over this content. `naming`: the attributes that name the signer's certificate."""
    attributes = der.set_of(
        attribute("3", der.oid(attribute_kind)),
        attribute("4", der.octet_string(sm3(content) if message_digest is None else message_digest)),
        *((attribute("16.2.47", named(sm3(certificate.der))),) if naming is None else naming),
    )
    signer = der.sequence(
        der.integer(versions[1]),
        der.sequence(certificate.issuer.der, der.integer(certificate.serial)),
        algorithm(digest_oid),
        b"" if unsigned_attributes else der.element(der.context(0), der.read(attributes).content),
        der.sequence(der.oid(signature_oid)),
        der.octet_string(key.sign(content if unsigned_attributes else attributes)),
    )
    bundle = b"".join([certificate.der] if certificates is None else certificates)
    signed = der.sequence(
        der.integer(versions[0]),
        der.set_of(algorithm(digest_oid)),
        der.sequence(der.oid(kind), der.explicit(0, der.octet_string(content))),
        der.element(der.context(0), bundle) if bundle else b"",
        der.element(der.SET, signer * copies),
    )
    return der.sequence(der.oid(outer), der.explicit(0, signed))
