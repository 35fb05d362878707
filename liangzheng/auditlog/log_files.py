"""The log as files that anyone may copy and serve (C2SP tlog-tiles): tiles are written once, the checkpoint is replaced.

A file is complete and on disk under its name, or not there. A name that is taken by other bytes stops the log.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from liangzheng.auditlog.merkle import HASH, WIDTH, Growth, Node, Tile, grown, node_of_tiles
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.auditlog.tile_paths import ENTRIES, bundle, entries_of, tile_path

CHECKPOINT = "checkpoint"
COSIGNED = "cosigned"


class LogFiles:
    """The folder of one log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes:
        """Give a file's bytes. LogStopped when there is none."""
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise LogStopped("file_missing", name) from error

    def row(self, level: int, index: int, width: int) -> bytes:
        """Give the first `width` hashes of a tile; a partial tile may have been replaced by the full one."""
        try:
            return self.read(tile_path(level, index, width))
        except LogStopped:
            return self.read(tile_path(level, index))[: width * HASH]

    def entries(self, index: int, width: int) -> list[bytes]:
        """Give the first `width` entries of a bundle."""
        try:
            return list(entries_of(self.read(tile_path(ENTRIES, index, width))))
        except LogStopped:
            return list(entries_of(self.read(tile_path(ENTRIES, index))))[:width]

    def node(self, size: int) -> Node:
        """Read nodes of the tree of this size, each tile once."""
        kept: dict[tuple[int, int, int], bytes] = {}

        def row(level: int, index: int, width: int) -> bytes:
            key = (level, index, width)
            if key not in kept:
                kept[key] = self.row(level, index, width)
            return kept[key]

        return node_of_tiles(size, row)

    def growth(self, size: int) -> Growth:
        """Take up the tree of this size at its right edge."""
        return grown(size, self.row)

    def write_tree(self, full: Iterable[Tile], growth: Growth, entries: Iterable[bytes], first: int) -> None:
        """Write the tiles that became full, those of the right edge, and the bundles of these entries from index `first` on."""
        written = _Written(self.folder)
        for start, part in self._bundles(entries, first):
            written.once(tile_path(ENTRIES, start, len(part)), bundle(part))
        tiles = list(full)
        for tile in (*tiles, *growth.partial_tiles()):
            written.once(tile_path(tile.level, tile.index, tile.width), tile.hashes)
        written.sync()
        for tile in tiles:  # readers that hold an older checkpoint take the full tile instead
            for level in (tile.level, ENTRIES) if tile.level == 0 else (tile.level,):
                shutil.rmtree(self.folder / f"{tile_path(level, tile.index)}.p", ignore_errors=True)

    def _bundles(self, entries: Iterable[bytes], first: int) -> Iterable[tuple[int, list[bytes]]]:
        index, begun = divmod(first, WIDTH)
        part = self.entries(index, begun) if begun else []
        for entry in entries:
            part.append(entry)
            if len(part) == WIDTH:
                yield index, part
                index, part = index + 1, []
        if part:
            yield index, part

    def replace(self, name: str, data: bytes) -> None:
        """Put a file in the place of the one before, durably."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(target, data)
        temporary.replace(target)
        _sync_folder(target.parent)

    def keep(self, name: str, data: bytes) -> None:
        """Write a file once, durably."""
        written = _Written(self.folder)
        written.once(name, data)
        written.sync()


class _Written:
    """Files of one step: each written and synced, their folders synced once at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folders: set[Path] = set()

    def once(self, name: str, data: bytes) -> None:
        target = self.folder / name
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            self.folders |= {parent for parent in target.parents if parent.is_relative_to(self.folder)}
        self.folders.add(target.parent)
        temporary = _temporary(target, data)
        try:
            os.link(temporary, target)
        except FileExistsError:
            if target.read_bytes() != data:
                raise LogStopped("files_damaged", name) from None
        finally:
            temporary.unlink()

    def sync(self) -> None:
        for folder in sorted(self.folders, reverse=True):
            _sync_folder(folder)


def _temporary(target: Path, data: bytes) -> Path:
    path = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
