"""电子签章 (GB/T 38540-2020, 6.2; GM/T 0031-2014 and -2025): a seal put on a document. Version 4 is written; 1, 4 and 5 are read.

Nothing read here is checked yet. A time stamp is taken for one over the value of the signature (GB/T 38540-2020).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from liangzheng.crypto import der
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.seals.seal import (
    FIRST,
    FLAT,
    SM2_WITH_SM3,
    VERSION,
    ESeal,
    read_extensions,
    read_seal,
    read_timestamp_field,
)

_PAIR = 2  # members of a version 1 signature: what is signed, and the signature
_CHINA = timezone(timedelta(hours=8))
_WRITTEN_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[ T]?(\d\d):?(\d\d):?(\d\d)(Z?)")


@dataclass(frozen=True, slots=True)
class SealSignature:
    """One use of a seal. `to_sign` is what the signer signed; `data_hash` is the digest of Signature.xml.

    `signed_at` is the signer's own word, None when it cannot be read. `timestamp` is a token over `signature`; version 1 knows
    none, but may put one in place of `signed_at` (`time_is_stamp`), among what is signed. `layout` and `version` as in `ESeal`.
    """

    to_sign: bytes
    layout: int
    version: int
    seal: ESeal
    signed_at: datetime | None
    data_hash: bytes
    property_info: str
    critical: tuple[str, ...]
    certificate: bytes
    signature_oid: str
    signature: bytes
    timestamp: bytes | None = None
    time_is_stamp: bool = False


def sign_with_seal(
    seal: ESeal,
    certificate: bytes,
    key: SM2PrivateKey,
    *,
    at: datetime,
    data_hash: bytes,
    property_info: str,
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Give the DER of an SES_Signature. `data_hash` is SM3(Signature.xml), `property_info` the path of Signature.xml.

    `stamp` gets the value of the signature (DER of the pair) and gives a time-stamp token over it.
    """
    to_sign = der.sequence(
        der.integer(VERSION),
        seal.encoded,
        der.generalized_time(at),
        der.bit_string(data_hash),
        der.ia5(property_info),
    )
    signature = key.sign(to_sign)
    timestamp = der.explicit(0, der.bit_string(stamp(signature))) if stamp else b""
    return der.sequence(to_sign, der.octet_string(certificate), der.oid(SM2_WITH_SM3), der.bit_string(signature), timestamp)


def read_signature(data: bytes) -> SealSignature:
    """Read a SignedValue.dat made with a seal: two members are version 1, four or five are versions 4 and 5. Raises DerError."""
    members = der.read(data).expect(der.SEQUENCE).children()
    return _read_first(*members) if len(members) == _PAIR else _read_flat(der.Fields(members))


def _read_flat(outer: der.Fields) -> SealSignature:
    to_sign = outer.take(der.SEQUENCE)
    certificate = outer.take().octets()
    oid = outer.take().oid()
    signature = outer.take().bits()
    timestamp = read_timestamp_field(outer)
    outer.end()
    fields = to_sign.fields()
    read = SealSignature(
        to_sign=to_sign.encoded,
        layout=FLAT,
        version=fields.take().integer(),
        seal=read_seal(fields.take(der.SEQUENCE).encoded),
        signed_at=fields.take(der.GENERALIZED_TIME).time(),
        data_hash=fields.take().bits(),
        property_info=fields.take(der.IA5_STRING).text(),
        critical=read_extensions(fields),
        certificate=certificate,
        signature_oid=oid,
        signature=signature,
        timestamp=timestamp,
    )
    fields.end()
    return read


def _read_first(to_sign: der.Node, signature: der.Node) -> SealSignature:
    fields = to_sign.fields()
    version, seal = fields.take().integer(), read_seal(fields.take(der.SEQUENCE).encoded)
    time_info = _octets(fields.take())
    read = SealSignature(
        to_sign=to_sign.encoded,
        layout=FIRST,
        version=version,
        seal=seal,
        signed_at=_first_time(time_info),
        data_hash=_octets(fields.take()),
        property_info=fields.take(der.IA5_STRING).text(),
        critical=(),
        certificate=fields.take().octets(),
        signature_oid=fields.take().oid(),
        signature=signature.bits(),
        time_is_stamp=time_info[:1] == b"\x30",
    )
    fields.end()
    return read


def _octets(node: der.Node) -> bytes:
    """Read a BIT STRING; one widespread program writes an OCTET STRING in its place."""
    return node.octets() if node.tag == der.OCTET_STRING else node.bits()


def _first_time(content: bytes) -> datetime | None:
    """Read the timeInfo of version 1: a UTCTime or GeneralizedTime, or the time as text. None when it is neither."""
    try:
        return der.read(content).time()
    except der.DerError:
        return read_written_time(content.decode("ascii", "replace"))


def read_written_time(text: str) -> datetime | None:
    """Read `2026-03-01 09:30:00` (Chinese time) or `20260301013000Z`; None when it is neither."""
    match = _WRITTEN_TIME.fullmatch(text.strip())
    if match is None:
        return None
    zone = UTC if match[7] else _CHINA
    try:
        return datetime.strptime("".join(match.groups()[:6]), "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return None
