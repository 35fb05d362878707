"""Seals and signatures of the generations that the product reads and never writes. Every part can be replaced."""

from __future__ import annotations

from datetime import UTC, datetime

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.seals.seal import SM2_WITH_SM3, SealDesign

GB_DATA, RFC_DATA = "1.2.156.10197.6.1.4.2.1", "1.2.840.113549.1.7.1"
GB_SIGNED, RFC_SIGNED = "1.2.156.10197.6.1.4.2.2", "1.2.840.113549.1.7.2"
SM3_OID = "1.2.156.10197.1.401"
PKCS9 = "1.2.840.113549.1.9"
TOKEN = der.explicit(0, der.bit_string(b"token"))


def utc_time(moment: datetime) -> bytes:
    return der.element(der.UTC_TIME, moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


def _picture(design: SealDesign) -> bytes:
    picture = design.picture
    return der.sequence(
        der.ia5(picture.format), der.octet_string(picture.data), der.integer(picture.width), der.integer(picture.height)
    )


def first_seal(
    design: SealDesign,
    certificates: list[bytes],
    maker: bytes,
    key: SM2PrivateKey,
    *,
    version: int = 1,
    maker_signs: str = "all",
    extensions: bytes = b"",
) -> bytes:
    """A seal of GM/T 0031-2014. `maker_signs` "info" leaves certificate and algorithm out of what the maker signs."""
    times = (design.created_at, design.valid_from, design.valid_to)
    info = der.sequence(
        der.sequence(der.ia5("ES"), der.integer(version), der.ia5(design.vendor)),
        der.ia5(design.seal_id),
        der.sequence(
            der.integer(design.kind),
            der.utf8(design.name),
            der.sequence(*map(der.octet_string, certificates)),
            *map(utc_time, times),
        ),
        _picture(design),
        extensions,
    )
    proof = der.octet_string(maker), der.oid(SM2_WITH_SM3)
    signed = info if maker_signs == "info" else der.sequence(info, *proof)
    return der.sequence(info, der.sequence(*proof, der.bit_string(key.sign(signed))))


def first_signature(
    seal: bytes,
    certificate: bytes,
    key: SM2PrivateKey,
    *,
    at: bytes,
    data_hash: bytes,
    property_info: str,
    version: int = 1,
    algorithm: str = SM2_WITH_SM3,
    swapped: bool = False,
    octets: bool = False,
) -> bytes:
    """A signature of GM/T 0031-2014; `at` is the content of timeInfo. `swapped`: certificate and property change places."""
    wrap = der.octet_string if octets else der.bit_string
    ending = [der.ia5(property_info), der.octet_string(certificate)]
    to_sign = der.sequence(
        der.integer(version),
        seal,
        wrap(at),
        wrap(data_hash),
        *(reversed(ending) if swapped else ending),
        der.oid(algorithm),
    )
    return der.sequence(to_sign, der.bit_string(key.sign(to_sign)))


def flat_seal(
    design: SealDesign,
    certificates: list[bytes],
    maker: bytes,
    key: SM2PrivateKey,
    *,
    version: int = 5,
    timestamp: bytes = b"",
    extensions: bytes = b"",
) -> bytes:
    """A seal in the layout of GB/T 38540-2020, by default one of GM/T 0031-2025; `timestamp` is its fifth member."""
    info = der.sequence(
        der.sequence(der.ia5("ES"), der.integer(version), der.ia5(design.vendor)),
        der.ia5(design.seal_id),
        der.sequence(
            der.integer(design.kind),
            der.utf8(design.name),
            der.integer(1),
            der.sequence(*map(der.octet_string, certificates)),
            *map(der.generalized_time, (design.created_at, design.valid_from, design.valid_to)),
        ),
        _picture(design),
        extensions,
    )
    return der.sequence(info, der.octet_string(maker), der.oid(SM2_WITH_SM3), der.bit_string(key.sign(info)), timestamp)


def flat_signature(
    seal: bytes,
    certificate: bytes,
    key: SM2PrivateKey,
    *,
    at: datetime,
    data_hash: bytes,
    property_info: str,
    version: int = 5,
    timestamp: bytes = b"",
) -> bytes:
    """A signature in the layout of GB/T 38540-2020, by default one of GM/T 0031-2025."""
    to_sign = der.sequence(
        der.integer(version), seal, der.generalized_time(at), der.bit_string(data_hash), der.ia5(property_info)
    )
    ending = der.oid(SM2_WITH_SM3), der.bit_string(key.sign(to_sign)), timestamp
    return der.sequence(to_sign, der.octet_string(certificate), *ending)


def attribute(number: str, value: bytes) -> bytes:
    """An attribute of PKCS #9 with one value."""
    return der.sequence(der.oid(f"{PKCS9}.{number}"), der.element(der.SET, value))


def attributes(message_digest: bytes, at: datetime | None = None, *more: bytes, kind: str = GB_DATA) -> list[bytes]:
    """The signed attributes as real software writes them."""
    found = [attribute("3", der.oid(kind)), attribute("4", der.octet_string(message_digest))]
    return [*found, *([attribute("5", utc_time(at))] if at else []), *more]


def signed_data(
    certificate: Certificate,
    key: SM2PrivateKey,
    *,
    message: bytes = b"",
    content: bytes | None = None,
    signed_attributes: list[bytes] | None = None,
    is_sorted: bool = True,
    kinds: tuple[str, str] | None = (GB_SIGNED, GB_DATA),
    digest: str = SM3_OID,
    algorithm: str = SM2_WITH_SM3,
    by_key_id: bool = False,
    serial: int | None = None,
    versions: tuple[int, int] | None = None,
    certificates: list[bytes] | None = None,
    unsigned: bytes = b"",
    copies: int = 1,
) -> bytes:
    """SignedData over `message`, or over the attributes where there are some. `kinds` None leaves ContentInfo out."""
    signed_content = b"".join(signed_attributes or [])
    ordered = der.set_of(*(signed_attributes or [])) if is_sorted else der.element(der.SET, signed_content)
    to_sign = message if signed_attributes is None else ordered
    outer, inner = versions or ((3, 3) if by_key_id else (1, 1))
    issuer = der.sequence(certificate.issuer.der, der.integer(certificate.serial if serial is None else serial))
    signer = der.sequence(
        der.integer(inner),
        der.element(der.context(0, constructed=False), certificate.key_id) if by_key_id else issuer,
        der.sequence(der.oid(digest), der.null()),
        der.element(der.context(0), der.read(ordered).content) if signed_attributes is not None else b"",
        der.sequence(der.oid(algorithm)),
        der.octet_string(key.sign(to_sign)),
        unsigned,
    )
    return _wrapped(
        kinds,
        der.integer(outer),
        der.set_of(der.sequence(der.oid(digest), der.null())),
        _content(kinds[1] if kinds else GB_DATA, content),
        _bundle([certificate.der] if certificates is None else certificates),
        der.element(der.SET, signer * copies),
    )


def _content(kind: str, content: bytes | None) -> bytes:
    return der.sequence(der.oid(kind), b"" if content is None else der.explicit(0, der.octet_string(content)))


def _bundle(certificates: list[bytes]) -> bytes:
    return der.element(der.context(0), b"".join(certificates)) if certificates else b""


def _wrapped(kinds: tuple[str, str] | None, *members: bytes) -> bytes:
    inside = der.sequence(*members)
    return der.sequence(der.oid(kinds[0]), der.explicit(0, inside)) if kinds else inside
