"""Sealed values: SM4-GCM (GB/T 32907, RFC 8998) or AES-256-GCM for columns and objects, wrapped keys, and the blind index.

A sealed value is `cipher byte || 12-byte random nonce || ciphertext || 16-byte tag`; the cipher byte is authenticated too.
One key seals at most 2³² values (NIST SP 800-38D, 8.3: random 96-bit nonces).
"""

from __future__ import annotations

import secrets
import unicodedata
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liangzheng.crypto import sm4
from liangzheng.crypto.digests import hmac_sm3

CipherName = Literal["sm4", "aes"]

_BYTE: dict[CipherName, int] = {"sm4": 0x01, "aes": 0x02}
_KEY_SIZE = {0x01: 16, 0x02: 32}
_NONCE = 12
_TAG = 16
_WRAP_CONTEXT = b"liangzheng key v1\x00"


class SealBroken(ValueError):  # noqa: N818 - reads as the fact it is
    """A sealed value does not open: another key, another context, or changed bytes."""


def seal_value(key: bytes, plaintext: bytes, *, context: bytes, cipher: CipherName = "sm4") -> bytes:
    """Seal a value under a 16-byte (sm4) or 32-byte (aes) key. `context` must be given again to open it (table, column, row)."""
    number = _BYTE[cipher]
    _check_key(key, number)
    nonce = secrets.token_bytes(_NONCE)
    header = bytes((number,))
    if cipher == "aes":
        return header + nonce + AESGCM(key).encrypt(nonce, plaintext, header + context)
    return header + nonce + sm4.encrypt_gcm(key, nonce, plaintext, header + context)


def open_value(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """Open a sealed value; SealBroken when key, context or bytes are not those of the sealing."""
    if len(sealed) < 1 + _NONCE + _TAG or sealed[0] not in _KEY_SIZE:
        raise SealBroken("not a sealed value")
    _check_key(key, sealed[0])
    header, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return _decrypt(sealed[0], key, nonce, body, header + context)
    except (InvalidTag, sm4.BadCiphertext) as error:
        raise SealBroken("another key or context, or changed bytes") from error


def _decrypt(number: int, key: bytes, nonce: bytes, body: bytes, data: bytes) -> bytes:
    """Open ciphertext || tag in GCM with additional data; InvalidTag (aes) or BadCiphertext (sm4) when it was changed."""
    return AESGCM(key).decrypt(nonce, body, data) if number == _BYTE["aes"] else sm4.decrypt_gcm(key, nonce, body, data)


def wrap_key(master: bytes, key: bytes, *, context: bytes = b"") -> bytes:
    """Seal a data key under the master key (16 bytes: SM4, 32 bytes: AES-256); it opens only as a key, in the same context."""
    return seal_value(master, key, context=_WRAP_CONTEXT + context, cipher="sm4" if len(master) == _KEY_SIZE[0x01] else "aes")


def unwrap_key(master: bytes, wrapped: bytes, *, context: bytes = b"") -> bytes:
    """Open a wrapped data key; SealBroken as in `open_value`."""
    return open_value(master, wrapped, context=_WRAP_CONTEXT + context)


def blind_index(key: bytes, value: str) -> bytes:
    """Return the look-up value of an identifier: HMAC-SM3 over its NFC, upper-case, stripped form, 32 bytes.

    Equal identifiers give equal bytes, so keep the key apart from the data: identifiers are few enough to be guessed with it.
    """
    return hmac_sm3(key, unicodedata.normalize("NFC", value).upper().strip().encode())


def _check_key(key: bytes, number: int) -> None:
    if len(key) != _KEY_SIZE[number]:
        raise ValueError(f"the key must have {_KEY_SIZE[number]} bytes")
