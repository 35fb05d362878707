"""The trust folder of this installation (`trust_files` says what lies there), read again when a file changes.

What lies there is signed or, for roots, put there by the operator.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from liangzheng.errors import Unavailable
from liangzheng.verification.file_checks import TrustMaterial
from liangzheng.verification.trust_files import TrustFileError, is_trust_file, read_trust_files

log = logging.getLogger(__name__)


def trust_material() -> TrustMaterial:
    """Give what this installation trusts; a folder that does not exist trusts nobody.

    Unavailable `trust_damaged` when one file cannot be used: judging with the rest could miss a revocation.
    """
    folder: Path = settings.TRUST_FOLDER
    try:
        files = sorted(file for file in folder.iterdir() if is_trust_file(file.name)) if folder.exists() else []
        stats = [(file, file.stat()) for file in files]
        return _read(tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in stats))
    except (OSError, TrustFileError) as error:
        log.error("trust folder %s: %s", folder, error)  # noqa: TRY400 - the text says it all
        raise Unavailable("trust_damaged", "信任名单中有文件损坏，暂不能核验证照文件。") from error


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int, int], ...]) -> TrustMaterial:
    return read_trust_files((path.name, path.read_bytes()) for path, _, _ in files)
