"""Write tests/vectors/log.json, which Python and TypeScript read: keys, notes, proofs and receipts of a fictional log.

Run `python -m dev.vectors_log`. Keys are fixed, so the file comes out the same byte for byte. Good cases are good by the way they
were made; a mutant carries the Python reader's answer, which `tests/conformance/test_tlog.py` holds to corpora of others.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ed25519

from dev.vector_keys import signer
from liangzheng.auditlog.commitment import Entry, commit, entry_bytes
from liangzheng.auditlog.merkle import (
    EMPTY_ROOT,
    Growth,
    Node,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_of_tiles,
)
from liangzheng.auditlog.note import (
    Checkpoint,
    Kind,
    MalformedNote,
    Note,
    cosign,
    key_of,
    read_checkpoint,
    read_key,
    read_note,
    sign,
)
from liangzheng.auditlog.receipt import Receipt, read_receipt
from liangzheng.crypto.digests import sha256
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.keys import RawPrivateKey

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "log.json"
ORIGIN = "log.example/yantai-demo"
AT = 1_795_334_400  # 2026-11-22T08:00:00Z
SALT = sha256(b"a salt that hides nothing")
ENTRY = Entry(
    id=UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab"),
    at=datetime(2026, 11, 22, 8, 0, 0, 1200, tzinfo=UTC),
    actor_kind="officer",
    actor=UUID("019aa5e0-7c00-7a5b-8c3d-ba9876543210"),
    actor_number="15060000001",
    action="scan",
    subject_kind="licence",
    subject=UUID("019aa5e0-7c00-7a5b-8c3d-000000000003"),
    act=UUID("019aa5e0-7c00-7a5b-8c3d-000000000004"),
    act_code="演示-2026-00001",
    agency=UUID("019aa5e0-7c00-7a5b-8c3d-000000000005"),
    region="370600",
    holder=None,
    purpose='现场检查 "甲"\u2028',
    legal_basis="《道路运输条例》第五十八条\n𠅤",
    fields=("name", "number"),
    result="valid",
)
PLACE = 2  # of the entry among the leaves


def ed25519_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey(ed25519.Ed25519PrivateKey.from_private_bytes(sha256(f"liangzheng demo key {name}".encode())))


KEYS: tuple[tuple[Kind, RawPrivateKey], ...] = (("ed25519", ed25519_key("log")), ("sm2", signer("log", "SM2")))
LOG = [key_of(ORIGIN, kind, private.public_key) for kind, private in KEYS]
WITNESS_KEYS = [(f"witness.example/{name}", ed25519_key(name)) for name in ("weifang-demo", "weihai-demo")]
WITNESSES = [key_of(name, "cosignature", private.public_key) for name, private in WITNESS_KEYS]


def tree(size: int) -> tuple[bytes, Node]:
    """Give root and nodes of a tree of numbered entries; the receipt's entry stands among them."""
    leaves = [leaf_hash(commit(SALT, ENTRY) if place == PLACE else sha256(b"%d" % place)) for place in range(size)]
    growth = Growth()
    tiles = {(tile.level, tile.index): tile.hashes for tile in growth.append(leaves)}
    tiles |= {(tile.level, tile.index): tile.hashes for tile in growth.partial_tiles()}
    return growth.root(), node_of_tiles(size, lambda level, index, width: tiles[level, index][: 32 * width])


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def flipped(data: bytes, dice: random.Random) -> bytes:
    """Change one bit."""
    place = dice.randrange(len(data))
    return data[:place] + bytes((data[place] ^ (1 << dice.randrange(8)),)) + data[place + 1 :]


def spoiled(proof: Sequence[bytes], dice: random.Random) -> Iterator[list[bytes]]:
    """Proofs that are longer, shorter, in another order, of other hashes."""
    yield [*proof, bytes(32)]
    if proof:
        at = dice.randrange(len(proof))
        yield [*proof[:at], flipped(proof[at], dice), *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], proof[at][:31], *proof[at + 1 :]]
        yield list(reversed(proof))


def inclusions() -> Iterator[dict[str, object]]:
    """Sizes are written as text: JSON's numbers end too early for some readers."""
    dice = random.Random(20_261_125)
    for size in (1, 2, 3, 5, 8, 13, 255, 256, 257, 700):
        root, node = tree(size)
        for index in sorted({0, size - 1, size // 2, dice.randrange(size)}):
            leaf, proof = node(0, index), inclusion_proof(index, size, node)
            other = bytes(dice.randbytes(32))
            cases = [(leaf, index, size, root, proof), (other, index, size, root, proof), (leaf, index, size, other, proof)]
            cases += [(leaf, index + step, size, root, proof) for step in (-1, 1)]
            cases += [(leaf, index, near, root, proof) for near in (size - 1, size + 1, size + 2**40)]
            cases += [(leaf, index, size, root, changed) for changed in spoiled(proof, dice)]
            for case in cases:
                yield {
                    "leaf": encoded(case[0]),
                    "index": str(case[1]),
                    "size": str(case[2]),
                    "root": encoded(case[3]),
                    "proof": [encoded(step) for step in case[4]],
                    "good": is_included(*case),
                }


def consistencies() -> Iterator[dict[str, object]]:
    """Old and new trees, neighbours and far apart."""
    dice = random.Random(20_261_126)
    for old, new in (
        (0, 3),
        (1, 1),
        (1, 2),
        (2, 3),
        (3, 7),
        (4, 7),
        (6, 8),
        (8, 8),
        (255, 256),
        (256, 700),
        (257, 700),
        (699, 700),
    ):
        (first, _), (second, node) = tree(old), tree(new)
        proof = consistency_proof(old, new, node)
        cases = [(old, new, first, second, proof), (old, new, second, first, proof), (old, new, first, EMPTY_ROOT, proof)]
        cases += [(old + step, new, first, second, proof) for step in (-1, 1)]
        cases += [(old, new + step, first, second, proof) for step in (-1, 1, 2**40)]
        cases += [(old, new, first, second, changed) for changed in spoiled(proof, dice)]
        for case in cases:
            yield {
                "old": str(case[0]),
                "size": str(case[1]),
                "old_root": encoded(case[2]),
                "root": encoded(case[3]),
                "proof": [encoded(step) for step in case[4]],
                "good": is_consistent(*case),
            }


def vkey(name: str, material: bytes) -> str:
    """Put any bytes under a name as if they were a key."""
    key_id = sha256(name.encode() + b"\n" + material)[:4]
    return f"{name}+{key_id.hex()}+{encoded(material)}"


def keys() -> Iterator[dict[str, object]]:
    """Verifier keys, right and wrong; points of small order and such that are not in their one form are wrong."""
    texts = [key.vkey for key in (*LOG, *WITNESSES)]
    good, sm2 = LOG[0].vkey, LOG[1]
    texts += [
        f" {good}\n",
        good[:-1],
        good.replace("+", "-"),
        good.replace("log.", "log "),
        good.replace("log.", "\u3000log."),
        "",
    ]
    texts += [
        good.replace("log.", "logs."),
        vkey("a", b"\x02" + bytes(32)),
        vkey("a", b"\x01"),
        vkey("a", b""),
        vkey("", b"\x01" + bytes(32)),
    ]
    for y in (0, 1, 2, 3, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2**255 - 16, 2**256 - 1):
        texts.append(vkey("a", b"\x01" + y.to_bytes(32, "little")))
    prefix = b"\xffliangzheng sm2-sm3 v1"
    point = sm2.encoded
    for changed in (
        point[:-1],
        point + b"\x00",
        b"\x02" + point[1:33],
        point[:-1] + bytes((point[-1] ^ 1,)),
        b"\x04" + bytes(64),
    ):
        texts.append(vkey(ORIGIN, prefix + changed))
    texts.append(vkey("日志.example/演示", b"\x04" + LOG[0].encoded))
    for text in texts:
        yield {"vkey": text, "good": is_key(text)}


def is_key(text: str) -> bool:
    try:
        read_key(text)
    except MalformedNote:
        return False
    return True


def note_of(size: int, *, witnesses: int = 2) -> Note:
    root, _node = tree(size)
    note = sign(Checkpoint(ORIGIN, size, root).text, ORIGIN, KEYS)
    lines = [cosign(note.text, name, private, AT) for name, private in WITNESS_KEYS[:witnesses]]
    return Note(note.text, (*note.signatures, *lines))


def notes() -> Iterator[dict[str, object]]:
    """Checkpoints under their signatures, and mutants; `signers` are null where the reader refuses."""
    dice = random.Random(20_261_127)
    good = note_of(5).encoded
    odd = [
        b"", b"\n", b"\n\n", good.replace(b"\n5\n", b"\n05\n"), good.replace(b"\n5\n", b"\n-5\n"),
        good.replace(b"\n5\n", b"\n5\nx\n"),
        good.replace(b"\n\n", b"\n"), good[:-1], good + b"\n", good.replace(b"\n", b"\r\n"), good.replace(b" ", b"  "),
        good.replace(b"log.", b"log\x00."), good.replace(b"log.", b"log\xff."), good.replace("—".encode(), b"-"),
        good.replace(b"\n5\n", b"\n9223372036854775807\n"), good.replace(b"\n5\n", b"\n4611686018427387904\n"),
        b"\xef\xbb\xbf" + good, good + good.split(b"\n\n")[1] * 20, good.replace(b"log.example", "log.\u0085example".encode()),
        good.split(b"\n\n")[0] + b"\n\n" + good.split(b"\n\n")[1].splitlines(keepends=True)[1],
    ]  # fmt: skip
    for data in (good, note_of(0, witnesses=0).encoded, note_of(700).encoded, *odd, *(flipped(good, dice) for _ in range(100))):
        yield {"note": encoded(data), **judged(data)}


def judged(data: bytes) -> dict[str, object]:
    """Give the Python reader's answer to a note."""
    try:
        note = read_note(data)
        checkpoint = read_checkpoint(note.text)
        signers = note.signed_by([*LOG, *WITNESSES])
    except MalformedNote:
        return {"signers": None}
    return {"signers": [key.vkey for key in signers], "size": str(checkpoint.size), "root": encoded(checkpoint.root)}


def receipts() -> Iterator[dict[str, object]]:
    """A receipt, forgeries of each part of it, and mutants; `cosigned` are the witnesses of a good one."""
    size = 700
    _root, node = tree(size)
    whole = Receipt(SALT, entry_bytes(ENTRY), PLACE, tuple(inclusion_proof(PLACE, size, node)), note_of(size))
    alone = replace(whole, note=note_of(size, witnesses=0))
    forged: dict[str, Receipt] = {
        "with two witnesses": whole,
        "without witnesses": alone,
        "another result": replace(alone, entry=alone.entry.replace(b'"valid"', b'"other"')),
        "another salt": replace(alone, salt=bytes(32)),
        "another place": replace(alone, index=PLACE + 1),
        "a step less": replace(alone, proof=alone.proof[1:]),
        "a tree of another": replace(alone, note=sign(Checkpoint(ORIGIN, size, bytes(32)).text, ORIGIN, KEYS)),
        "one signature missing": replace(alone, note=Note(alone.note.text, alone.note.signatures[:1])),
        "one witness is another": replace(
            whole, note=Note(whole.note.text, (*whole.note.signatures[:3], note_of(5).signatures[3]))
        ),
        "another log's name": replace(alone, note=sign(alone.note.text.replace(b"yantai", b"weihai"), ORIGIN, KEYS)),
        "signed by a stranger": replace(alone, note=sign(alone.note.text, ORIGIN, (("ed25519", ed25519_key("stranger")),))),
    }
    rows = [(name, receipt.encoded) for name, receipt in forged.items()]
    dice = random.Random(20_261_128)
    good = whole.encoded
    rows += [
        ("cut off", good[:-1]),
        ("lengthened", good + b"\n"),
        ("empty", b""),
        ("another version", good.replace(b"@v1", b"@v2")),
    ]
    rows += [("no extra data", good.replace(b"extra ", b"extra")), ("a leading zero", good.replace(b"index 2", b"index 02"))]
    rows += [(f"mutant {number}", flipped(good, dice)) for number in range(100)]
    for name, data in rows:
        yield {"name": name, "receipt": encoded(data), **answered(data)}


def answered(data: bytes) -> dict[str, object]:
    """Give the Python reader's answer to a receipt."""
    try:
        receipt = read_receipt(data)
        checkpoint, witnesses = receipt.verify(LOG, WITNESSES)
    except MalformedNote:
        return {"good": False}
    entry = receipt.entry.decode()
    return {
        "good": True,
        "index": str(receipt.index),
        "size": str(checkpoint.size),
        "entry": entry,
        "cosigned": [key.name for key in witnesses],
    }


def text() -> str:
    """Give the file's text."""
    document = {
        "log": [key.vkey for key in LOG],
        "witnesses": [key.vkey for key in WITNESSES],
        "keys": list(keys()),
        "inclusion": list(inclusions()),
        "consistency": list(consistencies()),
        "notes": list(notes()),
        "receipts": list(receipts()),
    }
    return json.dumps(document, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
