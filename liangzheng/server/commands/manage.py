"""`liangzheng manage …`: Django's own commands, with the database at hand and the right role."""

from __future__ import annotations

import os
import sys

_BY_OWNER = {"migrate", "dbshell", "sqlflush", "flush"}  # these change the schema or need every right
_WITHOUT_DATABASE = {"help", "--help", "-h", "version", "--version", "check", "export_openapi", "makemessages", "compilemessages"}


def main(arguments: list[str]) -> int:
    """Run one Django command."""
    command = arguments[0] if arguments else "help"
    if command in _BY_OWNER:
        os.environ.setdefault("LIANGZHENG_DATABASE_ROLE", "owner")
    from django.core.management import execute_from_command_line

    words = ["liangzheng manage", *arguments]
    if command in _WITHOUT_DATABASE:
        execute_from_command_line(words)
        return 0
    from liangzheng.server import startup

    with startup.database():
        try:
            execute_from_command_line(words)
        except BrokenPipeError:
            sys.stderr.close()
    return 0
