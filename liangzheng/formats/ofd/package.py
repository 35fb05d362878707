"""Reads an OFD (GB/T 33190-2016, 6 and 7): files, documents, signature lists. Everything read here is unverified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.archive import unpack
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.markup import child, children, local_name, parse, text

ENTRY = "OFD.xml"
_MAX_DOCUMENTS = 20
# Of all documents together: each signature costs up to forty verifications, each reference a digest to compare.
MAX_SIGNATURES = 50
_MAX_REFERENCES = 2_000  # of one signature: an archive has no more files
_MOST_REFERENCES = 20_000
_MAX_ITEMS, _LONGEST_ITEMS = 2_000, 1_000_000  # letters, of all together
_LONGEST_LOCATION = 2_048


@dataclass(frozen=True, slots=True)
class Reference:
    """One protected file: its path in the package and the digest as text (base64)."""

    path: str
    check_value: str


@dataclass(frozen=True, slots=True)
class OfdSignature:
    """One signature as its description (Signature.xml) tells it. `value_path` and `seal_path` are empty when not named."""

    id: str
    index_path: str
    path: str
    kind: str
    provider: str
    method: str
    date_time: str
    digest_method: str
    references: tuple[Reference, ...]
    value_path: str
    seal_path: str


@dataclass(frozen=True, slots=True)
class OfdPackage:
    """One OFD: `files` by path without leading slash; custom items and signatures of all its documents in order."""

    files: Mapping[str, bytes]
    document_roots: tuple[str, ...]
    titles: tuple[str, ...]
    custom_items: tuple[tuple[str, str], ...]
    signatures: tuple[OfdSignature, ...]
    _digests: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def digest(self, path: str) -> bytes:
        """Give the SM3 of a file, reckoned once: a thousand references may name the same forty megabytes."""
        if path not in self._digests:
            self._digests[path] = sm3(self.files[path])
        return self._digests[path]


def read_ofd(data: bytes) -> OfdPackage:
    """Read an OFD. Raises OfdError for what is no OFD or may not be read (see `archive` and `markup`)."""
    files = unpack(data)
    if ENTRY not in files:
        raise OfdError("no_ofd_xml")
    root = parse(files[ENTRY], ENTRY)
    if local_name(root) != "ofd":
        raise OfdError("no_ofd_xml", etree.QName(root).localname)
    bodies = list(children(root, "docbody"))
    if not 1 <= len(bodies) <= _MAX_DOCUMENTS:
        raise OfdError("bad_document_count", str(len(bodies)))
    signatures = _signatures(files, bodies)
    return OfdPackage(
        files=MappingProxyType(files),
        document_roots=tuple(resolve("", text(child(body, "docroot", ENTRY))) for body in bodies),
        titles=tuple(text(_info(body, "title")) for body in bodies),
        custom_items=tuple(item for body in bodies for item in _custom_items(body)),
        signatures=tuple(signatures),
    )


def resolve(folder: str, location: str) -> str:
    """Give the package path of an ST_Loc: from the root when it begins with a slash, else from `folder`.

    Raises OfdError `unsafe_path` for one that leaves the package.
    """
    if len(location) > _LONGEST_LOCATION:
        raise OfdError("unsafe_path", location[:80])
    location = location.replace("\\", "/")
    parts = [] if location.startswith("/") else [part for part in folder.split("/") if part]
    for part in location.split("/"):
        if part == "..":
            if not parts:
                raise OfdError("unsafe_path", location[:80])
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _info(body: etree._Element, name: str) -> etree._Element | None:
    info = child(body, "docinfo", ENTRY)
    return None if info is None else child(info, name, ENTRY)


def _custom_items(body: etree._Element) -> list[tuple[str, str]]:
    """Read the items of CustomDatas; one vendor writes `CuslomData`, some other spellings differ in case."""
    info = child(body, "docinfo", ENTRY)
    if info is None:
        return []
    groups = children(info, "customdatas", "cuslomdatas")
    items = [item for group in groups for item in children(group, "customdata", "cuslomdata")]
    if len(items) > _MAX_ITEMS:
        raise OfdError("too_many_items", str(len(items)))
    found = [(_attribute(item, "name"), text(item)) for item in items]
    if sum(len(name) + len(value) for name, value in found) > _LONGEST_ITEMS:
        raise OfdError("too_many_items", "letters")
    return found


def _attribute(element: etree._Element, name: str) -> str:
    """Give an attribute whatever the case of its name; empty when it is missing."""
    return next((str(value) for key, value in element.attrib.items() if str(key).lower() == name), "")


def _signatures(files: Mapping[str, bytes], bodies: Sequence[etree._Element]) -> list[OfdSignature]:
    found: list[OfdSignature] = []
    for index in filter(None, (resolve("", text(child(body, "signatures", ENTRY))) for body in bodies)):
        if index not in files:
            raise OfdError("signature_list_missing", index)
        entries = list(children(parse(files[index], index), "signature"))
        if len(found) + len(entries) > MAX_SIGNATURES:
            raise OfdError("too_many_signatures", str(len(found) + len(entries)))
        for entry in entries:
            found.append(_signature(files, index, entry))
            if sum(len(signature.references) for signature in found) > _MOST_REFERENCES:
                raise OfdError("too_many_references", index)
    return found


def _signature(files: Mapping[str, bytes], index: str, entry: etree._Element) -> OfdSignature:
    path = resolve(_folder(index), _attribute(entry, "baseloc"))
    if path not in files:
        raise OfdError("signature_missing", path)
    root = parse(files[path], path)
    info = child(root, "signedinfo", path)
    if info is None:
        raise OfdError("bad_signature_description", path)
    provider, seal = child(info, "provider", path), child(info, "seal", path)
    references = child(info, "references", path)
    return OfdSignature(
        id=_attribute(entry, "id"),
        index_path=index,
        path=path,
        kind=_attribute(entry, "type"),
        provider="" if provider is None else _attribute(provider, "providername"),
        method=text(child(info, "signaturemethod", path)),
        date_time=text(child(info, "signaturedatetime", path)),
        digest_method="" if references is None else _attribute(references, "checkmethod"),
        references=() if references is None else _references(references, path),
        value_path=_location(child(root, "signedvalue", path), path),
        seal_path="" if seal is None else _location(child(seal, "baseloc", path), path),
    )


def _references(references: etree._Element, path: str) -> tuple[Reference, ...]:
    items = list(children(references, "reference"))
    if len(items) > _MAX_REFERENCES:
        raise OfdError("too_many_references", path)
    return tuple(
        Reference(resolve(_folder(path), _attribute(item, "fileref")), text(child(item, "checkvalue", path))) for item in items
    )


def _location(element: etree._Element | None, path: str) -> str:
    location = text(element)
    return resolve(_folder(path), location) if location else ""


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
