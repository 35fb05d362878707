"""The off-line code: a credential its issuer signed, and a proof the holder's device signed just now. Pure.

Text: `LZ2:` + base45(zlib(CBOR [2, credential, proof])), at most 900 characters, so that a camera reads it at arm's length.
Credential: COSE_Sign1 whose payload is a CWT-like map (RFC 8392 numbers; 8 is cnf of RFC 8747, 65535 the status claim of the
IETF Token Status List; numbers below -65536 are this platform's own). It names no citizen number and no licence identifier,
which may hold one. Proof: COSE_Sign1 of the device key named in `cnf` over [1, time, counter, lifetime, audience, challenge,
match number], bound to its credential by the external data of the signature.

Whatever was read is unverified: signatures, times and status are judged by `verification/offline.py`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias, TypeVar, cast
from uuid import UUID

from liangzheng.crypto.compressed_points import compress, decompress
from liangzheng.crypto.digests import sha256, sm3
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PrivateKey, P256PublicKey
from liangzheng.crypto.sm2 import SM2PrivateKey, SM2PublicKey
from liangzheng.formats import base45
from liangzheng.formats.cbor import CborError, CborKey, CborValue, decode, encode
from liangzheng.formats.cose import ALGORITHM, KEY_ID, Algorithm, MalformedSign1, UnverifiedSign1, read_sign1, write_sign1

PublicKey: TypeAlias = SM2PublicKey | P256PublicKey
PrivateKey: TypeAlias = SM2PrivateKey | P256PrivateKey

PREFIX = "LZ2:"
LONGEST_TEXT = 900
LONGEST_LIFETIME = 60
"""Seconds a proof may live."""
CREDENTIAL_DOMAIN = b"liangzheng credential v2"
PROOF_DOMAIN = b"liangzheng proof v2"
FACE = ("type_code", "name", "holder", "number", "valid_from", "valid_to", "issuer", "agency", "fields", "area", "area_code")
"""Names of the face's members; in the credential each stands as its place in this row, counted from 1."""

_LARGEST = 4_096  # bytes inflated
_VERSION = 2
_LARGEST_NUMBER = 2**53 - 1  # what a browser counts exactly
_LATEST = 253_402_300_799  # the last second of the year 9999
_MESSAGE_TAG = b"\xd2"
_SUBJECT, _EXPIRES, _ISSUED, _CONFIRMATION, _STATUS = 2, 4, 6, 8, 65535
_KIND, _FACE, _FILE, _PHOTO, _GRANT = -70001, -70002, -70003, -70004, -70005
_NEEDED = frozenset({_SUBJECT, _EXPIRES, _ISSUED, _CONFIRMATION, _KIND, _FACE})
_OPTIONAL = frozenset({_STATUS, _FILE, _PHOTO, _GRANT})
_CURVES: Mapping[int, type[PublicKey]] = {1: P256PublicKey, Algorithm.SM2: SM2PublicKey}
_ALGORITHMS = frozenset({Algorithm.ES256, Algorithm.SM2})
_CHALLENGE = (0, *range(8, 17))
LONGEST_AUDIENCE = 24
"""Characters of an act code."""
# As long as a proof can be, and as little compressible: audience, challenge, numbers, signature, headers.
_LONGEST_PROOF = b"".join(sha256(bytes((place,))) for place in range(5))[:134]


class CredentialKind(IntEnum):
    """What is shown: a licence by its holder, an officer's certificate, or a licence by somebody the holder let show it."""

    LICENCE = 1
    OFFICER = 2
    DELEGATED = 3


class MalformedOfflineCode(ValueError):  # noqa: N818 - reads as the fact it is
    """This text is not such a code."""


class TextTooLong(ValueError):  # noqa: N818 - reads as the fact it is
    """The code would be longer than a camera reads well: give it a shorter face."""


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """Where the standing of a credential's subject is published."""

    uri: str
    index: int


@dataclass(frozen=True, slots=True)
class Grant:
    """Who let the device's owner show the licence, and for what. `index`: the grant's own place in the licence's status list."""

    giver: str
    purpose: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What the issuer signed. Times are whole seconds since 1970; `face` holds what this showing discloses, by names of FACE.

    `subject` is this platform's key of the licence or certificate. `file_digest` is the first half of the SM3 of the licence's
    original, 16 bytes; `photo_digest` the first 8 bytes of the photo's.
    """

    kind: CredentialKind
    subject: UUID
    issued_at: int
    expires_at: int
    device_key: PublicKey
    face: Mapping[str, str]
    status: StatusPlace | None
    file_digest: bytes = b""
    photo_digest: bytes = b""
    grant: Grant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the device signed just now. `audience`: the act it was shown for, "" for anyone; `match_number` 0: none."""

    issued_at: int
    counter: int
    lifetime: int
    audience: str = ""
    challenge: bytes = b""
    match_number: int = 0


@dataclass(frozen=True, slots=True)
class UnverifiedOfflineCode:
    """A code as it was read: nothing in it is believed yet."""

    credential: Credential
    credential_message: UnverifiedSign1
    credential_bytes: bytes
    proof: Proof
    proof_message: UnverifiedSign1

    @property
    def key_id(self) -> bytes:
        """Which issuer's key is said to have signed the credential."""
        found = self.credential_message.protected[KEY_ID]
        return found if isinstance(found, bytes) else b""

    def is_issued_by(self, key: PublicKey) -> bool:
        """Say whether this key signed the credential."""
        return self.credential_message.is_signed_by(key, external_data=CREDENTIAL_DOMAIN)

    @property
    def showing(self) -> str:
        """What tells this showing from every other: the credential's digest and the device's counter."""
        return f"{sha256(self.credential_bytes)[:16].hex()}:{self.proof.counter}"

    @property
    def is_proved(self) -> bool:
        """Say whether the device the credential was issued to signed the proof, and for this credential."""
        bound = proof_domain(self.credential_bytes)
        return self.proof_message.is_signed_by(self.credential.device_key, external_data=bound)


def key_id(key: PublicKey) -> bytes:
    """Give the short name of a key: the first 8 bytes of its point's SM3 (SM2) or SHA-256 (P-256)."""
    return (sm3(key.point) if isinstance(key, SM2PublicKey) else sha256(key.point))[:8]


def proof_domain(credential: bytes) -> bytes:
    """Give the external data of a proof's signature: it binds the proof to this credential."""
    return PROOF_DOMAIN + sha256(credential)


def make_credential(credential: Credential, key: PrivateKey) -> bytes:
    """Sign a credential. MalformedOfflineCode: it could not be read back. TextTooLong: no proof would fit beside it."""
    protected: Mapping[CborKey, CborValue] = {KEY_ID: key_id(key.public_key)}
    written = write_sign1(encode(_claims(credential)), key, protected=protected, external_data=CREDENTIAL_DOMAIN)
    read_credential(written)
    write_offline_code(written, _LONGEST_PROOF)
    return written


def proof_payload(proof: Proof) -> bytes:
    """Give the bytes a device signs, as the payload of its message."""
    return encode((1, proof.issued_at, proof.counter, proof.lifetime, proof.audience, proof.challenge, proof.match_number))


def make_proof(proof: Proof, credential: bytes, key: PrivateKey) -> bytes:
    """Sign a proof for this credential; MalformedOfflineCode when it could not be read back."""
    written = write_sign1(proof_payload(proof), key, protected={}, external_data=proof_domain(credential))
    _read_proof(written)
    return written


def write_offline_code(credential: bytes, proof: bytes) -> str:
    """Give the text of the QR code; TextTooLong beyond 900 characters."""
    text = PREFIX + base45.encode(zlib.compress(encode((_VERSION, credential, proof)), 9))
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(f"{len(text)} characters; {LONGEST_TEXT} are read well")
    return text


def read_offline_code(text: str) -> UnverifiedOfflineCode:
    """Read a code; MalformedOfflineCode for any other text, a second encoding of the same code, or members of another form."""
    if not text.startswith(PREFIX) or len(text) > LONGEST_TEXT:
        raise MalformedOfflineCode("another prefix, or too long")
    try:
        members = decode(_inflate(base45.decode(text.removeprefix(PREFIX))))
    except (base45.Base45Error, CborError) as error:
        raise MalformedOfflineCode(str(error)) from error
    if not isinstance(members, tuple) or len(members) != 3 or members[0] != _VERSION or isinstance(members[0], bool):  # noqa: PLR2004
        raise MalformedOfflineCode("not version 2 with credential and proof")
    credential, proof = _bytes(members[1]), _bytes(members[2])
    claims, message = read_credential(credential)
    read, proof_message = _read_proof(proof)
    return UnverifiedOfflineCode(claims, message, credential, read, proof_message)


def read_credential(data: bytes) -> tuple[Credential, UnverifiedSign1]:
    """Read a credential by itself, unverified. MalformedOfflineCode."""
    message = _message(data, frozenset({ALGORITHM, KEY_ID}))
    _bytes(message.protected[KEY_ID], (8,))
    claims = _map(_decoded(message.payload))
    if not claims.keys() >= _NEEDED or claims.keys() - _NEEDED - _OPTIONAL:
        raise MalformedOfflineCode("claims are missing, or others are there")
    return _credential(claims), message


def _claims(credential: Credential) -> Mapping[CborKey, CborValue]:
    optional: dict[CborKey, CborValue] = {
        _STATUS: _status_claim(credential.status) if credential.status else None,
        _FILE: credential.file_digest or None,
        _PHOTO: credential.photo_digest or None,
        _GRANT: _grant_claim(credential.grant) if credential.grant else None,
    }
    curve = next(number for number, kind in _CURVES.items() if isinstance(credential.device_key, kind))
    x, is_odd = compress(credential.device_key)
    return {
        _SUBJECT: credential.subject.bytes,
        _EXPIRES: credential.expires_at,
        _ISSUED: credential.issued_at,
        _CONFIRMATION: {1: {1: 2, -1: int(curve), -2: x, -3: is_odd}},
        _KIND: credential.kind.value,
        _FACE: {FACE.index(name) + 1: value for name, value in credential.face.items()},
        **{claim: value for claim, value in optional.items() if value is not None},
    }


def _status_claim(place: StatusPlace) -> CborValue:
    return {"status_list": {"idx": place.index, "uri": place.uri}}


def _grant_claim(grant: Grant) -> CborValue:
    return {1: grant.giver, 2: grant.purpose, 3: grant.index}


def _credential(claims: Mapping[CborKey, CborValue]) -> Credential:
    kind = next((kind for kind in CredentialKind if kind == _number(claims[_KIND])), None)
    if kind is None or (kind is CredentialKind.DELEGATED) is not (_GRANT in claims) or (_GRANT in claims) > (_STATUS in claims):
        raise MalformedOfflineCode("another kind, or a grant where none belongs")
    return Credential(
        kind=kind,
        subject=UUID(bytes=_bytes(claims[_SUBJECT], (16,))),
        issued_at=_time(claims[_ISSUED]),
        expires_at=_time(claims[_EXPIRES]),
        device_key=_device_key(claims[_CONFIRMATION]),
        face=_face(claims[_FACE]),
        status=_status(claims[_STATUS]) if _STATUS in claims else None,
        file_digest=_bytes(claims[_FILE], (16,)) if _FILE in claims else b"",
        photo_digest=_bytes(claims[_PHOTO], (8,)) if _PHOTO in claims else b"",
        grant=_grant(claims[_GRANT]) if _GRANT in claims else None,
    )


def _face(value: CborValue) -> Mapping[str, str]:
    members = _map(value)
    places = [_number(place) for place in members]
    if not places or not all(1 <= place <= len(FACE) for place in places):
        raise MalformedOfflineCode("no face, or members without a name")
    return {FACE[place - 1]: _text(text) for place, text in zip(places, members.values(), strict=True)}


def _grant(value: CborValue) -> Grant:
    members = _exactly(value, {1, 2, 3})
    return Grant(_text(members[1]), _text(members[2]), _number(members[3]))


def _status(value: CborValue) -> StatusPlace:
    place = _exactly(_exactly(value, {"status_list"})["status_list"], {"idx", "uri"})
    return StatusPlace(_text(place["uri"]), _number(place["idx"]))


def _device_key(value: CborValue) -> PublicKey:
    key = _exactly(_exactly(value, {1})[1], {1, -1, -2, -3})
    kind = _CURVES.get(key[-1]) if isinstance(key[-1], int) and not isinstance(key[-1], bool) else None
    if kind is None or _number(key[1]) != 2:  # noqa: PLR2004 - EC2, RFC 9053, 7.1
        raise MalformedOfflineCode("another kind of device key")
    if not isinstance(key[-3], bool):
        raise MalformedOfflineCode("a device key without the parity of its y")
    try:
        return decompress(kind, _bytes(key[-2], (32,)), is_odd=key[-3])
    except BadKey as error:
        raise MalformedOfflineCode("a device key that is no point") from error


def _read_proof(data: bytes) -> tuple[Proof, UnverifiedSign1]:
    message = _message(data, frozenset({ALGORITHM}))
    members = _decoded(message.payload)
    if not isinstance(members, tuple) or len(members) != 7 or _number(members[0]) != 1:  # noqa: PLR2004
        raise MalformedOfflineCode("not the seven members of a proof")
    _, issued_at, counter, lifetime, audience, challenge, match_number = members
    proof = Proof(
        issued_at=_time(issued_at),
        counter=_number(counter),
        lifetime=_number(lifetime),
        audience=_text(audience, least=0, most=LONGEST_AUDIENCE),
        challenge=_bytes(challenge, _CHALLENGE),
        match_number=_number(match_number),
    )
    if not 0 < proof.lifetime <= LONGEST_LIFETIME:
        raise MalformedOfflineCode("a proof without a life, or with too long a one")
    return proof, message


def _message(data: bytes, labels: frozenset[int]) -> UnverifiedSign1:
    if data[:1] != _MESSAGE_TAG:
        raise MalformedOfflineCode("not a tagged message")
    try:
        message = read_sign1(data)
    except MalformedSign1 as error:
        raise MalformedOfflineCode(str(error)) from error
    if message.algorithm not in _ALGORITHMS or message.protected.keys() != labels or message.unprotected:
        raise MalformedOfflineCode("another algorithm, or other headers")
    return message


def _decoded(data: bytes) -> CborValue:
    try:
        return decode(data)
    except CborError as error:
        raise MalformedOfflineCode(str(error)) from error


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, _LARGEST + 1)
    except zlib.error as error:
        raise MalformedOfflineCode("it cannot be inflated") from error
    if not inflater.eof or inflater.unused_data or len(plain) > _LARGEST:
        raise MalformedOfflineCode("cut off, too long, or followed by something")
    return plain


Key = TypeVar("Key", int, str)


def _map(value: CborValue) -> Mapping[CborKey, CborValue]:
    if not isinstance(value, Mapping):
        raise MalformedOfflineCode("no map where one belongs")
    return value


def _exactly(value: CborValue, keys: set[Key]) -> Mapping[Key, CborValue]:
    members = _map(value)
    if members.keys() != keys:
        raise MalformedOfflineCode("a map with other members")
    return cast("Mapping[Key, CborValue]", members)


def _number(value: CborValue, most: int = _LARGEST_NUMBER) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise MalformedOfflineCode("no number, or one out of range")
    return value


def _time(value: CborValue) -> int:
    return _number(value, _LATEST)


def _text(value: CborValue, *, least: int = 1, most: int = 400) -> str:
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise MalformedOfflineCode("no text, or too long a one")
    return value


def _bytes(value: CborValue, sizes: tuple[int, ...] = ()) -> bytes:
    if not isinstance(value, bytes) or (sizes and len(value) not in sizes):
        raise MalformedOfflineCode("no bytes, or of another length")
    return value
