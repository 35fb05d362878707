"""The ID token of OpenID Connect (Core 1.0, 3.1.3.7), strict: ES256 under a key the provider publishes, nothing else.

Every claim that is checked is an argument of `Expected`; a token that says more is not believed in it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.formats.strict_json import BadJson, from_base64url, read_object

LARGEST = 16 * 1024
"""Bytes of a token."""
LEEWAY = 60
"""Seconds by which the two clocks may differ."""
OLDEST = 600
"""Seconds since a token was issued."""
_SEGMENTS = 3
_COORDINATE = 32
_MOST_KEYS = 20
_LONGEST_SUBJECT = 255
_SECOND_FACTORS = {"mfa", "hwk", "swk", "otp"}  # RFC 8176


class BadIdToken(ValueError):  # noqa: N818 - reads as the fact it is
    """This token does not say, provably and to us, who signed in just now. The text names the first check that failed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to say. `now`: Unix time in seconds."""

    issuer: str
    audience: str
    nonce: str
    now: float


@dataclass(frozen=True, slots=True)
class IdClaims:
    """Who signed in; `has_second_factor`: the provider says that more than a password was shown (`amr`, RFC 8176)."""

    subject: str
    has_second_factor: bool


def read_jwks(document: Mapping[str, object]) -> dict[str, P256PublicKey]:
    """Read the ES256 keys of a JWK set (RFC 7517) by their `kid`; other keys are left out. Raises BadIdToken."""
    rows = document.get("keys")
    if not isinstance(rows, list) or len(rows) > _MOST_KEYS:
        raise BadIdToken("no key set")
    found: dict[str, P256PublicKey] = {}
    for row in rows:
        if isinstance(row, dict) and row.get("kty") == "EC" and row.get("crv") == "P-256" and row.get("use", "sig") == "sig":
            key_id = row.get("kid")
            if not isinstance(key_id, str) or key_id in found:
                raise BadIdToken("a key without a name, or a name twice")
            found[key_id] = _point(row)
    return found


def check_id_token(token: str, keys: Mapping[str, P256PublicKey], expected: Expected) -> IdClaims:
    """Check signature, issuer, audience, nonce and times. Raises BadIdToken."""
    claims = _signed_claims(token, keys)
    if claims.get("iss") != expected.issuer:
        raise BadIdToken("issuer")
    audience = claims.get("aud")
    if audience not in (expected.audience, [expected.audience]) or claims.get("azp", expected.audience) != expected.audience:
        raise BadIdToken("audience")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise BadIdToken("nonce")
    issued, ends = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
    if not expected.now - OLDEST <= issued <= expected.now + LEEWAY or ends < expected.now - LEEWAY:
        raise BadIdToken("time")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise BadIdToken("subject")
    methods = claims.get("amr", [])
    return IdClaims(subject, isinstance(methods, Sequence) and not _SECOND_FACTORS.isdisjoint(map(str, methods)))


def _signed_claims(token: str, keys: Mapping[str, P256PublicKey]) -> dict[str, object]:
    segments = token.split(".", _SEGMENTS) if len(token) <= LARGEST and token.isascii() else []
    if len(segments) != _SEGMENTS:
        raise BadIdToken("form")
    try:
        header, claims = (read_object(from_base64url(segment.encode())) for segment in segments[:2])
        signature = from_base64url(segments[2].encode())
    except BadJson as error:
        raise BadIdToken("form") from error
    key = keys.get(str(header.get("kid", "")))
    if header.get("alg") != "ES256" or "crit" in header or key is None:
        raise BadIdToken("key")
    if not key.verify_raw(signature, ".".join(segments[:2]).encode()):
        raise BadIdToken("signature")
    return claims


def _seconds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadIdToken("time")
    return value


def _point(row: Mapping[str, object]) -> P256PublicKey:
    try:
        x, y = (from_base64url(str(row.get(name, "")).encode()) for name in ("x", "y"))
        if len(x) != _COORDINATE or len(y) != _COORDINATE:
            raise BadIdToken("key")
        return P256PublicKey.from_point(b"\x04" + x + y)
    except (BadJson, BadKey, UnicodeEncodeError) as error:
        raise BadIdToken("key") from error
