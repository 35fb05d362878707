"""ECDSA on P-256 with SHA-256 (FIPS 186-5; `ES256` of RFC 7518 and RFC 9053), behind the same interface as SM2.

As the standard has it, (r, n - s) verifies where (r, s) does: a signature names its signer, never itself.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from liangzheng.crypto import der
from liangzheng.crypto.keys import EC_PUBLIC_KEY_OID, BadKey, read_spki
from liangzheng.crypto.signature_pairs import is_strict_pair, pair_from_raw, pair_to_raw

P256_CURVE_OID = "1.2.840.10045.3.1.7"
ECDSA_WITH_SHA256_OID = "1.2.840.10045.4.3.2"

# FIPS 186-5 and SP 800-186, 3.2.1.3: the order of the base point.
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_POINT = 65
_ALGORITHM = der.sequence(der.oid(EC_PUBLIC_KEY_OID), der.oid(P256_CURVE_OID))
_ECDSA = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class P256PublicKey:
    """A point on the curve, `04 || x || y`, 65 bytes. Build it with `from_point` or `from_spki`, which check it."""

    point: bytes

    @classmethod
    def from_point(cls, point: bytes) -> P256PublicKey:
        """Take an uncompressed point; BadKey when it is not on the curve."""
        key = cls(bytes(point))
        if len(point) != _POINT or point[0] != 0x04:  # noqa: PLR2004 - SEC 1, 2.3.4
            raise BadKey("not an uncompressed point of P-256")
        try:
            _handle(key.point)
        except ValueError as error:
            raise BadKey("not a point of P-256") from error
        return key

    @classmethod
    def from_spki(cls, spki: bytes) -> P256PublicKey:
        """Take a SubjectPublicKeyInfo (DER) with the curve named; explicit curve parameters are refused."""
        algorithm, point = read_spki(spki)
        if algorithm != _ALGORITHM:
            raise BadKey("not a P-256 public key")
        return cls.from_point(point)

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo (DER), as certificates carry it."""
        return der.sequence(_ALGORITHM, der.bit_string(self.point))

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Say whether this DER signature over the message is this key's. Bad input of any form is False, never an exception."""
        if not is_strict_pair(signature, _N):
            return False
        try:
            _handle(self.point).verify(signature, message, _ECDSA)
        except InvalidSignature:
            return False
        return True

    def verify_raw(self, signature: bytes, message: bytes) -> bool:
        """The same for r || s, 64 bytes, as JOSE and COSE carry it."""
        try:
            return self.verify(signature_from_raw(signature), message)
        except der.DerError:
            return False


class P256PrivateKey:
    """A private key. Its scalar never shows in `repr`, and it is not picklable."""

    __slots__ = ("_key", "_public")

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        if not isinstance(key.curve, ec.SECP256R1):
            raise BadKey("not a P-256 private key")
        self._key = key
        self._public = P256PublicKey(
            key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        )

    @classmethod
    def generate(cls) -> P256PrivateKey:
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes) -> P256PrivateKey:
        """Read an unencrypted PEM, PKCS#8 or SEC 1; BadKey for anything else."""
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadKey("not an unencrypted private key") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise BadKey("not a P-256 private key")
        return cls(key)

    def to_pem(self) -> bytes:
        """Write unencrypted PKCS#8 PEM."""
        form = serialization.PrivateFormat.PKCS8
        return self._key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())

    @property
    def public_key(self) -> P256PublicKey:
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign the message; DER, a fresh nonce each time."""
        return self._key.sign(message, _ECDSA)

    def sign_raw(self, message: bytes) -> bytes:
        """Sign the message; r || s, 64 bytes."""
        return pair_to_raw(self.sign(message), _N)

    def __repr__(self) -> str:
        return f"P256PrivateKey(public={self._public.point.hex()[:18]}…)"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not pickled")


def signature_from_raw(raw: bytes) -> bytes:
    """Turn r || s (64 bytes) into DER; DerError unless 0 < r, s < n."""
    return pair_from_raw(raw, _N)


@functools.lru_cache(maxsize=1024)
def _handle(point: bytes) -> ec.EllipticCurvePublicKey:
    """Load a point once; ValueError when it is not on the curve."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
