"""电子签章 (GB/T 38540-2020, 6.2; GM/T 0031): a seal put on a document. Written, and read without checking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liangzheng.crypto import der
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.seals.seal import SM2_WITH_SM3, VERSION, ESeal, UnsupportedSeal, read_extensions, read_seal

_CMS_SIGNED_DATA = frozenset({"1.2.156.10197.6.1.4.2.2", "1.2.840.113549.1.7.2"})
_OLD_TO_SIGN = 7  # members of TBS_Sign in version 1
_PAIR = 2


@dataclass(frozen=True, slots=True)
class SealSignature:
    """One use of a seal. `to_sign` is what the signer signed; `data_hash` is the digest of Signature.xml.

    `signed_at` is the signer's own word unless a time stamp proves it; `has_timestamp` only says that one is there.
    """

    to_sign: bytes
    version: int
    seal: ESeal
    signed_at: datetime
    data_hash: bytes
    property_info: str
    critical: tuple[str, ...]
    certificate: bytes
    signature_oid: str
    signature: bytes
    has_timestamp: bool


def sign_with_seal(
    seal: ESeal, certificate: bytes, key: SM2PrivateKey, *, at: datetime, data_hash: bytes, property_info: str
) -> bytes:
    """Give the DER of an SES_Signature. `data_hash` is SM3(Signature.xml), `property_info` the path of Signature.xml."""
    to_sign = der.sequence(
        der.integer(VERSION),
        seal.encoded,
        der.generalized_time(at),
        der.bit_string(data_hash),
        der.ia5(property_info),
    )
    return der.sequence(to_sign, der.octet_string(certificate), der.oid(SM2_WITH_SM3), der.bit_string(key.sign(to_sign)))


def read_signature(data: bytes) -> SealSignature:
    """Read a SignedValue.dat. Raises DerError when it is no signature, UnsupportedSeal when it is of another kind."""
    members = der.read(data).expect(der.SEQUENCE).children()
    if len(members) == _PAIR:
        raise UnsupportedSeal(_name_pair(*members))
    outer = der.Fields(members)
    to_sign = outer.take(der.SEQUENCE)
    certificate = outer.take().octets()
    oid = outer.take().oid()
    signature = outer.take().bits()
    timestamp = outer.take_if(der.context(0))
    outer.end()
    fields = to_sign.fields()
    read = SealSignature(
        to_sign=to_sign.encoded,
        version=fields.take().integer(),
        seal=read_seal(fields.take(der.SEQUENCE).encoded),
        signed_at=fields.take(der.GENERALIZED_TIME).time(),
        data_hash=fields.take().bits(),
        property_info=fields.take(der.IA5_STRING).text(),
        critical=read_extensions(fields),
        certificate=certificate,
        signature_oid=oid,
        signature=signature,
        has_timestamp=timestamp is not None,
    )
    fields.end()
    return read


def _name_pair(first: der.Node, second: der.Node) -> str:
    """Name the kind of a two-member structure."""
    if first.tag == der.OID and first.oid() in _CMS_SIGNED_DATA:
        return "CMS"
    if first.tag == der.INTEGER and second.tag == der.INTEGER:
        return "bare_SM2"
    if second.tag == der.BIT_STRING and len(first.children()) == _OLD_TO_SIGN:
        return "SES_V1"
    raise der.DerError("not a seal signature")
