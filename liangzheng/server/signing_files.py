"""The key, certificate and seal that `liangzheng issue` and `liangzheng annotate` work with, and how both say what went wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import NoReturn

from pylopdf_fonts_zh_cn import sans_path, serif_path

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificate
from liangzheng.crypto.der import DerError
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.ofd.archive import MAX_FILE
from liangzheng.formats.seals.seal import ESeal, read_seal
from liangzheng.server.verify_report import shown

DONE, FAILED, WRONG_CALL = 0, 3, 64
CHINA = timezone(timedelta(hours=8))
_WORDS = {
    "annotated_twice": "已经是加注件，请对证照原件加注",
    "authority_incomplete": "演示签发机构的文件夹里缺少文件",
    "bad_font": "字体文件无法使用",
    "bad_picture": "照片不是 PNG 或者 JPEG",
    "certificate_unreadable": "证书无法读取",
    "face_full": "内容太多，照面放不下",
    "file_missing": "文件不存在或者无法打开",
    "file_not_written": "无法写入文件",
    "issuer_differs": "签章证书不是记录里写明的发证机关的",
    "key_does_not_fit": "密钥与证书不配对，或者印章不许此证书使用",
    "key_unreadable": "密钥无法读取（须为未加密的 SM2 私钥 PEM）",
    "missing_glyph": "字体里没有这些字，请用 --font 指定含有它们的字体",
    "record_field_missing": "记录缺少必填项",
    "record_field_unknown": "记录里有不认识的项",
    "record_field_wrong": "记录里有填写不合规的项",
    "record_unreadable": "记录不是合规的 JSON",
    "seal_unreadable": "电子印章无法读取",
    "too_late": "有效期应当晚于现在",
    "too_long": "文字太长",
    "too_many_pages": "页数太多",
    "unprintable": "含有不能印出的字符",
    "would_overwrite": "输出不能覆盖原文件",
}


class CannotSign(ValueError):  # noqa: N818 - reads as the fact it is
    """It cannot be made. `reason` is a stable code, `detail` names the file or the characters."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Signing:
    """Whoever signs: the key belongs to the certificate, and the seal lets it be used."""

    key: SM2PrivateKey
    certificate: Certificate
    seal: ESeal


def add_signing(parser: argparse.ArgumentParser) -> None:
    """Add --key, --certificate, --seal, -o and --font."""
    parser.add_argument("--key", type=Path, metavar="PEM", help="SM2 私钥")
    parser.add_argument("--certificate", type=Path, metavar="CER", help="签章证书")
    parser.add_argument("--seal", type=Path, metavar="ESL", help="电子印章")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="写出的 OFD 文件")
    parser.add_argument(
        "--font", action="append", type=Path, default=[], metavar="FILE", help="内置字体没有的生僻字，用此字体；可以写多次"
    )


def read_signing(key: Path, certificate: Path, seal: Path) -> Signing:
    """Read the three files. Raises CannotSign."""
    try:
        found = Signing(
            SM2PrivateKey.from_pem(read_file(key)), read_certificate(read_file(certificate)), read_seal(read_file(seal))
        )
    except BadKey as error:
        raise CannotSign("key_unreadable", str(key)) from error
    except BadCertificate as error:
        raise CannotSign("certificate_unreadable", str(certificate)) from error
    except DerError as error:
        raise CannotSign("seal_unreadable", str(seal)) from error
    if found.certificate.public_key != found.key.public_key or found.certificate.der not in found.seal.certificates:
        raise CannotSign("key_does_not_fit", str(certificate))
    return found


def read_fonts(extra: Sequence[Path]) -> list[bytes]:
    """Give the fonts in order: black letters, serif letters, then those of the operator. Raises CannotSign."""
    return [sans_path().read_bytes(), serif_path().read_bytes(), *map(read_file, extra)]


def read_file(path: Path) -> bytes:
    """Read a file of at most MAX_FILE bytes (one more shows that it is larger). Raises CannotSign."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise CannotSign("file_missing", str(path)) from error


def end_of(text: str) -> datetime:
    """Read --until: a day, to its end, or a moment; in Beijing time when it names no zone."""
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), CHINA)
    except ValueError:
        moment = datetime.fromisoformat(text).replace(microsecond=0)
    try:
        return moment.astimezone(CHINA) if moment.tzinfo else moment.replace(tzinfo=CHINA)
    except OverflowError as error:
        raise ValueError(text) from error


def now() -> datetime:
    """Give the time of signing, in whole seconds as seals hold it."""
    return datetime.now(tz=UTC).replace(microsecond=0)


def failed(reason: str, detail: str) -> int:
    """Say in one line why nothing was made."""
    told = _WORDS.get(reason, "文件结构不合规")
    sys.stderr.write(f"没有写出文件：{told}（{reason}{'：' if detail else ''}{shown(detail)}）\n")
    return FAILED


class Parser(argparse.ArgumentParser):
    """Leaves the exit code 2 free, as `liangzheng verify` does."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_CALL, f"{self.prog}: {message}\n")
