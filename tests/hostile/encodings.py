"""DER, CBOR, JSON tokens, codes and pictures of codes that would keep a trusting reader busy, made for `liangzheng verify`."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache

import zxingcpp
from PIL import Image

from liangzheng.codes.offline_code import PREFIX
from liangzheng.crypto import der
from liangzheng.crypto.rsa import RSA_OID
from liangzheng.formats import base45
from liangzheng.formats.cbor import Tagged, encode
from liangzheng.formats.strict_json import to_base64url
from tests.hostile.drawings import gif, jpeg, jpeg_scans, png
from tests.hostile.packages import MEGABYTE, noise

NOW = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NAME = der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), der.utf8("演示"))))
SM2_SPKI_HEAD = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.156.10197.1.301"))


def nested(levels: int, tag: int = der.SEQUENCE, inside: bytes = b"") -> bytes:
    """So many elements in each other. Written from the inside out, its length grows with every length."""
    heads: list[bytes] = []
    size = len(inside)
    for _ in range(levels):
        head = der.element(tag, bytes(size))[: len(der.element(tag, bytes(min(size, 1)))) - min(size, 1)] if size < 128 else b""
        if not head:
            octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
            head = bytes((tag, 0x80 | len(octets))) + octets
        heads.append(head)
        size += len(head)
    return b"".join(reversed(heads)) + inside


def rsa_key(bits: int, exponent: int) -> bytes:
    numbers = der.sequence(der.integer((1 << bits) - 1), der.integer(exponent))
    return der.sequence(der.sequence(der.oid(RSA_OID), der.null()), der.bit_string(numbers))


def certificate(spki: bytes, *, name: bytes = NAME, algorithm: str = "1.2.840.113549.1.1.11", signature: bytes = b"1") -> bytes:
    """A certificate by nobody: its signature is none."""
    named = der.sequence(der.oid(algorithm), der.null())
    times = der.sequence(der.time(datetime(2025, 1, 1, tzinfo=UTC)), der.time(datetime(2031, 1, 1, tzinfo=UTC)))
    tbs = der.sequence(der.explicit(0, der.integer(2)), der.integer(1), named, name, times, name, spki)
    return der.sequence(tbs, named, der.bit_string(signature))


def seal(certificates: bytes = b"", *, picture: bytes = b"1", maker: bytes = b"1", name: bytes = b"") -> bytes:
    moment = der.generalized_time(NOW)
    properties = der.sequence(
        der.integer(1),
        name or der.utf8("演示"),
        der.integer(1),
        der.element(der.SEQUENCE, certificates),
        *[moment] * 3,
    )
    drawn = der.sequence(der.ia5("PNG"), der.octet_string(picture), der.integer(40), der.integer(40))
    info = der.sequence(der.sequence(der.ia5("ES"), der.integer(4), der.ia5("x")), der.ia5("1"), properties, drawn)
    return der.sequence(info, der.octet_string(maker), der.oid("1.2.156.10197.1.501"), der.bit_string(b"1"))


def timestamp(certificates: bytes, info: bytes = b"1") -> bytes:
    signed = der.sequence(
        der.integer(3),
        der.element(der.SET, b""),
        der.sequence(der.oid("1.2.840.113549.1.9.16.1.4"), der.explicit(0, der.octet_string(info))),
        der.element(der.context(0), certificates),
        der.element(der.SET, b""),
    )
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, signed))


def token(payload: bytes, *, typ: str = "statuslist+jwt", header: Mapping[str, object] | None = None) -> bytes:
    head = json.dumps({"alg": "SM2SM3", "typ": typ, "x5c": ["MAA="], **(header or {})}).encode()
    return to_base64url(head) + b"." + to_base64url(payload) + b"." + to_base64url(bytes(64))


def status_jwt(packed: bytes) -> bytes:
    listed = {
        "sub": "https://status.example/1",
        "iat": 1,
        "exp": 2,
        "status_list": {"bits": 1, "lst": to_base64url(packed).decode()},
    }
    return token(json.dumps(listed).encode(), header={"x5c": [to_text(certificate(rsa_key(2048, 65537)))]})


def to_text(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def status_cwt(payload: bytes, protected: bytes | None = None) -> bytes:
    return encode(Tagged(18, (encode({1: -7}) if protected is None else protected, {}, payload, bytes(64))))


def deep_json(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def code(plain: bytes, packed: bytes | None = None) -> bytes:
    return (PREFIX + base45.encode(zlib.compress(plain, 9) if packed is None else packed)).encode()


@cache
def bomb(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def picture_of(*texts: str) -> bytes:
    """A PNG with a QR code of each of these texts, side by side."""
    kind = zxingcpp.BarcodeFormat.QRCode
    codes = [Image.fromarray(zxingcpp.create_barcode(text, kind, ec_level="M").to_image(scale=4)) for text in texts]
    size = sum(code.width + 40 for code in codes) or 200, max((code.height for code in codes), default=200) + 40
    page = Image.new("L", size, 255)
    place = 20
    for code in codes:
        page.paste(code, (place, 20))
        place += code.width + 40
    written = io.BytesIO()
    page.save(written, "PNG")
    return written.getvalue()


@cache
def finders(width: int, height: int) -> bytes:
    """A picture full of the corners that QR codes are found by."""
    corner = Image.new("L", (9, 9), 255)
    corner.paste(0, (1, 1, 8, 8))
    corner.paste(255, (2, 2, 7, 7))
    corner.paste(0, (3, 3, 6, 6))
    page = Image.new("L", (width, height), 255)
    for x in range(0, width, 9):
        page.paste(corner, (x, 0))
    row = page.crop((0, 0, width, 9))
    for y in range(0, height, 9):
        page.paste(row, (0, y))
    written = io.BytesIO()
    page.save(written, "PNG")
    return written.getvalue()


@cache
def snow(width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.frombytes("1", (width, height), noise(width * height // 8)).save(written, "PNG")
    return written.getvalue()


def text_chunks(count: int) -> bytes:
    from tests.hostile.drawings import chunk

    data = png(9, 9)
    cut = data.rfind(b"IDAT") - 4
    return data[:cut] + chunk(b"zTXt", b"a\0\0" + bomb(60 * MEGABYTE)) * count + data[cut:]


ENCODINGS: Mapping[str, Callable[[], bytes]] = {
    "text: nothing": bytes,
    "text: fifty megabytes of spaces": lambda: b" " * 50 * MEGABYTE,
    "text: fifty megabytes of one letter": lambda: b"a" * 50 * MEGABYTE,
    "text: four thousand letters that fold": lambda: b"\xef\xb7\xba" * 1_300,
    "text: 51 MB": lambda: b"a" * 51 * MEGABYTE,
    "der: a million levels": lambda: b"\xff".join((nested(300_000), b""))[:-1],
    "der: twenty million elements": lambda: nested(1, inside=b"\x05\x00" * 10_000_000) ,
    "der: fifty megabytes in one element": lambda: nested(4, inside=der.octet_string(noise(49 * MEGABYTE))),
    "der: says it is 4 GB long": lambda: b"\x30\x84\xff\xff\xff\xff\x30\x80",
    "der: a length of 127 bytes": lambda: b"\x30\xff" + b"\xff" * 127,
    "seal: four thousand certificates": lambda: seal(der.octet_string(certificate(rsa_key(2048, 3))) * 4_000),
    "seal: forty megabytes of certificates": lambda: seal(der.octet_string(noise(20_000)) * 2_000),
    "seal: a picture of forty megabytes": lambda: seal(picture=noise(40 * MEGABYTE)),
    "seal: a name of forty megabytes": lambda: seal(name=der.utf8("\ufdfa" * 13_000_000)),
    "seal: a maker with an RSA key of a million bits": lambda: seal(maker=certificate(rsa_key(500_000, 65537))),
    "seal: a maker with an exponent of a million bits": lambda: seal(maker=certificate(rsa_key(2048, (1 << 500_000) + 1))),
    "seal: a maker whose key is no point": lambda: seal(
        maker=certificate(der.sequence(SM2_SPKI_HEAD, der.bit_string(b"\x04" + b"\x07" * 64)), algorithm="1.2.156.10197.1.501")
    ),
    "seal: a maker with sixty thousand letters in the name": lambda: seal(
        maker=certificate(
            rsa_key(2048, 3), name=der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), der.utf8("\ufdfa" * 10_000))))
        )
    ),
    "seal: a maker with four thousand names": lambda: seal(
        maker=certificate(rsa_key(2048, 3), name=der.element(der.SEQUENCE, der.read(NAME).content * 1_500))
    ),
    "time stamp: fifty megabytes of certificates": lambda: timestamp(certificate(rsa_key(2048, 3)) * 100_000),
    "time stamp: a thousand certificates": lambda: timestamp(certificate(rsa_key(2048, 3)) * 200),
    "jwt: a header of forty megabytes": lambda: token(b"{}", header={"a": "b" * 28 * MEGABYTE}),
    "jwt: a header of ten megabytes": lambda: token(b"{}", header={"a": "b" * 7 * MEGABYTE}),
    "jwt: a header of a million brackets": lambda: to_base64url(deep_json(1_000_000)) + b".e30.AA",
    "jwt: a header of five thousand brackets": lambda: to_base64url(b'{"typ":' + deep_json(4_500) + b"}") + b".e30.AA",
    "jwt: a payload of five thousand brackets": lambda: token(deep_json(4_500)),
    "jwt: a number of four thousand digits": lambda: token(b'{"iat":' + b"9" * 4_000 + b"}"),
    "jwt: a number of eleven million digits": lambda: token(b'{"iat":' + b"9" * 11_000_000 + b"}"),
    "jwt: a million dots": lambda: b"ey" + b"." * 10_000_000,
    "jwt: eight certificates of a megabyte": lambda: token(b"{}", header={"x5c": [to_text(noise(MEGABYTE))] * 8}),
    "jwt: a status list of sixteen megabytes and one": lambda: status_jwt(bomb(16 * MEGABYTE + 1)),
    "jwt: a status list of sixteen megabytes": lambda: status_jwt(bomb(16 * MEGABYTE)),
    "jwt: a status list that is ten gigabytes": lambda: status_jwt(zlib.compress(bytes(400 * MEGABYTE), 9)),
    "jwt: a trust list of ten thousand values": lambda: token(
        json.dumps({"trust_list": {"number": 1, "entries": [{}] * 4_900}}).encode(), typ="trustlist+jwt"
    ),
    "cbor: a million levels": lambda: b"\xd2" + b"\x81" * 10_000_000,
    "cbor: an array of 2^63": lambda: b"\xd2\x9b\x7f" + b"\xff" * 7,
    "cbor: bytes of 2^63": lambda: b"\xd2\x84\x5b\x7f" + b"\xff" * 7,
    "cbor: sixteen million numbers": lambda: b"\xd2\x9a" + (15_000_000).to_bytes(4, "big") + bytes(15_000_000),
    "cbor: without end": lambda: b"\xd2\x9f" + bytes(1_000_000),
    "cbor: a map of a hundred thousand keys": lambda: status_cwt(
        b"\xba" + (49_000).to_bytes(4, "big") + b"".join(b"\x19" + (n + 300).to_bytes(2, "big") + b"\x00" for n in range(49_000))
    ),
    "cbor: keys of sixteen megabytes": lambda: status_cwt(encode({noise(8 * MEGABYTE): noise(7 * MEGABYTE)})),
    "cbor: a tag in a tag in a tag": lambda: b"\xd8\x3d" * 4_000_000,
    "code: inflates to fifty megabytes": lambda: code(b"", zlib.compress(bytes(50_000), 9)),
    "code: four thousand characters": lambda: code(noise(2_600)),
    "code: forty megabytes of base45": lambda: PREFIX.encode() + b"0" * 40_000_000,
    "code: nested as deep as it is long": lambda: code(b"\x81" * 400),
    "code picture: 400 megapixels": lambda: png(20_000, 20_000, 1, 0),
    "code picture: 120 megapixels of colours": lambda: png(12_000, 10_000),
    "code picture: 64 megapixels in 16 bits": lambda: png(8_000, 8_000, 16),
    "code picture: 31 megapixels": lambda: png(8_000, 3_900),
    "code picture: 23 megapixels": lambda: png(6_000, 3_900),
    "code picture: corners of codes, 23 megapixels": lambda: finders(5_994, 3_900),
    "code picture: snow of 23 megapixels": lambda: snow(6_000, 3_900),
    "code picture: JPEG of 225 megapixels": lambda: jpeg(15_000, 15_000),
    "code picture: JPEG of 60 megapixels, progressive": lambda: jpeg(7_700, 7_700, progressive=True),
    "code picture: JPEG with a thousand scans": lambda: jpeg_scans(1_000),
    "code picture: GIF of 64 megapixels": lambda: gif(8_000, 8_000),
    "code picture: snow of 60 megapixels": lambda: snow(8_000, 7_500),
    "code picture: snow of 4 megapixels": lambda: snow(2_000, 2_000),
    "code picture: a million corners of codes": lambda: finders(9_000, 6_300),
    "code picture: a hundred thousand corners of codes": lambda: finders(2_700, 2_700),
    "code picture: texts that inflate to gigabytes": lambda: text_chunks(20),
    "code picture: only the mark": lambda: b"\x89PNG\r\n\x1a\n",
    "code picture: cut off": lambda: png(100, 100)[:60],
}  # fmt: skip
