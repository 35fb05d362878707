"""Public CBOR that must be refused (QCBOR) and COSE_Sign1 messages (COSE working group, walt.id)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from liangzheng.crypto.ed25519 import Ed25519PublicKey
from liangzheng.crypto.keys import PublicKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.formats.cbor import CborError, decode
from liangzheng.formats.cose import MalformedSign1, read_sign1
from tests.conformance.tally import Tally

ALGORITHMS = {"ES256": "P-256", "EdDSA": "Ed25519"}
# Messages their authors accept and this reader refuses on purpose.
STRICTER = {
    "sign1-tests/sign-pass-01.json": "the algorithm stands outside of what is signed",
    "sign1-tests/sign-pass-03.json": "a message without its tag",
}


def load(path: Path) -> Any:  # noqa: ANN401 - JSON of others
    return json.loads(path.read_text(encoding="utf-8"))


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_key(jwk: dict[str, str]) -> PublicKey:
    if jwk["crv"] == "P-256":
        return P256PublicKey.from_point(b"\x04" + octets(jwk["x"]) + octets(jwk["y"]))
    return Ed25519PublicKey.from_bytes(octets(jwk["x"]) if "x" in jwk else bytes.fromhex(jwk["x_hex"]))


def is_good(message: bytes, key: PublicKey, external: bytes) -> bool:
    try:
        return read_sign1(message).is_signed_by(key, external_data=external)
    except MalformedSign1:
        return False


def test_malformed_cbor(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each case is refused whichever tags the caller expects."""
    tally = Tally("cbor-malformed")
    for case in load(corpora / "cbor-malformed" / "qcbor-not-well-formed.json"):
        passes = False
        for tags in (frozenset[int](), frozenset(range(300))):
            for sorted_keys in (True, False):
                try:
                    decode(bytes.fromhex(case["hex"]), tags=tags, sorted_keys=sorted_keys)
                except CborError:
                    continue
                passes = True
        tally.judge(f"{case['hex']} {case['comment']}", should_pass=False, passes=passes)
    tally.settle(capsys, at_least=73)


def test_cose_working_group(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, tally = corpora / "cose-wg", Tally("cose-wg COSE_Sign1")
    for path in sorted(folder.rglob("*.json")):
        name, case = str(path.relative_to(folder)), load(path)
        signed = case.get("input", {}).get("sign0")
        if signed is None:
            tally.skip("several signers, MAC or encryption: not read")
        elif signed["key"].get("crv") not in ALGORITHMS.values():
            tally.skip("another algorithm than ES256 and EdDSA on Ed25519")
        elif name in STRICTER:
            assert not is_good(bytes.fromhex(case["output"]["cbor"]), public_key(signed["key"]), b"")
            tally.skip(STRICTER[name])
        else:
            good = is_good(
                bytes.fromhex(case["output"]["cbor"]), public_key(signed["key"]), bytes.fromhex(signed.get("external", ""))
            )
            tally.judge(name, should_pass=not case.get("fail", False), passes=good)
    tally.settle(capsys, at_least=7)


def test_every_message_of_the_working_group_is_strict_cbor_or_says_why(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reader's strictness costs no message of others but those named here."""
    folder, tally = corpora / "cose-wg", Tally("cose-wg as strict CBOR")
    for path in sorted(folder.rglob("*.json")):
        output = load(path).get("output", {})
        if "cbor" not in output:
            tally.skip("no message in the file")
            continue
        try:
            decode(bytes.fromhex(output["cbor"]), tags=frozenset({16, 17, 18, 61, 96, 97, 98, 998}), sorted_keys=False)
        except CborError as error:
            tally.skip(f"refused: {error}")
        else:
            tally.judge(path.name, should_pass=True, passes=True)
    tally.settle(capsys, at_least=180)


def test_walt_id(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("cose-waltid-gluecose")
    for path in sorted((corpora / "cose-waltid-gluecose").glob("*.json")):
        case = load(path)
        if case["alg"] not in ALGORITHMS:
            tally.skip("another algorithm than ES256 and EdDSA")
            continue
        signing = case.get("sign1::sign")
        section = signing or case["sign1::verify"]
        message = bytes.fromhex((section["expectedOutput"] if signing else section["taggedCOSESign1"])["cborHex"])
        good = is_good(message, public_key(case["key"]), bytes.fromhex(section.get("external", "")))
        tally.judge(path.name, should_pass=section.get("shouldVerify", True), passes=good)
    tally.settle(capsys, at_least=2)
