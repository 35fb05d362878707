"""Judges who signed, and when: the chain of one certificate, distrust, revocation, and what the time of signing proves. Pure.

`claimed` is the signer's own word; `by` is the latest time at which the signature can have been made: that of a good time stamp,
else the time of judging. What ends a certificate (expiry, revocation, distrust) before `claimed` makes it invalid; between the
two it leaves the time of signing unproven; after `by` it does no harm, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liangzheng.crypto.certificates import Certificate
from liangzheng.crypto.chains import ChainVerdict, Tried, judge_chain
from liangzheng.verification.signer_checks import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, utc_text
from liangzheng.verification.trust_anchors import Trust
from liangzheng.verification.verdict import Check

TRUSTED, NOT_REVOKED = "issuer_trusted", "issuer_not_revoked"
_INSTANT = timedelta(microseconds=1)  # notAfter itself is still valid
_SEVERITY = (NOT_APPLICABLE, PASS, UNKNOWN, FAIL)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for everybody who signed one file: whom to believe, for which kind of licence, as of when."""

    trust: Trust
    licence_type: str | None

    @property
    def at(self) -> datetime:
        return self.trust.at


@dataclass(frozen=True, slots=True)
class JudgedIssuer:
    """The two checks of one certificate that signed something. `is_known`: its path leads to somebody trusted."""

    trusted: Check
    not_revoked: Check
    is_known: bool


def judge_issuer(
    certificate: Certificate | None,
    setting: Setting,
    *,
    claimed: datetime | None,
    proven: datetime | None = None,
    intermediates: Sequence[Certificate] = (),
) -> JudgedIssuer:
    """Judge the certificate of somebody who signed; None for one that could not be read."""
    moment = claimed or proven
    if certificate is None or moment is None:
        reason = "signing_time_unknown" if certificate else "untrusted_root"
        return JudgedIssuer(Check(TRUSTED, UNKNOWN, reason), Check(NOT_REVOKED, UNKNOWN, reason), is_known=False)
    trust, by = setting.trust, min(proven or setting.at, setting.at)
    roots = trust.roots_for(setting.licence_type, moment)
    tried: Tried = {}
    chain = judge_chain(certificate, roots, trust.material.crls, moment, intermediates=intermediates, by=by, tried=tried)
    if trust.bars(chain.path, setting.licence_type):
        chain = ChainVerdict("untrusted_root")
    time = _Time(moment, by, setting.at)
    known = chain if chain.path else _elsewhere(certificate, trust, moment, intermediates, tried)
    since = trust.first_distrust(known.path or (certificate,))
    if since and since <= moment:
        trusted = Check(TRUSTED, FAIL, "issuer_distrusted", utc_text(since))
    else:
        trusted = _trusted(chain, known, trust, time, since)
    return JudgedIssuer(trusted, _not_revoked(chain, trusted, time), is_known=bool(chain.path))


def worst_check(*checks: Check) -> Check:
    """Give the worst of several outcomes of one check; of equally bad ones the first that has something to say."""
    return max(checks, key=lambda check: (_SEVERITY.index(check.result), bool(check.reason)))


@dataclass(frozen=True, slots=True)
class _Time:
    moment: datetime
    by: datetime
    at: datetime

    def judge(self, name: str, end: datetime | None, what: str, *, reason: str = "") -> Check:
        """Judge what ended at `end`, later than the moment of signing, or never (None)."""
        if end is not None and end <= self.by:
            return Check(name, UNKNOWN, "signing_time_unproven", f"{what} {utc_text(end)}")
        if end is not None and end <= self.at:
            return Check(name, PASS, "valid_at_signing", f"{what} {utc_text(end)}")
        return Check(name, PASS, reason)


def _elsewhere(
    certificate: Certificate, trust: Trust, moment: datetime, intermediates: Sequence[Certificate], tried: Tried
) -> ChainVerdict:
    """Look for a path to anchors of other kinds, then to those of a list that cannot be relied upon: to name the cause only."""
    for roots in (trust.every_root(moment), (*trust.every_root(moment), *trust.doubtful_roots(moment))):
        found = judge_chain(certificate, roots, trust.material.crls, moment, intermediates=intermediates, tried=tried)
        if found.path:
            return found
    return ChainVerdict("untrusted_root")


def _trusted(chain: ChainVerdict, known: ChainVerdict, trust: Trust, time: _Time, since: datetime | None) -> Check:
    if chain.result in {"bad_certificate", "cert_expired_at_signing"}:
        return Check(TRUSTED, FAIL, chain.result, chain.detail)
    if chain.result == "untrusted_root":
        reason = "untrusted_root"
        if known.path:
            is_anchor = known.path[-1] in trust.every_root(time.moment)
            reason = "issuer_not_for_kind" if is_anchor else trust.fault
        return Check(TRUSTED, UNKNOWN, reason)
    ended = time.judge(TRUSTED, since, "distrusted", reason=trust.fault)
    expires = chain.expires and chain.expires + _INSTANT
    expired = time.judge(TRUSTED, expires, "expired", reason=trust.fault)
    return expired if expired.reason == "valid_at_signing" and ended.result is PASS else worst_check(ended, expired)


def _not_revoked(chain: ChainVerdict, trusted: Check, time: _Time) -> Check:
    if chain.result == "cert_revoked":
        return Check(NOT_REVOKED, FAIL, "cert_revoked", chain.detail)
    if chain.result == "untrusted_root":
        reason = trusted.reason if trusted.result is UNKNOWN else chain.result
        return Check(NOT_REVOKED, UNKNOWN, reason)
    if chain.result != "trusted":
        return Check(NOT_REVOKED, UNKNOWN, chain.result)
    return time.judge(NOT_REVOKED, chain.revoked, "revoked")
