"""Ed25519 (RFC 8032; `EdDSA` of RFC 8037 and RFC 9053), behind the same interface as SM2.

There is one form of a signature: 64 bytes.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from liangzheng.crypto import der
from liangzheng.crypto.keys import BadKey, read_spki

ED25519_OID = "1.3.101.112"

# RFC 8032, 5.1: the field, and the curve -x² + y² = 1 + d·x²·y².
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_SIGN = 1 << 255
_KEY = 32
_SIGNATURE = 64
_ALGORITHM = der.sequence(der.oid(ED25519_OID))
_ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _P - 1, _ORDER_EIGHT, _P - _ORDER_EIGHT})  # y of the eight points that prove nothing


@dataclass(frozen=True, slots=True)
class Ed25519PublicKey:
    """A public key, 32 bytes. Build it with `from_bytes` or `from_spki`, which check it."""

    encoded: bytes

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Ed25519PublicKey:
        """Take an encoded point; BadKey unless it is canonical, on the curve and not of small order.

        Under a key of small order some signatures hold for every message; RFC 8032 leaves that check to us.
        """
        number = int.from_bytes(encoded, "little")
        y = number & (_SIGN - 1)
        if len(encoded) != _KEY or y >= _P or y in _SMALL_ORDER or not _is_on_curve(y):
            raise BadKey("not an Ed25519 public key that may be used")
        return cls(bytes(encoded))

    @classmethod
    def from_spki(cls, spki: bytes) -> Ed25519PublicKey:
        """Take a SubjectPublicKeyInfo (DER, RFC 8410)."""
        algorithm, encoded = read_spki(spki)
        if algorithm != _ALGORITHM:
            raise BadKey("not an Ed25519 public key")
        return cls.from_bytes(encoded)

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo (DER), as certificates carry it."""
        return der.sequence(_ALGORITHM, der.bit_string(self.encoded))

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Say whether this signature over the message is this key's. Bad input of any form is False, never an exception."""
        if len(signature) != _SIGNATURE:
            return False
        try:
            _handle(self.encoded).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def verify_raw(self, signature: bytes, message: bytes) -> bool:
        """The same: JOSE and COSE carry no other form."""
        return self.verify(signature, message)


class Ed25519PrivateKey:
    """A private key. It never shows in `repr`, and it is not picklable."""

    __slots__ = ("_key", "_public")

    def __init__(self, key: ed25519.Ed25519PrivateKey) -> None:
        self._key = key
        self._public = Ed25519PublicKey(key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Ed25519PrivateKey:
        return cls(ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes) -> Ed25519PrivateKey:
        """Read an unencrypted PKCS#8 PEM; BadKey for anything else."""
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadKey("not an unencrypted private key") from error
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise BadKey("not an Ed25519 private key")
        return cls(key)

    def to_pem(self) -> bytes:
        """Write unencrypted PKCS#8 PEM."""
        form = serialization.PrivateFormat.PKCS8
        return self._key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())

    @property
    def public_key(self) -> Ed25519PublicKey:
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign the message, 64 bytes; the same message gives the same signature."""
        return self._key.sign(message)

    def sign_raw(self, message: bytes) -> bytes:
        """The same: JOSE and COSE carry no other form."""
        return self.sign(message)

    def __repr__(self) -> str:
        return f"Ed25519PrivateKey(public={self._public.encoded.hex()[:16]}…)"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not pickled")


def _is_on_curve(y: int) -> bool:
    """Say whether x² = (y² - 1) / (d·y² + 1) has a root (Euler's criterion); x = 0 is of small order and already out."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return pow(square, (_P - 1) // 2, _P) == 1


@functools.lru_cache(maxsize=1024)
def _handle(encoded: bytes) -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PublicKey.from_public_bytes(encoded)
