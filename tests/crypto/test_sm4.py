"""SM4-GCM and SM4-CBC: the standards' examples, what must not open, and a second implementation."""

from __future__ import annotations

import os

import gmalg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto.sm4 import BadCiphertext, decrypt_cbc, decrypt_gcm, encrypt_cbc, encrypt_gcm

KEY, IV, NONCE = bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes(range(16)), bytes(range(12))
TEXT = "王小明（演示）".encode()
keys, ivs, nonces, texts = (
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=200),
)


def test_the_example_of_the_standard() -> None:
    """GB/T 32907-2016, A.1: one block, here the first of CBC under an iv of zeros."""
    assert encrypt_cbc(KEY, bytes(16), KEY)[:16].hex() == "681edf34d206965e86b3e94f536e4246"


def test_gcm_agrees_with_rfc_8998() -> None:
    nonce, data = bytes.fromhex("00001234567800000000abcd"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    plaintext = b"".join(bytes([byte]) * 8 for byte in bytes.fromhex("aabbccddeeffeeaa"))
    assert encrypt_gcm(KEY, nonce, plaintext, data) == sealed
    assert decrypt_gcm(KEY, nonce, sealed, data) == plaintext


@given(keys, nonces, texts, texts)
def test_gcm_opens_what_it_sealed(key: bytes, nonce: bytes, text: bytes, context: bytes) -> None:
    sealed = encrypt_gcm(key, nonce, text, context)
    assert len(sealed) == len(text) + 16
    assert decrypt_gcm(key, nonce, sealed, context) == text


@given(keys, ivs, texts)
def test_cbc_agrees_with_a_second_implementation(key: bytes, iv: bytes, text: bytes) -> None:
    cipher, before, expected = gmalg.SM4(key), iv, b""
    size = 16 - len(text) % 16
    padded = text + bytes([size]) * size
    for start in range(0, len(padded), 16):
        before = cipher.encrypt(bytes(a ^ b for a, b in zip(padded[start : start + 16], before, strict=True)))
        expected += before
    assert encrypt_cbc(key, iv, text) == expected
    assert decrypt_cbc(key, iv, expected) == text


def test_gcm_refuses_every_changed_bit() -> None:
    sealed = encrypt_gcm(KEY, NONCE, TEXT, b"place")
    assert decrypt_gcm(KEY, NONCE, sealed, b"place") == TEXT  # the negative control
    for bit in range(len(sealed) * 8):
        mutant = bytearray(sealed)
        mutant[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadCiphertext):
            decrypt_gcm(KEY, NONCE, bytes(mutant), b"place")
    cases = [(bytes(16), NONCE, sealed, b"place"), (KEY, bytes(12), sealed, b"place"), (KEY, NONCE, sealed, b"elsewhere")]
    for key, nonce, body, context in [*cases, (KEY, NONCE, sealed[:-1], b"place"), (KEY, NONCE, sealed[:15], b"place")]:
        with pytest.raises(BadCiphertext):
            decrypt_gcm(key, nonce, body, context)


@pytest.mark.parametrize("padding", [b"\x00", b"\x11", b"\x02", b"\xff", b"\x01\x02\x03\x03\x02"], ids=bytes.hex)
def test_cbc_refuses_every_other_padding(padding: bytes) -> None:
    block = bytes(16 - len(padding)) + padding
    sealed = encrypt_cbc(KEY, IV, block)[:16]  # without the padding behind it: its last byte is the block's own
    with pytest.raises(BadCiphertext):
        decrypt_cbc(KEY, IV, sealed)
    assert decrypt_cbc(KEY, IV, encrypt_cbc(KEY, IV, block)) == block  # the negative control


@pytest.mark.parametrize("size", [0, 1, 15, 17, 31])
def test_cbc_refuses_what_is_not_whole_blocks(size: int) -> None:
    with pytest.raises(BadCiphertext):
        decrypt_cbc(KEY, IV, bytes(size))


@given(st.binary(max_size=100))
def test_bytes_never_open_in_gcm(data: bytes) -> None:
    with pytest.raises(BadCiphertext):
        decrypt_gcm(KEY, NONCE, data)


@given(st.binary(max_size=100))
def test_bytes_open_in_cbc_only_with_good_padding(data: bytes) -> None:
    try:
        opened = decrypt_cbc(KEY, IV, data)
    except BadCiphertext:
        return
    assert encrypt_cbc(KEY, IV, opened) == data


def test_sizes_are_the_callers_own_fault() -> None:
    for key, start in ((KEY[:15], NONCE), (KEY * 2, NONCE), (KEY, NONCE[:11]), (KEY, IV)):
        with pytest.raises(ValueError, match="must have 16 bytes"):
            encrypt_gcm(key, start, b"")
        with pytest.raises(ValueError, match="must have 16 bytes"):
            decrypt_gcm(key, start, bytes(32))
    for key, start in ((KEY[:15], IV), (KEY, NONCE)):
        with pytest.raises(ValueError, match="must have 16 bytes"):
            encrypt_cbc(key, start, b"")
        with pytest.raises(ValueError, match="must have 16 bytes"):
            decrypt_cbc(key, start, bytes(32))


def test_one_block_is_not_another() -> None:
    assert encrypt_cbc(KEY, IV, TEXT) != encrypt_cbc(KEY, os.urandom(16), TEXT)
