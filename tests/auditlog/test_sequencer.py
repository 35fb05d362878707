"""The sealer: what it seals, in which order, and everything at which it stops."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import connection, transaction

from liangzheng.auditlog.append import append
from liangzheng.auditlog.log_files import CHECKPOINT
from liangzheng.auditlog.sequencer import LogSigner
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.server.database import APP_ROLE
from tests.auditlog.logs import Log, events, new_signer, verified, write


def stops(log: Log, reason: str) -> None:
    """The sealer refuses, and the published checkpoint stays as it was."""
    before = log.files.read(CHECKPOINT)
    with pytest.raises(LogStopped) as stopped:
        log.seal()
    assert stopped.value.reason == reason
    assert log.files.read(CHECKPOINT) == before


def test_rows_are_sealed_and_everything_fits(log: Log) -> None:
    assert log.seal() == 0
    for size in (1, 255, 256, 257, 700):
        write(size - int(log.seal()), first=log.seal())
        assert log.seal() == size
        report = verified(log)
        assert (report.entries, report.findings) == (size, [])


def test_rows_are_sealed_in_steps_and_none_twice(log: Log) -> None:
    write(1000, each=7)
    with log.sequencer() as sequencer:
        first = sequencer.seal(most=100)
        assert first < 120
        assert first + sequencer.seal_all(most=100) == 1000
    assert not verified(log).findings


def test_a_late_commit_is_sealed_too(log: Log) -> None:
    """An entry whose transaction was still open while later ones were sealed is not passed over."""
    begun, end = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            append(events(1))
            begun.set()
            end.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    write(5, first=10)
    with log.sequencer() as sequencer:
        held_back = sequencer.seal_all(patience=0.2)
    end.set()
    thread.join()
    assert held_back < 5, "what was written after an open transaction waits for it"
    assert log.seal() == 6
    assert not verified(log).findings


def test_there_is_one_sealer(log: Log) -> None:
    log.seal()
    found = []

    def second() -> None:
        try:
            log.seal()
        except LogStopped as stopped:
            found.append(stopped.reason)

    with log.sequencer():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert found == ["sealed_by_another"]
    assert log.seal() == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE auditlog_logentry SET result = 'invalid' WHERE act_code = '演示-2026-00013'",
        "UPDATE auditlog_logentry SET commitment = sha256('x') WHERE act_code = '演示-2026-00013'",
        "UPDATE auditlog_logentry SET salt = '' WHERE act_code = '演示-2026-00013'",
        "UPDATE auditlog_logentry SET at = at + interval '1 microsecond' WHERE act_code = '演示-2026-00013'",
    ],
)
def test_a_row_that_was_changed_before_it_was_sealed_is_not_signed(log: Log, change: str) -> None:
    log.seal()
    write(20)
    with log.superuser() as superuser:
        superuser.execute(change)
    stops(log, "row_changed")


def test_a_database_that_was_rolled_back_is_not_sealed(log: Log) -> None:
    write(300)
    assert log.seal() == 300
    with log.superuser() as superuser:
        saved = superuser.execute("SELECT * FROM auditlog_treehead").fetchone()
        write(100, first=300)
        assert log.seal() == 400
        superuser.execute("DELETE FROM auditlog_leaf WHERE index >= 300")
        superuser.execute("DELETE FROM auditlog_logentry WHERE id NOT IN (SELECT entry FROM auditlog_leaf)")
        superuser.execute("UPDATE auditlog_treehead SET size = %s, root = %s, horizon = %s", saved[1:4] if saved else [])
    stops(log, "database_rolled_back")
    with log.superuser() as superuser:
        superuser.execute("DELETE FROM auditlog_treehead")
    stops(log, "database_rolled_back")


def test_damaged_files_and_foreign_keys_stop_it(log: Log) -> None:
    write(300)
    log.seal()
    other = Log(log.database, log.files, new_signer(), log.postgres)
    stops(other, "files_damaged")
    stops(Log(log.database, log.files, LogSigner("log.example/another", log.signer.keys), log.postgres), "log_renamed")
    tile = log.files.folder / "tile/0/001.p/44"
    whole = tile.read_bytes()
    tile.write_bytes(whole[:-1] + b"\x00")
    stops(log, "files_damaged")
    tile.write_bytes(whole)
    with log.superuser() as superuser:
        superuser.execute("UPDATE auditlog_treehead SET root = sha256('x')")
    stops(log, "files_damaged")


def test_a_missing_checkpoint_is_a_loss_not_a_beginning(log: Log) -> None:
    write(3)
    log.seal()
    (log.files.folder / CHECKPOINT).unlink()
    with pytest.raises(LogStopped, match="file_missing"):
        log.seal()
    assert not (log.files.folder / CHECKPOINT).exists()


def test_a_clock_that_went_back_signs_nothing(log: Log) -> None:
    write(3)
    log.seal()
    with log.superuser() as superuser:
        superuser.execute("UPDATE auditlog_treehead SET at = now() + interval '1 hour'")
    write(3, first=3)
    stops(log, "clock_went_back")


def test_the_database_of_another_cluster_is_known(log: Log) -> None:
    write(3)
    log.seal()
    with log.superuser() as superuser:
        superuser.execute("UPDATE auditlog_treehead SET horizon = '999999999999'")
    stops(log, "database_of_another_cluster")


def test_the_app_role_can_neither_date_its_rows_nor_undo_the_order(log: Log) -> None:
    write(3)
    log.seal()
    with psycopg.connect(log.postgres.conninfo(APP_ROLE, log.database), autocommit=True) as app:
        for statement in (
            "INSERT INTO auditlog_logentry (id, written_in) VALUES (gen_random_uuid(), '1')",
            "DELETE FROM auditlog_leaf",
            "UPDATE auditlog_leaf SET entry = gen_random_uuid()",
            "DELETE FROM auditlog_treehead",
            "TRUNCATE auditlog_leaf",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
        assert app.execute("SELECT count(*) FROM auditlog_logentry").fetchone() == (0,), "without a scope nothing is seen"


def test_time_is_not_the_order(log: Log) -> None:
    """Two entries keep the order in which their transactions began to write, whatever their clocks say."""
    write(1, first=50)
    write(1, first=2)
    log.seal()
    with log.superuser() as superuser:
        rows = superuser.execute(
            "SELECT act_code FROM auditlog_leaf l JOIN auditlog_logentry e ON e.id = l.entry ORDER BY index"
        ).fetchall()
    assert [row[0] for row in rows] == ["演示-2026-00050", "演示-2026-00002"]
