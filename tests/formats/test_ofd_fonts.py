"""Rare characters (生僻字) on a face: drawn by the first font that has them, or refused by name, never dropped."""

from __future__ import annotations

import io
from functools import cache
from itertools import pairwise

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from lxml import etree
from pylopdf_fonts_zh_cn import sans_path, serif_path

from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.fonts import embed_fonts
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.render.pages import draw_ofd
from liangzheng.formats.ofd.writer import write_licence_ofd
from tests.formats.drawn_page import substitutes
from tests.verification.sealed_licence import document, font

SPACE = {"o": "http://www.ofdspec.org/2016"}
PAGE = "Doc_0/Pages/Page_0/Content.xml"


@cache
def made_font(*chars: str, is_empty: bool = False) -> bytes:
    """A font that draws each of these characters as a square, or (empty) as nothing."""
    names = [".notdef", *(f"u{ord(char):X}" for char in chars)]
    pen = TTGlyphPen(None)
    if not is_empty:
        for number, point in enumerate(((100, 0), (100, 800), (900, 800), (900, 0))):
            (pen.lineTo if number else pen.moveTo)(point)
        pen.closePath()
    glyph = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): name for char, name in zip(chars, names[1:], strict=True)})
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Rare", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    written = io.BytesIO()
    builder.save(written)
    return written.getvalue()


def texts_of(data: bytes) -> list[tuple[str, str]]:
    """Font and text of each text object."""
    page = etree.fromstring(read_ofd(data).files[PAGE])
    return [
        (str(item.get("Font")), str(item.findtext("o:TextCode", namespaces=SPACE)))
        for item in page.iterfind(".//o:TextObject", SPACE)
    ]


@pytest.mark.parametrize("char", "㐂䶮𫖯𬭎翀堃喆")
def test_rare_characters_of_names_are_drawn_by_the_fonts_at_hand(char: str) -> None:
    data = write_licence_ofd(document(rows=(("姓名", f"张{char}"),)), font())
    assert ("3", f"张{char}") in texts_of(data)
    drawing = draw_ofd(data, substitutes())
    assert (drawing.omissions, drawing.substituted) == ((), 0)


def test_a_character_that_no_font_has_is_refused_by_name() -> None:
    with pytest.raises(FaceError, match=r"missing_glyph: U\+20BB7$"):
        write_licence_ofd(document(rows=(("姓名", "𠮷田"),)), sans_path().read_bytes(), serif_path().read_bytes())


def test_a_further_font_draws_what_the_first_lacks_where_it_stands() -> None:
    data = write_licence_ofd(document(rows=(("姓名", "张𠮷田"),)), font(), made_font("𠮷"))
    texts = texts_of(data)
    at = texts.index(("4", "𠮷"))
    assert texts[at - 1 : at + 2] == [("3", "张"), ("4", "𠮷"), ("3", "田")]
    page = etree.fromstring(read_ofd(data).files[PAGE])
    lefts = [float(str(item.get("Boundary")).split()[0]) for item in page.iterfind(".//o:TextObject", SPACE)][at - 1 : at + 2]
    sizes = float(str(page.findall(".//o:TextObject", SPACE)[at].get("Size")))
    assert [right - left for left, right in pairwise(lefts)] == pytest.approx([sizes, sizes], abs=0.01)
    drawing = draw_ofd(data, substitutes())
    assert (drawing.omissions, drawing.substituted) == ((), 0)
    assert "Doc_0/Res/font_4.ttf" in read_ofd(data).files


def test_a_font_that_lists_a_character_but_draws_nothing_does_not_have_it() -> None:
    empty = made_font("𠮷", is_empty=True)
    with pytest.raises(FaceError, match="missing_glyph"):
        embed_fonts([empty], "𠮷")
    assert [run for _, run in embed_fonts([font(), empty, made_font("𠮷")], "吉𠮷").runs("吉𠮷吉")] == ["吉", "𠮷", "吉"]


def test_of_a_collection_the_first_font_is_taken() -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(io.BytesIO(made_font(char))) for char in "𠮷𪚥"]
    written = io.BytesIO()
    collection.save(written)
    assert embed_fonts([written.getvalue()], "𠮷").width("𠮷", 2) == 2
    with pytest.raises(FaceError, match="missing_glyph"):
        embed_fonts([written.getvalue()], "𪚥")


@pytest.mark.parametrize("data", [b"", b"OTTO", b"\x00\x01\x00\x00" * 20, b"ttcf" + bytes(40)])
def test_what_is_no_font_is_refused(data: bytes) -> None:
    with pytest.raises(FaceError, match="bad_font"):
        embed_fonts([data], "一")
