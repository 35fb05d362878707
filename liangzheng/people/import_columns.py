"""The three tables of an import, known by their heads; how a cell becomes a value. Pure: texts in, values and findings out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from liangzheng.formats.identifiers import BadIdentifier, read_uscc
from liangzheng.formats.regions import path_of
from liangzheng.formats.spreadsheet import Cell, Table

Value = str | list[str] | date | None
_CELL_CAUSES = {
    "formula": "公式或以 = + - @ 开头的内容不收。",
    "characters": "含有看不见的字符。",
    "too_long": "内容过长。",
}
_BASES = {"行政机关": "statutory", "法律法规授权组织": "authorised", "受委托组织": "delegated"}
_KINDS = {"执法人员": "officer", "执法辅助人员": "auxiliary"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Why the file is not taken: where, a stable code, and the cause for people. `row` 0: the whole table."""

    table: str
    row: int
    column: str
    code: str
    cause: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head. `read` gives the value or raises ValueError with the cause."""

    head: str
    field: str
    read: Callable[[str], Value]
    is_needed: bool = True


def _text(text: str) -> str:
    return text


def _uscc(text: str) -> str:
    try:
        code = read_uscc(text)
    except BadIdentifier as error:
        raise ValueError("不是统一社会信用代码。") from error
    if code.warnings:
        raise ValueError("统一社会信用代码的校验位不对。")
    return code.text


def _region(text: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", text) or not path_of(text).is_complete:
        raise ValueError("不是现有的行政区划代码。")
    return text


def _login(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,63}", text):
        raise ValueError("账号用 2 至 64 个小写字母、数字、点、横线。")
    return text


def _number(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z-]{4,32}", text):
        raise ValueError("证号用 4 至 32 个字母、数字、横线。")
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError as error:
        raise ValueError("日期写成 2026-11-25。") from error


def _list(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[、,，;；]", text) if part.strip()]


def _one_of(words: Mapping[str, str]) -> Callable[[str], Value]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"只能是：{'、'.join(words)}。")
        return words[text]

    return read


TABLES: Mapping[str, tuple[Column, ...]] = {
    "agency": (
        Column("机构名称", "name", _text),
        Column("统一社会信用代码", "uscc", _uscc),
        Column("行政区划代码", "region", _region),
        Column("领域代码", "sector", _text),
        Column("领域", "sector_label", _text),
        Column("监督电话", "supervision_phone", _text),
        Column("主体性质", "basis", _one_of(_BASES)),
    ),
    "officer": (
        Column("账号", "username", _login),
        Column("姓名", "name", _text),
        Column("所属机构代码", "agency", _uscc),
        Column("人员类别", "role", _one_of(_KINDS)),
    ),
    "certificate": (
        Column("证号", "number", _number),
        Column("持证人账号", "username", _login),
        Column("证件名称", "kind", _text),
        Column("执法类别", "fields", _list),
        Column("执法区域", "area", _text),
        Column("区域代码", "area_code", _region),
        Column("有效期起", "valid_from", _day),
        Column("有效期止", "valid_to", _day),
        Column("年审有效期", "checked_through", _day, is_needed=False),
    ),
}


def kind_of(table: Table) -> str:
    """Say which of the three tables this is by its head, "" none; columns may stand in any order."""
    for kind, columns in TABLES.items():
        needed = {column.head for column in columns if column.is_needed}
        if needed <= set(table.head) <= {column.head for column in columns}:
            return kind if len(set(table.head)) == len(table.head) else ""
    return ""


def read_row(table: Table, kind: str, number: int, cells: tuple[Cell, ...]) -> tuple[dict[str, Value], list[Finding]]:
    """Read a row's values by field, and everything that is wrong with it."""
    places = {head: place for place, head in enumerate(table.head)}
    values: dict[str, Value] = {}
    findings: list[Finding] = []
    for column in TABLES[kind]:
        place = places.get(column.head, len(cells))
        cell = cells[place] if place < len(cells) else Cell("")
        problem = _read_cell(column, cell, values)
        if problem:
            findings.append(Finding(table.name, number, column.head, *problem))
    if len(cells) > len(table.head):
        findings.append(Finding(table.name, number, "", "surplus", "这一行比表头多出内容。"))
    return values, findings


def _read_cell(column: Column, cell: Cell, values: dict[str, Value]) -> tuple[str, str] | None:
    if cell.problem:
        return cell.problem, _CELL_CAUSES[cell.problem]
    if not cell.text:
        values[column.field] = None
        return ("missing", "不能为空。") if column.is_needed else None
    try:
        values[column.field] = column.read(cell.text)
    except ValueError as error:
        return "malformed", str(error)
    return None
