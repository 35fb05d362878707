"""A log of fictional look-ups in a database of its own, its rows committed as requests commit them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
from django.core.management import call_command
from django.db import connections, transaction

from liangzheng.auditlog.append import Event, append
from liangzheng.auditlog.log_files import CHECKPOINT, LogFiles
from liangzheng.auditlog.note import read_checkpoint, read_note
from liangzheng.auditlog.sequencer import LogSigner, Sequencer
from liangzheng.auditlog.verify_log import Report, verify_tree
from liangzheng.auditlog.verify_rows import verify_rows
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.server.database import APP_ROLE, OWNER_ROLE
from liangzheng.server.postgres import SUPERUSER, EmbeddedPostgres

ORIGIN = "log.example/yantai-demo"
HOLDER = UUID("019aa5e0-7c00-7a5b-8c3d-0123456789ab")
OTHER = UUID("019aa5e0-7c00-7a5b-8c3d-ba9876543210")
AGENCY = UUID("019aa5e0-7c00-7a5b-8c3d-aaaaaaaaaaaa")


@contextmanager
def connected(name: str, role: str = APP_ROLE) -> Iterator[None]:
    """Let Django use this database in this role."""
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


@contextmanager
def fresh_database(postgres: EmbeddedPostgres, name: str) -> Iterator[str]:
    """An empty, migrated database."""
    with postgres.new_database(name) as made:
        with connected(made, OWNER_ROLE):
            call_command("migrate", verbosity=0)
        yield made


def events(count: int, *, holder: UUID = HOLDER, first: int = 0) -> list[Event]:
    """Look-ups of a fictional driver by a fictional officer."""
    return [
        Event(
            at=datetime(2026, 11, 25, 8, 0, number % 60, number % 1000, tzinfo=UTC),
            actor_kind="officer",
            actor=OTHER,
            actor_number="15060000001",
            action="scan",
            subject_kind="licence",
            subject=OTHER,
            act_code=f"演示-2026-{number:05d}",
            agency=AGENCY,
            region="370600",
            holder=holder,
            purpose="现场检查",
            legal_basis="《道路运输条例》第五十八条",
            fields=("name", "number"),
            result="valid",
        )
        for number in range(first, first + count)
    ]


def write(count: int, *, holder: UUID = HOLDER, first: int = 0, each: int = 500) -> None:
    """Write so many entries, some in each transaction."""
    for start in range(first, first + count, each):
        with transaction.atomic():
            append(events(min(each, first + count - start), holder=holder, first=start))


@dataclass(slots=True)
class Log:
    """One log: its database, files and signer."""

    database: str
    files: LogFiles
    signer: LogSigner
    postgres: EmbeddedPostgres

    def sequencer(self) -> Sequencer:
        return Sequencer(self.signer, self.files)

    def seal(self) -> int:
        """Seal everything that waits; gives the size of the tree."""
        with self.sequencer() as sequencer:
            sequencer.seal_all()
            return sequencer.head.size

    def superuser(self) -> psycopg.Connection[tuple[object, ...]]:
        """Someone whom no right and no policy stops."""
        return psycopg.connect(self.postgres.conninfo(SUPERUSER, self.database), autocommit=True)


def new_signer() -> LogSigner:
    """Fresh keys for a log."""
    return LogSigner(ORIGIN, (("ed25519", Ed25519PrivateKey.generate()), ("sm2", SM2PrivateKey.generate())))


def new_log(database: str, folder: Path, postgres: EmbeddedPostgres) -> Log:
    """An empty log."""
    return Log(database, LogFiles(folder), new_signer(), postgres)


def verified(log: Log) -> Report:
    """Check the whole log with its rows."""
    report = Report()
    note = read_note(log.files.read(CHECKPOINT))
    assert len(note.signed_by(log.signer.public)) == 2
    checkpoint = read_checkpoint(note.text)
    verify_rows(verify_tree(log.files.read, checkpoint, {}, report), checkpoint.size, checkpoint.root, report)
    return report
