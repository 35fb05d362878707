"""`liangzheng receipt verify FILE`: checks a receipt where it lies. Needs no database, no settings and no network.

Exit codes: 0 both signatures and the log's proof are good, 1 something is wrong, 2 nothing is wrong but not everything was
checked (a key or the proof is missing), 3 not readable.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from liangzheng.auditlog.note import MalformedNote, NoteKey, read_key
from liangzheng.rights.receipt_file import LARGEST, Key, MalformedReceipt, check, read_key_word, read_signed

_GOOD, _BAD, _NOT_ALL, _NOT_READABLE = 0, 1, 2, 3
_WORDS = {"good": "正确", "bad": "不对", "not_checked": "没有核对"}
_TOLD = {
    "number": "回执编号",
    "agency": "执法机关",
    "officer_certificate_number": "执法证号",
    "at": "时间（UTC）",
    "act_code": "检查编号",
    "action_label": "做了什么",
    "licence_type": "证照",
    "result_label": "结果",
    "purpose": "目的",
    "legal_basis": "依据",
    "notice": "告知书",
}


def main(arguments: list[str]) -> int:
    """Run the command with these words; gives the exit code."""
    parser = argparse.ArgumentParser(prog="liangzheng receipt", description="核对核验回执")
    actions = parser.add_subparsers(required=True, metavar="verify")
    verify = actions.add_parser("verify", help="核对回执文件的两个签名和公开日志证明")
    verify.add_argument("file", type=Path)
    verify.add_argument(
        "--key", action="append", default=[], help="平台的回执公钥（ES256:…、SM2SM3:…）或者日志公钥（名称+编号+…），可以写多个"
    )
    verify.add_argument("--witness", action="append", type=_note_key, default=[], help="见证人公钥")
    args = parser.parse_args(arguments)
    keys, log = _keys(parser, args.key)
    return _verify(args.file, keys, log, args.witness)


def _keys(parser: argparse.ArgumentParser, words: list[str]) -> tuple[list[Key], list[NoteKey]]:
    keys: list[Key] = []
    log: list[NoteKey] = []
    for word in words:
        try:
            if word.startswith(("ES256:", "SM2SM3:")):
                keys.append(read_key_word(word))
            else:
                log.append(read_key(word))
        except (MalformedReceipt, MalformedNote) as error:
            parser.error(f"--key: {error}")
    return keys, log


def _note_key(text: str) -> NoteKey:
    try:
        return read_key(text)
    except MalformedNote as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _verify(file: Path, keys: list[Key], log: list[NoteKey], witnesses: list[NoteKey]) -> int:
    try:
        with file.open("rb") as opened:
            receipt = read_signed(opened.read(LARGEST + 1))
    except (OSError, MalformedReceipt) as error:
        print(f"liangzheng receipt verify: {file.name}: {error}", file=sys.stderr)
        return _NOT_READABLE
    report = check(receipt, keys, log, witnesses)
    for name, label in _TOLD.items():
        print(f"{label}：{_shown(str(receipt.content[name]))}")
    print(f"查看项目：{_shown('、'.join(receipt.content['field_labels']))}")
    print(f"平台签名：{_WORDS[report.signature]}")
    print(f"公开日志：{_WORDS[report.log]}" + (f"（{report.checkpoint.size} 条）" if report.checkpoint else ""))
    for witness in report.witnesses:
        print(f"见证：{witness.name}")
    found = {report.signature, report.log}
    return _BAD if "bad" in found else _NOT_ALL if "not_checked" in found else _GOOD


def _shown(text: str) -> str:
    """Unsigned files may say anything: nothing of it reaches the terminal's own control."""
    return "".join(character if character.isprintable() else "�" for character in text)
