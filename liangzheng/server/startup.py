"""What must be right before a process serves: secrets of one's own, a free port, an up-to-date database, built pages.

Each function gives one line for the operator, or an empty text.
"""

from __future__ import annotations

import ipaddress
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from django.conf import settings

from liangzheng.server.postgres import EmbeddedPostgres

_SHORTEST_SECRET = 32  # characters
_MASTER_KEY_LENGTHS = (16, 32)  # bytes


def secrets_problem() -> str:
    """Refuse the published demo secrets, and short ones, outside demo mode."""
    if settings.DEMO:
        return ""
    make = 'make one with `python3 -c "import secrets; print(secrets.token_hex({}))"`.'
    if settings.SECRET_KEY == settings.DEMO_SECRET_KEY or len(settings.SECRET_KEY) < _SHORTEST_SECRET:
        return f"LIANGZHENG_SECRET_KEY is not set or shorter than {_SHORTEST_SECRET} characters: {make.format(32)}"
    if settings.MASTER_KEY == settings.DEMO_MASTER_KEY or not is_master_key(settings.MASTER_KEY):
        return f"LIANGZHENG_MASTER_KEY is not set or not 32 or 64 hex digits: {make.format(16)}"
    return ""


def sm2_problem() -> str:
    """Say when no libcrypto on this machine passes the SM2 self-test (the example of GB/T 32918)."""
    from liangzheng.crypto import libcrypto
    from liangzheng.errors import Unavailable

    try:
        libcrypto.describe()
    except Unavailable as error:
        return error.message
    return ""


def transport_problem() -> str:
    """Refuse to serve people's data over plain HTTP to other machines; TLS ends at a proxy in front."""
    if settings.DEMO or settings.PUBLIC_URL.startswith("https://") or _is_loopback(settings.HOST):
        return ""
    return (
        f"LIANGZHENG_HOST={settings.HOST} would serve personal data without TLS: "
        "set LIANGZHENG_PUBLIC_URL=https://… and a TLS proxy in front."
    )


def web_problem() -> str:
    """Say when the pages have not been built."""
    page = settings.WEB_FOLDER / "index.html"
    return "" if page.is_file() else f"the pages are not built ({page} is missing): run `make web`."


def schema_problem() -> str:
    """Say when the database waits for migrations or cannot be reached."""
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        return f"the database cannot be reached: {str(error).strip().splitlines()[0]}"
    finally:
        connection.close()
    return "the database is not up to date: run `liangzheng manage migrate`." if waiting else ""


def make_partitions() -> None:
    """Make the partitions of the coming days before anybody scans: the worker, which does it hourly, may have been away."""
    from django.db import connection

    from liangzheng.storage.partitions import roll_partitions

    roll_partitions()
    connection.close()


def database() -> AbstractContextManager[object]:
    """Have the database for the length of a `with`: the embedded server is started; that of DATABASE_URL is left alone."""
    return EmbeddedPostgres(Path(settings.DATA_FOLDER)) if settings.EMBEDDED_DATABASE else nullcontext()


def is_master_key(text: str) -> bool:
    """Say whether a text is a master key: 16 bytes (SM4) or 32 (AES-256) in hex."""
    try:
        return len(bytes.fromhex(text)) in _MASTER_KEY_LENGTHS
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
