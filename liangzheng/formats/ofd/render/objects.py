"""Objects of a page (GB/T 33190-2016, 8 to 13) as SVG: text, paths, pictures, composites; clips, boundaries, transparency."""

from __future__ import annotations

from lxml import etree

from liangzheng.formats.ofd.markup import children, local_name, text
from liangzheng.formats.ofd.render.attributes import box, first, flag, matrix, number, string
from liangzheng.formats.ofd.render.canvas import LINE_WIDTH, PICTURE, SHADING, Canvas, Scope, Style, scale_of
from liangzheng.formats.ofd.render.colours import BLACK
from liangzheng.formats.ofd.render.geometry import Box, Matrix, compose, shift, shown, stretch, transform
from liangzheng.formats.ofd.render.paths import read_path
from liangzheng.formats.ofd.render.texts import Shape, draw_text, written_ink

_OBJECTS = {"textobject", "pathobject", "imageobject", "compositeobject"}
_SILENT = {"actions", "clips", "areaholderblock"}
_BLENDS = {
    "Multiply": "multiply", "Screen": "screen", "Overlay": "overlay", "Darken": "darken", "Lighten": "lighten",
    "ColorDodge": "color-dodge", "ColorBurn": "color-burn", "HardLight": "hard-light", "SoftLight": "soft-light",
    "Difference": "difference", "Exclusion": "exclusion",
}  # fmt: skip
_EDGE = 0.5  # mm beyond its boundary that a line may still be seen: hairlines lie on the edge
_OPAQUE = 255
_DASHED = 5  # times as long as a plain line, to draw


def draw_objects(container: etree._Element, canvas: Canvas, scope: Scope, drawn: list[str]) -> Box | None:
    """Draw what stands inside a layer, block or composite, appending to `drawn`; gives the box around it.

    Raises LimitError; what was drawn until then stays in `drawn`.
    """
    around: Box | None = None
    for element in container:
        kind = local_name(element)
        found: Box | None = None
        if kind == "pageblock":
            found = draw_objects(element, canvas, scope.inside(scope.to_page, canvas.budget.limits.nesting), drawn)
        elif kind in _OBJECTS:
            canvas.budget.spend("objects")
            markup, found = _draw(element, kind, canvas, scope)
            drawn.append(markup)
        elif kind not in _SILENT:
            canvas.budget.omit("object", kind)
        around = found.joined(around) if found else around
    return around


def _draw(element: etree._Element, kind: str, canvas: Canvas, scope: Scope) -> tuple[str, Box | None]:
    boundary = box(string(element, "Boundary"))
    if boundary is None or not flag(string(element, "Visible"), default=True):
        if boundary is None:
            canvas.budget.omit("object", f"{kind} without boundary")
        return "", None
    local = compose(shift(boundary.x, boundary.y), matrix(element))
    style = Style.of(element, canvas, scope)
    if kind == "imageobject":
        local = local if element.get("CTM") else compose(local, (boundary.width, 0, 0, boundary.height, 0, 0))
        shape = _image(element, canvas)
    elif kind == "compositeobject":
        shape = _composite(element, canvas, scope, local)
    else:
        shape = draw_text(element, style, canvas) if kind == "textobject" else _path(element, style, canvas)
    if shape.bounds is None or not shape.markup:
        return "", None
    margin = abs(style.number("LineWidth", LINE_WIDTH)) * scale_of(local) if kind == "pathobject" else 0.0
    bounds = shape.bounds.moved(local).grown(margin)
    clips = _clips(element, boundary, bounds, canvas)
    if kind != "textobject" and boundary.width and boundary.height and not boundary.grown(_EDGE + margin).holds(bounds):
        clips.append(canvas.clip_to(boundary.grown(margin)))
    opacity, blend = _mixing(element, canvas)
    whole = stretch(compose(scope.to_page, local))
    width = margin * stretch(scope.to_page) if " stroke=" in shape.markup else None
    layers = shape.layers + len(clips) + bool(opacity or blend)
    if not canvas.charge(bounds.moved(scope.to_page), shape.length * whole, layers, width):
        return "", None
    markup = f"<g{transform(local)}>{shape.markup}</g>"
    for name in clips:
        markup = f'<g clip-path="url(#{name})">{markup}</g>'
    return f"<g{opacity}{blend}>{markup}</g>" if opacity or blend else markup, bounds


def _mixing(element: etree._Element, canvas: Canvas) -> tuple[str, str]:
    """Write transparency and blend mode."""
    alpha = min(max(number(element, "Alpha", _OPAQUE), 0.0), _OPAQUE)
    opacity = f' opacity="{shown(alpha / _OPAQUE)}"' if alpha < _OPAQUE else ""
    mode = string(element, "BlendMode")
    if mode not in {"", "Normal"} and mode not in _BLENDS:
        canvas.budget.omit("blend_mode", mode)
    return opacity, f' style="mix-blend-mode:{_BLENDS[mode]}"' if mode in _BLENDS else ""


def _path(element: etree._Element, style: Style, canvas: Canvas) -> Shape:
    outline = read_path(text(first(element, "abbreviateddata")), canvas.budget)
    fill = style.paint("fillcolor", canvas, None) if style.is_on("Fill", default=False) else None
    stroke = style.paint("strokecolor", canvas, BLACK) if style.is_on("Stroke", default=True) else None
    if not outline.data or (fill is None and stroke is None):
        return Shape("", None, 0)
    ink = written_ink(fill, stroke) + (style.stroke(outline.bounds, outline.segments, canvas.budget) if stroke else "")
    rule = ' fill-rule="evenodd"' if style.sources[0].get("Rule", "").lower() in {"even-odd", "evenodd"} else ""
    layers = SHADING * sum(paint is not None and bool(paint.definition) for paint in (fill, stroke))
    weight = (fill is not None) + (_DASHED if "dasharray" in ink else 1) * (stroke is not None)
    return Shape(f'<path d="{outline.data}"{ink}{rule}/>', outline.bounds, outline.length * weight, layers)


def _image(element: etree._Element, canvas: Canvas) -> Shape:
    if string(element, "ImageMask"):
        canvas.budget.omit("picture_mask")
    picture = canvas.resources.picture(string(element, "ResourceID"))
    if picture is None:
        return Shape("", None, 0)
    return Shape(f'<use href="#{canvas.picture(picture)}"/>', Box(0, 0, 1, 1), 0, PICTURE)


def _composite(element: etree._Element, canvas: Canvas, scope: Scope, local: Matrix) -> Shape:
    unit = canvas.resources.element("compositegraphicunit", string(element, "ResourceID"))
    content = None if unit is None else first(unit, "content")
    if content is None:
        canvas.budget.omit("missing_resource", "CompositeObject")
        return Shape("", None, 0)
    inside: list[str] = []
    bounds = draw_objects(content, canvas, scope.inside(compose(scope.to_page, local), canvas.budget.limits.nesting), inside)
    return Shape("".join(inside), bounds, 0)


def _clips(element: etree._Element, boundary: Box, bounds: Box, canvas: Canvas) -> list[str]:
    """Define the clips of an object; those that cut nothing off are left out. Each of several clips cuts further."""
    names: list[str] = []
    for group in children(element, "clips"):
        with_object = flag(string(group, "TransFlag"), default=True)
        start = compose(shift(boundary.x, boundary.y), matrix(element)) if with_object else shift(boundary.x, boundary.y)
        for clip in children(group, "clip"):
            shapes = [shape for area in children(clip, "area") for shape in _area(area, start, bounds, canvas)]
            if shapes and "" not in shapes:
                markup = "".join(shapes)
                names.append(canvas.define_once(("clip", markup), "c", f'<clipPath id="{{name}}">{markup}</clipPath>'))
    return names


def _area(area: etree._Element, start: Matrix, bounds: Box, canvas: Canvas) -> list[str]:
    """Give the shapes of one clip area; an empty text stands for one that holds the whole object."""
    shapes: list[str] = []
    for item in area:
        kind = local_name(item)
        place = box(string(item, "Boundary"))
        if kind != "path" or place is None:
            canvas.budget.omit("clip", kind)
            continue
        canvas.budget.spend("objects")
        outline = read_path(text(first(item, "abbreviateddata")), canvas.budget)
        inner = compose(compose(matrix(area), shift(place.x, place.y)), matrix(item))
        whole = compose(start, inner)
        upright = not (whole[1] or whole[2])
        if outline.is_rectangle and upright and outline.bounds and outline.bounds.moved(whole).grown(_EDGE).holds(bounds):
            return [""]
        canvas.charge(bounds, outline.length * stretch(whole), 0)
        rule = ' clip-rule="evenodd"' if string(item, "Rule").lower() in {"even-odd", "evenodd"} else ""
        shapes.append(f'<path d="{outline.data}"{rule}{transform(whole)}/>')
    return shapes
