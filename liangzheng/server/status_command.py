"""`liangzheng status show|check|make`: status lists of licences as files. Needs no database, no settings and no network.

Exit codes are those of `liangzheng verify`: 0 good or written, 1 bad or refused, 2 cannot be confirmed, 3 not readable; 64 means
that the call itself was wrong.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from liangzheng.formats.status_list import (
    MalformedStatusList,
    Publication,
    Status,
    UnverifiedStatusList,
    encode_status_list,
    encode_status_list_cwt,
    read_status_list,
)
from liangzheng.server.list_files import (
    WRONG_CALL,
    Parser,
    StoppedError,
    add_check,
    add_moment,
    add_signer,
    add_trust,
    check,
    code_of,
    fault_text,
    now_of,
    read_bytes,
    read_material,
    read_signer,
    run,
    told,
    write_whole,
)
from liangzheng.server.verify_report import INVALID, NOT_READABLE, VALID, shown
from liangzheng.verification.lone_files import judge_status_list
from liangzheng.verification.trust_anchors import resolve
from liangzheng.verification.words import words

_DAYS = 1
_WRITERS = {".jwt": encode_status_list, ".cwt": encode_status_list_cwt}
_WRITABLE = {status.value: status for status in Status if status is not Status.UNKNOWN}
_COLUMNS = ["index", "status"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these words; gives the exit code."""
    parser = Parser(prog="liangzheng status", description="证照状态名单：查看、核验、制作")
    actions = parser.add_subparsers(required=True, metavar="show|check|make")
    shower = actions.add_parser("show", help="说明名单的内容，可查单个位置")
    shower.add_argument("file", type=Path, metavar="LIST")
    shower.add_argument("--index", type=int, action="append", default=[], metavar="N", help="查这个位置的状态")
    add_trust(shower)
    shower.set_defaults(action=_show)
    checker = actions.add_parser("check", help="核验状态名单")
    add_check(checker)
    checker.set_defaults(action=lambda args: check(args, judge_status_list))
    _add_make(actions.add_parser("make", help="由表格制作名单：按后缀写 JWT 或 CWT，按密钥用 SM2 或 ES256 签名"))
    args = parser.parse_args(argv)
    return run(args.action, args)


def _add_make(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table", type=Path, metavar="TABLE", help='CSV（index,status）或 JSON（{"位置": "状态"}）；没有写的位置为 valid'
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="LIST", help="LIST.jwt 或 LIST.cwt")
    parser.add_argument("--uri", required=True, help="名单的地址，证照上写的就是它")
    parser.add_argument("--size", type=int, metavar="N", help="位置的总数；缺省到最大的位置为止，不小于已有的名单")
    add_signer(parser)
    add_moment(parser)
    parser.set_defaults(action=_make)


def _show(args: argparse.Namespace) -> int:
    trust = resolve(read_material(args.trust), now_of(args))
    found = _read(args.file)
    fault = trust.status_list_fault(found, trust.every_root(trust.at))
    statuses = {index: found.status_at(index) for index in args.index}
    if args.json:
        facts = {"file": str(args.file), "uri": found.uri, "issued_at": found.issued_at.isoformat()}
        facts |= {"expires_at": found.expires_at.isoformat(), "fault": fault, "signer": found.signer.common_name}
        numbers = {"size": found.size, "counts": _counts(found), "statuses": statuses}
        sys.stdout.write(json.dumps(facts | numbers, ensure_ascii=False) + "\n")
        return code_of(fault)
    lines = [
        f"状态名单：{shown(found.uri)}",
        f"签发：{shown(found.signer.common_name)}　{told(found.issued_at)}，有效期至 {told(found.expires_at)}",
        fault_text(fault),
        f"位置：{found.size}（" + "，".join(f"{_word(name)} {count}" for name, count in _counts(found).items()) + "）",
        *(f"  {index}：{_word(status)}" for index, status in statuses.items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return code_of(fault)


def _word(status: str) -> str:
    """Name a status: 有效 is a standing, the others are reasons."""
    table = words()["standing"] if status == Status.VALID else words()
    return f"{table.get(status, {}).get('zh', status)}（{status}）"


def _counts(found: UnverifiedStatusList) -> Mapping[str, int]:
    """Count places by status; byte values first, because a list may have millions of places."""
    in_a_byte = 8 // found.bits
    counts: Counter[str] = Counter()
    samples = {value: found.packed.index(value) for value in set(found.packed)}
    for value, times in Counter(found.packed).items():
        for place in range(in_a_byte):
            counts[found.status_at(samples[value] * in_a_byte + place).value] += times
    return dict(counts.most_common())


def _read(path: Path) -> UnverifiedStatusList:
    data = read_bytes(path)
    try:
        return read_status_list(data.strip() if path.suffix.lower() == ".jwt" else data)
    except MalformedStatusList as error:
        raise StoppedError(NOT_READABLE, f"不是状态名单：{path}（{error}）") from error


def _make(args: argparse.Namespace) -> int:
    encode = _WRITERS.get(args.output.suffix.lower())
    if encode is None:
        raise StoppedError(WRONG_CALL, "输出文件的后缀应为 .jwt 或 .cwt")
    signer, statuses, now = read_signer(args), _table(args.table), now_of(args)
    least = max(max(statuses, default=0) + 1, _least_size(args))
    size = args.size or least
    if size < least:
        raise StoppedError(INVALID, f"名单至少要有 {least} 个位置：位置不能减少")
    publication = Publication(args.uri, now, now + timedelta(days=args.days or _DAYS))
    try:
        token = encode(statuses, size=size, publication=publication, key=signer.key, chain=signer.chain)
        made = read_status_list(token)
    except ValueError as error:
        raise StoppedError(NOT_READABLE, f"不能写入名单：{error}") from error
    write_whole(args.output, token)
    facts = {"file": str(args.output), "uri": made.uri, "size": made.size, "algorithm": made.algorithm}
    text = f"已签发 {args.output}：{size} 个位置，{len(statuses)} 条状态，{made.algorithm}，有效期至 {told(made.expires_at)}"
    sys.stdout.write((json.dumps(facts, ensure_ascii=False) if args.json else text) + "\n")
    return VALID


def _least_size(args: argparse.Namespace) -> int:
    """Give the size of the list that is replaced: a place that vanished would turn a revoked licence into an unknown one."""
    if not args.output.exists():
        return 0
    old = _read(args.output)
    if old.uri != args.uri:
        raise StoppedError(INVALID, f"{args.output} 是另一个名单（{old.uri}）")
    return old.size


def _table(path: Path) -> dict[int, Status]:
    """Read index and status of the licences that are named."""
    data = read_bytes(path)
    try:
        text = data.decode("utf-8-sig")
        rows = _json_rows(text) if path.suffix.lower() == ".json" else _csv_rows(text)
        return _statuses(rows)
    except (ValueError, RecursionError) as error:
        raise StoppedError(NOT_READABLE, f"{path} 有误：{error}") from error


def _csv_rows(text: str) -> Iterable[tuple[str, str]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        if next(reader, None) != _COLUMNS:
            raise ValueError("第一行应为 index,status")
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if any(len(row) != len(_COLUMNS) for row in rows):
        raise ValueError("每行应为两栏")
    return [(row[0], row[1]) for row in rows]


def _json_rows(text: str) -> Iterable[tuple[str, str]]:
    pairs = json.loads(text, object_pairs_hook=list)  # pairs, so that a place named twice is seen
    if not text.lstrip().startswith("{") or not all(isinstance(value, str) for _, value in pairs):
        raise ValueError('应为 {"位置": "状态"}')
    return [(str(name), value) for name, value in pairs]


def _statuses(rows: Iterable[tuple[str, str]]) -> dict[int, Status]:
    found: dict[int, Status] = {}
    for name, word in rows:
        if not (name.isascii() and name.isdecimal()):
            raise ValueError(f"不是位置：{name}")
        if word not in _WRITABLE:
            raise ValueError(f"不是状态：{word}（可用：{'、'.join(_WRITABLE)}）")
        if int(name) in found:
            raise ValueError(f"位置 {name} 写了两次")
        found[int(name)] = _WRITABLE[word]
    return found


if __name__ == "__main__":
    sys.exit(main())
