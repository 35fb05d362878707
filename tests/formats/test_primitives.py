"""The table of primitives that Python and TypeScript share: whatever one reads, the other reads, and nothing else."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TypedDict

import pytest

from dev import vectors_primitives
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.cbor import CborError, decode, encode

FILE = Path(__file__).parent.parent / "vectors" / "primitives.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
KEYS: dict[str, type[SM2PublicKey | P256PublicKey]] = {"SM2": SM2PublicKey, "ES256": P256PublicKey}


class SignatureRow(TypedDict):
    name: str
    algorithm: str
    point: str
    message: str
    signature: str
    good: bool


SIGNATURES: list[SignatureRow] = VECTORS["signatures"]


def test_the_vectors_are_those_of_the_generator() -> None:
    assert FILE.read_text(encoding="utf-8") == vectors_primitives.text()


def test_sm3() -> None:
    for row in VECTORS["sm3"]:
        assert sm3(bytes.fromhex(row["message"])).hex() == row["sm3"]


@pytest.mark.parametrize("row", SIGNATURES, ids=lambda row: row["name"])
def test_signatures(row: SignatureRow) -> None:
    key = KEYS[row["algorithm"]].from_point(bytes.fromhex(row["point"]))
    assert key.verify_raw(bytes.fromhex(row["signature"]), bytes.fromhex(row["message"])) is row["good"]


def test_cbor() -> None:
    for row in VECTORS["cbor"]:
        data = bytes.fromhex(row["hex"])
        if row["good"]:
            assert encode(decode(data)) == data
        else:
            with pytest.raises(CborError):
                decode(data)


def test_zlib() -> None:
    for row in VECTORS["zlib"]:
        stream = zlib.decompressobj()
        try:
            plain = stream.decompress(bytes.fromhex(row["data"]), row["largest"] + 1)
            whole = stream.eof and not stream.unused_data and len(plain) <= row["largest"]
        except zlib.error:
            whole = False
        assert whole is row["good"], row["name"]
