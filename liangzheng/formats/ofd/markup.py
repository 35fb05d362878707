"""The XML of an OFD, parsed without DTD, entities, network or huge trees.

Both namespaces in use count as one: `http://www.ofdspec.org/2016` and `http://www.ofdspec.org` stand side by side in one package.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from liangzheng.formats.ofd.errors import OfdError

NAMESPACE = "http://www.ofdspec.org/2016"
NAMESPACES = frozenset({NAMESPACE, "http://www.ofdspec.org"})


def parse(data: bytes, place: str) -> etree._Element:
    """Parse one XML file. Raises OfdError `bad_xml` or `doctype`; `place` is the path shown with it."""
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
    name = etree.QName(element)
    return name.localname.lower() if name.namespace in NAMESPACES else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give the direct children with one of these lower-case names."""
    return (child for child in element if local_name(child) in names)  # comments and instructions are left out by `parse`


def child(element: etree._Element, name: str, place: str) -> etree._Element | None:
    """Give the only direct child of this name. Raises OfdError `ambiguous_element` when there are two: readers could differ."""
    found = list(children(element, name))
    if len(found) > 1:
        raise OfdError("ambiguous_element", f"{place} {name}")
    return found[0] if found else None


def text(element: etree._Element | None) -> str:
    """Give the text inside, without surrounding white space; empty when there is no element."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()
