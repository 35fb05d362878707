"""The table of the log that Python and TypeScript share: what one reader believes, the other believes, and nothing else."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

from dev import vectors_log
from liangzheng.auditlog.merkle import is_consistent, is_included
from liangzheng.auditlog.note import MalformedNote, read_checkpoint, read_key, read_note
from liangzheng.auditlog.receipt import read_receipt

FILE = Path(__file__).parent.parent / "vectors" / "log.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
LOG, WITNESSES = (list(map(read_key, VECTORS[name])) for name in ("log", "witnesses"))
decoded = base64.b64decode


def test_the_vectors_are_those_of_the_generator() -> None:
    assert FILE.read_text(encoding="utf-8") == vectors_log.text()


def test_every_part_has_good_and_bad_cases() -> None:
    for name, least in (("keys", 5), ("inclusion", 30), ("consistency", 10), ("receipts", 2)):
        counts = Counter(row["good"] for row in VECTORS[name])
        assert counts[True] >= least, name
        assert counts[False] >= 20, name


def test_keys() -> None:
    for row in VECTORS["keys"]:
        try:
            key = read_key(row["vkey"])
        except MalformedNote:
            assert not row["good"], row
        else:
            assert row["good"], row
            assert key.vkey == row["vkey"].strip()


def test_proofs() -> None:
    for row in VECTORS["inclusion"]:
        proof = [decoded(step) for step in row["proof"]]
        found = is_included(decoded(row["leaf"]), int(row["index"]), int(row["size"]), decoded(row["root"]), proof)
        assert found is row["good"], row
    for row in VECTORS["consistency"]:
        proof = [decoded(step) for step in row["proof"]]
        found = is_consistent(int(row["old"]), int(row["size"]), decoded(row["old_root"]), decoded(row["root"]), proof)
        assert found is row["good"], row


def test_notes() -> None:
    for row in VECTORS["notes"]:
        try:
            note = read_note(decoded(row["note"]))
            checkpoint = read_checkpoint(note.text)
            signers = note.signed_by([*LOG, *WITNESSES])
        except MalformedNote:
            assert row["signers"] is None, row
        else:
            told = ([key.vkey for key in signers], str(checkpoint.size), base64.b64encode(checkpoint.root).decode())
            assert told == (row["signers"], row["size"], row["root"])
            assert note.encoded == decoded(row["note"])


def test_receipts() -> None:
    for row in VECTORS["receipts"]:
        try:
            receipt = read_receipt(decoded(row["receipt"]))
            checkpoint, witnesses = receipt.verify(LOG, WITNESSES)
        except MalformedNote:
            assert not row["good"], row["name"]
        else:
            assert (row["good"], receipt.encoded) == (True, decoded(row["receipt"])), row["name"]
            told = (str(receipt.index), str(checkpoint.size), receipt.entry.decode(), [key.name for key in witnesses])
            assert told == (row["index"], row["size"], row["entry"], row["cosigned"])
