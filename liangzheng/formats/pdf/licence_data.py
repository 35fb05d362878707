"""How a licence describes itself inside a PDF. No standard says how; the names are those of CustomDatas (GB/T 36903-2018).

Read are, in this order: an attached file `licence.json` (one flat object: name to text, or to a list of texts for several
holders), properties in the XMP packet of the document whose local name is one of these names (simple text, rdf:Bag, rdf:Seq), and
own entries of the information dictionary (`/ZZBS (…)`). The first that describes a licence counts; the others may not contradict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from liangzheng.formats.ofd.markup import parse
from liangzheng.formats.ofd.metadata import LicenceMetadata, read_metadata
from liangzheng.formats.pdf.bounded import BoundedReader, entries, entry
from liangzheng.formats.pdf.errors import PdfError
from liangzheng.formats.strict_json import BadJson, read_object
from liangzheng.formats.unreadable import UnreadableFile

ATTACHMENT = "licence.json"
LARGEST = 256 * 1024  # bytes of one source, inflated
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_MOST_NODES = 2_000  # of the name tree of attachments
_MOST_LEVELS = 8
_FOREIGN = frozenset({"CREATOR", "PRODUCER", "TITLE", "AUTHOR", "SUBJECT", "KEYWORDS", "CREATIONDATE", "MODDATE", "TRAPPED"})
Items = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LicenceData:
    """`source`: attachment, xmp, info, or empty when nothing describes a licence."""

    metadata: LicenceMetadata | None
    source: str


def read_licence_data(reader: BoundedReader) -> LicenceData:
    """Read it from one revision. Raises PdfError: `ambiguous_metadata` when two sources or entries differ, `bad_metadata`."""
    found: list[tuple[str, LicenceMetadata]] = []
    for source, items in (("attachment", _attached(reader)), ("xmp", _xmp(reader)), ("info", _info(reader))):
        try:
            metadata = read_metadata(items)
        except UnreadableFile as error:
            raise PdfError(error.reason, error.detail) from error
        if metadata:
            found.append((source, metadata))
    if not found:
        return LicenceData(None, "")
    source, metadata = found[0]
    for other, described in found[1:]:
        if differing := _contradiction(metadata, described):
            raise PdfError("ambiguous_metadata", f"{source} {other} {differing}")
    return LicenceData(metadata, source)


def _contradiction(one: LicenceMetadata, other: LicenceMetadata) -> str:
    """Name an item that both give, differently."""
    items = dict(one.custom_data())
    return next((name for name, value in other.custom_data() if items.get(name, value) != value), "")


def _info(reader: BoundedReader) -> Items:
    described = entry(reader.trailer_view, "/Info") or {}
    texts = ((str(key)[1:], entry(described, key)) for key in described)
    return tuple((name, str(text)) for name, text in texts if isinstance(text, str) and name.upper() not in _FOREIGN)


def _xmp(reader: BoundedReader) -> Items:
    stream = entry(reader.root, "/Metadata")
    if not isinstance(stream, generic.StreamObject):
        return ()
    try:
        root = parse(_content(stream, DecodePurpose.XMP_METADATA), "xmp")
    except UnreadableFile as error:
        raise PdfError("bad_metadata", "xmp") from error
    return tuple(item for described in root.iter(f"{_RDF}Description") for item in _properties(described))


def _properties(described: etree._Element) -> Iterator[tuple[str, str]]:
    """Give the properties of one rdf:Description: attributes, and elements with text or with a bag or sequence of texts."""
    for name, value in described.attrib.items():
        yield etree.QName(name).localname, str(value)
    for element in described:
        name = etree.QName(element).localname
        listed = [item.text or "" for item in element.iter(f"{_RDF}li")]
        yield from ((name, text) for text in listed or [element.text or ""])


def _attached(reader: BoundedReader) -> Items:
    names = entry(reader.root, "/Names")
    tree = entry(names, "/EmbeddedFiles") if names else None
    found = [value for name, value in _name_tree(tree) if name == ATTACHMENT]
    if not found:
        return ()
    if len(found) > 1:
        raise PdfError("ambiguous_metadata", ATTACHMENT)
    stream = entry(entry(found[0], "/EF"), "/F")
    try:
        values = read_object(_content(stream, DecodePurpose.GENERIC))
    except BadJson as error:
        raise PdfError("bad_metadata", ATTACHMENT) from error
    return tuple(item for name, value in values.items() for item in _texts(name, value))


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            raise PdfError("bad_metadata", f"{ATTACHMENT} {name}")
        yield name, text


def _name_tree(root: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any PDF value
    """Walk a name tree (ISO 32000-1, 7.9.6): its names and what they stand for."""
    waiting, seen = [(root, 0)] if root else [], 0
    while waiting:
        node, level = waiting.pop()
        seen += 1
        if seen > _MOST_NODES or level > _MOST_LEVELS:
            raise PdfError("too_complex", "/EmbeddedFiles")
        waiting += [(kid, level + 1) for kid in entries(node, "/Kids")]
        pairs = entries(node, "/Names")
        yield from zip(map(str, pairs[::2]), pairs[1::2], strict=True)


def _content(stream: Any, purpose: DecodePurpose) -> bytes:  # noqa: ANN401 - any PDF value
    content: bytes = stream.read_data(purpose)
    if len(content) > LARGEST:
        raise PdfError("bad_metadata", "too_large")
    return content
