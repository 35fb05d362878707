"""The bytes of a field pack: a signed manifest that names its parts by SHA-256, the parts, and deltas between them. Pure.

Manifest: COSE_Sign1 by the pack key, which a phone pins when it is enrolled; payload CBOR {1 number, 2 issued at, 3 expires at,
4 time of delivery, 5 parts [[name, SHA-256, size, kind]], 6 limits {1 officer status age, 2 licence status age, 3 clock
tolerance}}, all in seconds. Parts are CBOR: `keys` [[key id, algorithm, point, trusted from, distrusted since or null]], `status`
{1 issued at, 2 expires at, 3 bits, 4 places}, `catalogue` {type code: physical}. A part travels as zlib, or as a delta against an
older one: zlib of (length of the new part, then pairs of gap and XORed byte), numbers as LEB128.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from liangzheng.crypto.digests import sha256
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.cbor import CborError, CborValue, decode, encode
from liangzheng.formats.cose import ALGORITHM, Algorithm, MalformedSign1, PrivateKey, read_sign1, write_sign1
from liangzheng.verification.field_pack import CodeKey, Limits, Physical, StatusSnapshot

EXTERNAL_DATA = b"liangzheng pack v1"
TRUST, STATUS, CATALOGUE = "keys", "status", "catalogue"
LARGEST_PART = 16 * 1024 * 1024  # bytes inflated
_LATEST = 2**53 - 1
_PHYSICAL: tuple[Physical, ...] = get_args(Physical)
_KEYS: Mapping[int, type[SM2PublicKey | P256PublicKey]] = {Algorithm.SM2: SM2PublicKey, Algorithm.ES256: P256PublicKey}
_BITS = frozenset({1, 2, 4, 8})


class MalformedPack(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not such a manifest or part, or not signed by the pinned key."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name, the SHA-256 and the size of its plain bytes, and how to read it."""

    name: str
    digest: bytes
    size: int
    kind: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One issue as delivered at `beacon`. Times are seconds since 1970."""

    number: int
    issued_at: int
    expires_at: int
    beacon: int
    parts: tuple[Part, ...]
    limits: Limits


def write_manifest(manifest: Manifest, key: PrivateKey) -> bytes:
    """Sign a manifest."""
    limits = manifest.limits
    payload: CborValue = {
        1: manifest.number,
        2: manifest.issued_at,
        3: manifest.expires_at,
        4: manifest.beacon,
        5: tuple((part.name, part.digest, part.size, part.kind) for part in manifest.parts),
        6: {1: limits.officer_status_max_age, 2: limits.licence_status_max_age, 3: limits.clock_tolerance},
    }
    return write_sign1(encode(payload), key, protected={}, external_data=EXTERNAL_DATA)


def read_manifest(data: bytes, key: SM2PublicKey | P256PublicKey, *, newer_than: int = 0) -> Manifest:
    """Read a manifest signed by the pinned key. MalformedPack, also for a number below `newer_than`: no rolling back."""
    try:
        message = read_sign1(data)
        payload = decode(message.payload)
    except (MalformedSign1, CborError) as error:
        raise MalformedPack(str(error)) from error
    if message.protected.keys() != {ALGORITHM} or not message.is_signed_by(key, external_data=EXTERNAL_DATA):
        raise MalformedPack("not signed by the pinned key")
    members = _map(payload, {1, 2, 3, 4, 5, 6})
    number, issued_at, expires_at, beacon = (_number(members[label]) for label in (1, 2, 3, 4))
    if number < newer_than:
        raise MalformedPack("an older pack")
    parts = members[5]
    if not isinstance(parts, tuple):
        raise MalformedPack("no parts")
    limits = _map(members[6], {1, 2, 3})
    ages = Limits(*(_number(limits[label]) for label in (1, 2, 3)))
    return Manifest(number, issued_at, expires_at, beacon, tuple(_part(part) for part in parts), ages)


def _part(value: CborValue) -> Part:
    if not isinstance(value, tuple) or len(value) != 4:  # noqa: PLR2004 - name, digest, size, kind
        raise MalformedPack("a part of another form")
    name, digest, size, kind = value
    if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(digest, bytes) or len(digest) != 32:  # noqa: PLR2004
        raise MalformedPack("a part of another form")
    return Part(name, digest, _number(size), kind)


def write_keys(keys: Mapping[bytes, CodeKey]) -> bytes:
    """Write the keys that sign credentials, by key id."""
    return encode(
        tuple((kid, _algorithm(item), item.key.point, item.trusted_from, item.distrusted_since) for kid, item in keys.items())
    )


def _algorithm(item: CodeKey) -> int:
    return next(int(number) for number, kind in _KEYS.items() if isinstance(item.key, kind))


def read_keys(data: bytes) -> Mapping[bytes, CodeKey]:
    """Read the keys."""
    rows = _decoded(data)
    if not isinstance(rows, tuple):
        raise MalformedPack("no list of keys")
    found: dict[bytes, CodeKey] = {}
    for row in rows:
        if not isinstance(row, tuple) or len(row) != 5:  # noqa: PLR2004 - five members
            raise MalformedPack("a key of another form")
        kid, algorithm, point, since, until = row
        kind = _KEYS.get(algorithm) if isinstance(algorithm, int) else None
        if kind is None or not isinstance(kid, bytes) or not isinstance(point, bytes):
            raise MalformedPack("a key of another form")
        try:
            found[kid] = CodeKey(kind.from_point(point), _number(since), None if until is None else _number(until))
        except BadKey as error:
            raise MalformedPack("a key that is none") from error
    return found


def write_status(listed: StatusSnapshot) -> bytes:
    """Write a status list."""
    return encode({1: listed.issued_at, 2: listed.expires_at, 3: listed.bits, 4: listed.packed})


def read_status(data: bytes) -> StatusSnapshot:
    """Read a status list."""
    members = _map(_decoded(data), {1, 2, 3, 4})
    packed, bits = members[4], _number(members[3])
    if not isinstance(packed, bytes) or bits not in _BITS:
        raise MalformedPack("a status list of another form")
    return StatusSnapshot(_number(members[1]), _number(members[2]), bits, packed)


def write_usable(usable: Mapping[str, Physical]) -> bytes:
    """Write the usable types."""
    return encode({name: str(physical) for name, physical in usable.items()})


def read_usable(data: bytes) -> Mapping[str, Physical]:
    """Read the usable types."""
    value = _decoded(data)
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and item in _PHYSICAL for name, item in value.items()):
        raise MalformedPack("a list of types of another form")
    return cast("Mapping[str, Physical]", value)


def write_delta(old: bytes, new: bytes) -> bytes:
    """Tell how `new` differs from `old`; bytes beyond the end of `old` count as zero there."""
    longest = max(len(old), len(new))
    difference = int.from_bytes(old.ljust(longest, b"\0"), "big") ^ int.from_bytes(new.ljust(longest, b"\0"), "big")
    changed = difference.to_bytes(longest, "big")
    written, before = bytearray(_leb128(len(new))), -1
    for place, byte in enumerate(changed):
        if byte:
            written += _leb128(place - before - 1) + bytes((byte,))
            before = place
    return zlib.compress(bytes(written), 9)


def apply_delta(old: bytes, delta: bytes, digest: bytes) -> bytes:
    """Make the newer part, which must have this SHA-256. MalformedPack."""
    plain, place = inflate(delta), 0
    size, place = _read_leb128(plain, place)
    if size > LARGEST_PART:
        raise MalformedPack("too large")
    made, at = bytearray(old.ljust(max(size, len(old)), b"\0")), -1
    while place < len(plain):
        gap, place = _read_leb128(plain, place)
        at += gap + 1
        if at >= len(made) or place >= len(plain):
            raise MalformedPack("beyond the end")
        made[at] ^= plain[place]
        place += 1
    return checked(bytes(made[:size]), digest)


def inflate(data: bytes) -> bytes:
    """Inflate one exact zlib stream of at most 16 MiB."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, LARGEST_PART + 1)
    except zlib.error as error:
        raise MalformedPack("it cannot be inflated") from error
    if not inflater.eof or inflater.unused_data or len(plain) > LARGEST_PART:
        raise MalformedPack("cut off, too large, or followed by something")
    return plain


def checked(data: bytes, digest: bytes) -> bytes:
    """Give the part back when it is the one the manifest names."""
    if sha256(data) != digest:
        raise MalformedPack("not the part that was named")
    return data


def _leb128(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _read_leb128(data: bytes, place: int) -> tuple[int, int]:
    value, shift = 0, 0
    while place < len(data) and shift <= 28:  # noqa: PLR2004 - five bytes hold any place in a part
        byte = data[place]
        value, place, shift = value | (byte & 0x7F) << shift, place + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte
            return value, place
    raise MalformedPack("a number of another form")


def _decoded(data: bytes) -> CborValue:
    try:
        return decode(data)
    except CborError as error:
        raise MalformedPack(str(error)) from error


def _map(value: CborValue, labels: set[int]) -> Mapping[int, CborValue]:
    if not isinstance(value, Mapping) or value.keys() != labels:
        raise MalformedPack("a map of another form")
    return cast("Mapping[int, CborValue]", value)


def _number(value: CborValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LATEST:
        raise MalformedPack("no number, or one out of range")
    return value
