"""X.501 names: read, written and compared (RFC 5280, 4.1.2.4 and 7.1)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from liangzheng.crypto import der

COMMON_NAME = "2.5.4.3"
SERIAL_NUMBER = "2.5.4.5"
COUNTRY = "2.5.4.6"
LOCALITY = "2.5.4.7"
PROVINCE = "2.5.4.8"
ORGANISATION = "2.5.4.10"
UNIT = "2.5.4.11"
_SHORT = {
    COMMON_NAME: "CN",
    SERIAL_NUMBER: "serialNumber",
    COUNTRY: "C",
    LOCALITY: "L",
    PROVINCE: "ST",
    ORGANISATION: "O",
    UNIT: "OU",
}
_PRINTABLE_ONLY = frozenset({SERIAL_NUMBER, COUNTRY})


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name: its encoding, and its relative names as sets of (OID, text) in order."""

    der: bytes
    rdns: tuple[tuple[tuple[str, str], ...], ...]

    def get(self, oid: str) -> str:
        """Return the first value of this attribute, or the empty text."""
        return next((value for rdn in self.rdns for kind, value in rdn if kind == oid), "")

    def matches(self, other: Name) -> bool:
        """Compare as RFC 5280, 7.1 wants it: string types, case and runs of spaces do not count, order does."""
        return self.der == other.der or self._folded() == other._folded()

    def _folded(self) -> tuple[frozenset[tuple[str, str]], ...]:
        return tuple(frozenset((kind, _fold(value)) for kind, value in rdn) for rdn in self.rdns)

    def __str__(self) -> str:
        return ", ".join(f"{_SHORT.get(kind, kind)}={value}" for rdn in self.rdns for kind, value in rdn)


def read_name(node: der.Node) -> Name:
    """Read a Name; DerError when it is malformed. A value that cannot be decoded shows replacement characters."""
    rdns: list[tuple[tuple[str, str], ...]] = []
    for rdn in node.expect(der.SEQUENCE).children():
        attributes: list[tuple[str, str]] = []
        for attribute in rdn.expect(der.SET).children():
            fields = attribute.fields()
            kind, value = fields.take().oid(), fields.take()
            fields.end()
            attributes.append((kind, _shown(value)))
        if not attributes:
            raise der.DerError("an empty relative name")
        rdns.append(tuple(attributes))
    return Name(node.encoded, tuple(rdns))


def write_name(attributes: tuple[tuple[str, str], ...]) -> bytes:
    """Write a Name of single-valued relative names, in the order given; empty values are left out."""
    return der.sequence(
        *(
            der.set_of(der.sequence(der.oid(kind), der.printable(value) if kind in _PRINTABLE_ONLY else der.utf8(value)))
            for kind, value in attributes
            if value
        )
    )


def _shown(value: der.Node) -> str:
    try:
        return value.text()
    except der.DerError:
        return value.content.decode("utf-8", "replace")


def _fold(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
