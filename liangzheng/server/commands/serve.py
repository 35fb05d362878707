"""`liangzheng serve`: granian with WSGI workers behind one address. It builds nothing and migrates nothing."""

from __future__ import annotations

import argparse
import sys

from liangzheng.server.machine import port_problem

_THREADS = 4  # per worker; each may hold one database connection


def main(arguments: list[str]) -> int:
    """Serve until interrupted; refuse to start with one line when something is wrong."""
    parser = argparse.ArgumentParser(prog="liangzheng serve", description="Serve the pages and the API until Ctrl-C.")
    parser.parse_args(arguments)
    import django
    from django.conf import settings

    from liangzheng.server import startup

    problem = startup.secrets_problem() or startup.sm2_problem() or startup.transport_problem() or startup.web_problem()
    problem = problem or port_problem(settings.HOST, settings.PORT)
    if problem:
        return _refuse(problem)
    with startup.database():
        django.setup()
        if problem := startup.schema_problem():
            return _refuse(problem)
        startup.make_partitions()
        print(f"liangzheng serves {settings.PUBLIC_URL} ({settings.WORKERS} workers); Ctrl-C stops it.", flush=True)
        _serve(settings.HOST, settings.PORT, settings.WORKERS)
    return 0


def _refuse(problem: str) -> int:
    print(f"liangzheng serve: {problem}", file=sys.stderr)
    return 1


def _serve(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "liangzheng.server.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,  # seconds for requests under way
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
