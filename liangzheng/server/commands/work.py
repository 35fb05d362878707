"""`liangzheng work`: the procrastinate worker. Jobs are rows of the same database, written by the transaction that wants them."""

from __future__ import annotations

import argparse
import sys


def main(arguments: list[str]) -> int:
    """Run jobs until interrupted."""
    parser = argparse.ArgumentParser(prog="liangzheng work", description="Run the background jobs until Ctrl-C.")
    parser.add_argument("--once", action="store_true", help="run what waits, then stop")
    options = parser.parse_args(arguments)
    import django
    from django.core.management import call_command

    from liangzheng.server import startup

    if problem := startup.secrets_problem() or startup.sm2_problem():
        print(f"liangzheng work: {problem}", file=sys.stderr)
        return 1
    with startup.database():
        django.setup()
        if problem := startup.schema_problem():
            print(f"liangzheng work: {problem}", file=sys.stderr)
            return 1
        call_command("procrastinate", "worker", *(["--one-shot"] if options.once else []))
    return 0
