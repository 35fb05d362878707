"""Sealed values: they open with the same key in the same place, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangzheng.crypto.envelope import (
    CipherName,
    SealBroken,
    blind_index,
    open_value,
    seal_value,
    unwrap_key,
    wrap_key,
)

KEYS: dict[CipherName, bytes] = {"sm4": bytes(range(16)), "aes": bytes(range(32))}
PLACE = b"holders.person|name|1"
CIPHERS: tuple[CipherName, ...] = ("sm4", "aes")


@pytest.mark.parametrize("cipher", CIPHERS)
@settings(max_examples=50)
@given(plaintext=st.binary(max_size=300), place=st.binary(max_size=60))
def test_what_was_sealed_opens(cipher: CipherName, plaintext: bytes, place: bytes) -> None:
    sealed = seal_value(KEYS[cipher], plaintext, context=place, cipher=cipher)
    assert len(sealed) == len(plaintext) + 1 + 12 + 16
    assert open_value(KEYS[cipher], sealed, context=place) == plaintext


@pytest.mark.parametrize("cipher", CIPHERS)
def test_every_changed_bit_and_place_breaks_the_seal(cipher: CipherName) -> None:
    key = KEYS[cipher]
    sealed = seal_value(key, "王小明（演示）".encode(), context=PLACE, cipher=cipher)
    assert open_value(key, sealed, context=PLACE) == "王小明（演示）".encode()  # the negative control
    for bit in range(8, len(sealed) * 8):
        mutant = bytearray(sealed)
        mutant[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            open_value(key, bytes(mutant), context=PLACE)
    with pytest.raises(SealBroken):
        open_value(key, sealed, context=b"holders.person|name|2")
    with pytest.raises(SealBroken):
        open_value(bytes(len(key)), sealed, context=PLACE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", bytes(29), b"\x03" + bytes(40), b"\x01" + bytes(27)])
def test_what_is_no_sealed_value_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        open_value(KEYS["sm4"], sealed, context=PLACE)


def test_a_key_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        seal_value(bytes(32), b"", context=PLACE)
    with pytest.raises(ValueError, match="32 bytes"):
        seal_value(bytes(16), b"", context=PLACE, cipher="aes")
    with pytest.raises(ValueError, match="16 bytes"):
        open_value(bytes(32), seal_value(KEYS["sm4"], b"", context=PLACE), context=PLACE)


def test_two_sealings_differ() -> None:
    assert len({seal_value(KEYS["sm4"], b"x", context=PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("master", [KEYS["sm4"], KEYS["aes"]])
def test_a_wrapped_key_opens_only_as_a_key(master: bytes) -> None:
    wrapped = wrap_key(master, b"k" * 16)
    assert unwrap_key(master, wrapped) == b"k" * 16
    with pytest.raises(SealBroken):
        open_value(master, wrapped, context=b"")
    with pytest.raises(SealBroken):
        unwrap_key(master, wrapped, context=b"other")


def test_the_blind_index_ignores_spelling_and_depends_on_the_key() -> None:
    one = blind_index(b"k" * 32, "11010519491231002x ")
    assert one == blind_index(b"k" * 32, "11010519491231002X")
    assert blind_index(b"k" * 32, "é") == blind_index(b"k" * 32, "e\u0301")
    assert one != blind_index(b"q" * 32, "11010519491231002X")
    assert one != blind_index(b"k" * 32, "110105194912310021")
    assert len(one) == 32
