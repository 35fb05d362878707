"""What an annotated copy (加注件) says of itself (GB/T 36903-2018; names as used inside CustomDatas), and its original.

The original lies in it as an attachment, byte for byte, so that its own seals can still be judged. Items that begin with `LZ_`
are this product's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from liangzheng.formats.ofd.errors import OfdError
from liangzheng.formats.ofd.markup import child, children, parse, text
from liangzheng.formats.ofd.metadata import IS_DEMO
from liangzheng.formats.ofd.package import OfdPackage, resolve

PURPOSE, CREATOR, CREATED_AT, EXPIRES_AT = "JZJZZSY", "JZJZZZ", "JZJZZSJ", "JZJYXQJZSJ"
USER, ORIGINAL_SM3 = "LZ_JZJ_USER", "LZ_JZJ_ORIGINAL_SM3"

_ITEMS = frozenset({PURPOSE, CREATOR, CREATED_AT, EXPIRES_AT, USER, ORIGINAL_SM3})
_CHINA = timezone(timedelta(hours=8))
_TIME = "%Y%m%d%H%M%S"
_DIGITS = re.compile(r"(?:19|[2-9]\d)\d{12}", re.ASCII)  # nothing before 1900: the edge of what UTC can tell


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a copy says of itself. Times are aware, None when missing or unreadable; `original_sm3` is lower-case hexadecimal."""

    purpose: str
    user: str
    creator: str
    created_at: datetime | None
    expires_at: datetime | None
    original_sm3: str = ""
    is_demo: bool = False

    def custom_data(self) -> tuple[tuple[str, str], ...]:
        """Give the items as they are written into CustomDatas, in a fixed order."""
        items = (
            (PURPOSE, self.purpose),
            (USER, self.user),
            (CREATOR, self.creator),
            (CREATED_AT, _written(self.created_at)),
            (EXPIRES_AT, _written(self.expires_at)),
            (ORIGINAL_SM3, self.original_sm3),
            (IS_DEMO, "true" if self.is_demo else ""),
        )
        return tuple((name, value) for name, value in items if value)

    def to_json(self) -> dict[str, object]:
        """Give the annotation under the names of this class, times in UTC."""
        return {
            "purpose": self.purpose,
            "user": self.user,
            "creator": self.creator,
            "created_at": self.created_at and self.created_at.isoformat(),
            "expires_at": self.expires_at and self.expires_at.isoformat(),
            "original_sm3": self.original_sm3,
            "is_demo": self.is_demo,
        }


def read_annotation(items: Iterable[tuple[str, str]]) -> Annotation | None:
    """Read the CustomData items of OFD.xml; None when they describe no annotated copy.

    Raises OfdError `ambiguous_metadata` when an item stands twice with different values.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in items:
        name, value = raw_name.strip().upper(), raw_value.strip()
        if name in {*_ITEMS, IS_DEMO} and found.setdefault(name, value) != value:
            raise OfdError("ambiguous_metadata", name)
    if not any(found.get(name) for name in _ITEMS):
        return None
    return Annotation(
        purpose=found.get(PURPOSE, ""),
        user=found.get(USER, ""),
        creator=found.get(CREATOR, ""),
        created_at=_read_time(found.get(CREATED_AT, "")),
        expires_at=_read_time(found.get(EXPIRES_AT, "")),
        original_sm3=found.get(ORIGINAL_SM3, "").lower(),
        is_demo=found.get(IS_DEMO, "").lower() == "true",
    )


def original_of(package: OfdPackage) -> bytes | None:
    """Give the one attachment of the one document; None when there is none, or not exactly one."""
    if len(package.document_roots) != 1 or package.document_roots[0] not in package.files:
        return None
    root_path = package.document_roots[0]
    named = text(child(parse(package.files[root_path], root_path), "attachments", root_path))
    list_path = resolve(root_path.rpartition("/")[0], named) if named else ""
    if list_path not in package.files:
        return None
    entries = list(children(parse(package.files[list_path], list_path), "attachment"))
    if len(entries) != 1:
        return None
    location = text(child(entries[0], "fileloc", list_path))
    return package.files.get(resolve(list_path.rpartition("/")[0], location)) if location else None


def _written(moment: datetime | None) -> str:
    return moment.astimezone(_CHINA).strftime(_TIME) if moment else ""


def _read_time(value: str) -> datetime | None:
    """Read a time of Asia/Shanghai, yyyyMMddHHmmss."""
    if _DIGITS.fullmatch(value):
        with suppress(ValueError):
            return datetime.strptime(value, _TIME).replace(tzinfo=_CHINA)
    return None
