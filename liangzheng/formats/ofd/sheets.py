"""Writes drawn sheets as an OFD package (GB/T 33190-2016): text, boxes, pictures, embedded fonts and attached files."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count

from lxml import etree

from liangzheng.formats.ofd.archive import pack
from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.fonts import FontSet
from liangzheng.formats.ofd.markup import NAMESPACE

Colour = tuple[int, int, int]
Place = tuple[float, float, float, float]  # x, y, width, height

_CREATOR = "liangzheng"
_OPAQUE = 255
_KIBIBYTE = 1024
ATTACHMENTS = "Doc_0/Attachments.xml"
ATTACHED = "Doc_0/Attachs"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `y` is its baseline, `alpha` 0 (unseen) to 255, `spacing` mm between characters.

    `angle` turns the line around its beginning, in degrees clockwise.
    """

    x: float
    y: float
    size: float
    text: str
    colour: Colour
    alpha: int = _OPAQUE
    spacing: float = 0
    angle: float = 0


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


Item = Line | Box


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG (`format`) as file `name` of the package, and its place on the sheet."""

    name: str
    format: str
    data: bytes
    place: Place


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page in mm. Pictures that are `behind` are drawn before the items, the others after them."""

    size: tuple[float, float]
    items: Sequence[Item]
    pictures: Sequence[Picture] = ()
    behind: Sequence[Picture] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the package carries along, byte for byte; `name` is plain ASCII."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What the package says of itself. `document_id` are 32 lower-case hexadecimal digits."""

    document_id: str
    title: str
    created_on: date
    custom_data: Sequence[tuple[str, str]]


def write_sheets(info: DocumentInfo, sheets: Sequence[Sheet], fonts: FontSet, attachments: Sequence[Attachment] = ()) -> bytes:
    """Write the package; the same input gives the same bytes. Raises FaceError `bad_document_id`, `unprintable`."""
    if not re.fullmatch(r"[0-9a-f]{32}", info.document_id):
        raise FaceError("bad_document_id", repr(info.document_id[:40]))
    numbers = count(1)
    pages = [(next(numbers), next(numbers), sheet) for sheet in sheets]
    font_ids = [next(numbers) for _ in fonts.fonts]
    pictures = [picture for sheet in sheets for picture in (*sheet.behind, *sheet.pictures)]
    picture_ids = {picture.name: next(numbers) for picture in pictures}
    font_names = [f"font_{number}.{font.suffix}" for number, font in zip(font_ids, fonts.fonts, strict=True)]
    pen = _Pen(fonts, font_ids, picture_ids, numbers)
    try:
        content = {f"Doc_0/Pages/Page_{at}/Content.xml": pen.page_xml(page[1], page[2]) for at, page in enumerate(pages)}
        files = {
            "OFD.xml": _entry_xml(info),
            "Doc_0/Document.xml": _document_xml(next(numbers), pages, has_attachments=bool(attachments)),
            "Doc_0/PublicRes.xml": _fonts_xml(fonts, font_ids, font_names),
            "Doc_0/DocumentRes.xml": _media_xml(pictures, picture_ids),
            **content,
        }
    except ValueError as error:  # lxml: a character that XML cannot hold, in metadata that is not on the face
        raise FaceError("unprintable", "metadata") from error
    files |= {f"Doc_0/Res/{name}": font.data for name, font in zip(font_names, fonts.fonts, strict=True)}
    files |= {f"Doc_0/Res/{picture.name}": picture.data for picture in pictures}
    if attachments:
        files[ATTACHMENTS] = _attachments_xml(attachments, info.created_on)
    return pack(files | {f"{ATTACHED}/{item.name}": item.data for item in attachments})


def _element(name: str, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap={"ofd": NAMESPACE})


def _add(parent: etree._Element, name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    element.text = text
    return element


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _entry_xml(document: DocumentInfo) -> bytes:
    root = _element("OFD", Version="1.0", DocType="OFD")
    body = _add(root, "DocBody")
    info = _add(body, "DocInfo")
    _add(info, "DocID", document.document_id)
    _add(info, "Title", document.title)
    _add(info, "CreationDate", document.created_on.isoformat())
    _add(info, "Creator", _CREATOR)
    custom = _add(info, "CustomDatas")
    for name, value in document.custom_data:
        _add(custom, "CustomData", value, Name=name)
    _add(body, "DocRoot", "Doc_0/Document.xml")
    return _written(root)


def _document_xml(highest: int, pages: Sequence[tuple[int, int, Sheet]], *, has_attachments: bool) -> bytes:
    root = _element("Document")
    common = _add(root, "CommonData")
    _add(common, "MaxUnitID", str(highest))
    _add(_add(common, "PageArea"), "PhysicalBox", _numbers(0, 0, *pages[0][2].size))
    _add(common, "PublicRes", "PublicRes.xml")
    _add(common, "DocumentRes", "DocumentRes.xml")
    group = _add(root, "Pages")
    for at, (number, _, _) in enumerate(pages):
        _add(group, "Page", ID=str(number), BaseLoc=f"Pages/Page_{at}/Content.xml")
    if has_attachments:
        _add(root, "Attachments", f"/{ATTACHMENTS}")
    return _written(root)


def _fonts_xml(fonts: FontSet, numbers: Sequence[int], names: Sequence[str]) -> bytes:
    root = _element("Res", BaseLoc="Res")
    group = _add(root, "Fonts")
    for number, name, font in zip(numbers, names, fonts.fonts, strict=True):
        entry = _add(group, "Font", ID=str(number), FontName=font.family, FamilyName=font.family)
        _add(entry, "FontFile", name)
    return _written(root)


def _media_xml(pictures: Sequence[Picture], numbers: dict[str, int]) -> bytes:
    root = _element("Res", BaseLoc="Res")
    if pictures:
        group = _add(root, "MultiMedias")
        for item in pictures:
            entry = _add(group, "MultiMedia", ID=str(numbers[item.name]), Type="Image", Format=item.format)
            _add(entry, "MediaFile", item.name)
    return _written(root)


def _attachments_xml(attachments: Sequence[Attachment], day: date) -> bytes:
    """Write the list of attachments; sizes are kB."""
    root = _element("Attachments")
    for number, item in enumerate(attachments, 1):
        entry = _add(root, "Attachment", ID=str(number), Name=item.name, Format=item.name.rpartition(".")[2])
        entry.set("CreationDate", day.isoformat())
        entry.set("Size", _numbers(len(item.data) / _KIBIBYTE))
        _add(entry, "FileLoc", f"/{ATTACHED}/{item.name}")
    return _written(root)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws sheets with these fonts and pictures; `numbers` gives the IDs."""

    fonts: FontSet
    font_ids: Sequence[int]
    picture_ids: dict[str, int]
    numbers: Iterator[int]

    def page_xml(self, layer_id: int, sheet: Sheet) -> bytes:
        root = _element("Page")
        _add(_add(root, "Area"), "PhysicalBox", _numbers(0, 0, *sheet.size))
        layer = _add(_add(root, "Content"), "Layer", ID=str(layer_id), Type="Body")
        for picture in sheet.behind:
            self._add_picture(layer, picture)
        for item in sheet.items:
            if isinstance(item, Box):
                self._add_box(layer, item)
            else:
                self._add_line(layer, item, sheet.size)
        for picture in sheet.pictures:
            self._add_picture(layer, picture)
        return _written(root)

    def _add_box(self, layer: etree._Element, box: Box) -> None:
        boundary = _numbers(box.x, box.y, box.width, box.height)
        path = _add(layer, "PathObject", ID=str(next(self.numbers)), Boundary=boundary, Stroke="false", Fill="true")
        _add(path, "FillColor", Value=_numbers(*box.colour))
        width, height = _numbers(box.width), _numbers(box.height)
        _add(path, "AbbreviatedData", f"M 0 0 L {width} 0 L {width} {height} L 0 {height} C")

    def _add_line(self, layer: etree._Element, line: Line, sheet: tuple[float, float]) -> None:
        """Add a line as one object for each font that it needs."""
        along = 0.0
        for number, run in self.fonts.runs(line.text):
            steps = [self.fonts.width(char, line.size) + line.spacing for char in run]
            text = _add(layer, "TextObject", ID=str(next(self.numbers)), Font=str(self.font_ids[number]))
            text.set("Size", _numbers(line.size))
            self._place(text, line, along, sum(steps), sheet)
            if line.alpha != _OPAQUE:
                text.set("Alpha", str(line.alpha))
            _add(text, "FillColor", Value=_numbers(*line.colour))
            code = _add(text, "TextCode", run, X="0", Y="0" if line.angle else _numbers(line.size))
            if len(run) > 1:
                code.set("DeltaX", _numbers(*steps[:-1]))
            along += sum(steps)

    def _place(self, text: etree._Element, line: Line, along: float, width: float, sheet: tuple[float, float]) -> None:
        """Give the object its box: that of the run, or for a turned line the sheet with a matrix."""
        if not line.angle:
            text.set("Boundary", _numbers(line.x + along, line.y - line.size, width + line.size, line.size * 1.4))
            return
        turn = math.radians(line.angle)
        cosine, sine = math.cos(turn), math.sin(turn)
        text.set("Boundary", _numbers(0, 0, *sheet))
        text.set("CTM", _numbers(cosine, sine, -sine, cosine, line.x + along * cosine, line.y + along * sine))

    def _add_picture(self, layer: etree._Element, picture: Picture) -> None:
        _, _, width, height = picture.place
        item = _add(layer, "ImageObject", ID=str(next(self.numbers)), Boundary=_numbers(*picture.place))
        item.set("ResourceID", str(self.picture_ids[picture.name]))
        item.set("CTM", _numbers(width, 0, 0, height, 0, 0))


def _numbers(*values: float) -> str:
    """Write numbers in mm as OFD wants them: a point, no exponent, no needless zeros."""
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in values)
