"""OFD → one SVG text for each page: templates, layers, annotations, seals, in the order in which they cover each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.markup import children, text
from liangzheng.formats.ofd.package import OfdPackage, read_ofd, resolve
from liangzheng.formats.ofd.render.attributes import box, first, flag, string
from liangzheng.formats.ofd.render.budget import Budget, LimitError, Limits, Omission
from liangzheng.formats.ofd.render.canvas import Canvas, Scope
from liangzheng.formats.ofd.render.geometry import Box, shift, shown, transform
from liangzheng.formats.ofd.render.objects import draw_objects
from liangzheng.formats.ofd.render.resources import Resources, load
from liangzheng.formats.ofd.render.stamps import SealPictures, Stamp, draw_stamp, read_stamps
from liangzheng.formats.ofd.render.typefaces import Typeface

_LIMITS = Limits()
_A4 = Box(0, 0, 210, 297)
_SIDES = (1.0, 2_000.0)  # mm
_ORDER = {"background": 0, "body": 1, "foreground": 2}


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page; `number` counts from 1 through all documents of the file, width and height are mm."""

    number: int
    width: float
    height: float
    svg: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What was drawn of a file and what was not. `substituted` counts characters drawn in a font that is not the file's own."""

    pages: tuple[DrawnPage, ...]
    page_count: int
    omissions: tuple[Omission, ...]
    substituted: int


@dataclass(frozen=True, slots=True)
class _Document:
    """One document of the file. `stamps` are kept by page, `annotations` is the path of their list."""

    root: etree._Element
    folder: str
    resources: Resources
    size: Box
    templates: dict[str, tuple[str, str]]
    stamps: tuple[Stamp, ...]
    seals: SealPictures


def draw_ofd(
    data: bytes, substitutes: Sequence[Typeface], *, pages: Collection[int] | None = None, limits: Limits = _LIMITS
) -> Drawing:
    """Draw the pages of an OFD, or those with these numbers. `substitutes` draw what is not embedded, in this order.

    Raises OfdError when the file cannot be read or has no such page. Whatever else goes wrong is in `omissions`.
    """
    package = read_ofd(data)
    budget = Budget(limits)
    drawn: list[DrawnPage] = []
    number = 0
    for document, element in _pages(package, budget):
        number += 1
        if pages is None or number in pages:
            if len(drawn) >= limits.pages or any(kind == "limit" for kind, _ in budget.omitted):
                budget.omit("page")
            else:
                drawn.append(_draw_page(document, element, number, substitutes))
    if not drawn:
        raise OfdError("no_page", f"{number} pages")
    return Drawing(tuple(drawn), number, budget.omissions(), budget.substituted)


def _pages(package: OfdPackage, budget: Budget) -> Iterator[tuple[_Document, etree._Element]]:
    for path in package.document_roots:
        root = load(package.files, path, budget)
        pages = None if root is None else first(root, "pages")
        if root is None or pages is None:
            budget.omit("document", path)
            continue
        document = _open(package, root, path, budget)
        for element in children(pages, "page"):
            yield document, element


def _open(package: OfdPackage, root: etree._Element, path: str, budget: Budget) -> _Document:
    folder = path.rpartition("/")[0]
    resources = Resources(package.files, budget)
    shared = first(root, "commondata")
    for location in children(shared, "publicres", "documentres") if shared is not None else ():
        resources.add(resolve(folder, text(location)))
    templates = children(shared, "templatepage") if shared is not None else ()
    return _Document(
        root=root,
        folder=folder,
        resources=resources,
        size=_size(None if shared is None else first(shared, "pagearea"), _A4),
        templates={string(item, "ID"): (resolve(folder, string(item, "BaseLoc")), string(item, "ZOrder")) for item in templates},
        stamps=tuple(read_stamps(package, path, budget)),
        seals=SealPictures(package, resources),
    )


def _size(area: etree._Element | None, default: Box) -> Box:
    found = None if area is None else box(text(first(area, "physicalbox")))
    low, high = _SIDES
    return found if found and low <= found.width <= high and low <= found.height <= high else default


def _draw_page(document: _Document, element: etree._Element, number: int, substitutes: Sequence[Typeface]) -> DrawnPage:
    resources = document.resources
    page = load(resources.files, resolve(document.folder, string(element, "BaseLoc")), resources.budget)
    place = document.size if page is None else _size(first(page, "area"), document.size)
    canvas = Canvas(place, resources, substitutes)
    try:
        if page is not None:
            _draw_layers(document, page, canvas)
        _draw_annotations(document, string(element, "ID"), canvas)
        _draw_stamps(document, string(element, "ID"), canvas)
    except LimitError as error:
        resources.budget.omit("limit", error.kind)
    return DrawnPage(number, place.width, place.height, _svg(canvas, number))


def _draw_layers(document: _Document, page: etree._Element, canvas: Canvas) -> None:
    """Draw templates that lie below, the page itself, templates that lie above."""
    _add_resources(document, page)
    above: list[etree._Element] = []
    for use in children(page, "template"):
        path, order = document.templates.get(string(use, "TemplateID"), ("", ""))
        template = load(document.resources.files, path, document.resources.budget)
        if template is None:
            continue
        _add_resources(document, template)
        if (string(use, "ZOrder") or order).lower() == "foreground":
            above.append(template)
        else:
            _draw_content(template, canvas)
    _draw_content(page, canvas)
    for template in above:
        _draw_content(template, canvas)


def _add_resources(document: _Document, page: etree._Element) -> None:
    for location in children(page, "pageres"):
        document.resources.add(resolve(document.folder, text(location)))


def _draw_content(page: etree._Element, canvas: Canvas) -> None:
    content = first(page, "content")
    layers = list(children(content, "layer")) if content is not None else []
    for layer in sorted(layers, key=lambda layer: _ORDER.get(string(layer, "Type").lower(), 1)):
        scope = Scope(parameters=canvas.resources.draw_parameters(string(layer, "DrawParam")))
        draw_objects(layer, canvas, scope, canvas.body)


def _draw_annotations(document: _Document, page_id: str, canvas: Canvas) -> None:
    location = text(first(document.root, "annotations"))
    if not location:
        return
    path = resolve(document.folder, location)
    index = load(document.resources.files, path, canvas.budget)
    for entry in children(index, "page") if index is not None else ():
        if string(entry, "PageID") == page_id:
            target = resolve(path.rpartition("/")[0], text(first(entry, "fileloc")))
            root = load(document.resources.files, target, canvas.budget)
            for annotation in children(root, "annot") if root is not None else ():
                _draw_annotation(annotation, canvas)


def _draw_annotation(annotation: etree._Element, canvas: Canvas) -> None:
    appearance = first(annotation, "appearance")
    if appearance is None or not flag(string(annotation, "Visible"), default=True):
        return
    place = box(string(appearance, "Boundary"))
    origin = shift(place.x, place.y) if place else shift(0, 0)
    inside: list[str] = []
    try:
        draw_objects(appearance, canvas, Scope(origin), inside)
    finally:
        canvas.body.append(f"<g{transform(origin)}>{''.join(inside)}</g>")


def _draw_stamps(document: _Document, page_id: str, canvas: Canvas) -> None:
    for stamp in document.stamps:
        if stamp.page == page_id:
            picture = document.seals.of(stamp.signature)
            if picture is not None:
                canvas.body.append(draw_stamp(stamp, picture, canvas))


def _svg(canvas: Canvas, number: int) -> str:
    """Write the drawing. It refers to nothing outside itself."""
    place = canvas.box
    sides = f"{shown(place.x)} {shown(place.y)} {shown(place.width)} {shown(place.height)}"
    paper = f'x="{shown(place.x)}" y="{shown(place.y)}" width="{shown(place.width)}" height="{shown(place.height)}"'
    return "".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" ',
            f'width="{shown(place.width)}mm" height="{shown(place.height)}mm" viewBox="{sides}">',
            f"<title>{escape(str(number))}</title><defs>{''.join(canvas.definitions)}</defs>",
            f'<rect {paper} fill="#ffffff"/>{"".join(canvas.body)}</svg>',
        ]
    )
