"""The product as a user runs it: a server process on a loaded demo city, reached over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from liangzheng.server.postgres import EmbeddedPostgres
from tests.journeys.browser import chromium, show_to_camera
from tests.journeys.phones import OPEN, Phone

CLI = [sys.executable, "-m", "liangzheng.server.cli"]
STARTING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class City:
    """A running demo city. `folder` is its data folder, with keys, trust and licence files."""

    address: str
    folder: Path
    environment: dict[str, str]

    def phone(self, username: str) -> Phone:
        """Take a person's phone."""
        return Phone.of(self.address, username)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def city_folder(session_data_folder: Path) -> Iterator[Path]:
    """A data folder with the database running, the tables made and the city loaded."""
    folder = session_data_folder
    environment = os.environ | {"LIANGZHENG_DATA": str(folder), "LIANGZHENG_DEMO": "1"}
    with EmbeddedPostgres(folder):
        subprocess.run([*CLI, "manage", "migrate", "--verbosity", "0"], env=environment, check=True)
        subprocess.run([*CLI, "manage", "load_demo_city"], env=environment, check=True)
        yield folder


@pytest.fixture(scope="session")
def city(city_folder: Path) -> Iterator[City]:
    """The city with its server."""
    port = free_port()
    ports = {"LIANGZHENG_PORT": str(port), "LIANGZHENG_SANDBOX_PORT": str(free_port())}
    environment = os.environ | ports | {"LIANGZHENG_DATA": str(city_folder), "LIANGZHENG_DEMO": "1"}
    with start_server(city_folder, environment, port) as address:
        yield City(address, city_folder, environment)
        while OPEN:
            OPEN.pop().close()


class start_server:  # noqa: N801 - used like a function: `with start_server(…) as address`
    """Run `liangzheng serve` until the block ends."""

    def __init__(self, folder: Path, environment: dict[str, str], port: int) -> None:
        """Start the process and wait until it answers."""
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder / "serve.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*CLI, "serve"], env=environment, stdout=log, stderr=log)
        self._await()

    def _await(self) -> None:
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                httpx.get(f"{self.address}/health", timeout=2)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        self.process.kill()
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def __enter__(self) -> str:
        """Give the address."""
        return self.address

    def kill(self) -> None:
        """Kill it with all its workers, as a power cut would."""
        for process in (psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)):
            process.kill()

    def __exit__(self, *_: object) -> None:
        """Stop as an operator does."""
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the phones' cameras see."""
    film = tmp_path_factory.mktemp("camera") / "film.y4m"
    show_to_camera(film, "nothing to read here")
    return film


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Stopped at the end of a file: its event loop would make Django refuse the database to later tests."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright, film: Path) -> Iterator[Browser]:
    """One Chromium for all phones of a file."""
    with chromium(playwright, film) as running:
        yield running
