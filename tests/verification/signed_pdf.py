"""A fictional authority that signs licences as PDF, for tests only: SM2, ES256 and RSA. Every key is drawn afresh."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter, PageObject, PdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from liangzheng.crypto import der
from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.digests import SM3_OID, sha256, sm3
from liangzheng.crypto.keys import SigningKey
from liangzheng.crypto.p256 import ECDSA_WITH_SHA256_OID, P256PrivateKey
from liangzheng.crypto.revocation import Revocation, issue_crl, read_crl
from liangzheng.crypto.rsa import RSAPublicKey
from liangzheng.crypto.sm2 import SM2_WITH_SM3_OID, SM2PrivateKey
from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.pdf.licence_data import ATTACHMENT
from liangzheng.formats.status_list import Publication, Status, encode_status_list
from liangzheng.formats.timestamp import issue_timestamp
from liangzheng.verification.signer_checks import TrustMaterial
from tests.formats.seal_writers import attribute, attributes
from tests.verification.sealed_licence import ISSUER_CODE, LONG, METADATA, NOW, SEALED_AT, STATUS_INDEX, STATUS_URI, Period

SIGNED, DATA = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
RSA_WITH_SHA256 = "1.2.840.113549.1.1.11"
KINDS = ("SM2", "ES256", "RSA")


@dataclass(frozen=True, slots=True)
class Signing:
    """A key that signs for a certificate: which digest, under which algorithm, and who made the certificate."""

    certificate: Certificate
    sign: Callable[[bytes], bytes]
    digest: Callable[[bytes], bytes]
    digest_oid: str
    algorithm: bytes

    def cms(self, content: bytes, at: datetime | None, unsigned: Callable[[bytes], bytes] = lambda _: b"") -> bytes:
        """SignedData over a content that lies elsewhere (RFC 5652). `unsigned` gets the signature value."""
        to_sign = der.set_of(*attributes(self.digest(content), at, kind=DATA))
        signature = self.sign(to_sign)
        signer = der.sequence(
            der.integer(1),
            der.sequence(self.certificate.issuer.der, der.integer(self.certificate.serial)),
            der.sequence(der.oid(self.digest_oid), der.null()),
            der.element(der.context(0), der.read(to_sign).content),
            self.algorithm,
            der.octet_string(signature),
            unsigned(signature),
        )
        inside = der.sequence(
            der.integer(1),
            der.set_of(der.sequence(der.oid(self.digest_oid), der.null())),
            der.sequence(der.oid(DATA)),
            der.element(der.context(0), self.certificate.der),
            der.element(der.SET, signer),
        )
        return der.sequence(der.oid(SIGNED), der.explicit(0, inside))


@dataclass(frozen=True, slots=True)
class PdfAuthority:
    """A root, a signing certificate under it, and whoever publishes the status list for the same organisation."""

    kind: str
    root: Certificate
    root_key: SigningKey
    signing: Signing

    def neighbour(self, organisation_code: str, validity: Period = LONG) -> Signing:
        """Another certificate under the same root."""
        return _signing(self.kind, self.root, self.root_key, organisation_code, validity)

    def trust(self, status: Status = Status.VALID, *revoked: Revocation) -> TrustMaterial:
        key: SM2PrivateKey | P256PrivateKey = SM2PrivateKey.generate() if self.kind == "SM2" else P256PrivateKey.generate()
        subject = Subject("烟台市交通运输局（演示）状态服务", organisation="演示", organisation_code=ISSUER_CODE)
        certificate = issue_certificate(subject, key.public_key, issuer=self.root, issuer_key=self.root_key, validity=LONG)
        publication = Publication(uri=STATUS_URI, issued_at=NOW, expires_at=NOW + timedelta(days=1))
        chain = [read_certificate(certificate)]
        token = encode_status_list({STATUS_INDEX: status}, size=16, publication=publication, key=key, chain=chain)
        week = {"this_update": NOW - timedelta(days=1), "next_update": NOW + timedelta(days=6)}
        crl = read_crl(issue_crl(self.root, self.root_key, revoked, **week, number=1))
        return TrustMaterial((self.root,), (crl,), (token,))


def stamp(authority: PdfAuthority, at: datetime) -> Callable[[bytes], bytes]:
    """A time stamp authority under the same root: gives the unsigned attributes that stamp a signature."""
    key = SM2PrivateKey.generate() if authority.kind == "SM2" else P256PrivateKey.generate()
    subject = Subject("演示时间戳服务", organisation="演示时间戳服务")
    issued = issue_certificate(
        subject,
        key.public_key,
        issuer=authority.root,
        issuer_key=authority.root_key,
        validity=LONG,
        purposes=(TIME_STAMPING,),
    )
    certificate = read_certificate(issued)

    def unsigned(signature: bytes) -> bytes:
        token = issue_timestamp(signature, key, certificate, at, serial=7, policy="1.2.3.4")
        return der.element(der.context(1), attribute("16.2.14", token))

    return unsigned


def found_pdf_authority(kind: str = "SM2", validity: Period = LONG) -> PdfAuthority:
    """Found an authority of one of `KINDS`; an RSA certificate is issued by a P-256 root."""
    root_key: SM2PrivateKey | P256PrivateKey = SM2PrivateKey.generate() if kind == "SM2" else P256PrivateKey.generate()
    name = Subject("演示根证书", organisation="演示根证书")
    issued = issue_certificate(name, root_key.public_key, issuer=None, issuer_key=root_key, validity=LONG, path_length=0)
    root = read_certificate(issued)
    return PdfAuthority(kind, root, root_key, _signing(kind, root, root_key, ISSUER_CODE, validity))


def _signing(kind: str, root: Certificate, root_key: SigningKey, organisation_code: str, validity: Period) -> Signing:
    subject = Subject("烟台市交通运输局（演示）", organisation="烟台市交通运输局（演示）", organisation_code=organisation_code)

    def certified(key: SM2PrivateKey | P256PrivateKey | None, spki: bytes = b"") -> Certificate:
        public = key.public_key if key else RSAPublicKey.from_spki(spki)
        return read_certificate(issue_certificate(subject, public, issuer=root, issuer_key=root_key, validity=validity))

    if kind == "SM2":
        key = SM2PrivateKey.generate()
        return Signing(certified(key), key.sign, sm3, SM3_OID, der.sequence(der.oid(SM2_WITH_SM3_OID)))
    if kind == "ES256":
        p256 = P256PrivateKey.generate()
        return Signing(certified(p256), p256.sign, sha256, SHA256_OID, der.sequence(der.oid(ECDSA_WITH_SHA256_OID)))
    old = rsa.generate_private_key(65537, 2048)
    spki = old.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    algorithm = der.sequence(der.oid(RSA_WITH_SHA256), der.null())
    return Signing(
        certified(None, spki), lambda data: old.sign(data, padding.PKCS1v15(), hashes.SHA256()), sha256, SHA256_OID, algorithm
    )


def face(metadata: LicenceMetadata | None = METADATA, source: str = "attachment", *, is_stream: bool = False) -> bytes:
    """An unsigned one-page licence. `source`: attachment, xmp, info. `is_stream`: with object and cross-reference streams."""
    writer = PdfFileWriter(stream_xrefs=is_stream)
    writer._update_meta = lambda: None  # type: ignore[method-assign]  # it would write an XMP packet of its own
    text = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 150 Td (DEMO LICENCE) Tj ET")
    writer.insert_page(PageObject(contents=writer.add_object(text), media_box=(0, 0, 200, 200)))
    if metadata:
        describe(writer, dict(metadata.custom_data()), source)
    return written(writer)


def describe(writer: BasePdfFileWriter, items: Mapping[str, str], source: str) -> None:
    """Write the items of a licence where `source` says."""
    if source == "attachment":
        content = json.dumps(items, ensure_ascii=False).encode()
        stored = EmbeddedFileObject.from_file_data(writer, content, compress=False, mime_type="application/json")
        embed_file(writer, FileSpec(file_spec_string=ATTACHMENT, embedded_data=stored))
    elif source == "xmp":
        stream = generic.StreamObject(
            {pdf_name("/Type"): pdf_name("/Metadata"), pdf_name("/Subtype"): pdf_name("/XML")}, stream_data=xmp(items)
        )
        writer.root[pdf_name("/Metadata")] = writer.add_object(stream)
        writer.update_root()
    else:
        info = generic.DictionaryObject({pdf_name(f"/{name}"): pdf_string(value) for name, value in items.items()})
        writer.set_info(info)


def xmp(items: Mapping[str, str]) -> bytes:
    """An XMP packet with the items as simple properties."""
    properties = "".join(f"<lz:{name}>{value}</lz:{name}>" for name, value in items.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:lz="urn:liangzheng:licence">{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def written(writer: BasePdfFileWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def updated(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer._update_meta = lambda: None  # type: ignore[method-assign]
    change(writer)
    return written(writer)


@dataclass(frozen=True, slots=True)
class Field:
    """How a signature is placed. `at` None: no attribute for the time; `claimed_at` stands in /M."""

    name: str = "Seal1"
    at: datetime | None = SEALED_AT
    claimed_at: datetime | None = SEALED_AT
    box: tuple[int, int, int, int] | None = None
    permission: MDPPerm | None = None
    sub_filter: SigSeedSubFilter = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    type_name: str = "/Sig"


def sign(
    data: bytes,
    signing: Signing,
    field: Field = Field(),
    cms: Callable[[bytes], bytes] | None = None,
    change: Callable[[IncrementalPdfFileWriter], None] = lambda _: None,
) -> bytes:
    """Sign the file in one more revision. `cms` replaces the value; `change` changes more in the same revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer._update_meta = lambda: None  # type: ignore[method-assign]
    change(writer)
    steps = PdfCMSEmbedder(SigFieldSpec(field.name, box=field.box)).write_cms(field.name, writer)
    next(steps)
    value = PdfSignedData(pdf_name(field.type_name), field.sub_filter, field.claimed_at, bytes_reserved=8192)
    mdp = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=field.permission) if field.permission else None
    steps.send(SigObjSetup(sig_placeholder=value, mdp_setup=mdp))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    everything = output.getvalue()
    content = everything[: prepared.reserved_region_start] + everything[prepared.reserved_region_end :]
    steps.send(cms(content) if cms else signing.cms(content, field.at))
    signed: bytes = output.getvalue()
    return signed


def licence(authority: PdfAuthority, metadata: LicenceMetadata = METADATA, source: str = "attachment") -> bytes:
    """A licence as its authority issues it."""
    return sign(face(metadata, source), authority.signing)


def second(name: str = "Seal2") -> Field:
    return replace(Field(), name=name, at=SEALED_AT + timedelta(days=1), claimed_at=SEALED_AT + timedelta(days=1))
