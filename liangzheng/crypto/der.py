"""Strict DER (ITU-T X.690): one reader and one writer for keys, signatures, certificates, CRLs and e-seals.

Refused: indefinite or non-minimal lengths, tag numbers above 30, trailing bytes, non-minimal integers and object identifiers.
Only one level is read at a time, so deep nesting costs nothing until somebody asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
ENUMERATED = 0x0A
UTF8_STRING = 0x0C
NUMERIC_STRING = 0x12
PRINTABLE_STRING = 0x13
T61_STRING = 0x14
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
VISIBLE_STRING = 0x1A
BMP_STRING = 0x1E
SEQUENCE = 0x30
SET = 0x31

_CONSTRUCTED = 0x20
_BYTE_TEXTS = frozenset({UTF8_STRING, NUMERIC_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING, VISIBLE_STRING})
_LONGEST_LENGTH = 4  # bytes of a long-form length: 4 GB is beyond anything read here
_LONGEST_ARC = 20  # bytes of one OID arc: a 128-bit UUID arc needs 19
_TIME = re.compile(rb"(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d{0,5}[1-9])?Z")
_UTC_PIVOT = 50  # RFC 5280, 4.1.2.5.1: YY >= 50 is 19YY
_LAST_UTC_YEAR = 2049


MOST_MEMBERS = 4096  # a megabyte of two-byte elements would cost seconds; only lists of revoked certificates are longer


class DerError(ValueError):
    """These bytes are not the DER that was expected."""


def context(number: int, *, constructed: bool = True) -> int:
    """Give the identifier octet of the context tag [number]."""
    return 0x80 | number | (_CONSTRUCTED if constructed else 0)


@dataclass(frozen=True, slots=True)
class Node:
    """One element: identifier octet, content bytes, and the whole encoding as it stood in the input."""

    tag: int
    content: bytes
    encoded: bytes

    def expect(self, tag: int) -> Node:
        """Return this element if it has that identifier octet."""
        if self.tag != tag:
            raise DerError(f"tag {tag:#04x} expected, {self.tag:#04x} found")
        return self

    def children(self, most: int = MOST_MEMBERS) -> tuple[Node, ...]:
        """Read the elements inside a constructed element; together they fill it exactly. More than `most` are refused."""
        if not self.tag & _CONSTRUCTED:
            raise DerError(f"tag {self.tag:#04x} is not constructed")
        found: list[Node] = []
        start = 0
        while start < len(self.content):
            if len(found) == most:
                raise DerError(f"more than {most} elements")
            node = _read_at(self.content, start)
            found.append(node)
            start += len(node.encoded)
        return tuple(found)

    def fields(self, tag: int = SEQUENCE) -> Fields:
        """Open this element to read its members one after the other."""
        return Fields(self.expect(tag).children())

    def only_child(self) -> Node:
        """Return the single element inside, as of an explicit tag."""
        children = self.children()
        if len(children) != 1:
            raise DerError("exactly one inner element expected")
        return children[0]

    def integer(self) -> int:
        """Read an INTEGER in two's complement; more bytes than needed are refused."""
        return read_integer(self.expect(INTEGER).content)

    def enumerated(self) -> int:
        """Read an ENUMERATED, written like an INTEGER but never taken for one."""
        return read_integer(self.expect(ENUMERATED).content)

    def octets(self) -> bytes:
        """Read an OCTET STRING."""
        return self.expect(OCTET_STRING).content

    def bits(self) -> bytes:
        """Read a BIT STRING of whole bytes."""
        content = self.expect(BIT_STRING).content
        if not content or content[0] != 0:
            raise DerError("a BIT STRING of whole bytes expected")
        return content[1:]

    def flags(self) -> frozenset[int]:
        """Read a named BIT STRING (X.509 KeyUsage): the numbers of the bits that are set."""
        content = self.expect(BIT_STRING).content
        if not content or content[0] > 7 or (len(content) == 1 and content[0]):  # noqa: PLR2004 - unused bits, 0 to 7
            raise DerError("bad BIT STRING")
        if content[-1] & ((1 << content[0]) - 1) and len(content) > 1:
            raise DerError("unused bits of a BIT STRING must be zero")
        return frozenset(i * 8 + bit for i, byte in enumerate(content[1:]) for bit in range(8) if byte & (0x80 >> bit))

    def boolean(self) -> bool:
        """Read a BOOLEAN: 00 or FF."""
        content = self.expect(BOOLEAN).content
        if content not in {b"\x00", b"\xff"}:
            raise DerError("bad BOOLEAN")
        return content == b"\xff"

    def oid(self) -> str:
        """Read an OBJECT IDENTIFIER in dotted form."""
        return _read_oid(self.expect(OID).content)

    def text(self) -> str:
        """Read any of the string types. UTF-8 under a wrong string type is accepted: real seal certificates contain it."""
        if self.tag == BMP_STRING:
            encoding = "utf-16-be"
        elif self.tag in _BYTE_TEXTS:
            encoding = "utf-8"
        else:
            raise DerError(f"tag {self.tag:#04x} is not a string")
        try:
            return self.content.decode(encoding)
        except UnicodeDecodeError as error:
            raise DerError("a string that cannot be decoded") from error

    def time(self) -> datetime:
        """Read a UTCTime or GeneralizedTime in Zulu with seconds, as an aware UTC datetime."""
        if self.tag not in {UTC_TIME, GENERALIZED_TIME}:
            self.expect(GENERALIZED_TIME)
        return _read_time(self.content, short_year=self.tag == UTC_TIME)


class Fields:
    """The members of one constructed element, taken in order; `end` refuses what was left over."""

    __slots__ = ("_members", "_next")

    def __init__(self, members: tuple[Node, ...]) -> None:
        self._members = members
        self._next = 0

    def take(self, tag: int | None = None) -> Node:
        """Take the next member, which must be there and, if given, have that tag."""
        if self._next >= len(self._members):
            raise DerError("a member is missing")
        node = self._members[self._next]
        if tag is not None:
            node.expect(tag)
        self._next += 1
        return node

    def take_if(self, *tags: int) -> Node | None:
        """Take the next member if it has one of these tags."""
        if self._next < len(self._members) and self._members[self._next].tag in tags:
            return self.take()
        return None

    def end(self) -> None:
        """Refuse members that nobody took."""
        if self._next != len(self._members):
            raise DerError("a member too many")


def read(data: bytes) -> Node:
    """Read exactly one element that fills the whole input."""
    node = _read_at(data, 0)
    if len(node.encoded) != len(data):
        raise DerError("trailing bytes")
    return node


def read_integer(content: bytes) -> int:
    """Read the content octets of an INTEGER (two's complement, minimal)."""
    if not content:
        raise DerError("empty INTEGER")
    if len(content) > 1 and (content[0], content[1] >> 7) in {(0x00, 0), (0xFF, 1)}:
        raise DerError("INTEGER is not minimal")
    return int.from_bytes(content, "big", signed=True)


def _read_at(data: bytes, start: int) -> Node:
    """Read the element that begins at `start`."""
    if start + 2 > len(data):
        raise DerError("cut off inside a header")
    tag = data[start]
    if tag & 0x1F == 0x1F or tag == 0:  # noqa: PLR2004 - the long form of a tag
        raise DerError(f"tag {tag:#04x} is not used here")
    begin, length = start + 2, data[start + 1]
    if length & 0x80:
        begin, length = _read_long_length(data, begin, length & 0x7F)
    end = begin + length
    if end > len(data):
        raise DerError("cut off inside an element")
    return Node(tag, bytes(data[begin:end]), bytes(data[start:end]))


def _read_long_length(data: bytes, start: int, size: int) -> tuple[int, int]:
    """Read a long-form length of `size` bytes: where the content begins, and the length."""
    octets = data[start : start + size]
    if not 0 < size <= _LONGEST_LENGTH or len(octets) != size:
        raise DerError("indefinite, oversized or cut-off length")
    length = int.from_bytes(octets, "big")
    if octets[0] == 0 or length < 0x80:  # noqa: PLR2004 - shorter lengths have the one-byte form
        raise DerError("length is not minimal")
    return start + size, length


def _read_oid(content: bytes) -> str:
    if not content or content[-1] & 0x80:
        raise DerError("bad OBJECT IDENTIFIER")
    arcs: list[int] = []
    value = size = 0
    for byte in content:
        if (size == 0 and byte == 0x80) or size >= _LONGEST_ARC:  # noqa: PLR2004 - a leading zero group
            raise DerError("bad OBJECT IDENTIFIER")
        value, size = value << 7 | byte & 0x7F, size + 1
        if not byte & 0x80:
            arcs.append(value)
            value = size = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def _read_time(content: bytes, *, short_year: bool) -> datetime:
    match = _TIME.fullmatch(content)
    if match is None or (len(match[1]) == 2) != short_year or (short_year and match[7]):  # noqa: PLR2004 - digits
        raise DerError("bad time")
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    if short_year:
        year += 1900 if year >= _UTC_PIVOT else 2000
    micro = int((match[7] or b".0")[1:].ljust(6, b"0"))
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    except ValueError as error:
        raise DerError("no such time") from error


def element(tag: int, content: bytes) -> bytes:
    """Write one element with this identifier octet."""
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - the one-byte form
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def sequence(*members: bytes) -> bytes:
    """Write a SEQUENCE of encoded members."""
    return element(SEQUENCE, b"".join(members))


def set_of(*members: bytes) -> bytes:
    """Write a SET OF encoded members, sorted as DER wants."""
    return element(SET, b"".join(sorted(members)))


def explicit(number: int, inner: bytes) -> bytes:
    """Write [number] EXPLICIT around an encoded element."""
    return element(context(number), inner)


def boolean(value: bool) -> bytes:  # noqa: FBT001 - it writes exactly that
    """Write a BOOLEAN."""
    return element(BOOLEAN, b"\xff" if value else b"\x00")


def integer(value: int, *, tag: int = INTEGER) -> bytes:
    """Write an INTEGER (or ENUMERATED), minimal two's complement."""
    size = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return element(tag, value.to_bytes(size, "big", signed=True))


def bit_string(value: bytes) -> bytes:
    """Write a BIT STRING of whole bytes."""
    return element(BIT_STRING, b"\x00" + value)


def bit_flags(*bits: int) -> bytes:
    """Write a named BIT STRING with these bits set, trailing zero bits dropped."""
    if not bits:
        return element(BIT_STRING, b"\x00")
    size = max(bits) // 8 + 1
    value = sum(1 << (size * 8 - 1 - bit) for bit in set(bits))
    return element(BIT_STRING, bytes((size * 8 - 1 - max(bits),)) + value.to_bytes(size, "big"))


def octet_string(value: bytes) -> bytes:
    """Write an OCTET STRING."""
    return element(OCTET_STRING, value)


def null() -> bytes:
    """Write NULL."""
    return element(NULL, b"")


def oid(dotted: str) -> bytes:
    """Write an OBJECT IDENTIFIER given in dotted form."""
    arcs = [int(arc) for arc in dotted.split(".")]
    content = bytearray()
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return element(OID, bytes(content))


def utf8(text: str) -> bytes:
    """Write a UTF8String."""
    return element(UTF8_STRING, text.encode())


def printable(text: str) -> bytes:
    """Write a PrintableString; the caller keeps to its alphabet."""
    return element(PRINTABLE_STRING, text.encode("ascii"))


def ia5(text: str) -> bytes:
    """Write an IA5String (ASCII)."""
    return element(IA5_STRING, text.encode("ascii"))


def generalized_time(moment: datetime) -> bytes:
    """Write a GeneralizedTime in UTC, whole seconds."""
    return element(GENERALIZED_TIME, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").zfill(15).encode("ascii"))


def time(moment: datetime) -> bytes:
    """Write a time as X.509 wants it: UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5)."""
    moment = moment.astimezone(UTC)
    if moment.year > _LAST_UTC_YEAR:
        return generalized_time(moment)
    return element(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode("ascii"))
