"""Seals an OFD (GB/T 33190-2016, 18; GB/T 38540-2020): signature list, signature description, seal and signed value."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from lxml import etree

from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.face import SEAL_BOX
from liangzheng.formats.ofd.markup import NAMESPACE, child, children, parse
from liangzheng.formats.ofd.package import ENTRY, OfdPackage, read_ofd
from liangzheng.formats.seals.seal import SM2_WITH_SM3, ESeal
from liangzheng.formats.seals.signature import sign_with_seal

_INDEX = "Doc_0/Signs/Signatures.xml"
_FOLDER = "Doc_0/Signs/Sign_0"
_DESCRIPTION = f"{_FOLDER}/Signature.xml"
_VALUE = f"{_FOLDER}/SignedValue.dat"
_SEAL = f"{_FOLDER}/Seal.esl"
_SM3 = "1.2.156.10197.1.401"
_CHINA = timezone(timedelta(hours=8))


def seal_ofd(
    data: bytes,
    seal: ESeal,
    key: SM2PrivateKey,
    at: datetime,
    *,
    boundary: tuple[float, float, float, float] = SEAL_BOX,
) -> bytes:
    """Put the seal on the first page and sign every file of the package. `boundary` is x, y, width, height in mm.

    The key belongs to one of the certificates in the seal's list. Raises OfdError when the OFD cannot be read or is sealed
    already, ValueError when the key belongs to none of the seal's certificates.
    """
    package = read_ofd(data)
    certificate = _certificate_of(seal, key)
    files = {
        **package.files,
        ENTRY: _entry_with_signatures(package),
        _INDEX: _index_xml(),
        _SEAL: seal.encoded,
    }
    description = _description_xml(files, _first_page(package), at, boundary)
    value = sign_with_seal(seal, certificate, key, at=at, data_hash=sm3(description), property_info=f"/{_DESCRIPTION}")
    return pack({**files, _DESCRIPTION: description, _VALUE: value})


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


def _entry_with_signatures(package: OfdPackage) -> bytes:
    root = parse(package.files[ENTRY], ENTRY)
    body = next(children(root, "docbody"))
    if package.signatures or child(body, "signatures", ENTRY) is not None:
        raise OfdError("already_sealed", ENTRY)
    etree.SubElement(body, etree.QName(root.nsmap.get(root.prefix), "Signatures")).text = _INDEX
    return _written(root)


def _index_xml() -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}Signatures", nsmap={"ofd": NAMESPACE})
    _add(root, "MaxSignId", "s002")
    _add(root, "Signature", ID="s001", Type="Seal", BaseLoc=f"/{_DESCRIPTION}")
    return _written(root)


def _description_xml(files: Mapping[str, bytes], page: str, at: datetime, boundary: tuple[float, float, float, float]) -> bytes:
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
    _add(info, "StampAnnot", ID="s002", PageRef=page, Boundary=" ".join(f"{value:g}" for value in boundary))
    _add(_add(info, "Seal"), "BaseLoc", f"/{_SEAL}")
    _add(root, "SignedValue", f"/{_VALUE}")
    return _written(root)


def _add(parent: etree._Element, name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    element.text = text
    return element


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
