"""SM3 (GB/T 32905), SHA-2 (FIPS 180-4) and HMAC-SM3 (GB/T 15852.2): whole messages in, digests out."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes

SM3_OID = "1.2.156.10197.1.401"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
SHA384_OID = "2.16.840.1.101.3.4.2.2"
SHA512_OID = "2.16.840.1.101.3.4.2.3"

_SHA2 = {SHA256_OID: "sha256", SHA384_OID: "sha384", SHA512_OID: "sha512"}
_HASHLIB_HAS_SM3 = "sm3" in hashlib.algorithms_available
_BLOCK = 64


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest, 32 bytes. Some builds of Python lack SM3; `cryptography` carries its own."""
    if _HASHLIB_HAS_SM3:
        return hashlib.new("sm3", data).digest()
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest, 32 bytes."""
    return hashlib.sha256(data).digest()


def digest_of(oid: str, data: bytes) -> bytes | None:
    """Return the digest of that name (OID): SM3, SHA-256, SHA-384, SHA-512. None for every other, SHA-1 and keyed SM3 too."""
    if oid == SM3_OID:
        return sm3(data)
    name = _SHA2.get(oid)
    return hashlib.new(name, data).digest() if name else None


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """Return HMAC-SM3 (RFC 2104 with SM3), 32 bytes; any key length."""
    if _HASHLIB_HAS_SM3:
        return hmac.digest(key, data, "sm3")
    padded = (key if len(key) <= _BLOCK else sm3(key)).ljust(_BLOCK, b"\x00")
    inner = sm3(bytes(byte ^ 0x36 for byte in padded) + data)
    return sm3(bytes(byte ^ 0x5C for byte in padded) + inner)
