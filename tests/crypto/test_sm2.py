"""SM2 keys and signatures: the standard's example, round trips, and everything that must be refused."""

from __future__ import annotations

import pickle
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangzheng.crypto import der
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.sm2 import (
    SM2PrivateKey,
    SM2PublicKey,
    signature_from_raw,
    signature_to_raw,
)

N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
# GB/T 32918.5-2017, annex A.
SCALAR = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
MESSAGE = b"message digest"

KEY = SM2PrivateKey.from_scalar(SCALAR)
PUBLIC = SM2PublicKey.from_point(POINT)


def pair(r: int, s: int) -> bytes:
    return der.sequence(der.integer(r), der.integer(s))


GOOD = pair(R, S)


def test_the_standards_example_verifies() -> None:
    assert KEY.public_key == PUBLIC
    assert PUBLIC.verify(GOOD, MESSAGE)


def test_what_was_signed_verifies_and_nothing_else_does() -> None:
    key = SM2PrivateKey.generate()
    signature = key.sign("现场检查".encode())
    assert key.public_key.verify(signature, "现场检查".encode())
    assert not key.public_key.verify(signature, "现场检杳".encode())
    assert not PUBLIC.verify(signature, "现场检查".encode())


def test_the_signer_id_is_part_of_what_is_signed() -> None:
    signature = KEY.sign(MESSAGE, signer_id=b"ALICE123@YAHOO.COM")
    assert PUBLIC.verify(signature, MESSAGE, signer_id=b"ALICE123@YAHOO.COM")
    assert not PUBLIC.verify(signature, MESSAGE)


@pytest.mark.parametrize(
    ("what", "signature"),
    [
        ("empty", b""),
        ("r is zero", pair(0, S)),
        ("s is zero", pair(R, 0)),
        ("r is n", pair(N, S)),
        ("s is n", pair(R, N)),
        ("r plus n", pair(R + N, S)),
        ("s plus n", pair(R, S + N)),
        ("negative", pair(R - (1 << 256), S)),
        ("swapped", pair(S, R)),
        ("s mirrored", pair(R, N - S)),
        ("cut off", GOOD[:-1]),
        ("trailing byte", GOOD + b"\x00"),
        ("trailing member", der.sequence(der.integer(R), der.integer(S), der.integer(1))),
        ("padded integer", der.sequence(der.element(der.INTEGER, b"\x00\x00" + R.to_bytes(32, "big")), der.integer(S))),
        ("long-form length", GOOD[:1] + b"\x81" + GOOD[1:]),
        ("indefinite length", b"\x30\x80" + GOOD[2:] + b"\x00\x00"),
        ("a set", b"\x31" + GOOD[1:]),
        ("raw form", R.to_bytes(32, "big") + S.to_bytes(32, "big")),
        ("a megabyte", b"\x30\x83\x10\x00\x00" + bytes(0x100000)),
    ],
)
def test_a_bad_signature_is_false_and_never_an_exception(what: str, signature: bytes) -> None:
    assert what
    assert PUBLIC.verify(signature, MESSAGE) is False


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) * 8 - 1))
def test_every_flipped_bit_is_refused(bit: int) -> None:
    mutant = bytearray(GOOD)
    mutant[bit // 8] ^= 1 << bit % 8
    assert PUBLIC.verify(GOOD, MESSAGE)  # the negative control
    assert PUBLIC.verify(bytes(mutant), MESSAGE) is False


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_random_bytes_are_no_signature(noise: bytes) -> None:
    assert PUBLIC.verify(noise, MESSAGE) is False


@pytest.mark.parametrize(
    "point",
    [
        b"",
        POINT[:-1],
        POINT + b"\x00",
        b"\x02" + POINT[1:33],
        POINT[:-1] + b"\x14",
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        b"\x00" + POINT[1:],
    ],
)
def test_a_point_off_the_curve_is_no_key(point: bytes) -> None:
    with pytest.raises(BadKey):
        SM2PublicKey.from_point(point)


def test_a_public_key_keeps_its_spki_form() -> None:
    assert SM2PublicKey.from_spki(PUBLIC.spki) == PUBLIC


def test_another_curve_is_no_sm2_key() -> None:
    p256 = der.sequence(
        der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")),
        der.bit_string(POINT),
    )
    with pytest.raises(BadKey):
        SM2PublicKey.from_spki(p256)


def test_an_algorithm_named_after_the_curve_is_read_too() -> None:
    odd = der.sequence(der.sequence(der.oid("1.2.156.10197.1.301")), der.bit_string(POINT))
    assert SM2PublicKey.from_spki(odd) == PUBLIC


def test_a_private_key_survives_pem() -> None:
    key = SM2PrivateKey.generate()
    again = SM2PrivateKey.from_pem(key.to_pem())
    assert again.public_key == key.public_key
    assert key.public_key.verify(again.sign(b"x"), b"x")


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        b"x" + KEY.to_pem(),
    ],
)
def test_a_bad_pem_is_refused(pem: bytes) -> None:
    with pytest.raises(BadKey):
        SM2PrivateKey.from_pem(pem)


@pytest.mark.parametrize("scalar", [0, -1, N - 1, N, N + 5])
def test_a_scalar_outside_its_range_is_refused(scalar: int) -> None:
    with pytest.raises(BadKey):
        SM2PrivateKey.from_scalar(scalar)


def test_the_private_scalar_does_not_leak() -> None:
    assert f"{SCALAR:x}"[:16] not in repr(KEY).lower()
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


def test_der_and_raw_are_two_forms_of_one_signature() -> None:
    raw = signature_to_raw(GOOD)
    assert raw == R.to_bytes(32, "big") + S.to_bytes(32, "big")
    assert signature_from_raw(raw) == GOOD


@pytest.mark.parametrize(
    "raw",
    [b"", bytes(64), b"\xff" * 64, b"\x01" * 63, b"\x01" * 65, N.to_bytes(32, "big") + b"\x01" * 32],
)
def test_a_bad_raw_signature_is_refused(raw: bytes) -> None:
    with pytest.raises(der.DerError):
        signature_from_raw(raw)


def test_threads_share_keys() -> None:
    outcomes: list[bool] = []

    def work() -> None:
        for number in range(20):
            message = str(number).encode()
            outcomes.append(PUBLIC.verify(KEY.sign(message), message))
            outcomes.append(not PUBLIC.verify(KEY.sign(message), b"other"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 240
