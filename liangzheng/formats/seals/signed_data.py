"""数字签名 without a seal: SignedData (GB/T 35275-2017, 8; RFC 5652, 5). Read, never written, never checked here.

Not read: lists of revoked certificates inside, unsigned attributes but for a time stamp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.digests import SHA256_OID, SHA384_OID, SHA512_OID, SM3_OID
from liangzheng.crypto.names import Name, read_name
from liangzheng.crypto.p256 import ECDSA_WITH_SHA256_OID
from liangzheng.crypto.rsa import RSA_OID, RSA_SIGNATURES
from liangzheng.crypto.sm2 import SM2_WITH_SM3_OID
from liangzheng.formats.seals.seal import SM2_OIDS

# The same thing has one name in GB/T 35275 and one in RFC 5652; real files mix them.
_SIGNED_DATA = frozenset({"1.2.156.10197.6.1.4.2.2", "1.2.840.113549.1.7.2"})
DATA = frozenset({"1.2.156.10197.6.1.4.2.1", "1.2.840.113549.1.7.1"})
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))
_BY_ISSUER, _BY_KEY_ID = 1, 3
_OTHER_CONTENT = 3  # version of SignedData over anything but data (RFC 5652, 5.1); GB/T 35275 knows version 1 alone
_MOST_CERTIFICATES = 16  # real ones carry one to four; each costs a few signatures
_LARGEST = 64 * 1024  # bytes; real ones have one to ten thousand
_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
_RSA_DIGESTS = {"sha256": SHA256_OID, "sha384": SHA384_OID, "sha512": SHA512_OID}
_ALGORITHMS: Mapping[tuple[str, str], str] = {
    # In SignerInfo SM2 is also named as the curve's signature without its digest (GM/T 0006-2012, SM2-1).
    **{(oid, SM3_OID): SM2_WITH_SM3_OID for oid in (*SM2_OIDS, "1.2.156.10197.1.301.1")},
    (ECDSA_WITH_SHA256_OID, SHA256_OID): ECDSA_WITH_SHA256_OID,
    **{(oid, _RSA_DIGESTS[digest]): oid for oid, digest in RSA_SIGNATURES.items()},
    **{(RSA_OID, _RSA_DIGESTS[digest]): oid for oid, digest in RSA_SIGNATURES.items()},  # RFC 3370, 3.2
}


class UnsupportedSignature(ValueError):  # noqa: N818 - not a fault of the bytes
    """A signature of a kind that is not judged: too large, several signers, another content than plain data."""


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """What was signed instead of the content. `encodings`: the set as it stands, and sorted as DER wants; either is signed.

    `values` holds every attribute by its OID.
    """

    encodings: tuple[bytes, ...]
    message_digest: bytes
    signed_at: datetime | None
    values: Mapping[str, der.Node]


@dataclass(frozen=True, slots=True)
class SignedData:
    """A signature with the certificates that came along. `content` is None when what was signed lies elsewhere.

    The signer is named by `issuer` and `serial`, or by `key_id`. `timestamp` is a token over `signature` (RFC 3161, appendix A).
    """

    content: bytes | None
    certificates: tuple[bytes, ...]
    issuer: Name | None
    serial: int
    key_id: bytes
    digest_oid: str
    attributes: SignedAttributes | None
    signature_oid: str
    signature: bytes
    timestamp: bytes | None

    @property
    def algorithm(self) -> str:
        """The algorithm as certificates name it (OID), from the two names that CMS gives; empty when they do not fit together."""
        return _ALGORITHMS.get((self.signature_oid, self.digest_oid), "")

    def names(self, certificate: Certificate) -> bool:
        """Say whether this certificate is the one that the signer is named by."""
        if self.issuer is None:
            return bool(self.key_id) and certificate.key_id == self.key_id
        return certificate.serial == self.serial and certificate.issuer.matches(self.issuer)


def read_signed_data(data: bytes, kinds: frozenset[str] = DATA) -> SignedData:
    """Read SignedData over content of these kinds (OIDs), in ContentInfo or (one widespread program) without it.

    Raises DerError, UnsupportedSignature.
    """
    if len(data) > _LARGEST:
        raise UnsupportedSignature("too_large")
    members = der.read(data).expect(der.SEQUENCE).children()
    if members and members[0].tag == der.OID:
        outer = der.Fields(members)
        if outer.take().oid() not in _SIGNED_DATA:
            raise der.DerError("not SignedData")
        members = outer.take(der.context(0)).only_child().expect(der.SEQUENCE).children()
        outer.end()
    fields = der.Fields(members)
    version = fields.take(der.INTEGER).integer()
    digests = [_algorithm(node) for node in fields.take(der.SET).children()]
    content = _content(fields.take(der.SEQUENCE), kinds)
    certificates = fields.take_if(der.context(0))
    fields.take_if(der.context(1))
    signers = fields.take(der.SET).children()
    fields.end()
    if len(signers) != 1:
        raise UnsupportedSignature("several_signers" if signers else "no_signer")
    found = _signer(signers[0], content, certificates, kinds)
    if len(found.certificates) > _MOST_CERTIFICATES:
        raise UnsupportedSignature("too_many_certificates")
    if kinds is DATA or version not in {_BY_ISSUER, _OTHER_CONTENT}:
        _expect_version(version, found)
    if found.digest_oid not in digests:
        raise der.DerError("the signer's digest is not announced")
    return found


def _content(node: der.Node, kinds: frozenset[str]) -> bytes | None:
    fields = node.fields()
    kind, wrapped = fields.take().oid(), fields.take_if(der.context(0))
    fields.end()
    if kind not in kinds:
        raise UnsupportedSignature(kind)
    return wrapped.only_child().octets() if wrapped else None


def _signer(node: der.Node, content: bytes | None, certificates: der.Node | None, kinds: frozenset[str]) -> SignedData:
    fields = node.fields()
    version = fields.take(der.INTEGER).integer()
    issuer, serial, key_id = _signer_id(fields.take())
    digest_oid = _algorithm(fields.take(der.SEQUENCE))
    attributes = fields.take_if(der.context(0))
    signature_oid = _algorithm(fields.take(der.SEQUENCE))
    signature = fields.take().octets()
    unsigned = fields.take_if(der.context(1))
    fields.end()
    found = SignedData(
        content=content,
        certificates=tuple(item.encoded for item in certificates.children() if item.tag == der.SEQUENCE) if certificates else (),
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        digest_oid=digest_oid,
        attributes=_attributes(attributes, kinds) if attributes else None,
        signature_oid=signature_oid,
        signature=signature,
        timestamp=_timestamp(unsigned) if unsigned else None,
    )
    _expect_version(version, found)
    return found


def _expect_version(version: int, found: SignedData) -> None:
    """Both versions are 1, or 3 when the signer is named by key id (RFC 5652, 5.1 and 5.3)."""
    if version != (_BY_ISSUER if found.issuer else _BY_KEY_ID):
        raise UnsupportedSignature(f"version {version}")


def _algorithm(node: der.Node) -> str:
    """Read an AlgorithmIdentifier without parameters: nothing that is signed says what those are."""
    fields = node.fields()
    oid = fields.take().oid()
    if der.sequence(der.oid(oid), der.null()) != node.encoded and der.sequence(der.oid(oid)) != node.encoded:
        raise UnsupportedSignature("algorithm_parameters")
    return oid


def _signer_id(node: der.Node) -> tuple[Name | None, int, bytes]:
    if node.tag == der.context(0, constructed=False):
        return None, 0, node.content
    fields = node.fields()
    issuer, serial = read_name(fields.take()), fields.take(der.INTEGER).integer()
    fields.end()
    return issuer, serial, b""


def _timestamp(node: der.Node) -> bytes | None:
    """Read signatureTimeStampToken among the unsigned attributes; the others may hold anything."""
    found = [item for item in node.children() if item.fields().take().oid() == _TIMESTAMP]
    if not found:
        return None
    if len(found) > 1:
        raise UnsupportedSignature("several_timestamps")
    fields = found[0].fields()
    fields.take()
    values = fields.take(der.SET).children()
    fields.end()
    if len(values) != 1:
        raise UnsupportedSignature("several_timestamps")
    return values[0].encoded


def _attributes(node: der.Node, kinds: frozenset[str]) -> SignedAttributes:
    """Read signedAttrs; contentType and messageDigest have to be there (RFC 5652, 5.3)."""
    values = _values(node)
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= values.keys():
        raise der.DerError("contentType or messageDigest is missing")
    if (kind := values[_CONTENT_TYPE].oid()) not in kinds:
        raise UnsupportedSignature(kind)
    return SignedAttributes(
        encodings=(der.element(der.SET, node.content), der.set_of(*(item.encoded for item in node.children()))),
        message_digest=values[_MESSAGE_DIGEST].octets(),
        signed_at=values[_SIGNING_TIME].time() if _SIGNING_TIME in values else None,
        values=values,
    )


def _values(node: der.Node) -> dict[str, der.Node]:
    """Read attributes of one value each; the same one twice is refused."""
    found: dict[str, der.Node] = {}
    for item in node.children():
        fields = item.fields()
        oid, value = fields.take().oid(), fields.take(der.SET).only_child()
        fields.end()
        if oid in found:
            raise der.DerError(f"attribute {oid} twice")
        found[oid] = value
    return found
