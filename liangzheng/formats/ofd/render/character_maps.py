"""Character to glyph numbers of a TrueType or OpenType font (table `cmap`), looked up where they lie.

Tables are never unrolled: a few bytes of ranges in a hostile font can claim billions of characters.
"""

from __future__ import annotations

import struct

_SYMBOL = 0xF000  # where symbol fonts keep their characters
_RANK = {(3, 10): 0, (0, 6): 1, (0, 4): 2, (3, 1): 3, (0, 3): 4, (0, 2): 5, (0, 1): 6, (0, 0): 7, (3, 0): 8, (1, 0): 9}
_MOST_TABLES = 40


class CharacterMap:
    """The best of the tables of one font; an empty one knows no character."""

    def __init__(self, cmap: bytes) -> None:
        self._cmap = cmap
        self._tables = _tables(cmap)

    def glyph(self, char: str) -> int:
        """Give the glyph number, 0 when the font does not know the character."""
        for platform, start in self._tables:
            for code in (ord(char), _SYMBOL + ord(char)) if platform == (3, 0) else (ord(char),):
                try:
                    found = _look_up(self._cmap, start, code)
                except (struct.error, IndexError):
                    found = 0
                if found:
                    return found
        return 0


def _tables(cmap: bytes) -> list[tuple[tuple[int, int], int]]:
    if len(cmap) < 4:  # noqa: PLR2004 - version and number of tables
        return []
    count = min(struct.unpack_from(">H", cmap, 2)[0], _MOST_TABLES, (len(cmap) - 4) // 8)
    entries = [struct.unpack_from(">HHI", cmap, 4 + 8 * index) for index in range(count)]
    known = [((platform, kind), start) for platform, kind, start in entries if (platform, kind) in _RANK]
    return sorted(known, key=lambda entry: _RANK[entry[0]])


def _look_up(cmap: bytes, start: int, code: int) -> int:
    kind = struct.unpack_from(">H", cmap, start)[0]
    if kind == 0:
        return cmap[start + 6 + code] if code < 256 else 0  # noqa: PLR2004 - one byte
    if kind == 4:  # noqa: PLR2004 - the formats bear numbers
        return _segmented(cmap, start, code)
    if kind == 6:  # noqa: PLR2004
        first, count = struct.unpack_from(">HH", cmap, start + 6)
        return int(struct.unpack_from(">H", cmap, start + 10 + 2 * (code - first))[0]) if first <= code < first + count else 0
    return _grouped(cmap, start, code) if kind in {12, 13} else 0


def _segmented(cmap: bytes, start: int, code: int) -> int:
    """Look into format 4: sorted segments of characters up to U+FFFF."""
    if code > 0xFFFF:  # noqa: PLR2004
        return 0
    size = struct.unpack_from(">H", cmap, start + 6)[0] & ~1
    ends = start + 14
    low, high = 0, size // 2
    while low < high:
        middle = (low + high) // 2
        if struct.unpack_from(">H", cmap, ends + 2 * middle)[0] < code:
            low = middle + 1
        else:
            high = middle
    if low >= size // 2:
        return 0
    begins = ends + size + 2 + 2 * low
    first, delta, offset = (struct.unpack_from(">H", cmap, begins + size * step)[0] for step in range(3))
    if code < first:
        return 0
    if not offset:
        return int(code + delta) & 0xFFFF
    found = struct.unpack_from(">H", cmap, begins + 2 * size + offset + 2 * (code - first))[0]
    return int(found + delta) & 0xFFFF if found else 0


def _grouped(cmap: bytes, start: int, code: int) -> int:
    """Look into format 12 (runs of glyphs) or 13 (one glyph for a run of characters)."""
    kind = struct.unpack_from(">H", cmap, start)[0]
    low, high = 0, struct.unpack_from(">I", cmap, start + 12)[0]
    while low < high:
        middle = (low + high) // 2
        first, last, glyph = struct.unpack_from(">III", cmap, start + 16 + 12 * middle)
        if last < code:
            low = middle + 1
        elif first > code:
            high = middle
        else:
            return int(glyph if kind == 13 else glyph + code - first)  # noqa: PLR2004
    return 0
