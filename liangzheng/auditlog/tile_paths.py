"""Names and bytes of the log's files (C2SP tlog-tiles): tiles and entry bundles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from liangzheng.auditlog.merkle import WIDTH

ENTRIES: Final = -1
"""The level that stands for entry bundles."""
_NUMBER = r"(?:x[0-9]{3}/)*[0-9]{3}"
PATH = re.compile(rf"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/({_NUMBER})(?:\.p/([1-9][0-9]{{0,2}}))?")
_LENGTH = 2


class MalformedBundle(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not an entry bundle."""


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Name a tile: `tile/0/x001/x234/067.p/112`; a full one without `.p`."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    name = "/".join(reversed(groups))
    first = "entries" if level == ENTRIES else str(level)
    return f"tile/{first}/{name}" + ("" if width == WIDTH else f".p/{width}")


def is_tile_path(path: str) -> bool:
    """Say whether this is such a name, in the one way it may be written."""
    found = PATH.fullmatch(path)
    if found is None:
        return False
    groups = found[2].replace("x", "").split("/")
    return (len(groups) == 1 or groups[0] != "000") and (found[3] is None or int(found[3]) < WIDTH)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Write an entry bundle: each entry after its length (2 bytes, big-endian)."""
    return b"".join(len(entry).to_bytes(_LENGTH, "big") + entry for entry in entries)


def entries_of(data: bytes) -> Iterator[bytes]:
    """Read a bundle. MalformedBundle where it ends too early."""
    place = 0
    while place < len(data):
        end = place + _LENGTH + int.from_bytes(data[place : place + _LENGTH], "big")
        if end > len(data) or place + _LENGTH > len(data):
            raise MalformedBundle("the bundle ends inside an entry")
        yield data[place + _LENGTH : end]
        place = end
