"""AbbreviatedData (GB/T 33190-2016, 9.1) as SVG path data: S M L Q B A C become M L Q C A Z."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise

from liangzheng.formats.ofd.render.attributes import MAX_VALUE
from liangzheng.formats.ofd.render.budget import Budget
from liangzheng.formats.ofd.render.geometry import Box, Point, around_points, shown, way

_TOKEN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[A-Za-z]")
_ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_SVG = {"S": "M", "M": "M", "L": "L", "Q": "Q", "B": "C", "A": "A"}
_RECTANGLE = {("M", "L", "L", "L"), ("M", "L", "L", "L", "L")}


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape in its own coordinates: SVG path data, number of segments, box around its points, is it an upright rectangle.

    `length` is that of its lines, at least: what painting it costs.
    """

    data: str
    segments: int
    bounds: Box | None
    is_rectangle: bool = False
    length: float = 0.0


def read_path(text: str, budget: Budget) -> Outline:
    """Read a path; what follows the first mistake is left out and counted. Raises LimitError."""
    written: list[str] = []
    points: list[Point] = []
    operators: list[str] = []
    tokens = _TOKEN.findall(text)
    budget.spend("path_numbers", len(tokens) + 1)
    place = 0
    while place < len(tokens):
        operator = tokens[place].upper()
        count = _ARGUMENTS.get(operator, -1)
        values = _values(tokens[place + 1 : place + 1 + count]) if count >= 0 else None
        if values is None or len(values) != count or not (written or operator in "SM"):
            budget.omit("bad_path", operator[:8])
            break
        place += 1 + count
        if operator == "C":
            written.append("Z")
            continue
        written.append(_segment(operator, values))
        operators.append(_SVG[operator])
        points += _points(operator, values)
    bounds = around_points(points)
    is_rectangle = _is_rectangle(tuple(operators), points, bounds)
    return Outline("".join(written), len(operators), bounds, is_rectangle, way(points))


def _values(tokens: list[str]) -> tuple[float, ...] | None:
    try:
        values = tuple(map(float, tokens))
    except ValueError:
        return None
    return values if all(math.isfinite(value) and abs(value) <= MAX_VALUE for value in values) else None


def _segment(operator: str, values: tuple[float, ...]) -> str:
    if operator != "A":
        return _SVG[operator] + " ".join(map(shown, values))
    rx, ry, angle, large, sweep, x, y = values
    flags = f"{int(large != 0)} {int(sweep != 0)}"
    return f"A{shown(abs(rx))} {shown(abs(ry))} {shown(angle)} {flags} {shown(x)} {shown(y)}"


def _points(operator: str, values: tuple[float, ...]) -> list[Point]:
    if operator != "A":
        return list(zip(values[::2], values[1::2], strict=True))
    reach, x, y = 2 * max(abs(values[0]), abs(values[1])), values[5], values[6]
    return [(x - reach, y - reach), (x + reach, y + reach)]  # the way through them is longer than the arc


def _is_rectangle(operators: tuple[str, ...], points: list[Point], bounds: Box | None) -> bool:
    if bounds is None or operators not in _RECTANGLE:
        return False
    corners = [(bounds.x, bounds.y), (bounds.right, bounds.y), (bounds.right, bounds.bottom), (bounds.x, bounds.bottom)]
    if len(points) > len(corners) and points[-1] != points[0]:
        return False
    ring = points[:4]
    return {*ring} == {*corners} and all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(ring))
