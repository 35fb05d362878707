"""Hostile pages: nothing crashes, nothing runs away, and what a limit cut off is told."""

from __future__ import annotations

import io
import struct

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.fonts import embed_fonts
from liangzheng.formats.ofd.render.budget import Budget, LimitError, Limits
from liangzheng.formats.ofd.render.character_maps import CharacterMap
from liangzheng.formats.ofd.render.pages import draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.formats.ofd.render.typefaces import FontError, Typeface
from tests.formats.drawn_page import SANS, drawn, kinds, line_of_text, one_page, square, substitutes

SMALL = Limits(
    objects=50, glyphs=50, outline_points=500, font_steps=2_000, path_numbers=500, pixels=10_000, picture_uses=10_000, work=10
)
UNIT = (
    '<CompositeGraphicUnits><CompositeGraphicUnit ID="8" Width="9" Height="9"><Content>{}</Content></CompositeGraphicUnit>'
    "</CompositeGraphicUnits>"
)
SELF = '<CompositeObject Boundary="0 0 9 9" ResourceID="8"/>'


def picture(side: int) -> bytes:
    written = io.BytesIO()
    Image.new("L", (side, side)).save(written, "PNG")
    return written.getvalue()


MEDIA = '<MultiMedias><MultiMedia ID="5"><MediaFile>a.png</MediaFile></MultiMedia></MultiMedias>'
IMAGE = '<ImageObject Boundary="0 0 9 9" ResourceID="5"/>'
BOMBS = {
    "objects": one_page('<PathObject Boundary="0 0 1 1"/>' * 60),
    "glyphs": one_page(line_of_text("一" * 60)),
    "outline_points": one_page(line_of_text("鑫龘曦麟")),
    "path_numbers": one_page(square(path="M 0 0" + " L 1 1" * 200)),
    "work": one_page(square('Boundary="0 0 100 100" Alpha="9"', path="M 0 0 L 99 0 L 99 99 L 0 99 C") * 20),
    "nesting": one_page(SELF, resources=UNIT.format(SELF)),
    "pixels": one_page(IMAGE, resources=MEDIA, files={"Doc_0/a.png": picture(101)}),
    "picture_uses": one_page(IMAGE * 20, resources=MEDIA, files={"Doc_0/a.png": picture(50)}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_each_limit_is_told_and_what_is_before_it_is_drawn(name: str) -> None:
    drawing = draw_ofd(BOMBS[name], substitutes_anew(), limits=SMALL)
    assert [(item.kind, item.detail) for item in drawing.omissions] == [("limit", name)]
    assert to_png(drawing.pages[0], 30).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", [name for name in BOMBS if name != "nesting"])
def test_the_same_pages_are_whole_within_the_usual_limits(name: str) -> None:
    assert "limit" not in kinds(draw_ofd(BOMBS[name], substitutes_anew()))


def substitutes_anew() -> list[Typeface]:
    """A font that has not kept any outline yet."""
    return [Typeface(SANS.read_bytes())]


@pytest.mark.parametrize(
    "body",
    [
        square('Boundary="nan inf 1e309 -1"'),
        square('Boundary="20 20 40 40" CTM="1e300 0 0 1e300 0 0"'),
        square('Boundary="20 20 40 40" CTM="0 0 0 0 0 0"'),
        square(path="M 1e999 0 L"),
        square(path="M 0 0 L 1 1 A 0 0 0 9 9 1 1 B 1 C X"),
        square(path="C C C"),
        square('Boundary="20 20 40 40" DrawParam="404" Alpha="x" BlendMode="&quot;&gt;"'),
        ('<PathObject Boundary="0 0 90 90" LineWidth="-1" DashPattern="0.0000001 0.0000001">'
        "<AbbreviatedData>M 0 0 L 90 90</AbbreviatedData></PathObject>"),
        '<TextObject Boundary="0 0 9 9" Font="1" Size="-1e9"><TextCode DeltaX="g 999999999 1">一二</TextCode></TextObject>',
        ('<TextObject Boundary="0 0 9 9" Font="404" Size="3"><CGTransform><Glyphs>-1 99999 1e5</Glyphs></CGTransform>'
        "<TextCode>一</TextCode></TextObject>"),
        '<ImageObject Boundary="0 0 9 9" ResourceID="../../etc"/>',
        '<CompositeObject Boundary="0 0 9 9" ResourceID="1"/><Video/>',
        square().replace("255 0 0", "# zz 1e9"),
        square().replace("<FillColor", '<FillColor ColorSpace="1" Index="99999999"'),
    ],
)  # fmt: skip
def test_nonsense_is_drawn_as_far_as_it_goes(body: str) -> None:
    _, image = drawn(one_page(body))
    assert image.size == (394, 394)


@pytest.mark.parametrize("size", ["0 0", "1e9 1e9", "x y"])
def test_an_impossible_page_is_drawn_as_a4(size: str) -> None:
    assert draw_ofd(one_page("", size=size), substitutes()).pages[0].width == 210


def test_a_character_map_that_claims_billions_costs_nothing() -> None:
    groups = struct.pack(">HHIII", 12, 0, 28, 0, 1) + struct.pack(">III", 0, 0xFFFFFFFF, 5)
    wide = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + groups
    assert CharacterMap(wide).glyph("一") == 5 + ord("一")
    assert CharacterMap(wide[:20]).glyph("一") == 0
    assert CharacterMap(b"").glyph("一") == 0


def test_subroutines_that_call_each_other_for_ever_end() -> None:
    """Ten levels of ten calls each would be ten thousand million steps, and draw nothing."""
    cut = TTFont(io.BytesIO(embed_fonts([SANS.read_bytes()], "一").fonts[0].data), recalcBBoxes=False)
    top = cut["CFF "].cff.topDictIndex[0]
    index = next(at for at in range(len(top.CharStrings.charStringsIndex)) if at)
    program = top.CharStrings.charStringsIndex[index]
    program.decompile()
    loops = top.GlobalSubrs
    from fontTools.misc.psCharStrings import T2CharString

    count = 12
    for level in range(count):
        call = [(level + 1) - 107, "callgsubr"] * 10 if level + 1 < count else []
        loops.append(T2CharString(program=[*call, "return"], private=program.private, globalSubrs=loops))
    program.program = [-107, "callgsubr", "endchar"]
    program.bytecode = None
    written = io.BytesIO()
    cut.save(written)
    face = Typeface(written.getvalue())
    with pytest.raises(LimitError, match="font_steps"):
        face.outline(index, Budget(Limits()))


def test_components_that_hold_themselves_end() -> None:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A"])
    builder.setupCharacterMap({65: "A"})
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen({".notdef": None, "A": None})
    pen.addComponent("A", (1, 0, 0, 1, 0, 0))
    pen.addComponent("A", (1, 0, 0, 1, 5, 0))
    composite = pen.glyph(componentFlags=0)
    composite.xMin = composite.yMin = composite.xMax = composite.yMax = 0
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "A": composite}, calcGlyphBounds=False)
    builder.setupHorizontalMetrics({".notdef": (500, 0), "A": (500, 0)})
    builder.setupHorizontalHeader()
    builder.font["head"].xMin = 0
    builder.font.recalcBBoxes = False
    builder.font["maxp"].recalc = lambda _font: None
    builder.setupPost()
    written = io.BytesIO()
    builder.font.save(written)
    face = Typeface(written.getvalue())
    assert face.glyph("A") == 1
    assert face.outline(1, Budget(Limits())) is None


@given(st.data())
def test_damaged_fonts_are_refused_or_drawn(data: st.DataObject) -> None:
    font = bytearray(FONT)
    for _ in range(data.draw(st.integers(1, 6))):
        font[data.draw(st.integers(0, len(font) - 1))] = data.draw(st.integers(0, 255))
    try:
        face = Typeface(bytes(font[: data.draw(st.integers(0, len(font)))] if data.draw(st.booleans()) else font))
    except FontError:
        return
    for char in "亮证A":
        face.outline(face.glyph(char), Budget(Limits()))


FONT = embed_fonts([SANS.read_bytes()], "亮证A").fonts[0].data


@given(st.text(alphabet="MLQBACS0123456789.-e ", max_size=30), st.text(alphabet="0123456789.-eg ", max_size=40))
def test_any_path_and_any_numbers_give_a_picture(path: str, values: str) -> None:
    body = square(f'Boundary="0 0 50 50" CTM="{values}"', path=path) + line_of_text("一").replace("g 40 10", values)
    assert to_png(draw_ofd(one_page(body), substitutes()).pages[0], 20)


def test_no_ofd_at_all() -> None:
    with pytest.raises(OfdError):
        draw_ofd(b"PK", substitutes())
