"""`liangzheng verify PATH…`: judges files where they lie. Needs no database, no settings and no network.

Licences (OFD, PDF), seals, status and trust lists, time stamps, codes as text or in a picture; folders are searched; `-` reads
one file from standard input. Exit codes: 0 valid, 1 invalid, 2 cannot be confirmed, 3 not readable; of several files the worst
counts (3, then 1, 2, 0). 64 means that the call itself was wrong, an unreadable trust file included.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import NoReturn

from liangzheng.formats.ofd.archive import MAX_FILE
from liangzheng.server.verify_many import FEW, files_of, judge_file, judge_many, read_trust
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
from liangzheng.verification.trust_files import TrustFileError

__all__ = ["CANNOT_CONFIRM", "INVALID", "NOT_READABLE", "VALID", "WRONG_CALL", "main", "read_trust"]

WRONG_CALL = 64
_WORST_FIRST = (NOT_READABLE, INVALID, CANNOT_CONFIRM, VALID)
_NAMES = {VALID: "有效", INVALID: "无效", CANNOT_CONFIRM: "无法确认", NOT_READABLE: "无法读取"}
_CHINA = timezone(timedelta(hours=8))
_STDIN = Path("-")
_EVERY_SECONDS = 0.5


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these words; gives the exit code."""
    parser = _Parser(prog="liangzheng verify", description="核验电子证照文件、电子印章、名单、时间戳和出示码")
    add_arguments(parser)
    return run(parser.parse_args(argv))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="文件或文件夹；- 表示标准输入")
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="FILE_OR_DIR",
        help="信任的根证书、吊销列表（.crl）、状态名单和信任名单（.jwt、.cwt）、信任名单签发证书（trust-list-signer*）或其文件夹",
    )
    parser.add_argument("--at", type=_moment, metavar="ISO8601", help="按此时间判断；缺省为现在，未写时区按北京时间")
    parser.add_argument("--json", action="store_true", help="每个文件输出一行 JSON")
    parser.add_argument("--explain", action="store_true", help="用平常的话说明结论、原因和怎么办")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="文字的语言")


def run(args: argparse.Namespace) -> int:
    """Judge the files and print what was found."""
    at = args.at or datetime.now(tz=UTC)
    trust_paths = [Path(path) for path in args.trust]
    try:
        trust = read_trust(trust_paths)
    except (OSError, TrustFileError) as error:
        sys.stderr.write(f"无法使用信任文件：{shown(str(error))}\n")
        return WRONG_CALL
    paths = list(files_of([Path(path) for path in args.paths]))
    outcomes: Iterator[tuple[Path, Outcome]]
    if len(paths) < FEW or _STDIN in paths:
        outcomes = ((path, judge_file(path, _given(path), trust, at)) for path in paths)
    else:
        outcomes = _told(judge_many(paths, trust_paths, at), len(paths))
    codes = Counter(_print(path, outcome, args) for path, outcome in outcomes)
    if len(paths) > 1:
        sys.stderr.write(
            "、".join(f"{_NAMES[code]} {codes[code]}" for code in _NAMES if codes[code]) + f"，共 {len(paths)} 个文件\n"
        )
    return next((code for code in _WORST_FIRST if code in codes), VALID)


def _print(path: Path, outcome: Outcome, args: argparse.Namespace) -> int:
    if args.json:
        lines = [json_line(str(path), outcome)]
    else:
        lines = (explanation if args.explain else text_lines)(str(path), outcome, args.lang)
    sys.stdout.write("\n".join(lines) + "\n")
    return exit_code(outcome)


def _given(path: Path) -> bytes | None:
    return sys.stdin.buffer.read(MAX_FILE + 1) if path == _STDIN else None


def _told(outcomes: Iterator[tuple[Path, Outcome]], total: int) -> Iterator[tuple[Path, Outcome]]:
    """Show on a terminal how far it is."""
    shown_at = 0.0
    for number, found in enumerate(outcomes, 1):
        if sys.stderr.isatty() and (time.monotonic() - shown_at > _EVERY_SECONDS or number == total):
            shown_at = time.monotonic()
            sys.stderr.write(f"\r{number}/{total}" + ("\n" if number == total else ""))
            sys.stderr.flush()
        yield found


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=_CHINA)


class _Parser(argparse.ArgumentParser):
    """Leaves the exit code 2 to "cannot be confirmed"."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_CALL, f"{self.prog}: {message}\n")


if __name__ == "__main__":
    sys.exit(main())
