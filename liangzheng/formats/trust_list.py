"""信任名单: a signed list of whom to believe for which kind of licence, from when, and of whom no longer, since when.

A JWT of type `trustlist+jwt`; form and claims are this platform's own. An entry of kind `issuer` names a certificate: a root, an
intermediate or a signer. One of kind `code_key` names a key that signs credentials for off-line codes. An entry is never taken
out of a list: it gets `distrusted_since`, so that what was signed before that day can still be judged.

The list's signer is pinned: its certificate must be, byte for byte, one the operator laid down. A chain would not do: whoever
holds a seal under a trusted root could then write trust lists.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PublicKey
from liangzheng.crypto.sm2 import SM2PublicKey
from liangzheng.formats.jws import MalformedToken, PrivateKey, UnverifiedToken, read_time, read_token, read_uri, write_token
from liangzheng.formats.strict_json import BadJson, from_base64url, to_base64url

MEDIA_TYPE = "trustlist+jwt"
EVERY_TYPE = "*"

EntryKind = Literal["issuer", "code_key"]
Distrust = Literal["", "bad_signature", "untrusted_signer", "trust_list_stale"]

_LARGEST = 4 * 1024 * 1024
_MOST_ENTRIES = 2_000
_LONGEST = 400
_CLOCK_SKEW = timedelta(minutes=5)
_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)


class MalformedTrustList(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not such a trust list."""


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """Whom to believe. An `issuer` has a certificate, a `code_key` a public key. `licence_types` are type codes, or ("*",)."""

    kind: EntryKind
    name: str
    organisation_code: str
    certificate: Certificate | None
    public_key: SM2PublicKey | P256PublicKey | None
    licence_types: tuple[str, ...]
    trusted_from: datetime
    distrusted_since: datetime | None = None
    reason: str = ""

    def allows(self, licence_type: str | None) -> bool:
        """Say whether the entry speaks for this type code; None asks for an entry that speaks for every kind."""
        return EVERY_TYPE in self.licence_types or licence_type in self.licence_types


@dataclass(frozen=True, slots=True)
class TrustList:
    """One issue of the list. `number` only grows: an older one never takes the place of a newer one."""

    uri: str
    number: int
    issued_at: datetime
    expires_at: datetime
    entries: tuple[TrustEntry, ...]


@dataclass(frozen=True, slots=True)
class UnverifiedTrustList:
    """A list as it was read."""

    unverified: TrustList
    token: UnverifiedToken

    def verify(self, signers: Sequence[Certificate], at: datetime) -> Distrust:
        """Return "" when one of these very certificates signed the list and it may be relied upon at `at`; else the reason."""
        if not any(signer.der == self.token.signer.der for signer in signers):
            return "untrusted_signer"
        if not self.token.is_signed:
            return "bad_signature"
        signer, listed = self.token.signer, self.unverified
        is_valid = signer.not_before <= at <= signer.not_after and listed.issued_at - _CLOCK_SKEW <= at <= listed.expires_at
        return "" if is_valid else "trust_list_stale"


def encode_trust_list(listed: TrustList, *, key: PrivateKey, signer: Certificate) -> bytes:
    """Write and sign a list. ValueError: another certificate than the key's; MalformedTrustList: it could not be read back."""
    payload = {
        "sub": listed.uri,
        "iat": _seconds(listed.issued_at),
        "exp": _seconds(listed.expires_at),
        "trust_list": {"number": listed.number, "entries": [_entry_json(entry) for entry in listed.entries]},
    }
    token = write_token(MEDIA_TYPE, payload, key, (signer,))
    read_trust_list(token)
    return token


def read_trust_list(token: bytes) -> UnverifiedTrustList:
    """Read a list; MalformedTrustList when it is not exactly such a one."""
    try:
        read = read_token(token, MEDIA_TYPE, largest=_LARGEST)
        body = read.payload.get("trust_list")
        if not isinstance(body, Mapping) or body.keys() != {"number", "entries"}:
            raise MalformedTrustList("no number and entries")
        listed = TrustList(
            uri=read_uri(read.payload.get("sub")),
            number=_number(body["number"]),
            issued_at=read_time(read.payload.get("iat")),
            expires_at=read_time(read.payload.get("exp")),
            entries=_entries(body["entries"]),
        )
    except (MalformedToken, BadCertificate, BadKey, BadJson) as error:
        raise MalformedTrustList(str(error)) from error
    return UnverifiedTrustList(listed, read)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _entry_json(entry: TrustEntry) -> dict[str, object]:
    written: dict[str, object] = {
        "kind": entry.kind,
        "name": entry.name,
        "organisation_code": entry.organisation_code,
        "licence_types": list(entry.licence_types),
        "trusted_from": _seconds(entry.trusted_from),
        "reason": entry.reason,
    }
    if entry.certificate is not None:
        written["certificate"] = base64.b64encode(entry.certificate.der).decode()
    if entry.public_key is not None:
        written["public_key"] = to_base64url(entry.public_key.spki).decode()
    if entry.distrusted_since is not None:
        written["distrusted_since"] = _seconds(entry.distrusted_since)
    return written


def _entries(value: object) -> tuple[TrustEntry, ...]:
    if not isinstance(value, list) or len(value) > _MOST_ENTRIES:
        raise MalformedTrustList("no entries, or too many")
    return tuple(_entry(item) for item in value)


_ALWAYS = {"kind", "name", "organisation_code", "licence_types", "trusted_from", "reason"}
_CARRIES: Mapping[EntryKind, str] = {"issuer": "certificate", "code_key": "public_key"}


def _entry(value: object) -> TrustEntry:
    """Read one entry: the members every entry has, what its kind carries, perhaps `distrusted_since`, and nothing else."""
    kind = next((kind for kind in _KINDS if isinstance(value, Mapping) and value.get("kind") == kind), None)
    if kind is None or not isinstance(value, Mapping) or value.keys() - {"distrusted_since"} != _ALWAYS | {_CARRIES[kind]}:
        raise MalformedTrustList("an entry with other members")
    carried = _text(value[_CARRIES[kind]], longest=_LARGEST)
    since = value.get("distrusted_since")
    return TrustEntry(
        kind=kind,
        name=_text(value["name"]),
        organisation_code=_text(value["organisation_code"]),
        certificate=_certificate(carried) if kind == "issuer" else None,
        public_key=_public_key(carried) if kind == "code_key" else None,
        licence_types=_types(value["licence_types"]),
        trusted_from=read_time(value["trusted_from"]),
        distrusted_since=read_time(since) if "distrusted_since" in value else None,
        reason=_text(value["reason"], least=0),
    )


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise MalformedTrustList("the list has no number")
    return value


def _text(value: object, *, least: int = 1, longest: int = _LONGEST) -> str:
    if not isinstance(value, str) or not least <= len(value) <= longest or not (value.isprintable() or not value):
        raise MalformedTrustList("a text that is missing, too long or not printable")
    return value


def _types(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or len(value) > _MOST_ENTRIES:
        raise MalformedTrustList("an entry names no licence type")
    return tuple(_text(item) for item in value)


def _certificate(text: str) -> Certificate:
    try:
        return read_certificate(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise MalformedTrustList("a bad certificate in an entry") from error


def _public_key(text: str) -> SM2PublicKey | P256PublicKey:
    spki = from_base64url(text.encode("ascii", "replace"))
    for kind in (SM2PublicKey, P256PublicKey):
        try:
            return kind.from_spki(spki)
        except BadKey:
            continue
    raise MalformedTrustList("a key of another kind")
