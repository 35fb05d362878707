"""Writes an annotated copy (加注件): the original untouched inside, its pages for the eye, the purpose over and below them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.annotation import Annotation
from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.face import GREY, INK, WARNING, WHITE, wrap
from liangzheng.formats.ofd.fonts import FontSet, embed_fonts
from liangzheng.formats.ofd.sheets import Attachment, Box, DocumentInfo, Item, Line, Picture, Place, Sheet, write_sheets
from liangzheng.formats.ofd.writer import DEMO_MARK

LONGEST_PURPOSE = 200
"""Characters, as one province limits it."""
LONGEST_NAME = 80
MOST_PAGES = 20

_CHINA = timezone(timedelta(hours=8))
_NARROWEST, _STRIP, _MARGIN = 150.0, 34.0, 8.0  # mm
_SEAL = 30.0
_SIZES = (3.8, 3.5, 3.2, 2.9, 2.6, 2.3)
_WATERMARK, _SLANT, _PALE = 5.0, -12.0, 44


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page of the original as PNG, and its size in mm."""

    png: bytes
    width: float
    height: float


def write_annotated_copy(
    original: bytes, annotation: Annotation, pages: Sequence[PagePicture], *fonts: bytes, name: str = "original.ofd"
) -> bytes:
    """Write the copy, still without a seal. `pages` show the original; `original_sm3` of the annotation is filled in here.

    Raises FaceError: `face_full` when the annotation does not fit, `too_many_pages`, and those of `embed_fonts`.
    """
    if not 1 <= len(pages) <= MOST_PAGES:
        raise FaceError("too_many_pages", str(len(pages)))
    if annotation.created_at is None or annotation.expires_at is None:
        raise ValueError("an annotation that is made has both times")
    words = _Words.of(annotation)
    fonts_cut = embed_fonts(fonts, words.characters())
    custom = replace(annotation, original_sm3=sm3(original).hex()).custom_data()
    info = DocumentInfo(
        document_id=sm3("\n".join(f"{item}={value}" for item, value in custom).encode()).hex()[:32],
        title="电子证照加注件",
        created_on=annotation.created_at.astimezone(_CHINA).date(),
        custom_data=custom,
    )
    sheets = [_sheet(number, page, words, fonts_cut) for number, page in enumerate(pages)]
    return write_sheets(info, sheets, fonts_cut, [Attachment(name, original)])


def seal_place(page: PagePicture) -> Place:
    """Give the place of the annotating platform's seal on this page: in the strip, on the right."""
    return max(page.width, _NARROWEST) - _MARGIN - _SEAL, page.height + (_STRIP - _SEAL) / 2, _SEAL, _SEAL


@dataclass(frozen=True, slots=True)
class _Words:
    """All that is written on each page of the copy."""

    rows: tuple[tuple[str, str], ...]
    watermark: tuple[str, str]
    demo_mark: str

    @staticmethod
    def of(annotation: Annotation) -> _Words:
        until = _shown(annotation.expires_at)
        rows = (
            ("加注用途", annotation.purpose),
            ("使用人", annotation.user),
            ("加注时间", f"{_shown(annotation.created_at)}　有效期至 {until}"),
            ("加注机构", annotation.creator),
        )
        watermark = (f"加注件　仅供{annotation.user}", f"{annotation.purpose}　有效期至{until[:10]}")
        return _Words(rows, watermark, DEMO_MARK if annotation.is_demo else "")

    def characters(self) -> str:
        return "".join((*self.watermark, self.demo_mark, *(part for row in self.rows for part in row)))


def _sheet(number: int, page: PagePicture, words: _Words, fonts: FontSet) -> Sheet:
    """Lay out one page: the picture above, slanting words over it, the annotation in a strip below."""
    width = max(page.width, _NARROWEST)
    picture = Picture(f"page_{number}.png", "PNG", page.png, ((width - page.width) / 2, 0, page.width, page.height))
    items: list[Item] = [
        *_slanting(words.watermark, fonts, width, page.height),
        Box(0, page.height, width, _STRIP, WHITE),
        Box(0, page.height, width, 0.4, WARNING),
        *_rows(words, fonts, width, page.height),
    ]
    return Sheet((width, page.height + _STRIP), items, behind=[picture])


def _slanting(watermark: Sequence[str], fonts: FontSet, width: float, height: float) -> Iterator[Line]:
    """Write the purpose across the page, each line around its middle; the whole of it stands in the strip, too."""
    lines = [line for text in watermark for line in wrap(text, fonts, _WATERMARK, width * 0.9)]
    step = _WATERMARK * 1.5
    turn = math.radians(_SLANT)
    times = 2 if len(lines) * step * 2 < height * 0.5 else 1
    for repeat in range(times):
        top = height * (repeat + 1) / (times + 1) - (len(lines) - 1) * step / 2
        for number, line in enumerate(lines):
            half = fonts.width(line, _WATERMARK) / 2
            x, y = width / 2 - half * math.cos(turn), top + number * step - half * math.sin(turn)
            yield Line(x, y, _WATERMARK, line, WARNING, alpha=_PALE, angle=_SLANT)


def _rows(words: _Words, fonts: FontSet, width: float, top: float) -> list[Item]:
    """Write label and value of each row as large as they fit beside the seal."""
    room = _STRIP - 4
    for size in _SIZES:
        indent = max(fonts.width(label, size) for label, _ in words.rows) + size
        right = width - 2 * _MARGIN - _SEAL
        broken = [(label, wrap(value, fonts, size, right - _MARGIN - indent) or [""]) for label, value in words.rows]
        step = size * 1.5
        if step * (sum(len(lines) for _, lines in broken) + bool(words.demo_mark)) <= room:
            return list(_drawn(words, broken, size, top, indent))
    raise FaceError("face_full", "annotation")


def _drawn(words: _Words, broken: Sequence[tuple[str, list[str]]], size: float, top: float, indent: float) -> Iterator[Item]:
    y, step = top + 2 + size * 1.1, size * 1.5
    for label, lines in broken:
        yield Line(_MARGIN, y, size, label, GREY)
        for line in lines:
            yield Line(_MARGIN + indent, y, size, line, INK)
            y += step
    if words.demo_mark:
        yield Line(_MARGIN, y, size, words.demo_mark, WARNING)


def _shown(moment: datetime | None) -> str:
    return moment.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
