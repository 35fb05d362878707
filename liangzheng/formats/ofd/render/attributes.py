"""Attributes of the elements of a page, read forgivingly: a value that makes no sense counts as not given."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lxml import etree

from liangzheng.formats.ofd.markup import children
from liangzheng.formats.ofd.render.geometry import IDENTITY, Box, Matrix

MAX_VALUE = 1e5  # mm; a page has a few hundred
_SPACE = re.compile(r"[\s,]+")
_MATRIX, _BOX, _POINT = 6, 4, 2
_LONGEST = 2_000_000


def first(element: etree._Element, name: str) -> etree._Element | None:
    """Give the first direct child with this lower-case name."""
    return next(children(element, name), None)


def string(element: etree._Element, name: str) -> str:
    return str(element.get(name, "")).strip()


def numbers(text: str) -> tuple[float, ...]:
    """Read numbers between white space; none at all when one of them is no number or too large."""
    try:
        values = tuple(float(part) for part in _SPACE.split(text.strip()) if part) if len(text) < _LONGEST else ()
    except ValueError:
        return ()
    return values if all(math.isfinite(value) and abs(value) <= MAX_VALUE for value in values) else ()


def number(element: etree._Element, name: str, default: float) -> float:
    values = numbers(string(element, name))
    return values[0] if len(values) == 1 else default


def flag(text: str, *, default: bool) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower(), default)


def box(text: str) -> Box | None:
    """Read an ST_Box."""
    values = numbers(text)
    if len(values) != _BOX:
        return None
    x, y, width, height = values
    return Box(min(x, x + width), min(y, y + height), abs(width), abs(height))


def matrix(element: etree._Element, name: str = "CTM") -> Matrix:
    """Read a transform; the identity when there is none."""
    values = numbers(string(element, name))
    if len(values) != _MATRIX:
        return IDENTITY
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def point(text: str) -> tuple[float, float] | None:
    values = numbers(text)
    return (values[0], values[1]) if len(values) == _POINT else None


def repeated(text: str, at_most: int) -> list[float]:
    """Read an ST_Array of distances, in which `g 3 5.5` stands for three times 5.5. No more than `at_most` are given."""
    return [value for _, value in zip(range(at_most), _repeated(text), strict=False)]


def _repeated(text: str) -> Iterator[float]:
    parts = iter(_SPACE.split(text.strip()) if len(text) < _LONGEST else ())
    for part in parts:
        times, value = (next(parts, ""), next(parts, "")) if part.lower() == "g" else ("1", part)
        read = numbers(f"{times} {value}")
        if len(read) != _POINT:
            return
        for _ in range(max(0, int(read[0]))):
            yield read[1]
