"""Parts and deltas of a field pack: read back as written; hostile bytes are refused, whatever they are."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto.digests import sha256
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.cbor import CborValue, encode
from liangzheng.formats.cose import write_sign1
from liangzheng.verification.field_pack import CodeKey, Limits, StatusSnapshot
from liangzheng.verification.pack_wire import (
    EXTERNAL_DATA,
    LARGEST_PART,
    MalformedPack,
    Manifest,
    Part,
    apply_delta,
    inflate,
    read_keys,
    read_manifest,
    read_status,
    read_usable,
    write_delta,
    write_keys,
    write_manifest,
    write_status,
    write_usable,
)

KEY = SM2PrivateKey.generate()
MANIFEST = Manifest(7, 100, 200, 150, (Part("trust", bytes(32), 3, "keys"),), Limits())


def test_everything_is_read_back() -> None:
    assert read_manifest(write_manifest(MANIFEST, KEY), KEY.public_key, newer_than=7) == MANIFEST
    keys = {b"12345678": CodeKey(KEY.public_key, 1), b"abcdefgh": CodeKey(P256PrivateKey.generate().public_key, 2, 3)}
    assert read_keys(write_keys(keys)) == keys
    listed = StatusSnapshot(1, 2, 4, bytes(range(16)))
    assert read_status(write_status(listed)) == listed
    assert read_usable(write_usable({"A": "required", "B": "accepted"})) == {"A": "required", "B": "accepted"}


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_a_delta_makes_the_newer_part_and_nothing_else(old: bytes, new: bytes) -> None:
    delta = write_delta(old, new)
    assert apply_delta(old, delta, sha256(new)) == new
    other = old + b"\x01" if len(old) < len(new) else bytes(byte ^ 1 for byte in old)
    if other and new:
        with pytest.raises(MalformedPack):
            apply_delta(other, delta, sha256(new))


@given(st.binary(max_size=200))
def test_any_bytes_as_a_delta_give_the_named_part_or_nothing(data: bytes) -> None:
    for delta in (data, zlib.compress(data)):
        with pytest.raises(MalformedPack):
            apply_delta(b"old", delta, bytes(32))


@pytest.mark.parametrize(
    "data",
    [
        zlib.compress(bytes(LARGEST_PART + 1)),
        zlib.compress(b"x") + b"y",
        zlib.compress(b"x" * 100)[:-1],
        b"",
    ],
    ids=["too large", "followed by something", "cut off", "empty"],
)
def test_a_stream_is_exact_and_bounded(data: bytes) -> None:
    with pytest.raises(MalformedPack):
        inflate(data)


def test_a_delta_that_promises_too_much_is_refused_before_it_takes_memory() -> None:
    with pytest.raises(MalformedPack):
        apply_delta(b"", zlib.compress(b"\xff\xff\xff\xff\x0f"), bytes(32))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {1: 7, 2: 1, 3: 2, 4: 3, 5: (), 6: {1: 1, 2: 2}},
        {1: -1, 2: 1, 3: 2, 4: 3, 5: (), 6: {1: 1, 2: 2, 3: 3}},
        {1: 7, 2: 1, 3: 2, 4: 3, 5: 1, 6: {1: 1, 2: 2, 3: 3}},
        {1: 7, 2: 1, 3: 2, 4: 3, 5: (("a", bytes(31), 1, "keys"),), 6: {1: 1, 2: 2, 3: 3}},
        {1: 7, 2: 1, 3: 2, 4: 3, 5: (("a", bytes(32), 1),), 6: {1: 1, 2: 2, 3: 3}},
        {1: 7, 2: 1, 3: 2, 4: 3, 5: (), 6: {1: 1, 2: 2, 3: 3}, 7: 1},
        (1, 2, 3),
    ],
)
def test_a_signed_manifest_of_another_form_is_refused(payload: CborValue) -> None:
    with pytest.raises(MalformedPack):
        read_manifest(write_sign1(encode(payload), KEY, protected={}, external_data=EXTERNAL_DATA), KEY.public_key)


def test_a_manifest_signed_for_something_else_is_refused() -> None:
    payload = encode({1: 7, 2: 1, 3: 2, 4: 3, 5: (), 6: {1: 1, 2: 2, 3: 3}})
    assert read_manifest(write_sign1(payload, KEY, protected={}, external_data=EXTERNAL_DATA), KEY.public_key).number == 7
    for signed in (
        write_sign1(payload, KEY, protected={}, external_data=b"liangzheng event v1"),
        write_sign1(payload, KEY, protected={4: b"x"}, external_data=EXTERNAL_DATA),
        write_sign1(payload, P256PrivateKey.generate(), protected={}, external_data=EXTERNAL_DATA),
    ):
        with pytest.raises(MalformedPack):
            read_manifest(signed, KEY.public_key)


@given(st.binary(max_size=120))
def test_any_bytes_are_no_part(data: bytes) -> None:
    for read in (read_keys, read_status, read_usable):
        try:
            read(data)
        except MalformedPack:
            continue
        assert data in {b"\x80", b"\xa0"}, "an empty list of keys, an empty map of types"
