"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature): read strictly, written, signed, verified.

Three kinds of keys: Ed25519 (type 01), Ed25519 cosignatures of witnesses (04), and SM2 with SM3, which C2SP does not know:
type ff followed by `liangzheng sm2-sm3 v1` and the point (65 bytes); the signature is r || s over the note's text, signer id
1234567812345678. Whoever does not know that type passes over its line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from liangzheng.auditlog.merkle import HASH
from liangzheng.crypto.ed25519 import Ed25519PublicKey
from liangzheng.crypto.keys import BadKey, RawPrivateKey, RawPublicKey
from liangzheng.crypto.sm2 import SM2PublicKey

Kind = Literal["ed25519", "sm2", "cosignature"]
_TYPES: dict[Kind, bytes] = {"ed25519": b"\x01", "cosignature": b"\x04", "sm2": b"\xffliangzheng sm2-sm3 v1"}
_LONGEST_NOTE = 64 * 1024  # bytes
_MOST_SIGNATURES = 64
_MOST_LEAVES = 2**62
_KEY_ID, _TIME = 4, 8
_NAME = re.compile(r"[^\s+\x00-\x20]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f]")


class MalformedNote(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not a signed note, not a checkpoint, or not a key."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key under its name."""

    name: str
    kind: Kind
    key: RawPublicKey

    @property
    def encoded(self) -> bytes:
        key = self.key
        return key.point if isinstance(key, SM2PublicKey) else key.encoded if isinstance(key, Ed25519PublicKey) else b""

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _TYPES[self.kind] + self.encoded).digest()[:_KEY_ID]

    @property
    def vkey(self) -> str:
        """The key as one word: name+id+base64(type || key)."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_TYPES[self.kind] + self.encoded).decode()}"

    def is_by(self, line: SignatureLine) -> bool:
        """Say whether the line claims to be this key's."""
        return (line.name, line.key_id) == (self.name, self.key_id)

    def verify(self, text: bytes, value: bytes) -> bool:
        """Say whether the value signs the note's text."""
        if self.kind != "cosignature":
            return self.key.verify_raw(value, text)
        return self.key.verify_raw(value[_TIME:], _cosigned(text, int.from_bytes(value[:_TIME], "big")))


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note: whose it says it is, and its bytes."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"

    @property
    def time(self) -> int:
        """The POSIX time of a cosignature."""
        return int.from_bytes(self.value[:_TIME], "big")


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it, none of them checked yet."""

    text: bytes
    signatures: tuple[SignatureLine, ...]

    @property
    def encoded(self) -> bytes:
        return self.text + b"\n" + "".join(item.line for item in self.signatures).encode()

    def signed_by(self, keys: Iterable[NoteKey]) -> list[NoteKey]:
        """Give those of the keys that signed. MalformedNote when one of them is named under a signature that is not its."""
        found = []
        for key in keys:
            lines = [line for line in self.signatures if key.is_by(line)]
            if not all(key.verify(self.text, line.value) for line in lines):
                raise MalformedNote(f"a signature of {key.name} is wrong")
            found += [key] if lines else []
        return found


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's state: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()


def read_key(vkey: str) -> NoteKey:
    """Read a verifier key. MalformedNote for unknown types and where name, id and key do not fit."""
    parts = vkey.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):  # noqa: PLR2004 - name, id, key
        raise MalformedNote("a key is name+id+base64")
    material = read_base64(parts[2])
    for kind, prefix in _TYPES.items():
        if material.startswith(prefix):
            reader = SM2PublicKey.from_point if kind == "sm2" else Ed25519PublicKey.from_bytes
            try:
                key = NoteKey(parts[0], kind, reader(material[len(prefix) :]))
            except BadKey as error:
                raise MalformedNote(str(error)) from error
            if key.key_id.hex() != parts[1]:
                raise MalformedNote("the key's id is that of another key")
            return key
    raise MalformedNote("a key of an unknown type")


def key_of(name: str, kind: Kind, key: RawPublicKey) -> NoteKey:
    """Put a key under a name. MalformedNote when the name cannot stand in a note."""
    if not _NAME.fullmatch(name):
        raise MalformedNote(f"not a name for a key: {name!r}")
    return NoteKey(name, kind, key)


def read_note(data: bytes) -> Note:
    """Read a signed note."""
    if len(data) > _LONGEST_NOTE:
        raise MalformedNote("too long")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedNote("not UTF-8") from error
    text, separator, rest = whole.rpartition("\n\n")
    if not separator or not text or _CONTROLS.search(whole) or not rest.endswith("\n"):
        raise MalformedNote("not a text, an empty line and signatures")
    return Note(f"{text}\n".encode(), read_signature_lines(rest))


def read_signature_lines(text: str) -> tuple[SignatureLine, ...]:
    """Read signature lines, at least one, each with its newline."""
    lines = text.split("\n")
    if lines.pop() or not 0 < len(lines) <= _MOST_SIGNATURES:
        raise MalformedNote("no signature, or too many")
    return tuple(map(_read_signature, lines))


def _read_signature(line: str) -> SignatureLine:
    found = _SIGNATURE_LINE.fullmatch(line)
    if found is None:
        raise MalformedNote("not a signature line")
    value = read_base64(found[2])
    if len(value) <= _KEY_ID:
        raise MalformedNote("an empty signature")
    return SignatureLine(found[1], value[:_KEY_ID], value[_KEY_ID:])


def read_checkpoint(text: bytes) -> Checkpoint:
    """Read a note's text as a checkpoint; extension lines are refused, for this log writes none."""
    lines = text.decode().split("\n")
    if len(lines) != 4 or lines[3] or not _NAME.fullmatch(lines[0]) or not _DECIMAL.fullmatch(lines[1]):  # noqa: PLR2004 - three lines
        raise MalformedNote("not a checkpoint of three lines")
    root = read_base64(lines[2])
    if len(root) != HASH or int(lines[1]) > _MOST_LEAVES:
        raise MalformedNote("not a root of 32 bytes, or a size beyond all sizes")
    return Checkpoint(lines[0], int(lines[1]), root)


def read_size(text: str) -> int:
    """Read a decimal without leading zeroes."""
    if not _DECIMAL.fullmatch(text) or int(text) > _MOST_LEAVES:
        raise MalformedNote("not a size")
    return int(text)


def read_hash(text: str) -> bytes:
    """Read a hash in base64."""
    value = read_base64(text)
    if len(value) != HASH:
        raise MalformedNote("not a hash of 32 bytes")
    return value


def sign(text: bytes, name: str, keys: Sequence[tuple[Kind, RawPrivateKey]]) -> Note:
    """Sign a text with each of these keys, all under one name."""
    lines = [SignatureLine(name, key_of(name, kind, private.public_key).key_id, private.sign_raw(text)) for kind, private in keys]
    return Note(text, tuple(lines))


def cosign(text: bytes, name: str, key: RawPrivateKey, at: int) -> SignatureLine:
    """Cosign a checkpoint's text at a POSIX time."""
    value = at.to_bytes(_TIME, "big") + key.sign_raw(_cosigned(text, at))
    return SignatureLine(name, key_of(name, "cosignature", key.public_key).key_id, value)


def _cosigned(text: bytes, at: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % at + text


def read_base64(text: str) -> bytes:
    """Read base64 in its one form, padding included. MalformedNote."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedNote("not base64") from error
    if base64.b64encode(value).decode() != text:
        raise MalformedNote("not the one form of base64")
    return value
