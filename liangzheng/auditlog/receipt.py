"""A receipt: the proof that one entry stands in the log, as a file that anyone can check off-line (C2SP tlog-proof).

Its extra data are the salt (32 bytes) and the entry in canonical form, from which the commitment is computed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from liangzheng.auditlog.commitment import commit_bytes
from liangzheng.auditlog.merkle import is_included, leaf_hash
from liangzheng.auditlog.note import (
    Checkpoint,
    MalformedNote,
    Note,
    NoteKey,
    read_base64,
    read_checkpoint,
    read_hash,
    read_note,
    read_size,
)

_FIRST = "c2sp.org/tlog-proof@v1"
_SALT = 32
_MOST_STEPS = 63


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the file says; nothing of it is checked before `verify`."""

    salt: bytes
    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def encoded(self) -> bytes:
        extra = base64.b64encode(self.salt + self.entry).decode()
        steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in self.proof)
        return f"{_FIRST}\nextra {extra}\nindex {self.index}\n{steps}\n".encode() + self.note.encoded

    def verify(self, log: Sequence[NoteKey], witnesses: Iterable[NoteKey] = ()) -> tuple[Checkpoint, list[NoteKey]]:
        """Check signatures and proof; give the checkpoint and the witnesses that cosigned. MalformedNote when unproven."""
        checkpoint = read_checkpoint(self.note.text)
        if not log or len(self.note.signed_by(log)) != len(log) or any(key.name != checkpoint.origin for key in log):
            raise MalformedNote("not signed by the log")
        hashed = leaf_hash(commit_bytes(self.salt, self.entry))
        if not is_included(hashed, self.index, checkpoint.size, checkpoint.root, self.proof):
            raise MalformedNote("the entry is not in this tree")
        return checkpoint, self.note.signed_by(witnesses)


def read_receipt(data: bytes) -> Receipt:
    """Read a receipt. MalformedNote."""
    head, separator, rest = data.partition(b"\n\n")
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError as error:
        raise MalformedNote("not UTF-8") from error
    if not separator or len(lines) not in range(3, 4 + _MOST_STEPS) or lines[0] != _FIRST:
        raise MalformedNote("not a proof of a log")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise MalformedNote("a receipt has extra data and an index")
    extra = read_base64(lines[1].removeprefix("extra "))
    if len(extra) <= _SALT:
        raise MalformedNote("the extra data are a salt and an entry")
    index = read_size(lines[2].removeprefix("index "))
    return Receipt(extra[:_SALT], extra[_SALT:], index, tuple(map(read_hash, lines[3:])), read_note(rest))
