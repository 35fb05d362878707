"""The one table of words (`reasons.json`), shared with the web app: reasons, checks, standings, errors."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words() -> dict[str, Any]:
    """Read the table: code → {zh, en, cause_zh, next_zh, next_en, level}; `check`, `standing`, `errors` hold their own."""
    table: dict[str, Any] = json.loads(files("liangzheng.verification").joinpath("reasons.json").read_text(encoding="utf-8"))
    return table
