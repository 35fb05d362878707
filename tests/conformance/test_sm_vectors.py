"""Public vectors for SM2, SM3, SM4 (Tongsuo, C2SP Wycheproof). They are not part of this repository: see CORPORA."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liangzheng.crypto.certificates import Certificate, read_certificate, read_certificates
from liangzheng.crypto.chains import judge_chain
from liangzheng.crypto.digests import hmac_sm3, sm3
from liangzheng.crypto.sm4 import BadCiphertext, decrypt_cbc, decrypt_gcm, encrypt_cbc, encrypt_gcm
from tests.conformance.tally import Tally

CORPORA = Path(os.environ.get("LIANGZHENG_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
TONGSUO, WYCHEPROOF = CORPORA / "sm-tongsuo", CORPORA / "sm-wycheproof"
AT = datetime(2026, 11, 22, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not TONGSUO.is_dir() or not WYCHEPROOF.is_dir(), reason=f"PUBLIC VECTORS ABSENT: {CORPORA}; set LIANGZHENG_CORPORA"
)


def stanzas(name: str) -> list[dict[str, str]]:
    """Read OpenSSL's evp test format: blocks of `Key = value`."""
    path = TONGSUO / "30-test_evp_data" / name
    if not path.is_file():
        return []
    blocks = path.read_text(encoding="utf-8").replace("\r", "").split("\n\n")
    rows = [[line for line in block.splitlines() if "=" in line and not line.startswith("#")] for block in blocks]
    return [{key.strip(): value.strip() for key, _, value in (line.partition("=") for line in row)} for row in rows if row]


def value(text: str) -> bytes:
    return text[1:-1].encode() if text.startswith('"') else bytes.fromhex(text)


def wycheproof(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    path = WYCHEPROOF / name
    if path.is_file():
        for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
            yield from ((group, case) for case in group["tests"])


def certificate(name: str) -> Certificate:
    return read_certificate((TONGSUO / "certs" / name).read_bytes())


def test_sm3() -> None:
    rows = [row for row in stanzas("evpmd_sm3.txt") if row.get("Digest") == "SM3"]
    assert len(rows) >= 3
    for row in rows:
        assert sm3(value(row["Input"])).hex() == row["Output"].lower()


def test_hmac_sm3() -> None:
    rows = [row for row in stanzas("evpmac_sm3.txt") if row.get("Algorithm") == "SM3"]
    assert len(rows) >= 4
    for row in rows:
        assert hmac_sm3(value(row["Key"]), value(row["Input"])).hex() == row["Output"]
    cases = list(wycheproof("hmac_sm3_test.json"))
    assert cases
    for group, case in cases:
        tag = hmac_sm3(bytes.fromhex(case["key"]), bytes.fromhex(case["msg"]))[: group["tagSize"] // 8].hex()
        assert (tag == case["tag"]) is (case["result"] == "valid"), case["tcId"]


def test_sm4_gcm(capsys: pytest.CaptureFixture[str]) -> None:
    """Only 12-byte nonces and 16-byte tags: nothing else is written or opened."""
    tally = Tally("sm4-gcm (sm-tongsuo, sm-wycheproof)")
    for number, row in enumerate(row for row in stanzas("evpciph_sm4.txt") if row.get("Cipher") == "SM4-GCM"):
        key, nonce, data, plain = (value(row.get(name, "")) for name in ("Key", "IV", "AAD", "Plaintext"))
        sealed = value(row["Ciphertext"] + row["Tag"])
        good = decrypt_gcm(key, nonce, sealed, data) == plain and encrypt_gcm(key, nonce, plain, data) == sealed
        tally.judge(f"tongsuo {number}", should_pass=True, passes=good)
    for group, case in wycheproof("sm4_gcm_test.json"):
        if (group["ivSize"], group["tagSize"], group["keySize"]) != (96, 128, 128):
            tally.skip("another size of nonce or tag")
            continue
        key, nonce, data, plain = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg"))
        try:
            good = decrypt_gcm(key, nonce, bytes.fromhex(case["ct"] + case["tag"]), data) == plain
        except BadCiphertext:
            good = False
        tally.judge(f"wycheproof {case['tcId']}", should_pass=case["result"] == "valid", passes=good)
    tally.settle(capsys, at_least=46)


def test_sm4_cbc(capsys: pytest.CaptureFixture[str]) -> None:
    """The vectors have no padding: ours comes behind them, so that theirs must be the beginning of ours."""
    tally = Tally("sm4-cbc (sm-tongsuo)")
    for number, row in enumerate(row for row in stanzas("evpciph_sm4.txt") if row.get("Cipher") == "SM4-CBC"):
        key, iv, plain, sealed = (value(row[name]) for name in ("Key", "IV", "Plaintext", "Ciphertext"))
        ours = encrypt_cbc(key, iv, plain)
        good = ours[: len(sealed)] == sealed and len(ours) == len(sealed) + 16 and decrypt_cbc(key, iv, ours) == plain
        tally.judge(f"tongsuo {number}", should_pass=True, passes=good)
    tally.settle(capsys, at_least=3)


def test_tongsuo_chains() -> None:
    root, sub = read_certificates((TONGSUO / "certs" / "sm2" / "chain-ca.crt").read_bytes())
    for name in ("client_sign", "server_sign"):
        leaf = certificate(f"sm2/{name}.crt")
        verdict = judge_chain(leaf, [root], [], AT, intermediates=[sub])
        assert (verdict.result, verdict.path) == ("revocation_unknown", (leaf, sub, root))  # signatures good, no lists
        assert judge_chain(leaf, [sub], [], AT).result == "revocation_unknown"
        assert judge_chain(leaf, [certificate("sm2-root-cert.pem")], [], AT, intermediates=[sub]).result == "untrusted_root"
    for name in ("client_enc", "server_enc"):
        assert judge_chain(certificate(f"sm2/{name}.crt"), [root], [], AT, intermediates=[sub]).result == "bad_certificate"


def test_tongsuo_pair_with_one_name() -> None:
    leaf, root = certificate("sm2-cert.pem"), certificate("sm2-root-cert.pem")
    assert leaf.issuer.matches(leaf.subject)
    assert leaf.is_signed_by(root.public_key)
    assert not leaf.is_signed_by(leaf.public_key)
    assert judge_chain(leaf, [root], [], AT).result == "revocation_unknown"
    assert judge_chain(leaf, [], [], AT, intermediates=[root]).result == "untrusted_root"


def test_every_flipped_signature_bit_is_refused() -> None:
    root = certificate("sm2-root-cert.pem")
    key = root.public_key
    assert key is not None
    assert key.verify(root.signature, root.tbs)  # the negative control
    for bit in range(len(root.signature) * 8):
        mutant = bytearray(root.signature)
        mutant[bit // 8] ^= 1 << bit % 8
        assert not key.verify(bytes(mutant), root.tbs)
