"""电子印章 (GB/T 38540-2020, 6.1; GM/T 0031-2014 and -2025): version 4 is made; 1, 4 and 5 are read.

Nothing in a seal that was read is checked yet. Of version 5 no issued sample was seen: it is read as version 4 with a time stamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liangzheng.crypto import der
from liangzheng.crypto.sm2 import SM2PrivateKey

VERSION = 4
SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM2_OIDS = frozenset({SM2_WITH_SM3, "1.2.156.10197.501"})  # the second: a slip of widespread software, read but never written
SM3_OIDS = frozenset({"1.2.156.10197.1.401"})

FIRST, FLAT = 1, 4  # the two layouts: that of version 1, and that of versions 4 and 5
_CERTIFICATES, _DIGESTS = 1, 2  # certListType
_PAIR = 2  # members of a seal in the first layout: info and signature
LARGEST = 2**20
"""Bytes of one seal; real ones have up to sixty thousand."""


@dataclass(frozen=True, slots=True)
class SealPicture:
    """The imprint: `format` such as PNG, size in mm."""

    format: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ESeal:
    """One seal as it stands in its bytes `encoded`. `certificates` or `certificate_digests` name who may use it.

    `layout` is what the bytes are like, `version` what they say; whether the two agree is for a check to say. `maker_signed` is
    what the maker (制章人) signed: `info`, in version 1 together with certificate and algorithm. `critical` names the extensions
    that must be understood. `timestamp` is a token over `maker_signature`.
    """

    encoded: bytes
    info: bytes
    layout: int
    version: int
    vendor: str
    seal_id: str
    kind: int
    name: str
    certificates: tuple[bytes, ...]
    certificate_digests: tuple[bytes, ...]
    created_at: datetime
    valid_from: datetime
    valid_to: datetime
    picture: SealPicture
    critical: tuple[str, ...]
    maker_certificate: bytes
    maker_signature_oid: str
    maker_signature: bytes
    maker_signed: bytes
    timestamp: bytes | None


@dataclass(frozen=True, slots=True)
class SealDesign:
    """What a seal to be made shall say. `seal_id` is ASCII; the picture is a PNG of `width` × `height` mm."""

    seal_id: str
    name: str
    picture: SealPicture
    created_at: datetime
    valid_from: datetime
    valid_to: datetime
    vendor: str = "liangzheng"
    kind: int = 1


def make_seal(
    design: SealDesign, signer_certificates: Sequence[bytes], maker_certificate: bytes, maker_key: SM2PrivateKey
) -> ESeal:
    """Make a version 4 seal that the holders of these certificates (DER) may use, signed by its maker."""
    info = _seal_info(design, signer_certificates)
    return read_seal(
        der.sequence(
            info,
            der.octet_string(maker_certificate),
            der.oid(SM2_WITH_SM3),
            der.bit_string(maker_key.sign(info)),
        )
    )


def read_seal(data: bytes) -> ESeal:
    """Read a seal (Seal.esl): two members are version 1, four or five are versions 4 and 5. Raises DerError when it is none."""
    if len(data) > LARGEST:
        raise der.DerError("too large for a seal")
    outer = der.Fields(members := der.read(data).expect(der.SEQUENCE).children())
    is_first = len(members) == _PAIR
    info = outer.take(der.SEQUENCE)
    proof = outer.take().fields() if is_first else outer
    certificate, algorithm, signature = proof.take(der.OCTET_STRING), proof.take(der.OID), proof.take().bits()
    timestamp = None if is_first else read_timestamp_field(outer)
    proof.end()
    outer.end()
    fields = info.fields()
    version, vendor = _header(fields.take())
    seal_id = fields.take(der.IA5_STRING).text()
    properties = _first_properties(fields.take()) if is_first else _properties(fields.take())
    picture = _picture(fields.take())
    critical = read_extensions(fields)
    fields.end()
    return ESeal(
        encoded=data,
        info=info.encoded,
        layout=FIRST if is_first else FLAT,
        version=version,
        vendor=vendor,
        seal_id=seal_id,
        kind=properties.kind,
        name=properties.name,
        certificates=properties.certificates,
        certificate_digests=properties.digests,
        created_at=properties.times[0],
        valid_from=properties.times[1],
        valid_to=properties.times[2],
        picture=picture,
        critical=critical,
        maker_certificate=certificate.octets(),
        maker_signature_oid=algorithm.oid(),
        maker_signature=signature,
        maker_signed=der.sequence(info.encoded, certificate.encoded, algorithm.encoded) if is_first else info.encoded,
        timestamp=timestamp,
    )


def read_timestamp_field(fields: der.Fields) -> bytes | None:
    """Read timeStamp [0] EXPLICIT BIT STRING if it follows: a token, still unread."""
    node = fields.take_if(der.context(0))
    return node.only_child().bits() if node else None


def read_extensions(fields: der.Fields) -> tuple[str, ...]:
    """Read extDatas if they follow: the names of the critical ones. Tagged [0] and untagged are both in use."""
    node = fields.take_if(der.context(0), der.SEQUENCE)
    if node is None:
        return ()
    members = node.children()
    if node.tag != der.SEQUENCE and len(members) == 1 and _is_list(members[0]):
        members = members[0].children()  # EXPLICIT; else IMPLICIT
    return tuple(name for name, critical in map(_extension, members) if critical)


def _is_list(node: der.Node) -> bool:
    return node.tag == der.SEQUENCE and all(member.tag == der.SEQUENCE for member in node.children())


def _extension(node: der.Node) -> tuple[str, bool]:
    """Read one ExtData. DER leaves `critical` out when false; widespread software always writes it: both are accepted."""
    fields = node.fields()
    name = fields.take().oid()
    flag = fields.take_if(der.BOOLEAN)
    fields.take().octets()
    fields.end()
    return name, flag is not None and flag.boolean()


def _header(node: der.Node) -> tuple[int, str]:
    fields = node.fields()
    if fields.take(der.IA5_STRING).text() != "ES":
        raise der.DerError("not a seal")
    version, vendor = fields.take().integer(), fields.take(der.IA5_STRING).text()
    fields.end()
    return version, vendor


@dataclass(frozen=True, slots=True)
class _Properties:
    kind: int
    name: str
    certificates: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    times: tuple[datetime, datetime, datetime]


def _properties(node: der.Node) -> _Properties:
    fields = node.fields()
    kind = fields.take().integer()
    name = fields.take(der.UTF8_STRING).text()
    list_type = fields.take().integer()
    entries = fields.take(der.SEQUENCE).children()
    if list_type not in {_CERTIFICATES, _DIGESTS}:
        raise der.DerError("certListType is 1 or 2")
    times = tuple(fields.take(der.GENERALIZED_TIME).time() for _ in range(3))
    fields.end()
    return _Properties(
        kind=kind,
        name=name,
        certificates=tuple(entry.octets() for entry in entries) if list_type == _CERTIFICATES else (),
        digests=tuple(map(_digest, entries)) if list_type == _DIGESTS else (),
        times=(times[0], times[1], times[2]),
    )


def _first_properties(node: der.Node) -> _Properties:
    """Read the properties of version 1: certificates without a word on their kind, times that are UTCTime by the standard."""
    fields = node.fields()
    kind = fields.take().integer()
    name = fields.take(der.UTF8_STRING).text()
    certificates = tuple(entry.octets() for entry in fields.take(der.SEQUENCE).children())
    times = (fields.take().time(), fields.take().time(), fields.take().time())
    fields.end()
    return _Properties(kind, name, certificates, (), times)


def _digest(node: der.Node) -> bytes:
    """Read a CertDigestObj: a name that software fills in differently, and the digest of a certificate."""
    fields = node.fields()
    fields.take(der.PRINTABLE_STRING)
    value = fields.take().octets()
    fields.end()
    return value


def _picture(node: der.Node) -> SealPicture:
    fields = node.fields()
    picture = SealPicture(
        format=fields.take(der.IA5_STRING).text(),
        data=fields.take().octets(),
        width=fields.take().integer(),
        height=fields.take().integer(),
    )
    fields.end()
    return picture


def _seal_info(design: SealDesign, signer_certificates: Sequence[bytes]) -> bytes:
    picture = design.picture
    return der.sequence(
        der.sequence(der.ia5("ES"), der.integer(VERSION), der.ia5(design.vendor)),
        der.ia5(design.seal_id),
        der.sequence(
            der.integer(design.kind),
            der.utf8(design.name),
            der.integer(_CERTIFICATES),
            der.sequence(*map(der.octet_string, signer_certificates)),
            der.generalized_time(design.created_at),
            der.generalized_time(design.valid_from),
            der.generalized_time(design.valid_to),
        ),
        der.sequence(
            der.ia5(picture.format), der.octet_string(picture.data), der.integer(picture.width), der.integer(picture.height)
        ),
    )
