"""SM2 public-key encryption with SM3 (GB/T 32918.4) in the three forms that licence services exchange, never guessed:

`asn1` the SM2Cipher of GM/T 0009 (x, y, digest, text), `c1c3c2` raw `04 || x || y || digest || text` as GB/T 32918.4 has it since
2016, `c1c2c3` raw with the text before the digest, as software of the 2010 edition writes it. ASN.1 has one order only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from liangzheng.crypto import der, libcrypto
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey, public_handle

CipherForm = Literal["asn1", "c1c3c2", "c1c2c3"]

LONGEST_PLAINTEXT = 64 * 1024
"""Bytes: SM2 encrypts keys and short records; what is longer is sealed under a key of its own (`envelope`)."""

_POINT = 65
_COORDINATE = 32
_DIGEST = 32
_LONGEST_OVERHEAD = 128


class NotDecrypted(ValueError):  # noqa: N818 - reads as the fact it is
    """Not a ciphertext of that form, or not for this key, or changed on its way. Which of these it was is not told."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """C1 (uncompressed point), C3 (SM3 digest), C2 (encrypted text)."""

    point: bytes
    digest: bytes
    text: bytes


def encrypt(key: SM2PublicKey, plaintext: bytes, *, form: CipherForm) -> bytes:
    """Encrypt 1 to 65,536 bytes; a fresh nonce each time. ValueError for another length."""
    if not 0 < len(plaintext) <= LONGEST_PLAINTEXT:
        raise ValueError("a plaintext of 1 to 65,536 bytes expected")
    while True:
        encoded = libcrypto.encrypt(public_handle(key.point), plaintext)
        parts = _read_asn1(encoded)
        if parts.text != plaintext:  # a key stream of zeros hides nothing: GB/T 32918.4, 6.1 A5 draws a new nonce
            return encoded if form == "asn1" else _write_raw(parts, form)


def decrypt(key: SM2PrivateKey, ciphertext: bytes, *, form: CipherForm) -> bytes:
    """Decrypt a ciphertext of exactly this form. Raises NotDecrypted."""
    if len(ciphertext) > LONGEST_PLAINTEXT + _LONGEST_OVERHEAD:
        raise NotDecrypted("too long")
    try:
        parts = _read_asn1(ciphertext) if form == "asn1" else _read_raw(ciphertext, form)
        SM2PublicKey.from_point(parts.point)
    except (der.DerError, BadKey) as error:
        raise NotDecrypted("not such a ciphertext") from error
    plaintext = libcrypto.decrypt(key.handle, _write_asn1(parts))
    if plaintext is None or plaintext == parts.text:  # a key stream of zeros is an error: GB/T 32918.4, 7.1 B4
        raise NotDecrypted("not such a ciphertext")
    return plaintext


def _read_asn1(encoded: bytes) -> _Parts:
    """Read an SM2Cipher. DerError."""
    fields = der.read(encoded).fields()
    x, y = fields.take(der.INTEGER).integer(), fields.take(der.INTEGER).integer()
    digest, text = fields.take().octets(), fields.take().octets()
    fields.end()
    if not (0 <= x < 1 << 256 and 0 <= y < 1 << 256):
        raise der.DerError("a coordinate is out of range")
    return _checked(_Parts(b"\x04" + x.to_bytes(_COORDINATE, "big") + y.to_bytes(_COORDINATE, "big"), digest, text))


def _read_raw(data: bytes, form: CipherForm) -> _Parts:
    """Read the raw form; the point carries its 04. DerError."""
    point, rest = data[:_POINT], data[_POINT:]
    if form == "c1c3c2":
        return _checked(_Parts(point, rest[:_DIGEST], rest[_DIGEST:]))
    return _checked(_Parts(point, rest[-_DIGEST:], rest[:-_DIGEST]))


def _checked(parts: _Parts) -> _Parts:
    if len(parts.point) != _POINT or len(parts.digest) != _DIGEST or not parts.text:
        raise der.DerError("a part has a wrong length")
    return parts


def _write_asn1(parts: _Parts) -> bytes:
    x, y = (int.from_bytes(parts.point[start : start + _COORDINATE], "big") for start in (1, 1 + _COORDINATE))
    return der.sequence(der.integer(x), der.integer(y), der.octet_string(parts.digest), der.octet_string(parts.text))


def _write_raw(parts: _Parts, form: CipherForm) -> bytes:
    middle = (parts.digest, parts.text) if form == "c1c3c2" else (parts.text, parts.digest)
    return parts.point + b"".join(middle)
