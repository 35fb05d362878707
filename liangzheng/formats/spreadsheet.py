"""Spreadsheets of others (xlsx, csv) as plain texts, within limits; anything that could act when it is opened again is refused.

Refused as a file: too large, a zip bomb, macros, links to other files, DTDs. Refused as a cell: formulas, texts that a program
would take for one (they begin with = + - @, tab or line end), control and invisible characters, texts beyond 500 characters.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import load_workbook

LARGEST = 5 * 1024 * 1024
"""Bytes of a file."""
MOST_INFLATED = 50 * 1024 * 1024
"""Bytes of all parts of an xlsx together."""
MOST_ROWS, MOST_COLUMNS, MOST_PARTS, LONGEST_CELL = 20_000, 40, 500, 500
_CHUNK = 64 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_ACTIVE = ("vbaproject", "externallinks/", "embeddings/", "activex/", "connections.xml")


class BadSpreadsheet(ValueError):  # noqa: N818 - reads as the fact it is
    """This file is not read at all. `code` is stable, the text is for people."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, or why it is not taken (`problem`: formula, characters, too_long)."""

    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its head, and its rows with their number in the file (the head is row 1). Empty rows are left out."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_tables(data: bytes) -> list[Table]:
    """Read every sheet of an xlsx, or the one table of a csv (UTF-8 or GB 18030). Raises BadSpreadsheet."""
    if len(data) > LARGEST:
        raise BadSpreadsheet("file_too_large", f"文件超过 {LARGEST // 1024 // 1024} MB。")
    if not data.startswith(b"PK"):
        return [_table("", _csv_rows(data))]
    _inspect(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False, keep_vba=False, data_only=False)
        return [_table(sheet.title, sheet.iter_rows(max_col=MOST_COLUMNS + 1)) for sheet in book.worksheets]
    except BadSpreadsheet:
        raise
    except Exception as error:  # a library for files of friends: whatever it stumbles over, the file is not read
        raise BadSpreadsheet("file_unreadable", "不是完整的 xlsx 文件。") from error


def _inspect(data: bytes) -> None:
    """Inflate every part once, counting, before a library does it without counting."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = [part.filename.lower() for part in parts]
            if len(parts) > MOST_PARTS or len(set(names)) != len(names):
                raise BadSpreadsheet("file_unreadable", "压缩包内文件过多或者重名。")
            if any(mark in name for name in names for mark in _ACTIVE):
                raise BadSpreadsheet("file_active", "文件含有宏、外部链接或嵌入对象。")
            for part in parts:
                with archive.open(part) as inflated:
                    total = _count(inflated, total)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise BadSpreadsheet("file_unreadable", "不是完整的 xlsx 文件。") from error


def _count(inflated: Iterable[bytes] | io.BufferedIOBase, total: int) -> int:
    """Count a part's bytes; XML with a DTD, or in an encoding in which one would not be seen, is refused."""
    before = b""
    while chunk := inflated.read(_CHUNK):  # type: ignore[union-attr]  # a part of a zip archive
        total += len(chunk)
        if total > MOST_INFLATED:
            raise BadSpreadsheet("file_too_large", "解压后过大。")
        seen = before + chunk
        if (
            b"<!DOCTYPE" in seen
            or b"<!ENTITY" in seen
            or (not before and chunk[:2] in {b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<"})
        ):
            raise BadSpreadsheet("file_active", "文件含有文档类型定义。")
        before = seen[-16:]
    return total


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise BadSpreadsheet("file_unreadable", "文字编码不是 UTF-8 或 GB 18030。") from error
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise BadSpreadsheet("file_unreadable", "不是完整的 csv 文件。") from error


def _table(name: str, rows: Iterable[Iterable[object]]) -> Table:
    head: tuple[str, ...] = ()
    found: list[tuple[int, tuple[Cell, ...]]] = []
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS + 1:
            raise BadSpreadsheet("too_many_rows", f"超过 {MOST_ROWS} 行，请分批导入。")
        cells = tuple(_cell(value) for value in row)
        while cells and cells[-1] == Cell(""):
            cells = cells[:-1]
        if len(cells) > MOST_COLUMNS:
            raise BadSpreadsheet("too_many_columns", f"超过 {MOST_COLUMNS} 列。")
        if number == 1:
            head = tuple(cell.text for cell in cells)
        elif cells:
            found.append((number, cells))
    return Table(name, head, tuple(found))


def _cell(value: object) -> Cell:
    """Take a csv text or a cell of the library."""
    if getattr(value, "data_type", "") == "f":
        return Cell("", "formula")
    value = getattr(value, "value", value if isinstance(value, str) else None)
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value.isoformat() if isinstance(value, date) else "" if value is None else str(value).strip(" \u3000")
    if text.startswith(_FORMULA):
        return Cell("", "formula")
    if len(text) > LONGEST_CELL:
        return Cell("", "too_long")
    return Cell("", "characters") if _UNSEEN.search(text) else Cell(text)
