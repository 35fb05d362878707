"""COSE_Sign1 (RFC 9052): one signer, payload inside, algorithm and everything else that matters under the signature.

`SM2` is this platform's own and not registered anywhere: algorithm -65537 of the private range, SM2 with SM3, default signer id,
raw r || s. A message that was read is unverified until `is_signed_by` a key somebody trusts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.chains import MAX_DEPTH
from liangzheng.crypto.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from liangzheng.crypto.keys import PublicKey
from liangzheng.crypto.p256 import P256PrivateKey, P256PublicKey
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats.cbor import CborError, CborKey, CborValue, Tagged, decode, encode

PrivateKey = SM2PrivateKey | P256PrivateKey | Ed25519PrivateKey

ALGORITHM, CRITICAL, KEY_ID, TYPE, X5CHAIN = 1, 2, 4, 16, 33
"""Header labels (RFC 9052, 3.1; RFC 9596; RFC 9360)."""

_SIGN1_TAG, _CWT_TAG = 18, 61
_MEMBERS = 4


class Algorithm(IntEnum):
    """The algorithms accepted. `SM2` is private use (RFC 9053: less than -65536)."""

    ES256 = -7
    EDDSA = -8
    SM2 = -65537


_KEYS: Mapping[Algorithm, type[SM2PublicKey | P256PublicKey | Ed25519PublicKey]] = {
    Algorithm.ES256: P256PublicKey,
    Algorithm.EDDSA: Ed25519PublicKey,
    Algorithm.SM2: SM2PublicKey,
}


class MalformedSign1(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not a COSE_Sign1 of the kind that is accepted."""


@dataclass(frozen=True, slots=True)
class UnverifiedSign1:
    """A message as it was read. `protected` stands under the signature, `unprotected` does not."""

    algorithm: Algorithm
    protected: Mapping[CborKey, CborValue]
    unprotected: Mapping[CborKey, CborValue]
    payload: bytes
    signature: bytes
    signed_headers: bytes

    def is_signed_by(self, key: PublicKey | None, *, external_data: bytes = b"") -> bool:
        """Say whether this key made the signature. A key of another kind than the algorithm's never did."""
        return isinstance(key, _KEYS[self.algorithm]) and key.verify_raw(self.signature, self.signing_input(external_data))

    def signing_input(self, external_data: bytes = b"") -> bytes:
        """Give the bytes that were signed."""
        return _to_sign(self.signed_headers, external_data, self.payload)


def read_sign1(data: bytes) -> UnverifiedSign1:
    """Read a tagged message, which may stand under the CWT tag (RFC 8392, 6). MalformedSign1.

    The algorithm has to be protected; no label may stand in both headers; `crit` is refused, for none is understood.
    """
    protected_bytes, unprotected, payload, signature = _members(data)
    try:
        protected = decode(protected_bytes, sorted_keys=False) if protected_bytes else {}
    except CborError as error:
        raise MalformedSign1(f"bad protected header: {error}") from error
    if not isinstance(protected, Mapping) or protected.keys() & unprotected.keys():
        raise MalformedSign1("a protected header that is no map, or a label in both headers")
    if CRITICAL in protected or CRITICAL in unprotected:
        raise MalformedSign1("a critical header")
    return UnverifiedSign1(
        _algorithm(protected.get(ALGORITHM)), protected, unprotected, payload, signature, protected_bytes if protected else b""
    )


def write_sign1(
    payload: bytes,
    key: PrivateKey,
    *,
    protected: Mapping[CborKey, CborValue],
    unprotected: Mapping[CborKey, CborValue] | None = None,
    external_data: bytes = b"",
) -> bytes:
    """Sign a payload; the algorithm is the key's and goes into the protected header. Gives it tagged (18)."""
    algorithm = next(algorithm for algorithm, kind in _KEYS.items() if isinstance(key.public_key, kind))
    headers = encode({**protected, ALGORITHM: algorithm.value})
    signature = key.sign_raw(_to_sign(headers, external_data, payload))
    return encode(Tagged(_SIGN1_TAG, (headers, dict(unprotected or {}), payload, signature)))


def write_chain(chain: Sequence[Certificate]) -> CborValue:
    """Write certificates as the value of x5chain (RFC 9360, 2): one stands alone, several in an array."""
    return chain[0].der if len(chain) == 1 else tuple(item.der for item in chain)


def read_chain(value: CborValue) -> tuple[Certificate, ...]:
    """Read the value of x5chain: the signer first, none of them trusted yet. MalformedSign1."""
    items = (value,) if isinstance(value, bytes) else value
    if not isinstance(items, tuple) or not 0 < len(items) <= MAX_DEPTH:
        raise MalformedSign1("no certificate chain")
    found: list[Certificate] = []
    for item in items:
        if not isinstance(item, bytes):
            raise MalformedSign1("no certificate chain")
        try:
            found.append(read_certificate(item))
        except BadCertificate as error:
            raise MalformedSign1("a bad certificate in the chain") from error
    return tuple(found)


def _members(data: bytes) -> tuple[bytes, Mapping[CborKey, CborValue], bytes, bytes]:
    """Take the message apart: protected header as bytes, unprotected header, payload, signature."""
    try:
        value = decode(data, tags=frozenset({_SIGN1_TAG, _CWT_TAG}), sorted_keys=False)
    except CborError as error:
        raise MalformedSign1(f"not strict CBOR: {error}") from error
    if isinstance(value, Tagged) and value.number == _CWT_TAG:
        value = value.value
    if not isinstance(value, Tagged) or value.number != _SIGN1_TAG:
        raise MalformedSign1("not tagged as COSE_Sign1")
    if not isinstance(value.value, tuple) or len(value.value) != _MEMBERS:
        raise MalformedSign1("not an array of four")
    protected, unprotected, payload, signature = value.value
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise MalformedSign1("header, payload or signature are no bytes; a detached payload is not accepted")
    if not isinstance(unprotected, Mapping):
        raise MalformedSign1("an unprotected header that is no map")
    return protected, unprotected, payload, signature


def _algorithm(value: CborValue) -> Algorithm:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedSign1("the algorithm is not protected")
    try:
        return Algorithm(value)
    except ValueError as error:
        raise MalformedSign1("another algorithm") from error


def _to_sign(headers: bytes, external_data: bytes, payload: bytes) -> bytes:
    """Write the Sig_structure (RFC 9052, 4.4)."""
    return encode(("Signature1", headers, external_data, payload))
