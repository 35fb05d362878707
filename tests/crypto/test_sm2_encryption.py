"""SM2 encryption: the example of the standard, a second implementation written from the standard, and hostile ciphertexts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto import der, libcrypto, sm2
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.crypto.sm2_encryption import LONGEST_PLAINTEXT, CipherForm, NotDecrypted, decrypt, encrypt

FORMS: tuple[CipherForm, ...] = ("asn1", "c1c3c2", "c1c2c3")
KEY = SM2PrivateKey.generate()
TEXT = "证照照面信息（演示）".encode()

# GB/T 32918.5-2017, annex C: private key, nonce, message; C1, C3 and C2 of its ciphertext.
EXAMPLE_D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
EXAMPLE_K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
EXAMPLE_TEXT = b"encryption standard"
EXAMPLE_C1 = bytes.fromhex(
    "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
)
EXAMPLE_C3 = bytes.fromhex("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766")
EXAMPLE_C2 = bytes.fromhex("21886ca989ca9c7d58087307ca93092d651efa")

Point = tuple[int, int] | None
BASE: Point = (sm2._GX, sm2._GY)


def added(first: Point, second: Point) -> Point:
    """Add two points by the textbook (GB/T 32918.1, 3.2.3)."""
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % sm2._P == 0:
        return None
    slope = (3 * x1 * x1 + sm2._A) * pow(2 * y1, -1, sm2._P) if first == second else (y2 - y1) * pow(x2 - x1, -1, sm2._P)
    x = (slope * slope - x1 - x2) % sm2._P
    return x, (slope * (x1 - x) - y1) % sm2._P


def times(number: int, point: Point) -> Point:
    total: Point = None
    for bit in f"{number:b}":
        total = added(total, total)
        if bit == "1":
            total = added(total, point)
    return total


def written(point: Point) -> bytes:
    assert point is not None
    return b"".join(number.to_bytes(32, "big") for number in point)


def stream(shared: bytes) -> Iterator[int]:
    """Give the key stream KDF(x2 || y2) (GB/T 32918.4, 5.4.3)."""
    for counter in range(1, 2**32):
        yield from sm3(shared + counter.to_bytes(4, "big"))


def peer_encrypt(public: SM2PublicKey, text: bytes, nonce: int) -> tuple[bytes, bytes, bytes]:
    """Encrypt by the letter of GB/T 32918.4, 6.1: C1, C3, C2."""
    x, y = int.from_bytes(public.point[1:33], "big"), int.from_bytes(public.point[33:], "big")
    shared = written(times(nonce, (x, y)))
    hidden = bytes(byte ^ mask for byte, mask in zip(text, stream(shared), strict=False))
    return b"\x04" + written(times(nonce, BASE)), sm3(shared[:32] + text + shared[32:]), hidden


def peer_decrypt(scalar: int, point: bytes, hidden: bytes) -> bytes:
    """Decrypt by the letter of GB/T 32918.4, 7.1, without its checks."""
    shared = written(times(scalar, (int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big"))))
    return bytes(byte ^ mask for byte, mask in zip(hidden, stream(shared), strict=False))


def asn1(point: bytes, digest: bytes, hidden: bytes) -> bytes:
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    return der.sequence(der.integer(x), der.integer(y), der.octet_string(digest), der.octet_string(hidden))


def shaped(form: CipherForm, point: bytes, digest: bytes, hidden: bytes) -> bytes:
    raw = {"c1c3c2": point + digest + hidden, "c1c2c3": point + hidden + digest}
    return raw[form] if form != "asn1" else asn1(point, digest, hidden)


def test_the_example_of_the_standard() -> None:
    key = SM2PrivateKey.from_scalar(EXAMPLE_D)
    assert peer_encrypt(key.public_key, EXAMPLE_TEXT, EXAMPLE_K) == (EXAMPLE_C1, EXAMPLE_C3, EXAMPLE_C2)
    for form in FORMS:
        assert decrypt(key, shaped(form, EXAMPLE_C1, EXAMPLE_C3, EXAMPLE_C2), form=form) == EXAMPLE_TEXT


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [1, 31, 32, 33, 1000, LONGEST_PLAINTEXT])
def test_there_and_back(form: CipherForm, size: int) -> None:
    text = bytes(index * 7 % 251 for index in range(size))
    hidden = encrypt(KEY.public_key, text, form=form)
    assert decrypt(KEY, hidden, form=form) == text
    assert hidden != encrypt(KEY.public_key, text, form=form)


@given(text=st.binary(min_size=1, max_size=200), scalar=st.integers(1, 2**200), nonce=st.integers(1, 2**255))
def test_a_second_implementation_agrees_in_both_directions(text: bytes, scalar: int, nonce: int) -> None:
    key = SM2PrivateKey.from_scalar(scalar)
    parts = peer_encrypt(key.public_key, text, nonce)
    if parts[2] != text:  # else the nonce is one that a writer must not use
        for form in FORMS:
            assert decrypt(key, shaped(form, *parts), form=form) == text
    raw = encrypt(key.public_key, text, form="c1c3c2")
    assert peer_decrypt(scalar, raw[:65], raw[97:]) == text


@pytest.mark.parametrize("form", FORMS)
def test_every_flipped_bit_is_refused(form: CipherForm) -> None:
    hidden = encrypt(KEY.public_key, TEXT[:6], form=form)
    assert decrypt(KEY, hidden, form=form) == TEXT[:6]  # the negative control
    for bit in range(len(hidden) * 8):
        mutant = bytearray(hidden)
        mutant[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotDecrypted):
            decrypt(KEY, bytes(mutant), form=form)


@pytest.mark.parametrize("form", FORMS)
def test_other_keys_forms_and_lengths_are_refused(form: CipherForm) -> None:
    hidden = encrypt(KEY.public_key, TEXT, form=form)
    refused = [(SM2PrivateKey.generate(), hidden, form)]
    refused += [(KEY, hidden, other) for other in FORMS if other != form]
    refused += [(KEY, bad, form) for bad in (b"", hidden[:-1], hidden + b"\x00", b"\x00" + hidden, hidden[:97], b"\x04" * 97)]
    refused += [(KEY, hidden + bytes(LONGEST_PLAINTEXT + 200), form)]
    for key, data, named in refused:
        with pytest.raises(NotDecrypted):
            decrypt(key, data, form=named)


def test_a_point_off_the_curve_never_meets_the_key() -> None:
    x = 5  # an invalid-curve point would leak the key bit by bit
    for y in (7, 0):
        point = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
        with pytest.raises(BadKey):
            SM2PublicKey.from_point(point)
        for form in FORMS:
            with pytest.raises(NotDecrypted):
                decrypt(KEY, shaped(form, point, bytes(32), b"text"), form=form)


def test_lengths_out_of_bounds_are_not_encrypted() -> None:
    for text in (b"", bytes(LONGEST_PLAINTEXT + 1)):
        with pytest.raises(ValueError, match="plaintext"):
            encrypt(KEY.public_key, text, form="asn1")


def test_a_key_stream_of_zeros_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """One nonce in 256 leaves a text of one byte as it is; the standard draws again and refuses to decrypt it."""
    good = encrypt(KEY.public_key, b"A", form="asn1")
    point, digest = encrypt(KEY.public_key, b"A", form="c1c3c2")[:65], bytes(32)
    answers = [asn1(point, digest, b"A"), good]
    monkeypatch.setattr(libcrypto, "encrypt", lambda *_: answers.pop(0))
    assert encrypt(KEY.public_key, b"A", form="asn1") == good
    monkeypatch.setattr(libcrypto, "decrypt", lambda *_: b"A")
    with pytest.raises(NotDecrypted):
        decrypt(KEY, asn1(point, digest, b"A"), form="asn1")
    assert decrypt(KEY, asn1(point, digest, b"B"), form="asn1") == b"A"  # the negative control
