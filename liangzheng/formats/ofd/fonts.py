"""Cuts fonts down to the characters of one face and measures them. A character without a picture is an error, never a blank."""

from __future__ import annotations

import io
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont, TTLibError

from liangzheng.formats.ofd.errors import FaceError

_BLANK = frozenset(" 　")
_NAMES = [0, 1, 2, 4, 5, 6, 13, 14]  # copyright and licence stay with the font
_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, NameError, RuntimeError, TypeError, ValueError,
    struct.error, TTLibError,
)  # fmt: skip  # what fontTools raises on broken tables
_NOT_NEEDED = ["GSUB", "GPOS", "BASE", "VORG", "vhea", "vmtx", "DSIG"]  # one line after the other, no shaping


@dataclass(frozen=True, slots=True)
class EmbeddedFont:
    """A font cut to what one document needs. `advances` are widths in em by character; `suffix` is otf or ttf."""

    data: bytes
    family: str
    suffix: str
    advances: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FontSet:
    """The fonts of one document; each character is drawn by the first that has it (生僻字 by a later one)."""

    fonts: tuple[EmbeddedFont, ...]

    def width(self, text: str, size: float) -> float:
        """Give the width of a line in the unit of `size`."""
        return sum(self.fonts[self.number_of(char)].advances[char] for char in text) * size

    def number_of(self, char: str) -> int:
        """Give the place of the font that draws this character."""
        return next(number for number, font in enumerate(self.fonts) if char in font.advances)

    def runs(self, text: str) -> list[tuple[int, str]]:
        """Cut a line where the font changes: the place of the font, and what it draws."""
        return [(number, "".join(chars)) for number, chars in groupby(text, self.number_of)]


def embed_fonts(fonts: Sequence[bytes], text: str) -> FontSet:
    """Cut OpenType or TrueType files (of a collection, its first font) down to these characters, in order of preference.

    Raises FaceError `unprintable` for control and formatting characters, `missing_glyph` naming every character that no font
    can draw, `bad_font` for a file that is no font.
    """
    wanted = "".join(sorted(set(text)))
    hidden = [char for char in wanted if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    if hidden:
        raise FaceError("unprintable", _names(hidden))
    cut: list[EmbeddedFont] = []
    for font in fonts:
        if wanted:
            embedded = _embedded(font, wanted)
            wanted = "".join(char for char in wanted if char not in embedded.advances)
            cut += [embedded] if embedded.advances else []
    if wanted:
        raise FaceError("missing_glyph", _names(list(wanted)))
    return FontSet(tuple(cut))


def _embedded(font: bytes, wanted: str) -> EmbeddedFont:
    """Cut one font down to those of the characters that it has."""
    try:
        opened = TTFont(io.BytesIO(font), fontNumber=0, lazy=True, recalcTimestamp=False)  # the same input, the same bytes
        return _cut(opened, "".join(_drawable(opened, wanted)))
    except _FAULTS as error:
        raise FaceError("bad_font", "neither OpenType nor TrueType") from error


def _drawable(opened: TTFont, wanted: str) -> list[str]:
    """Give the characters that this font has a picture of; one that is there but empty would be a gap in a name."""
    mapping, glyphs = opened.getBestCmap() or {}, opened.getGlyphSet()
    found: list[str] = []
    for char in wanted:
        if ord(char) in mapping:
            pen = BoundsPen(glyphs)
            glyphs[mapping[ord(char)]].draw(pen)
            if pen.bounds is not None or char in _BLANK:
                found.append(char)
    return found


def _cut(opened: TTFont, wanted: str) -> EmbeddedFont:
    cutter = subset.Subsetter(_options())
    cutter.populate(text=wanted)
    cutter.subset(opened)
    mapping, metrics = opened.getBestCmap(), opened["hmtx"].metrics
    per_em = opened["head"].unitsPerEm
    advances = {char: metrics[mapping[ord(char)]][0] / per_em for char in wanted}
    family = opened["name"].getDebugName(1) or "Embedded"
    suffix = "otf" if "CFF " in opened or "CFF2" in opened else "ttf"
    written = io.BytesIO()
    opened.save(written, reorderTables=False)
    return EmbeddedFont(written.getvalue(), family, suffix, MappingProxyType(advances))


def _options() -> subset.Options:
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.name_IDs = _NAMES
    options.drop_tables += _NOT_NEEDED
    options.notdef_outline = True
    return options


def _names(chars: list[str]) -> str:
    return " ".join(f"U+{ord(char):04X}" for char in chars[:20])
