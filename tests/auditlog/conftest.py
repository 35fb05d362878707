"""A migrated database per file and an empty log per test."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from liangzheng.server.postgres import EmbeddedPostgres
from tests.auditlog.logs import Log, connected, fresh_database, new_log


@pytest.fixture(scope="module")
def log_database(postgres: EmbeddedPostgres, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database with the tables and no rows."""
    name = f"log_{os.getpid()}_{secrets.token_hex(3)}"
    with django_db_blocker.unblock(), fresh_database(postgres, name) as made:
        yield made


@pytest.fixture
def log(log_database: str, tmp_path: Path, postgres: EmbeddedPostgres, django_db_blocker: DjangoDbBlocker) -> Iterator[Log]:
    """An empty log; rows are committed, and thrown away by the owner afterwards."""
    with django_db_blocker.unblock():
        log = new_log(log_database, tmp_path / "log", postgres)
        with connected(log_database):
            yield log
        with log.superuser() as superuser:
            superuser.execute("TRUNCATE auditlog_logentry, auditlog_leaf, auditlog_treehead")
