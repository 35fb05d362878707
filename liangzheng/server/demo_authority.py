"""A demo authority in a folder: root, seal maker, an issuing body and an annotating platform with their seals, and the lists.

Its names and its seals say 演示; nobody trusts it who was not given its `trust` folder. What is there is used again, only the
lists are signed anew.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from liangzheng.crypto.certificates import Certificate, Subject, issue_certificate, read_certificate
from liangzheng.crypto.revocation import issue_crl
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.seals.seal import SealDesign, SealPicture, make_seal
from liangzheng.formats.status_list import Publication, encode_status_list

STATUS_URI = "https://status.liangzheng.example/lists/issue"  # .example is reserved (RFC 2606)
STATUS_SIZE = 1024
SIGNER, PLATFORM, TRUST = "signer", "platform", "trust"
PLATFORM_NAME, PLATFORM_CODE = "亮证演示加注平台（演示）", "11379906MADEM09991"

_LASTS, _LISTS_LAST = timedelta(days=3653), timedelta(days=400)
_MARK = "（演示）"
_SEAL_MM, _PIXELS, _RED = 40, 400, (196, 30, 42, 235)


@dataclass(frozen=True, slots=True)
class _Identity:
    certificate: Certificate
    key: SM2PrivateKey


def make_demo_authority(folder: Path, issuer: str, issuer_code: str, now: datetime) -> None:
    """Make what is missing in the folder for an issuing body of this name and credit code, and sign the lists as of `now`."""
    (folder / TRUST).mkdir(parents=True, exist_ok=True)
    root = _identity(folder, "root", Subject("亮证演示签发根证书（演示）", "亮证演示签发（演示）"), None, now)
    maker = _identity(folder, "seal-maker", Subject("亮证演示印章制作（演示）", "亮证演示签发（演示）"), root, now)
    name = issuer if "演示" in issuer else issuer + _MARK
    signer = _identity(folder, SIGNER, Subject(name, name, issuer_code), root, now)
    platform = _identity(folder, PLATFORM, Subject(PLATFORM_NAME, PLATFORM_NAME, PLATFORM_CODE), root, now)
    for number, (file, owner) in enumerate(((SIGNER, signer), (PLATFORM, platform)), start=1):
        if not (path := folder / f"{file}.esl").exists():
            replace_file(path, _seal(number, owner, maker))
    at = now - timedelta(hours=1)
    until = now + _LISTS_LAST
    crl = issue_crl(root.certificate, root.key, (), this_update=at, next_update=until, number=int(now.timestamp()))
    publication = Publication(STATUS_URI, at, until)
    token = encode_status_list({}, size=STATUS_SIZE, publication=publication, key=signer.key, chain=(signer.certificate,))
    replace_file(folder / TRUST / "root.cer", root.certificate.pem())
    replace_file(folder / TRUST / "root.crl", crl)
    replace_file(folder / TRUST / "status-list.jwt", token)


def replace_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, with these permissions from its first byte on."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    part.replace(path)


def _identity(folder: Path, name: str, subject: Subject, issuer: _Identity | None, now: datetime) -> _Identity:
    """Read key and certificate, or make both."""
    key_path, path = folder / f"{name}.key.pem", folder / f"{name}.cer"
    if key_path.exists() and path.exists():
        return _Identity(read_certificate(path.read_bytes()), SM2PrivateKey.from_pem(key_path.read_bytes()))
    key = SM2PrivateKey.generate()
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    encoded = issue_certificate(
        subject,
        key.public_key,
        issuer=issuer.certificate if issuer else None,
        issuer_key=issuer.key if issuer else key,
        validity=(midnight - timedelta(days=1), midnight + _LASTS),
        path_length=None if issuer else 0,
    )
    certificate = read_certificate(encoded)
    replace_file(key_path, key.to_pem(), mode=0o600)
    replace_file(path, certificate.pem())
    return _Identity(certificate, key)


def _seal(number: int, owner: _Identity, maker: _Identity) -> bytes:
    certificate = owner.certificate
    design = SealDesign(
        seal_id=f"LZISSUE{number:07d}",
        name=f"{certificate.organisation}电子印章",
        picture=SealPicture("PNG", _imprint(certificate.organisation.removesuffix(_MARK)), _SEAL_MM, _SEAL_MM),
        created_at=certificate.not_before,
        valid_from=certificate.not_before,
        valid_to=certificate.not_after,
    )
    return make_seal(design, [certificate.der], maker.certificate.der, maker.key).encoded


def _imprint(name: str) -> bytes:
    """Draw a plain rounded frame with 演示 on clear ground: no star, no ring of text, no emblem."""
    image = Image.new("RGBA", (_PIXELS, _PIXELS), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    middle = _PIXELS / 2
    draw.rounded_rectangle((12, 75, _PIXELS - 12, _PIXELS - 75), 45, outline=_RED, width=7)
    draw.text((middle, 141), "演　示", font=ImageFont.truetype(sans_path(), 78), fill=_RED, anchor="mm")
    draw.line((55, 198, _PIXELS - 55, 198), fill=_RED, width=3)
    fonts = (ImageFont.truetype(sans_path(), size) for size in range(34, 9, -1))
    font = next((font for font in fonts if font.getlength(name) <= _PIXELS - 95), ImageFont.truetype(sans_path(), 10))
    draw.text((middle, 231), name, font=font, fill=_RED, anchor="mm")
    draw.text((middle, 279), "电子印章样式", font=ImageFont.truetype(sans_path(), 30), fill=_RED, anchor="mm")
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()
