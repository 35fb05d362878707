"""The loop around the sealer: seals each second, asks the witnesses, has the hour stamped, and says why when it stopped."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import DatabaseError

from liangzheng.auditlog.cosigning import Cosigning
from liangzheng.auditlog.log_files import LogFiles
from liangzheng.auditlog.note import Note, read_checkpoint
from liangzheng.auditlog.peers import read_peers
from liangzheng.auditlog.sequencer import LogSigner, Sequencer
from liangzheng.auditlog.stamps import NotStamped, is_stamped, stamp
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.storage.keystore import log_keys

SEAL_SECONDS, COSIGN_SECONDS, PAUSE_SECONDS = 1.0, 10.0, 10.0
STAMP_SECONDS, AGAIN_SECONDS = 3600.0, 60.0
log = logging.getLogger(__name__)


def log_signer() -> LogSigner:
    """Give this machine's log: its origin and keys."""
    ed25519, sm2 = log_keys()
    return LogSigner(settings.LOG_ORIGIN, (("ed25519", ed25519), ("sm2", sm2)))


def log_files() -> LogFiles:
    """Give this machine's files of the log."""
    return LogFiles(settings.LOG_FOLDER)


def seal_until(stop: threading.Event) -> None:
    """Seal until the event is set. A log that stopped is tried again from its files after a pause; it signs nothing meanwhile."""
    while not stop.is_set():
        try:
            with Sealer() as sealer:
                while not stop.is_set():
                    began = time.monotonic()
                    sealer.step()
                    stop.wait(max(0.0, SEAL_SECONDS - (time.monotonic() - began)))
        except LogStopped as stopped:
            if stopped.reason != "sealed_by_another":  # of several workers one seals
                log.error("the log is not sealed: %s", stopped)  # noqa: TRY400 - the reason says all
        except (DatabaseError, OSError) as error:
            log.error("the log is not sealed: %s", type(error).__name__)  # noqa: TRY400
        stop.wait(PAUSE_SECONDS)


def seal_once() -> tuple[int, int]:
    """Seal what waits, ask the witnesses, and stop; gives the number of entries and of cosignatures. Raises LogStopped."""
    with Sealer() as sealer:
        return sealer.sequencer.seal_all(), sealer.cosign()


@dataclass(slots=True)
class _Times:
    """When something was last done (monotonic seconds)."""

    cosigned: float = -math.inf
    stamped: float = -math.inf


class Sealer:
    """The sealer with its witnesses; nothing is signed before one of them has confirmed the last published state."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.files = log_files()
        peers = Path(settings.LOG_PEERS) if settings.LOG_PEERS else None
        self.cosigning = Cosigning(read_peers(peers).witnesses, self.files)
        self.sequencer = Sequencer(log_signer(), self.files, self._confirm)
        self.times = _Times()
        self.cosigned = -1

    def __enter__(self) -> Self:
        self.sequencer.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.sequencer.__exit__()

    def step(self) -> None:
        self.sequencer.seal()
        now = self.clock()
        size = self.sequencer.head.size
        if size != self.cosigned and now - self.times.cosigned >= COSIGN_SECONDS:
            self.times.cosigned = now
            self.cosign()
        if settings.LOG_TSA_URL and now - self.times.stamped >= STAMP_SECONDS and not is_stamped(size, self.files):
            self.times.stamped = now
            self._stamp(self.sequencer.note)

    def _confirm(self, note: Note, held: int) -> None:
        if self.cosigning.witnesses and not self.cosigning.confirms(note, held):
            raise LogStopped("witnesses_silent")

    def cosign(self) -> int:
        count = self.cosigning.ask(self.sequencer.note)
        if count < len(self.cosigning.witnesses):
            log.warning("%s of %s witnesses cosigned", count, len(self.cosigning.witnesses))
        self.cosigned = self.sequencer.head.size if count == len(self.cosigning.witnesses) else -1
        return count

    def _stamp(self, note: Note) -> None:
        try:
            stamp(note, settings.LOG_TSA_URL, self.files)
        except NotStamped as error:
            self.times.stamped += AGAIN_SECONDS - STAMP_SECONDS
            log.warning("the log at %s was not stamped: %s", read_checkpoint(note.text).size, error)
