"""CBOR: the examples of RFC 8949, one encoding for one value, and everything a second reader could see differently."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.formats.cbor import MAX_DEPTH, MAX_VALUES, CborError, CborValue, Tagged, decode, encode

# RFC 8949, appendix A, as far as the values are accepted here.
EXAMPLES: list[tuple[str, CborValue]] = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("18ff", 255),
    ("190100", 256),
    ("1903e8", 1000),
    ("1a000f4240", 1_000_000),
    ("1b000000e8d4a51000", 1_000_000_000_000),
    ("1bffffffffffffffff", 2**64 - 1),
    ("3bffffffffffffffff", -(2**64)),
    ("20", -1),
    ("29", -10),
    ("3863", -100),
    ("f90000", 0.0),
    ("f98000", -0.0),
    ("f93c00", 1.0),
    ("fb3ff199999999999a", 1.1),
    ("f97bff", 65504.0),
    ("fa47c35000", 100000.0),
    ("fa7f7fffff", 3.4028234663852886e38),
    ("f90001", 5.960464477539063e-8),
    ("f97c00", math.inf),
    ("f9fc00", -math.inf),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("40", b""),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("60", ""),
    ("6161", "a"),
    ("63e6b0b4", "水"),
    ("64f0908591", "\U00010151"),
    ("80", ()),
    ("83010203", (1, 2, 3)),
    ("8301820203820405", (1, (2, 3), (4, 5))),
    ("a0", {}),
    ("a201020304", {1: 2, 3: 4}),
    ("a26161016162820203", {"a": 1, "b": (2, 3)}),
    ("d818456449455446", Tagged(24, b"dIETF")),
]
REFUSED = {
    "nothing": "",
    "trailing bytes": "0000",
    "integer longer than needed": "1817",
    "integer in two bytes": "1900ff",
    "integer in four bytes": "1a0000ffff",
    "integer in eight bytes": "1b00000000ffffffff",
    "length longer than needed": "580161",
    "count longer than needed": "980100",
    "tag longer than needed": "d900185801",
    "indefinite bytes": "5f4101ff",
    "indefinite text": "7f6161ff",
    "indefinite array": "9f01ff",
    "indefinite map": "bf0102ff",
    "break alone": "ff",
    "reserved length": "1c",
    "key twice": "a201020103",
    "keys out of order": "a203040102",
    "longer key first": "a218180017 00".replace(" ", ""),
    "array as key": "a18001",
    "boolean as key": "a1f501",
    "null as key": "a1f601",
    "float as key": "a1f93c0001",
    "undefined": "f7",
    "simple 16": "f0",
    "simple 255": "f8ff",
    "simple in two bytes": "f814",
    "NaN": "f97e00",
    "NaN in four bytes": "fa7fc00000",
    "NaN in eight bytes": "fb7ff8000000000000",
    "NaN with a payload": "f97e01",
    "float longer than needed": "fa3f800000",
    "double longer than needed": "fb3ff0000000000000",
    "infinity in eight bytes": "fb7ff0000000000000",
    "another tag": "c100",
    "cut off integer": "19 01".replace(" ", ""),
    "cut off bytes": "4401",
    "cut off array": "8201",
    "cut off map": "a101",
    "cut off tag": "d818",
    "text not UTF-8": "61ff",
    "surrogate in text": "63eda080",
    "a million values": "9a000f4240",
    "an exabyte": "5b7fffffffffffffff",
    "an exabyte of values": "9b7fffffffffffffff",
    "pairs beyond counting": "bbffffffffffffffff",
}

values = st.recursive(
    st.integers(-(2**64), 2**64 - 1)
    | st.booleans()
    | st.none()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.integers(-(2**64), 2**64 - 1) | st.text() | st.binary(), inner, max_size=5)
        | inner.map(lambda value: Tagged(18, value))
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(("encoded", "value"), EXAMPLES)
def test_the_examples_of_the_standard(encoded: str, value: CborValue) -> None:
    data = bytes.fromhex(encoded)
    assert encode(value) == data
    read = decode(data, tags=frozenset({24}))
    assert (read, type(read)) == (value, type(value))
    if isinstance(value, float):
        assert struct.pack(">d", value) == struct.pack(">d", float(str(read)))  # -0.0 stays -0.0


@pytest.mark.parametrize("encoded", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(encoded: str) -> None:
    with pytest.raises(CborError):
        decode(bytes.fromhex(encoded), tags=frozenset({24}))


def test_the_order_of_keys_may_be_left_open_but_never_their_number() -> None:
    assert decode(bytes.fromhex("a203040102"), sorted_keys=False) == {1: 2, 3: 4}
    with pytest.raises(CborError):
        decode(bytes.fromhex("a201020103"), sorted_keys=False)


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x00", b"\xd8\x18"])
def test_depth_is_bounded(opening: bytes) -> None:
    tags = frozenset({24})
    assert encode(decode(opening * MAX_DEPTH + b"\x00", tags=tags)) == opening * MAX_DEPTH + b"\x00"
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(CborError):
            decode(opening * depth + b"\x00", tags=tags)
    value: CborValue = 0
    for _ in range(MAX_DEPTH + 1):
        value = (value,)
    with pytest.raises(CborError):
        encode(value)


def test_the_number_of_values_is_bounded() -> None:
    most = (0,) * (MAX_VALUES - 1)
    assert decode(encode(most)) == most
    with pytest.raises(CborError):
        decode(encode((0, *most)))


@pytest.mark.parametrize(
    "value", [2**64, -(2**64) - 1, math.nan, "\ud800", {True: 1}, {None: 1}, {(1,): 1}, Tagged(-1, 0), Tagged(2**64, 0), [1], {1}]
)
def test_what_is_not_written(value: CborValue) -> None:
    with pytest.raises(CborError):
        encode(value)


@given(values)
def test_there_and_back(value: CborValue) -> None:
    data = encode(value)
    assert decode(data, tags=frozenset({18})) == value
    assert encode(decode(data, tags=frozenset({18}))) == data


@given(st.binary(max_size=60))
def test_what_is_read_has_this_one_encoding(data: bytes) -> None:
    try:
        value = decode(data, tags=frozenset({0, 1, 18, 24}))
    except CborError:
        return
    assert encode(value) == data


@given(values, st.data())
def test_a_changed_byte_never_reads_as_the_same(value: CborValue, draw: st.DataObject) -> None:
    data = encode(value)
    index = draw.draw(st.integers(0, len(data) - 1))
    mutant = data[:index] + bytes((data[index] ^ draw.draw(st.integers(1, 255)),)) + data[index + 1 :]
    try:
        read = decode(mutant, tags=frozenset({18}))
    except CborError:
        return
    assert encode(read) == mutant != data
