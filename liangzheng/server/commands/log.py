"""`liangzheng log`: the public log sealed, verified and witnessed. `verify` elsewhere and `witness` need no database.

Exit codes of `verify`: 0 everything fits, 1 something does not, 2 it fits but no key was given, 3 not readable.
"""

from __future__ import annotations

import argparse
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from liangzheng.auditlog.note import MalformedNote, NoteKey, read_key

_FITS, _FAILS, _UNSIGNED, _NOT_READABLE = 0, 1, 2, 3


def main(arguments: list[str]) -> int:
    """Run one of the log's commands."""
    parser = argparse.ArgumentParser(prog="liangzheng log", description="The public log (留痕): seal, verify, witness.")
    actions = parser.add_subparsers(required=True, metavar="keys|seal|verify|rows|witness|erase")
    actions.add_parser("keys", help="print the keys of this log and of this witness").set_defaults(action=_keys)
    sealer = actions.add_parser("seal", help="put what waits into the tree; `liangzheng work` does it each second")
    sealer.add_argument("--keep-on", action="store_true", help="seal each second until Ctrl-C")
    sealer.set_defaults(action=_seal)
    _add_verify(actions.add_parser("verify", help="check a whole log: a folder, an address, or this machine's with its rows"))
    _add_witness(actions.add_parser("witness", help="cosign the logs named in a file, and serve nothing else"))
    rows = actions.add_parser("rows", help="print every row with its salt, for an auditor's own program: not public")
    rows.set_defaults(action=_rows)
    eraser = actions.add_parser("erase", help="empty the entries about one holder, by the owner of the tables")
    eraser.add_argument("--holder", type=UUID, required=True)
    eraser.add_argument("--before", type=_day, required=True, metavar="YYYY-MM-DD")
    eraser.add_argument("--reason", required=True)
    eraser.set_defaults(action=_erase)
    args = parser.parse_args(arguments)
    code: int = args.action(args)
    return code


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("log", nargs="?", metavar="URL|FOLDER", help="without it: this machine's log with its rows")
    parser.add_argument("--key", action="append", type=_key, default=[], help="a key of the log (vkey); all of them have to sign")
    parser.add_argument("--witness", action="append", type=_key, default=[], help="a key of a witness")
    parser.add_argument("--quorum", type=int, default=0, help="how many of the witnesses have to have cosigned")
    parser.add_argument(
        "--since", action="append", type=Path, default=[], metavar="FILE", help="an older checkpoint or a receipt"
    )
    parser.add_argument("--trust", action="append", type=Path, default=[], metavar="DIR", help="roots of time-stamp authorities")
    parser.set_defaults(action=_verify)


def _add_witness(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--peers", type=Path, required=True, metavar="FILE", help="the file that names the logs")
    parser.add_argument("--name", required=True, help="the name to cosign under, such as witness.example/a")
    parser.add_argument("--key", type=Path, required=True, metavar="PEM", help="Ed25519 key; made when it is missing")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="what was cosigned; never restore an older copy")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8020)
    parser.set_defaults(action=_witness)


def _key(text: str) -> NoteKey:
    try:
        return read_key(text)
    except MalformedNote as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _keys(_args: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.conf import settings

    from liangzheng.auditlog.note import key_of
    from liangzheng.auditlog.sealing import log_signer
    from liangzheng.storage.keystore import witness_key

    for key in (*log_signer().public, key_of(settings.WITNESS_NAME, "cosignature", witness_key().public_key)):
        print(key.vkey)
    return _FITS


def _seal(args: argparse.Namespace) -> int:
    import django

    from liangzheng.server import startup

    if problem := startup.secrets_problem() or startup.sm2_problem():
        return _fail("seal", problem)
    with startup.database():
        django.setup()
        from liangzheng.auditlog.sealing import seal_once, seal_until
        from liangzheng.auditlog.stopped import LogStopped

        if args.keep_on:
            seal_until(threading.Event())
            return _FITS
        try:
            count, cosigned = seal_once()
        except LogStopped as stopped:
            return _fail("seal", str(stopped))
    print(f"sealed {count} entries; {cosigned} witnesses cosigned")
    return _FITS


def _verify(args: argparse.Namespace) -> int:
    from liangzheng.server.log_check import LogUnreadableError, Wanted, check_log, check_own_log

    wanted = Wanted(tuple(args.key), tuple(args.witness), args.quorum, tuple(args.since), tuple(args.trust))
    try:
        report = check_log(args.log, wanted) if args.log else check_own_log(wanted)
    except LogUnreadableError as error:
        return _fail("verify", str(error), _NOT_READABLE)
    for finding in report.findings:
        print(f"WRONG  {finding}")
    for name in (*report.signed_by, *report.cosigned_by):
        print(f"signed by {name}")
    print(f"{report.entries} entries checked, {len(report.findings)} findings")
    if report.findings:
        return _FAILS
    return _FITS if report.signed_by else _UNSIGNED


def _rows(_args: argparse.Namespace) -> int:
    import django

    from liangzheng.server import startup

    with startup.database():
        django.setup()
        from liangzheng.auditlog.rows import export_rows, sealing

        with sealing() as cursor:
            for line in export_rows(cursor):
                print(line)
    return _FITS


def _witness(args: argparse.Namespace) -> int:
    from liangzheng.auditlog.stopped import LogStopped
    from liangzheng.server.log_witness import witness_server

    try:
        server, vkey = witness_server(args)
    except LogStopped as stopped:
        return _fail("witness", str(stopped))
    with server:
        print(f"{vkey}\nwitness at http://{args.host}:{server.server_port}; Ctrl-C stops it.", flush=True)
        server.serve_forever()
    return _FITS


def _erase(args: argparse.Namespace) -> int:
    import os

    os.environ["LIANGZHENG_DATABASE_ROLE"] = "owner"
    import django

    from liangzheng.server import startup

    with startup.database():
        django.setup()
        from liangzheng.auditlog.erase import erase_holder
        from liangzheng.errors import Refused

        try:
            count = erase_holder(args.holder, args.before, args.reason)
        except Refused as refused:
            return _fail("erase", refused.message)
    print(f"erased {count} entries")
    return _FITS


def _fail(command: str, sentence: str, code: int = _FAILS) -> int:
    print(f"liangzheng log {command}: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
