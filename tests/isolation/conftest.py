"""The two cities, made and worked in once for all tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from liangzheng.server.postgres import EmbeddedPostgres
from tests.conftest import own_folder
from tests.isolation.twins import Team, Twins, build_world, live
from tests.journeys.conftest import CLI, STARTING_SECONDS, free_port, start_server
from tests.journeys.phones import OPEN

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="package")
def twins() -> Iterator[Twins]:
    """Both cities with a server."""
    with own_folder() as folder, EmbeddedPostgres(folder):
        port = free_port()
        ports = {"LIANGZHENG_PORT": str(port), "LIANGZHENG_SANDBOX_PORT": str(free_port()), "LIANGZHENG_WORKERS": "1"}
        environment = os.environ | ports | {"LIANGZHENG_DATA": str(folder), "LIANGZHENG_DEMO": "1"}
        environment |= {"DJANGO_SETTINGS_MODULE": "liangzheng.server.settings"}
        subprocess.run([*CLI, "manage", "migrate", "--verbosity", "0"], env=environment, check=True)
        subprocess.run([*CLI, "manage", "load_demo_city"], env=environment, check=True, stdout=subprocess.DEVNULL)
        teams = tuple(Team(values) for values in build_world(environment))
        with start_server(folder, environment, port) as address:
            made = Twins(folder, address, teams)
            live(made)
            yield made
            while OPEN:
                OPEN.pop().close()


@contextmanager
def unguarded_server(twins: Twins) -> Iterator[str]:
    """Serve the same folder without the application's checks."""
    port = free_port()
    environment = os.environ | {"LIANGZHENG_DATA": str(twins.folder), "LIANGZHENG_DEMO": "1", "LIANGZHENG_PORT": str(port)}
    environment |= {"DJANGO_SETTINGS_MODULE": "liangzheng.server.settings"}
    program = ["granian", "--interface", "wsgi", "--port", str(port), "--blocking-threads", "2"]
    with (twins.folder / "unguarded.log").open("ab") as log:
        command = [sys.executable, "-m", *program, "tests.isolation.unguarded:application"]
        process = subprocess.Popen(command, env=environment, cwd=PROJECT, stdout=log, stderr=log)
    try:
        _await(f"http://127.0.0.1:{port}", process, twins.folder / "unguarded.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{address}/health", timeout=2)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8"))
