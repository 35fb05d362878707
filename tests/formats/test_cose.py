"""COSE_Sign1: what was signed verifies under its own key alone, and no part can be changed, moved or left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.cbor import CborKey, CborValue, Tagged, decode, encode
from liangzheng.formats.cose import (
    ALGORITHM,
    CRITICAL,
    KEY_ID,
    TYPE,
    Algorithm,
    MalformedSign1,
    PrivateKey,
    read_chain,
    read_sign1,
    write_sign1,
)

KEYS: dict[Algorithm, PrivateKey] = {
    Algorithm.ES256: P256PrivateKey.generate(),
    Algorithm.EDDSA: Ed25519PrivateKey.generate(),
    Algorithm.SM2: SM2PrivateKey.generate(),
}
PAYLOAD = "演示载荷".encode()
TAGS = frozenset({18, 61})
every_algorithm = pytest.mark.parametrize("algorithm", Algorithm)


def message(algorithm: Algorithm) -> bytes:
    return write_sign1(PAYLOAD, KEYS[algorithm], protected={TYPE: "demo"}, unprotected={KEY_ID: b"12"})


def parts(data: bytes) -> list[CborValue]:
    value = decode(data, tags=TAGS)
    assert isinstance(value, Tagged)
    assert isinstance(value.value, tuple)
    return list(value.value)


def tagged(*members: CborValue, tag: int = 18) -> bytes:
    return encode(Tagged(tag, members))


@every_algorithm
def test_what_was_signed_verifies(algorithm: Algorithm) -> None:
    read = read_sign1(message(algorithm))
    assert (read.algorithm, read.payload) == (algorithm, PAYLOAD)
    assert read.protected == {ALGORITHM: algorithm, TYPE: "demo"}
    assert read.unprotected == {KEY_ID: b"12"}
    for other, key in KEYS.items():
        assert read.is_signed_by(key.public_key) is (other == algorithm)
    assert not read.is_signed_by(None)
    assert not read.is_signed_by(KEYS[algorithm].public_key, external_data=b"more")
    bound = write_sign1(PAYLOAD, KEYS[algorithm], protected={}, external_data=b"more")
    assert read_sign1(bound).is_signed_by(KEYS[algorithm].public_key, external_data=b"more")
    assert not read_sign1(bound).is_signed_by(KEYS[algorithm].public_key)


@every_algorithm
def test_no_flipped_bit_is_accepted_but_in_what_nobody_signed(algorithm: Algorithm) -> None:
    data, key = message(algorithm), KEYS[algorithm].public_key
    unsigned = data.index(encode({KEY_ID: b"12"}))
    for bit in range(len(data) * 8):
        mutant = bytearray(data)
        mutant[bit // 8] ^= 1 << bit % 8
        try:
            read = read_sign1(bytes(mutant))
        except MalformedSign1:
            continue
        changed_header = unsigned <= bit // 8 < unsigned + 5
        assert read.is_signed_by(key) is changed_header


def test_another_algorithm_is_not_read_into_a_signature() -> None:
    headers, unprotected, payload, signature = parts(message(Algorithm.ES256))
    assert isinstance(headers, bytes)
    for algorithm in (Algorithm.EDDSA, Algorithm.SM2):
        swapped = encode({ALGORITHM: algorithm.value, TYPE: "demo"})
        read = read_sign1(tagged(swapped, unprotected, payload, signature))
        assert not any(read.is_signed_by(key.public_key) for key in KEYS.values())


def malformed() -> dict[str, bytes]:
    headers, unprotected, payload, signature = parts(message(Algorithm.ES256))
    es256 = encode({ALGORITHM: -7})
    maps: dict[str, dict[CborKey, CborValue]] = {
        "unknown algorithm": {ALGORITHM: -999},
        "algorithm as text": {ALGORITHM: "ES256"},
        "no algorithm": {TYPE: "demo"},
        "critical": {ALGORITHM: -7, CRITICAL: (TYPE,), TYPE: "demo"},
    }
    found = {name: tagged(encode(value), unprotected, payload, signature) for name, value in maps.items()}
    return found | {
        "nothing": b"",
        "untagged": encode((headers, unprotected, payload, signature)),
        "another tag": tagged(headers, unprotected, payload, signature, tag=98),
        "CWT tag alone": tagged(headers, unprotected, payload, signature, tag=61),
        "sign1 inside sign1": encode(Tagged(18, Tagged(18, (headers, unprotected, payload, signature)))),
        "three members": tagged(headers, unprotected, payload),
        "five members": tagged(headers, unprotected, payload, signature, b""),
        "detached payload": tagged(headers, unprotected, None, signature),
        "payload as text": tagged(headers, unprotected, "text", signature),
        "empty header, algorithm unprotected": tagged(b"", {ALGORITHM: -7}, payload, signature),
        "label twice": tagged(es256, {ALGORITHM: -7}, payload, signature),
        "critical, unprotected": tagged(es256, {CRITICAL: (TYPE,)}, payload, signature),
        "header as map": tagged({ALGORITHM: -7}, unprotected, payload, signature),
        "header is no map": tagged(encode((1, 2)), unprotected, payload, signature),
        "header with trailing bytes": tagged(es256 + b"\x00", unprotected, payload, signature),
        "header with a key twice": tagged(bytes.fromhex("a201260126"), unprotected, payload, signature),
        "unprotected is no map": tagged(headers, (), payload, signature),
        "trailing bytes": message(Algorithm.ES256) + b"\x00",
    }


@pytest.mark.parametrize("name", malformed())
def test_malformed_messages_are_refused(name: str) -> None:
    with pytest.raises(MalformedSign1):
        read_sign1(malformed()[name])


def test_the_cwt_tag_may_stand_outside() -> None:
    members = parts(message(Algorithm.ES256))
    data = encode(Tagged(61, Tagged(18, tuple(members))))
    assert read_sign1(data).is_signed_by(KEYS[Algorithm.ES256].public_key)


@pytest.mark.parametrize("value", [None, (), (b"",), b"", b"\x30\x00", ("text",), 5, (b"\x30\x00",) * 9])
def test_bad_chains_are_refused(value: CborValue) -> None:
    with pytest.raises(MalformedSign1):
        read_chain(value)


@given(st.binary(max_size=80))
def test_bytes_are_refused_or_unsigned(data: bytes) -> None:
    for candidate in (data, b"\xd2\x84" + data):
        try:
            read = read_sign1(candidate)
        except MalformedSign1:
            continue
        assert not any(read.is_signed_by(key.public_key) for key in KEYS.values())
