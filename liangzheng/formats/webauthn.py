"""Passkeys (W3C Web Authentication, Level 2): what a browser answers to `create` and `get`, checked against what was asked.

ES256 only. Attestation is not asked for and not believed: a passkey proves that it is the one that was enrolled, not who made it.
User verification (PIN, fingerprint, face) is always required, so that a passkey counts as two factors.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from liangzheng.crypto.digests import sha256
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.formats.cbor import CborError, decode
from liangzheng.formats.strict_json import BadJson, from_base64url, read_object

LARGEST = 16 * 1024
"""Bytes of any part of an answer."""
_USER_PRESENT, _USER_VERIFIED, _ATTESTED = 0x01, 0x04, 0x40
_HEAD = 37  # digest of the relying party, flags, counter
_AAGUID, _LENGTH = 16, 2
_LONGEST_ID = 1023  # 6.5.1
# COSE_Key of ES256 in CTAP2's canonical form: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
_KEY_START, _KEY_MIDDLE = bytes.fromhex("a5010203262001215820"), bytes.fromhex("225820")
_COORDINATE = 32


class BadPasskey(ValueError):  # noqa: N818 - reads as the fact it is
    """This is not the answer to what was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser was asked: a fresh challenge, by this relying party (a host name), on one of these origins."""

    challenge: bytes
    relying_party: str
    origins: frozenset[str]


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey as it was made."""

    credential_id: bytes
    key: P256PublicKey
    sign_count: int


def read_new(client_data: bytes, attestation: bytes, asked: Asked) -> NewPasskey:
    """Check the answer to `create` (7.1). Raises BadPasskey."""
    _check_client_data(client_data, "webauthn.create", asked)
    if len(attestation) > LARGEST:
        raise BadPasskey("too large")
    try:
        found = decode(attestation, sorted_keys=False)
    except CborError as error:
        raise BadPasskey("no attestation object") from error
    data = found.get("authData") if isinstance(found, Mapping) else None
    if not isinstance(data, bytes):
        raise BadPasskey("no authenticator data")
    flags, count = _read_head(data, asked)
    if not flags & _ATTESTED:
        raise BadPasskey("no new passkey inside")
    credential_id, rest = _read_id(data[_HEAD + _AAGUID :])
    return NewPasskey(credential_id, _read_key(rest), count)


def check_use(client_data: bytes, data: bytes, signature: bytes, key: P256PublicKey, asked: Asked) -> int:
    """Check the answer to `get` (7.2) with the enrolled key and give the authenticator's counter. Raises BadPasskey."""
    _check_client_data(client_data, "webauthn.get", asked)
    _flags, count = _read_head(data, asked)
    if not key.verify(signature, data + sha256(client_data)):
        raise BadPasskey("the signature is not this passkey's")
    return count


def is_newer(count: int, known: int) -> bool:
    """Say whether the counter went on (7.2, step 21); an authenticator without one always gives 0."""
    return count > known or count == known == 0


def _check_client_data(data: bytes, kind: str, asked: Asked) -> None:
    if len(data) > LARGEST:
        raise BadPasskey("too large")
    try:
        found = read_object(data)
        challenge = from_base64url(str(found.get("challenge", "")).encode())
    except (BadJson, UnicodeEncodeError) as error:
        raise BadPasskey("no client data") from error
    if found.get("type") != kind or found.get("origin") not in asked.origins or found.get("crossOrigin", False) is not False:
        raise BadPasskey("made for another purpose or another page")
    if not asked.challenge or not hmac.compare_digest(challenge, asked.challenge):
        raise BadPasskey("another challenge")


def _read_head(data: bytes, asked: Asked) -> tuple[int, int]:
    if not _HEAD <= len(data) <= LARGEST or data[:32] != sha256(asked.relying_party.encode()):
        raise BadPasskey("of another relying party")
    flags = data[32]
    if not (flags & _USER_PRESENT and flags & _USER_VERIFIED):
        raise BadPasskey("the person was not verified")
    return flags, int.from_bytes(data[33:_HEAD], "big")


def _read_id(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:_LENGTH], "big")
    end = _LENGTH + size
    if not 0 < size <= _LONGEST_ID or len(data) < end:
        raise BadPasskey("no credential id")
    return data[_LENGTH:end], data[end:]


def _read_key(data: bytes) -> P256PublicKey:
    """Read the key; extensions may follow it and are not looked at."""
    x_end = len(_KEY_START) + _COORDINATE
    y_start = x_end + len(_KEY_MIDDLE)
    if not data.startswith(_KEY_START) or data[x_end:y_start] != _KEY_MIDDLE or len(data) < y_start + _COORDINATE:
        raise BadPasskey("not an ES256 key")
    try:
        return P256PublicKey.from_point(b"\x04" + data[len(_KEY_START) : x_end] + data[y_start : y_start + _COORDINATE])
    except BadKey as error:
        raise BadPasskey("not a point of P-256") from error
