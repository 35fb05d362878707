"""电子证照元数据 inside an OFD (GB/T 36903-2018; names as used inside CustomDatas), read and written.

The names beginning with `LZ_` are this product's own: the demo mark, the place in a token status list, and its publisher.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from liangzheng.formats.ofd.errors import OfdError

FACE_PREFIX = "KZ_"
IS_DEMO = "LZ_IS_DEMO"
STATUS_URI = "LZ_STATUS_URI"
STATUS_INDEX = "LZ_STATUS_IDX"
STATUS_ORG = "LZ_STATUS_ORG"
VALID_FROM = "ZZYXQQSRQ"
VALID_TO = "ZZYXQJZRQ"
ISSUED_ON = "ZZBFRQ"

_TEXTS = {
    "identifier": "ZZBS",
    "name": "ZZMC",
    "type_code": "ZZLXDM",
    "number": "ZZBH",
    "issuer": "ZZBFJG",
    "issuer_code": "ZZBFJGDM",
    "holder": "CZZT",
    "holder_code": "CZZTDM",
    "holder_code_type": "CZZTDMLX",
    "holder_code_type_code": "CZZTDMLXDM",
    "status_uri": STATUS_URI,
    "status_org": STATUS_ORG,
}
_TELLING = ("ZZBS", "ZZLXDM", "ZZBH", "ZZBFJG")  # one of them, and the document says that it is a licence
_MULTIPLE = frozenset({"CZZT", "CZZTDM", "CZZTDMLX", "CZZTDMLXDM"})  # one item per holder
_NO_END = frozenset({"", "长期", "永久", "99991231"})
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T ]?\d{2}:?\d{2}:?\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class LicenceMetadata:
    """One licence as its own file describes it. Whole days are those of Asia/Shanghai; `valid_to=None` means without end.

    `face` holds the type-specific items without their `KZ_` prefix. `unreadable` names the dates of the file that are
    missing or could not be read: their fields are None but mean nothing. Several holders stand in one text, joined by "，".
    `status_org` is the credit code of the organisation that publishes the status list; empty means the issuing authority.
    """

    identifier: str
    name: str
    type_code: str
    number: str
    issuer: str
    issuer_code: str
    issued_on: date | None
    holder: str
    holder_code: str
    holder_code_type: str
    holder_code_type_code: str
    valid_from: date | None
    valid_to: date | None
    face: tuple[tuple[str, str], ...] = ()
    is_demo: bool = False
    status_uri: str = ""
    status_org: str = ""
    status_index: int | None = None
    unreadable: tuple[str, ...] = ()

    def custom_data(self) -> tuple[tuple[str, str], ...]:
        """Give the items as they are written into CustomDatas, in a fixed order."""
        texts = [(item, getattr(self, field)) for field, item in _TEXTS.items()]
        dates = [
            (ISSUED_ON, _written(self.issued_on)),
            (VALID_FROM, _written(self.valid_from)),
            (VALID_TO, _written(self.valid_to) or "99991231"),
        ]
        own = [(IS_DEMO, "true" if self.is_demo else "")]
        own.append((STATUS_INDEX, "" if self.status_index is None else str(self.status_index)))
        face = [(FACE_PREFIX + name, value) for name, value in self.face]
        return tuple((name, value) for name, value in (*texts, *dates, *own, *face) if value)

    def to_json(self) -> dict[str, object]:
        """Give the metadata under the names of this class, dates as YYYY-MM-DD."""
        return {
            **{field: getattr(self, field) for field in _TEXTS},
            "issued_on": self.issued_on and self.issued_on.isoformat(),
            "valid_from": self.valid_from and self.valid_from.isoformat(),
            "valid_to": self.valid_to and self.valid_to.isoformat(),
            "face": dict(self.face),
            "is_demo": self.is_demo,
            "status_index": self.status_index,
            "unreadable": list(self.unreadable),
        }


def read_metadata(items: Iterable[tuple[str, str]]) -> LicenceMetadata | None:
    """Read the CustomData items of OFD.xml; None when they do not describe a licence.

    Raises OfdError `ambiguous_metadata` when an item stands twice with different values: two readers could then see two licences.
    """
    found = _gather(items)
    if not any(found.get(name) for name in _TELLING):
        return None
    unreadable: list[str] = []
    return LicenceMetadata(
        **{field: found.get(item, "") for field, item in _TEXTS.items()},
        issued_on=_read_date(found, ISSUED_ON, unreadable),
        valid_from=_read_date(found, VALID_FROM, unreadable),
        valid_to=None if found.get(VALID_TO, "?") in _NO_END else _read_date(found, VALID_TO, unreadable),
        face=tuple((name.removeprefix(FACE_PREFIX), value) for name, value in found.items() if name.startswith(FACE_PREFIX)),
        is_demo=found.get(IS_DEMO, "").lower() == "true",
        status_index=_read_index(found.get(STATUS_INDEX, "")),
        unreadable=tuple(unreadable),
    )


def _gather(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in items:
        name, value = raw_name.strip().upper(), raw_value.strip()
        if name not in found:
            found[name] = value
        elif name in _MULTIPLE:
            found[name] += "，" + value
        elif found[name] != value:
            raise OfdError("ambiguous_metadata", name)
    return found


def _written(day: date | None) -> str:
    return "" if day is None else f"{day.year:04d}{day.month:02d}{day.day:02d}"


def _read_date(found: dict[str, str], name: str, unreadable: list[str]) -> date | None:
    match = _DATE.fullmatch(found.get(name, ""))
    if match:
        with suppress(ValueError):
            return date(int(match[1]), int(match[2]), int(match[3]))
    unreadable.append(name)
    return None


def _read_index(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None
