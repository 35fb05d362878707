"""JSON as signed tokens carry it (RFC 8259, RFC 7493, RFC 7515), strict: two readers can see one value only.

Refused: the same key twice, fractions and exponents, NaN and Infinity, lone surrogates, anything but UTF-8, a byte order mark,
more than 10,000 values. base64url without padding, in the one form of its bytes.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import NoReturn

MAX_VALUES = 10_000

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*")


class BadJson(ValueError):  # noqa: N818 - reads as the fact it is
    """These bytes are not such JSON, or not such base64url."""


def read_json(data: bytes) -> object:
    """Read one value. Raises BadJson."""
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise BadJson("too many values")
    try:
        value: object = json.loads(data.decode(), object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadJson("not strict JSON") from error
    return value


def read_object(data: bytes) -> dict[str, object]:
    """Read one object. Raises BadJson."""
    value = read_json(data)
    if not isinstance(value, dict):
        raise BadJson("not a JSON object")
    return value


def to_base64url(data: bytes) -> bytes:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def from_base64url(text: bytes) -> bytes:
    """Read base64url without padding; of several texts for the same bytes only one is accepted. Raises BadJson."""
    if not _BASE64URL.fullmatch(text):
        raise BadJson("not base64url")
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise BadJson("not base64url") from error
    if to_base64url(data) != text:
        raise BadJson("unused bits are set")
    return data


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a key twice")
    return found


def _refuse(text: str) -> NoReturn:
    raise BadJson(f"{text[:20]} is not allowed")
