"""Off-line signed codes of the EU Digital COVID Certificate: base45, zlib, CBOR and COSE_Sign1, as in our off-line code.

What their rules say beyond the signature (schemas, key usages of theirs, expiry of a health certificate) is not ours to judge.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from liangzheng.crypto.certificates import BadCertificate, read_certificate
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.formats import base45
from liangzheng.formats.cose import MalformedSign1, read_sign1
from tests.conformance.tally import Tally

PREFIX = "HC1:"
FORMS = ("EXPECTEDUNPREFIX", "EXPECTEDB45DECODE", "EXPECTEDCOMPRESSION", "EXPECTEDVERIFY")
PS256 = bytes.fromhex("013824")  # label 1, algorithm -37 inside a protected header


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return document


def is_good(case: dict[str, Any]) -> bool:
    """Go the whole way from the text to the signature."""
    text = case["PREFIX"]
    if not text.startswith(PREFIX):
        return False
    try:
        message = read_sign1(zlib.decompress(base45.decode(text.removeprefix(PREFIX))))
        key = read_certificate(base64.b64decode(case["TESTCTX"]["CERTIFICATE"])).key
    except (base45.Base45Error, zlib.error, MalformedSign1, BadCertificate):
        return False
    return message.is_signed_by(key)


def not_ours(case: dict[str, Any]) -> str:
    """Say why a case their rules accept lies outside of what is accepted here; empty when it does not."""
    message = bytes.fromhex(case.get("COSE", ""))
    if PS256 in message[:40]:
        return "signed with PS256, which is not used here"
    if message and message[0] != 0xD2:
        return "a message without its tag"
    key = read_certificate(base64.b64decode(case["TESTCTX"]["CERTIFICATE"])).key
    return "" if isinstance(key, P256PublicKey) else "a P-384 key under ES256"


def test_signatures(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("dgc-testdata, from text to signature")
    for path in sorted((corpora / "dgc-testdata").rglob("*.json")):
        case = load(path)
        expected = case["EXPECTEDRESULTS"]
        judged = [expected[form] for form in FORMS if form in expected]
        if not judged:
            tally.skip("says nothing about form or signature")
            continue
        reason = not_ours(case) if all(judged) else ""
        if reason:
            tally.skip(reason)
            continue
        tally.judge(str(path), should_pass=all(judged), passes=is_good(case))
    tally.settle(capsys, at_least=330)


def test_a_changed_byte_is_never_accepted(corpora: Path) -> None:
    """Every good message with one byte changed, at a place of its own, in payload or signature; other headers are not signed."""
    changed = 0
    for number, path in enumerate(sorted((corpora / "dgc-testdata").rglob("*.json"))):
        case = load(path)
        if not is_good(case):
            continue
        message = bytearray(zlib.decompress(base45.decode(case["PREFIX"].removeprefix(PREFIX))))
        signed = read_sign1(bytes(message))
        message[-1 - number * 7 % (len(signed.signature) + len(signed.payload))] ^= 1
        text = PREFIX + base45.encode(zlib.compress(bytes(message)))
        assert not is_good({**case, "PREFIX": text}), path
        changed += 1
    assert changed >= 300


def test_pictures(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("dgc-testdata, from picture to text")
    for path in sorted((corpora / "dgc-testdata").rglob("*.json")):
        case = load(path)
        if "2DCODE" not in case or "EXPECTEDPICTUREDECODE" not in case["EXPECTEDRESULTS"]:
            tally.skip("no picture, or none to be read")
            continue
        with Image.open(io.BytesIO(base64.b64decode(case["2DCODE"]))) as picture:
            found = [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]
        tally.judge(str(path), should_pass=case["EXPECTEDRESULTS"]["EXPECTEDPICTUREDECODE"], passes=case["PREFIX"] in found)
    tally.settle(capsys, at_least=280)
