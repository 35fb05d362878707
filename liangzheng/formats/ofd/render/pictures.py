"""Pictures as data URIs: decoded within bounds and written anew, so that nothing foreign passes through into the SVG."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image

from liangzheng.formats.ofd.render.budget import Budget

_READ = ("PNG", "JPEG", "BMP", "GIF")
_MARKS = {  # what is named but not drawn
    b"\x97JB2": "JBIG2", b"II*\x00": "TIFF", b"MM\x00*": "TIFF", b"RIFF": "WebP", b"\x00\x00\x00\x0cjP": "JPEG2000",
    b"PK\x03\x04": "OFD", b"<svg": "SVG", b"<?xml": "SVG",
}  # fmt: skip
_FAULTS = (
    OSError, SyntaxError, ValueError, ArithmeticError, LookupError, EOFError, TypeError, struct.error, zlib.error,
    Image.DecompressionBombError,
)  # fmt: skip
_KEPT = 4_000_000  # pixels: A4 at 200 dpi; larger ones are made smaller
_SCANS = 16  # of a progressive JPEG; each further so many cost as much as the picture again
_EVEN = {"L", "RGB", "RGBA"}  # modes whose pixels may be mixed as they are
_WIDEST = 30_000
_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture. `is_opaque` says that it has no transparency at all."""

    uri: str
    width: int
    height: int
    is_opaque: bool


class PictureError(ValueError):
    """It cannot be drawn. `kind` is picture_format (its name is in `detail`) or picture_unreadable."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


def read_picture(data: bytes, name: str, budget: Budget) -> Picture:
    """Decode PNG, JPEG, BMP or the first frame of a GIF. Raises PictureError, LimitError."""
    for mark, kind in _MARKS.items():
        if data.startswith(mark):
            raise PictureError("picture_format", kind)
    if name.lower().endswith((".jb2", ".jbig2")):
        raise PictureError("picture_format", "JBIG2")
    try:
        with Image.open(io.BytesIO(data), formats=_READ) as opened:
            if max(opened.size) > _WIDEST:
                raise PictureError("picture_unreadable", name)
            budget.spend("pixels", opened.width * opened.height * (1 + data.count(b"\xff\xda") // _SCANS))
            return _written(opened, keep_jpeg=opened.format == "JPEG")
    except _FAULTS as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError("picture_unreadable", name) from error


def _written(opened: Image.Image, *, keep_jpeg: bool) -> Picture:
    has_alpha = opened.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in opened.info
    mode = "RGBA" if has_alpha else "RGB"
    scale = (_KEPT / (opened.width * opened.height)) ** 0.5
    opened.draft("RGB", (int(opened.width * scale), int(opened.height * scale)))  # a JPEG is decoded smaller at once
    picture: Image.Image = opened
    scale = (_KEPT / (opened.width * opened.height)) ** 0.5
    if scale < 1:
        if opened.mode not in _EVEN:
            picture = opened.convert(mode)
        picture = picture.resize((max(1, int(opened.width * scale)), max(1, int(opened.height * scale))), Image.Resampling.BOX)
    picture = picture.convert(mode)
    buffer = io.BytesIO()
    if keep_jpeg:
        picture.save(buffer, "JPEG", quality=_QUALITY)
    else:
        picture.save(buffer, "PNG", compress_level=3)
    kind = "jpeg" if keep_jpeg else "png"
    uri = f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
    return Picture(uri, picture.width, picture.height, not has_alpha)
