"""Certificate revocation lists (RFC 5280, 5): read, asked about one certificate, and issued.

Only complete lists of one issuer count. Partial, indirect and delta lists carry a critical extension and are left aside,
which makes a certificate's state unknown, never good.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from liangzheng.crypto import der
from liangzheng.crypto.certificates import (
    AUTHORITY_KEY_ID,
    BadCertificate,
    Certificate,
    algorithm_oid,
    authority_key_id,
    extension,
    open_signed,
    pem_blocks,
    read_extensions,
    signed,
)
from liangzheng.crypto.keys import SigningKey
from liangzheng.crypto.names import Name, read_name
from liangzheng.crypto.signatures import signature_algorithm
from liangzheng.crypto.verified import is_signed

CRL_NUMBER = "2.5.29.20"
REASON_CODE = "2.5.29.21"
INVALIDITY_DATE = "2.5.29.24"
EXPIRED_CERTS_ON_CRL = "2.5.29.60"

_MOST_ENTRIES = 5_000_000  # the largest public lists hold some hundred thousand
_HANDLED = frozenset({AUTHORITY_KEY_ID, CRL_NUMBER, EXPIRED_CERTS_ON_CRL})
_HANDLED_IN_ENTRY = frozenset({REASON_CODE, INVALIDITY_DATE})
_V2 = 1
_LARGEST = 16 * 1024 * 1024
_PEM = re.compile(rb"-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----")


class RevocationReason(IntEnum):
    """Why a certificate was revoked (RFC 5280, 5.3.1)."""

    UNSPECIFIED = 0
    KEY_COMPROMISE = 1
    CA_COMPROMISE = 2
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    CERTIFICATE_HOLD = 6
    REMOVE_FROM_CRL = 8
    PRIVILEGE_WITHDRAWN = 9
    AA_COMPROMISE = 10


@dataclass(frozen=True, slots=True)
class Revocation:
    """One revoked certificate. `invalid_since` is the invalidity date when the list gives an earlier one."""

    serial: int
    revoked_at: datetime
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    invalid_since: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Say whether the certificate was already bad at that time."""
        return min(self.revoked_at, self.invalid_since or self.revoked_at) <= at

    @property
    def is_compromise(self) -> bool:
        """Somebody else may hold the key, and with it can claim any signing time."""
        return self.reason in {RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE}


@dataclass(frozen=True, slots=True, eq=False)
class Crl:
    """What a revocation list says; unverified until `is_signed_by` its issuer."""

    der: bytes
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    revoked: Mapping[int, Revocation]
    expired_since: datetime | None
    tbs: bytes
    signature: bytes
    signature_oid: str
    unhandled_critical: tuple[str, ...]

    def is_signed_by(self, issuer: Certificate) -> bool:
        """Say whether this is a complete list of that issuer, who may sign lists, with a good signature."""
        return (
            not self.unhandled_critical
            and issuer.crl_sign
            and self.issuer.matches(issuer.subject)
            and is_signed(issuer.key, self.signature_oid, self.signature, self.tbs)
        )

    def speaks_of(self, certificate: Certificate, at: datetime) -> bool:
        """Say whether silence about that certificate means "not revoked" at that time.

        The list must not be overdue at `at`, and must not be so young that the expired certificate may have been dropped from it
        (RFC 5280, 3.3; unless expiredCertsOnCRL, X.509 9.5.2.8, says that it is kept).
        """
        kept = self.this_update <= certificate.not_after or (
            self.expired_since is not None and self.expired_since <= certificate.not_after
        )
        return kept and self.next_update is not None and at <= self.next_update


def read_crl(data: bytes) -> Crl:
    """Read a revocation list, DER or PEM. BadCertificate when it is malformed."""
    match = _PEM.search(data)
    try:
        encoded = base64.b64decode(b"".join(match[1].split()), validate=True) if match else data
        if len(encoded) > _LARGEST:
            raise BadCertificate("too large for a revocation list")
        return _read(encoded)
    except (der.DerError, binascii.Error) as error:
        raise BadCertificate(f"not a revocation list: {error}") from error


def read_crls(data: bytes) -> tuple[Crl, ...]:
    """Read a PEM bundle, or a single revocation list in DER. BadCertificate when one of its blocks is none."""
    return tuple(read_crl(block) for block in pem_blocks(_PEM, data))


def issue_crl(
    issuer: Certificate,
    issuer_key: SigningKey,
    revoked: Iterable[Revocation],
    *,
    this_update: datetime,
    next_update: datetime,
    number: int,
) -> bytes:
    """Issue a revocation list (DER). It promises to keep expired certificates that expired since the issuer began."""
    entries = [_entry(item) for item in sorted(revoked, key=lambda item: item.serial)]
    extensions = der.sequence(
        extension(AUTHORITY_KEY_ID, authority_key_id(issuer.key_id)),
        extension(CRL_NUMBER, der.integer(number)),
        extension(EXPIRED_CERTS_ON_CRL, der.generalized_time(issuer.not_before)),
    )
    tbs = der.sequence(
        der.integer(_V2),
        signature_algorithm(issuer_key.public_key),
        issuer.subject.der,
        der.time(this_update),
        der.time(next_update),
        der.sequence(*entries) if entries else b"",
        der.explicit(0, extensions),
    )
    return signed(tbs, issuer_key)


def _entry(item: Revocation) -> bytes:
    extensions = b""
    if item.reason is not RevocationReason.UNSPECIFIED:
        extensions += extension(REASON_CODE, der.integer(item.reason, tag=der.ENUMERATED))
    if item.invalid_since is not None:
        extensions += extension(INVALIDITY_DATE, der.generalized_time(item.invalid_since))
    return der.sequence(der.integer(item.serial), der.time(item.revoked_at), der.sequence(extensions) if extensions else b"")


def _read(encoded: bytes) -> Crl:
    tbs, signature_oid, signature = open_signed(encoded)
    fields = tbs.fields()
    version = fields.take_if(der.INTEGER)
    inner_oid = algorithm_oid(fields.take(der.SEQUENCE))
    issuer, this_update = read_name(fields.take()), fields.take().time()
    next_update = fields.take_if(der.UTC_TIME, der.GENERALIZED_TIME)
    listed = fields.take_if(der.SEQUENCE)
    wrapped = fields.take_if(der.context(0))
    fields.end()
    if inner_oid != signature_oid or (version is not None and version.integer() != _V2):
        raise der.DerError("two signature algorithms, or an unknown version")
    extensions = read_extensions(wrapped.only_child() if wrapped else None)
    revoked, odd = _read_entries(listed)
    kept = extensions.get(EXPIRED_CERTS_ON_CRL)
    return Crl(
        der=bytes(encoded),
        issuer=issuer,
        this_update=this_update,
        next_update=next_update.time() if next_update else None,
        revoked=revoked,
        expired_since=der.read(kept.value).time() if kept else None,
        tbs=tbs.encoded,
        signature=signature,
        signature_oid=signature_oid,
        unhandled_critical=tuple(item.oid for item in extensions.values() if item.critical and item.oid not in _HANDLED) + odd,
    )


def _read_entries(listed: der.Node | None) -> tuple[dict[int, Revocation], tuple[str, ...]]:
    """Read the revoked certificates by serial number, and the critical entry extensions that nobody here understands."""
    revoked: dict[int, Revocation] = {}
    odd: set[str] = set()
    for node in listed.children(most=_MOST_ENTRIES) if listed else ():
        fields = node.fields()
        serial, revoked_at = fields.take(der.INTEGER).integer(), fields.take().time()
        extensions = read_extensions(fields.take_if(der.SEQUENCE))
        fields.end()
        reason, since = extensions.get(REASON_CODE), extensions.get(INVALIDITY_DATE)
        odd |= {item.oid for item in extensions.values() if item.critical and item.oid not in _HANDLED_IN_ENTRY}
        entry = Revocation(
            serial,
            revoked_at,
            _read_reason(reason.value) if reason else RevocationReason.UNSPECIFIED,
            der.read(since.value).time() if since else None,
        )
        earlier = revoked.get(serial)
        if earlier is None or entry.revoked_at < earlier.revoked_at:
            revoked[serial] = entry
    return revoked, tuple(sorted(odd))


def _read_reason(value: bytes) -> RevocationReason:
    number = der.read(value).enumerated()
    try:
        return RevocationReason(number)
    except ValueError as error:
        raise der.DerError("unknown revocation reason") from error
