"""Where everything stands on a licence card of 210 × 148 mm (证照照面). Pure geometry in mm, from the top left corner.

Band and title above; rows on the left; photo, 2-D code and the place of the seal on the right; notices and identifier below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.fonts import EmbeddedFont

PAGE = (210.0, 148.0)
SEAL_BOX = (153.0, 98.0, 40.0, 40.0)
PHOTO_BOX = (163.0, 33.0, 28.0, 39.0)
CODE_BOX = (167.0, 74.0, 22.0, 22.0)

WHITE = (255, 255, 255)
INK = (29, 33, 41)
GREY = (107, 114, 128)
PAPER = (250, 251, 253)
WARNING = (217, 45, 32)

_LEFT, _RIGHT = 13.0, 197.0
_BAND, _STRIP = 25.0, 6.0
_ROWS_TOP, _ROWS_BOTTOM = 33.0, 106.0
_NOTES_TOP, _NOTES_BOTTOM = 112.0, 141.0
_ROWS_RIGHT, _NOTES_RIGHT = 151.0, 120.0
_SIZES = (4.2, 3.9, 3.6, 3.3, 3.0, 2.7, 2.4)  # mm; below 2.4 nobody reads it on paper
_LEADING = 1.55
_NOTE_SIZES = (3.0, 2.7, 2.4, 2.1)
_ASCENT = 0.88
_ROUNDING = 0.01  # mm: a column as wide as its longest text holds that text
_WORD = re.compile(r"[0-9A-Za-z.\-_/@:]+|.", re.DOTALL)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `y` is its baseline, `alpha` 0 (unseen) to 255."""

    x: float
    y: float
    size: float
    text: str
    colour: Colour
    alpha: int = 255


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
class FaceText:
    """All words of one face. `signed_by` are the lines under the seal: issuing authority and date."""

    title: str
    rows: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    signed_by: tuple[str, ...]
    identifier: str
    demo_mark: str

    def characters(self) -> str:
        """Give every character that will be drawn."""
        rows = "".join(label + value for label, value in self.rows)
        return "".join((self.title, rows, *self.notices, *self.signed_by, self.identifier, self.demo_mark))


def lay_out(words: FaceText, font: EmbeddedFont, band: Colour, *, pictures: bool) -> list[Item]:
    """Place boxes and lines. `pictures` says whether the right column is taken. Raises FaceError `face_full`."""
    return [
        Box(0, 0, *PAGE, PAPER),
        Box(0, 0, PAGE[0], _BAND, band),
        Box(0, PAGE[1] - _STRIP, PAGE[0], _STRIP, band),
        *_demo(words, font),
        *_title(words, font),
        *_rows(words, font, _ROWS_RIGHT if pictures else _RIGHT),
        *_notices(words, font),
        *_signed_by(words, font),
        *_identifier(words, font),
    ]


def fit(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Give the largest place inside the box for a picture of this size in pixels, centred and undistorted."""
    x, y, width, height = box
    scale = min(width / size[0], height / size[1])
    drawn = (size[0] * scale, size[1] * scale)
    return x + (width - drawn[0]) / 2, y + (height - drawn[1]) / 2, *drawn


def _demo(words: FaceText, font: EmbeddedFont) -> Iterator[Line]:
    """Write 演示 large and pale behind the rows, and plainly in the band."""
    if words.demo_mark:
        size = 46.0
        yield Line((PAGE[0] - font.width(words.demo_mark[:2], size)) / 2, 88, size, words.demo_mark[:2], WARNING, alpha=30)
        yield Line(_RIGHT - font.width(words.demo_mark, 3.4), 6.2, 3.4, words.demo_mark, WHITE)


def _title(words: FaceText, font: EmbeddedFont) -> Iterator[Line]:
    size = _largest(words.title, font, _RIGHT - _LEFT, (10.0, 9.0, 8.0, 7.0, 6.0, 5.0))
    yield Line((PAGE[0] - font.width(words.title, size)) / 2, 12.5 + size * 0.45, size, words.title, WHITE)


def _rows(words: FaceText, font: EmbeddedFont, right: float) -> list[Line]:
    for size in _SIZES:
        lines = _rows_at(words, font, right, size)
        if not lines or lines[-1].y <= _ROWS_BOTTOM:
            return lines
    raise FaceError("face_full", f"{len(words.rows)} rows")


def _rows_at(words: FaceText, font: EmbeddedFont, right: float, size: float) -> list[Line]:
    """Place the rows at this size, whether or not they fit."""
    labels = max((font.width(label, size) for label, _ in words.rows), default=0)
    start = _LEFT + min(labels, 46.0) + 4
    lines: list[Line] = []
    y = _ROWS_TOP + size * _ASCENT
    for label, value in words.rows:
        left = _wrap(label, font, size, start - _LEFT - 4)
        over = _wrap(value, font, size, right - start)
        lines += [Line(_LEFT, y + i * size * 1.3, size, text, GREY) for i, text in enumerate(left)]
        lines += [Line(start, y + i * size * 1.3, size, text, INK) for i, text in enumerate(over)]
        y += size * (_LEADING + 1.3 * (max(len(left), len(over), 1) - 1))
    return sorted(lines, key=lambda line: line.y)


def _notices(words: FaceText, font: EmbeddedFont) -> list[Line]:
    for size in _NOTE_SIZES:
        texts = [text for notice in words.notices for text in _wrap(notice, font, size, _NOTES_RIGHT - _LEFT)]
        lines = [Line(_LEFT, _NOTES_TOP + size * (_ASCENT + 1.4 * i), size, text, GREY) for i, text in enumerate(texts)]
        if not lines or lines[-1].y <= _NOTES_BOTTOM:
            return lines
    raise FaceError("face_full", "notices")


def _signed_by(words: FaceText, font: EmbeddedFont) -> Iterator[Line]:
    """Write issuing authority and date under the middle of the seal, as on paper."""
    middle = SEAL_BOX[0] + SEAL_BOX[2] / 2
    for index, text in enumerate(words.signed_by):
        size = _largest(text, font, _RIGHT - _NOTES_RIGHT, (3.6, 3.2, 2.8, 2.4, 2.0))
        width = font.width(text, size)
        yield Line(min(middle - width / 2, _RIGHT + 4 - width), SEAL_BOX[1] + 21 + 6.5 * index, size, text, INK)


def _identifier(words: FaceText, font: EmbeddedFont) -> Iterator[Line]:
    if words.identifier:
        size = _largest(words.identifier, font, _RIGHT - _LEFT, (2.8, 2.4, 2.0))
        yield Line(_LEFT, PAGE[1] - 2.1, size, words.identifier, WHITE)


def _largest(text: str, font: EmbeddedFont, room: float, sizes: Sequence[float]) -> float:
    for size in sizes:
        if font.width(text, size) <= room:
            return size
    raise FaceError("face_full", text[:40])


def _wrap(text: str, font: EmbeddedFont, size: float, room: float) -> list[str]:
    """Break a text into lines; numbers and Latin words stay whole when they fit on a line of their own."""
    lines = [""]
    for word in _WORD.findall(text):
        whole = font.width(word, size) <= room + _ROUNDING
        for piece in (word,) if whole else word:
            if lines[-1] and font.width(lines[-1] + piece, size) > room + _ROUNDING:
                lines.append("")
            lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]
