"""What the commands `trust` and `status` share: their parser, signers and moments from the command line, files written whole."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import NoReturn

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificates
from liangzheng.crypto.keys import BadKey
from liangzheng.crypto.p256 import P256PrivateKey
from liangzheng.crypto.sm2 import SM2PrivateKey
from liangzheng.formats.jws import PrivateKey
from liangzheng.formats.unreadable import UnreadableFile
from liangzheng.server.verify_many import read_trust
from liangzheng.server.verify_report import (
    CANNOT_CONFIRM,
    INVALID,
    NOT_READABLE,
    VALID,
    Outcome,
    exit_code,
    explanation,
    json_line,
    shown,
    text_lines,
)
from liangzheng.verification.file_checks import FileReport, TrustMaterial
from liangzheng.verification.trust_files import TrustFileError
from liangzheng.verification.words import words

WRONG_CALL = 64
LARGEST = 16 * 1024 * 1024
"""Bytes of the largest file read."""
_WORST_FIRST = (WRONG_CALL, NOT_READABLE, INVALID, CANNOT_CONFIRM, VALID)
CHINA = timezone(timedelta(hours=8))


class StoppedError(Exception):
    """The command cannot go on; one sentence for the operator, and the exit code."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Parser(argparse.ArgumentParser):
    """Leaves the exit code 2 to "cannot be confirmed"."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_CALL, f"{self.prog}: {message}\n")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key and its certificate, with the authorities above it if the file holds them."""

    key: PrivateKey
    chain: tuple[Certificate, ...]


def run(action: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """Run one action; what stopped it is told in one line."""
    try:
        return action(args)
    except StoppedError as stopped:
        sys.stderr.write(f"{shown(str(stopped))}\n")
        return stopped.code


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Take --trust, --at and --json."""
    text = "信任的根证书、吊销列表、名单签发证书（trust-list-signer*）或其文件夹"
    parser.add_argument("--trust", action="append", default=[], type=Path, metavar="FILE_OR_DIR", help=text)
    add_moment(parser)


def add_moment(parser: argparse.ArgumentParser) -> None:
    """Take --at and --json."""
    parser.add_argument("--at", type=moment, metavar="ISO8601", help="按此时间判断；缺省为现在，未写时区按北京时间")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def add_signer(parser: argparse.ArgumentParser) -> None:
    """Take --key, --cert and --days."""
    parser.add_argument("--key", type=Path, required=True, metavar="PEM", help="签发私钥：SM2 或者 P-256，未加密的 PEM")
    parser.add_argument("--cert", type=Path, required=True, metavar="CER", help="签发证书；可接上级证书")
    parser.add_argument("--days", type=_days, metavar="N", help="有效天数")


def moment(text: str) -> datetime:
    """Read a day or a moment; without a zone it is Beijing time."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=CHINA)


def _days(text: str) -> int:
    days = int(text)
    if not 0 < days <= 3660:  # noqa: PLR2004 - ten years
        raise ValueError
    return days


def now_of(args: argparse.Namespace) -> datetime:
    """Give the moment of --at, else now, in whole seconds as tokens carry them."""
    given: datetime | None = args.at
    return (given or datetime.now(tz=UTC)).replace(microsecond=0)


def told(at: datetime) -> str:
    """Write a moment for people."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def read_bytes(path: Path) -> bytes:
    """Read a whole file of bounded size."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise StoppedError(NOT_READABLE, f"无法读取 {path}：{error.strerror}") from error
    if len(data) > LARGEST:
        raise StoppedError(NOT_READABLE, f"文件过大：{path}")
    return data


def read_material(paths: Sequence[Path]) -> TrustMaterial:
    """Read what --trust names; one file that cannot be used makes the call wrong, as with `verify`."""
    try:
        return read_trust(paths)
    except (OSError, TrustFileError) as error:
        raise StoppedError(WRONG_CALL, f"无法使用信任文件：{error}") from error


def read_signer(args: argparse.Namespace) -> Signer:
    """Read key and certificate; they must belong together, and the certificate must be valid now."""
    key = _key(read_bytes(args.key), args.key)
    try:
        chain = read_certificates(read_bytes(args.cert))
    except BadCertificate as error:
        raise StoppedError(NOT_READABLE, f"不是证书：{args.cert}（{error}）") from error
    if chain[0].key != key.public_key:
        raise StoppedError(INVALID, f"私钥 {args.key} 不属于证书 {args.cert}")
    if not chain[0].not_before <= now_of(args) <= chain[0].not_after:
        raise StoppedError(INVALID, f"签发证书不在有效期内：{args.cert}")
    return Signer(key, chain)


def _key(pem: bytes, path: Path) -> PrivateKey:
    for kind in (SM2PrivateKey, P256PrivateKey):
        try:
            return kind.from_pem(pem)
        except BadKey:
            continue
    raise StoppedError(NOT_READABLE, f"不是未加密的 SM2 或 P-256 私钥：{path}")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old one or the new one, never half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoppedError(NOT_READABLE, f"无法写入 {path}：{error.strerror}") from error


def code_of(fault: str) -> int:
    """Give the exit code of what is wrong with a list: by the level of its reason."""
    if not fault:
        return VALID
    return INVALID if words().get(fault, {}).get("level") == "bad" else CANNOT_CONFIRM


def fault_text(fault: str) -> str:
    """Say what is wrong with a list."""
    return f"不可依据：{words().get(fault, {}).get('zh', fault)}（{fault}）" if fault else "可以依据"


def worst(codes: Sequence[int]) -> int:
    """Give the worst of several exit codes."""
    return next((code for code in _WORST_FIRST if code in codes), VALID)


def add_check(parser: argparse.ArgumentParser) -> None:
    """Take the words of `check`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="LIST", help="名单文件（.jwt、.cwt）")
    parser.add_argument("--explain", action="store_true", help="用平常的话说明结论、原因和怎么办")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="文字的语言")
    add_trust(parser)


def check(args: argparse.Namespace, judge: Callable[[bytes, TrustMaterial, datetime], FileReport]) -> int:
    """Judge lists of one kind and print what was found, as `verify` does."""
    material, at = read_material(args.trust), now_of(args)
    codes = []
    for path in args.files:
        try:
            outcome: Outcome = judge(
                read_bytes(path).strip() if path.suffix.lower() == ".jwt" else read_bytes(path), material, at
            )
        except UnreadableFile as unreadable:
            outcome = unreadable
        written = explanation if args.explain else text_lines
        lines = [json_line(str(path), outcome)] if args.json else written(str(path), outcome, args.lang)
        sys.stdout.write("\n".join(lines) + "\n")
        codes.append(exit_code(outcome))
    return worst(codes)
