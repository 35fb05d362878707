"""Cuts a font down to the characters of one face and measures them. A character without a picture is an error, never a blank."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont, TTLibError

from liangzheng.formats.ofd.errors import FaceError

_BLANK = frozenset(" 　")
_NAMES = [0, 1, 2, 4, 5, 6, 13, 14]  # copyright and licence stay with the font
_NOT_NEEDED = ["GSUB", "GPOS", "BASE", "VORG", "vhea", "vmtx", "DSIG"]  # one line after the other, no shaping


@dataclass(frozen=True, slots=True)
class EmbeddedFont:
    """A font cut to what one document needs. `advances` are widths in em by character; `suffix` is otf or ttf."""

    data: bytes
    family: str
    suffix: str
    advances: Mapping[str, float]

    def width(self, text: str, size: float) -> float:
        """Give the width of a line in the unit of `size`."""
        return sum(self.advances[char] for char in text) * size


def embed_font(font: bytes, text: str) -> EmbeddedFont:
    """Cut a whole OpenType or TrueType file down to these characters.

    Raises FaceError `unprintable` for control and formatting characters, `missing_glyph` naming every character that the
    font cannot draw, `bad_font` for a file that is no font.
    """
    wanted = "".join(sorted(set(text)))
    hidden = [char for char in wanted if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    if hidden:
        raise FaceError("unprintable", _names(hidden))
    try:
        opened = TTFont(io.BytesIO(font), lazy=True, recalcTimestamp=False)  # the same input, the same bytes
        mapping = opened.getBestCmap()
    except (TTLibError, KeyError) as error:
        raise FaceError("bad_font", "neither OpenType nor TrueType") from error
    _refuse_missing([char for char in wanted if ord(char) not in (mapping or {})])
    return _cut(opened, wanted)


def _cut(opened: TTFont, wanted: str) -> EmbeddedFont:
    cutter = subset.Subsetter(_options())
    cutter.populate(text=wanted)
    cutter.subset(opened)
    mapping, metrics, glyphs = opened.getBestCmap(), opened["hmtx"].metrics, opened.getGlyphSet()
    empty: list[str] = []
    for char in wanted:
        pen = BoundsPen(glyphs)
        glyphs[mapping[ord(char)]].draw(pen)
        if pen.bounds is None and char not in _BLANK:
            empty.append(char)
    _refuse_missing(empty)
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


def _refuse_missing(chars: list[str]) -> None:
    if chars:
        raise FaceError("missing_glyph", _names(chars))


def _names(chars: list[str]) -> str:
    return " ".join(f"U+{ord(char):04X}" for char in chars[:20])
