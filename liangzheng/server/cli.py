"""The `liangzheng` command: serving, judging files, drawing, signing lists; Django's own commands under `manage`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

_COMMANDS = {
    "demo": ("liangzheng.server.commands.demo", "show the whole job on a fictional city and keep serving it"),
    "serve": ("liangzheng.server.commands.serve", "serve the pages and the API"),
    "work": ("liangzheng.server.commands.work", "run the background jobs"),
    "doctor": ("liangzheng.server.commands.doctor", "say what is missing on this machine and how to get it"),
    "people": ("liangzheng.server.commands.people", "import agencies and officers, appoint the first administrators"),
    "log": ("liangzheng.server.commands.log", "seal, verify and witness the public log"),
    "keys": ("liangzheng.server.commands.rotate_keys", "give the encrypted columns and objects new keys while serving"),
    "retention": ("liangzheng.server.commands.retention", "say and delete what is over its term; terms, holds, erasure"),
    "verify": ("liangzheng.server.verify_command", "judge a licence file without a database"),
    "receipt": ("liangzheng.server.commands.receipt", "check the receipt of a look without a database"),
    "trust": ("liangzheng.server.trust_command", "show, check and sign trust lists without a database"),
    "status": ("liangzheng.server.status_command", "show, check and make status lists without a database"),
    "issue": ("liangzheng.server.issue_command", "write and seal a demo licence"),
    "annotate": ("liangzheng.server.annotate_command", "make an annotated copy of a licence file"),
    "render": ("liangzheng.server.render_command", "draw a licence file as PNG or SVG"),
    "sandbox": ("liangzheng.server.commands.sandbox", "play the outside systems for the demo"),
    "manage": ("liangzheng.server.commands.manage", "Django's own commands, such as `manage migrate`"),
}
_FAILED, _INTERRUPTED = 1, 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit code. Whatever the operator can mend is told in one line."""
    words = sys.argv[1:] if arguments is None else arguments
    from liangzheng.server.machine import python_problem

    problem = python_problem(tuple(sys.version_info[:2]), sys.executable)
    if problem:
        return _fail(problem)
    if not words or words[0] not in _COMMANDS:
        return _usage(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liangzheng.server.settings")
    try:
        code: int = importlib.import_module(_COMMANDS[words[0]][0]).main(words[1:])
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        if _is_for_the_operator(error):
            return _fail(str(error))
        raise
    return code


def _usage(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="liangzheng", description="亮证: electronic licences in on-site law enforcement")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_module, text) in _COMMANDS.items():
        commands.add_parser(name, help=text, add_help=False)
    if not words:
        parser.print_help()
        return 2
    parser.parse_args(words)
    return 0


def _is_for_the_operator(error: Exception) -> bool:
    from django.core.exceptions import ImproperlyConfigured

    from liangzheng.server.postgres import DatabaseDownError
    from liangzheng.server.postgres_user import NoServerUserError

    return isinstance(error, (DatabaseDownError, NoServerUserError, ImproperlyConfigured))


def _fail(line: str) -> int:
    print(f"liangzheng: {line}", file=sys.stderr)
    return _FAILED


if __name__ == "__main__":
    sys.exit(main())
