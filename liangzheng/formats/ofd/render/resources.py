"""What pages refer to by number (GB/T 33190-2016, 7.9): fonts, colour spaces, drawing parameters, pictures, composite objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.markup import children, local_name, marks, parse, text
from liangzheng.formats.ofd.package import resolve
from liangzheng.formats.ofd.render.attributes import first, flag, string
from liangzheng.formats.ofd.render.budget import Budget, LimitError
from liangzheng.formats.ofd.render.pictures import Picture, PictureError, read_picture
from liangzheng.formats.ofd.render.typefaces import FontError, Typeface

_CHAIN = 8  # drawing parameters that build on each other
_SERIF = ("宋", "仿", "楷", "明", "song", "simsun", "fang", "kai", "ming", "serif", "times", "roman", "courier")
_KINDS = {
    "fonts": "font",
    "colorspaces": "colorspace",
    "drawparams": "drawparam",
    "multimedias": "multimedia",
    "compositegraphicunits": "compositegraphicunit",
}


@dataclass(frozen=True, slots=True)
class Font:
    """A font as the document names it. `face` is None when it is not embedded or cannot be read."""

    name: str
    face: Typeface | None
    is_serif: bool
    is_bold: bool
    is_italic: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource and the folder that its locations start from."""

    element: etree._Element
    folder: str


@dataclass(slots=True)
class Resources:
    """The resources of one document. What is asked for is opened once and kept."""

    files: Mapping[str, bytes]
    budget: Budget
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)
    _palettes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _fonts: dict[str, Font] = field(default_factory=dict)
    _pictures: dict[str, Picture | None] = field(default_factory=dict)

    def add(self, path: str) -> None:
        """Read one resource file; the first resource with a number stays."""
        root = load(self.files, path, self.budget) if path in self.files and path not in self._read else None
        self._read.add(path)
        if root is None:  # what is missing is counted when something refers to it
            return
        folder = resolve(path.rpartition("/")[0], string(root, "BaseLoc"))
        for container in root:
            kind = _KINDS.get(local_name(container), "")
            for element in children(container, kind) if kind else ():
                self.entries.setdefault((kind, string(element, "ID")), Entry(element, folder))

    def element(self, kind: str, number: str) -> etree._Element | None:
        entry = self.entries.get((kind, number))
        return None if entry is None else entry.element

    def palette(self, number: str) -> tuple[str, ...]:
        """Give the values of a colour space's palette; none when it has no such thing."""
        if number not in self._palettes:
            space = self.element("colorspace", number)
            palette = None if space is None else first(space, "palette")
            self._palettes[number] = () if palette is None else tuple(text(entry) for entry in children(palette, "cv"))
        return self._palettes[number]

    def draw_parameters(self, number: str) -> tuple[etree._Element, ...]:
        """Give the drawing parameters of this number and those they build on, nearest first."""
        found: list[etree._Element] = []
        while number and len(found) < _CHAIN:
            element = self.element("drawparam", number)
            if element is None:
                self.budget.omit("missing_resource", "DrawParam")
                break
            found.append(element)
            number = string(element, "Relative")
        return tuple(found)

    def font(self, number: str) -> Font:
        if number not in self._fonts:
            self._fonts[number] = self._open_font(number)
        return self._fonts[number]

    def _open_font(self, number: str) -> Font:
        entry = self.entries.get(("font", number))
        if entry is None:
            self.budget.omit("missing_resource", "Font")
            return Font("", None, is_serif=False, is_bold=False, is_italic=False)
        element = entry.element
        name = f"{string(element, 'FontName')} {string(element, 'FamilyName')}".strip()
        return Font(
            name=name,
            face=self._typeface(text(first(element, "fontfile")), entry.folder, name),
            is_serif=any(word in name.lower() for word in _SERIF) or flag(string(element, "Serif"), default=False),
            is_bold=flag(string(element, "Bold"), default=False) or "bold" in name.lower(),
            is_italic=flag(string(element, "Italic"), default=False),
        )

    def _typeface(self, location: str, folder: str, name: str) -> Typeface | None:
        if not location:
            return None
        data = self.files.get(resolve(folder, location))
        if data is None:
            self.budget.omit("font_missing", name)
            return None
        self.budget.spend("font_bytes", len(data))
        try:
            return Typeface(data)
        except FontError:
            self.budget.omit("font_unreadable", name)
            return None

    def picture(self, number: str) -> Picture | None:
        """Give the picture of this number; None, and counted as left out, when it cannot be drawn."""
        if number not in self._pictures:
            self._pictures[number] = self._open_picture(number)
        elif self._pictures[number] is None:
            self.budget.omit("picture_repeated", number)
        return self._pictures[number]

    def _open_picture(self, number: str) -> Picture | None:
        entry = self.entries.get(("multimedia", number))
        path = resolve(entry.folder, text(first(entry.element, "mediafile"))) if entry else ""
        if entry is None or path not in self.files:
            self.budget.omit("picture_missing", path.rpartition("/")[2])
            return None
        try:
            return read_picture(self.files[path], path.rpartition("/")[2], self.budget)
        except PictureError as error:
            self.budget.omit(error.kind, error.detail)
            return None


def load(files: Mapping[str, bytes], path: str, budget: Budget) -> etree._Element | None:
    """Parse one file of the package; None, and counted as left out, when it is missing or no XML."""
    if path not in files:
        budget.omit("file_missing", path)
        return None
    try:
        budget.spend("markup", 0 if budget.is_spent("markup") else marks(files[path]))
        return parse(files[path], path)
    except LimitError as error:
        budget.omit("limit", error.kind)
        return None
    except OfdError as error:
        budget.omit("file_unreadable", error.detail)
        return None


def substitutes_for(font: Font, substitutes: Sequence[Typeface]) -> Iterator[Typeface]:
    """Give the substitute fonts, those of the same style first."""
    return iter(sorted(substitutes, key=lambda face: face.is_serif != font.is_serif))
