"""Asking the witnesses: each new checkpoint is shown to them, and what they know of us is held against what we have."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from liangzheng.auditlog.log_files import COSIGNED, LogFiles
from liangzheng.auditlog.merkle import consistency_proof
from liangzheng.auditlog.note import (
    Checkpoint,
    MalformedNote,
    Note,
    SignatureLine,
    read_checkpoint,
    read_note,
    read_signature_lines,
    read_size,
)
from liangzheng.auditlog.outside import Reply, Silent, post
from liangzheng.auditlog.peers import WitnessAddress
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.witness import Submission

_OK, _CONFLICT, _UNPROVEN = 200, 409, 422
_TRIES = 3


class Cosigning:
    """The witnesses of one log and the size each has seen."""

    def __init__(self, witnesses: Sequence[WitnessAddress], files: LogFiles) -> None:
        self.witnesses = witnesses
        self.files = files
        self.seen = dict.fromkeys((witness.key.name for witness in witnesses), 0)

    def confirms(self, note: Note, held: int) -> bool:
        """Show the last published state; say whether a witness knows it, or a later one within the `held` entries we have."""
        return self.ask(note, held=held) > 0 or any(size > read_checkpoint(note.text).size for size in self.seen.values())

    def ask(self, note: Note, *, held: int = 0) -> int:
        """Ask all of them at once; keep the checkpoint with their cosignatures; give how many cosigned.

        LogStopped when a witness has seen a tree of ours beyond checkpoint and `held`, or another one.
        """
        if not self.witnesses:
            return 0
        checkpoint = read_checkpoint(note.text)
        most = max(held, checkpoint.size)
        with ThreadPoolExecutor(len(self.witnesses)) as pool:
            found = pool.map(lambda witness: self._ask_one(witness, note, checkpoint, most), self.witnesses)
            lines = [line for line in found if line]
        if lines:
            self.files.replace(COSIGNED, Note(note.text, (*note.signatures, *lines)).encoded)
        return len(lines)

    def _ask_one(self, witness: WitnessAddress, note: Note, checkpoint: Checkpoint, most: int) -> SignatureLine | None:
        name = witness.key.name
        for _try in range(_TRIES):
            old = self.seen[name]
            proof = consistency_proof(old, checkpoint.size, self.files.node(checkpoint.size))
            try:
                body = Submission(old, tuple(proof), note).encoded
                reply = post(f"{witness.url}/add-checkpoint", body, "application/octet-stream")
            except Silent:
                return None
            if reply.status == _OK:
                line = _cosignature(witness, note, reply)
                self.seen[name] = checkpoint.size if line else old
                return line
            if reply.status == _UNPROVEN:
                raise LogStopped("witness_differs", name)
            if reply.status != _CONFLICT:
                return None
            self.seen[name] = self._size_of(reply, checkpoint, old, name)
            if self.seen[name] > most:
                raise LogStopped("witness_is_ahead", f"{name}: {self.seen[name]} > {most}")
            if self.seen[name] > checkpoint.size:
                return None
        return None

    @staticmethod
    def _size_of(reply: Reply, checkpoint: Checkpoint, old: int, name: str) -> int:
        try:
            size = read_size(reply.body.decode("ascii").removesuffix("\n"))
        except (MalformedNote, UnicodeDecodeError):
            return old
        if size == old == checkpoint.size:
            raise LogStopped("witness_differs", name)
        return size


def _cosignature(witness: WitnessAddress, note: Note, reply: Reply) -> SignatureLine | None:
    """Take the witness's own line out of the answer, if it is right."""
    try:
        lines = read_signature_lines(reply.body.decode())
    except (MalformedNote, UnicodeDecodeError):
        return None
    own = (line for line in lines if witness.key.is_by(line) and witness.key.verify(note.text, line.value))
    return next(own, None)


def last_cosigned(files: LogFiles) -> Note | None:
    """Give the last checkpoint that witnesses cosigned."""
    try:
        return read_note(files.read(COSIGNED))
    except LogStopped:
        return None
