"""Colours and shadings (GB/T 33190-2016, 8.3) as SVG paint: grey, RGB, CMYK, palettes, axial and radial shadings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from liangzheng.formats.ofd.markup import children, local_name
from liangzheng.formats.ofd.render.attributes import first, number, numbers, point, string
from liangzheng.formats.ofd.render.geometry import shown
from liangzheng.formats.ofd.render.resources import Resources

_FULL = 255.0
_MOST_STOPS = 64
_GREY, _RGB, _CMYK = 1, 3, 4
_SPREAD = {"repeat": "repeat", "reflect": "reflect"}
_NOT_DRAWN = {"pattern", "gouraudshd", "lagouraudshd"}


@dataclass(frozen=True, slots=True)
class Paint:
    """SVG paint: `value` is a colour or a reference to `definition`, which stands in the head of the drawing."""

    value: str
    opacity: float = 1.0
    definition: str = ""


BLACK = Paint("#000000")


def read_paint(element: etree._Element, resources: Resources, name: str) -> Paint | None:
    """Read a CT_Color. `name` is the id of a gradient, should it become one. None, and counted, for what is not drawn."""
    opacity = _share(number(element, "Alpha", _FULL))
    for shading in element:
        kind = local_name(shading)
        if kind in _NOT_DRAWN:
            resources.budget.omit("shading", kind)
            return None
        if kind in {"axialshd", "radialshd"}:
            definition = _gradient(shading, resources, name)
            return Paint(f"url(#{name})", opacity, definition) if definition else None
    return Paint(_colour(element, resources), opacity)


def _share(value: float) -> float:
    return min(max(value / _FULL, 0.0), 1.0)


def _colour(element: etree._Element, resources: Resources) -> str:
    space = resources.element("colorspace", string(element, "ColorSpace"))
    value = string(element, "Value")
    if not value and space is not None:
        palette, index = resources.palette(string(element, "ColorSpace")), int(number(element, "Index", 0))
        value = palette[index] if 0 <= index < len(palette) else ""
    parts = _components(value)
    bits = number(space, "BitsPerComponent", 8) if space is not None else 8
    full = float(2 ** min(max(int(bits), 1), 16) - 1)
    kind = string(space, "Type").upper() if space is not None else ""
    return _as_rgb([min(max(part / full, 0.0), 1.0) for part in parts], kind)


def _components(value: str) -> list[float]:
    """Read `12 34 56`; some write `#0c #22 #38`."""
    if "#" not in value:
        return list(numbers(value))[:_CMYK]
    try:
        return [float(int(part.lstrip("#"), 16)) for part in value.split()][:_CMYK]
    except ValueError:
        return []


def _as_rgb(parts: Sequence[float], kind: str) -> str:
    if len(parts) == _GREY or (kind == "GRAY" and parts):
        rgb = [parts[0]] * 3
    elif len(parts) >= _CMYK and kind != "RGB":
        rgb = [(1 - part) * (1 - parts[3]) for part in parts[:3]]  # without a profile, as screens do
    elif len(parts) >= _RGB:
        rgb = list(parts[:3])
    else:
        return BLACK.value
    return "#" + "".join(f"{round(part * _FULL):02x}" for part in rgb)


def _gradient(shading: etree._Element, resources: Resources, name: str) -> str:
    start, end = point(string(shading, "StartPoint")), point(string(shading, "EndPoint"))
    stops = _stops(shading, resources)
    if start is None or end is None or not stops:
        resources.budget.omit("shading", local_name(shading))
        return ""
    spread = _SPREAD.get(string(shading, "MapType").lower(), "")
    unit = number(shading, "MapUnit", 0)
    extend = int(number(shading, "Extend", 0))
    if not spread:
        stops = [*([] if extend & 1 else [_hidden(stops[0])]), *stops, *([] if extend & 2 else [_hidden(stops[-1])])]
    written = "".join(
        f'<stop offset="{shown(at)}" stop-color="{paint}" stop-opacity="{shown(seen)}"/>' for at, paint, seen in stops
    )
    method = f' spreadMethod="{spread}"' if spread else ""
    if local_name(shading) == "axialshd":
        (x1, y1), (x2, y2) = start, end
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        if spread and unit > 0 and length > 0:
            x2, y2 = x1 + (x2 - x1) * unit / length, y1 + (y2 - y1) * unit / length
        places = f'x1="{shown(x1)}" y1="{shown(y1)}" x2="{shown(x2)}" y2="{shown(y2)}"'
        return f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" {places}{method}>{written}</linearGradient>'
    return _radial(shading, (start, end), name, f"{method}>{written}", resources)


def _radial(
    shading: etree._Element, ends: tuple[tuple[float, float], tuple[float, float]], name: str, rest: str, resources: Resources
) -> str:
    """Write a shading between two circles. SVG wants the first inside the second; other cones are drawn only nearly right."""
    (fx, fy), (cx, cy) = ends
    inner, outer = max(number(shading, "StartRadius", 0), 0.0), max(number(shading, "EndRadius", 0), 0.0)
    if outer <= 0 or number(shading, "Eccentricity", 0) or ((fx - cx) ** 2 + (fy - cy) ** 2) ** 0.5 + inner > outer:
        resources.budget.omit("shading", "radialshd outside a circle")
    places = f'cx="{shown(cx)}" cy="{shown(cy)}" r="{shown(outer)}" fx="{shown(fx)}" fy="{shown(fy)}" fr="{shown(inner)}"'
    return f'<radialGradient id="{name}" gradientUnits="userSpaceOnUse" {places}{rest}</radialGradient>'


def _stops(shading: etree._Element, resources: Resources) -> list[tuple[float, str, float]]:
    found: list[tuple[float, str, float]] = []
    segments = list(children(shading, "segment"))[:_MOST_STOPS]
    for index, segment in enumerate(segments):
        colour = first(segment, "color")
        if colour is not None:
            even = index / (len(segments) - 1) if len(segments) > 1 else 0.0
            at = min(max(number(segment, "Position", even), 0.0), 1.0)
            found.append((at, _colour(colour, resources), _share(number(colour, "Alpha", _FULL))))
    return found


def _hidden(stop: tuple[float, str, float]) -> tuple[float, str, float]:
    return stop[0], stop[1], 0.0
