"""Many files at once: every one is told, in order, and none takes the others down."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from liangzheng.formats.status_list import Status
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.server.verify_many import Limits, files_of, judge_file, judge_many
from liangzheng.server.verify_report import Outcome
from liangzheng.verification.file_checks import TrustMaterial
from tests.hostile.packages import MEGABYTE, body, entry_xml, noise, ofd
from tests.hostile.signatures import sealed, signed_by_many
from tests.verification.sealed_licence import NOW, found_authority

MANY = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen copies of a good licence, and what is needed to find it valid."""
    folder, authority = tmp_path_factory.mktemp("many"), found_authority()
    for name in ("files", "trust"):
        (folder / name).mkdir()
    (folder / "trust" / "root.cer").write_bytes(authority.root.der)
    (folder / "trust" / "root.crl").write_bytes(authority.crl().der)
    (folder / "trust" / "status.jwt").write_bytes(authority.status_token(Status.VALID))
    licence = authority.licence()
    for number in range(MANY):
        (folder / "files" / f"{number:02}.ofd").write_bytes(licence)
    return folder


def told(folder: Path, *more: Path, limits: Limits | None = None) -> list[str]:
    """The standing of every file, or why it could not be read, in the order in which they were told."""
    paths = [*more, *files_of([folder / "files"])]
    found = list(judge_many(paths, [folder / "trust"], NOW, limits or Limits()))
    assert [path for path, _ in found] == paths
    return [word(outcome) for _, outcome in found]


def word(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, UnreadableFile) else outcome.verdict.standing.value


def test_all_are_told_in_order_also_those_that_are_none(folder: Path, tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_bytes(b"a note")
    assert told(folder, text, tmp_path / "missing") == ["unknown_kind", "not_found", *["valid"] * MANY]


def test_a_file_that_takes_too_long_is_given_up_and_the_others_are_judged(folder: Path, tmp_path: Path) -> None:
    """A pipe that nobody writes to takes for ever; the limit is long enough for every other file on a busy machine."""
    pipe = tmp_path / "slow.ofd"
    os.mkfifo(pipe)
    assert told(folder, pipe, limits=Limits(seconds=5)) == ["took_too_long", *["valid"] * MANY]
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a note",))
    writer.start()
    assert told(folder, pipe) == ["unknown_kind", *["valid"] * MANY], "the control: written in time it is judged"
    writer.join()


def test_a_file_that_computes_too_long_is_given_up(tmp_path: Path) -> None:
    slow, trust = signed_by_many(sealed, 50, 14), TrustMaterial()
    given_up = judge_file(tmp_path, slow, trust, NOW, Limits(seconds=0.02))
    assert isinstance(given_up, UnreadableFile)
    assert given_up.reason == "took_too_long"
    assert not isinstance(judge_file(tmp_path, slow, trust, NOW, Limits(seconds=60)), UnreadableFile), "the control"


def test_a_file_that_takes_too_much_memory_is_given_up_and_the_others_are_judged(folder: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.ofd"
    large.write_bytes(ofd(entry_xml(body()), {"noise": noise(45 * MEGABYTE)}))
    assert told(folder, large, limits=Limits(size=180 * MEGABYTE)) == ["took_too_much", *["valid"] * MANY]
    assert told(folder, large) == ["invalid", *["valid"] * MANY], "the control: without the limit it is judged"


@contextmanager
def killer(pipe: Path, times: int) -> Iterator[set[int]]:
    """Kill whoever opens the pipe to read it, until so many were killed."""
    killed: set[int] = set()
    stop = threading.Event()

    def watch() -> None:
        while len(killed) < times and not stop.is_set():
            try:
                writing = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:  # that one says that nobody reads it yet
                    raise
                time.sleep(0.01)
                continue
            while not (found := readers(pipe)) and not stop.is_set():
                time.sleep(0.01)
            for process in found:
                os.kill(process, signal.SIGKILL)
                killed.add(process)
            os.close(writing)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()


def readers(pipe: Path) -> list[int]:
    """The processes that have it open, but this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                opened = [str(item.readlink()) for item in (entry / "fd").iterdir()]
            except OSError:  # it ended, or is somebody else's
                continue
            if str(pipe) in opened:
                found.append(int(entry.name))
    return found


def test_a_file_that_kills_its_reader_is_found_out_and_the_others_are_judged(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "deadly.ofd"
    os.mkfifo(pipe)
    with killer(pipe, times=2) as killed:
        assert told(folder, pipe) == ["reader_stopped", *["valid"] * MANY]
    assert len(killed) == 2, "once among others, once alone"


def test_one_file_is_given_up_in_time_too(tmp_path: Path) -> None:
    pipe = tmp_path / "silent.ofd"
    os.mkfifo(pipe)
    assert word(judge_file(pipe, None, TrustMaterial(), NOW, Limits(seconds=0.1))) == "took_too_long"


def test_folders_are_searched_in_order_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    for name in ("b/2.ofd", "a/1.ofd", ".git/x.ofd", "a/.hidden.ofd", "c.ofd"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [str(path.relative_to(tmp_path)) for path in files_of([tmp_path, tmp_path / "a" / ".hidden.ofd"])]
    assert found == ["a/1.ofd", "b/2.ofd", "c.ofd", "a/.hidden.ofd"]
