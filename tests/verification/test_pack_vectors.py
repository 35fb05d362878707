"""The table of field packs that Python and TypeScript share: what one refuses, the other refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dev import vectors_pack
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.verification.pack_wire import MalformedPack, apply_delta, checked, inflate, read_manifest

FILE = Path(__file__).parent.parent / "vectors" / "pack.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
KEY = SM2PublicKey.from_point(bytes.fromhex(VECTORS["key"]))


def test_the_vectors_are_those_of_the_generator() -> None:
    assert FILE.read_text(encoding="utf-8") == vectors_pack.text()


def test_manifests() -> None:
    for row in VECTORS["manifests"]:
        data = bytes.fromhex(row["manifest"])
        if row["good"]:
            assert read_manifest(data, KEY, newer_than=row["newer_than"]).number == VECTORS["pack"]["number"]
            continue
        with pytest.raises(MalformedPack):
            read_manifest(data, KEY, newer_than=row["newer_than"])


def test_parts() -> None:
    for digest, packed in VECTORS["parts"].items():
        assert checked(inflate(bytes.fromhex(packed)), bytes.fromhex(digest))


def test_deltas() -> None:
    for row in VECTORS["deltas"]:
        old, delta, digest = (bytes.fromhex(row[name]) for name in ("old", "delta", "sha256"))
        if row["good"]:
            assert apply_delta(old, delta, digest)
            continue
        with pytest.raises(MalformedPack):
            apply_delta(old, delta, digest)
