"""Drawing pages: every kind of object is where it belongs, and what is not drawn is told."""

from __future__ import annotations

import io

import pytest
from lxml import etree
from PIL import Image

from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.fonts import embed_fonts
from liangzheng.formats.ofd.package import read_ofd
from liangzheng.formats.ofd.render.pages import draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.formats.ofd.render.typefaces import Typeface
from tests.formats.drawn_page import SANS, Place, drawn, ink, kinds, line_of_text, one_page, square, substitutes
from tests.verification.sealed_licence import repacked

INSIDE, OUTSIDE = (25.0, 25.0, 30.0, 30.0), (65.0, 65.0, 30.0, 30.0)


def png(colour: tuple[int, ...], kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", (8, 8), colour).save(written, kind)
    return written.getvalue()


def image_page(data: bytes, name: str = "a.png", attributes: str = 'CTM="40 0 0 40 0 0"') -> bytes:
    media = f'<MultiMedias><MultiMedia ID="5" Type="Image"><MediaFile>{name}</MediaFile></MultiMedia></MultiMedias>'
    body = f'<ImageObject Boundary="20 20 40 40" ResourceID="5" {attributes}/>'
    return one_page(body, resources=media, files={f"Doc_0/{name}": data})


def test_a_blank_page_is_white() -> None:
    drawing, picture = drawn(one_page(""))
    assert (drawing.page_count, drawing.omissions, picture.size) == (1, (), (394, 394))
    assert ink(picture, (0, 0, 100, 100), "white") == 1


SHAPES: list[tuple[str, str, Place]] = [
    (square(), "red", INSIDE),
    (square().replace("255 0 0", "#00 #ff #00"), "green", INSIDE),
    (square('Boundary="20 20 40 40" CTM="2 0 0 2 0 0"', path="M 0 0 L 20 0 L 20 20 L 0 20 C"), "red", INSIDE),
    (square(path="M 0 0 L 40 0 B 40 10 40 30 40 40 Q 20 40 0 40 C"), "red", INSIDE),
    (square(path="S 40 20 M 40 20 A 20 20 0 0 1 0 20 A 20 20 0 0 1 40 20 C"), "red", (33, 33, 14, 14)),
    (f"<PageBlock><PageBlock>{square()}</PageBlock></PageBlock>", "red", INSIDE),
    (('<PathObject Boundary="20 20 40 40" LineWidth="10" CTM="1 0 0 1 0 0"><StrokeColor Value="0 0 255"/>'
     "<AbbreviatedData>M 0 20 L 40 20</AbbreviatedData></PathObject>"), "blue", (25, 36, 30, 8)),
]  # fmt: skip


@pytest.mark.parametrize(("body", "colour", "place"), SHAPES)
def test_a_shape_is_where_it_belongs(body: str, colour: str, place: Place) -> None:
    drawing, picture = drawn(one_page(body))
    assert ink(picture, place, colour) > 0.97
    assert ink(picture, OUTSIDE, "white") == 1
    assert not drawing.omissions


@pytest.mark.parametrize(
    "body", [square('Boundary="20 20 40 40" Visible="false"'), square().replace('Fill="true"', 'Fill="false"')]
)
def test_what_is_hidden_stays_hidden(body: str) -> None:
    assert ink(drawn(one_page(body))[1], (0, 0, 100, 100), "white") == 1


def test_a_boundary_and_a_clip_cut() -> None:
    wide = "M 0 0 L 80 0 L 80 40 L 0 40 C"
    _, cut = drawn(one_page(square(path=wide)))
    area = '<Path Boundary="0 0 40 40"><AbbreviatedData>M 0 0 L 20 0 L 20 40 L 0 40 C</AbbreviatedData></Path>'
    _, clipped = drawn(one_page(square(inside=f"<Clips><Clip><Area>{area}</Area></Clip></Clips>")))
    _, free = drawn(one_page(square('Boundary="20 20 80 40"', path=wide)))
    right: Place = (62, 25, 30, 30)
    assert [ink(cut, right, "red"), ink(free, right, "red")] == [0, 1]
    assert ink(clipped, (21, 25, 18, 30), "red") == 1
    assert ink(clipped, (41, 25, 18, 30), "red") == 0


def test_colour_spaces_and_drawing_parameters() -> None:
    spaces = '<ColorSpaces><ColorSpace ID="3" Type="CMYK"/><ColorSpace ID="4" Type="RGB"><Palette><CV>0 0 255</CV></Palette>'
    resources = (
        f"{spaces}</ColorSpace></ColorSpaces><DrawParams>"
        '<DrawParam ID="6"><FillColor Value="0 255 0"/></DrawParam><DrawParam ID="7" Relative="6" LineWidth="3"/></DrawParams>'
    )
    cmyk = square().replace('Value="255 0 0"', 'ColorSpace="3" Value="255 0 255 0"')
    palette = square().replace('Value="255 0 0"', 'ColorSpace="4" Index="0"')
    inherited = square('Boundary="20 20 40 40" DrawParam="7"').replace('<FillColor Value="255 0 0"/>', "")
    for body, colour in ((cmyk, "green"), (palette, "blue"), (inherited, "green")):
        drawing, picture = drawn(one_page(body, resources=resources))
        assert ink(picture, INSIDE, colour) == 1, colour
        assert not drawing.omissions


@pytest.mark.parametrize(
    "shading",
    [
        '<AxialShd StartPoint="0 0" EndPoint="40 0" Extend="3">{}</AxialShd>',
        '<RadialShd StartPoint="0 20" StartRadius="0" EndPoint="0 20" EndRadius="40" Extend="3">{}</RadialShd>',
    ],
)
def test_a_shading_goes_from_colour_to_colour(shading: str) -> None:
    stops = '<Segment><Color Value="255 0 0"/></Segment><Segment><Color Value="0 0 255"/></Segment>'
    body = square().replace('<FillColor Value="255 0 0"/>', f"<FillColor>{shading.format(stops)}</FillColor>")
    drawing, picture = drawn(one_page(body))
    assert ink(picture, (21, 38, 4, 4), "red") == 1
    assert ink(picture, (55, 38, 4, 4), "blue") == 1
    assert not drawing.omissions


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF"])
def test_a_picture_is_drawn(kind: str) -> None:
    drawing, picture = drawn(image_page(png((255, 0, 0), kind), f"a.{kind.lower()}"))
    assert ink(picture, INSIDE, "red") == 1
    assert ink(picture, OUTSIDE, "white") == 1
    assert not drawing.omissions


@pytest.mark.parametrize(
    ("data", "kind", "detail"),
    [
        (b"\x97JB2\r\n\x1a\n", "picture_format", "JBIG2"),
        (b"II*\x00" + bytes(40), "picture_format", "TIFF"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "picture_format", "SVG"),
        (png((255, 0, 0))[:40], "picture_unreadable", "a.png"),
        (b"", "picture_unreadable", "a.png"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_named(data: bytes, kind: str, detail: str) -> None:
    drawing, picture = drawn(image_page(data))
    assert [(omission.kind, omission.detail, omission.count) for omission in drawing.omissions] == [(kind, detail, 1)]
    assert ink(picture, (0, 0, 100, 100), "white") == 1


def test_text_without_a_font_of_its_own_is_drawn_in_a_substitute() -> None:
    drawing, picture = drawn(one_page(line_of_text("演示证照")))
    assert drawing.substituted == 4
    assert all(ink(picture, (10 + 10 * at, 40, 10, 11)) > 0.08 for at in range(4))
    assert ink(picture, (52, 40, 40, 11)) == 0
    assert "演" not in drawing.pages[0].svg
    assert not drawing.omissions


def test_a_character_that_no_font_has_is_a_frame_and_is_counted() -> None:
    drawing, picture = drawn(one_page(line_of_text("\U000f0000证")))
    assert [(omission.kind, omission.detail, omission.count) for omission in drawing.omissions] == [
        ("missing_character", "U+F0000", 1)
    ]
    assert ink(picture, (10, 40, 10, 11)) > 0.05


def test_an_embedded_font_is_used_by_character_and_by_glyph_number() -> None:
    cut = embed_fonts([SANS.read_bytes()], "一照").fonts[0]
    fonts = '<Fonts><Font ID="2" FontName="自带"><FontFile>f.otf</FontFile></Font></Fonts>'
    number = Typeface(cut.data).glyph("照")
    by_char = line_of_text("照").replace('Font="1"', 'Font="2"')
    transform = f'<CGTransform CodePosition="0" CodeCount="1" GlyphCount="1"><Glyphs>{number}</Glyphs></CGTransform>'
    by_number = line_of_text("一").replace('Font="1"', 'Font="2"').replace("<TextCode", f"{transform}<TextCode")
    pages = [drawn(one_page(body, resources=fonts, files={"Doc_0/f.otf": cut.data})) for body in (by_char, by_number)]
    assert [drawing.substituted for drawing, _ in pages] == [0, 0]
    assert pages[0][1].tobytes() == pages[1][1].tobytes()
    broken, _ = drawn(one_page(by_char, resources=fonts, files={"Doc_0/f.otf": cut.data[:200]}))
    assert kinds(broken) == {"font_unreadable"}
    assert broken.substituted == 1


def test_weight_slant_width_transparency_and_direction_change_the_picture() -> None:
    plain = drawn(one_page(line_of_text("证")))[1]
    looks = ['Weight="800"', 'Italic="true"', 'HScale="0.5"', 'Alpha="90"', 'CharDirection="90"', 'Fill="false" Stroke="true"']
    pictures = [drawn(one_page(line_of_text("证", look)))[1] for look in looks]
    assert len({picture.tobytes() for picture in [plain, *pictures]}) == 7
    assert ink(pictures[0], (10, 40, 10, 11)) > ink(plain, (10, 40, 10, 11))
    assert ink(pictures[2], (15.5, 40, 5, 11)) == 0


def test_composites_templates_and_annotations() -> None:
    unit = f'<CompositeGraphicUnits><CompositeGraphicUnit ID="8" Width="40" Height="40"><Content>{square()}</Content>'
    composite = '<CompositeObject Boundary="0 0 100 100" ResourceID="8" CTM="1 0 0 1 20 20"/>'
    _, picture = drawn(one_page(composite, resources=f"{unit}</CompositeGraphicUnit></CompositeGraphicUnits>"))
    assert ink(picture, (45, 45, 30, 30), "red") == 1
    head = 'xmlns="http://www.ofdspec.org/2016"'
    files = {
        "Doc_0/T.xml": f"<Page {head}><Content><Layer>{square()}</Layer></Content></Page>".encode(),
        "Doc_0/Annotations.xml": f'<Annotations {head}><Page PageID="1"><FileLoc>A.xml</FileLoc></Page></Annotations>'.encode(),
        "Doc_0/A.xml": (
            f'<PageAnnot {head}><Annot><Appearance Boundary="40 40 40 40">{square()}</Appearance></Annot></PageAnnot>'
        ).encode(),
    }
    data = one_page("", document='<TemplatePage ID="4" BaseLoc="T.xml"/>', files=files)
    page = f'<Page {head}><Template TemplateID="4"/></Page>'.encode()
    document = (
        read_ofd(data)
        .files["Doc_0/Document.xml"]
        .replace(b"</Document>", b"<Annotations>Annotations.xml</Annotations></Document>")
    )
    _, picture = drawn(repacked(data, {"Doc_0/Page.xml": page, "Doc_0/Document.xml": document}))
    assert ink(picture, INSIDE, "red") == 1
    assert ink(picture, (65, 65, 30, 30), "red") == 1


def test_the_svg_is_well_formed_and_refers_to_nothing_outside() -> None:
    body = square() + line_of_text("&lt;/svg&gt;&amp;") + '<ImageObject Boundary="1 1 9 9" ResourceID="&quot;/&gt;&lt;x"/>'
    svg = draw_ofd(one_page(body), substitutes()).pages[0].svg
    root = etree.fromstring(svg.encode())
    links = [str(value) for element in root.iter() for name, value in element.attrib.items() if str(name).endswith("href")]
    assert links
    assert all(link.startswith(("#", "data:image/png;base64,", "data:image/jpeg;base64,")) for link in links)
    allowed = {"svg", "title", "defs", "rect", "g", "path", "use"}
    assert {etree.QName(element).localname for element in root.iter()} <= allowed


def test_a_page_that_is_not_there_and_a_picture_that_is_too_large() -> None:
    with pytest.raises(OfdError, match="no_page"):
        draw_ofd(one_page(""), substitutes(), pages={2})
    page = draw_ofd(one_page("", size="2000 2000"), substitutes()).pages[0]
    with pytest.raises(OfdError, match="picture_too_large"):
        to_png(page, 300)
