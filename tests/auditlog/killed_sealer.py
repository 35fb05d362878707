"""A sealer that is killed before its 1st, 2nd, 3rd … step to disk or database, each time with entries waiting.

Called in a process of its own with FOLDER and WAITING; the keys lie in FOLDER. For each kill it prints what happened and the
checkpoint that was published then.
"""

from __future__ import annotations

import base64
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from liangzheng.auditlog.log_files import CHECKPOINT, LogFiles
from liangzheng.auditlog.sequencer import LogSigner, Sequencer
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.crypto.ed25519 import Ed25519PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from tests.auditlog.logs import ORIGIN, write

STEPS = {"os.link", "os.rename", "os.mkdir", "os.remove", "shutil.rmtree"}


def count_down(number: int) -> Callable[[], None]:
    """Give what kills this process when it is called for the n-th time."""
    left = number

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def seal(folder: Path, kill_at: int) -> None:
    """Seal everything; be killed before the n-th step (0: never)."""
    signer = LogSigner(
        ORIGIN,
        (
            ("ed25519", Ed25519PrivateKey.from_pem((folder / "ed25519.pem").read_bytes())),
            ("sm2", SM2PrivateKey.from_pem((folder / "sm2.pem").read_bytes())),
        ),
    )
    step = count_down(kill_at)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS or (event == "open" and str(folder) in str(arguments[0])):
            step()

    def statement(execute: Callable[..., object], *arguments: object) -> object:
        step()
        return execute(*arguments)

    sys.addaudithook(watch)
    with connection.execute_wrapper(statement):
        while True:
            try:
                with Sequencer(signer, LogFiles(folder / "log")) as sequencer:
                    sequencer.seal_all(most=300)
            except LogStopped as stopped:
                if stopped.reason != "sealed_by_another":
                    raise
                time.sleep(0.01)  # the session of the one before is about to end
            else:
                return


def in_child(work: Callable[[], None]) -> int:
    """Do it in a child process; gives its wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - the parent prints it
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)
    os._exit(0)


def main() -> None:
    folder, waiting = Path(sys.argv[1]), int(sys.argv[2])
    kill_at, status, first = 0, 1, 0
    while status:
        kill_at += 1
        start = first
        in_child(lambda start=start: write(waiting, first=start, each=waiting))  # type: ignore[misc]
        first += waiting
        status = in_child(lambda kill_at=kill_at: seal(folder, kill_at))  # type: ignore[misc]
        if status not in {0, signal.SIGKILL}:
            raise SystemExit(f"killed at {kill_at}: status {status}")
        file = folder / "log" / CHECKPOINT
        published = base64.b64encode(file.read_bytes() if file.exists() else b"").decode()
        sys.stdout.write(f"{kill_at} {status} {published}\n")
        sys.stdout.flush()
