"""回执文件: the receipt of one look at somebody's data, as a file that anyone can check without the platform.

RFC 7515 JSON (general form) with two signatures, ES256 and `SM2SM3` (`formats/jws.py`), over one payload; beside them, once
the look is sealed, its proof in the public log (`auditlog/receipt.py`). The payload's `commitment` is that of the log entry, so
the two cannot be put together from different looks. No database and no framework here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from liangzheng.auditlog.commitment import commit_bytes
from liangzheng.auditlog.note import Checkpoint, MalformedNote, NoteKey
from liangzheng.auditlog.receipt import read_receipt
from liangzheng.crypto.keys import BadKey
from liangzheng.formats.jws import KEYS, AlgorithmName, PrivateKey
from liangzheng.formats.strict_json import BadJson, from_base64url, read_object, to_base64url

TYPE = "liangzheng-receipt"
LARGEST = 64 * 1024  # bytes
# The payload's texts, each with the name under which the log entry has the same value; "" has no counterpart there.
TEXTS: Mapping[str, str] = {
    "number": "",
    "commitment": "",
    "log": "",
    "agency": "",
    "action": "action",
    "action_label": "",
    "officer_certificate_number": "actor_number",
    "act_code": "act_code",
    "at": "at",
    "purpose": "purpose",
    "legal_basis": "legal_basis",
    "licence_type": "",
    "result": "result",
    "result_label": "",
    "notice": "",
    "issued_at": "",
}
LISTS: Mapping[str, str] = {"fields": "fields", "field_labels": ""}
Content = Mapping[str, str | Sequence[str]]
Finding = Literal["good", "bad", "not_checked"]
Key = tuple[AlgorithmName, bytes]
"""Algorithm and uncompressed point, 65 bytes."""


class MalformedReceipt(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not such a receipt, or this text is not a key."""


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt as it was read; nothing of it is checked before `check`. `log_proof` is empty until the look is sealed."""

    content: Content
    payload: bytes
    signatures: tuple[tuple[AlgorithmName, bytes, bytes], ...]
    log_proof: bytes

    def encoded(self, log_proof: bytes = b"") -> bytes:
        """Write the file, with this proof if one is given."""
        parts: dict[str, object] = {
            "payload": to_base64url(self.payload).decode(),
            "signatures": [
                {"protected": header.decode(), "signature": to_base64url(value).decode()} for _, header, value in self.signatures
            ],
        }
        proof = log_proof or self.log_proof
        return json.dumps(parts | ({"log_proof": proof.decode()} if proof else {}), ensure_ascii=False, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `signature`: both signatures; `log`: the proof, and that it is about this very look."""

    signature: Finding
    log: Finding
    checkpoint: Checkpoint | None = None
    witnesses: tuple[NoteKey, ...] = ()


def sign_receipt(content: Content, keys: Iterable[PrivateKey]) -> SignedReceipt:
    """Sign a receipt with each of the keys."""
    payload = _canonical(content)
    signatures = []
    for key in keys:
        algorithm = next(name for name, kind in KEYS.items() if isinstance(key.public_key, kind))
        header = _header(algorithm)
        signatures.append((algorithm, header, key.sign_raw(header + b"." + to_base64url(payload))))
    return SignedReceipt(content, payload, tuple(signatures), b"")


def read_signed(data: bytes) -> SignedReceipt:
    """Read a receipt file. MalformedReceipt when it is not exactly such a one, so that no two readers see different things."""
    if len(data) > LARGEST:
        raise MalformedReceipt("too large")
    try:
        outer = read_object(data)
        payload, signatures, proof = outer.get("payload"), outer.get("signatures"), outer.get("log_proof", "")
        if not (isinstance(payload, str) and isinstance(signatures, list) and isinstance(proof, str)):
            raise MalformedReceipt("not a signed receipt")
        raw = from_base64url(payload.encode())
        content = _content(read_object(raw))
        read = tuple(_signature(item) for item in signatures)
    except BadJson as error:
        raise MalformedReceipt(str(error)) from error
    if sorted(name for name, _, _ in read) != sorted(KEYS):
        raise MalformedReceipt("one signature of each algorithm")
    receipt = SignedReceipt(content, raw, read, proof.encode())
    if receipt.encoded() != data.removesuffix(b"\n") or _canonical(content) != raw:
        raise MalformedReceipt("not in its one form")
    return receipt


def _header(algorithm: AlgorithmName) -> bytes:
    return to_base64url(json.dumps({"alg": algorithm, "typ": TYPE}, separators=(",", ":")).encode())


def _canonical(content: Content) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _content(told: Mapping[str, object]) -> Content:
    texts = {name: told.get(name) for name in TEXTS}
    lists = {name: told.get(name) for name in LISTS}
    is_text = all(isinstance(value, str) for value in texts.values())
    if set(told) != {*TEXTS, *LISTS} or not is_text or not all(_is_list(value) for value in lists.values()):
        raise MalformedReceipt("not the content of a receipt")
    return texts | lists  # type: ignore[return-value]  # each was looked at above


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _signature(item: object) -> tuple[AlgorithmName, bytes, bytes]:
    if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in ("protected", "signature")):
        raise MalformedReceipt("not a signature")
    header = item["protected"].encode()
    told = read_object(from_base64url(header))
    algorithm = next((name for name in KEYS if name == told.get("alg")), None)
    if algorithm is None or header != _header(algorithm):
        raise MalformedReceipt("a signature of another kind")
    return algorithm, header, from_base64url(item["signature"].encode())


def write_key(key: PrivateKey) -> str:
    """Write the public key as one word: algorithm:base64url of the point."""
    algorithm = next(name for name, kind in KEYS.items() if isinstance(key.public_key, kind))
    return f"{algorithm}:{to_base64url(key.public_key.point).decode()}"


def read_key_word(word: str) -> Key:
    """Read a key as `write_key` writes it. MalformedReceipt."""
    name, _, text = word.strip().partition(":")
    algorithm = next((known for known in KEYS if known == name), None)
    if algorithm is None:
        raise MalformedReceipt("a key is ES256:… or SM2SM3:…")
    try:
        return algorithm, KEYS[algorithm].from_point(from_base64url(text.encode())).point
    except (BadJson, BadKey) as error:
        raise MalformedReceipt(f"not a key: {error}") from error


def check(receipt: SignedReceipt, keys: Sequence[Key], log: Sequence[NoteKey] = (), witnesses: Sequence[NoteKey] = ()) -> Report:
    """Hold a receipt to the platform's two keys and to the log's keys. Without keys nothing is checked and nothing is good."""
    signature: Finding = "not_checked"
    if keys:
        is_whole = {name for name, _ in keys} == set(KEYS)
        signature = "good" if is_whole and all(_is_signed(receipt, name, keys) for name in KEYS) else "bad"
    if not (receipt.log_proof and log):
        return Report(signature, "not_checked")
    try:
        proof = read_receipt(receipt.log_proof)
        checkpoint, seen_by = proof.verify(log, witnesses)
    except MalformedNote:
        return Report(signature, "bad")
    is_this = commit_bytes(proof.salt, proof.entry).hex() == receipt.content["commitment"]
    if not is_this or checkpoint.origin != receipt.content["log"] or not _is_told(receipt, proof.entry):
        return Report(signature, "bad")
    return Report(signature, "good", checkpoint, tuple(seen_by))


def _is_signed(receipt: SignedReceipt, algorithm: AlgorithmName, keys: Sequence[Key]) -> bool:
    """One of the platform's keys of this algorithm (it may have had others before) made the signature."""
    header, value = next((header, value) for name, header, value in receipt.signatures if name == algorithm)
    signed = header + b"." + to_base64url(receipt.payload)
    return any(KEYS[name].from_point(point).verify_raw(value, signed) for name, point in keys if name == algorithm)


def _is_told(receipt: SignedReceipt, entry: bytes) -> bool:
    try:
        told = read_object(entry)
    except BadJson:
        return False
    return all(receipt.content[mine] == told.get(theirs) for mine, theirs in {**TEXTS, **LISTS}.items() if theirs)
