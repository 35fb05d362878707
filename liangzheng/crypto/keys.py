"""What every kind of key shares: the error, the outer form of a public key, and what its users ask of it."""

from __future__ import annotations

from typing import Protocol

from liangzheng.crypto import der

EC_PUBLIC_KEY_OID = "1.2.840.10045.2.1"


class BadKey(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not a key of the kind that was expected, or one that may not be used."""


class PublicKey(Protocol):
    """A key that judges signatures in the form of certificates: DER where a signature is a pair, else plain bytes."""

    @property
    def spki(self) -> bytes: ...

    def verify(self, signature: bytes, message: bytes, /) -> bool: ...


class RawPublicKey(PublicKey, Protocol):
    """A key that judges signatures in the fixed-length form of JOSE and COSE, too."""

    def verify_raw(self, signature: bytes, message: bytes, /) -> bool: ...


class RawPrivateKey(Protocol):
    """A key that signs in the fixed-length form of JOSE and COSE."""

    @property
    def public_key(self) -> RawPublicKey: ...

    def sign_raw(self, message: bytes, /) -> bytes: ...


class SigningKey(RawPrivateKey, Protocol):
    """A key with which an authority issues, seals or stamps: from a file (`sm2`, `p256`, `ed25519`) or in a token (`pkcs11`)."""

    def sign(self, message: bytes, /) -> bytes: ...


def read_spki(spki: bytes) -> tuple[bytes, bytes]:
    """Open a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7): the AlgorithmIdentifier as it stands, and the key inside. BadKey."""
    try:
        fields = der.read(spki).fields()
        algorithm, key = fields.take(der.SEQUENCE).encoded, fields.take().bits()
        fields.end()
    except der.DerError as error:
        raise BadKey("not a public key") from error
    return algorithm, key
