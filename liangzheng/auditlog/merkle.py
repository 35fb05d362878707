"""The Merkle tree of the log (RFC 6962, 2.1; RFC 9162, 2.1): SHA-256 hashes, tiles of height 8, proofs and their checks.

A node is named by its level in bits and its index: it stands for the leaves from index·2^level to (index + 1)·2^level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

HASH = 32
WIDTH = 256
"""Hashes of a full tile."""
_HEIGHT = 8
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""Gives the hash of a whole node (level, index)."""


@dataclass(frozen=True, slots=True)
class Tile:
    """The hashes of one tile so far, at most 256; `level` counts tiles, not bits."""

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        return len(self.hashes) // HASH


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def whole_root(hashes: bytes) -> bytes:
    """Give the root over 2^n hashes that lie one after the other."""
    row = [hashes[place : place + HASH] for place in range(0, len(hashes), HASH)]
    while len(row) > 1:
        row = [node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
    return row[0]


@dataclass(slots=True)
class Growth:
    """A tree that only grows: its right edge, level by level, is all that is kept. `size` counts leaves."""

    size: int = 0
    edge: list[bytes] = field(default_factory=list)

    def copy(self) -> Growth:
        return Growth(self.size, list(self.edge))

    def append(self, hashed_leaves: Iterable[bytes]) -> Iterator[Tile]:
        """Add leaf hashes; give each tile the moment it is full, lower levels first. Consume the iterator to the end."""
        for hashed in hashed_leaves:
            self.size += 1
            level, value = 0, hashed
            while True:
                if level == len(self.edge):
                    self.edge.append(b"")
                row = self.edge[level] = self.edge[level] + value
                if len(row) < WIDTH * HASH:
                    break
                yield Tile(level, (self.size >> (_HEIGHT * (level + 1))) - 1, row)
                self.edge[level] = b""
                level, value = level + 1, whole_root(row)

    def partial_tiles(self) -> Iterator[Tile]:
        """Give the tiles of the right edge that are neither full nor empty."""
        for level, row in enumerate(self.edge):
            if row:
                yield Tile(level, self.size >> (_HEIGHT * (level + 1)), row)

    def root(self) -> bytes:
        """Give the tree's root (32 bytes)."""
        root = b""
        for row in self.edge:
            end = len(row) // HASH
            while end:
                span = end & -end
                part = whole_root(row[(end - span) * HASH : end * HASH])
                root = node_hash(part, root) if root else part
                end -= span
        return root or EMPTY_ROOT


def grown(size: int, row: Callable[[int, int, int], bytes]) -> Growth:
    """Take up a tree of this size: `row(level, index, width)` gives a tile's first `width` hashes."""
    growth = Growth(size)
    level = 0
    while size >> (_HEIGHT * level):
        width = (size >> (_HEIGHT * level)) % WIDTH
        growth.edge.append(row(level, size >> (_HEIGHT * (level + 1)), width) if width else b"")
        level += 1
    return growth


def node_of_tiles(size: int, row: Callable[[int, int, int], bytes]) -> Node:
    """Read nodes out of the tiles of a tree of this size; `row` as in `grown`."""

    def node(level: int, index: int) -> bytes:
        tile, inside = divmod(level, _HEIGHT)
        first = index << inside
        number, offset = divmod(first, WIDTH)
        width = min(WIDTH, (size >> (_HEIGHT * tile)) - number * WIDTH)
        hashes = row(tile, number, width)[offset * HASH : (offset + (1 << inside)) * HASH]
        if len(hashes) != HASH << inside:
            raise ValueError("the node is not in this tree")
        return whole_root(hashes)

    return node


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Give the audit path of a leaf (RFC 6962, 2.1.1), the leaf's sibling first. ValueError when it is not in the tree."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in this tree")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, node))
            high = middle
        else:
            path.append(_range_root(low, middle, node))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Prove that the tree of `old` leaves is the beginning of that of `new` (RFC 6962, 2.1.2); empty for 0 and for equal."""
    if not 0 <= old <= new:
        raise ValueError("the old tree is larger")
    low, high, whole, path = 0, new, True, []
    while old and old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_root(middle, high, node))
            high = middle
        else:
            path.append(_range_root(low, middle, node))
            low, whole = middle, False
    if not whole:
        path.append(_range_root(low, high, node))
    return path[::-1]


def is_included(hashed_leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(hashed_leaf, root, *proof):
        return False
    place, last, found = index, size - 1, hashed_leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Check a consistency proof (RFC 9162, 2.1.4.2). Of an old size 0 nothing can be proven: False."""
    if not 0 < old <= new:
        return False
    if old == new:
        return old_root == new_root and not proof
    if not proof or not _are_hashes(old_root, new_root, *proof):
        return False
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH for value in values)


def _split(count: int) -> int:
    """Give the largest power of two below count."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(low: int, high: int, node: Node) -> bytes:
    """Give the root over the leaves from low to high, a range as the recursion of RFC 6962 makes them."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(count)
    return node_hash(_range_root(low, middle, node), _range_root(middle, high, node))
