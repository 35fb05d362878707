"""告知: what a person is told before data about him leave (个人信息保护法第十七条、第三十五条).

Every version stays for good; none ever changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter, with_config

from liangzheng.rules.rulebook import STRICT


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class NoticePart:
    """One thing told, with the articles it rests on."""

    heading: str
    text: str
    article: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Notice:
    """One version, in force from and to whole days in China. `text_as_of`: when the articles were read."""

    version: str
    title: str
    effective_from: date
    effective_to: date | None
    text_as_of: date
    confirmed: str
    parts: tuple[NoticePart, ...]


@cache
def notices() -> Mapping[str, Notice]:
    """Every version ever shown. ValueError when the data file is wrong."""
    read = TypeAdapter(tuple[Notice, ...]).validate_json(files("liangzheng.rules").joinpath("notices.json").read_bytes())
    by_version = {notice.version: notice for notice in read}
    if len(by_version) != len(read):
        raise ValueError("notices.json: a version twice")
    return by_version


def notice_on(day: date) -> Notice:
    """Give the version in force on a day; before the first one, the first."""
    by_start = sorted(notices().values(), key=lambda notice: notice.effective_from)
    return [notice for notice in by_start if notice.effective_from <= day or notice is by_start[0]][-1]
