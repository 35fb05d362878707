"""Builds the sealed OFD of each licence of the demo city, under `<licence identifier>.ofd`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pylopdf_fonts_zh_cn

from dev.city import pictures
from dev.city.authority import STATUS_URI, DemoAuthority, replace_file
from dev.city.licences import Licence
from dev.city.people import status_publisher
from liangzheng.catalogue.read import catalogue
from liangzheng.crypto.digests import sm3
from liangzheng.formats.ofd.fonts import embed_fonts
from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.ofd.sealing import seal_ofd
from liangzheng.formats.ofd.writer import DEMO_MARK, ISSUED_ON_LABEL, ISSUER_LABEL, LicenceDocument, write_licence_ofd

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEALED_AT = time(10)  # of the day of issue
CODE_TYPES = {"001": "统一社会信用代码", "111": "公民身份号码"}
NOTICES = ("本证照由演示城市的演示机构签发，仅供演示。", "左侧二维码为电子证照标识。")
BANDS = {  # blues, each kind its own
    "road_transport_permit": (24, 90, 180),
    "vehicle_certificate": (16, 108, 152),
    "driver_qualification": (34, 104, 196),
    "business_licence": (36, 70, 140),
    "guide_certificate": (58, 86, 178),
    "entertainment_permit": (62, 82, 128),
    "enforcement_certificate": (20, 54, 112),
}
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ALWAYS = "电子证照标识年月日0123456789. " + DEMO_MARK + ISSUER_LABEL + ISSUED_ON_LABEL


def write_licence_files(
    folder: Path, licences: Sequence[Licence], photos: Mapping[str, bytes], authority: DemoAuthority
) -> dict[str, Path]:
    """Write all files; gives the path by licence key. `photos` are PNGs by holder key."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = {licence.key: _document(licence, photos.get(licence.holder.key)) for licence in licences}
    font = _cut_font(documents.values())
    paths: dict[str, Path] = {}
    for licence in licences:
        plain = write_licence_ofd(documents[licence.key], font)
        issuer = licence.authority.key
        sealed_at = datetime.combine(licence.issued_on, SEALED_AT, SHANGHAI)
        sealed = seal_ofd(plain, authority.seals[issuer], authority.signers[issuer].key, sealed_at)
        paths[licence.key] = folder / f"{licence.identifier}.ofd"
        replace_file(paths[licence.key], sealed)
    return paths


def metadata(licence: Licence) -> LicenceMetadata:
    """What the file says about itself."""
    return LicenceMetadata(
        identifier=licence.identifier,
        name=licence.type_name,
        type_code=licence.type_code,
        number=licence.number,
        issuer=licence.authority.name,
        issuer_code=licence.authority.uscc,
        issued_on=licence.issued_on,
        holder=licence.holder.name,
        holder_code=licence.holder.code,
        holder_code_type=CODE_TYPES[licence.holder.code_type],
        holder_code_type_code=licence.holder.code_type,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        face=tuple((name.removeprefix("KZ_"), value) for name, value in licence.face.items()),
        is_demo=True,
        status_uri=STATUS_URI,
        status_org=status_publisher().uscc,
        status_index=licence.status_index,
    )


def _document(licence: Licence, photo: bytes | None) -> LicenceDocument:
    return LicenceDocument(
        title=licence.type_name,
        rows=_rows(licence),
        metadata=metadata(licence),
        document_id=sm3(licence.identifier.encode()).hex()[:32],
        created_on=licence.issued_on,
        photo=photo if licence.holder.kind == "person" else None,
        code=pictures.code(licence.identifier),
        notices=NOTICES,
        band=BANDS[licence.type_id],
    )


def _rows(licence: Licence) -> tuple[tuple[str, str], ...]:
    """Label and value as the catalogue names them: number, holder, face fields in its order, validity; nothing twice."""
    kind = next(item for item in catalogue().licence_types if item.id == licence.type_id)
    fields = [(field.label, licence.face[field.name]) for field in kind.face_fields if field.name in licence.face]
    own = {value: label for label, value in reversed(fields)}  # 姓名, 业户名称, 导游证号 rather than the general word
    holder = licence.holder
    first = [(own.get(licence.number, "证照编号"), licence.number), (own.get(holder.name, "持证主体"), holder.name)]
    if licence.type_id != "enforcement_certificate":
        first.append((CODE_TYPES[holder.code_type], holder.code))
    until = _day(licence.valid_to) if licence.valid_to else "长期"
    said = {value for _, value in first} | {until, licence.authority.name}
    rest = [(label, _readable(value)) for label, value in fields if value not in said]
    return (*first, *rest, ("有效期", f"{_day(licence.valid_from)}至{until}"))


def _readable(value: str) -> str:
    """A date as the face writes dates; anything else as it is."""
    return _day(date.fromisoformat(value)) if _ISO_DAY.fullmatch(value) else value


def _day(day: date) -> str:
    return f"{day.year}年{day.month:02d}月{day.day:02d}日"


def _cut_font(documents: Iterable[LicenceDocument]) -> bytes:
    """Cut the font once to the characters of all faces: cutting the whole font for each of them takes much longer."""
    texts = [_ALWAYS]
    for item in documents:
        texts += [item.title, item.metadata.issuer, item.metadata.identifier, *item.notices]
        texts += [text for row in item.rows for text in row]
    return embed_fonts([pylopdf_fonts_zh_cn.sans_path().read_bytes()], "".join(texts)).fonts[0].data
