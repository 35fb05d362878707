"""Proofs out of the published tree: that an entry is in it, and that it only grew."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.conf import settings

from liangzheng.auditlog.commitment import Entry, entry_bytes
from liangzheng.auditlog.cosigning import last_cosigned
from liangzheng.auditlog.log_files import CHECKPOINT, LogFiles
from liangzheng.auditlog.merkle import consistency_proof, inclusion_proof
from liangzheng.auditlog.models import Leaf, LogEntry
from liangzheng.auditlog.note import Note, key_of, read_checkpoint, read_note
from liangzheng.auditlog.receipt import Receipt
from liangzheng.auditlog.sealing import log_files, log_signer
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.errors import NotFound, Refused, Unavailable
from liangzheng.storage.keystore import witness_key


class LogNames(TypedDict):
    """What `GET /api/v1/log` says."""

    origin: str
    keys: list[str]
    witness: str
    size: int
    checkpoint: str


def log_names() -> LogNames:
    """Say which log this is; a log that was never sealed has no checkpoint."""
    note, size = _published(log_files())
    return LogNames(
        origin=settings.LOG_ORIGIN,
        keys=[key.vkey for key in log_signer().public],
        witness=key_of(settings.WITNESS_NAME, "cosignature", witness_key().public_key).vkey,
        size=size,
        checkpoint=note.encoded.decode(),
    )


def prove_growth(old: int, new: int) -> list[bytes]:
    """Prove that the tree of `new` entries contains that of `old`. Refused for sizes that are not published."""
    files = log_files()
    if not old <= new <= _published(files)[1]:
        raise Refused("log_size_unknown", "日志没有这么多条目。")
    return consistency_proof(old, new, files.node(new))


def receipt_of(entry: LogEntry) -> Receipt:
    """Give the receipt of one entry, under a cosigned checkpoint if one holds it. The caller has shown that it may be seen."""
    leaf = Leaf.objects.filter(entry=entry.pk).first()
    files = log_files()
    if leaf is None:
        raise Refused("entry_not_sealed", "这条记录刚刚写入，几秒后即可取得凭证。")
    if not bytes(entry.salt):
        raise NotFound("entry_erased", "这条记录的内容已依法删除，只保留其存在的证明。")
    note, size = _covering(files, leaf.index)
    proof = inclusion_proof(leaf.index, size, files.node(size))
    return Receipt(bytes(entry.salt), entry_bytes(_entry(entry)), leaf.index, tuple(proof), note)


def _entry(row: LogEntry) -> Entry:
    names = [name for name in Entry.__slots__ if name not in {"agency", "fields"}]
    return Entry(agency=row.agency_id, fields=tuple(row.fields), **{name: getattr(row, name) for name in names})


def places_of(entries: list[UUID]) -> dict[UUID, int]:
    """Give the places in the tree of those entries that are sealed."""
    return dict(Leaf.objects.filter(entry__in=entries).values_list("entry", "index"))


def _covering(files: LogFiles, index: int) -> tuple[Note, int]:
    cosigned = last_cosigned(files)
    if cosigned and index < (size := read_checkpoint(cosigned.text).size):
        return cosigned, size
    note, size = _published(files)
    if index >= size:
        raise Refused("entry_not_sealed", "这条记录刚刚写入，几秒后即可取得凭证。")
    return note, size


def _published(files: LogFiles) -> tuple[Note, int]:
    try:
        note = read_note(files.read(CHECKPOINT))
    except LogStopped as stopped:
        raise Unavailable("log_not_sealed", "留痕日志尚未签发，请稍后再试。") from stopped
    return note, read_checkpoint(note.text).size
