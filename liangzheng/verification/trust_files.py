"""Reads trust files: root certificates (*.cer, *.crt, *.pem), revocation lists (*.crl), status lists (*.jwt, *.cwt).

Pure: bytes in. Certificates and revocation lists may be PEM bundles. A file that cannot be used is an error, never left out: less
trust than the operator laid down would look like missing revocations or unknown authorities.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificates
from liangzheng.crypto.revocation import Crl, read_crls
from liangzheng.formats.status_list import MalformedStatusList, read_status_list
from liangzheng.verification.signer_checks import TrustMaterial

_CRL, _JWT, _CWT = ".crl", ".jwt", ".cwt"
_SUFFIXES = frozenset({".cer", ".crt", ".pem", _CRL, _JWT, _CWT})


class TrustFileError(ValueError):
    """A trust file cannot be used; the text names the file and the cause."""


def is_trust_file(name: str) -> bool:
    """Say whether a file of a trust folder counts; notes and half-written files beside them do not."""
    return PurePath(name).suffix.lower() in _SUFFIXES


def read_trust_files(files: Iterable[tuple[str, bytes]]) -> TrustMaterial:
    """Read files given by name and content; a name without a known suffix is taken for certificates. Raises TrustFileError.

    Status lists stay unverified: `file_checks` judges them for the licence at hand.
    """
    roots: list[Certificate] = []
    crls: list[Crl] = []
    tokens: list[bytes] = []
    for name, data in files:
        suffix = PurePath(name).suffix.lower()
        try:
            if suffix == _CRL:
                crls += read_crls(data)
            elif suffix in {_JWT, _CWT}:
                read_status_list(token := data.strip() if suffix == _JWT else data)
                tokens.append(token)
            else:
                roots += read_certificates(data)
        except (BadCertificate, MalformedStatusList) as error:
            raise TrustFileError(f"{name} ({error})") from error
    return TrustMaterial(tuple(roots), tuple(crls), tuple(tokens))
