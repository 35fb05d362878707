"""电子印章 (GB/T 38540-2020, 6.1; GM/T 0031): made and read. Nothing in a seal that was read is checked yet."""

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

_CERTIFICATES, _DIGESTS = 1, 2  # certListType
_OLD_SEAL = 2  # members of a version 1 seal: info and signature


class UnsupportedSeal(ValueError):  # noqa: N818 - not a fault of the bytes: `raise UnsupportedSeal("SES_V1")`
    """A seal or signature of a kind that is named here but not read: SES version 1, CMS, a bare signature value."""


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

    `info` is what the maker (制章人) signed. `version` 5 has the same layout as 4. `critical` names the extensions
    that must be understood.
    """

    encoded: bytes
    info: bytes
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
    """Read a seal (Seal.esl). Raises DerError when it is none, UnsupportedSeal when it is of version 1."""
    root = der.read(data)
    members = root.expect(der.SEQUENCE).children()
    if len(members) == _OLD_SEAL and all(member.tag == der.SEQUENCE for member in members):
        raise UnsupportedSeal("SES_V1")
    outer = der.Fields(members)
    info = outer.take(der.SEQUENCE)
    maker_certificate = outer.take().octets()
    oid = outer.take().oid()
    signature = outer.take().bits()
    outer.take_if(der.context(0))  # version 5: a time stamp over the seal, not read
    outer.end()
    fields = info.fields()
    version, vendor = _header(fields.take())
    seal_id = fields.take(der.IA5_STRING).text()
    properties = _properties(fields.take())
    picture = _picture(fields.take())
    critical = read_extensions(fields)
    fields.end()
    return ESeal(
        encoded=data,
        info=info.encoded,
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
        maker_certificate=maker_certificate,
        maker_signature_oid=oid,
        maker_signature=signature,
    )


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
