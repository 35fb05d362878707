"""Signed JSON tokens (RFC 7515, compact form) of this platform: the signer's certificates in `x5c`, the kind in `typ`.

Algorithms: ES256 (RFC 7518, 3.4), and `SM2SM3`, which is registered nowhere: SM2 with SM3, default signer id, raw r || s over the
signing input, as ES256 does it. A token that was read is unverified until `is_signed` and until somebody trusts its signer.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.chains import MAX_DEPTH
from liangzheng.crypto.p256 import P256PrivateKey, P256PublicKey
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats.strict_json import BadJson, from_base64url, read_object, to_base64url

AlgorithmName = Literal["SM2SM3", "ES256"]
KEYS: Mapping[AlgorithmName, type[SM2PublicKey | P256PublicKey]] = {"SM2SM3": SM2PublicKey, "ES256": P256PublicKey}
PrivateKey = SM2PrivateKey | P256PrivateKey

_SEGMENTS = 3


class MalformedToken(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not such a token."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A token as it was read. `chain` is the signer's certificate and the authorities above it, as the token names them."""

    payload: Mapping[str, object]
    chain: tuple[Certificate, ...]
    algorithm: AlgorithmName
    signing_input: bytes
    signature: bytes

    @property
    def signer(self) -> Certificate:
        """Who claims to have signed."""
        return self.chain[0]

    @property
    def is_signed(self) -> bool:
        """Say whether the key of the named signer made the signature; trusts nobody."""
        key = self.signer.key
        return isinstance(key, KEYS[self.algorithm]) and key.verify_raw(self.signature, self.signing_input)


def write_token(typ: str, payload: Mapping[str, object], key: PrivateKey, chain: Sequence[Certificate]) -> bytes:
    """Write and sign a token; ValueError when the first certificate is not that of the key."""
    if not chain or chain[0].key != key.public_key:
        raise ValueError("the first certificate of the chain is the signer's")
    algorithm = next(name for name, kind in KEYS.items() if isinstance(key.public_key, kind))
    header = {"alg": algorithm, "typ": typ, "x5c": [base64.b64encode(item.der).decode() for item in chain]}
    parts = (json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() for part in (header, payload))
    signing_input = b".".join(to_base64url(part) for part in parts)
    return signing_input + b"." + to_base64url(key.sign_raw(signing_input))


def token_type(token: bytes) -> str:
    """Say what a token claims to be, "" when it is none; reads the header alone."""
    segments = token.split(b".", _SEGMENTS)
    if len(segments) != _SEGMENTS:
        return ""
    try:
        typ = read_object(from_base64url(segments[0])).get("typ")
    except BadJson:
        return ""
    return typ if isinstance(typ, str) else ""


def read_token(token: bytes, typ: str, *, largest: int) -> UnverifiedToken:
    """Read a token of this kind, at most `largest` bytes. MalformedToken when it is not exactly such a one."""
    if len(token) > largest:
        raise MalformedToken("too large")
    segments = token.split(b".", _SEGMENTS)
    if len(segments) != _SEGMENTS:
        raise MalformedToken("not a JWT")
    try:
        header, payload = (read_object(from_base64url(segment)) for segment in segments[:2])
        signature = from_base64url(segments[2])
    except BadJson as error:
        raise MalformedToken(str(error)) from error
    algorithm = next((name for name in KEYS if name == header.get("alg")), None)
    if algorithm is None or header.get("typ") != typ or "crit" in header:
        raise MalformedToken("another algorithm or type, or a critical header")
    return UnverifiedToken(payload, _chain(header.get("x5c")), algorithm, b".".join(segments[:2]), signature)


def _chain(value: object) -> tuple[Certificate, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_DEPTH:
        raise MalformedToken("no certificate chain")
    try:
        return tuple(read_certificate(base64.b64decode(item, validate=True)) for item in value)
    except (TypeError, ValueError, BadCertificate) as error:
        raise MalformedToken("a bad certificate in the chain") from error


def read_time(value: object) -> datetime:
    """Read a NumericDate (RFC 7519, 2) in whole seconds. MalformedToken."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedToken("a time is missing")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedToken("no such time") from error


def read_uri(value: object) -> str:
    """Read where a token is found: printable ASCII. MalformedToken."""
    if not isinstance(value, str) or not (value.isascii() and value.isprintable() and value):
        raise MalformedToken("it does not say where it is found")
    return value
