"""Keys of fixed name that sign deterministically, for vectors that come out the same byte for byte. They protect nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from dev.vectors import Key, number
from dev.vectors_primitives import P256_N
from liangzheng.codes.offline_code import PrivateKey, PublicKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of fixed name that signs deterministically, in the form in which the product's own keys sign."""

    name: str
    algorithm: str

    @property
    def public_key(self) -> PublicKey:
        return public_key(self)

    def sign_raw(self, message: bytes) -> bytes:
        """Sign; r || s."""
        return signature(self, message)

    def p256(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(Key(self.name).scalar % P256_N, ec.SECP256R1())


@cache
def public_key(signing: Signer) -> PublicKey:
    if signing.algorithm == "SM2":
        return SM2PublicKey.from_point(Key(signing.name).point)
    shown = signing.p256().public_key().public_numbers()
    return P256PublicKey.from_point(b"\x04" + number(shown.x) + number(shown.y))


@cache
def signature(signing: Signer, message: bytes) -> bytes:
    """Sign deterministically; remembered, because schoolbook arithmetic is slow."""
    if signing.algorithm == "SM2":
        r, s = Key(signing.name).sign(message)
    else:
        r, s = decode_dss_signature(signing.p256().sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return number(r) + number(s)


def signer(name: str, algorithm: str) -> PrivateKey:
    return cast("PrivateKey", Signer(f"{name} {algorithm}", algorithm))
