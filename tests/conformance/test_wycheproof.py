"""C2SP Wycheproof: ECDSA on P-256 (DER and raw), Ed25519, AES-GCM, and ES256 of the JSON Web Signatures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from liangzheng.crypto import envelope
from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.ed25519 import Ed25519PublicKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.signatures import read_public_key
from tests.conformance.tally import Tally


def cases(corpora: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    path = corpora / "wycheproof" / name
    for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
        yield from ((group, case) for case in group["tests"])


def public_key(group: dict[str, Any]) -> object:
    """Read the group's key from its SubjectPublicKeyInfo."""
    return read_public_key(bytes.fromhex(group["publicKeyDer"]))


def test_ecdsa_p256(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("wycheproof ecdsa_secp256r1_sha256")
    for group, case in cases(corpora, "ecdsa_secp256r1_sha256_test.json"):
        key = public_key(group)
        assert key == P256PublicKey.from_point(bytes.fromhex(group["publicKey"]["uncompressed"]))
        assert isinstance(key, P256PublicKey)
        good = key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        tally.judge(f"{case['tcId']} {case['comment']}", should_pass=case["result"] == "valid", passes=good)
    tally.settle(capsys, at_least=300)


def test_ecdsa_p256_raw(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("wycheproof ecdsa_secp256r1_sha256_p1363")
    for group, case in cases(corpora, "ecdsa_secp256r1_sha256_p1363_test.json"):
        key = public_key(group)
        assert isinstance(key, P256PublicKey)
        good = key.verify_raw(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        tally.judge(f"{case['tcId']} {case['comment']}", should_pass=case["result"] == "valid", passes=good)
    tally.settle(capsys, at_least=160)


def test_ed25519(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("wycheproof ed25519")
    for group, case in cases(corpora, "ed25519_test.json"):
        key = public_key(group)
        assert key == Ed25519PublicKey.from_bytes(bytes.fromhex(group["publicKey"]["pk"]))
        assert isinstance(key, Ed25519PublicKey)
        good = key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        tally.judge(f"{case['tcId']} {case['comment']}", should_pass=case["result"] == "valid", passes=good)
    tally.settle(capsys, at_least=100)


def test_aes_gcm(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What seals values here: AES-256, a nonce of 96 bits, a tag of 128."""
    tally = Tally("wycheproof aes_gcm")
    for group, case in cases(corpora, "aes_gcm_test.json"):
        if group["keySize"] != 256 or group["ivSize"] != 96:
            reason = f"AES-{group['keySize']}" if group["keySize"] != 256 else "a nonce of another length than 96 bits"
            tally.skip(f"{reason} is never used")
            continue
        key, nonce, data = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad"))
        try:
            opened = envelope._decrypt(2, key, nonce, bytes.fromhex(case["ct"] + case["tag"]), data).hex()
        except InvalidTag:
            opened = None
        tally.judge(f"{case['tcId']} {case['comment']}", should_pass=case["result"] == "valid", passes=opened == case["msg"])
    tally.settle(capsys, at_least=40)


def test_a_key_with_an_explicit_curve_is_refused(corpora: Path) -> None:
    """Explicit parameters let a forger choose the base point (CVE-2020-0601)."""
    assert read_certificate((corpora / "x509-pkits" / "explicit_curve_cert.der").read_bytes()).key is None
