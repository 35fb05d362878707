"""SM2 signatures with SM3 (GB/T 32918.2, GB/T 35276) and SM2 keys. DER signatures; the raw 64-byte form is asked for by name.

Arithmetic on secrets is OpenSSL's (`libcrypto.py`); signatures are read strictly here before OpenSSL sees them.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import secrets
from dataclasses import dataclass

from liangzheng.crypto import der, libcrypto
from liangzheng.crypto.digests import sm3
from liangzheng.crypto.keys import EC_PUBLIC_KEY_OID, BadKey, read_spki
from liangzheng.crypto.signature_pairs import is_strict_pair, pair_from_raw, pair_to_raw

DEFAULT_ID = b"1234567812345678"
"""The signer id of GM/T 0009, used wherever nobody agreed on another."""

SM2_CURVE_OID = "1.2.156.10197.1.301"
SM2_WITH_SM3_OID = "1.2.156.10197.1.501"

# GB/T 32918.5-2017, clause 2: the recommended curve y² = x³ + ax + b.
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
_GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
_CURVE = b"".join(value.to_bytes(32, "big") for value in (_A, _B, _GX, _GY))

_SCALAR = 32
_POINT = 65
_LONGEST_ID = 0xFFFF // 8  # ENTL counts bits in two bytes
_ALGORITHM = der.sequence(der.oid(EC_PUBLIC_KEY_OID), der.oid(SM2_CURVE_OID))
_ALGORITHMS = frozenset(
    {_ALGORITHM, *(der.sequence(der.oid(SM2_CURVE_OID), rest) for rest in (b"", der.oid(SM2_CURVE_OID), der.null()))}
)
_PEM = re.compile(rb"-----BEGIN (EC |SM2 |)PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END \1PRIVATE KEY-----\s*")


@dataclass(frozen=True, slots=True)
class SM2PublicKey:
    """A point on the curve, `04 || x || y`, 65 bytes. Build it with `from_point` or `from_spki`, which check it."""

    point: bytes

    @classmethod
    def from_point(cls, point: bytes) -> SM2PublicKey:
        """Take an uncompressed point; BadKey when it is not on the curve."""
        x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
        if len(point) != _POINT or point[0] != 0x04 or x >= _P or y >= _P or (y * y - (x * x + _A) * x - _B) % _P:  # noqa: PLR2004
            raise BadKey("not a point of the SM2 curve")
        return cls(bytes(point))

    @classmethod
    def from_spki(cls, spki: bytes) -> SM2PublicKey:
        """Take a SubjectPublicKeyInfo (DER).

        The algorithm is id-ecPublicKey with the SM2 curve; some real certificates name the curve itself as the algorithm.
        """
        algorithm, point = read_spki(spki)
        if algorithm not in _ALGORITHMS:
            raise BadKey("not an SM2 public key")
        return cls.from_point(point)

    @property
    def key_id(self) -> bytes:
        """Name the key in presentation codes: the first 4 bytes of SM3 over the point. A hint for look-up, not an identity."""
        return sm3(self.point)[:4]

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo (DER), as certificates carry it."""
        return der.sequence(_ALGORITHM, der.bit_string(self.point))

    def verify(self, signature: bytes, message: bytes, *, signer_id: bytes = DEFAULT_ID) -> bool:
        """Say whether this DER signature over the message is this key's. Bad input of any form is False, never an exception."""
        if not is_strict_pair(signature, _N):
            return False
        return libcrypto.verify_digest(public_handle(self.point), signature, _message_digest(self.point, message, signer_id))

    def verify_raw(self, signature: bytes, message: bytes) -> bool:
        """The same for r || s, 64 bytes, and the default signer id, as JOSE and COSE carry it here."""
        try:
            return self.verify(signature_from_raw(signature), message)
        except der.DerError:
            return False


class SM2PrivateKey:
    """A private key. Its scalar never shows in `repr`, and it is not picklable."""

    __slots__ = ("_pkcs8", "_public", "handle")

    def __init__(self, pkcs8: bytes) -> None:
        """Take a PKCS#8 PrivateKeyInfo (DER) of an SM2 key; BadKey for anything else."""
        scalar = _read_pkcs8(pkcs8)
        handle = libcrypto.load_private(_write_pkcs8(scalar))
        if handle is None:
            raise BadKey("OpenSSL refuses this SM2 private key")
        self._public = SM2PublicKey.from_spki(libcrypto.public_spki(handle))
        self._pkcs8 = _write_pkcs8(scalar, self._public.point)
        self.handle = handle

    @classmethod
    def generate(cls) -> SM2PrivateKey:
        """Draw a fresh key: d in [1, n - 2] from the system's randomness."""
        return cls.from_scalar(secrets.randbelow(_N - 2) + 1)

    @classmethod
    def from_scalar(cls, scalar: int) -> SM2PrivateKey:
        """Take d in [1, n - 2]; for test vectors and demo keys."""
        if not 0 < scalar < _N - 1:
            raise BadKey("the scalar is outside [1, n - 2]")
        return cls(_write_pkcs8(scalar))

    @classmethod
    def from_pem(cls, pem: bytes) -> SM2PrivateKey:
        """Read an unencrypted PEM, PKCS#8 or SEC 1 (which names its curve inside); BadKey for anything else.

        SEC 1 is labelled `EC PRIVATE KEY`, and `SM2 PRIVATE KEY` where `openssl ec` of 3.x wrote it.
        """
        match = _PEM.fullmatch(pem.strip())
        if match is None:
            raise BadKey("not an unencrypted PEM of a private key")
        try:
            encoded = base64.b64decode(b"".join(match[2].split()), validate=True)
        except binascii.Error as error:
            raise BadKey("bad base64 in the PEM") from error
        return cls.from_scalar(_read_sec1(encoded, names_curve=True)) if match[1] else cls(encoded)

    def to_pem(self) -> bytes:
        """Write unencrypted PKCS#8 PEM, as `openssl pkey` reads it."""
        text = base64.b64encode(self._pkcs8)
        lines = b"\n".join(text[i : i + 64] for i in range(0, len(text), 64))
        return b"-----BEGIN PRIVATE KEY-----\n" + lines + b"\n-----END PRIVATE KEY-----\n"

    @property
    def public_key(self) -> SM2PublicKey:
        return self._public

    def sign(self, message: bytes, *, signer_id: bytes = DEFAULT_ID) -> bytes:
        """Sign the message; DER, a fresh nonce each time."""
        return libcrypto.sign_digest(self.handle, _message_digest(self._public.point, message, signer_id))

    def sign_raw(self, message: bytes) -> bytes:
        """Sign the message under the default signer id; r || s, 64 bytes."""
        return signature_to_raw(self.sign(message))

    def __repr__(self) -> str:
        return f"SM2PrivateKey(public={self._public.point.hex()[:18]}…)"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not pickled")


def signature_to_raw(signature: bytes) -> bytes:
    """Turn a DER signature into r || s, 64 bytes; DerError unless it is strict DER with 0 < r, s < n."""
    return pair_to_raw(signature, _N)


def signature_from_raw(raw: bytes) -> bytes:
    """Turn r || s (64 bytes) into DER; DerError unless 0 < r, s < n."""
    return pair_from_raw(raw, _N)


def _message_digest(point: bytes, message: bytes, signer_id: bytes) -> bytes:
    """Return e = SM3(Z || M) (GB/T 32918.2, 6.1)."""
    return sm3(_identity_digest(point, signer_id) + message)


@functools.lru_cache(maxsize=1024)
def _identity_digest(point: bytes, signer_id: bytes) -> bytes:
    """Return Z = SM3(ENTL || ID || a || b || xG || yG || xA || yA) (GB/T 32918.2, 5.5)."""
    if len(signer_id) > _LONGEST_ID:
        raise ValueError("the signer id is too long")
    return sm3((len(signer_id) * 8).to_bytes(2, "big") + signer_id + _CURVE + point[1:])


@functools.lru_cache(maxsize=1024)
def public_handle(point: bytes) -> libcrypto.Handle:
    """Load a point into OpenSSL once; the handle is only read afterwards, so threads share it."""
    handle = libcrypto.load_public(der.sequence(_ALGORITHM, der.bit_string(point)))
    if handle is None:
        raise BadKey("OpenSSL refuses this SM2 public key")
    return handle


def _write_pkcs8(scalar: int, point: bytes | None = None) -> bytes:
    """Write PKCS#8 (RFC 5958) around an ECPrivateKey (RFC 5915)."""
    members = [der.integer(1), der.octet_string(scalar.to_bytes(_SCALAR, "big"))]
    if point is not None:
        members.append(der.explicit(1, der.bit_string(point)))
    return der.sequence(der.integer(0), _ALGORITHM, der.octet_string(der.sequence(*members)))


def _read_pkcs8(pkcs8: bytes) -> int:
    """Read d. The algorithm may be written in any of the forms that public keys have."""
    try:
        fields = der.read(pkcs8).fields()
        version, algorithm = fields.take(der.INTEGER).integer(), fields.take(der.SEQUENCE).encoded
        inner = fields.take().octets()
    except der.DerError as error:
        raise BadKey("not a PKCS#8 private key") from error
    if version not in {0, 1} or algorithm not in _ALGORITHMS:
        raise BadKey("not an SM2 private key")
    return _read_sec1(inner, names_curve=False)


def _read_sec1(encoded: bytes, *, names_curve: bool) -> int:
    """Read d from an ECPrivateKey (RFC 5915). A public half inside is ignored: it is computed anew, so it cannot disagree.

    The curve, if named, is SM2's; `names_curve` says that it must be named, because nothing else does.
    """
    try:
        fields = der.read(encoded).fields()
        version, secret = fields.take(der.INTEGER).integer(), fields.take().octets()
        curve = fields.take_if(der.context(0))
        named = curve.only_child().oid() if curve else ""
        fields.take_if(der.context(1))
        fields.end()
    except der.DerError as error:
        raise BadKey("not an EC private key") from error
    if version != 1 or len(secret) != _SCALAR or ((named or names_curve) and named != SM2_CURVE_OID):
        raise BadKey("not an SM2 private key")
    scalar = int.from_bytes(secret, "big")
    if not 0 < scalar < _N - 1:
        raise BadKey("the scalar is outside [1, n - 2]")
    return scalar
