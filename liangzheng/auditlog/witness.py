"""A witness (C2SP tlog-witness): cosigns a log's checkpoints as long as each contains the one before, and never anything else.

What was last cosigned lies in one file per log, replaced before the answer is given, under a lock, so that no two answers cross.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liangzheng.auditlog.log_files import LogFiles
from liangzheng.auditlog.merkle import EMPTY_ROOT, is_consistent
from liangzheng.auditlog.note import (
    Checkpoint,
    MalformedNote,
    Note,
    NoteKey,
    cosign,
    read_checkpoint,
    read_hash,
    read_note,
    read_size,
)
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.crypto.keys import RawPrivateKey

LARGEST_REQUEST = 64 * 1024
"""Bytes."""
_MOST_STEPS = 63
_SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, body, and its type."""

    status: int
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Submission:
    """The body of add-checkpoint: the size the log believes to be the last, the proof from there, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def encoded(self) -> bytes:
        steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in self.proof)
        return f"old {self.old}\n{steps}\n".encode() + self.note.encoded


def read_submission(body: bytes) -> Submission:
    """Read the body. MalformedNote."""
    head, separator, rest = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedNote("not ASCII") from error
    if not separator or not lines[0].startswith("old ") or len(lines) > 1 + _MOST_STEPS or len(body) > LARGEST_REQUEST:
        raise MalformedNote("not an old size, a proof and a checkpoint")
    return Submission(read_size(lines[0].removeprefix("old ")), tuple(map(read_hash, lines[1:])), read_note(rest))


@dataclass(frozen=True, slots=True)
class Witness:
    """One witness: its name and key, the keys of the logs it knows, and the folder of what it has seen."""

    name: str
    key: RawPrivateKey
    logs: Sequence[NoteKey]
    folder: Path

    def add_checkpoint(self, body: bytes, at: int) -> Answer:
        """Judge a submission at a POSIX time; 200 with the cosignature, or the status that C2SP names for what is wrong."""
        try:
            submission = read_submission(body)
            checkpoint = read_checkpoint(submission.note.text)
        except MalformedNote as error:
            return Answer(400, f"{error}\n".encode())
        keys = [key for key in self.logs if key.name == checkpoint.origin]
        if not keys:
            return Answer(404, b"unknown log\n")
        try:
            signed = submission.note.signed_by(keys)
        except MalformedNote:
            signed = []
        if not signed:
            return Answer(403, b"not signed by that log\n")
        if submission.old > checkpoint.size:
            return Answer(400, b"the old size is larger\n")
        with self._locked():
            seen = self._seen(checkpoint.origin, keys)
            refusal = _refusal(submission, checkpoint, seen)
            if refusal:
                return refusal
            LogFiles(self.folder).replace(_file(checkpoint.origin), submission.note.encoded)
        return Answer(200, cosign(submission.note.text, self.name, self.key, at).line.encode())

    def _seen(self, origin: str, keys: Sequence[NoteKey]) -> Checkpoint | None:
        """Give the last cosigned checkpoint. A damaged file stops the witness: it must not begin anew by itself."""
        try:
            note = read_note(LogFiles(self.folder).read(_file(origin)))
            checkpoint = read_checkpoint(note.text)
            signed = note.signed_by(keys)
        except LogStopped:
            return None
        except MalformedNote as error:
            raise LogStopped("files_damaged", _file(origin)) from error
        if checkpoint.origin != origin or not signed:
            raise LogStopped("files_damaged", _file(origin))
        return checkpoint

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _refusal(submission: Submission, checkpoint: Checkpoint, seen: Checkpoint | None) -> Answer | None:
    last = seen.size if seen else 0
    known = Answer(409, f"{last}\n".encode(), _SIZE_TYPE)
    if submission.old != last:
        return known
    if seen and checkpoint.size == last and checkpoint.root != seen.root:
        return known
    if last == 0:
        fits = not submission.proof and (checkpoint.size > 0 or checkpoint.root == EMPTY_ROOT)
        return None if fits else Answer(422, b"no proof begins at 0\n")
    root = seen.root if seen else EMPTY_ROOT
    if not is_consistent(last, checkpoint.size, root, checkpoint.root, submission.proof):
        return Answer(422, b"this tree does not contain the one before\n")
    return None


def _file(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()
