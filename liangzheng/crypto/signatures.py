"""Keys and signatures of certificates, whatever their algorithm: one place that says which key may make which signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from liangzheng.crypto import der
from liangzheng.crypto.ed25519 import ED25519_OID, Ed25519PublicKey
from liangzheng.crypto.keys import BadKey, PublicKey
from liangzheng.crypto.p256 import ECDSA_WITH_SHA256_OID, P256PublicKey
from liangzheng.crypto.rsa import RSA_SIGNATURES, RSAPublicKey
from liangzheng.crypto.sm2 import SM2_WITH_SM3_OID, SM2PublicKey

_READERS: tuple[Callable[[bytes], PublicKey], ...] = (
    SM2PublicKey.from_spki,
    P256PublicKey.from_spki,
    RSAPublicKey.from_spki,
    Ed25519PublicKey.from_spki,
)
_KEYS: Mapping[str, type[SM2PublicKey | P256PublicKey | Ed25519PublicKey]] = {
    SM2_WITH_SM3_OID: SM2PublicKey,
    ECDSA_WITH_SHA256_OID: P256PublicKey,
    ED25519_OID: Ed25519PublicKey,
}


def read_public_key(spki: bytes) -> PublicKey | None:
    """Read a SubjectPublicKeyInfo (DER): SM2, P-256, RSA or Ed25519. None for every other kind and for keys that are refused."""
    for reader in _READERS:
        try:
            return reader(spki)
        except BadKey:
            continue
    return None


def is_signed(key: PublicKey | None, algorithm: str, signature: bytes, message: bytes) -> bool:
    """Say whether this key made the signature under the signature algorithm (OID); a key of another kind never did."""
    if isinstance(key, RSAPublicKey):
        digest = RSA_SIGNATURES.get(algorithm)
        return digest is not None and key.verify(signature, message, digest=digest)
    kind = _KEYS.get(algorithm)
    return kind is not None and isinstance(key, kind) and key.verify(signature, message)


def signature_algorithm(key: PublicKey) -> bytes:
    """Write the AlgorithmIdentifier (DER) of what this key signs. BadKey for kinds that nobody signs with here."""
    for algorithm, kind in _KEYS.items():
        if isinstance(key, kind):
            return der.sequence(der.oid(algorithm))
    raise BadKey("keys of this kind only verify here")
