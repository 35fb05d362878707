"""The sealer with its witnesses and its time-stamp authority, as `liangzheng work` runs it."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings

from liangzheng.auditlog.log_files import CHECKPOINT, COSIGNED, LogFiles
from liangzheng.auditlog.note import read_checkpoint, read_note
from liangzheng.auditlog.peers import WitnessAddress
from liangzheng.auditlog.sealing import Sealer, log_signer, seal_once, seal_until
from liangzheng.auditlog.stopped import LogStopped
from tests.auditlog.logs import Log, write
from tests.auditlog.neighbours import honest, serving_authority, serving_witness
from tests.verification.time_authority import found_root, found_time_authority


@pytest.fixture
def own(log: Log, settings: Settings) -> Log:
    """The log of this machine, by its settings."""
    settings.LOG_FOLDER, settings.LOG_PEERS, settings.LOG_TSA_URL = log.files.folder, "", ""
    return Log(log.database, log.files, log_signer(), log.postgres)


@contextmanager
def witnessed(log: Log, settings: Settings, folder: Path) -> Iterator[WitnessAddress]:
    """A witness that this machine's log asks."""
    with serving_witness(folder, log.signer) as witness:
        settings.LOG_PEERS = str(folder / "mine.json")
        yield witness


def size_of(files: LogFiles, name: str = CHECKPOINT) -> int:
    return read_checkpoint(read_note(files.read(name)).text).size


@contextmanager
def put_back(log: Log) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Do something in between, then put files and database back to what they were, as from last night's copy."""
    saved = log.files.folder.with_name("saved")
    shutil.copytree(log.files.folder, saved)
    with log.superuser() as superuser:
        head = superuser.execute("SELECT size, root, horizon, at FROM auditlog_treehead").fetchone()
        assert head
        yield superuser
        superuser.execute("DELETE FROM auditlog_leaf WHERE index >= %s", [head[0]])
        superuser.execute("DELETE FROM auditlog_logentry WHERE id NOT IN (SELECT entry FROM auditlog_leaf)")
        superuser.execute("UPDATE auditlog_treehead SET size = %s, root = %s, horizon = %s, at = %s", list(head))
    shutil.rmtree(log.files.folder)
    saved.rename(log.files.folder)


def test_a_log_put_back_to_last_night_signs_nothing(own: Log, settings: Settings, tmp_path: Path) -> None:
    with witnessed(own, settings, tmp_path / "witness"):
        write(300)
        assert seal_once() == (300, 1)
        with put_back(own):
            write(100, first=300)
            assert seal_once() == (100, 1)
        write(50, first=700)
        before = own.files.read(CHECKPOINT)
        with pytest.raises(LogStopped, match=r"witness_is_ahead.*400 > 300"):
            seal_once()
        assert (own.files.read(CHECKPOINT), size_of(own.files, COSIGNED)) == (before, 300)
    settings.LOG_PEERS = ""
    assert seal_once() == (50, 0), "control: without a witness the fork is signed"
    assert size_of(own.files) == 350


def test_files_put_back_alone_are_caught_up_from_the_database(own: Log, settings: Settings, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    with witnessed(own, settings, tmp_path / "witness"):
        write(300)
        seal_once()
        shutil.copytree(own.files.folder, saved)
        write(100, first=300)
        seal_once()
        after = own.files.read(CHECKPOINT)
        shutil.rmtree(own.files.folder)
        saved.rename(own.files.folder)
        assert seal_once() == (0, 1)
        assert read_note(own.files.read(CHECKPOINT)).text == read_note(after).text


def test_without_a_word_from_any_witness_nothing_is_signed(own: Log, settings: Settings, tmp_path: Path) -> None:
    write(3)
    with witnessed(own, settings, tmp_path / "witness"):
        pass
    with pytest.raises(LogStopped, match="witnesses_silent"):
        seal_once()
    assert size_of(own.files) == 0
    with witnessed(own, settings, tmp_path / "witness"):
        assert seal_once() == (3, 1), "control: when it answers again, sealing goes on"


def test_the_hour_is_stamped_once_and_again_when_the_log_grew(own: Log, settings: Settings) -> None:
    root = found_root()
    asked: list[bytes] = []
    good = honest(found_time_authority(root.certificate, root.key))

    def answer(request: bytes) -> bytes:
        asked.append(request)
        return b"no" if len(asked) == 1 else good(request)

    clock = [10_000.0]
    with serving_authority(answer) as url:
        settings.LOG_TSA_URL = url
        with Sealer(lambda: clock[0]) as sealer:
            seconds = (0, 30, 60, 600, 3661, 3670, 7300)
            sizes = (5, 6, 7, 8, 9, 9, 9)
            stamped = []
            for at, size in zip(seconds, sizes, strict=True):
                clock[0] = 10_000.0 + at
                write(size - int(sealer.sequencer.head.size), first=sealer.sequencer.head.size)
                sealer.step()
                stamped.append(sorted(int(path.stem) for path in own.files.folder.glob("stamps/*.tsr")))
        kept = own.files.read("stamps/9.tsr")
        with Sealer() as again:
            again.step()
        assert (len(asked), own.files.read("stamps/9.tsr")) == (3, kept), "a stamp is not replaced by a later one"
    assert stamped == [[], [], [7], [7], [7, 9], [7, 9], [7, 9]]
    assert len(asked) == 3, "refused, again a minute later, an hour later; not again without growth"
    assert own.files.read("stamps/9.checkpoint") == own.files.read(CHECKPOINT)


def test_the_loop_says_why_it_does_not_seal_and_seals(own: Log, caplog: pytest.LogCaptureFixture) -> None:
    write(5)
    with own.superuser() as superuser:
        superuser.execute("UPDATE auditlog_logentry SET result = 'invalid' WHERE act_code = '演示-2026-00003'")
    with caplog.at_level(logging.ERROR):
        loop_until(lambda: bool(caplog.records))
    assert "the log is not sealed: row_changed" in caplog.text
    assert size_of(own.files) == 0
    with own.superuser() as superuser:
        superuser.execute("UPDATE auditlog_logentry SET result = 'valid'")
    loop_until(lambda: size_of(own.files) == 5)
    assert size_of(own.files) == 5, "control: the row as it was written is sealed"


def loop_until(is_done: Callable[[], bool]) -> None:
    """Let the sealer's loop run until then, at most so many seconds."""
    stop = threading.Event()
    thread = threading.Thread(target=seal_until, args=[stop])
    thread.start()
    until = time.monotonic() + 20
    while time.monotonic() < until and not is_done():
        stop.wait(0.05)
    stop.set()
    thread.join()
