"""Pictures of the demo city: schematic faces, seals and 2-D codes. Every face and seal says 演示 and imitates nobody."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import pylopdf_fonts_zh_cn
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from liangzheng.crypto.digests import sm3

PHOTO = (295, 413)  # pixels: one inch by the width-to-height of an identity photo
SEAL = 400
_SCALE = 2  # drawn larger, then reduced: smooth edges
_SKIN = ((244, 211, 186), (232, 190, 160), (219, 172, 140), (250, 222, 200))
_HAIR = ((38, 34, 32), (58, 46, 40), (76, 60, 52), (24, 26, 30))
_COAT = ((42, 86, 140), (38, 110, 100), (92, 74, 130), (130, 84, 62), (70, 80, 92))
_GROUND = ((214, 230, 246), (222, 238, 228), (240, 230, 216), (230, 226, 242))
_RED = (196, 30, 42)

Colour = tuple[int, int, int]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(pylopdf_fonts_zh_cn.sans_path(), size)


def face(name: str, *, female: bool) -> bytes:
    """A friendly drawn face as PNG of 295 × 413 pixels; the same name gives the same face."""
    seed = sm3(name.encode())
    width, height = (side * _SCALE for side in PHOTO)
    image = Image.new("RGB", (width, height), _pick(_GROUND, seed[0]))
    draw = ImageDraw.Draw(image)
    skin, hair = _pick(_SKIN, seed[1]), _pick(_HAIR, seed[2])
    middle = width // 2
    if female:  # long hair falls behind the shoulders
        draw.rounded_rectangle((middle - 150, 170, middle + 150, 560), 120, fill=hair)
    draw.ellipse((middle - 235, 545, middle + 235, 1050), fill=_pick(_COAT, seed[3]))
    draw.polygon([(middle - 60, 548), (middle + 60, 548), (middle, 640)], fill=(250, 250, 250))
    draw.rounded_rectangle((middle - 48, 440, middle + 48, 580), 44, fill=_darker(skin))
    draw.ellipse((middle - 148, 300, middle - 108, 380), fill=skin)
    draw.ellipse((middle + 108, 300, middle + 148, 380), fill=skin)
    draw.ellipse((middle - 130, 160, middle + 130, 500), fill=skin)
    _hair(draw, middle, (hair, skin), seed[4], female=female)
    _features(draw, middle, seed, hair)
    _band(draw, width, height)
    return _png(image.resize(PHOTO, Image.Resampling.LANCZOS))


def _hair(draw: ImageDraw.ImageDraw, middle: int, colours: tuple[Colour, Colour], seed: int, *, female: bool) -> None:
    """A cap of hair, then the forehead over it; where that sits makes the parting."""
    hair, skin = colours
    draw.pieslice((middle - 144, 122, middle + 144, 440), 178, 362, fill=hair)
    part = -34 + seed % 69
    side = 104 if female else 118
    draw.ellipse((middle - side + part // 2, 214 + abs(part) // 3, middle + side + part // 2, 480), fill=skin)


def _features(draw: ImageDraw.ImageDraw, middle: int, seed: bytes, hair: Colour) -> None:
    for side in (-1, 1):
        eye = middle + side * 52
        draw.ellipse((eye - 13, 318, eye + 13, 344), fill=(40, 36, 36))
        draw.ellipse((eye - 5, 321, eye + 3, 329), fill=(255, 255, 255))
        draw.arc((eye - 28, 284, eye + 28, 330), 205, 335, fill=hair, width=7)
        if seed[5] % 3 == 0:  # glasses
            draw.rounded_rectangle((eye - 38, 302, eye + 38, 362), 22, outline=(70, 74, 84), width=5)
    if seed[5] % 3 == 0:
        draw.line((middle - 14, 328, middle + 14, 328), fill=(70, 74, 84), width=5)
    draw.arc((middle - 16, 360, middle + 16, 392), 20, 160, fill=(176, 124, 100), width=5)
    draw.arc((middle - 52, 376, middle + 52, 446), 25, 155, fill=(176, 66, 66), width=8)


def _band(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """The text band over the chest: nobody takes this for an identity photo."""
    draw.rectangle((0, height - 118, width, height), fill=(255, 255, 255))
    draw.text((width / 2, height - 60), "演示　虚构人物", font=_font(62), fill=_RED, anchor="mm")


def seal(lines: Sequence[str]) -> bytes:
    """A demo seal as PNG with clear ground: a plain rounded frame with 演示; no star, no ring of text, no emblem."""
    size = SEAL * _SCALE
    image = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    ink = (*_RED, 235)
    draw.rounded_rectangle((24, 150, size - 24, size - 150), 90, outline=ink, width=14)
    draw.text((size / 2, 282), "演　示", font=_font(160), fill=ink, anchor="mm")
    draw.line((110, 396, size - 110, 396), fill=ink, width=6)
    for number, line in enumerate(lines):
        draw.text((size / 2, 462 + 96 * number), line, font=_font(_fitting(line, size - 190, 68)), fill=ink, anchor="mm")
    return _png(image.resize((SEAL, SEAL), Image.Resampling.LANCZOS))


def _fitting(line: str, room: int, largest: int) -> int:
    return next((size for size in range(largest, 20, -2) if _font(size).getlength(line) <= room), 20)


def code(text: str) -> bytes:
    """A QR code as PNG, error correction M."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return _png(Image.fromarray(barcode.to_image(scale=4)))


def _pick(colours: Sequence[Colour], seed: int) -> Colour:
    return colours[seed % len(colours)]


def _darker(colour: Colour) -> Colour:
    red, green, blue = (int(value * 0.9) for value in colour)
    return red, green, blue


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG", optimize=False)
    return written.getvalue()
