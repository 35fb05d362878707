"""Certification paths (RFC 5280, 6): from a signer's certificate up to a root that somebody decided to trust.

The certificates of one path may differ in algorithm: SM2, ECDSA on P-256, RSA, Ed25519. Where SM2 is a must, the caller says so.
Not judged: certificate policies, name constraints (critical ones make a certificate unusable), extended key usage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.revocation import Crl, Revocation

ChainResult = Literal[
    "trusted", "untrusted_root", "cert_expired_at_signing", "cert_revoked", "revocation_unknown", "bad_certificate"
]

Tried = dict[tuple[bytes, bytes], bool]
"""Whether the second certificate's key signed the first."""

MAX_DEPTH = 8
"""Certificates in one path, leaf and root included."""

# Bounds of one search: cross-signed authorities could otherwise multiply without end.
_MAX_SIGNATURES = 16
_MAX_STEPS = 256
# When several paths lead to a root, the best news counts; among bad news, what was established beats what is open.
_ORDER: tuple[ChainResult, ...] = (
    "trusted",
    "cert_revoked",
    "cert_expired_at_signing",
    "revocation_unknown",
    "bad_certificate",
    "untrusted_root",
)


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """The judgement of one certificate. `path` runs from the leaf to the root; empty when no root was reached.

    `revoked` is the earliest time since which a list revokes a certificate of the path, also one after the time asked about.
    """

    result: ChainResult
    detail: str = ""
    path: tuple[Certificate, ...] = ()
    revoked: datetime | None = None

    @property
    def expires(self) -> datetime | None:
        """The end of the path's validity."""
        return min((cert.not_after for cert in self.path), default=None)


def judge_chain(
    cert: Certificate,
    roots: Sequence[Certificate],
    crls: Sequence[Crl],
    at: datetime,
    *,
    intermediates: Sequence[Certificate] = (),
    by: datetime | None = None,
    tried: Tried | None = None,
) -> ChainVerdict:
    """Judge a signer's certificate as of `at` (aware).

    A root counts by its exact bytes, and needs no revocation list; every other certificate of the path needs a list of its issuer
    that was not overdue at `at`. A signer that is a root itself is judged by the path above it where there is one, so that its
    revocation counts. `intermediates` are only material for the path: nothing about them is trusted.

    `at` may be the signer's own word. `by` is the latest time at which the signature can have been made: without it, a key that
    was compromised after `at` leaves everything open. `tried` is kept by whoever searches for the same signer several times.
    """
    if fault := _leaf_fault(cert):
        return ChainVerdict("bad_certificate", fault)
    above = [root for root in roots if root.der != cert.der]
    paths = list(_Search(above, intermediates, {} if tried is None else tried).paths((cert,)))
    if not paths and len(above) < len(roots):
        paths = [(cert,)]
    verdicts = [_judge_path(path, crls, at, by) for path in paths]
    if not verdicts:
        return ChainVerdict("untrusted_root", "no path to a trusted root")
    return min(verdicts, key=lambda verdict: _ORDER.index(verdict.result))


def _leaf_fault(cert: Certificate) -> str:
    if cert.key is None:
        return "a key of a kind or size that is not accepted"
    if cert.unhandled_critical:
        return f"critical extension {cert.unhandled_critical[0]}"
    return "" if cert.digital_signature else "keyUsage lacks digitalSignature"


class _Search:
    """A depth-first walk upwards by name and signature, bounded in depth, steps and signatures tried."""

    def __init__(self, roots: Sequence[Certificate], intermediates: Sequence[Certificate], tried: Tried) -> None:
        self._trusted = {root.der for root in roots}
        self._above = tuple({item.der: item for item in (*roots, *intermediates)}.values())
        self._tried = tried
        self._steps = 0

    def paths(self, path: tuple[Certificate, ...]) -> Iterator[tuple[Certificate, ...]]:
        """Yield every path from the leaf that ends in a trusted root."""
        last = path[-1]
        if last.der in self._trusted:
            yield path
            return
        self._steps += 1
        if len(path) >= MAX_DEPTH or self._steps > _MAX_STEPS:
            return
        for issuer in self._above:
            if issuer in path or not last.issuer.matches(issuer.subject):
                continue
            if self._is_signed(last, issuer):
                yield from self.paths((*path, issuer))

    def _is_signed(self, cert: Certificate, issuer: Certificate) -> bool:
        pair = (cert.der, issuer.der)
        if pair not in self._tried:
            if len(self._tried) >= _MAX_SIGNATURES:
                return False
            self._tried[pair] = cert.is_signed_by(issuer.key)
        return self._tried[pair]


def _judge_path(path: tuple[Certificate, ...], crls: Sequence[Crl], at: datetime, by: datetime | None) -> ChainVerdict:
    """Judge one path whose names and signatures already fit."""
    if fault := _authority_fault(path):
        return ChainVerdict("bad_certificate", fault, path)
    newest = [_newest(issuer, crls) for issuer in path[1:]]
    entries = [crl.revoked.get(cert.serial) if crl else None for cert, crl in zip(path, newest, strict=False)]
    revoked = min((_since(entry) for entry in entries if entry), default=None)
    states = [_state(*row, at, by) for row in zip(path, newest, entries, strict=False)]
    result, detail = _standing(path, states, at)
    return ChainVerdict(result, detail, path, revoked)


def _standing(path: tuple[Certificate, ...], states: Sequence[ChainResult], at: datetime) -> tuple[ChainResult, str]:
    """Give what counts most of one path, and whom it is about."""
    if "cert_revoked" in states:
        return "cert_revoked", _named(path[states.index("cert_revoked")])
    for cert in path:
        if at > cert.not_after:
            return "cert_expired_at_signing", f"expired: {_named(cert)}"
        if at < cert.not_before:
            return "cert_expired_at_signing", f"not yet valid: {_named(cert)}"
    if "revocation_unknown" in states:
        return "revocation_unknown", _named(path[states.index("revocation_unknown")])
    return "trusted", ""


def _authority_fault(path: tuple[Certificate, ...]) -> str:
    """Say what keeps an authority of the path from issuing what stands below it (RFC 5280, 6.1.4 k to n)."""
    below = 0  # authorities between this one and the leaf; self-issued ones do not count
    for issuer in path[1:]:
        if issuer.unhandled_critical:
            return f"critical extension {issuer.unhandled_critical[0]} in {_named(issuer)}"
        if not (issuer.is_ca and issuer.cert_sign):
            return f"not an authority: {_named(issuer)}"
        if issuer.path_length is not None and below > issuer.path_length:
            return f"path longer than {_named(issuer)} allows"
        below += not issuer.is_self_issued
    return ""


def _newest(issuer: Certificate, crls: Sequence[Crl]) -> Crl | None:
    """Give the newest authentic list of that issuer."""
    lists = [crl for crl in crls if crl.issuer.matches(issuer.subject) and crl.is_signed_by(issuer)]
    return max(lists, key=lambda crl: crl.this_update, default=None)


def _state(cert: Certificate, newest: Crl | None, entry: Revocation | None, at: datetime, by: datetime | None) -> ChainResult:
    """Say what the list knows of the certificate. An overdue list still revokes, but clears nobody.

    After a compromise an earlier `at` proves nothing, because the signer says it himself; `by` may.
    """
    if newest is None:
        return "revocation_unknown"
    if entry is not None and entry.covers(at):
        return "cert_revoked"
    if entry is not None and entry.is_compromise and (by is None or entry.covers(by)):
        return "revocation_unknown"
    return "trusted" if newest.speaks_of(cert, at) else "revocation_unknown"


def _since(entry: Revocation) -> datetime:
    return min(entry.revoked_at, entry.invalid_since or entry.revoked_at)


def _named(cert: Certificate) -> str:
    return cert.common_name or str(cert.subject)
