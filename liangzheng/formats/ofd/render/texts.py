"""Text objects (GB/T 33190-2016, 11): glyphs placed one by one, as outlines. What cannot be drawn is a frame, and counted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from liangzheng.formats.ofd.markup import children, text
from liangzheng.formats.ofd.render.attributes import number, numbers, repeated
from liangzheng.formats.ofd.render.canvas import LINE_WIDTH, Canvas, Style
from liangzheng.formats.ofd.render.colours import BLACK, Paint
from liangzheng.formats.ofd.render.geometry import Box, Point, around_points, shown
from liangzheng.formats.ofd.render.paths import Outline
from liangzheng.formats.ofd.render.resources import Font, substitutes_for
from liangzheng.formats.ofd.render.typefaces import EM

_BOLD, _BOLD_STROKE = 600, 30  # Weight from which text is bold; thousandths of the em
_SLANT = 0.2126  # 12 degrees
_FRAME = Outline("M80 -780L920 -780L920 60L80 60ZM130 -730L130 10L870 10L870 -730Z", 8, Box(80, -780, 840, 840))
_BREAK = re.compile(r"[ \t]*[\r\n]\s*")
_TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
_UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf"}


@dataclass(frozen=True, slots=True)
class _Sign:
    """One glyph to draw at one place: by number when the file says so, else by character."""

    place: Point
    char: str
    glyph: int | None


@dataclass(frozen=True, slots=True)
class Shape:
    """What one object draws: SVG, the box around it and the length of its lines, all before the object's own transform.

    `layers`: how often the whole box is painted in another way than flat, shadings and pictures.
    """

    markup: str
    bounds: Box | None
    length: float
    layers: float = 0.0


def draw_text(element: etree._Element, style: Style, canvas: Canvas) -> Shape:
    """Draw a text object. Raises LimitError."""
    size = abs(number(element, "Size", 0)) or 1.0
    font = canvas.resources.font(str(element.get("Font", "")))
    pen = _pen(element, style, font, size)
    uses: list[str] = []
    points: list[Point] = []
    length = 0.0
    for sign in _signs(element, size, canvas):
        canvas.budget.spend("glyphs")
        found = _glyph(sign, font, canvas)
        points += [(sign.place[0] - size, sign.place[1] - size), (sign.place[0] + size, sign.place[1] + size)]
        if found is None or not found[1].segments:
            continue
        key, outline = found
        length += outline.length
        name = canvas.define_once(key, "g", f'<path id="{{name}}" d="{outline.data}"/>')
        uses.append(f'<use href="#{name}" transform="matrix({pen} {shown(sign.place[0])} {shown(sign.place[1])})"/>')
    bounds = around_points(points)
    markup = f"<g{_ink(element, style, font, canvas, size)}>{''.join(uses)}</g>" if uses else ""
    return Shape(markup, bounds, length * size / EM * max(1.0, abs(number(element, "HScale", 1.0))))


def _pen(element: etree._Element, style: Style, font: Font, size: float) -> str:
    """Give the linear part of every glyph's transform: size, width, slant, direction."""
    scale, wide = size / EM, number(element, "HScale", 1.0)
    is_italic = style.is_on("Italic", default=font.is_italic and font.face is None)
    slant = -_SLANT * scale * wide if is_italic else 0.0
    a, b, c, d = scale * wide, 0.0, slant, scale
    turn = _TURNS.get(int(number(element, "CharDirection", 0)) % 360)
    if turn:
        p, q, r, s = turn
        a, b, c, d = p * a + r * b, q * a + s * b, p * c + r * d, q * c + s * d
    return " ".join(f"{value:.7f}".rstrip("0").rstrip(".") for value in (a, b, c, d))


def _ink(element: etree._Element, style: Style, font: Font, canvas: Canvas, size: float) -> str:
    """Write fill and stroke; lengths inside count in thousandths of the em."""
    fill = _plain(style.paint("fillcolor", canvas, BLACK), canvas) if style.is_on("Fill", default=True) else None
    stroke = _plain(style.paint("strokecolor", canvas, BLACK), canvas) if style.is_on("Stroke", default=False) else None
    width = abs(style.number("LineWidth", LINE_WIDTH)) * EM / size
    is_bold = number(element, "Weight", 0) >= _BOLD or (font.is_bold and font.face is None)
    if stroke is None and fill is not None and is_bold:
        stroke, width = fill, _BOLD_STROKE
    return written_ink(fill, stroke) + (f' stroke-width="{shown(width)}"' if stroke else "")


def written_ink(fill: Paint | None, stroke: Paint | None) -> str:
    """Write the paints of a shape; a fill that is not said would be black in SVG."""
    parts = [f' fill="{fill.value}"' if fill else ' fill="none"']
    parts += [f' fill-opacity="{shown(fill.opacity)}"'] if fill and fill.opacity < 1 else []
    parts += [f' stroke="{stroke.value}"'] if stroke else []
    parts += [f' stroke-opacity="{shown(stroke.opacity)}"'] if stroke and stroke.opacity < 1 else []
    return "".join(parts)


def _plain(paint: Paint | None, canvas: Canvas) -> Paint | None:
    if paint is not None and paint.definition:
        canvas.budget.omit("shading", "text")
        return BLACK
    return paint


def _signs(element: etree._Element, size: float, canvas: Canvas) -> Iterator[_Sign]:
    transforms = _transforms(element, canvas)
    place: Point = (0.0, 0.0)
    index = 0
    for code in children(element, "textcode"):
        chars = _characters(code)
        place = (number(code, "X", place[0]), number(code, "Y", place[1]))
        places = _places(code, chars, place, size * number(element, "HScale", 1.0))
        skip = 0
        for here, char in enumerate(chars):
            if index in transforms:
                skip, glyphs = transforms[index]
                yield from (_Sign(places[min(here + step, len(places) - 1)], char, glyph) for step, glyph in enumerate(glyphs))
            elif skip <= 0:
                yield _Sign(places[here], char, None)
            skip -= 1
            index += 1


def _characters(code: etree._Element) -> str:
    """Give the characters of a TextCode; a line break and the spaces around it, put there by a formatter, count as one space."""
    raw = "".join(map(str, code.itertext()))
    return _BREAK.sub(" ", raw.strip("\r\n")) if "\n" in raw or "\r" in raw else raw


def _places(code: etree._Element, chars: str, start: Point, size: float) -> list[Point]:
    """Give the place of each character. A list that is too short goes on with its last step; none at all means the font's own."""
    steps = max(len(chars) - 1, 0)
    right, down = repeated(str(code.get("DeltaX", "")), steps), repeated(str(code.get("DeltaY", "")), steps)
    if not right and not down:
        right = [_advance(char) * size for char in chars[:-1]]
    right += [right[-1] if right else 0.0] * (steps - len(right))
    down += [down[-1] if down else 0.0] * (steps - len(down))
    places = [start]
    for x, y in zip(right, down, strict=True):
        places.append((places[-1][0] + x, places[-1][1] + y))
    return places[: len(chars)]


def _advance(char: str) -> float:
    return 1.0 if unicodedata.east_asian_width(char) in {"W", "F", "A"} else 0.5


def _transforms(element: etree._Element, canvas: Canvas) -> dict[int, tuple[int, list[int]]]:
    """Read CGTransform: position of the first character → how many characters it replaces, by which glyphs."""
    found: dict[int, tuple[int, list[int]]] = {}
    for item in children(element, "cgtransform"):
        glyphs = [int(value) for value in numbers(text(next(children(item, "glyphs"), None)))]
        canvas.budget.spend("glyphs", len(glyphs) + 1)
        position, count = int(number(item, "CodePosition", 0)), int(number(item, "CodeCount", 1))
        found[position] = (max(count, 1), glyphs[: max(int(number(item, "GlyphCount", len(glyphs))), 0)])
    return _split(found)


def _split(found: dict[int, tuple[int, list[int]]]) -> dict[int, tuple[int, list[int]]]:
    """Where each character has one glyph, give each its own entry: then each keeps its own place and character."""
    single: dict[int, tuple[int, list[int]]] = {}
    for position, (count, glyphs) in found.items():
        if count == len(glyphs):
            single |= {position + step: (1, [glyph]) for step, glyph in enumerate(glyphs)}
        else:
            single[position] = (count, glyphs)
    return single


def _glyph(sign: _Sign, font: Font, canvas: Canvas) -> tuple[object, Outline] | None:
    """Find the outline of a sign: embedded font, substitutes, else the frame that stands for what is missing."""
    is_blank = unicodedata.category(sign.char) in _UNSEEN
    if font.face is not None:
        glyph = font.face.glyph(sign.char) if sign.glyph is None else sign.glyph
        outline = font.face.outline(glyph, canvas.budget) if glyph or sign.glyph is not None else None
        if outline is not None:
            if not outline.segments and not is_blank:
                canvas.budget.omit("blank_glyph", f"U+{ord(sign.char):04X}")
            return (id(font.face), glyph), outline
    if is_blank:
        return None
    for face in substitutes_for(font, canvas.substitutes):
        glyph = face.glyph(sign.char)
        outline = face.outline(glyph, canvas.budget) if glyph else None
        if outline is not None and outline.segments:
            canvas.budget.substituted += 1
            return (id(face), glyph), outline
    canvas.budget.omit("missing_character", f"U+{ord(sign.char):04X}")
    return "frame", _FRAME
