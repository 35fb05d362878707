"""Write tests/vectors/receipts.json, which Python and TypeScript read: signed receipts of a fictional look, and forgeries.

Run `python -m dev.vectors_receipts`. Keys are fixed, so the file comes out the same byte for byte. `answer` is what both readers
have to say; the named cases are judged here by the way they were made, mutants by the Python reader.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from dev.vector_keys import signer
from dev.vectors_log import ENTRY, LOG, ORIGIN, PLACE, SALT, WITNESSES, flipped, note_of, tree
from liangzheng.auditlog.commitment import commit, entry_bytes
from liangzheng.auditlog.merkle import inclusion_proof
from liangzheng.auditlog.receipt import Receipt
from liangzheng.formats.strict_json import to_base64url
from liangzheng.rights.receipt_file import (
    Content,
    MalformedReceipt,
    SignedReceipt,
    check,
    read_key_word,
    read_signed,
    sign_receipt,
    write_key,
)

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "receipts.json"
SIZE = 700
KEYS = (signer("receipt", "ES256"), signer("receipt", "SM2"))
STRANGERS = (signer("stranger", "ES256"), signer("stranger", "SM2"))
CONTENT: Content = {
    "number": "HZ-20261122-2DEM2A",
    "commitment": commit(SALT, ENTRY).hex(),
    "log": ORIGIN,
    "agency": "烟台市交通运输综合行政执法支队（演示）",
    "action": ENTRY.action,
    "action_label": "扫码核验",
    "officer_certificate_number": ENTRY.actor_number,
    "act_code": ENTRY.act_code,
    "at": "2026-11-22T08:00:00.001200Z",
    "purpose": ENTRY.purpose,
    "legal_basis": ENTRY.legal_basis,
    "licence_type": "道路运输证",
    "fields": list(ENTRY.fields),
    "field_labels": ["名称", "证照编号"],
    "result": ENTRY.result,
    "result_label": "有效",
    "notice": "2026-1",
    "issued_at": "2026-11-22T08:01:00Z",
}
GOOD = {"readable": True, "signature": "good", "log": "good"}
UNSIGNED, UNLOGGED, UNREADABLE = GOOD | {"signature": "bad"}, GOOD | {"log": "bad"}, {"readable": False}
Answer = Mapping[str, object]


def proof(*, witnesses: int = 0, salt: bytes = SALT) -> bytes:
    """Give the log's proof of the look."""
    _root, node = tree(SIZE)
    path = tuple(inclusion_proof(PLACE, SIZE, node))
    return Receipt(salt, entry_bytes(ENTRY), PLACE, path, note_of(SIZE, witnesses=witnesses)).encoded


def signed(content: Content = CONTENT) -> SignedReceipt:
    return sign_receipt(content, KEYS)


def named() -> Iterator[tuple[str, bytes, Answer]]:
    """A good receipt and forgeries of each part of it."""
    whole, mine = proof(), signed()
    good = mine.encoded(whole)
    yield "good", good, GOOD
    yield "good with two witnesses", mine.encoded(proof(witnesses=2)), GOOD
    yield "good and not sealed yet", mine.encoded(), GOOD | {"log": "not_checked"}
    yield "good with a newline at the end", good + b"\n", GOOD
    for name in (
        "result",
        "at",
        "act_code",
        "officer_certificate_number",
        "purpose",
        "legal_basis",
        "action",
        "log",
        "commitment",
    ):
        yield f"signed, but another {name} than the log has", signed({**CONTENT, name: "x"}).encoded(whole), UNLOGGED
    yield "signed, but fewer fields than the log has", signed({**CONTENT, "fields": ["name"]}).encoded(whole), UNLOGGED
    yield "proof with another salt", mine.encoded(proof(salt=bytes(32))), UNLOGGED
    changed = replace(mine, payload=mine.payload.replace("有效".encode(), "无效".encode()))
    yield "another result label under the same signatures", changed.encoded(whole), UNSIGNED
    yield "signed by strangers", sign_receipt(CONTENT, STRANGERS).encoded(whole), UNSIGNED
    half = replace(mine, signatures=(mine.signatures[0], sign_receipt(CONTENT, STRANGERS).signatures[1]))
    yield "SM2 signature of a stranger", half.encoded(whole), UNSIGNED
    half = replace(mine, signatures=(sign_receipt(CONTENT, STRANGERS).signatures[0], mine.signatures[1]))
    yield "ES256 signature of a stranger", half.encoded(whole), UNSIGNED
    values = [value for _, _, value in mine.signatures]
    pairs = zip(mine.signatures, reversed(values), strict=True)
    swapped = replace(mine, signatures=tuple((name, header, value) for (name, header, _), value in pairs))
    yield "signatures swapped", swapped.encoded(whole), UNSIGNED


def misshapen() -> Iterator[tuple[str, bytes, Answer]]:
    """Files that are no receipts, though some are signed."""
    whole, mine = proof(), signed()
    good = mine.encoded(whole)
    yield "one signature only", replace(mine, signatures=mine.signatures[:1]).encoded(whole), UNREADABLE
    yield "one algorithm twice", replace(mine, signatures=(mine.signatures[0],) * 2).encoded(whole), UNREADABLE
    none = to_base64url(b'{"alg":"none","typ":"liangzheng-receipt"}')
    yield "no algorithm", replace(mine, signatures=(("ES256", none, b""), mine.signatures[1])).encoded(whole), UNREADABLE
    other = to_base64url(b'{"alg":"ES256","typ":"liangzheng-receipt","crit":["x"]}')
    yield "a critical header", replace(mine, signatures=(("ES256", other, b""), mine.signatures[1])).encoded(whole), UNREADABLE
    yield "other spaces", good.replace(b"\n ", b"\n  ", 1), UNREADABLE
    yield "payload twice", good.replace(b'{\n "payload"', b'{\n "payload": "x",\n "payload"', 1), UNREADABLE
    yield "something more", good.replace(b"{\n", b'{\n "more": 1,\n', 1), UNREADABLE
    yield "content with something more", signed({**CONTENT, "more": "x"}).encoded(whole), UNREADABLE
    yield "content with something less", signed({k: v for k, v in CONTENT.items() if k != "at"}).encoded(whole), UNREADABLE
    yield "a number for a text", signed({**CONTENT, "at": 1}).encoded(whole), UNREADABLE  # type: ignore[dict-item]
    yield "padded base64", good.replace(b'",\n "signatures"', b'=",\n "signatures"', 1), UNREADABLE
    for name, data in (
        ("nothing", b""),
        ("no JSON", b"{"),
        ("a list", b"[]"),
        ("no UTF-8", b"\xff\xfe"),
        ("too large", b" " * 65_537),
    ):
        yield name, data, UNREADABLE


def answered(data: bytes) -> Answer:
    """Give the Python reader's answer."""
    try:
        receipt = read_signed(data)
    except MalformedReceipt:
        return UNREADABLE
    report = check(receipt, [read_key_word(write_key(key)) for key in KEYS], LOG, WITNESSES)
    return {"readable": True, "signature": report.signature, "log": report.log}


def cases() -> Iterator[dict[str, object]]:
    for name, data, answer in (*named(), *misshapen()):
        yield {"name": name, "file": data.hex(), "answer": answer}
    good, dice = signed().encoded(proof()), random.Random(20_261_125)
    for number in range(150):
        data = flipped(good, dice)
        yield {"name": f"mutant {number}", "file": data.hex(), "answer": answered(data)}


def text() -> str:
    """Give the file's text."""
    document = {
        "keys": [write_key(key) for key in KEYS],
        "log": [key.vkey for key in LOG],
        "witnesses": [key.vkey for key in WITNESSES],
        "content": CONTENT,
        "cases": list(cases()),
    }
    return json.dumps(document, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
