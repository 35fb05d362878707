"""Judges one file or ten thousand: what must not take down the rest is done in processes of their own, each with its limits.

A file that takes too long or too much memory, or that kills its reader, is reported unreadable, and the others go on.
"""

from __future__ import annotations

import os
import resource
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from types import FrameType

from liangzheng.formats.ofd.archive import MAX_FILE
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.server.code_pictures import code_in
from liangzheng.server.verify_report import Outcome
from liangzheng.verification.code_texts import judge_code_text
from liangzheng.verification.file_checks import TrustMaterial
from liangzheng.verification.judge import judge
from liangzheng.verification.trust_files import is_trust_file, read_trust_files


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one file, bytes of address space for one reader. What is known to be worst takes one, and half a gigabyte."""

    seconds: float = 10.0
    size: int = 2 * 1024**3


LIMITS = Limits()
FEW = 8
"""Fewer files than this are judged by the command itself."""
_AHEAD = 8  # files handed out per process


class _TooLong(BaseException):
    """The file took too long. No Exception: a reader's own handlers must not catch it."""


def read_trust(paths: Sequence[Path]) -> TrustMaterial:
    """Read what --trust names. Raises OSError or TrustFileError; both name the file."""
    return read_trust_files((str(path), path.read_bytes()) for path in _trust_files(paths))


def _trust_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Give the files themselves, and of each folder those that count, in a fixed order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(item for item in path.iterdir() if is_trust_file(item.name))
        else:
            yield path


def files_of(paths: Sequence[Path]) -> Iterator[Path]:
    """Give the files named, and those below the folders named, in a fixed order; hidden ones are left out."""
    for path in paths:
        if path.is_dir():
            found = (item for item in sorted(path.rglob("*")) if item.is_file())
            yield from (item for item in found if not any(part.startswith(".") for part in item.relative_to(path).parts))
        else:
            yield path


def judge_file(path: Path, data: bytes | None, trust: TrustMaterial, at: datetime, limits: Limits = LIMITS) -> Outcome:
    """Judge one file, in time; the memory is for the reader's process to limit. `data` None: read it."""
    try:
        with _TimeLimit(limits.seconds):
            return _judge(_read(path) if data is None else data, trust, at)
    except UnreadableFile as unreadable:
        return unreadable
    except _TooLong:
        return UnreadableFile("took_too_long")
    except MemoryError:
        return UnreadableFile("took_too_much")


def _judge(data: bytes, trust: TrustMaterial, at: datetime) -> Outcome:
    try:
        return judge(data, trust, at)
    except UnreadableFile as unreadable:
        if unreadable.reason != "no_code_in_picture":
            raise
        return judge_code_text(code_in(data), trust, at)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise UnreadableFile("not_found", str(path)) from error


class _TimeLimit:
    """Stops what runs inside after so many seconds; only in a main thread, which both the command and its readers are."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise _TooLong


@dataclass(slots=True)
class _Reader:
    """What a reading process keeps between files."""

    trust: TrustMaterial
    at: datetime
    limits: Limits


_reader: list[_Reader] = []


def _start_reader(trust: Sequence[Path], at: datetime, limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command stops its readers
    resource.setrlimit(resource.RLIMIT_AS, (limits.size, limits.size))
    _reader[:] = [_Reader(read_trust(trust), at, limits)]


def _read_one(path: Path) -> Outcome:
    reader = _reader[0]
    return judge_file(path, None, reader.trust, reader.at, reader.limits)


def judge_many(
    paths: Sequence[Path], trust: Sequence[Path], at: datetime, limits: Limits = LIMITS
) -> Iterator[tuple[Path, Outcome]]:
    """Judge many files on all cores, in order. Few are handed out ahead, so that memory does not grow with their number."""
    waiting = deque(paths)
    while waiting:
        pool = ProcessPoolExecutor(_cores(), get_context("spawn"), _start_reader, (trust, at, limits))
        with pool:
            running: deque[tuple[Path, Future[Outcome]]] = deque()
            try:
                yield from _run(pool, waiting, running)
            except BrokenProcessPool:
                # One of those under way killed its reader. Each is tried alone; the guilty one is found out.
                under_way = [path for path, _ in running]
                pool.shutdown(wait=False, cancel_futures=True)
                for path in under_way:
                    yield path, _alone(path, trust, at, limits)


def _run(
    pool: ProcessPoolExecutor, waiting: deque[Path], running: deque[tuple[Path, Future[Outcome]]]
) -> Iterator[tuple[Path, Outcome]]:
    while waiting or running:
        while waiting and len(running) < _AHEAD * _cores():
            path = waiting.popleft()
            running.append((path, pool.submit(_read_one, path)))
        path, future = running[0]
        outcome = future.result()
        running.popleft()
        yield path, outcome


def _alone(path: Path, trust: Sequence[Path], at: datetime, limits: Limits) -> Outcome:
    with ProcessPoolExecutor(1, get_context("spawn"), _start_reader, (trust, at, limits)) as pool:
        try:
            return pool.submit(_read_one, path).result()
        except BrokenProcessPool:
            return UnreadableFile("reader_stopped")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
