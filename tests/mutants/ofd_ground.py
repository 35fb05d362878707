"""Licences as OFD in every generation of seals, in which each part can be another one: what the forgeries are made of."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.revocation import Revocation, RevocationReason
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.seals.seal import SealDesign
from liangzheng.formats.seals.signature import SealSignature
from liangzheng.formats.seals.signed_data import SignedData
from liangzheng.formats.seals.signed_value import read_signed_value
from liangzheng.formats.status_list import Publication, Status, encode_status_list
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.verification.judge import judge
from liangzheng.verification.signer_checks import TrustMaterial, certificate_of
from tests.formats.seal_writers import attributes, first_seal, first_signature, flat_seal, flat_signature, signed_data, utc_time
from tests.mutants.campaign import UNREADABLE, Answer, Parts, answer
from tests.verification.sealed_licence import LONG, METADATA, NOW, SEALED_AT, STATUS_URI, Authority, found_authority
from tests.verification.time_authority import TimeAuthority, found_time_authority

GENERATIONS = ("SES V1", "SES V4", "SES V5", "CMS, attributes", "CMS, digest")
INDEX, FOLDER = "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/Sign_0"
DESCRIPTION, VALUE, SEAL = (f"{FOLDER}/{name}" for name in ("Signature.xml", "SignedValue.dat", "Seal.esl"))
PAGE = "Doc_0/Pages/Page_0/Content.xml"
_CHINA = timezone(timedelta(hours=8))
Holder = tuple[Certificate, SM2PrivateKey]
REVOKED, COMPROMISED = 1001, 1002  # serial numbers
BAD_PLACES = {number: status for number, status in enumerate(Status, 7) if status not in {Status.VALID, Status.UNKNOWN}}
"""Places of the status list that are not valid; the licence's own is 5."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a seal: who puts which seal on which files, and when. Every part can be another one.

    `description`: changed before it is signed. `hashed`: what is signed as its digest. `shown`: the file beside the signature,
    where that is not the seal. `spoil_seal`: changes the finished seal. `stamp`: gives a token over the value.
    """

    generation: str
    files: Mapping[str, bytes]
    design: SealDesign
    listed: tuple[bytes, ...]
    maker: Holder
    signer: Holder
    at: datetime = SEALED_AT
    version: int | None = None
    description: Callable[[bytes], bytes] = bytes
    hashed: Callable[[bytes], bytes] = sm3
    shown: bytes | None = None
    spoil_seal: Callable[[bytes], bytes] = bytes
    stamp: Callable[[bytes], bytes] | None = None

    @property
    def is_ses(self) -> bool:
        return self.generation.startswith("SES")


def seal_of(use: Use) -> bytes:
    """Make the seal that the use names."""
    maker, key = use.maker
    if use.generation == "SES V1":
        return first_seal(use.design, list(use.listed), maker.der, key, version=use.version or 1)
    return flat_seal(use.design, list(use.listed), maker.der, key, version=use.version or int(use.generation[-1]))


def sealed(use: Use) -> bytes:
    """Seal the files: the OFD."""
    return pack(sealed_files(use))


def sealed_files(use: Use) -> dict[str, bytes]:
    files = dict(use.files)
    seal = use.spoil_seal(seal_of(use)) if use.is_ses else b""
    if use.is_ses:
        files[SEAL] = seal if use.shown is None else use.shown
    description = use.description(described(files, use))
    return {**files, DESCRIPTION: description, VALUE: value_of(use, seal, description)}


def described(files: Mapping[str, bytes], use: Use) -> bytes:
    """Write Signature.xml over all these files."""
    references = "".join(
        f'<Reference FileRef="/{path}"><CheckValue>{base64.b64encode(sm3(content)).decode()}</CheckValue></Reference>'
        for path, content in files.items()
    )
    moment = use.at.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")
    shown = f"<Seal><BaseLoc>/{SEAL}</BaseLoc></Seal>" if use.is_ses else ""
    return (
        f'<Signature xmlns="http://www.ofdspec.org/2016"><SignedInfo><Provider ProviderName="other"/>'
        f"<SignatureMethod>1.2.156.10197.1.501</SignatureMethod><SignatureDateTime>{moment}</SignatureDateTime>"
        f'<References CheckMethod="1.2.156.10197.1.401">{references}</References>{shown}</SignedInfo>'
        f"<SignedValue>/{VALUE}</SignedValue></Signature>"
    ).encode()


def value_of(use: Use, seal: bytes, description: bytes) -> bytes:
    """Sign the description as the generation does it."""
    (certificate, key), digest = use.signer, use.hashed(description)
    if use.generation == "SES V1":
        facts = {"at": utc_time(use.at), "data_hash": digest, "property_info": f"/{DESCRIPTION}"}
        return first_signature(seal, certificate.der, key, version=use.version or 1, **facts)  # type: ignore[arg-type]
    if use.is_ses:
        version = use.version or int(use.generation[-1])
        value = flat_signature(
            seal, certificate.der, key, at=use.at, data_hash=digest, property_info=f"/{DESCRIPTION}", version=version
        )
        return value if use.stamp is None else _stamped_seal(value, use.stamp)
    if use.generation == "CMS, digest":
        value = signed_data(certificate, key, content=digest, message=digest)
    else:
        value = signed_data(certificate, key, signed_attributes=attributes(digest, use.at))
    return value if use.stamp is None else stamped_cms(value, use.stamp)


def _stamped_seal(value: bytes, stamp: Callable[[bytes], bytes]) -> bytes:
    members = [node.encoded for node in der.read(value).children()]
    return der.sequence(*members, der.explicit(0, der.bit_string(stamp(der.read(members[3]).bits()))))


def stamped_cms(value: bytes, stamp: Callable[[bytes], bytes]) -> bytes:
    """Put a token over the signature among the unsigned attributes of SignedData."""
    inside = der.read(value).children()[1].only_child().children()
    (signer,) = inside[-1].children()
    token = stamp(signer.children()[-1].octets())
    attribute = der.sequence(der.oid("1.2.840.113549.1.9.16.2.14"), der.element(der.SET, token))
    members = [node.encoded for node in signer.children()]
    written = der.sequence(*members, der.element(der.context(1), attribute))
    body = der.sequence(*(node.encoded for node in inside[:-1]), der.element(der.SET, written))
    return der.sequence(der.read(value).children()[0].encoded, der.explicit(0, body))


@dataclass(frozen=True, slots=True)
class Ground:
    """The fictional authority, others under its root, and a stranger who copies its names under a root of his own."""

    authority: Authority
    trust: TrustMaterial
    base: Mapping[str, bytes]
    stranger: Authority
    stamps: TimeAuthority

    def use(self, generation: str, metadata: LicenceMetadata = METADATA) -> Use:
        """The licence as its authority seals it."""
        authority = self.authority
        files = self.base if metadata is METADATA else plain_files(authority, metadata)
        if not generation.startswith("SES"):
            files = {**files, INDEX: files[INDEX].replace(b'Type="Seal"', b'Type="Sign"')}
        maker = read_certificate(authority.seal.maker_certificate), authority.maker_key
        return Use(generation, files, authority.design, (authority.signer.der,), maker, (authority.signer, authority.signer_key))

    def judge(self, parts: Parts) -> Answer:
        return judged(parts[0], self.trust)

    def holder(self, *, code: str = METADATA.issuer_code, **facts: object) -> Holder:
        """A new key with a certificate of the authority's root, by default in the authority's name."""
        key, name = SM2PrivateKey.generate(), "烟台市交通运输局（演示）"
        subject = Subject(name, organisation=name, organisation_code=code)
        made = {"issuer": self.authority.root, "issuer_key": self.authority.root_key, "validity": LONG} | facts
        return read_certificate(issue_certificate(subject, key.public_key, **made)), key  # type: ignore[arg-type]


def judged(data: bytes, trust: TrustMaterial, at: datetime = NOW) -> Answer:
    """Judge a file as the product does whatever it is given."""
    try:
        return answer(judge(data, trust, at).verdict)
    except UnreadableFile:
        return UNREADABLE


def plain_files(authority: Authority, metadata: LicenceMetadata = METADATA) -> dict[str, bytes]:
    """The files of a licence with its list of signatures, without the signature's own."""
    files = dict(read_ofd(authority.licence(metadata)).files)
    return {path: content for path, content in files.items() if not path.startswith(FOLDER)}


@cache
def ground() -> Ground:
    """Found everybody, once for a process."""
    authority, stranger = found_authority(), found_authority()
    stamps = found_time_authority(authority.root, authority.root_key)
    before = Revocation(REVOKED, SEALED_AT - timedelta(days=2))
    later = Revocation(COMPROMISED, NOW - timedelta(hours=1), RevocationReason.KEY_COMPROMISE)
    publication = Publication(uri=STATUS_URI, issued_at=NOW, expires_at=NOW + timedelta(days=1))
    token = encode_status_list(BAD_PLACES, size=32, publication=publication, key=authority.signer_key, chain=[authority.signer])
    trust = replace(authority.trust(Status.VALID, before, later), status_tokens=(token,))
    return Ground(authority, trust, plain_files(authority), stranger, stamps)


def content(parts: Parts) -> object:
    """Give what an OFD says and who signed it: every file but the values of signatures, and of those what was signed by whom."""
    package = read_ofd(parts[0])
    values = {signature.value_path for signature in package.signatures}
    files = {path: data for path, data in package.files.items() if path not in values}
    return files, [_signed(package.files[signature.value_path]) for signature in package.signatures]


def _signed(data: bytes) -> object:
    value = read_signed_value(data)
    if isinstance(value, SealSignature):
        return value.certificate, value.to_sign
    if isinstance(value, SignedData):
        found = next(filter(value.names, filter(None, map(certificate_of, value.certificates))), None)
        return found and found.der, value.attributes and value.attributes.encodings[1], value.content
    return value


def edited(files: Mapping[str, bytes], path: str, pattern: bytes, text: bytes) -> dict[str, bytes]:
    """Replace what the pattern finds in one file, once."""
    changed, count = re.subn(pattern, lambda _: text, files[path], count=1)
    assert count == 1, (path, pattern)
    return {**files, path: changed}
