"""OFD pages that would keep whoever draws them busy or fell him, made for `liangzheng render`."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from PIL import Image

from liangzheng.formats.ofd.archive import pack, unpack
from liangzheng.formats.ofd.markup import NAMESPACE
from tests.formats.drawn_page import one_page, square
from tests.hostile.packages import HEAD, salted

MEDIA = '<MultiMedias><MultiMedia ID="5"><MediaFile>a.png</MediaFile></MultiMedia></MultiMedias>'
IMAGE = '<ImageObject Boundary="0 0 {0} {0}" ResourceID="{1}"/>'
FULL = 'Boundary="0 0 210 297"'


def loose(data: bytes) -> bytes:
    """The same package with its XML salted, so that its ratio is not what gives it away."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return pack({path: salted(content) if path.endswith(".xml") else content for path, content in files.items()})


def page(content: str, **more: object) -> bytes:
    return loose(one_page(content, size="210 297", **more))  # type: ignore[arg-type]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@cache
def png(width: int, height: int, depth: int = 8, colour: int = 6) -> bytes:
    """A PNG of one colour that says it is this large, and is."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (width * channels * depth + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    palette = chunk(b"PLTE", bytes(3)) if colour == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + head + palette + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@cache
def jpeg(width: int, height: int, *, progressive: bool = False) -> bytes:
    written = io.BytesIO()
    Image.new("L", (width, height)).save(written, "JPEG", progressive=progressive, quality=10)
    return written.getvalue()


@cache
def jpeg_scans(scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    data = jpeg(2000, 2000, progressive=True)
    start = data.rfind(b"\xff\xda")
    return data[:-2] + data[start:-2] * scans + b"\xff\xd9"


@cache
def gif(width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.new("P", (width, height)).save(written, "GIF")
    return written.getvalue()


def pictured(data: bytes, uses: int = 1, side: float = 200) -> bytes:
    return loose(one_page(IMAGE.format(side, 5) * uses, resources=MEDIA, files={"Doc_0/a.png": data}, size="210 297"))


def many_pictures(data: bytes, count: int) -> bytes:
    media = "".join(f'<MultiMedia ID="{n + 10}"><MediaFile>a.png</MediaFile></MultiMedia>' for n in range(count))
    content = "".join(IMAGE.format(9, n + 10) for n in range(count))
    made = one_page(content, resources=f"<MultiMedias>{media}</MultiMedias>", files={"Doc_0/a.png": data}, size="210 297")
    return loose(made)


def templates(count: int) -> bytes:
    """A page that uses one template often; the template uses itself."""
    use = '<Template TemplateID="7" ZOrder="Background"/>'
    document = '<TemplatePage ID="7" BaseLoc="T.xml"/>'
    template = f'<Page {HEAD}>{use}<Content><Layer ID="1">{square()}</Layer></Content></Page>'.encode()
    made = dict(unpack(one_page("", document=document, files={"Doc_0/T.xml": template})))
    made["Doc_0/Page.xml"] = f"<Page {HEAD}>{use * count}</Page>".encode()
    return loose(pack(made))


def composites(levels: int) -> bytes:
    """Graphic units each of which holds the next ten times."""
    unit = '<CompositeGraphicUnit ID="{}" Width="9" Height="9"><Content>{}</Content></CompositeGraphicUnit>'
    use = '<CompositeObject Boundary="0 0 9 9" ResourceID="{}"/>'
    units = "".join(unit.format(100 + n, use.format(101 + n) * 10) for n in range(levels)) + unit.format(100 + levels, square())
    return page(use.format(100), resources=f"<CompositeGraphicUnits>{units}</CompositeGraphicUnits>")


def pages(count: int) -> bytes:
    made = dict(unpack(one_page(square())))
    listed = "".join(f'<Page ID="{n}" BaseLoc="Page.xml"/>' for n in range(count))
    made["Doc_0/Document.xml"] = f"<Document {HEAD}><CommonData/><Pages>{listed}</Pages></Document>".encode()
    return loose(pack(made))


def documents(count: int) -> bytes:
    """One document named again and again, with a heavy file of resources."""
    body = "<DocBody><DocInfo/><DocRoot>Doc_0/Document.xml</DocRoot></DocBody>"
    made = dict(unpack(one_page(square())))
    made["Doc_0/Res.xml"] = f"<Res {HEAD}>{'<x/>' * 240_000}</Res>".encode()
    made["OFD.xml"] = f"<OFD {HEAD}>{body * count}</OFD>".encode()
    return loose(pack(made))


def resources(count: int) -> bytes:
    """The same heavy file of resources, named again and again."""
    heavy = f'<Res xmlns="{NAMESPACE}">{"<x/>" * 200_000}</Res>'.encode()
    return loose(one_page(square(), document="<PublicRes>H.xml</PublicRes>" * count, files={"Doc_0/H.xml": heavy}))


def noted(count: int) -> bytes:
    """One heavy annotation file, named again and again for the same page."""
    listed = '<Page PageID="1"><FileLoc>B.xml</FileLoc></Page>'
    files = {
        "Doc_0/A.xml": f"<Annotations {HEAD}>{listed * count}</Annotations>".encode(),
        "Doc_0/B.xml": f"<PageAnnot {HEAD}>{'<x/>' * 100_000}</PageAnnot>".encode(),
    }
    made = dict(unpack(one_page(square(), files=files)))
    made["Doc_0/Document.xml"] = made["Doc_0/Document.xml"].replace(b"</Pages>", b"</Pages><Annotations>A.xml</Annotations>")
    return loose(pack(made))


def parameters(count: int) -> bytes:
    """Drawing parameters that build on each other, used by every object."""
    chain = "".join(f'<DrawParam ID="{n}" Relative="{n + 1}"/>' for n in range(count))
    return page(square(f'{FULL} DrawParam="0"') * 20_000, resources=f"<DrawParams>{chain}</DrawParams>")


def palette(size: int, uses: int) -> bytes:
    """A palette that every object looks something up in."""
    entries = "<CV>1 2 3</CV>" * size
    space = f'<ColorSpaces><ColorSpace ID="3" Type="RGB"><Palette>{entries}</Palette></ColorSpace></ColorSpaces>'
    coloured = square('Boundary="0 0 1 1"').replace('Value="255 0 0"', f'ColorSpace="3" Index="{size - 1}"')
    return page(coloured * uses, resources=space)


def glyphs(deltas: int, count: int) -> bytes:
    text = f'<TextObject {FULL} Font="1" Size="3"><TextCode X="1" Y="9" DeltaX="{{}}">{{}}</TextCode></TextObject>'
    return page(text.format(f"g {deltas} 1", "一" * count))


def clipped(count: int) -> bytes:
    area = f"<Area><Path {FULL}><AbbreviatedData>M 0 0 L 99 1 L 9 99 C</AbbreviatedData></Path></Area>"
    clips = "<Clips>" + f"<Clip>{area}</Clip>" * count + "</Clips>"
    return page(square(FULL, inside=clips))


def clipped_alike(count: int, length: int) -> str:
    area = f"<Area><Path {FULL}><AbbreviatedData>M 0 0 {'L 99 1 L 9 99 ' * length}C</AbbreviatedData></Path></Area>"
    return square(inside=f"<Clips><Clip>{area}</Clip></Clips>") * count


def gradients(count: int, place: str = 'Boundary="0 0 1 1"') -> bytes:
    stops = '<Segment><Color Value="1 2 3"/></Segment>' * 64
    shade = (
        f'<FillColor><AxialShd StartPoint="0 0" EndPoint="9 9" MapType="Repeat" MapUnit="0.001">{stops}</AxialShd></FillColor>'
    )
    return page(square(place, path="M 0 0 L 210 0 L 210 297 L 0 297 C").replace('<FillColor Value="255 0 0"/>', shade) * count)


def dashed(pattern: str, count: int) -> bytes:
    data = "<AbbreviatedData>M 0 0 L 200 290</AbbreviatedData>"
    return page(f'<PathObject {FULL} LineWidth="0.1" DashPattern="{pattern}">{data}</PathObject>' * count)


def zigzag(count: int, width: str = "0.3") -> bytes:
    path = "M 0 0 " + "L 210 297 L 210 0 L 0 297 L 0 0 " * count
    return page(
        f'<PathObject {FULL} LineWidth="{width}" Join="Round" Cap="Round"><AbbreviatedData>{path}</AbbreviatedData></PathObject>'
    )


def arcs(count: int) -> bytes:
    path = "M 0 0 " + "A 100 50 30 1 1 99 99 A 100 50 30 1 0 0 0 " * count
    return page(f"<PathObject {FULL}><AbbreviatedData>{path}</AbbreviatedData></PathObject>")


def blended(count: int) -> bytes:
    return page(
        "".join(square(f'{FULL} BlendMode="Multiply" Alpha="99"', path="M 0 0 L 210 0 L 210 297 L 0 297 C") for _ in range(count))
    )


def nested_blocks(levels: int) -> bytes:
    return page("<PageBlock>" * levels + square() + "</PageBlock>" * levels)


def huge(value: str) -> bytes:
    return page(
        square(
            f'Boundary="-{value} -{value} {value} {value}" CTM="{value} 0 0 {value} 0 0"', path=f"M -{value} 0 L {value} {value}"
        )
    )


DRAWINGS: Mapping[str, Callable[[], bytes]] = {
    "draw: a million objects": lambda: page('<PathObject Boundary="0 0 1 1"/>' * 1_000_000),
    "draw: a million objects of no kind": lambda: page("<Unknown/>" * 1_000_000),
    "draw: twenty thousand squares as large as the page": lambda: page(
        square(FULL, path="M 0 0 L 210 0 L 210 297 L 0 297 C") * 20_000
    ),
    "draw: a path of two million numbers": lambda: zigzag(200_000),
    "draw: a path of half a million numbers": lambda: zigzag(45_000),
    "draw: a path across the page and back, thick": lambda: zigzag(5_000, "50"),
    "draw: arcs": lambda: arcs(30_000),
    "draw: a hundred thousand glyphs": lambda: glyphs(100_000, 100_000),
    "draw: steps for a billion glyphs": lambda: glyphs(100_000, 50_000),
    "draw: every character of the font": lambda: page(
        f'<TextObject {FULL} Font="1" Size="3"><TextCode X="1" Y="9" DeltaX="g 59999 0.003">'
        + "".join(map(chr, range(0x4E00, 0x9FA5))) + "</TextCode></TextObject>"
    ),
    "draw: glyph transforms that overlap": lambda: page(
        f'<TextObject {FULL} Font="1" Size="3">' + '<CGTransform CodePosition="0" CodeCount="1">'
        "<Glyphs>5</Glyphs></CGTransform>" * 60_000
        + "<TextCode>一</TextCode></TextObject>"
    ),
    "draw: a template that uses itself": lambda: templates(1),
    "draw: a template used a hundred thousand times": lambda: templates(100_000),
    "draw: units that multiply": lambda: composites(11),
    "draw: page blocks in page blocks": lambda: nested_blocks(200),
    "draw: two hundred thousand pages": lambda: pages(200_000),
    "draw: twenty heavy documents": lambda: documents(20),
    "draw: heavy resources named ten thousand times": lambda: resources(10_000),
    "draw: heavy annotations named ten thousand times": lambda: noted(10_000),
    "draw: parameters that build on each other": lambda: parameters(1_000),
    "draw: a palette of a hundred thousand colours": lambda: palette(100_000, 10_000),
    "draw: clips": lambda: clipped(15_000),
    "draw: gradients": lambda: gradients(19_000),
    "draw: gradients that repeat": lambda: gradients(200),
    "draw: dashes too small to see": lambda: dashed("0.00001 0.00001", 1_000),
    "draw: dashes": lambda: dashed("0.05 0.05", 20_000),
    "draw: transparent layers": lambda: blended(2_000),
    "draw: coordinates of a hundred thousand": lambda: huge("99999"),
    "draw: coordinates beyond all measure": lambda: huge("1e300"),
    "draw: a page of two by two metres": lambda: one_page(square(), size="2000 2000"),
    "picture: PNG of 400 megapixels": lambda: pictured(png(20_000, 20_000, 1, 0)),
    "draw: twenty thousand squares of a millimetre": lambda: page(
        square('Boundary="0 0 1 1"', path="M 0 0 L 1 1 L 0 1 C") * 20_000
    ),
    "draw: ten thousand texts": lambda: page(
        '<TextObject Boundary="0 0 9 9" Font="1" Size="3"><TextCode X="1" Y="2">一</TextCode></TextObject>' * 10_000
    ),
    "draw: glyphs as large as the page": lambda: page(
        f'<TextObject {FULL} Font="1" Size="290"><TextCode X="1" Y="280" DeltaX="g 9000 0.01">'
        + "龘" * 9_000
        + "</TextCode></TextObject>"
    ),
    "draw: a path stretched by its transform": lambda: page(
        f'<PathObject {FULL} CTM="1000 0 0 0.00001 0 0" LineWidth="0.1"><AbbreviatedData>M 0 0 {"L 0.2 1 L 0 0 " * 20_000}'
        "</AbbreviatedData></PathObject>"
    ),
    "draw: a clip of a long path, used often": lambda: page(clipped_alike(200, 20_000)),
    "draw: a page of one by one metre": lambda: one_page(square(), size="1000 1000"),
    "picture: PNG of 19 megapixels": lambda: pictured(png(5_000, 3_900)),
    "picture: JPEG of 19 megapixels": lambda: pictured(jpeg(5_000, 3_900, progressive=True)),
    "picture: PNG of 32 megapixels": lambda: pictured(png(8_000, 4_000)),
    "picture: PNG of 32 megapixels in 16 bits": lambda: pictured(png(8_000, 4_000, 16)),
    "picture: PNG a row high": lambda: pictured(png(30_000, 1_000, 16)),
    "picture: JPEG of 225 megapixels": lambda: pictured(jpeg(15_000, 15_000)),
    "picture: JPEG of 31 megapixels, progressive": lambda: pictured(jpeg(7_700, 4_000, progressive=True)),
    "picture: JPEG with a thousand scans": lambda: pictured(jpeg_scans(1_000)),
    "picture: GIF of 31 megapixels": lambda: pictured(gif(7_700, 4_000)),
    "picture: the same one twenty thousand times": lambda: pictured(png(500, 500), 20_000),
    "picture: thirty times five hundred thousand pixels": lambda: many_pictures(png(1_000, 1_000), 300),
}  # fmt: skip
