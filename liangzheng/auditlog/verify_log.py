"""The whole log checked anew: every bundle, every tile, the root, the signatures, older states, and the rows behind the leaves.

Streams: memory does not grow with the log. It believes nothing but the keys it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from liangzheng.auditlog.merkle import HASH, WIDTH, Growth, Tile, leaf_hash
from liangzheng.auditlog.note import Checkpoint, MalformedNote, NoteKey, read_checkpoint, read_note
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.tile_paths import ENTRIES, MalformedBundle, entries_of, tile_path

Read = Callable[[str], bytes]
"""Gives the bytes under a name of the log; LogStopped when there are none."""
MOST_FINDINGS = 100
_COMMITMENT = 32


@dataclass(slots=True)
class Report:
    """What was found; `entries` counts what was checked. Nothing in `findings` means that everything fits together."""

    entries: int = 0
    findings: list[str] = field(default_factory=list)
    signed_by: list[str] = field(default_factory=list)
    cosigned_by: list[str] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)

    def add(self, finding: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)


def open_checkpoint(data: bytes, keys: Iterable[NoteKey], report: Report, name: str) -> Checkpoint | None:
    """Read a checkpoint and hold it to all of the keys."""
    keys = list(keys)
    try:
        note = read_note(data)
        checkpoint = read_checkpoint(note.text)
        signers = note.signed_by(keys)
    except MalformedNote as error:
        report.add(f"{name}: {error}")
        return None
    if keys and (len(signers) != len(keys) or checkpoint.origin != keys[0].name):
        report.add(f"{name}: not signed by all of the log's keys")
    return checkpoint


def verify_tree(
    read: Read, checkpoint: Checkpoint, known: Mapping[int, bytes], report: Report
) -> Iterator[tuple[int, list[bytes]]]:
    """Check bundles, tiles and roots; `known` are roots of older states by size. Gives each bundle (first index, entries)."""
    growth, sizes = Growth(), sorted(size for size in known if size <= checkpoint.size)
    for size in known:
        if size > checkpoint.size:
            report.add(f"the log has {checkpoint.size} entries, but once had {size}")
    for index in range(-(-checkpoint.size // WIDTH)):
        width = min(WIDTH, checkpoint.size - index * WIDTH)
        entries = _bundle(read, index, width, report)
        for start, end in _cuts(growth.size, growth.size + len(entries), sizes):
            hashes = map(leaf_hash, entries[start - index * WIDTH : end - index * WIDTH])
            for tile in growth.append(hashes):
                _compare(read, tile, report)
            if end in known and growth.root() != known[end]:
                report.add(f"state of {end} entries: the log is not the one that was signed then")
        report.entries += len(entries)
        yield index * WIDTH, entries
        if len(entries) != width:
            return
    for tile in growth.partial_tiles():
        _compare(read, tile, report)
    if growth.root() != checkpoint.root:
        report.add(f"checkpoint of {checkpoint.size}: the entries do not lead to its root")


def _cuts(low: int, high: int, sizes: list[int]) -> list[tuple[int, int]]:
    """Cut a bundle where a known state ends, so that its root can be taken there."""
    ends = [size for size in sizes if low < size < high]
    return list(zip([low, *ends], [*ends, high], strict=True))


def _bundle(read: Read, index: int, width: int, report: Report) -> list[bytes]:
    name = tile_path(ENTRIES, index, width)
    try:
        entries = list(entries_of(_either(read, ENTRIES, index, width)))[:width]
    except (LogStopped, MalformedBundle) as error:
        report.add(f"{name}: {error}")
        return []
    for place, entry in enumerate(entries):
        if len(entry) != _COMMITMENT:
            report.add(f"entry {index * WIDTH + place}: not a commitment of 32 bytes")
    if len(entries) != width:
        report.add(f"{name}: {len(entries)} entries instead of {width}")
        return []
    return entries


def _compare(read: Read, tile: Tile, report: Report) -> None:
    name = tile_path(tile.level, tile.index, tile.width)
    try:
        stored = _either(read, tile.level, tile.index, tile.width)[: tile.width * HASH]
    except LogStopped as stopped:
        report.add(f"{name}: {stopped}")
        return
    if stored == tile.hashes:
        return
    wrong = next(
        place for place in range(tile.width) if stored[place * HASH :][:HASH] != tile.hashes[place * HASH : (place + 1) * HASH]
    )
    what = f"entry {tile.index * WIDTH + wrong}" if tile.level == 0 else f"hash {wrong}"
    report.add(f"{name}: {what} does not fit")


def _either(read: Read, level: int, index: int, width: int) -> bytes:
    """Read a partial tile, or the full one that has taken its place. LogStopped."""
    try:
        return read(tile_path(level, index, width))
    except LogStopped:
        if width == WIDTH:
            raise
        return read(tile_path(level, index))
