"""`liangzheng retention`: what is over its term, deleting it, terms and holds. `liangzheng work` deletes each night."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from uuid import UUID

_DONE, _REFUSED = 0, 1


def main(arguments: list[str]) -> int:
    """Run one of the retention commands."""
    args = _parser().parse_args(arguments)
    if args.action in {_set, _hold, _lift, _erase}:
        os.environ["LIANGZHENG_DATABASE_ROLE"] = "owner"
    import django

    from liangzheng.server import startup

    if problem := startup.secrets_problem():
        return _refuse(problem)
    with startup.database():
        django.setup()
        from liangzheng.errors import CannotDo

        try:
            args.action(args)
        except CannotDo as error:
            return _refuse(error.message)
    return _DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="liangzheng retention", description="保存期限: terms, holds, deleting.")
    actions = parser.add_subparsers(required=True, metavar="report|delete|set|hold|lift|erase")
    actions.add_parser("report", help="say what would be deleted now; change nothing").set_defaults(action=_report)
    actions.add_parser("delete", help="delete what is over its term").set_defaults(action=_delete)
    term = actions.add_parser("set", help="put another term in force")
    term.add_argument("kind")
    term.add_argument("--days", type=int, required=True)
    term.add_argument("--basis", required=True)
    term.set_defaults(action=_set)
    hold = actions.add_parser("hold", help="delete nothing of an act or about a holder until it is lifted")
    which = hold.add_mutually_exclusive_group(required=True)
    which.add_argument("--act", type=UUID)
    which.add_argument("--holder", type=UUID)
    hold.add_argument("--reason", required=True)
    hold.set_defaults(action=_hold)
    lift = actions.add_parser("lift", help="lift a hold")
    lift.add_argument("hold", type=UUID)
    lift.set_defaults(action=_lift)
    erase = actions.add_parser("erase", help="empty a holder's own rows: identity, licences, account, log entries")
    erase.add_argument("--holder", type=UUID, required=True)
    erase.add_argument("--reason", required=True)
    erase.set_defaults(action=_erase)
    return parser


def _report(_args: argparse.Namespace) -> None:
    from liangzheng.storage.retention import due_now

    for item in due_now():
        print(f"{item.kind.id}\t{item.kind.label}\t{item.days} days\tdue {item.due}\theld {item.held}\t{item.basis}")


def _delete(_args: argparse.Namespace) -> None:
    from liangzheng.storage.retention import delete_due

    for kind, number in delete_due().items():
        print(f"{kind}\tdeleted {number}")


def _set(args: argparse.Namespace) -> None:
    from liangzheng.errors import Malformed
    from liangzheng.storage.retention import set_term

    if args.days < 1:
        raise Malformed("invalid_input", "期限至少一天。", place="days")
    set_term(args.kind, args.days, args.basis, datetime.now(UTC))


def _hold(args: argparse.Namespace) -> None:
    from liangzheng.storage.retention import place_hold

    print(place_hold(args.act, args.holder, args.reason, datetime.now(UTC)))


def _lift(args: argparse.Namespace) -> None:
    from liangzheng.storage.retention import lift_hold

    lift_hold(args.hold, datetime.now(UTC))


def _erase(args: argparse.Namespace) -> None:
    from liangzheng.server.commands.retention_erase import erase_person

    print(erase_person(args.holder, args.reason, datetime.now(UTC)))


def _refuse(sentence: str) -> int:
    print(f"liangzheng retention: {sentence}", file=sys.stderr)
    return _REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
