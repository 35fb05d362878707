"""Licence status lists: the IETF Token Status List (draft-ietf-oauth-status-list) as a JWT, 4 bits a licence.

Two things are this platform's own and not registered anywhere: the algorithm name `SM2SM3` (SM2 with SM3, default signer id,
raw r || s over the signing input, as RFC 7518 does for ES256), and the meaning of the values 3 and 11 to 14.
A list that was read is unverified until `verify` returns "".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, NoReturn

from liangzheng.crypto import der
from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.chains import MAX_DEPTH, judge_chain
from liangzheng.crypto.revocation import Crl
from liangzheng.crypto.sm2 import SM2PrivateKey, signature_from_raw, signature_to_raw

ALGORITHM = "SM2SM3"
MEDIA_TYPE = "statuslist+jwt"
BITS = 4

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
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*")
_SEGMENTS = 3


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
    packed: bytes
    chain: tuple[Certificate, ...]
    signing_input: bytes
    signature: bytes

    @property
    def signer(self) -> Certificate:
        """Who signed. Whether this signer may speak for a licence is the caller's question: the licence names who may."""
        return self.chain[0]

    def verify(self, roots: Sequence[Certificate], crls: Sequence[Crl], at: datetime) -> Distrust:
        """Return "" when signature, chain and age allow relying on this list at `at`; else the reason code.

        The caller still compares `uri` and `signer` with what the licence names: a good list of somebody else proves nothing.
        """
        key = self.signer.public_key
        try:
            signature = signature_from_raw(self.signature)
        except der.DerError:
            return "bad_signature"
        if key is None or not key.verify(signature, self.signing_input):
            return "bad_signature"
        chain = judge_chain(self.signer, roots, crls, at, intermediates=self.chain[1:])
        if chain.result != "trusted":
            return chain.result
        if at < self.issued_at - _CLOCK_SKEW:
            return "status_unknown"  # a later list does not say how things stood
        return "status_stale" if at > self.expires_at else ""

    def status_at(self, index: int) -> Status:
        """Return the standing at an index; UNKNOWN outside the list and for a number without a meaning."""
        if not 0 <= index < len(self.packed) * 2:
            return Status.UNKNOWN
        return _STATUSES.get(self.packed[index // 2] >> 4 * (index % 2) & 0x0F, Status.UNKNOWN)


def encode_status_list(
    statuses: Mapping[int, Status],
    *,
    size: int,
    publication: Publication,
    key: SM2PrivateKey,
    chain: Sequence[Certificate],
) -> bytes:
    """Write and sign a list of `size` licences; an index that is not in `statuses` is valid.

    `chain` is the signer's certificate and, if the readers do not have them, the authorities above it (without the root).
    """
    if not chain or chain[0].public_key != key.public_key:
        raise ValueError("the first certificate of the chain is the signer's")
    header = {"alg": ALGORITHM, "typ": MEDIA_TYPE, "x5c": [base64.b64encode(item.der).decode() for item in chain]}
    payload = {
        "sub": publication.uri,
        "iat": int(publication.issued_at.timestamp()),
        "exp": int(publication.expires_at.timestamp()),
        "status_list": {"bits": BITS, "lst": _to_base64url(zlib.compress(_pack(statuses, size), 9)).decode()},
    }
    signing_input = b".".join(_to_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload))
    return signing_input + b"." + _to_base64url(signature_to_raw(key.sign(signing_input)))


def read_status_list(token: bytes) -> UnverifiedStatusList:
    """Read a list; MalformedStatusList when it is not exactly such a JWT."""
    segments = token.split(b".") if len(token) <= _LARGEST_TOKEN else []
    if len(segments) != _SEGMENTS:
        raise MalformedStatusList("not a JWT")
    header, payload = (_read_object(_from_base64url(segment)) for segment in segments[:2])
    if header.get("alg") != ALGORITHM or header.get("typ") != MEDIA_TYPE or "crit" in header:
        raise MalformedStatusList("another algorithm or type, or a critical header")
    uri = payload.get("sub")
    if not isinstance(uri, str) or not (uri.isascii() and uri.isprintable() and uri):
        raise MalformedStatusList("the list does not say where it is found")
    return UnverifiedStatusList(
        uri=uri,
        issued_at=_read_time(payload.get("iat")),
        expires_at=_read_time(payload.get("exp")),
        packed=_read_list(payload.get("status_list")),
        chain=_read_chain(header.get("x5c")),
        signing_input=b".".join(segments[:2]),
        signature=_from_base64url(segments[2]),
    )


def _pack(statuses: Mapping[int, Status], size: int) -> bytes:
    """Lay out 4 bits a licence, the even index in the low half of its byte."""
    packed = bytearray((size + 1) // 2)
    if len(packed) > _LARGEST_LIST:
        raise ValueError("too many licences for one list")
    for index, status in statuses.items():
        if not 0 <= index < size:
            raise ValueError("an index outside the list")
        packed[index // 2] |= _NUMBERS[status] << 4 * (index % 2)
    return bytes(packed)


def _read_list(value: object) -> bytes:
    if not isinstance(value, dict) or value.get("bits") != BITS or not isinstance(value.get("lst"), str):
        raise MalformedStatusList("no list of 4 bits a licence")
    inflater = zlib.decompressobj()
    try:
        packed = inflater.decompress(_from_base64url(value["lst"].encode("ascii", "replace")), _LARGEST_LIST + 1)
    except zlib.error as error:
        raise MalformedStatusList("the list cannot be inflated") from error
    if not inflater.eof or inflater.unused_data or len(packed) > _LARGEST_LIST:
        raise MalformedStatusList("the list is cut off, too long or followed by something")
    return packed


def _read_chain(value: object) -> tuple[Certificate, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_DEPTH:
        raise MalformedStatusList("no certificate chain")
    try:
        return tuple(read_certificate(base64.b64decode(item, validate=True)) for item in value)
    except (TypeError, ValueError, BadCertificate) as error:
        raise MalformedStatusList("a bad certificate in the chain") from error


def _read_time(value: object) -> datetime:
    """Read a NumericDate in whole seconds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedStatusList("a time is missing")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedStatusList("no such time") from error


def _read_object(data: bytes) -> dict[str, object]:
    """Read a JSON object strictly: no key twice, no fractions, NaN or Infinity, no endless nesting."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedStatusList("not a strict JSON object") from error
    if not isinstance(value, dict):
        raise MalformedStatusList("not a JSON object")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedStatusList("a key twice")
    return found


def _refuse(text: str) -> NoReturn:
    raise MalformedStatusList(f"{text[:20]} is not allowed")


def _to_base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _from_base64url(text: bytes) -> bytes:
    """Read base64url without padding; of several texts for the same bytes only one is accepted."""
    if not _BASE64URL.fullmatch(text):
        raise MalformedStatusList("not base64url")
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise MalformedStatusList("not base64url") from error
    if _to_base64url(data) != text:
        raise MalformedStatusList("unused bits are set")
    return data
