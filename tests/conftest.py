"""The database of the tests: migrated by the owner role, used by the app role, as in real life."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from liangzheng.server.database import APP_ROLE, OWNER_ROLE
from liangzheng.server.postgres import EmbeddedPostgres

hypothesis_settings.register_profile("test", deadline=None, derandomize=True, max_examples=50)
hypothesis_settings.register_profile("prove", deadline=None, max_examples=2000)
hypothesis_settings.load_profile("test")


@contextmanager
def own_folder() -> Iterator[Path]:
    """A closed folder that nobody else touches. Another pytest run closes pytest's own folders anew, under a server's feet."""
    folder = Path(tempfile.mkdtemp(prefix="lz-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A data folder for one test."""
    with own_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def session_data_folder() -> Iterator[Path]:
    """A data folder for the whole run."""
    with own_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The embedded server of the tests."""
    with EmbeddedPostgres(Path(settings.DATA_FOLDER)) as server:
        yield server


@pytest.fixture(scope="session")
def django_db_setup(postgres: EmbeddedPostgres, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """An empty, migrated database with a name of its own, so that two test runs may go on at once."""
    with postgres.new_database(f"test_{os.getpid()}_{secrets.token_hex(3)}") as name, django_db_blocker.unblock():
        with _connected_as(OWNER_ROLE, name):
            call_command("migrate", verbosity=0)
        with _connected_as(APP_ROLE, name):
            yield


@contextmanager
def _connected_as(role: str, name: str) -> Iterator[None]:
    connection = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(NAME=name, USER=role)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public test data; tests that read it are skipped, by name, where it is absent."""
    folder = Path(os.environ.get("LIANGZHENG_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"public test data not found at {folder}: set LIANGZHENG_CORPORA")
    return folder
