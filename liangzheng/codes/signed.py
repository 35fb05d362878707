"""The presentation code (亮码): its bytes, its two texts, its signature; and the short code that is typed by hand.

Layout, 91 bytes: version 01 | kind 1 (1 holder, 2 badge) | key id 4 | code id 16 (UUIDv7) | issued at 4 (seconds, unsigned) |
lifetime 1 (seconds) | raw SM2 signature 64 over `liangzheng code v1`, 00 and all before it. Nothing in it is personal.
Holder text: `LZ1:` and Base45. Badge: base64url without padding, as the last segment of the address `…/b/…`.
A code that was read is unverified until `is_signed_by` a trusted key; whether it is fresh and unused is judged elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import RFC_4122, UUID

from liangzheng.crypto import der
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey, signature_from_raw, signature_to_raw
from liangzheng.formats import base45

CodeForm = Literal["holder_code", "badge_code", "short_code", "foreign_code", "unreadable"]

HOLDER_PREFIX = "LZ1:"
SHORT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

_DOMAIN = b"liangzheng code v1\x00"
_VERSION = 1
_KINDS = {"holder": 1, "badge": 2}
_KIND_NAMES = {number: name for name, number in _KINDS.items()}
_PAYLOAD = 27
_SIZE = _PAYLOAD + 64
_UUID_VERSION = 7
_LONGEST_LIFETIME = 255
_LATEST = 0xFFFFFFFF
_LONGEST_TEXT = 4096
_HOLDER_TEXT = re.compile(r"LZ1:[0-9A-Z $%*+\-./:]{137}")
_BADGE_TEXT = re.compile(r"(?:https?://[^\s/?#]+/b/|/b/)?([A-Za-z0-9_-]{122})")
_SHORT_SIZE = 8
_SHORT_LOOKALIKES = str.maketrans("OIL", "011")
_SHORT_TEXT = re.compile(f"[{SHORT_ALPHABET}]{{{_SHORT_SIZE}}}")


class MalformedCode(ValueError):  # noqa: N818 - reads as the fact it is
    """This text is not such a code. `reason` is a reason code: code_unreadable, wrong_code_kind or foreign_code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignedCode:
    """A presentation code. `kind` is "holder" or "badge"; `issued_at` is UTC in whole seconds; `lifetime` is in seconds."""

    kind: str
    key_id: bytes
    code_id: UUID
    issued_at: datetime
    lifetime: int
    signature: bytes

    @property
    def payload(self) -> bytes:
        """The 27 bytes before the signature."""
        head = bytes((_VERSION, _KINDS[self.kind])) + self.key_id + self.code_id.bytes
        return head + int(self.issued_at.timestamp()).to_bytes(4, "big") + bytes((self.lifetime,))

    @property
    def expires_at(self) -> datetime:
        return self.issued_at + timedelta(seconds=self.lifetime)

    def is_signed_by(self, keys: Mapping[bytes, SM2PublicKey]) -> bool:
        """Say whether one of these keys, found by key id, made the signature."""
        key = keys.get(self.key_id)
        if key is None:
            return False
        try:
            signature = signature_from_raw(self.signature)
        except der.DerError:
            return False
        return key.verify(signature, _DOMAIN + self.payload)

    def holder_text(self) -> str:
        """The text of the holder's QR code."""
        return HOLDER_PREFIX + base45.encode(self.payload + self.signature)

    def badge_token(self) -> str:
        """The last segment of the address in the officer's QR code."""
        return base64.urlsafe_b64encode(self.payload + self.signature).rstrip(b"=").decode("ascii")


def make_code(kind: str, code_id: UUID, issued_at: datetime, lifetime: int, key: SM2PrivateKey) -> SignedCode:
    """Make and sign a code. `kind` is "holder" or "badge", `code_id` a UUIDv7, `lifetime` 1 to 255 seconds.

    Parts of a second in `issued_at` are dropped. ValueError when a value does not fit the layout.
    """
    moment = issued_at.astimezone(UTC).replace(microsecond=0)
    if kind not in _KINDS or not 0 < lifetime <= _LONGEST_LIFETIME:
        raise ValueError("no such kind of code, or a lifetime outside 1 to 255 seconds")
    if not _is_uuid7(code_id) or not 0 <= moment.timestamp() <= _LATEST:
        raise ValueError("the code id is not a UUIDv7, or the time does not fit 32 bits")
    unsigned = SignedCode(kind, key.public_key.key_id, code_id, moment, lifetime, b"")
    signature = signature_to_raw(key.sign(_DOMAIN + unsigned.payload))
    return SignedCode(kind, unsigned.key_id, code_id, moment, lifetime, signature)


def read_holder_text(text: str) -> SignedCode:
    """Read the text of a holder's QR code; MalformedCode when it is anything else."""
    form = classify(text)
    if form != "holder_code":
        raise MalformedCode(_reason(form))
    if not _HOLDER_TEXT.fullmatch(text):
        raise MalformedCode("code_unreadable")
    try:
        data = base45.decode(text.removeprefix(HOLDER_PREFIX))
    except base45.Base45Error as error:
        raise MalformedCode("code_unreadable") from error
    return _read(data, "holder")


def read_badge_token(text: str) -> SignedCode:
    """Read an officer's badge: the token, or the address that ends in it. MalformedCode when it is anything else."""
    match = _BADGE_TEXT.fullmatch(text)
    if match is None:
        raise MalformedCode(_reason(classify(text)))
    try:
        data = base64.b64decode(match[1] + "==", altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise MalformedCode("code_unreadable") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != match[1]:
        raise MalformedCode("code_unreadable")  # unused bits were set: two texts for one code
    return _read(data, "badge")


def classify(text: str) -> CodeForm:
    """Say by its form alone what a scanned or typed text is; a foreign code is readable text that is not ours."""
    if text.startswith(HOLDER_PREFIX):
        return "holder_code"
    if _BADGE_TEXT.fullmatch(text):
        return "badge_code"
    if _short(text) is not None:
        return "short_code"
    is_text = 0 < len(text.strip()) <= len(text) <= _LONGEST_TEXT and not any(unicodedata.category(c)[0] == "C" for c in text)
    return "foreign_code" if is_text else "unreadable"


def new_short_code(randbytes: Callable[[int], bytes]) -> str:
    """Draw a short code, 8 characters (40 bits) without the hyphen; `randbytes(n)` gives n random bytes."""
    value = int.from_bytes(randbytes(5), "big")
    return "".join(SHORT_ALPHABET[value >> 5 * place & 31] for place in reversed(range(_SHORT_SIZE)))


def show_short_code(code: str) -> str:
    """Write a short code as people read it: `K7QF-29XM`."""
    return f"{code[:4]}-{code[4:]}"


def normalise_short_code(text: str) -> str:
    """Bring a typed short code to its 8 characters: any case and width, spaces and hyphens dropped, O read as 0, I and L as 1."""
    code = _short(text)
    if code is None:
        raise MalformedCode("code_unreadable")
    return code


def _short(text: str) -> str | None:
    if len(text) > 4 * _SHORT_SIZE:
        return None
    code = re.sub(r"[\s\-\u2010-\u2015\u2212]", "", unicodedata.normalize("NFKC", text)).upper().translate(_SHORT_LOOKALIKES)
    return code if _SHORT_TEXT.fullmatch(code) else None


def _reason(form: CodeForm) -> str:
    if form == "foreign_code":
        return "foreign_code"
    return "code_unreadable" if form == "unreadable" else "wrong_code_kind"


def _read(data: bytes, expected: str) -> SignedCode:
    if len(data) != _SIZE or data[0] != _VERSION or data[1] not in _KIND_NAMES:
        raise MalformedCode("code_unreadable")
    kind, code_id, lifetime = _KIND_NAMES[data[1]], UUID(bytes=data[6:22]), data[26]
    if kind != expected:
        raise MalformedCode("wrong_code_kind")
    if not _is_uuid7(code_id) or lifetime == 0:
        raise MalformedCode("code_unreadable")
    issued_at = datetime.fromtimestamp(int.from_bytes(data[22:26], "big"), tz=UTC)
    return SignedCode(kind, data[2:6], code_id, issued_at, lifetime, data[_PAYLOAD:])


def _is_uuid7(value: UUID) -> bool:
    return value.variant == RFC_4122 and value.version == _UUID_VERSION
