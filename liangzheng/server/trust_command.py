"""`liangzheng trust show|check|sign|distrust`: trust lists as files. Needs no database, no settings and no network.

Exit codes are those of `liangzheng verify`: 0 good or written, 1 bad or refused, 2 cannot be confirmed, 3 not readable; 64 means
that the call itself was wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from liangzheng.crypto.certificates import BadCertificate, Certificate, read_certificates
from liangzheng.formats.trust_list import MalformedTrustList, TrustEntry, TrustList, encode_trust_list, read_trust_list
from liangzheng.server.list_files import (
    Parser,
    Signer,
    StoppedError,
    add_check,
    add_moment,
    add_signer,
    add_trust,
    check,
    code_of,
    fault_text,
    moment,
    now_of,
    read_bytes,
    read_material,
    read_signer,
    run,
    told,
    worst,
    write_whole,
)
from liangzheng.server.trust_entries import read_entries, write_entries
from liangzheng.server.verify_report import INVALID, NOT_READABLE, VALID, shown
from liangzheng.verification.lone_files import judge_trust_list
from liangzheng.verification.trust_overview import EntryFacts, Overview, fingerprint, overview

_DAYS = 30
_LEAST_OF_A_FINGERPRINT = 12


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these words; gives the exit code."""
    parser = Parser(prog="liangzheng trust", description="信任名单：查看、核验、签发、标记不再信任")
    actions = parser.add_subparsers(required=True, metavar="show|check|sign|distrust")
    shower = actions.add_parser("show", help="说明信任文件的内容：根证书、名单、状态名单")
    shower.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_DIR")
    shower.add_argument("--entries", action="store_true", help="只输出名单条目，格式同 sign 的输入")
    add_trust(shower)
    shower.set_defaults(action=_show)
    checker = actions.add_parser("check", help="核验信任名单")
    add_check(checker)
    checker.set_defaults(action=lambda args: check(args, judge_trust_list))
    _add_sign(actions.add_parser("sign", help="由条目签发新的信任名单"))
    _add_distrust(actions.add_parser("distrust", help="标记一个条目自某日起不再信任，并签发下一号名单"))
    args = parser.parse_args(argv)
    return run(args.action, args)


def _add_sign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entries", type=Path, metavar="ENTRIES.json")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="LIST.jwt", help="已有的名单作为上一号")
    parser.add_argument("--uri", help="名单的地址；缺省沿用上一号")
    parser.add_argument("--number", type=int, metavar="N", help="编号，须大于上一号；缺省为上一号加一")
    parser.add_argument("--restore", action="store_true", help="允许恢复已标记不再信任的条目")
    _add_old_signer(parser)
    parser.set_defaults(action=_sign)


def _add_distrust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("list", type=Path, metavar="LIST.jwt")
    parser.add_argument("who", metavar="NAME|FINGERPRINT", help="条目的名称，或者指纹（SHA-256，至少前 12 位）")
    parser.add_argument("--since", type=moment, required=True, metavar="DATE", help="自此时起；未写时区按北京时间")
    parser.add_argument("--reason", required=True, metavar="TEXT")
    parser.add_argument("-o", "--output", type=Path, metavar="LIST.jwt", help="缺省写回原文件")
    _add_old_signer(parser)
    parser.set_defaults(action=_distrust)


def _add_old_signer(parser: argparse.ArgumentParser) -> None:
    add_signer(parser)
    parser.add_argument("--old-cert", type=Path, metavar="CER", help="上一号由另一证书签发时，写明该证书")
    add_moment(parser)


def _show(args: argparse.Namespace) -> int:
    found = overview(read_material([*args.paths, *args.trust]), now_of(args))
    if args.entries:
        tokens = read_material(args.paths).trust_lists
        entries = [entry for token in tokens for entry in read_trust_list(token).unverified.entries]
        sys.stdout.write(json.dumps(write_entries(entries), ensure_ascii=False, indent=1) + "\n")
    elif args.json:
        sys.stdout.write(json.dumps(found.to_json(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(found)) + "\n")
    return worst([code_of(fault) for fault in found.faults])


def _lines(found: Overview) -> list[str]:
    lines = [f"截至 {told(found.as_of)} 北京时间"]
    for title, certificates in (("根证书", found.roots), ("信任名单签发证书", found.list_signers)):
        lines += [
            f"{title}：{shown(item.name)}　有效期至 {told(item.not_after)}　指纹 {item.fingerprint}" for item in certificates
        ]
    for trust_list in found.trust_lists:
        name = f"信任名单：{shown(trust_list.uri)}　第 {trust_list.number} 号　{told(trust_list.issued_at)} 签发　"
        lines.append(f"{name}有效期至 {told(trust_list.expires_at)}　{fault_text(trust_list.fault)}")
        lines += map(_entry_line, trust_list.entries)
    for status in found.status_lists:
        lines.append(
            f"状态名单（{status.form}）：{shown(status.uri)}　{status.size} 个位置　{told(status.issued_at)} 签发　"
            f"有效期至 {told(status.expires_at)}　{fault_text(status.fault)}"
        )
    lines += [
        f"吊销列表：{shown(crl.issuer)}　{told(crl.this_update)} 签发　吊销 {crl.revoked} 张" for crl in found.revocation_lists
    ]
    return lines


def _entry_line(entry: EntryFacts) -> str:
    kind = {"issuer": "签发方", "code_key": "码签发密钥"}[entry.kind]
    types = "全部种类" if "*" in entry.licence_types else f"{len(entry.licence_types)} 类证照"
    since = f"　自 {told(entry.distrusted_since)} 起不再信任：{shown(entry.reason)}" if entry.distrusted_since else ""
    return f"  {kind} {shown(entry.name)}　{types}　自 {told(entry.trusted_from)} 起　指纹 {entry.fingerprint}{since}"


def _sign(args: argparse.Namespace) -> int:
    signer, entries = read_signer(args), read_entries(args.entries)
    old = _old_list(args.output, signer, args) if args.output.exists() else None
    uri = args.uri or (old.uri if old else "")
    if not uri or (old and uri != old.uri):
        raise StoppedError(INVALID, "名单的地址（--uri）没有写明，或者与上一号不同")
    number = args.number if args.number is not None else (old.number if old else 0) + 1
    if number <= (old.number if old else 0):
        raise StoppedError(INVALID, f"编号 {number} 须大于上一号 {old.number if old else 0}")
    if old:
        _refuse_loss(old, entries, restores=args.restore)
    return _write(args, signer, TrustList(uri, number, *_period(args, timedelta(days=_DAYS)), entries))


def _distrust(args: argparse.Namespace) -> int:
    signer = read_signer(args)
    old = _old_list(args.list, signer, args)
    chosen = _chosen(old.entries, args.who)
    entries = tuple(
        replace(entry, distrusted_since=args.since, reason=args.reason) if fingerprint(entry) == chosen else entry
        for entry in old.entries
    )
    _refuse_loss(old, entries, restores=False)
    period = _period(args, old.expires_at - old.issued_at)
    args.output = args.output or args.list
    return _write(args, signer, TrustList(old.uri, old.number + 1, *period, entries))


def _period(args: argparse.Namespace, usual: timedelta) -> tuple[datetime, datetime]:
    now = now_of(args)
    return now, now + (timedelta(days=args.days) if args.days else usual)


def _old_list(path: Path, signer: Signer, args: argparse.Namespace) -> TrustList:
    """Read the issue before. Signing again what somebody altered would make it good, so it must be the signer's own."""
    try:
        found = read_trust_list(read_bytes(path).strip())
    except MalformedTrustList as error:
        raise StoppedError(NOT_READABLE, f"不是信任名单：{path}（{error}）") from error
    pinned = _certificates(args.old_cert) if args.old_cert else signer.chain[:1]
    if found.verify(pinned, found.unverified.issued_at):  # it may be overdue by now
        raise StoppedError(INVALID, f"上一号名单的签名不对，或者不是由该证书签发：{path}")
    return found.unverified


def _certificates(path: Path) -> tuple[Certificate, ...]:
    try:
        return read_certificates(read_bytes(path))
    except BadCertificate as error:
        raise StoppedError(NOT_READABLE, f"不是证书：{path}（{error}）") from error


def _refuse_loss(old: TrustList, entries: Sequence[TrustEntry], *, restores: bool) -> None:
    """Refuse a list that forgets an entry, or a distrust: what was signed before that day could not be judged any more."""
    kept: dict[str, datetime | None] = {fingerprint(entry): entry.distrusted_since for entry in entries}
    for entry in old.entries:
        since, before = kept.get(fingerprint(entry)), entry.distrusted_since
        if fingerprint(entry) not in kept:
            raise StoppedError(INVALID, f"缺少上一号的条目“{entry.name}”：条目不删除，用 liangzheng trust distrust 标记")
        if before and not restores and (since is None or since > before):
            raise StoppedError(INVALID, f"条目“{entry.name}”已自 {told(before)} 起不再信任，不能推迟或者恢复")


def _chosen(entries: Sequence[TrustEntry], who: str) -> str:
    """Give the fingerprint of the one entry meant."""
    prefix = who.replace(":", "").lower()
    by_print = prefix if len(prefix) >= _LEAST_OF_A_FINGERPRINT else None
    found = {
        fingerprint(entry): entry.name
        for entry in entries
        if entry.name == who or (by_print and fingerprint(entry).startswith(by_print))
    }
    if len(found) != 1:
        several = "、".join(f"{name}（{number[:16]}…）" for number, name in found.items())
        raise StoppedError(INVALID, f"“{who}”有多个条目，请写指纹：{several}" if found else f"名单中没有“{who}”")
    return next(iter(found))


def _write(args: argparse.Namespace, signer: Signer, listed: TrustList) -> int:
    try:
        token = encode_trust_list(listed, key=signer.key, signer=signer.chain[0])
    except MalformedTrustList as error:
        raise StoppedError(NOT_READABLE, f"条目不能写入名单：{error}") from error
    write_whole(args.output, token + b"\n")
    facts = {"file": str(args.output), "uri": listed.uri, "number": listed.number, "entries": len(listed.entries)}
    facts["expires_at"] = listed.expires_at.isoformat()
    text = f"已签发 {args.output}：第 {listed.number} 号，{len(listed.entries)} 条，有效期至 {told(listed.expires_at)}"
    sys.stdout.write((json.dumps(facts, ensure_ascii=False) if args.json else text) + "\n")
    return VALID


if __name__ == "__main__":
    sys.exit(main())
