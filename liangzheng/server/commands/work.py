"""`liangzheng work`: the procrastinate worker, and beside it the sealer of the log.

Jobs are rows of the same database, written by the transaction that wants them. Of several workers one seals.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

_ENDING_SECONDS = 5


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
        with nullcontext() if options.once else _sealing():
            call_command("procrastinate", "worker", *(["--one-shot"] if options.once else []))
    return 0


@contextmanager
def _sealing() -> Iterator[None]:
    from liangzheng.auditlog.sealing import seal_until

    stop = threading.Event()
    thread = threading.Thread(target=seal_until, args=[stop], name="sealer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_ENDING_SECONDS)
