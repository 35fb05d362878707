"""Licence status lists: the IETF Token Status List (draft-ietf-oauth-status-list) as JWT or CWT, written with 4 bits a licence.

What the values 3 and 11 to 14 mean is this platform's own, like its algorithm names (see `jws` and `cose`).
A list that was read is unverified until `verify` returns "".
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.chains import judge_chain
from liangzheng.crypto.revocation import Crl
from liangzheng.formats import cose
from liangzheng.formats.cbor import CborError, CborValue, decode, encode
from liangzheng.formats.jws import KEYS, AlgorithmName, MalformedToken, PrivateKey, read_time, read_token, read_uri, write_token
from liangzheng.formats.strict_json import BadJson, from_base64url, to_base64url

MEDIA_TYPE = "statuslist+jwt"
CWT_TYPE = "application/statuslist+cwt"
BITS = 4
"""Bits a licence in the lists written here; read are 1, 2, 4 and 8."""

Distrust = Literal[
    "",
    "bad_signature",
    "untrusted_root",
    "cert_expired_at_signing",
    "cert_revoked",
    "revocation_unknown",
    "bad_certificate",
    "status_stale",
    "status_unknown",
]

_LARGEST_TOKEN = 16 * 1024 * 1024
_LARGEST_LIST = 16 * 1024 * 1024  # bytes inflated: 33 million licences
_CLOCK_SKEW = timedelta(minutes=5)
_SIZES = frozenset({1, 2, 4, 8})
_COSE_NAMES: Mapping[cose.Algorithm, AlgorithmName] = {cose.Algorithm.SM2: "SM2SM3", cose.Algorithm.ES256: "ES256"}
_SUBJECT, _EXPIRES, _ISSUED, _STATUS_LIST = 2, 4, 6, 65533  # claims of a CWT (RFC 8392, 3.1; draft, 4.2)
_TAGS_OF_A_CWT = (b"\xd2", b"\xd8")  # the first byte of a tagged message; a JWT is ASCII


class MalformedStatusList(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not such a status list."""


class Status(StrEnum):
    """The standing of a licence in its list; the words are reason codes. `UNKNOWN` is never written."""

    VALID = "valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    TRANSFERRED_OUT = "transferred_out"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    LOST = "lost"
    UNKNOWN = "status_unknown"


# 吊销 1, 暂扣 2, 转出 3, 撤销 11, 注销 12, 换发 13, 挂失 14.
_NUMBERS = {
    Status.VALID: 0,
    Status.REVOKED: 1,
    Status.SUSPENDED: 2,
    Status.TRANSFERRED_OUT: 3,
    Status.WITHDRAWN: 11,
    Status.CANCELLED: 12,
    Status.SUPERSEDED: 13,
    Status.LOST: 14,
}
_STATUSES = {number: status for status, number in _NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class Publication:
    """One issue of a list: where it is found (`sub`), from when and until when it may be relied upon."""

    uri: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UnverifiedStatusList:
    """A list as it was read. `chain` is the signer's certificate and the authorities above it, as the list itself names them."""

    uri: str
    issued_at: datetime
    expires_at: datetime
    bits: int
    packed: bytes
    chain: tuple[Certificate, ...]
    algorithm: AlgorithmName
    signing_input: bytes
    signature: bytes

    @property
    def signer(self) -> Certificate:
        """Who signed. Whether this signer may speak for a licence is the caller's question: the licence names who may."""
        return self.chain[0]

    @property
    def size(self) -> int:
        """How many licences have a place in it, the filling of the last byte included."""
        return len(self.packed) * 8 // self.bits

    def verify(self, roots: Sequence[Certificate], crls: Sequence[Crl], at: datetime) -> Distrust:
        """Return "" when signature, chain and age allow relying on this list at `at`; else the reason code.

        The caller still compares `uri` and `signer` with what the licence names: a good list of somebody else proves nothing.
        """
        key = self.signer.key
        if not isinstance(key, KEYS[self.algorithm]) or not key.verify_raw(self.signature, self.signing_input):
            return "bad_signature"
        chain = judge_chain(self.signer, roots, crls, at, intermediates=self.chain[1:])
        if chain.result != "trusted":
            return chain.result
        if at < self.issued_at - _CLOCK_SKEW:
            return "status_unknown"  # a later list does not say how things stood
        return "status_stale" if at > self.expires_at else ""

    def status_at(self, index: int) -> Status:
        """Return the standing at an index; UNKNOWN outside the list and for a number without a meaning."""
        in_a_byte = 8 // self.bits
        if not 0 <= index < self.size:
            return Status.UNKNOWN
        number = self.packed[index // in_a_byte] >> self.bits * (index % in_a_byte) & (1 << self.bits) - 1
        return _STATUSES.get(number, Status.UNKNOWN)


def encode_status_list(
    statuses: Mapping[int, Status],
    *,
    size: int,
    publication: Publication,
    key: PrivateKey,
    chain: Sequence[Certificate],
) -> bytes:
    """Write and sign a list of `size` licences as a JWT; an index that is not in `statuses` is valid.

    `chain` is the signer's certificate and, if the readers do not have them, the authorities above it (without the root).
    """
    payload = {
        "sub": publication.uri,
        "iat": int(publication.issued_at.timestamp()),
        "exp": int(publication.expires_at.timestamp()),
        "status_list": {"bits": BITS, "lst": to_base64url(zlib.compress(_pack(statuses, size), 9)).decode()},
    }
    return write_token(MEDIA_TYPE, payload, key, chain)


def encode_status_list_cwt(
    statuses: Mapping[int, Status],
    *,
    size: int,
    publication: Publication,
    key: PrivateKey,
    chain: Sequence[Certificate],
) -> bytes:
    """Write and sign the same list as a CWT (RFC 8392); the chain stands in the protected header."""
    if not chain or chain[0].key != key.public_key:
        raise ValueError("the first certificate of the chain is the signer's")
    claims: Mapping[int | str | bytes, CborValue] = {
        _SUBJECT: publication.uri,
        _ISSUED: int(publication.issued_at.timestamp()),
        _EXPIRES: int(publication.expires_at.timestamp()),
        _STATUS_LIST: {"bits": BITS, "lst": zlib.compress(_pack(statuses, size), 9)},
    }
    return cose.write_sign1(encode(claims), key, protected={cose.TYPE: CWT_TYPE, cose.X5CHAIN: cose.write_chain(chain)})


def read_status_list(token: bytes) -> UnverifiedStatusList:
    """Read a list; MalformedStatusList when it is not exactly such a JWT or CWT."""
    if len(token) > _LARGEST_TOKEN:
        raise MalformedStatusList("too large")
    try:
        return _read_cwt(token) if token.startswith(_TAGS_OF_A_CWT) else _read_jwt(token)
    except (BadJson, CborError, MalformedToken, cose.MalformedSign1) as error:
        raise MalformedStatusList(str(error)) from error


def _read_jwt(data: bytes) -> UnverifiedStatusList:
    token = read_token(data, MEDIA_TYPE, largest=_LARGEST_TOKEN)
    bits, packed = _read_list(token.payload.get("status_list"), str)
    return UnverifiedStatusList(
        uri=read_uri(token.payload.get("sub")),
        issued_at=read_time(token.payload.get("iat")),
        expires_at=read_time(token.payload.get("exp")),
        bits=bits,
        packed=packed,
        chain=token.chain,
        algorithm=token.algorithm,
        signing_input=token.signing_input,
        signature=token.signature,
    )


def _read_cwt(token: bytes) -> UnverifiedStatusList:
    message = cose.read_sign1(token)
    claims = decode(message.payload, sorted_keys=False)
    algorithm = _COSE_NAMES.get(message.algorithm)
    if algorithm is None or message.protected.get(cose.TYPE) != CWT_TYPE or not isinstance(claims, Mapping):
        raise MalformedStatusList("another algorithm or type, or no claims")
    bits, packed = _read_list(claims.get(_STATUS_LIST), bytes)
    return UnverifiedStatusList(
        uri=read_uri(claims.get(_SUBJECT)),
        issued_at=read_time(claims.get(_ISSUED)),
        expires_at=read_time(claims.get(_EXPIRES)),
        bits=bits,
        packed=packed,
        chain=cose.read_chain(message.protected.get(cose.X5CHAIN)),
        algorithm=algorithm,
        signing_input=message.signing_input(),
        signature=message.signature,
    )


def _pack(statuses: Mapping[int, Status], size: int) -> bytes:
    """Lay out 4 bits a licence, the even index in the low half of its byte."""
    if (size + 1) // 2 > _LARGEST_LIST:
        raise ValueError("too many licences for one list")
    packed = bytearray((size + 1) // 2)
    for index, status in statuses.items():
        if not 0 <= index < size:
            raise ValueError("an index outside the list")
        packed[index // 2] |= _NUMBERS[status] << 4 * (index % 2)
    return bytes(packed)


def _read_list(value: object, form: type[str | bytes]) -> tuple[int, bytes]:
    """Read the list itself: bits a licence, and the inflated bytes. `lst` is bytes in a CWT, their base64url in a JWT."""
    bits, packed = (value.get("bits"), value.get("lst")) if isinstance(value, Mapping) else (None, None)
    if isinstance(bits, bool) or not isinstance(bits, int) or bits not in _SIZES or not isinstance(packed, form):
        raise MalformedStatusList("no list of 1, 2, 4 or 8 bits a licence")
    return bits, _inflate(packed if isinstance(packed, bytes) else from_base64url(packed.encode("ascii", "replace")))


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        packed = inflater.decompress(data, _LARGEST_LIST + 1)
    except zlib.error as error:
        raise MalformedStatusList("the list cannot be inflated") from error
    if not inflater.eof or inflater.unused_data or len(packed) > _LARGEST_LIST:
        raise MalformedStatusList("the list is cut off, too long or followed by something")
    return packed
