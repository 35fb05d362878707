"""CBOR (RFC 8949), strict: one value, one encoding (the deterministic one of 4.2.1).

Refused: the same key twice, trailing bytes, indefinite lengths, integers, lengths and floats longer than needed, NaN, `undefined`
and unassigned simple values, text that is not UTF-8, keys that are no integer, text or bytes, tags the caller did not name, depth
beyond 16, more than 100,000 values. The order of keys may be left open for messages of others: CWT and COSE do not ask for it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

MAX_DEPTH = 16
MAX_VALUES = 100_000

CborKey: TypeAlias = int | str | bytes
CborValue: TypeAlias = "int | float | bool | str | bytes | tuple[CborValue, ...] | Mapping[CborKey, CborValue] | Tagged | None"

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_ONE_BYTE = 24  # additional information from here on: 1, 2, 4 or 8 bytes follow
_LONGEST = 27
_SIMPLE_VALUES: Mapping[int, bool | None] = {20: False, 21: True, 22: None}
_FLOATS = {25: struct.Struct(">e"), 26: struct.Struct(">f"), 27: struct.Struct(">d")}
_TOO_LARGE = 1 << 64


class CborError(ValueError):
    """These bytes are not such CBOR, or this value has no place in it."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under a tag."""

    number: int
    value: CborValue


def decode(data: bytes, *, tags: frozenset[int] = frozenset(), sorted_keys: bool = True) -> CborValue:
    """Read exactly one value that fills the whole input. Arrays become tuples. Raises CborError.

    Work is bounded by the number of values, memory by the input.
    """
    reader = _Reader(bytes(data), tags, sorted_keys=sorted_keys)
    value = reader.value(0)
    if reader.position != len(data):
        raise CborError("trailing bytes")
    return value


def encode(value: CborValue) -> bytes:
    """Write a value in its deterministic encoding. CborError for NaN, integers beyond 64 bits and other keys."""
    return _write(value, 0)


class _Reader:
    """Reads one input from front to back."""

    __slots__ = ("_count", "_data", "_sorted_keys", "_tags", "position")

    def __init__(self, data: bytes, tags: frozenset[int], *, sorted_keys: bool) -> None:
        self._data = data
        self._tags = tags
        self._sorted_keys = sorted_keys
        self._count = 0
        self.position = 0

    def value(self, depth: int) -> CborValue:
        """Read the next value; `depth` counts the arrays, maps and tags around it."""
        if depth > MAX_DEPTH:
            raise CborError("nested too deeply")
        self._count += 1
        if self._count > MAX_VALUES:
            raise CborError("too many values")
        major, info, argument = self._head()
        if major == _UNSIGNED:
            return argument
        if major == _NEGATIVE:
            return -1 - argument
        if major == _SIMPLE:
            return self._simple(info, argument)
        readers: Mapping[int, Callable[[int, int], CborValue]] = {
            _BYTES: lambda size, _: self._take(size),
            _TEXT: lambda size, _: self._text(size),
            _ARRAY: self._array,
            _MAP: self._map,
            _TAG: self._tagged,
        }
        return readers[major](argument, depth + 1)

    def _head(self) -> tuple[int, int, int]:
        """Read major type, additional information and argument (3)."""
        first = self._take(1)[0]
        major, info = first >> 5, first & 0x1F
        if info < _ONE_BYTE:
            return major, info, info
        if info > _LONGEST:
            raise CborError("an indefinite or reserved length")
        size = 1 << info - _ONE_BYTE
        argument = int.from_bytes(self._take(size), "big")
        shortest = _ONE_BYTE if size == 1 else 1 << 4 * size
        if major != _SIMPLE and argument < shortest:
            raise CborError("a number longer than needed")
        return major, info, argument

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self._data):
            raise CborError("cut off")
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def _text(self, size: int) -> str:
        try:
            return self._take(size).decode()
        except UnicodeDecodeError as error:
            raise CborError("text that is not UTF-8") from error

    def _array(self, size: int, depth: int) -> CborValue:
        self._check_count(size)
        return tuple(self.value(depth) for _ in range(size))

    def _map(self, size: int, depth: int) -> CborValue:
        self._check_count(2 * size)
        found: dict[CborKey, CborValue] = {}
        before = b""
        for _ in range(size):
            start = self.position
            key = self.value(depth)
            if isinstance(key, bool) or not isinstance(key, int | str | bytes):
                raise CborError("a key that is no integer, text or bytes")
            encoded = self._data[start : self.position]
            if key in found:
                raise CborError("a key twice")
            if self._sorted_keys and encoded < before:
                raise CborError("keys out of order")
            before = encoded
            found[key] = self.value(depth)
        return found

    def _tagged(self, number: int, depth: int) -> CborValue:
        if number not in self._tags:
            raise CborError(f"tag {number} is not expected here")
        return Tagged(number, self.value(depth))

    def _check_count(self, count: int) -> None:
        """Refuse early what cannot be there: every value takes a byte."""
        if count > len(self._data) - self.position:
            raise CborError("cut off")

    def _simple(self, info: int, argument: int) -> CborValue:
        if info in _SIMPLE_VALUES:
            return _SIMPLE_VALUES[info]
        if info not in _FLOATS:
            raise CborError("a simple value without a meaning here")
        packing = _FLOATS[info]
        encoded = argument.to_bytes(packing.size, "big")
        value: float = packing.unpack(encoded)[0]
        if _write_float(value) != self._data[self.position - packing.size - 1 : self.position]:
            raise CborError("a float longer than needed")
        return value


def _write(value: CborValue, depth: int) -> bytes:
    if depth > MAX_DEPTH:
        raise CborError("nested too deeply")
    if value is None or isinstance(value, bool):
        return bytes((_SIMPLE << 5 | next(number for number, simple in _SIMPLE_VALUES.items() if simple is value),))
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, float):
        return _write_float(value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        return _write_text(value)
    return _write_container(value, depth + 1)


def _write_container(value: tuple[CborValue, ...] | Mapping[CborKey, CborValue] | Tagged, depth: int) -> bytes:
    if isinstance(value, Tagged):
        return _head(_TAG, value.number) + _write(value.value, depth)
    if isinstance(value, tuple):
        return _head(_ARRAY, len(value)) + b"".join(_write(item, depth) for item in value)
    if not isinstance(value, Mapping):
        raise CborError("a value without a place in CBOR")
    if any(isinstance(key, bool) or not isinstance(key, int | str | bytes) for key in value):
        raise CborError("a key that is no integer, text or bytes")
    pairs = sorted((_write(key, depth), _write(item, depth)) for key, item in value.items())
    return _head(_MAP, len(pairs)) + b"".join(key + item for key, item in pairs)


def _write_text(value: str) -> bytes:
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise CborError("text that is not Unicode") from error
    return _head(_TEXT, len(encoded)) + encoded


def _write_float(value: float) -> bytes:
    """Write the shortest float that keeps the value (4.2.1); NaN, of which there are many, has no place here."""
    if math.isnan(value):
        raise CborError("NaN is not allowed")
    for info, packing in _FLOATS.items():
        try:
            encoded = packing.pack(value)
        except OverflowError:
            continue
        if packing.unpack(encoded)[0] == value:
            return bytes((_SIMPLE << 5 | info,)) + encoded
    raise CborError("not a float")  # unreachable: a double keeps every value


def _head(major: int, argument: int) -> bytes:
    if not 0 <= argument < _TOO_LARGE:
        raise CborError("an integer beyond 64 bits")
    if argument < _ONE_BYTE:
        return bytes((major << 5 | argument,))
    info = next(info for info in range(_ONE_BYTE, _LONGEST + 1) if argument < 1 << (8 << info - _ONE_BYTE))
    return bytes((major << 5 | info,)) + argument.to_bytes(1 << info - _ONE_BYTE, "big")
