"""Reads the rules of procedure from their data file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

STRICT = ConfigDict(extra="forbid", strict=True)
Level = Literal["block", "warn"]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule. `text` is the article as read on `text_as_of`; `confirmed` says who vouches for the reading."""

    id: str
    version: int
    title: str
    article: str
    text: str
    text_as_of: date
    level: Level
    effective_from: date
    effective_to: date | None
    message_zh: str
    unblock_zh: str
    confirmed: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class RuleBook:
    version: str
    rules: tuple[Rule, ...]


@cache
def rules() -> Mapping[str, Rule]:
    """The shipped rules by id. ValueError when the data file is wrong."""
    book = TypeAdapter(RuleBook).validate_json(files("liangzheng.rules").joinpath("rules.json").read_bytes())
    by_id = {rule.id: rule for rule in book.rules}
    if len(by_id) != len(book.rules):
        raise ValueError("rules.json: rule id twice")
    return by_id
