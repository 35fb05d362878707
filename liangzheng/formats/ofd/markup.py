"""The XML of an OFD, parsed without DTD, entities, network or huge trees, and only when its marks are few enough.

Both namespaces in use count as one: `http://www.ofdspec.org/2016` and `http://www.ofdspec.org` stand side by side in one package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from liangzheng.formats.ofd.errors import OfdError

NAMESPACE = "http://www.ofdspec.org/2016"
NAMESPACES = frozenset({NAMESPACE, "http://www.ofdspec.org"})
MAX_MARKS = 500_000
"""Of one file; a tree takes up to two hundred and fifty bytes for each. A page of 20,000 objects has half as many."""

# In these a `<` is always the byte 3C; UTF-7 and others could hide it.
_ENCODINGS = frozenset({b"utf-8", b"us-ascii", b"gb18030", b"gbk", b"gb2312", b"utf-16"})
_DECLARED = re.compile(rb"""encoding\s*=\s*["']([^"'>]*)""")


def marks(data: bytes) -> int:
    """Count what can begin an element, an attribute or the end of one: what a tree costs before it is built."""
    return data.count(b"<") + data.count(b"=")


def parse(data: bytes, place: str) -> etree._Element:
    """Parse one XML file. Raises OfdError `bad_xml`, `doctype`, `xml_encoding`, `too_many_elements`; `place` is its path."""
    declared = _DECLARED.search(data, 0, data.find(b"?>") + 1)
    if declared and declared[1].lower() not in _ENCODINGS:
        raise OfdError("xml_encoding", place)
    if marks(data) > MAX_MARKS:
        raise OfdError("too_many_elements", place)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise OfdError("bad_xml", place) from error
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise OfdError("doctype", place)
    return root


def local_name(element: etree._Element) -> str:
    """Give the name without its namespace, in lower case; empty for an element of a foreign namespace."""
    return _local_name(str(element.tag))  # comments and instructions are left out by `parse`


@lru_cache(maxsize=1024)
def _local_name(tag: str) -> str:
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    return name.lower() if namespace in NAMESPACES else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give the direct children with one of these lower-case names."""
    return (child for child in element if local_name(child) in names)


def child(element: etree._Element, name: str, place: str) -> etree._Element | None:
    """Give the only direct child of this name. Raises OfdError `ambiguous_element` when there are two: readers could differ."""
    found = list(children(element, name))
    if len(found) > 1:
        raise OfdError("ambiguous_element", f"{place} {name}")
    return found[0] if found else None


def text(element: etree._Element | None) -> str:
    """Give the text inside, without surrounding white space; empty when there is no element."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()
