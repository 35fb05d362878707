"""Points, boxes and transforms of a page, in mm from the top left corner. A matrix is a b c d e f as in OFD and in SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; width and height are not negative."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def grown(self, margin: float) -> Box:
        return Box(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def holds(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom

    def joined(self, other: Box | None) -> Box:
        """Give the box around both."""
        if other is None:
            return self
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def meet(self, other: Box) -> Box | None:
        """Give what the two have in common."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(x, y, right - x, bottom - y) if right >= x and bottom >= y else None

    def moved(self, matrix: Matrix) -> Box:
        """Give the upright box around this one after the transform."""
        corners = ((self.x, self.y), (self.right, self.y), (self.x, self.bottom), (self.right, self.bottom))
        around = around_points(apply(matrix, point) for point in corners)
        return around or self


def around_points(points: Iterable[Point]) -> Box | None:
    """Give the upright box around some points."""
    known = list(points)
    if not known:
        return None
    xs, ys = [point[0] for point in known], [point[1] for point in known]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def apply(matrix: Matrix, point: Point) -> Point:
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """Give the transform that applies `inner` first."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f


def shift(x: float, y: float) -> Matrix:
    return 1.0, 0.0, 0.0, 1.0, x, y


def area(matrix: Matrix) -> float:
    """Give how much a transform enlarges an area."""
    return abs(matrix[0] * matrix[3] - matrix[1] * matrix[2])


def stretch(matrix: Matrix) -> float:
    """Give how much longer a transform can make a line that runs along an axis."""
    return max(math.hypot(matrix[0], matrix[1]), math.hypot(matrix[2], matrix[3]))


def way(points: Iterable[Point]) -> float:
    """Give the length of the way from point to point."""
    return sum(math.dist(one, two) for one, two in pairwise(points))


def shown(value: float) -> str:
    """Write a number for SVG: no exponent, no needless zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def transform(matrix: Matrix) -> str:
    """Write a matrix as an SVG attribute, with more digits for small scales."""
    if matrix == IDENTITY:
        return ""
    parts = (f"{value:.7f}".rstrip("0").rstrip(".") for value in matrix)
    return f' transform="matrix({" ".join(parts)})"'
