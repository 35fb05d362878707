"""The memory of good signatures: it spares the work for the same bytes, and never answers for others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from liangzheng.crypto import certificates, signatures, verified
from liangzheng.crypto.certificates import BadCertificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.keys import PublicKey
from liangzheng.crypto.p256 import ECDSA_WITH_SHA256_OID, P256PrivateKey
from liangzheng.crypto.sm2 import SM2_WITH_SM3_OID, SM2PrivateKey
from liangzheng.crypto.verified import GoodSignatures

KEY = SM2PrivateKey.from_scalar(20260101)
OTHER = SM2PrivateKey.from_scalar(20260102)
MESSAGE = "吊销列表（演示）".encode()
SIGNATURE = KEY.sign(MESSAGE)
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The messages that were really verified."""
    seen: list[bytes] = []
    judge = signatures.is_signed

    def watched(key: PublicKey | None, algorithm: str, signature: bytes, message: bytes) -> bool:
        seen.append(message)
        return judge(key, algorithm, signature, message)

    monkeypatch.setattr(signatures, "is_signed", watched)
    return seen


def test_a_good_signature_is_verified_once(judged: list[bytes]) -> None:
    memory = GoodSignatures(10)
    for _ in range(3):
        assert memory.is_signed(KEY.public_key, SM2_WITH_SM3_OID, SIGNATURE, MESSAGE)
    assert judged == [MESSAGE]


def test_a_bad_signature_is_verified_every_time(judged: list[bytes]) -> None:
    memory = GoodSignatures(10)
    for _ in range(3):
        assert not memory.is_signed(OTHER.public_key, SM2_WITH_SM3_OID, SIGNATURE, MESSAGE)
    assert len(judged) == 3
    assert len(memory) == 0


def test_a_changed_byte_is_never_answered_from_memory(judged: list[bytes]) -> None:
    memory = GoodSignatures(10)
    good = (KEY.public_key, SM2_WITH_SM3_OID, SIGNATURE, MESSAGE)
    assert memory.is_signed(*good)
    others = [
        (KEY.public_key, SM2_WITH_SM3_OID, SIGNATURE[:place] + bytes((SIGNATURE[place] ^ 1,)) + SIGNATURE[place + 1 :], MESSAGE)
        for place in range(len(SIGNATURE))
    ]
    others += [
        (KEY.public_key, SM2_WITH_SM3_OID, SIGNATURE, MESSAGE[:place] + bytes((MESSAGE[place] ^ 1,)) + MESSAGE[place + 1 :])
        for place in range(len(MESSAGE))
    ]
    others += [
        (OTHER.public_key, SM2_WITH_SM3_OID, SIGNATURE, MESSAGE),
        (KEY.public_key, ECDSA_WITH_SHA256_OID, SIGNATURE, MESSAGE),
        (KEY.public_key, SM2_WITH_SM3_OID, SIGNATURE + MESSAGE[:1], MESSAGE[1:]),
        (KEY.public_key, SM2_WITH_SM3_OID, SIGNATURE[:-1], SIGNATURE[-1:] + MESSAGE),
    ]
    for other in others:
        assert not memory.is_signed(*other)
    assert len(judged) == 1 + len(others)
    assert memory.is_signed(*good)  # the negative control: the same bytes are answered without work
    assert len(judged) == 1 + len(others)


def test_a_digest_that_forgot_a_part_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "_digest", lambda *parts: parts[2])  # the signature alone, as a careless memory might
    memory = GoodSignatures(10)
    assert memory.is_signed(KEY.public_key, SM2_WITH_SM3_OID, SIGNATURE, MESSAGE)
    assert memory.is_signed(OTHER.public_key, SM2_WITH_SM3_OID, SIGNATURE, b"forged")


def test_no_key_has_signed_anything() -> None:
    assert not GoodSignatures(10).is_signed(None, SM2_WITH_SM3_OID, SIGNATURE, MESSAGE)


def test_the_memory_is_bounded_and_forgets_what_was_longest_unused(judged: list[bytes]) -> None:
    memory = GoodSignatures(2)
    key = Ed25519PrivateKey.generate()
    signed = {text: (key.public_key, "1.3.101.112", key.sign(text), text) for text in (b"a", b"b", b"c")}
    for text in (b"a", b"b", b"a", b"c", b"a", b"b"):
        assert memory.is_signed(*signed[text])
    assert judged == [b"a", b"b", b"c", b"b"]
    assert len(memory) == 2


def test_threads_share_it() -> None:
    memory = GoodSignatures(8)
    key = P256PrivateKey.generate()
    signed = [(key.public_key, ECDSA_WITH_SHA256_OID, key.sign(bytes((n,))), bytes((n,))) for n in range(16)]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda n: memory.is_signed(*signed[n % 16]), range(400)))
        assert not any(
            pool.map(lambda n: memory.is_signed(key.public_key, ECDSA_WITH_SHA256_OID, signed[n % 16][2], b"forged"), range(100))
        )
    assert len(memory) == 8


def test_certificates_and_their_bytes_are_read_once() -> None:
    encoded = issue_certificate(Subject("内存（演示）"), KEY.public_key, issuer=None, issuer_key=KEY, validity=YEAR)
    certificate = read_certificate(encoded)
    assert read_certificate(certificate.pem()) is certificate
    assert certificate.is_signed_by(KEY.public_key)
    for place in range(len(encoded)):
        changed = encoded[:place] + bytes((encoded[place] ^ 1,)) + encoded[place + 1 :]
        try:
            other = read_certificate(changed)
        except BadCertificate:
            continue
        assert other.der == changed
        assert not other.is_signed_by(KEY.public_key), place
    most = certificates.read_once.cache_info().maxsize
    assert most is not None
    assert certificates.read_once.cache_info().currsize <= most
