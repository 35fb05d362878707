"""Seals an OFD (GB/T 33190-2016, 18; GB/T 38540-2020): signature list, signature description, seal and signed value."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from lxml import etree

from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.face import SEAL_BOX
from liangzheng.formats.ofd.markup import NAMESPACE, child, children, parse, text
from liangzheng.formats.ofd.package import ENTRY, OfdPackage, read_ofd, resolve
from liangzheng.formats.seals.seal import SM2_WITH_SM3, ESeal
from liangzheng.formats.seals.signature import sign_with_seal

_INDEX = "Doc_0/Signs/Signatures.xml"
_MOST_SEALS = 50  # as many as are read
_NUMBER = re.compile(r"\d{1,6}$", re.ASCII)
_SM3 = "1.2.156.10197.1.401"
_CHINA = timezone(timedelta(hours=8))


def seal_ofd(
    data: bytes,
    seal: ESeal,
    key: SM2PrivateKey,
    at: datetime,
    *,
    boundary: tuple[float, float, float, float] = SEAL_BOX,
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Put the seal on the first page and sign every file of the package. `boundary` is x, y, width, height in mm.

    A file that is sealed already gets one seal more, which protects the earlier ones, too. `stamp` gets the value of the
    signature and gives a time-stamp token over it (RFC 3161), which then proves when it was sealed.

    The key belongs to one of the certificates in the seal's list. Raises OfdError when the OFD cannot be read, ValueError when
    the key belongs to none of the seal's certificates.
    """
    package = read_ofd(data)
    certificate = _certificate_of(seal, key)
    place = _place(package)
    files = {**package.files, ENTRY: _entry(package, place), place.index: _index_xml(package, place), place.seal: seal.encoded}
    description = _description_xml(files, place, _first_page(package), at, boundary)
    value = sign_with_seal(
        seal, certificate, key, at=at, data_hash=sm3(description), property_info=f"/{place.description}", stamp=stamp
    )
    return pack({**files, place.description: description, place.value: value})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one more signature goes: the list of signatures, a folder of its own, and the last number given to an ID."""

    index: str
    folder: str
    last_id: int

    @property
    def description(self) -> str:
        return f"{self.folder}/Signature.xml"

    @property
    def value(self) -> str:
        return f"{self.folder}/SignedValue.dat"

    @property
    def seal(self) -> str:
        return f"{self.folder}/Seal.esl"


def _place(package: OfdPackage) -> _Place:
    named = child(_body(package), "signatures", ENTRY)
    index = _INDEX if named is None else resolve("", text(named))
    if not index:
        raise OfdError("signature_list_missing", ENTRY)
    taken = {path.rpartition("/")[0] for path in package.files}
    folders = (f"Doc_0/Signs/Sign_{number}" for number in range(_MOST_SEALS))
    folder = next((folder for folder in folders if folder not in taken), None)
    if folder is None:
        raise OfdError("too_many_signatures", str(_MOST_SEALS))
    root = parse(package.files[index], index) if index in package.files else None
    names = [] if root is None else [text(child(root, "maxsignid", index)), *(item.id for item in package.signatures)]
    return _Place(index, folder, max((int(found[0]) for found in map(_NUMBER.search, names) if found), default=0))


def _body(package: OfdPackage) -> etree._Element:
    return next(children(parse(package.files[ENTRY], ENTRY), "docbody"))


def _certificate_of(seal: ESeal, key: SM2PrivateKey) -> bytes:
    for certificate in seal.certificates:
        if read_certificate(certificate).public_key == key.public_key:
            return certificate
    raise ValueError("the key belongs to none of the seal's certificates")


def _first_page(package: OfdPackage) -> str:
    """Give the ID of the first page of the first document."""
    path = package.document_roots[0]
    if path not in package.files:
        raise OfdError("document_missing", path)
    pages = child(parse(package.files[path], path), "pages", path)
    first = None if pages is None else next(children(pages, "page"), None)
    if first is None:
        raise OfdError("no_page", path)
    return str(first.get("ID", ""))


def _entry(package: OfdPackage, place: _Place) -> bytes:
    """Write OFD.xml with the list of signatures named; untouched where it is, for an earlier seal protects it."""
    body = _body(package)
    if child(body, "signatures", ENTRY) is not None:
        return package.files[ENTRY]
    root = body.getroottree().getroot()
    etree.SubElement(body, etree.QName(root.nsmap.get(root.prefix), "Signatures")).text = place.index
    return _written(root)


def _index_xml(package: OfdPackage, place: _Place) -> bytes:
    own = {"ID": f"s{place.last_id + 1:03}", "Type": "Seal", "BaseLoc": f"/{place.description}"}
    if place.index not in package.files:
        root = etree.Element(f"{{{NAMESPACE}}}Signatures", nsmap={"ofd": NAMESPACE})
        _add(root, "MaxSignId")
    else:
        root = parse(package.files[place.index], place.index)
    last = child(root, "maxsignid", place.index)
    if last is not None:
        last.text = f"s{place.last_id + 2:03}"
    etree.SubElement(root, etree.QName(root.nsmap.get(root.prefix), "Signature"), own)
    return _written(root)


def _description_xml(
    files: Mapping[str, bytes], place: _Place, page: str, at: datetime, boundary: tuple[float, float, float, float]
) -> bytes:
    """Write Signature.xml; it refers to every file but itself and the signed value, the list of signatures included."""
    root = etree.Element(f"{{{NAMESPACE}}}Signature", nsmap={"ofd": NAMESPACE})
    info = _add(root, "SignedInfo")
    _add(info, "Provider", ProviderName="liangzheng", Company="liangzheng", Version="1.0")
    _add(info, "SignatureMethod", SM2_WITH_SM3)
    _add(info, "SignatureDateTime", at.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S"))
    references = _add(info, "References", CheckMethod=_SM3)
    for path, content in files.items():
        entry = _add(references, "Reference", FileRef=f"/{path}")
        _add(entry, "CheckValue", base64.b64encode(sm3(content)).decode("ascii"))
    _add(info, "StampAnnot", ID=f"s{place.last_id + 2:03}", PageRef=page, Boundary=" ".join(f"{value:g}" for value in boundary))
    _add(_add(info, "Seal"), "BaseLoc", f"/{place.seal}")
    _add(root, "SignedValue", f"/{place.value}")
    return _written(root)


def _add(parent: etree._Element, name: str, content: str | None = None, /, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    element.text = content
    return element


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
