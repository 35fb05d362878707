"""Read the trust folder: roots (*.cer, *.pem, *.crt), revocation lists (*.crl) and signed status lists (*.jwt).

Read again when a file changes; what lies there is signed or, for roots, put there by the operator.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from liangzheng.crypto.certificates import read_certificate
from liangzheng.crypto.revocation import read_crl
from liangzheng.verification.file_checks import TrustMaterial

ROOTS = frozenset({".cer", ".pem", ".crt"})


def trust_material() -> TrustMaterial:
    """Give what this installation trusts."""
    folder: Path = settings.TRUST_FOLDER
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return _read(tuple((file, file.stat().st_mtime_ns) for file in files if file.is_file()))


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int], ...]) -> TrustMaterial:
    contents = [(path.suffix.lower(), path.read_bytes()) for path, _ in files]
    return TrustMaterial(
        roots=tuple(read_certificate(data) for suffix, data in contents if suffix in ROOTS),
        crls=tuple(read_crl(data) for suffix, data in contents if suffix == ".crl"),
        status_tokens=tuple(data for suffix, data in contents if suffix == ".jwt"),
    )
