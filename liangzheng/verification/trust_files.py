"""Reads trust files: root certificates (*.cer, *.crt, *.pem), revocation lists (*.crl), status and trust lists (*.jwt, *.cwt).

A certificate in a file called `trust-list-signer*` is no root: it is one whose trust lists are believed. Which list a token is,
it says itself.

Pure: bytes in. Certificates and revocation lists may be PEM bundles. A file that cannot be used is an error, never left out: less
trust than the operator laid down would look like missing revocations or unknown authorities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificates
from liangzheng.crypto.revocation import Crl, read_crls
from liangzheng.formats.jws import token_type
from liangzheng.formats.status_list import MalformedStatusList, read_status_list
from liangzheng.formats.trust_list import MEDIA_TYPE, MalformedTrustList, read_trust_list
from liangzheng.verification.signer_checks import TrustMaterial

LIST_SIGNER = "trust-list-signer"
"""How the name of a file begins that pins a signer of trust lists."""
_CRL, _JWT, _CWT = ".crl", ".jwt", ".cwt"
_SUFFIXES = frozenset({".cer", ".crt", ".pem", _CRL, _JWT, _CWT})


class TrustFileError(ValueError):
    """A trust file cannot be used; the text names the file and the cause."""


def is_trust_file(name: str) -> bool:
    """Say whether a file of a trust folder counts; notes and half-written files beside them do not."""
    return PurePath(name).suffix.lower() in _SUFFIXES


def read_trust_files(files: Iterable[tuple[str, bytes]]) -> TrustMaterial:
    """Read files given by name and content; a name without a known suffix is taken for certificates. Raises TrustFileError.

    Lists stay unverified: they are judged for the licence at hand.
    """
    found = _Found()
    for name, data in files:
        try:
            found.add(PurePath(name), data)
        except (BadCertificate, MalformedStatusList, MalformedTrustList) as error:
            raise TrustFileError(f"{name} ({error})") from error
    return TrustMaterial(
        roots=tuple(found.roots),
        crls=tuple(found.crls),
        status_tokens=tuple(found.status_tokens),
        list_signers=tuple(found.list_signers),
        trust_lists=tuple(found.trust_lists),
    )


@dataclass(slots=True)
class _Found:
    """What was read so far."""

    roots: list[Certificate] = field(default_factory=list)
    crls: list[Crl] = field(default_factory=list)
    status_tokens: list[bytes] = field(default_factory=list)
    list_signers: list[Certificate] = field(default_factory=list)
    trust_lists: list[bytes] = field(default_factory=list)

    def add(self, path: PurePath, data: bytes) -> None:
        suffix = path.suffix.lower()
        if suffix == _CRL:
            self.crls += read_crls(data)
        elif suffix in {_JWT, _CWT}:
            self._add_list(data.strip() if suffix == _JWT else data)
        elif path.name.lower().startswith(LIST_SIGNER):
            self.list_signers += read_certificates(data)
        else:
            self.roots += read_certificates(data)

    def _add_list(self, token: bytes) -> None:
        if token_type(token) == MEDIA_TYPE:
            read_trust_list(token)
            self.trust_lists.append(token)
        else:
            read_status_list(token)
            self.status_tokens.append(token)
