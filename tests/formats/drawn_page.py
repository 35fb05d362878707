"""One-page OFDs made of a few lines of XML, and what can be seen in a drawing of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from PIL import Image
from pylopdf_fonts_zh_cn import sans_path, serif_path

from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.markup import NAMESPACE
from liangzheng.formats.ofd.render.pages import Drawing, DrawnPage, draw_ofd
from liangzheng.formats.ofd.render.raster import to_png
from liangzheng.formats.ofd.render.typefaces import Typeface

Place = tuple[float, float, float, float]
PER_MM = 100 / 25.4
SANS: Path = sans_path()


@cache
def substitutes() -> tuple[Typeface, ...]:
    return (Typeface(SANS.read_bytes()), Typeface(serif_path().read_bytes(), is_serif=True))


def one_page(
    body: str, *, resources: str = "", document: str = "", files: Mapping[str, bytes] | None = None, size: str = "100 100"
) -> bytes:
    """An OFD whose only layer holds `body`; `resources` and `document` are put into Res.xml and Document.xml."""
    head = f'xmlns="{NAMESPACE}"'
    made = {
        "OFD.xml": f'<OFD {head} Version="1.0" DocType="OFD"><DocBody><DocInfo><DocID>1</DocID></DocInfo>'
        "<DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>",
        "Doc_0/Document.xml": f"<Document {head}><CommonData><PageArea><PhysicalBox>0 0 {size}</PhysicalBox></PageArea>"
        f"<PublicRes>Res.xml</PublicRes>{document}</CommonData>"
        '<Pages><Page ID="1" BaseLoc="Page.xml"/></Pages></Document>',
        "Doc_0/Res.xml": f'<Res {head} BaseLoc="."><Fonts><Font ID="1" FontName="黑体"/></Fonts>{resources}</Res>',
        "Doc_0/Page.xml": f'<Page {head}><Content><Layer ID="9">{body}</Layer></Content></Page>',
    }
    return pack({**{path: text.encode() for path, text in made.items()}, **(files or {})})


def drawn(data: bytes) -> tuple[Drawing, Image.Image]:
    drawing = draw_ofd(data, substitutes())
    return drawing, painted(drawing.pages[0])


def painted(page: DrawnPage) -> Image.Image:
    with Image.open(io.BytesIO(to_png(page, 100))) as picture:
        return picture.convert("RGB")


def ink(picture: Image.Image, place: Place, colour: str = "dark") -> float:
    """How much of a place (x, y, width, height in mm) has this colour, from 0 to 1."""
    x, y, width, height = (round(value * PER_MM) for value in place)
    part = picture.crop((x, y, x + width, y + height)).tobytes()
    pixels = [(part[at], part[at + 1], part[at + 2]) for at in range(0, len(part), 3)]
    tests = {
        "dark": lambda red, green, blue: max(red, green, blue) < 140,
        "red": lambda red, green, blue: red > 150 and green < 110 and blue < 110,
        "green": lambda red, green, blue: green > 150 and red < 110 and blue < 110,
        "blue": lambda red, green, blue: blue > 150 and red < 110 and green < 110,
        "white": lambda red, green, blue: min(red, green, blue) > 240,
    }
    hits = sum(bool(tests[colour](*pixel)) for pixel in pixels)
    return hits / max(len(pixels), 1)


def kinds(drawing: Drawing) -> set[str]:
    return {omission.kind for omission in drawing.omissions}


def square(attributes: str = 'Boundary="20 20 40 40"', inside: str = "", path: str = "M 0 0 L 40 0 L 40 40 L 0 40 C") -> str:
    """A filled red square."""
    return (
        f'<PathObject {attributes} Fill="true" Stroke="false"><FillColor Value="255 0 0"/>{inside}'
        f"<AbbreviatedData>{path}</AbbreviatedData></PathObject>"
    )


def line_of_text(text: str, attributes: str = "") -> str:
    return (
        f'<TextObject Boundary="10 40 80 12" Font="1" Size="10" {attributes}>'
        f'<TextCode X="0" Y="9" DeltaX="g 40 10">{text}</TextCode></TextObject>'
    )
