"""P-256, Ed25519 and RSA behind the interface of SM2: one table of promises, and what each kind alone must refuse."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Protocol

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from liangzheng.crypto import der, ed25519
from liangzheng.crypto.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from liangzheng.crypto.keys import BadKey, PublicKey, RawPublicKey, read_spki
from liangzheng.crypto.p256 import ECDSA_WITH_SHA256_OID, P256PrivateKey, P256PublicKey
from liangzheng.crypto.rsa import RSAPublicKey
from liangzheng.crypto.signatures import is_signed, read_public_key
from liangzheng.crypto.sm2 import SM2_WITH_SM3_OID, SM2PrivateKey, SM2PublicKey

MESSAGE = "现场检查笔录（演示）".encode()
RSA_WITH_SHA256, RSA_WITH_SHA1 = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.5"


class PrivateKey(Protocol):
    @property
    def public_key(self) -> RawPublicKey: ...
    def sign(self, message: bytes, /) -> bytes: ...
    def sign_raw(self, message: bytes, /) -> bytes: ...
    def to_pem(self) -> bytes: ...


KINDS: dict[str, tuple[PrivateKey, Callable[[bytes], PublicKey], Callable[[bytes], PrivateKey], str]] = {
    "sm2": (SM2PrivateKey.generate(), SM2PublicKey.from_spki, SM2PrivateKey.from_pem, SM2_WITH_SM3_OID),
    "p256": (P256PrivateKey.generate(), P256PublicKey.from_spki, P256PrivateKey.from_pem, ECDSA_WITH_SHA256_OID),
    "ed25519": (Ed25519PrivateKey.generate(), Ed25519PublicKey.from_spki, Ed25519PrivateKey.from_pem, ed25519.ED25519_OID),
}
RSA_KEY = rsa.generate_private_key(65537, 2048)
any_kind = pytest.mark.parametrize("kind", KINDS)


def spki_of(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@any_kind
def test_what_was_signed_verifies_in_both_forms(kind: str) -> None:
    key, read, _, algorithm = KINDS[kind]
    signature, raw = key.sign(MESSAGE), key.sign_raw(MESSAGE)
    assert key.public_key.verify(signature, MESSAGE)
    assert key.public_key.verify_raw(raw, MESSAGE)
    assert len(raw) == 64
    assert not key.public_key.verify(signature, MESSAGE + b"!")
    assert not key.public_key.verify_raw(raw, MESSAGE + b"!")
    assert read(key.public_key.spki) == key.public_key == read_public_key(key.public_key.spki)
    assert is_signed(key.public_key, algorithm, signature, MESSAGE)


@any_kind
def test_the_two_forms_are_not_taken_for_each_other(kind: str) -> None:
    key = KINDS[kind][0]
    if kind != "ed25519":
        assert not key.public_key.verify(key.sign_raw(MESSAGE), MESSAGE)
        assert not key.public_key.verify_raw(key.sign(MESSAGE), MESSAGE)


@any_kind
def test_a_signature_counts_under_its_own_algorithm_only(kind: str) -> None:
    key = KINDS[kind][0]
    signature = key.sign(MESSAGE)
    for other, (other_key, _, _, algorithm) in KINDS.items():
        assert is_signed(key.public_key, algorithm, signature, MESSAGE) is (other == kind)
        assert is_signed(other_key.public_key, algorithm, signature, MESSAGE) is (other == kind)
    assert not is_signed(key.public_key, "1.2.3", signature, MESSAGE)
    assert not is_signed(None, KINDS[kind][3], signature, MESSAGE)


@any_kind
def test_a_private_key_travels_as_pem_and_in_no_other_way(kind: str) -> None:
    key, _, from_pem, _ = KINDS[kind]
    assert from_pem(key.to_pem()).public_key == key.public_key
    assert "PRIVATE" not in repr(key)
    assert len(repr(key)) < 60
    with pytest.raises(TypeError):
        pickle.dumps(key)
    for other, (other_key, _, _, _) in KINDS.items():
        if other != kind:
            with pytest.raises(BadKey):
                from_pem(other_key.to_pem())
    for bad in (b"", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", key.to_pem()[:90]):
        with pytest.raises(BadKey):
            from_pem(bad)


@any_kind
def test_every_flipped_bit_is_refused(kind: str) -> None:
    key = KINDS[kind][0]
    signature = key.sign(MESSAGE)
    assert key.public_key.verify(signature, MESSAGE)  # the negative control
    for bit in range(len(signature) * 8):
        mutant = bytearray(signature)
        mutant[bit // 8] ^= 1 << bit % 8
        assert not key.public_key.verify(bytes(mutant), MESSAGE)
    for mutant_bytes in (b"", signature[:-1], signature + b"\x00", b"\x00" + signature, signature * 2):
        assert not key.public_key.verify(mutant_bytes, MESSAGE)
        assert not key.public_key.verify_raw(mutant_bytes, MESSAGE)


@given(st.binary(max_size=100))
def test_bytes_are_never_a_signature(data: bytes) -> None:
    for key, _, _, _ in KINDS.values():
        assert not key.public_key.verify(data, MESSAGE)
        assert not key.public_key.verify_raw(data, MESSAGE)


@given(st.binary(max_size=120))
def test_bytes_are_never_a_key(data: bytes) -> None:
    assert read_public_key(data) is None
    with pytest.raises(BadKey):
        read_spki(b"\x31" + data)


def test_points_off_the_curve_and_compressed_points_are_refused() -> None:
    public = P256PrivateKey.generate().public_key
    compressed = bytes((2 + (public.point[-1] & 1),)) + public.point[1:33]
    for bad in (public.point[:-1] + bytes((public.point[-1] ^ 1,)), compressed, b"", b"\x04" + bytes(64), b"\x00"):
        with pytest.raises(BadKey):
            P256PublicKey.from_point(bad)
    with pytest.raises(BadKey):
        P256PrivateKey(ec.generate_private_key(ec.SECP384R1()))


def test_keys_of_other_kinds_are_not_read() -> None:
    assert read_public_key(spki_of(ec.generate_private_key(ec.SECP384R1()).public_key())) is None
    assert read_public_key(spki_of(dsa.generate_private_key(2048).public_key())) is None


def test_ed25519_keys_that_prove_nothing_are_refused() -> None:
    p, d = ed25519._P, ed25519._D
    eight = ed25519._ORDER_EIGHT
    assert (d * eight**4 + 2 * eight**2 - 1) % p == 0  # doubling that point gives y = 0, a point of order four
    for y in (*ed25519._SMALL_ORDER, p, p + 1, 2):  # 2 has no x on the curve
        for sign in (0, 1 << 255):
            with pytest.raises(BadKey):
                Ed25519PublicKey.from_bytes((y | sign).to_bytes(32, "little"))
    with pytest.raises(BadKey):
        Ed25519PublicKey.from_bytes(KINDS["ed25519"][0].public_key.spki[-31:])
    universal = b"\x01" + bytes(63)  # R = neutral, S = 0: holds for every message under the key y = 1
    assert Ed25519PublicKey(b"\x01" + bytes(31)).verify(universal, MESSAGE)  # the negative control


def test_rsa_verifies_what_old_certificates_carry() -> None:
    key = RSAPublicKey.from_spki(spki_of(RSA_KEY.public_key()))
    assert key.spki == spki_of(RSA_KEY.public_key())
    assert read_public_key(key.spki) == key
    signature = RSA_KEY.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    assert key.verify(signature, MESSAGE)
    assert is_signed(key, RSA_WITH_SHA256, signature, MESSAGE)
    assert not is_signed(key, ECDSA_WITH_SHA256_OID, signature, MESSAGE)
    assert not key.verify(signature, MESSAGE, digest="sha512")
    for bad in (signature[:-1], b"\x00" + signature, bytes(256), b"\xff" * 256, b""):
        assert not key.verify(bad, MESSAGE)
    wider = RSA_KEY.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA512())
    assert is_signed(key, "1.2.840.113549.1.1.13", wider, MESSAGE)
    pss = RSA_KEY.sign(MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    assert not key.verify(pss, MESSAGE)


def test_sha1_is_refused() -> None:
    key = read_public_key(spki_of(RSA_KEY.public_key()))
    weak = RSA_KEY.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the very thing that must be refused
    assert not is_signed(key, RSA_WITH_SHA1, weak, MESSAGE)


def rsa_spki(modulus: int, exponent: int) -> bytes:
    inner = der.sequence(der.integer(modulus), der.integer(exponent))
    return der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null()), der.bit_string(inner))


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        (2**1023 + 1, 65537),
        (2**16383 + 1, 65537),
        (2**2047 + 2, 65537),
        (-(2**2047) - 1, 65537),
        (2**2047 + 1, 1),
        (2**2047 + 1, 65536),
        (2**2047 + 1, 2**64 + 1),
        (2**2047 + 1, -3),
    ],
    ids=["short", "long", "even", "negative", "exponent 1", "exponent even", "exponent long", "exponent negative"],
)
def test_rsa_keys_that_may_not_be_used(modulus: int, exponent: int) -> None:
    assert read_public_key(rsa_spki(2**2047 + 1, 65537)) is not None  # the negative control
    assert read_public_key(rsa_spki(modulus, exponent)) is None
