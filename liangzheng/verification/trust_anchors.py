"""Whom to believe for which kind of licence (信任名单): the operator's roots and the trust lists, resolved for one moment. Pure.

Of each list (by its address) the issue with the highest number counts that a pinned signer signed. When that one is overdue, its
anchors are not believed, but what it says about distrust is: also what a list says that nobody pinned signed. So a list can at
worst make less valid.

Whom a list names for some kinds only is not believed for others, even under a root that the operator laid down, unless he laid
down that very certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from liangzheng.crypto.certificates import Certificate
from liangzheng.formats.status_list import UnverifiedStatusList
from liangzheng.formats.trust_list import MalformedTrustList, TrustEntry, UnverifiedTrustList, read_trust_list
from liangzheng.verification.signer_checks import TrustMaterial

ListFault = Literal["", "trust_list_stale", "trust_list_invalid"]


@dataclass(frozen=True, slots=True)
class Trust:
    """What the material comes to. `fault` names what is wrong with a trust list; `doubtful` are the anchors that fell with it.

    `code_keys` are the keys that sign credentials, by the lists that can be relied upon.
    """

    material: TrustMaterial
    at: datetime
    anchors: tuple[TrustEntry, ...]
    doubtful: tuple[TrustEntry, ...]
    distrust: Mapping[bytes, datetime]
    fault: ListFault
    code_keys: tuple[TrustEntry, ...] = ()

    def roots_for(self, licence_type: str | None, moment: datetime | None = None) -> tuple[Certificate, ...]:
        """Give the anchors for this type code, None for a file that names none, as of a moment of signing (else of judging).

        The operator's own roots count for every kind.
        """
        allowed = (entry for entry in self.anchors if entry.allows(licence_type))
        return (*self.material.roots, *_certificates(allowed, moment or self.at))

    def every_root(self, moment: datetime) -> tuple[Certificate, ...]:
        """Give the anchors of all kinds, to say of an issuer that it is known for another kind."""
        return (*self.material.roots, *_certificates(self.anchors, moment))

    def doubtful_roots(self, moment: datetime) -> tuple[Certificate, ...]:
        """Give the anchors that would count if their list could be relied upon."""
        return _certificates(self.doubtful, moment)

    def bars(self, path: Iterable[Certificate], licence_type: str | None) -> bool:
        """Say whether a list keeps this type code from somebody on the path; a doubtful list bars, too, but opens nothing."""
        own = {root.der for root in self.material.roots}
        keys = {cert.key.spki for cert in path if cert.key and cert.der not in own}
        for group in (self.anchors, self.doubtful):
            named = {_spki(entry) for entry in group} & keys
            if named - {_spki(entry) for entry in group if entry.allows(licence_type)}:
                return True
        return False

    def distrusted_since(self, certificate: Certificate) -> datetime | None:
        """Say since when a certificate is not believed any more, whoever laid it down; a new one for its key is not, either."""
        names = (certificate.der, certificate.key.spki if certificate.key else b"")
        return min((self.distrust[name] for name in names if name in self.distrust), default=None)

    def first_distrust(self, path: Iterable[Certificate]) -> datetime | None:
        """Say since when the first certificate of a path is not believed any more."""
        return min((since for since in map(self.distrusted_since, path) if since), default=None)

    def status_list_fault(self, found: UnverifiedStatusList, roots: Sequence[Certificate]) -> str:
        """Say what keeps a status list from being relied upon; nobody who is distrusted by now may speak of a status."""
        honest = [root for root in roots if not self._is_distrusted((root,))]
        return "issuer_distrusted" if self._is_distrusted(found.chain) else found.verify(honest, self.material.crls, self.at)

    def _is_distrusted(self, path: Iterable[Certificate]) -> bool:
        since = self.first_distrust(path)
        return since is not None and since <= self.at


def resolve(material: TrustMaterial, at: datetime) -> Trust:
    """Read and judge the trust lists as of `at` (aware)."""
    return _resolved(material, at, material.trust_lists) if material.trust_lists else Trust(material, at, (), (), _NOTHING, "")


_NOTHING: Mapping[bytes, datetime] = MappingProxyType({})


@lru_cache(maxsize=4)
def _read_lists(tokens: tuple[bytes, ...]) -> tuple[UnverifiedTrustList, ...]:
    """Read what can be read; the same few tokens come with file after file."""
    found: list[UnverifiedTrustList] = []
    for token in tokens:
        with suppress(MalformedTrustList):
            found.append(read_trust_list(token))
    return tuple(found)


@lru_cache(maxsize=4)
def _judged(
    tokens: tuple[bytes, ...], signers: tuple[Certificate, ...], at: datetime
) -> tuple[tuple[UnverifiedTrustList, str], ...]:
    return tuple((found, found.verify(signers, at)) for found in _read_lists(tokens))


def _resolved(material: TrustMaterial, at: datetime, tokens: tuple[bytes, ...]) -> Trust:
    judged = _judged(tokens, material.list_signers, at)
    newest: dict[str, tuple[UnverifiedTrustList, str]] = {}
    strange: list[UnverifiedTrustList] = []
    for found, distrust in judged:
        if distrust not in {"", "trust_list_stale"}:
            strange.append(found)
        elif found.unverified.uri not in newest or found.unverified.number > newest[found.unverified.uri][0].unverified.number:
            newest[found.unverified.uri] = found, distrust
    stale = [found for found, distrust in newest.values() if distrust]
    good = [found for found, distrust in newest.values() if not distrust]
    fault: ListFault = "trust_list_stale" if stale else ""
    return Trust(
        material=material,
        at=at,
        anchors=_issuers(good),
        doubtful=_issuers([*stale, *strange]),
        distrust=_distrust([*good, *stale, *strange]),
        fault="trust_list_invalid" if strange or len(judged) < len(tokens) else fault,
        code_keys=tuple(entry for found in good for entry in found.unverified.entries if entry.kind == "code_key"),
    )


def _issuers(lists: Sequence[UnverifiedTrustList]) -> tuple[TrustEntry, ...]:
    return tuple(entry for found in lists for entry in found.unverified.entries if entry.kind == "issuer")


def _spki(entry: TrustEntry) -> bytes:
    return entry.certificate.key.spki if entry.certificate and entry.certificate.key else b""


def _certificates(entries: Iterable[TrustEntry], moment: datetime) -> tuple[Certificate, ...]:
    return tuple(entry.certificate for entry in entries if entry.certificate and entry.trusted_from <= moment)


def _distrust(lists: Sequence[UnverifiedTrustList]) -> Mapping[bytes, datetime]:
    """Give the earliest day of distrust by certificate and by key."""
    found: dict[bytes, datetime] = {}
    for entry in (entry for item in lists for entry in item.unverified.entries):
        key = entry.public_key or (entry.certificate.key if entry.certificate else None)
        names = (entry.certificate.der if entry.certificate else b"", key.spki if key else b"")
        if since := entry.distrusted_since:
            found |= {name: min(since, found.get(name, since)) for name in names if name}
    return found
