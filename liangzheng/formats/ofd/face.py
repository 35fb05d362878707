"""Where everything stands on a licence card of 210 × 148 mm (证照照面). Pure geometry in mm, from the top left corner.

Band and title above, rows in the middle with the photo on their right; below them 2-D code, issuer and notices, and on the
right the place of the seal, where nothing else is drawn: a seal hides no word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.fonts import FontSet
from liangzheng.formats.ofd.sheets import Box, Colour, Item, Line, Place

PAGE = (210.0, 148.0)
SEAL_BOX: Place = (157.0, 102.0, 40.0, 40.0)
PHOTO_BOX: Place = (165.0, 33.0, 32.0, 45.0)
CODE_BOX: Place = (13.0, 110.0, 26.0, 26.0)

WHITE = (255, 255, 255)
INK = (29, 33, 41)
GREY = (92, 100, 114)
RULE = (222, 227, 235)
PAPER = (250, 251, 253)
WARNING = (217, 45, 32)

_LEFT, _RIGHT = 13.0, 197.0
_BAND, _STRIP, _HAIR = 26.0, 6.0, 0.2
_ROWS_TOP, _ROWS_BOTTOM = 31.0, 104.0
_FOOT_TOP, _FOOT_BOTTOM, _FOOT_RIGHT = 110.0, 140.0, 153.0
_GAP, _GUTTER = 4.0, 8.0  # between label and value; between two columns
_SIZES = (4.8, 4.5, 4.2, 3.9, 3.6, 3.3, 3.0, 2.7, 2.4)  # mm; below 2.4 nobody reads it on paper
_LABEL = 0.88  # size of a label to that of its value
_LABEL_SHARE = 0.42  # of the column; longer labels break
_LEADING, _NEXT_LINE, _STRETCH = 1.55, 1.3, 0.95  # in sizes: first line of a row, every further one, what a row may gain
_SHORT_TITLE, _SPACED = 6, 0.3  # characters; of the size, between them
_NOTE_SIZES = (2.8, 2.5, 2.3, 2.1)
_ASCENT, _MIDDLE = 0.88, 0.38  # of the size: top and middle of a character above its baseline
_ROUNDING = 0.01  # mm: a column as wide as its longest text holds that text
_WORD = re.compile(r"[（《“]*(?:[0-9A-Za-z.\-_/@:]+|.)[，。；：、！？）》”]*", re.DOTALL)  # closing marks begin no line


@dataclass(frozen=True, slots=True)
class FaceText:
    """All words of one face. `signed_by` are label and value beside the seal: issuing authority and date."""

    title: str
    rows: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    signed_by: tuple[tuple[str, str], ...]
    identifier: str
    demo_mark: str

    def characters(self) -> str:
        """Give every character that will be drawn."""
        rows = "".join(label + value for label, value in (*self.rows, *self.signed_by))
        return "".join((self.title, rows, *self.notices, self.identifier, self.demo_mark))


@dataclass(frozen=True, slots=True)
class _Cell:
    """One label with its value, broken into lines, and where both begin."""

    label: list[str]
    value: list[str]
    label_x: float
    value_x: float

    @property
    def lines(self) -> int:
        return max(len(self.label), len(self.value), 1)


def lay_out(words: FaceText, font: FontSet, band: Colour, *, photo: Place | None, code: Place | None) -> list[Item]:
    """Place boxes and lines. `photo` and `code` are the places of the pictures. Raises FaceError `face_full`."""
    red, green, blue = (round(part + (255 - part) * 0.5) for part in band)
    return [
        Box(0, 0, *PAGE, PAPER),
        Box(0, 0, PAGE[0], _BAND, band),
        Box(0, _BAND, PAGE[0], 1, (red, green, blue)),
        Box(0, PAGE[1] - _STRIP, PAGE[0], _STRIP, band),
        *(Box(x - _HAIR, y - _HAIR, w + 2 * _HAIR, h + 2 * _HAIR, RULE) for x, y, w, h in filter(None, (photo, code))),
        *_demo(words, font),
        *_title(words, font),
        *_rows(words, font, PHOTO_BOX[0] - _GUTTER if photo else _RIGHT),
        *_foot(words, font, CODE_BOX[0] + CODE_BOX[2] + 5 if code else _LEFT),
        *_identifier(words, font),
    ]


def fit(box: Place, size: tuple[int, int]) -> Place:
    """Give the largest place inside the box for a picture of this size in pixels, centred and undistorted."""
    x, y, width, height = box
    scale = min(width / size[0], height / size[1])
    drawn = (size[0] * scale, size[1] * scale)
    return x + (width - drawn[0]) / 2, y + (height - drawn[1]) / 2, *drawn


def _demo(words: FaceText, font: FontSet) -> Iterator[Item]:
    """Write 演示 large and pale behind the rows, and plainly on a plate in the band."""
    if words.demo_mark:
        size, plate = 46.0, 3.2
        yield Line((PAGE[0] - font.width(words.demo_mark[:2], size)) / 2, 86, size, words.demo_mark[:2], WARNING, alpha=26)
        width = font.width(words.demo_mark, plate)
        yield Box(_RIGHT - width - 4, 2.2, width + 4, 5.4, WHITE)
        yield Line(_RIGHT - width - 2, 4.9 + plate * _MIDDLE, plate, words.demo_mark, WARNING)


def _title(words: FaceText, font: FontSet) -> Iterator[Line]:
    """Write the title in the middle of the band, a short one spaced out as on paper."""
    size = _largest(words.title, font, _RIGHT - _LEFT, (10.0, 9.0, 8.0, 7.0, 6.0, 5.0))
    spacing = size * _SPACED if len(words.title) <= _SHORT_TITLE else 0
    width = font.width(words.title, size) + spacing * (len(words.title) - 1)
    yield Line((PAGE[0] - width) / 2, 15.5 + size * _MIDDLE, size, words.title, WHITE, spacing=spacing)


def _rows(words: FaceText, font: FontSet, right: float) -> list[Item]:
    """Draw the rows as large as they fit; before they shrink, short ones stand side by side."""
    room = _ROWS_BOTTOM - _ROWS_TOP
    for size in _SIZES:
        for columns in (1, 2):
            grid = _grid(words, font, size, right - _LEFT, columns)
            heights = [size * (_LEADING + _NEXT_LINE * (max(cell.lines for cell in row) - 1)) for row in grid]
            gains = columns == 1 or len(grid) < len(words.rows)
            if gains and sum(heights) <= room:
                spare = min((room - sum(heights)) / max(len(grid), 1), size * _STRETCH)
                return list(_drawn_rows(grid, [height + spare for height in heights], size, right))
    raise FaceError("face_full", f"{len(words.rows)} rows")


def _grid(words: FaceText, font: FontSet, size: float, width: float, columns: int) -> list[list[_Cell]]:
    """Break labels and values into lines and give the cells of each row, whether or not the rows fit."""
    column = width if columns == 1 else (width - _GUTTER) / 2
    labels = [_broken_label(label, font, size * _LABEL, column * _LABEL_SHARE) for label, _ in words.rows]
    indent = max((font.width(line, size * _LABEL) for label in labels for line in label), default=0) + _GAP
    grid: list[list[_Cell]] = []
    has_place = False  # beside the last cell
    for label, (_, value) in zip(labels, words.rows, strict=True):
        short = columns > 1 and font.width(value, size) <= column - indent + _ROUNDING
        if short and has_place:
            left = _LEFT + column + _GUTTER
            grid[-1].append(_Cell(label, [value], left, left + indent))
        else:
            grid.append([_Cell(label, wrap(value, font, size, width - indent), _LEFT, _LEFT + indent)])
        has_place = short and not has_place
    return _drawn_together(grid, font, size)


def _drawn_together(grid: list[list[_Cell]], font: FontSet, size: float) -> list[list[_Cell]]:
    """Move the values of the second column to its own labels, which are seldom as long as those of the first."""
    labels = [line for row in grid for cell in row[1:] for line in cell.label]
    indent = max((font.width(line, size * _LABEL) for line in labels), default=0) + _GAP
    return [[row[0], *(replace(cell, value_x=cell.label_x + indent) for cell in row[1:])] for row in grid]


def _broken_label(label: str, font: FontSet, size: float, room: float) -> list[str]:
    """Break a label that is too long, rather before its brackets than within them."""
    parts = [label] if font.width(label, size) <= room else re.split(r"(?=（)", label)
    return [line for part in parts for line in wrap(part, font, size, room)]


def _drawn_rows(grid: list[list[_Cell]], heights: list[float], size: float, right: float) -> Iterator[Item]:
    """Draw the cells in reading order, on one baseline in the middle of their row, with a hairline under each row."""
    top = _ROWS_TOP
    for row, height in zip(grid, heights, strict=True):
        step = size * _NEXT_LINE
        y = top + height / 2 + size * _MIDDLE - (max(cell.lines for cell in row) - 1) * step / 2
        for cell in row:
            yield from (Line(cell.label_x, y + i * step, size * _LABEL, text, GREY) for i, text in enumerate(cell.label))
            yield from (Line(cell.value_x, y + i * step, size, text, INK) for i, text in enumerate(cell.value))
        top += height
        yield Box(_LEFT, top, right - _LEFT, _HAIR, RULE)


def _foot(words: FaceText, font: FontSet, left: float) -> list[Line]:
    """Write issuing authority and date, then the notices, between 2-D code and seal."""
    size = 3.8
    indent = max((font.width(label, size * _LABEL) for label, _ in words.signed_by), default=0) + _GAP
    signed: list[Line] = []
    y = _FOOT_TOP + size * _ASCENT
    for label, value in words.signed_by:
        texts = wrap(value, font, size, _FOOT_RIGHT - left - indent)
        signed += [Line(left, y, size * _LABEL, label, GREY)]
        signed += [Line(left + indent, y + size * _NEXT_LINE * i, size, text, INK) for i, text in enumerate(texts)]
        y = signed[-1].y + size * 1.75
    top = y - size * _ASCENT + 1.5 if signed else _FOOT_TOP
    for note in _NOTE_SIZES:
        texts = [text for notice in words.notices for text in wrap(notice, font, note, _FOOT_RIGHT - left)]
        lines = signed + [Line(left, top + note * (_ASCENT + 1.45 * i), note, text, GREY) for i, text in enumerate(texts)]
        if not lines or lines[-1].y <= _FOOT_BOTTOM:
            return lines
    raise FaceError("face_full", "foot")


def _identifier(words: FaceText, font: FontSet) -> Iterator[Line]:
    if words.identifier:
        size = _largest(words.identifier, font, _RIGHT - _LEFT, (2.8, 2.4, 2.0))
        yield Line(_LEFT, PAGE[1] - _STRIP / 2 + size * _MIDDLE, size, words.identifier, WHITE)


def _largest(text: str, font: FontSet, room: float, sizes: Sequence[float]) -> float:
    for size in sizes:
        if font.width(text, size) <= room:
            return size
    raise FaceError("face_full", text[:40])


def wrap(text: str, font: FontSet, size: float, room: float) -> list[str]:
    """Break a text into lines; numbers and Latin words stay whole when they fit on a line of their own."""
    lines = [""]
    for word in _WORD.findall(text):
        whole = font.width(word, size) <= room + _ROUNDING
        for piece in (word,) if whole else word:
            if lines[-1] and font.width(lines[-1] + piece, size) > room + _ROUNDING:
                lines.append("")
            lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]
