"""Write tests/vectors/pack.json: a field pack, its parts whole and as deltas, and what a phone must refuse.

Run `python -m dev.vectors_pack`. Keys and signatures are fixed, so the file comes out the same byte for byte.
"""

from __future__ import annotations

import json
import random
import zlib
from dataclasses import replace
from pathlib import Path

from dev.vector_keys import signer
from dev.vectors_offline import NOW, PACK, pack_json
from liangzheng.crypto.digests import sha256
from liangzheng.formats.cbor import encode
from liangzheng.formats.cose import write_sign1
from liangzheng.verification.field_pack import FieldPack, StatusSnapshot
from liangzheng.verification.pack_wire import (
    CATALOGUE,
    EXTERNAL_DATA,
    STATUS,
    TRUST,
    Manifest,
    Part,
    write_delta,
    write_keys,
    write_manifest,
    write_status,
    write_usable,
)

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "pack.json"
KEY, OTHER = signer("pack", "SM2"), signer("thief", "SM2")
NUMBER = 7


def parts_of(pack: FieldPack) -> dict[str, tuple[str, bytes]]:
    """Give the parts by name, each with its kind."""
    statuses = {f"status:{uri}": (STATUS, write_status(listed)) for uri, listed in pack.statuses.items()}
    return {"trust": (TRUST, write_keys(pack.code_keys)), **statuses, "catalogue": (CATALOGUE, write_usable(pack.usable))}


def manifest_of(pack: FieldPack) -> Manifest:
    parts = tuple(Part(name, sha256(data), len(data), kind) for name, (kind, data) in parts_of(pack).items())
    return Manifest(pack.number, pack.issued_at, pack.expires_at, pack.beacon, parts, pack.limits)


def status(seed: int, places: int) -> bytes:
    """A status part of so many bytes with a few bad places."""
    dice, packed = random.Random(seed), bytearray(places)
    for _ in range(places // 50):
        packed[dice.randrange(places)] = dice.choice((1, 0x20, 0xB0, 0x0E))
    return write_status(StatusSnapshot(NOW - seed, NOW + 3_600, 4, bytes(packed)))


def deltas() -> list[dict[str, object]]:
    """Deltas between lists of growing and shrinking size, and spoilt ones."""
    rows: list[dict[str, object]] = []
    for old_size, new_size in ((2_048, 2_048), (2_048, 4_096), (4_096, 2_048), (16, 16)):
        old, new = status(1, old_size), status(2, new_size)
        delta, digest = write_delta(old, new), sha256(new).hex()
        plain = zlib.decompress(delta)
        at = 2 if len(new) < 128 else 3  # noqa: PLR2004 - the first XORed byte: behind the length and a gap
        spoilt = {
            "": delta,
            "another old part": delta,
            "a changed byte": zlib.compress(plain[:at] + bytes((plain[at] ^ 1,)) + plain[at + 1 :]),
            "cut off": zlib.compress(plain[:-1]),
            "not deflated": plain,
            "beyond the end": zlib.compress(plain + b"\xff\xff\x7f\x01"),
            "a number too long": zlib.compress(b"\xff\xff\xff\xff\xff\xff\x01"),
            "too large": zlib.compress(b"\xff\xff\xff\x7f"),
            "empty": zlib.compress(b""),
            "trailing": delta + b"\x00",
        }
        for name, data in spoilt.items():
            given = old[:15] + bytes((old[15] ^ 1,)) + old[16:] if name == "another old part" else old
            rows.append({"name": name, "old": given.hex(), "delta": data.hex(), "sha256": digest, "good": not name})
    return rows


def manifests() -> list[dict[str, object]]:
    """Manifests with what the phone has seen before; good ones have no name."""
    told = manifest_of(PACK)
    written = write_manifest(told, KEY)
    payload = encode({1: 1, 2: 2, 3: 3, 4: 4, 5: (), 6: {1: 1, 2: 2}})
    rows = [
        ("", written, NUMBER - 1),
        ("", written, NUMBER),
        ("rolled back", written, NUMBER + 1),
        ("signed by another key", write_manifest(told, OTHER), 0),
        ("a changed byte", written[:-70] + bytes((written[-70] ^ 1,)) + written[-69:], 0),
        ("for another purpose", write_sign1(b"", KEY, protected={}, external_data=b"liangzheng proof v2"), 0),
        ("another payload", write_sign1(payload, KEY, protected={}, external_data=EXTERNAL_DATA), 0),
        ("a negative number", write_manifest(replace(told, number=-1), KEY), 0),
        ("one more header", write_sign1(payload, KEY, protected={4: b"x"}, external_data=EXTERNAL_DATA), 0),
        ("cut off", written[:-1], 0),
        ("empty", b"", 0),
    ]
    return [{"name": name, "manifest": data.hex(), "newer_than": seen, "good": not name} for name, data, seen in rows]


def text() -> str:
    """Give the file's text."""
    document = {
        "key": KEY.public_key.point.hex(),
        "pack": pack_json(PACK),
        "parts": {sha256(data).hex(): zlib.compress(data, 9).hex() for _, data in parts_of(PACK).values()},
        "manifests": manifests(),
        "deltas": deltas(),
    }
    return json.dumps(document, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
