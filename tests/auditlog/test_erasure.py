"""Deleting an entry about a person: the person is gone, the place in the tree and every proof given out stay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from pytest_django import Settings

from liangzheng.auditlog.erase import erase_holder
from liangzheng.auditlog.models import Leaf, LogEntry
from liangzheng.auditlog.proofs import receipt_of
from liangzheng.auditlog.receipt import read_receipt
from liangzheng.auditlog.rows import sealing
from liangzheng.auditlog.sealing import log_signer, seal_once
from liangzheng.errors import NotFound, Refused
from liangzheng.server.database import APP_ROLE, OWNER_ROLE
from liangzheng.server.log_check import Wanted, check_log
from liangzheng.storage.tenancy import Scope, acting
from tests.auditlog.logs import Log, connected, verified, write

PERSON = UUID("019aa5e0-7c00-7a5b-8c3d-eeeeeeeeeeee")
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def own(log: Log, settings: Settings) -> Log:
    """This machine's log with three looks at one person among those at another."""
    settings.LOG_FOLDER, settings.LOG_PEERS, settings.LOG_TSA_URL = log.files.folder, "", ""
    write(4)
    write(3, holder=PERSON, first=4)
    write(4, first=7)
    seal_once()
    return Log(log.database, log.files, log_signer(), log.postgres)


def entries_of_person() -> list[LogEntry]:
    with acting(Scope(holder=PERSON)):
        return list(LogEntry.objects.order_by("id"))


def erase(log: Log) -> int:
    with connected(log.database, OWNER_ROLE):
        return erase_holder(PERSON, LATER, "保存期满")


def dump(log: Log) -> str:
    """Everything the tables of the log hold, as text."""
    with log.superuser() as superuser:
        rows = superuser.execute(
            "SELECT e::text FROM auditlog_logentry e UNION ALL SELECT l::text FROM auditlog_leaf l"
        ).fetchall()
    return "\n".join(str(row[0]) for row in rows)


def test_receipts_and_the_log_hold_and_the_person_is_gone(own: Log, tmp_path: Path) -> None:
    entries = entries_of_person()
    assert len(entries) == 3
    receipts = [receipt_of(entry) for entry in entries]
    salts = [bytes(entry.salt).hex() for entry in entries]
    assert str(PERSON) in dump(own)
    assert all(salt in dump(own) for salt in salts), "control: before, whoever has the rows can link them"
    assert erase(own) == 3
    assert entries_of_person() == []
    assert str(PERSON) not in dump(own)
    assert not any(salt in dump(own) for salt in salts)
    assert seal_once() == (3, 0), "three entries say what was erased"
    kept = []
    for number, receipt in enumerate(receipts):
        checkpoint, _witnesses = read_receipt(receipt.encoded).verify(own.signer.public)
        assert checkpoint.size == 11
        kept.append(tmp_path / f"{number}.tlog-proof")
        kept[-1].write_bytes(receipt.encoded)
    assert check_log(str(own.files.folder), Wanted(own.signer.public, since=kept)).findings == []
    assert verified(own).findings == []


def test_an_erased_entry_gives_no_receipt(own: Log) -> None:
    erase(own)
    with sealing():
        erased = LogEntry.objects.get(pk=Leaf.objects.get(index=4).entry)
        with pytest.raises(NotFound) as refused:
            receipt_of(erased)
        assert refused.value.code == "entry_erased"
        assert receipt_of(LogEntry.objects.get(pk=Leaf.objects.get(index=3).entry)).index == 3, "control: its neighbour does"


def test_what_waits_to_be_sealed_is_not_erased(own: Log) -> None:
    write(1, holder=PERSON, first=20)
    with pytest.raises(Refused) as refused:
        erase(own)
    assert refused.value.code == "entry_not_sealed"
    assert len(entries_of_person()) == 4, "all of it, or nothing"
    seal_once()
    assert erase(own) == 4


def test_the_application_cannot_erase(own: Log) -> None:
    with pytest.raises(Exception, match="permission denied"):
        erase_holder(PERSON, LATER, "内部人员抹除")
    with (
        psycopg.connect(own.postgres.conninfo(APP_ROLE, own.database)) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("UPDATE auditlog_logentry SET salt = ''")
    assert len(entries_of_person()) == 3
    assert verified(own).findings == []
