"""RSA signatures (PKCS #1 v1.5, RFC 8017) of old certificates: verified, never made.

Not read: keys below 2048 bits, SHA-1 (its collisions are made at will) and PSS.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from liangzheng.crypto import der
from liangzheng.crypto.keys import BadKey, read_spki

RSA_OID = "1.2.840.113549.1.1.1"

Digest = Literal["sha256", "sha384", "sha512"]
RSA_SIGNATURES: Mapping[str, Digest] = MappingProxyType(
    {
        "1.2.840.113549.1.1.11": "sha256",
        "1.2.840.113549.1.1.12": "sha384",
        "1.2.840.113549.1.1.13": "sha512",
    }
)
"""Signature algorithms of certificates (RFC 8017, appendix C) and the digest each one uses."""

_HASHES: Mapping[Digest, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SMALLEST, _LARGEST = 2048, 8192  # bits; a larger modulus would let one certificate cost seconds
_LARGEST_EXPONENT = 2**32
_ALGORITHM = der.sequence(der.oid(RSA_OID), der.null())


@dataclass(frozen=True, slots=True)
class RSAPublicKey:
    """Modulus and exponent. Build it with `from_spki`, which checks them."""

    modulus: int
    exponent: int

    @classmethod
    def from_spki(cls, spki: bytes) -> RSAPublicKey:
        """Take a SubjectPublicKeyInfo (DER, RFC 3279, 2.3.1)."""
        algorithm, encoded = read_spki(spki)
        if algorithm != _ALGORITHM:
            raise BadKey("not an RSA public key")
        try:
            fields = der.read(encoded).fields()
            modulus, exponent = fields.take(der.INTEGER).integer(), fields.take(der.INTEGER).integer()
            fields.end()
        except der.DerError as error:
            raise BadKey("not an RSA public key") from error
        if modulus < 0 or not _SMALLEST <= modulus.bit_length() <= _LARGEST or not modulus & 1:
            raise BadKey("an RSA modulus that is too short, too long or even")
        if not 1 < exponent < _LARGEST_EXPONENT or not exponent & 1:
            raise BadKey("an RSA exponent that may not be used")
        return cls(modulus, exponent)

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo (DER), as certificates carry it."""
        return der.sequence(_ALGORITHM, der.bit_string(der.sequence(der.integer(self.modulus), der.integer(self.exponent))))

    def verify(self, signature: bytes, message: bytes, *, digest: Digest = "sha256") -> bool:
        """Say whether this signature over the message is this key's. Bad input of any form is False, never an exception."""
        if len(signature) != (self.modulus.bit_length() + 7) // 8:
            return False
        try:
            _handle(self.modulus, self.exponent).verify(signature, message, padding.PKCS1v15(), _HASHES[digest])
        except InvalidSignature:
            return False
        return True


@functools.lru_cache(maxsize=256)
def _handle(modulus: int, exponent: int) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()
