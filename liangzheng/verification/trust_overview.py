"""Describes trust material for people: roots, signers of trust lists, the lists with age, and what is wrong with them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.digests import sha256
from liangzheng.formats.status_list import read_status_list
from liangzheng.formats.trust_list import TrustEntry, read_trust_list
from liangzheng.verification.signer_checks import TrustMaterial
from liangzheng.verification.trust_anchors import Trust, resolve


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate; `fingerprint` is the SHA-256 of its DER in hex."""

    name: str
    organisation: str
    organisation_code: str
    fingerprint: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One entry of a trust list; `fingerprint` is the SHA-256 of its certificate, of a `code_key` that of its public key."""

    kind: str
    name: str
    organisation_code: str
    fingerprint: str
    licence_types: tuple[str, ...]
    trusted_from: datetime
    distrusted_since: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class TrustListFacts:
    """One trust list. `fault` is "" when it can be relied upon, else the reason code; `age` is in seconds."""

    uri: str
    number: int
    issued_at: datetime
    expires_at: datetime
    age: int
    fault: str
    signer: CertificateFacts
    entries: tuple[EntryFacts, ...]


@dataclass(frozen=True, slots=True)
class StatusListFacts:
    """One status list. `size` is the number of places in it, `form` its encoding."""

    uri: str
    form: Literal["jwt", "cwt"]
    issued_at: datetime
    expires_at: datetime
    age: int
    size: int
    fault: str
    signer: CertificateFacts


@dataclass(frozen=True, slots=True)
class CrlFacts:
    """One revocation list; `revoked` counts its certificates."""

    issuer: str
    this_update: datetime
    next_update: datetime | None
    revoked: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that is trusted as of a moment."""

    as_of: datetime
    roots: tuple[CertificateFacts, ...]
    list_signers: tuple[CertificateFacts, ...]
    trust_lists: tuple[TrustListFacts, ...]
    status_lists: tuple[StatusListFacts, ...]
    revocation_lists: tuple[CrlFacts, ...]

    @property
    def faults(self) -> frozenset[str]:
        """Give the reasons for which lists cannot be relied upon."""
        lists: tuple[TrustListFacts | StatusListFacts, ...] = (*self.trust_lists, *self.status_lists)
        return frozenset(item.fault for item in lists if item.fault)

    def to_json(self) -> dict[str, object]:
        """Give it with times as ISO 8601."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def overview(material: TrustMaterial, at: datetime) -> Overview:
    """Describe what an operator laid down, as of `at` (aware); it was read by `read_trust_files`, so each token is a list."""
    trust = resolve(material, at)
    return Overview(
        as_of=at,
        roots=_certificates(material.roots),
        list_signers=_certificates(material.list_signers),
        trust_lists=tuple(_trust_list(token, trust) for token in material.trust_lists),
        status_lists=tuple(_status_list(token, trust) for token in material.status_tokens),
        revocation_lists=tuple(
            CrlFacts(str(crl.issuer), crl.this_update, crl.next_update, len(crl.revoked)) for crl in material.crls
        ),
    )


def describe_entries(entries: Sequence[TrustEntry]) -> tuple[EntryFacts, ...]:
    """Describe the entries of a trust list."""
    return tuple(
        EntryFacts(
            kind=entry.kind,
            name=entry.name,
            organisation_code=entry.organisation_code,
            fingerprint=fingerprint(entry),
            licence_types=entry.licence_types,
            trusted_from=entry.trusted_from,
            distrusted_since=entry.distrusted_since,
            reason=entry.reason,
        )
        for entry in entries
    )


def fingerprint(entry: TrustEntry) -> str:
    """Give the SHA-256 (hex) of what an entry carries: certificate (DER) or public key (SubjectPublicKeyInfo)."""
    carried = entry.certificate.der if entry.certificate else entry.public_key.spki if entry.public_key else b""
    return sha256(carried).hex()


def describe_certificate(certificate: Certificate) -> CertificateFacts:
    """Describe a certificate."""
    return CertificateFacts(
        name=certificate.common_name or str(certificate.subject),
        organisation=certificate.organisation,
        organisation_code=certificate.organisation_code,
        fingerprint=sha256(certificate.der).hex(),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


def _certificates(certificates: Sequence[Certificate]) -> tuple[CertificateFacts, ...]:
    return tuple(map(describe_certificate, certificates))


def _trust_list(token: bytes, trust: Trust) -> TrustListFacts:
    found = read_trust_list(token)
    listed = found.unverified
    return TrustListFacts(
        uri=listed.uri,
        number=listed.number,
        issued_at=listed.issued_at,
        expires_at=listed.expires_at,
        age=_age(listed.issued_at, trust),
        fault=found.verify(trust.material.list_signers, trust.at),
        signer=describe_certificate(found.token.signer),
        entries=describe_entries(listed.entries),
    )


def _status_list(token: bytes, trust: Trust) -> StatusListFacts:
    found = read_status_list(token)
    return StatusListFacts(
        uri=found.uri,
        form="jwt" if token.startswith(b"ey") else "cwt",
        issued_at=found.issued_at,
        expires_at=found.expires_at,
        age=_age(found.issued_at, trust),
        size=found.size,
        fault=trust.status_list_fault(found, trust.every_root(trust.at)),
        signer=describe_certificate(found.signer),
    )


def _age(issued_at: datetime, trust: Trust) -> int:
    return int((trust.at - issued_at).total_seconds())


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
