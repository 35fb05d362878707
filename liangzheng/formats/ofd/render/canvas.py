"""One page being drawn: definitions, what is drawn so far, and where inside it the next object stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from liangzheng.formats.ofd.render.attributes import first, flag, number, repeated, string
from liangzheng.formats.ofd.render.budget import Budget, LimitError
from liangzheng.formats.ofd.render.colours import Paint, read_paint
from liangzheng.formats.ofd.render.geometry import IDENTITY, Box, Matrix, area, shown
from liangzheng.formats.ofd.render.pictures import Picture
from liangzheng.formats.ofd.render.resources import Resources
from liangzheng.formats.ofd.render.typefaces import Typeface

LINE_WIDTH = 0.353  # mm, the standard's own
_MITER = 4.234
_CAPS = {"round": "round", "square": "square"}
_JOINS = {"round": "round", "bevel": "bevel"}
_MOST_DASHES = 20_000
_LONGEST_PATTERN = 16
# What resvg takes at 150 dpi, in milliseconds: for an A4 page painted flat, for one more layer of it, for a millimetre of line.
_FLAT, _LAYER, _LINE = 1.0, 115.0, 0.0006
_A4 = 210 * 297
_HAIRLINE, _FINE = 0.25, 10  # mm: thinner lines than that take so many times as long
PICTURE = 5.0  # layers, for each of its points is mixed of sixteen
SHADING = 1.3


@dataclass(slots=True)
class Canvas:
    """The page so far. `box` is its area in mm."""

    box: Box
    resources: Resources
    substitutes: Sequence[Typeface]
    definitions: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    _names: dict[object, str] = field(default_factory=dict)

    @property
    def budget(self) -> Budget:
        return self.resources.budget

    def new_name(self, kind: str) -> str:
        name = f"{kind}{len(self._names)}"
        self._names[name] = name
        return name

    def define_once(self, key: object, kind: str, markup: str) -> str:
        """Put a shape into the head of the drawing the first time; gives its name. `markup` leaves `{name}` for it."""
        if key not in self._names:
            self._names[key] = f"{kind}{len(self._names)}"
            self.definitions.append(markup.replace("{name}", self._names[key]))
        return self._names[key]

    def clip_to(self, place: Box) -> str:
        """Give the name of a rectangular clip."""
        shape = f'x="{shown(place.x)}" y="{shown(place.y)}" width="{shown(place.width)}" height="{shown(place.height)}"'
        return self.define_once(("clip", shape), "c", f'<clipPath id="{{name}}"><rect {shape}/></clipPath>')

    def charge(self, bounds: Box, length: float, layers: float, width: float | None = None) -> bool:
        """Count what these bounds (in mm on the page) cost; False when they lie outside. Raises LimitError.

        `length` of lines and `width` of those drawn by a pen are mm on the page, too; `layers` lie over each other.
        """
        seen = bounds.grown(LINE_WIDTH).meet(self.box)
        if seen is None:
            return False
        fine = _FINE if width is not None and width < _HAIRLINE else 1
        self.budget.work(seen.width * seen.height / _A4 * (_FLAT + layers * _LAYER) + length * _LINE * fine)
        return True

    def picture(self, picture: Picture) -> str:
        """Give the name of a picture one unit wide and high. Raises LimitError."""
        self.budget.spend("picture_uses", picture.width * picture.height)
        markup = f'<image id="{{name}}" width="1" height="1" preserveAspectRatio="none" href="{picture.uri}"/>'
        return self.define_once(("picture", id(picture)), "i", markup)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an object stands: `to_page` leads to the page; `parameters` are the layer's; `depth` counts nesting."""

    to_page: Matrix = IDENTITY
    parameters: tuple[etree._Element, ...] = ()
    depth: int = 0

    def inside(self, to_page: Matrix, limit: int) -> Scope:
        if self.depth >= limit:
            raise LimitError("nesting")
        return Scope(to_page, self.parameters, self.depth + 1)


@dataclass(frozen=True, slots=True)
class Style:
    """An object's own attributes, then those of its drawing parameters, then those of the layer."""

    sources: tuple[etree._Element, ...]

    @classmethod
    def of(cls, element: etree._Element, canvas: Canvas, scope: Scope) -> Style:
        return cls((element, *canvas.resources.draw_parameters(string(element, "DrawParam")), *scope.parameters))

    def value(self, name: str) -> str:
        return next((string(source, name) for source in self.sources if source.get(name) is not None), "")

    def is_on(self, name: str, *, default: bool) -> bool:
        return flag(string(self.sources[0], name), default=default)

    def number(self, name: str, default: float) -> float:
        return next((number(source, name, default) for source in self.sources if source.get(name) is not None), default)

    def paint(self, name: str, canvas: Canvas, default: Paint | None) -> Paint | None:
        """Read FillColor or StrokeColor; the paint's definition is put into the head."""
        element = next((found for source in self.sources if (found := first(source, name)) is not None), None)
        if element is None:
            return default
        paint = read_paint(element, canvas.resources, canvas.new_name("p"))
        if paint is not None and paint.definition:
            canvas.definitions.append(paint.definition)
        return paint

    def stroke(self, bounds: Box | None, segments: int, budget: Budget) -> str:
        """Write width, ends, corners and dashes of a line."""
        width = abs(self.number("LineWidth", LINE_WIDTH))
        cap, join = _CAPS.get(self.value("Cap").lower()), _JOINS.get(self.value("Join").lower())
        written = f' stroke-width="{shown(width)}"'
        written += f' stroke-linecap="{cap}"' if cap else ""
        written += f' stroke-linejoin="{join}"' if join else f' stroke-miterlimit="{shown(max(self._miter(), 1.0))}"'
        return written + self._dashes(bounds, segments, budget)

    def _miter(self) -> float:
        return self.number("MiterLimit", _MITER)

    def _dashes(self, bounds: Box | None, segments: int, budget: Budget) -> str:
        pattern = [abs(value) for value in repeated(self.value("DashPattern"), _LONGEST_PATTERN)]
        if not pattern or sum(pattern) <= 0 or bounds is None:
            return ""
        if (bounds.width + bounds.height) * max(segments, 1) / sum(pattern) > _MOST_DASHES:
            budget.omit("dashes")
            return ""
        offset = self.number("DashOffset", 0)
        return f' stroke-dasharray="{" ".join(map(shown, pattern))}"' + (
            f' stroke-dashoffset="{shown(offset)}"' if offset else ""
        )


def scale_of(matrix: Matrix) -> float:
    """Give how much a transform enlarges a length, on average."""
    return math.sqrt(area(matrix))
