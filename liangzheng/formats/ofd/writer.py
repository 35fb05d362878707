"""Writes a licence (电子证照) as a one-page OFD: GB/T 33190-2016 for the package, GB/T 36905-2018 for what it carries."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date

from lxml import etree
from PIL import Image, UnidentifiedImageError

from liangzheng.formats.ofd import face
from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.fonts import EmbeddedFont, embed_font
from liangzheng.formats.ofd.markup import NAMESPACE
from liangzheng.formats.ofd.metadata import LicenceMetadata

DEMO_MARK = "演示样本，不是真实证照"
ISSUER_LABEL, ISSUED_ON_LABEL = "发证机关", "发证日期"
_CREATOR = "liangzheng"

# Identifiers inside the document; whatever is drawn on the page counts on from the last one.
_PAGE_ID, _LAYER_ID, _FONT_ID, _PHOTO_ID, _CODE_ID, _FIRST_ITEM_ID = 1, 2, 3, 4, 5, 10


@dataclass(frozen=True, slots=True)
class LicenceDocument:
    """What stands on the face of one licence, and what its file says about itself.

    `rows` are label and value in reading order. `photo` is PNG or JPEG, `code` a PNG of the 2-D code. `band` is the colour of
    the band as RGB, `document_id` 32 lower-case hexadecimal digits. With `metadata.is_demo` the face says 演示 by itself.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    metadata: LicenceMetadata
    document_id: str
    created_on: date
    photo: bytes | None = None
    code: bytes | None = None
    notices: tuple[str, ...] = ()
    band: tuple[int, int, int] = (22, 93, 255)


@dataclass(frozen=True, slots=True)
class _Media:
    id: int
    name: str
    format: str
    data: bytes
    place: face.Place


def write_licence_ofd(document: LicenceDocument, font: bytes) -> bytes:
    """Write the OFD. The same document and font give the same bytes. `font` is a whole OpenType or TrueType file.

    Raises FaceError: `missing_glyph` when the font lacks a character of the face, `unprintable` for control characters,
    `face_full` when something does not fit, `bad_picture` when a picture is neither PNG nor JPEG, `bad_document_id`.
    """
    if not re.fullmatch(r"[0-9a-f]{32}", document.document_id):
        raise FaceError("bad_document_id", repr(document.document_id[:40]))
    words = _words(document)
    embedded = embed_font(font, words.characters())
    media = [
        *_media(_PHOTO_ID, "photo", document.photo, face.PHOTO_BOX),
        *_media(_CODE_ID, "code", document.code, face.CODE_BOX),
    ]
    places = {item.id: item.place for item in media}
    items = face.lay_out(words, embedded, document.band, photo=places.get(_PHOTO_ID), code=places.get(_CODE_ID))
    font_name = f"font_{_FONT_ID}.{embedded.suffix}"
    try:
        files = {
            "OFD.xml": _entry_xml(document),
            "Doc_0/Document.xml": _document_xml(_FIRST_ITEM_ID + len(items) + len(media)),
            "Doc_0/PublicRes.xml": _fonts_xml(embedded, font_name),
            "Doc_0/DocumentRes.xml": _media_xml(media),
            "Doc_0/Pages/Page_0/Content.xml": _page_xml(items, media, embedded),
            f"Doc_0/Res/{font_name}": embedded.data,
        }
    except ValueError as error:  # lxml: a character that XML cannot hold, in metadata that is not on the face
        raise FaceError("unprintable", "metadata") from error
    return pack(files | {f"Doc_0/Res/{item.name}": item.data for item in media})


def _words(document: LicenceDocument) -> face.FaceText:
    metadata = document.metadata
    day = metadata.issued_on
    issued_on = f"{day.year}年{day.month:02d}月{day.day:02d}日" if day else ""
    return face.FaceText(
        title=document.title,
        rows=document.rows,
        notices=document.notices,
        signed_by=tuple(row for row in ((ISSUER_LABEL, metadata.issuer), (ISSUED_ON_LABEL, issued_on)) if row[1]),
        identifier=f"电子证照标识 {metadata.identifier}" if metadata.identifier else "",
        demo_mark=DEMO_MARK if metadata.is_demo else "",
    )


def _media(number: int, name: str, data: bytes | None, box: face.Place) -> list[_Media]:
    if data is None:
        return []
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            kind, size = str(picture.format), picture.size
    except UnidentifiedImageError as error:
        raise FaceError("bad_picture", name) from error
    return [_Media(number, f"{name}.{'png' if kind == 'PNG' else 'jpg'}", kind, data, face.fit(box, size))]


def _element(name: str, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap={"ofd": NAMESPACE})


def _add(parent: etree._Element, name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    element.text = text
    return element


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _entry_xml(document: LicenceDocument) -> bytes:
    root = _element("OFD", Version="1.0", DocType="OFD")
    body = _add(root, "DocBody")
    info = _add(body, "DocInfo")
    _add(info, "DocID", document.document_id)
    _add(info, "Title", document.title)
    _add(info, "CreationDate", document.created_on.isoformat())
    _add(info, "Creator", _CREATOR)
    custom = _add(info, "CustomDatas")
    for name, value in document.metadata.custom_data():
        _add(custom, "CustomData", value, Name=name)
    _add(body, "DocRoot", "Doc_0/Document.xml")
    return _written(root)


def _document_xml(highest: int) -> bytes:
    root = _element("Document")
    common = _add(root, "CommonData")
    _add(common, "MaxUnitID", str(highest))
    _add(_add(common, "PageArea"), "PhysicalBox", _numbers(0, 0, *face.PAGE))
    _add(common, "PublicRes", "PublicRes.xml")
    _add(common, "DocumentRes", "DocumentRes.xml")
    _add(_add(root, "Pages"), "Page", ID=str(_PAGE_ID), BaseLoc="Pages/Page_0/Content.xml")
    return _written(root)


def _fonts_xml(font: EmbeddedFont, file_name: str) -> bytes:
    root = _element("Res", BaseLoc="Res")
    entry = _add(_add(root, "Fonts"), "Font", ID=str(_FONT_ID), FontName=font.family, FamilyName=font.family)
    _add(entry, "FontFile", file_name)
    return _written(root)


def _media_xml(media: list[_Media]) -> bytes:
    root = _element("Res", BaseLoc="Res")
    if media:
        group = _add(root, "MultiMedias")
        for item in media:
            entry = _add(group, "MultiMedia", ID=str(item.id), Type="Image", Format=item.format)
            _add(entry, "MediaFile", item.name)
    return _written(root)


def _page_xml(items: list[face.Item], media: list[_Media], font: EmbeddedFont) -> bytes:
    root = _element("Page")
    _add(_add(root, "Area"), "PhysicalBox", _numbers(0, 0, *face.PAGE))
    layer = _add(_add(root, "Content"), "Layer", ID=str(_LAYER_ID), Type="Body")
    for number, item in enumerate(items, _FIRST_ITEM_ID):
        if isinstance(item, face.Box):
            _add_box(layer, number, item)
        else:
            _add_line(layer, number, item, font)
    for item_number, picture in enumerate(media, _FIRST_ITEM_ID + len(items)):
        _add_picture(layer, item_number, picture)
    return _written(root)


def _add_box(layer: etree._Element, number: int, box: face.Box) -> None:
    attributes = {"ID": str(number), "Boundary": _numbers(box.x, box.y, box.width, box.height), "Stroke": "false", "Fill": "true"}
    path = _add(layer, "PathObject", **attributes)
    _add(path, "FillColor", Value=_numbers(*box.colour))
    width, height = _numbers(box.width), _numbers(box.height)
    _add(path, "AbbreviatedData", f"M 0 0 L {width} 0 L {width} {height} L 0 {height} C")


def _add_line(layer: etree._Element, number: int, line: face.Line, font: EmbeddedFont) -> None:
    boundary = _numbers(line.x, line.y - line.size, font.width(line.text, line.size) + line.size, line.size * 1.4)
    text = _add(layer, "TextObject", ID=str(number), Boundary=boundary, Font=str(_FONT_ID), Size=_numbers(line.size))
    if line.alpha != 255:  # noqa: PLR2004 - opaque
        text.set("Alpha", str(line.alpha))
    _add(text, "FillColor", Value=_numbers(*line.colour))
    steps = _numbers(*(font.advances[char] * line.size for char in line.text[:-1]))
    code = _add(text, "TextCode", line.text, X="0", Y=_numbers(line.size))
    if steps:
        code.set("DeltaX", steps)


def _add_picture(layer: etree._Element, number: int, picture: _Media) -> None:
    _, _, width, height = picture.place
    attributes = {"ID": str(number), "Boundary": _numbers(*picture.place), "ResourceID": str(picture.id)}
    _add(layer, "ImageObject", **attributes, CTM=_numbers(width, 0, 0, height, 0, 0))


def _numbers(*values: float) -> str:
    """Write numbers in mm as OFD wants them: a point, no exponent, no needless zeros."""
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in values)
