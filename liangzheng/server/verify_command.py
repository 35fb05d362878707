"""`liangzheng verify PATH…`: judges licence files where they lie. Needs no database, no settings and no network.

Exit codes: 0 valid, 1 invalid, 2 cannot be confirmed, 3 not readable; of several files the worst counts (3, then 1, 2, 0).
64 means that the call itself was wrong, an unreadable trust file included.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import NoReturn

from liangzheng.formats.ofd.archive import MAX_FILE
from liangzheng.formats.ofd.errors import OfdError
from liangzheng.verification.file_checks import FileReport, TrustMaterial, judge_licence_file
from liangzheng.verification.trust_files import TrustFileError, is_trust_file, read_trust_files
from liangzheng.verification.verdict import Result, Standing
from liangzheng.verification.words import words

VALID, INVALID, CANNOT_CONFIRM, NOT_READABLE, WRONG_CALL = 0, 1, 2, 3, 64

_EXIT = {Standing.VALID: VALID, Standing.INVALID: INVALID}
_WORST_FIRST = (NOT_READABLE, INVALID, CANNOT_CONFIRM, VALID)
_CHINA = timezone(timedelta(hours=8))
_RESULTS = {Result.PASS: "通过", Result.FAIL: "不通过", Result.UNKNOWN: "无法确认", Result.NOT_APPLICABLE: "不适用"}
_UNREADABLE = {
    "not_found": "文件不存在或者无法打开",
    "not_a_zip": "不是 OFD 版式文件",
    "no_ofd_xml": "不是 OFD 版式文件（缺少 OFD.xml）",
    "too_large": "文件过大",
    "encrypted": "文件已加密",
    "damaged_entry": "文件已损坏",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these words; gives the exit code."""
    parser = _Parser(prog="liangzheng verify", description="核验电子证照文件（OFD）")
    add_arguments(parser)
    return run(parser.parse_args(argv))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="电子证照文件")
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="FILE_OR_DIR",
        help="信任的根证书、吊销列表（.crl）、状态列表（.jwt、.cwt）或其文件夹",
    )
    parser.add_argument("--at", type=_moment, metavar="ISO8601", help="按此时间判断；缺省为现在，未写时区按北京时间")
    parser.add_argument("--json", action="store_true", help="每个文件输出一行 JSON")


def run(args: argparse.Namespace) -> int:
    """Judge the files and print what was found."""
    at = args.at or datetime.now(tz=UTC)
    try:
        trust = read_trust([Path(path) for path in args.trust])
    except (OSError, TrustFileError) as error:
        sys.stderr.write(f"无法使用信任文件：{_shown(str(error))}\n")
        return WRONG_CALL
    wording = _Words.load()
    codes = set()
    for path in args.paths:
        try:
            report: FileReport | OfdError = judge_licence_file(_read(Path(path)), trust, at)
        except OfdError as error:
            report = error
        lines = [_json_line(path, report)] if args.json else _text(path, report, wording)
        sys.stdout.write("\n".join(lines) + "\n")
        codes.add(_exit_code(report))
    return next(code for code in _WORST_FIRST if code in codes)


def read_trust(paths: Sequence[Path]) -> TrustMaterial:
    """Read what --trust names. Raises OSError or TrustFileError; both name the file."""
    return read_trust_files((str(path), path.read_bytes()) for path in _trust_files(paths))


def _trust_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Give the files themselves, and of each folder those that count, in a fixed order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(item for item in path.iterdir() if is_trust_file(item.name))
        else:
            yield path


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise OfdError("not_found", str(path)) from error


def _exit_code(report: FileReport | OfdError) -> int:
    return NOT_READABLE if isinstance(report, OfdError) else _EXIT.get(report.verdict.standing, CANNOT_CONFIRM)


def _json_line(path: str, report: FileReport | OfdError) -> str:
    if isinstance(report, OfdError):
        check = {"id": "file_readable", "result": "fail", "reason": "file_unreadable", "detail": report.reason}
        facts: dict[str, object] = {"kind": "unreadable", "standing": "unreadable", "reasons": ["file_unreadable"]}
        facts |= {"checks": [check], "seals": [], "metadata": None}
    else:
        facts = report.to_json()
    return json.dumps({"file": path, **facts}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Words:
    """The Chinese words of reasons.json; a code without words stands for itself."""

    reasons: dict[str, str]
    checks: dict[str, str]
    standings: dict[str, str]

    @classmethod
    def load(cls) -> _Words:
        table = words()
        sections = (table, table.get("check", {}), table.get("standing", {}))
        return cls(*({code: str(entry["zh"]) for code, entry in section.items() if "zh" in entry} for section in sections))


def _text(path: str, report: FileReport | OfdError, wording: _Words) -> list[str]:
    """Write the report for people."""
    if isinstance(report, OfdError):
        return [
            f"文件：{_shown(path)}",
            f"结论：无法读取——{_UNREADABLE.get(report.reason, '文件结构不合规')}（{report.reason}）",
            "",
        ]
    verdict = report.verdict
    moment = verdict.as_of.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")
    lines = [
        f"文件：{_shown(path)}",
        f"结论：{wording.standings.get(verdict.standing.value, verdict.standing.value)}（{moment} 北京时间）",
    ]
    lines += [f"原因：{wording.reasons.get(reason, reason)}（{reason}）" for reason in verdict.reasons]
    lines += _licence_lines(report)
    for number, check in enumerate(verdict.checks, 1):
        note = "：".join(filter(None, (wording.reasons.get(check.reason, check.reason), check.detail)))
        ending = f"（{_shown(note)}）" if note and check.reason else ""
        lines.append(f"  {number:>2}. {_RESULTS[check.result]}　{wording.checks.get(check.id, check.id)}{ending}")
    return [*lines, ""]


def _licence_lines(report: FileReport) -> Iterator[str]:
    """Say which licence the file claims to be and who sealed it; the standing above says how far that can be believed."""
    licence = report.metadata
    if licence:
        demo = "（演示）" if licence.is_demo else ""
        until = licence.valid_to.isoformat() if licence.valid_to else "长期"
        name, number, issuer = (_shown(text) for text in (licence.name, licence.number, licence.issuer))
        yield f"证照：{name}{demo}　编号 {number}　发证机关 {issuer}　有效期至 {until}"
    for seal in report.seals:
        when = f"{seal.signed_at.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}" if seal.signed_at else "时间不明"
        yield f"签章：{_shown(seal.seal_name or seal.kind)}　{_shown(seal.organisation or seal.signer)}　{when}"


def _shown(text: str) -> str:
    """Give a text from outside without what could steer a terminal or hide letters."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char for char in text
    )


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
