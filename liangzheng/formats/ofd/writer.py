"""Writes a licence (电子证照) as a one-page OFD: GB/T 33190-2016 for the package, GB/T 36905-2018 for what it carries."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

from PIL import Image, UnidentifiedImageError

from liangzheng.formats.ofd import face
from liangzheng.formats.ofd.errors import FaceError
from liangzheng.formats.ofd.fonts import embed_fonts
from liangzheng.formats.ofd.metadata import LicenceMetadata
from liangzheng.formats.ofd.sheets import DocumentInfo, Picture, Place, Sheet, write_sheets

DEMO_MARK = "演示样本，不是真实证照"
ISSUER_LABEL, ISSUED_ON_LABEL = "发证机关", "发证日期"


@dataclass(frozen=True, slots=True)
class LicenceDocument:
    """What stands on the face of one licence, and what its file says about itself.

    `rows` are label and value in reading order. `photo` is PNG or JPEG, `code` a PNG of the 2-D code. `band` is the colour of
    the band as RGB, `document_id` 32 lower-case hexadecimal digits. With `metadata.is_demo` the face says 演示 by itself.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    metadata: LicenceMetadata
    document_id: str
    created_on: date
    photo: bytes | None = None
    code: bytes | None = None
    notices: tuple[str, ...] = ()
    band: tuple[int, int, int] = (22, 93, 255)


def write_licence_ofd(document: LicenceDocument, *fonts: bytes) -> bytes:
    """Write the OFD. The same document and fonts give the same bytes.

    `fonts` are OpenType or TrueType files; each character is drawn by the first that has it.
    Raises FaceError: `missing_glyph` when no font has a character of the face, `unprintable` for control characters,
    `face_full` when something does not fit, `bad_picture` when a picture is neither PNG nor JPEG, `bad_document_id`.
    """
    words = _words(document)
    embedded = embed_fonts(fonts, words.characters())
    photo = _picture("photo", document.photo, face.PHOTO_BOX)
    code = _picture("code", document.code, face.CODE_BOX)
    items = face.lay_out(words, embedded, document.band, photo=photo.place if photo else None, code=code.place if code else None)
    info = DocumentInfo(document.document_id, document.title, document.created_on, document.metadata.custom_data())
    return write_sheets(info, [Sheet(face.PAGE, items, [item for item in (photo, code) if item])], embedded)


def _words(document: LicenceDocument) -> face.FaceText:
    metadata = document.metadata
    day = metadata.issued_on
    issued_on = f"{day.year}年{day.month:02d}月{day.day:02d}日" if day else ""
    return face.FaceText(
        title=document.title,
        rows=document.rows,
        notices=document.notices,
        signed_by=tuple(row for row in ((ISSUER_LABEL, metadata.issuer), (ISSUED_ON_LABEL, issued_on)) if row[1]),
        identifier=f"电子证照标识 {metadata.identifier}" if metadata.identifier else "",
        demo_mark=DEMO_MARK if metadata.is_demo else "",
    )


def _picture(name: str, data: bytes | None, box: Place) -> Picture | None:
    if data is None:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            kind, size = str(picture.format), picture.size
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise FaceError("bad_picture", name) from error
    return Picture(f"{name}.{'png' if kind == 'PNG' else 'jpg'}", kind, data, face.fit(box, size))
