"""Fonts as outlines of glyphs: TrueType, OpenType with CFF, the bare CFF that OFD files embed. By fontTools, within bounds."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from fontTools import agl
from fontTools.cffLib import CFFFontSet
from fontTools.misc.psCharStrings import T2OutlineExtractor
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont, TTLibError, newTable

from liangzheng.formats.ofd.render.budget import Budget
from liangzheng.formats.ofd.render.character_maps import CharacterMap
from liangzheng.formats.ofd.render.geometry import Point, around_points, shown, way
from liangzheng.formats.ofd.render.paths import Outline

EM = 1000  # outlines are given in thousandths of the em, y downwards
_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, NameError, RuntimeError, TypeError, ValueError,
    struct.error, TTLibError,
)  # fmt: skip  # what fontTools raises on broken tables
_SFNT = (b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf")
_DEEPEST, _MOST_COMPONENTS = 8, 256
_HEAD = 54  # bytes
_LARGEST = 1e5  # thousandths of the em


class FontError(ValueError):
    """These bytes are no font that can be drawn from."""


class Typeface:
    """One font. Glyphs are read when they are asked for, and kept."""

    def __init__(self, data: bytes, *, is_serif: bool = False) -> None:
        """Open a font. Raises FontError."""
        self.is_serif = is_serif
        self._kept: dict[int, Outline | None] = {}
        try:
            self._source = _open(data)
        except _FAULTS as error:
            raise FontError("no font") from error

    def glyph(self, char: str) -> int:
        """Give the number of the glyph, 0 for none."""
        return self._source.glyph(char)

    def outline(self, glyph: int, budget: Budget) -> Outline | None:
        """Give the shape of a glyph: no segments for a blank one, None where the font has none. Raises LimitError."""
        if glyph not in self._kept:
            pen = _OutlinePen(budget, self._source.component)
            try:
                self._source.draw(glyph, pen, budget)
                self._kept[glyph] = pen.outline(EM / self._source.units)
            except _FAULTS:
                self._kept[glyph] = None
        return self._kept[glyph]


class _OutlinePen(BasePen):  # type: ignore[misc]  # fontTools publishes no types
    """Collects drawing commands; counts points and components against the budget."""

    def __init__(self, budget: Budget, component: Callable[[str], object]) -> None:
        super().__init__(None)
        self._budget, self._component = budget, component
        self._commands: list[tuple[str, tuple[Point, ...]]] = []
        self._depth = self._components = 0

    def _add(self, command: str, *points: Point) -> None:
        self._budget.spend("outline_points", len(points) + 1)
        if any(not abs(value) < _LARGEST for point in points for value in point):
            raise ValueError("a point far outside")
        self._commands.append((command, points))

    def _moveTo(self, pt: Point) -> None:  # noqa: N802 - fontTools' names
        self._add("M", pt)

    def _lineTo(self, pt: Point) -> None:  # noqa: N802
        self._add("L", pt)

    def _curveToOne(self, pt1: Point, pt2: Point, pt3: Point) -> None:  # noqa: N802
        self._add("C", pt1, pt2, pt3)

    def _qCurveToOne(self, pt1: Point, pt2: Point) -> None:  # noqa: N802
        self._add("Q", pt1, pt2)

    def _closePath(self) -> None:  # noqa: N802
        self._add("Z")

    def _endPath(self) -> None:  # noqa: N802
        self._add("Z")

    def addComponent(self, glyphName: str, transformation: tuple[float, ...]) -> None:  # noqa: N802, N803
        self._components += 1
        if self._depth >= _DEEPEST or self._components > _MOST_COMPONENTS:
            raise ValueError("components without end")
        self._depth += 1
        from fontTools.pens.transformPen import TransformPen

        glyph: Any = self._component(glyphName)
        glyph.draw(TransformPen(self, transformation))
        self._depth -= 1

    def outline(self, scale: float) -> Outline:
        written = []
        for command, points in self._commands:
            written.append(command + " ".join(f"{shown(round(x * scale, 1))} {shown(round(-y * scale, 1))}" for x, y in points))
        around = around_points((x * scale, -y * scale) for _, points in self._commands for x, y in points)
        length = way(point for _, points in self._commands for point in points) * scale
        return Outline("".join(written), len(self._commands), around, length=length)


class _TrueType:
    """Glyphs of the table `glyf`, by number."""

    def __init__(self, font: TTFont, characters: CharacterMap) -> None:
        head = newTable("head")
        head.decompile(font.reader["head"][:_HEAD], font)  # some are padded, which fontTools refuses
        font["head"] = head
        self.units: float = head.unitsPerEm or EM
        self._characters = characters
        self._names = [f"g{number}" for number in range(font["maxp"].numGlyphs)]
        font.setGlyphOrder(self._names)  # names in `post` are not needed, and may lie
        self._table: Any = font["glyf"]

    def glyph(self, char: str) -> int:
        return self._characters.glyph(char)

    def component(self, name: str) -> object:
        table, glyph = self._table, self._table[name]

        class Component:
            def draw(self, pen: object) -> None:
                glyph.draw(pen, table)

        return Component()

    def draw(self, glyph: int, pen: _OutlinePen, budget: Budget) -> None:
        del budget  # the pen counts
        self._table[self._names[glyph]].draw(pen, self._table)


class _PostScript:
    """Glyphs of a CFF (Adobe TN 5176), by number."""

    def __init__(self, cff: bytes, characters: CharacterMap | None, units: float | None) -> None:
        fonts = CFFFontSet()
        fonts.decompile(io.BytesIO(cff), None, isCFF2=False)
        self._top: Any = fonts.topDictIndex[0]
        self._strings = self._top.CharStrings.charStringsIndex
        matrix = getattr(self._top, "FontMatrix", None)
        self.units: float = units or (1 / matrix[0] if matrix and matrix[0] else EM)
        self._characters = characters
        self._by_char: dict[str, int] = {} if characters else _names_to_characters(self._top.charset)

    def glyph(self, char: str) -> int:
        return self._characters.glyph(char) if self._characters else self._by_char.get(char, 0)

    def component(self, name: str) -> object:
        raise KeyError(name)  # accents built from two glyphs (seac) belong to older fonts

    def draw(self, glyph: int, pen: _OutlinePen, budget: Budget) -> None:
        program = self._strings[glyph]
        program.outlineExtractor = partial(_BoundedExtractor, budget)
        program.draw(pen)


class _BoundedExtractor(T2OutlineExtractor):  # type: ignore[misc]  # fontTools publishes no types
    """Runs a glyph's program, whose subroutines could otherwise call each other for hours."""

    def __init__(self, budget: Budget, *arguments: object) -> None:
        super().__init__(*arguments)
        self._budget = budget

    def execute(self, charString: Any) -> None:  # noqa: N803, ANN401 - fontTools' name and class
        self._budget.spend("font_steps", 1 + len(charString.bytecode or charString.program or ()))
        super().execute(charString)


def _open(data: bytes) -> _TrueType | _PostScript:
    if not data.startswith(_SFNT):
        return _PostScript(data, None, None)
    font = TTFont(io.BytesIO(data), lazy=True, fontNumber=0 if data.startswith(b"ttcf") else -1)
    reader = font.reader
    characters = CharacterMap(reader["cmap"] if "cmap" in reader else b"")  # noqa: SIM401 - no mapping
    if "CFF " in reader:
        return _PostScript(reader["CFF "], characters, _units(reader["head"]) if "head" in reader else None)
    return _TrueType(font, characters)


def _units(head: bytes) -> int:
    return int.from_bytes(head[18:20], "big") or EM


def _names_to_characters(charset: list[str]) -> dict[str, int]:
    """Guess the characters of a bare CFF by the names of its glyphs."""
    found: dict[str, int] = {}
    for number, name in enumerate(charset):
        text = agl.toUnicode(name)
        if len(text) == 1:
            found.setdefault(text, number)
    return found
