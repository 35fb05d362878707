"""Reads the record of a licence to be issued: JSON under the names of GB/T 36903-2018 as exchange tables write them.

Beside them `serial` (when there is no identifier yet), `face` (label and value pairs), `notices`, `photo` (a file beside the
record) and `status` (`uri`, `index`, `organisationCode`). Dates are YYYY-MM-DD. Every licence issued here is a demo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from liangzheng.crypto.digests import sm3
from liangzheng.formats.identifiers import BadIdentifier, is_uscc_form, make_licence_identifier, read_licence_identifier
from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.ofd.writer import LicenceDocument
from liangzheng.formats.strict_json import BadJson, read_object

DEMO_NOTICE = "本证照由演示签发工具签发，仅供演示。"
_NUMBER, _HOLDER = "证照编号", "持证主体"
_NO_END = frozenset({"", "长期", "9999-12-31"})
_OPTIONAL = frozenset(
    {"certificateIdentifier", "certificateVersion", "certificateExpiringDate", "serial", "photo", "face", "notices", "extendInfo"}
    | {"status"}
)
_TEXTS = {
    "name": "certificateName",
    "type_code": "certificateTypeCode",
    "number": "certificateNumber",
    "issuer": "certificateIssuingAuthorityName",
    "issuer_code": "certificateIssuingAuthorityCode",
    "holder": "certificateHolderName",
    "holder_code": "certificateHolderCode",
    "holder_code_type": "certificateHolderTypeName",
    "holder_code_type_code": "certificateHolderType",
}
_ISSUED, _FROM, _UNTIL = "certificateIssuedDate", "certificateEffectiveDate", "certificateExpiringDate"
_KNOWN = _OPTIONAL | set(_TEXTS.values()) | {_ISSUED, _FROM}


class BadRecord(ValueError):  # noqa: N818 - reads as the fact it is
    """This record does not make a licence. `reason` is a stable code, `detail` names the field."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Record:
    """A licence before it is written. `photo` is the name of a file beside the record, "" for none."""

    metadata: LicenceMetadata
    rows: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    photo: str

    def named(self, status_uri: str, size: int) -> Record:
        """Give the record with a place in this status list of `size` licences, unless it names one itself."""
        if self.metadata.status_uri:
            return self
        place = int.from_bytes(sm3(self.metadata.identifier.encode())[:4]) % size
        return replace(self, metadata=replace(self.metadata, status_uri=status_uri, status_index=place))

    def document(self, photo: bytes | None, code: bytes, today: date) -> LicenceDocument:
        """Give what is drawn; `code` is the picture of the 2-D code."""
        return LicenceDocument(
            title=self.metadata.name,
            rows=self.rows,
            metadata=self.metadata,
            document_id=sm3(self.metadata.identifier.encode()).hex()[:32],
            created_on=today,
            photo=photo,
            code=code,
            notices=self.notices,
        )


def read_record(data: bytes) -> Record:
    """Read a record. Raises BadRecord `record_unreadable`, `record_field_missing`, `_wrong` or `_unknown`."""
    try:
        found = read_object(data)
    except BadJson as error:
        raise BadRecord("record_unreadable", str(error)) from error
    if unknown := sorted(set(found) - _KNOWN):
        raise BadRecord("record_field_unknown", unknown[0])
    metadata = _metadata(found)
    return Record(
        metadata=metadata,
        rows=_rows(metadata, _pairs(found)),
        notices=(DEMO_NOTICE, *_list_of_texts(found, "notices")),
        photo=_text(found, "photo", needed=False),
    )


def _metadata(found: Mapping[str, object]) -> LicenceMetadata:
    texts = {field: _text(found, name) for field, name in _TEXTS.items()}
    if not is_uscc_form(texts["issuer_code"]):
        raise BadRecord("record_field_wrong", _TEXTS["issuer_code"])
    until = _text(found, _UNTIL, needed=False)
    issued, start = _day(found, _ISSUED), _day(found, _FROM)
    end = None if until in _NO_END else _day(found, _UNTIL)
    if end is not None and end < start:
        raise BadRecord("record_field_wrong", _UNTIL)
    status = _status(found)
    return LicenceMetadata(
        identifier=_identifier(found, texts["type_code"], texts["issuer_code"]),
        name=texts["name"],
        type_code=texts["type_code"],
        number=texts["number"],
        issuer=texts["issuer"],
        issuer_code=texts["issuer_code"],
        issued_on=issued,
        holder=texts["holder"],
        holder_code=texts["holder_code"],
        holder_code_type=texts["holder_code_type"],
        holder_code_type_code=texts["holder_code_type_code"],
        valid_from=start,
        valid_to=end,
        face=tuple(_texts_of(found, "extendInfo").items()),
        is_demo=True,
        status_uri=str(status.get("uri", "")),
        status_org=str(status.get("organisationCode", "")),
        status_index=_index(status),
    )


def _identifier(found: Mapping[str, object], type_code: str, issuer_code: str) -> str:
    """Give the identifier of the record, its check digit right, or make one of `serial` and version."""
    given, version = (
        _text(found, "certificateIdentifier", needed=False),
        _text(found, "certificateVersion", needed=False) or "001",
    )
    try:
        if not given:
            return make_licence_identifier(type_code, issuer_code, _text(found, "serial"), int(version))
        identifier = read_licence_identifier(given)
    except (BadIdentifier, ValueError) as error:
        if isinstance(error, BadRecord):
            raise
        raise BadRecord("record_field_wrong", "certificateIdentifier" if given else "serial") from error
    if identifier.warnings:
        raise BadRecord("record_field_wrong", f"certificateIdentifier {identifier.warnings[0]}")
    return identifier.text


def _rows(metadata: LicenceMetadata, face: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    start, end = metadata.valid_from, metadata.valid_to
    until = f"{end:%Y年%m月%d日}" if end else "长期"
    return (
        (_NUMBER, metadata.number),
        (_HOLDER, metadata.holder),
        (metadata.holder_code_type, metadata.holder_code),
        *face,
        ("有效期", f"{start:%Y年%m月%d日}至{until}"),
    )


def _text(found: Mapping[str, object], name: str, *, needed: bool = True) -> str:
    value = found.get(name, "")
    if not isinstance(value, str):
        raise BadRecord("record_field_wrong", name)
    if needed and not value.strip():
        raise BadRecord("record_field_missing", name)
    return value.strip()


def _day(found: Mapping[str, object], name: str) -> date:
    try:
        return date.fromisoformat(_text(found, name))
    except BadRecord:
        raise
    except ValueError as error:
        raise BadRecord("record_field_wrong", name) from error


def _texts_of(found: Mapping[str, object], name: str) -> dict[str, str]:
    value = found.get(name, {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadRecord("record_field_wrong", name)
    return {str(key): str(text) for key, text in value.items()}


def _list_of_texts(found: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = found.get(name, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BadRecord("record_field_wrong", name)
    return tuple(value)


def _pairs(found: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Read the list of label and value."""
    pairs: list[tuple[str, str]] = []
    value = found.get("face", [])
    for pair in value if isinstance(value, list) else [None]:
        match pair:
            case [str(label), str(text)]:
                pairs.append((label, text))
            case _:
                raise BadRecord("record_field_wrong", "face")
    return tuple(pairs)


def _status(found: Mapping[str, object]) -> dict[str, object]:
    value = found.get("status", {})
    if not isinstance(value, dict) or set(value) - {"uri", "index", "organisationCode"}:
        raise BadRecord("record_field_wrong", "status")
    return value


def _index(status: Mapping[str, object]) -> int | None:
    index = status.get("index")
    if index is not None and (isinstance(index, bool) or not isinstance(index, int) or index < 0):
        raise BadRecord("record_field_wrong", "status")
    return index
