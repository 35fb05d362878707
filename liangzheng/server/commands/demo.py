"""`liangzheng demo`: the fictional city on this machine, the whole job once through HTTP, then serving until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from liangzheng.server.machine import port_problem

_CLI = [sys.executable, "-m", "liangzheng.server.cli"]
_HEALTHY_SECONDS = 60
_STOPPING_SECONDS = 15
_MADE_BY_DEMO = ("postgres", "keys", "objects", "trust", "licences", "photos", "sandbox", "log", "log-tiles", "witness")
_Children = dict[str, subprocess.Popen[bytes]]


class DemoStoppedError(RuntimeError):
    """A part of the demo ended by itself; the message says which one and where to read why."""


def main(arguments: list[str]) -> int:
    """Prepare, start, show, serve; Ctrl-C stops everything."""
    parser = argparse.ArgumentParser(prog="liangzheng demo", description="Show the whole job on a fictional city.")
    parser.add_argument("--once", action="store_true", help="stop after the transcript")
    parser.add_argument("--reset", action="store_true", help="throw the data of earlier demos away first")
    options = parser.parse_args(arguments)
    os.environ["LIANGZHENG_DEMO"] = "1"
    for number in (signal.SIGTERM, signal.SIGINT):  # SIGINT too: a shell's background job inherits it as ignored
        signal.signal(number, _as_ctrl_c)
    if problem := _problem(reset=options.reset):
        print(f"liangzheng demo: {problem}", file=sys.stderr)
        return 1
    try:
        _run(once=options.once)
    except KeyboardInterrupt:
        print("\nstopped", flush=True)
    except DemoStoppedError as error:
        print(f"liangzheng demo: {error}", file=sys.stderr)
        return 1
    return 0


def _problem(*, reset: bool) -> str:
    from django.conf import settings

    from liangzheng.server import startup

    problem = (
        startup.web_problem()
        or port_problem(settings.HOST, settings.PORT)
        or port_problem("127.0.0.1", settings.SANDBOX_PORT, "LIANGZHENG_SANDBOX_PORT")
    )
    return problem or (_reset(settings.DATA_FOLDER) if reset and settings.EMBEDDED_DATABASE else "")


def _reset(data_folder: Path) -> str:
    from liangzheng.server.postgres import EmbeddedPostgres

    server = EmbeddedPostgres(data_folder)
    if server.is_used():
        return f"another process uses {data_folder}: stop it first."
    if server.cluster.exists():
        with server:
            pass  # a server left by a crash is stopped with this last use
    for name in _MADE_BY_DEMO:
        shutil.rmtree(data_folder / name, ignore_errors=True)
    return ""


def _run(*, once: bool) -> None:
    from django.conf import settings

    from dev import transcript
    from liangzheng.server import startup

    with ExitStack() as stack:
        with _told("PostgreSQL"):
            stack.enter_context(startup.database())
        with _told("tables"):
            _manage("migrate", "--verbosity", "0")
        with _told("fictional city"):
            _manage("load_demo_city")
        with _told("server, worker, sandbox of other systems"):
            children = stack.enter_context(_children(settings.DATA_FOLDER / "log"))
            _await_health(f"http://{settings.HOST}:{settings.PORT}", children)
        try:
            transcript.play(f"http://{settings.HOST}:{settings.PORT}")
        except transcript.TranscriptError as error:
            raise DemoStoppedError(f"the job did not go as it must: {error}") from error
        transcript.print_addresses(settings.PUBLIC_URL, settings.SANDBOX_URL)
        while not once:
            time.sleep(0.5)
            _check(children)


def _manage(*words: str) -> None:
    """Run a Django command in a process of its own, because each needs its own database role."""
    done = subprocess.run([*_CLI, "manage", *words], check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise DemoStoppedError(f"`liangzheng manage {words[0]}` failed, see above.")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say what is being done, and then how long it took."""
    began = time.monotonic()
    print(f"· {what} … ", end="", flush=True)
    try:
        yield
    except BaseException:
        print(flush=True)  # what went wrong gets a line of its own
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


@contextmanager
def _children(log_folder: Path) -> Iterator[_Children]:
    """Run server and worker in groups of their own, so that Ctrl-C reaches them through us, in order."""
    log_folder.mkdir(exist_ok=True)
    children: _Children = {}
    try:
        for name in ("work", "sandbox", "serve"):
            with (log_folder / f"{name}.log").open("ab") as log:
                children[name] = subprocess.Popen([*_CLI, name], stdout=log, stderr=log, stdin=log, start_new_session=True)
        yield children
    finally:
        for child in reversed(children.values()):
            child.terminate()
        for child in children.values():
            try:
                child.wait(_STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _await_health(address: str, children: _Children) -> None:
    until = time.monotonic() + _HEALTHY_SECONDS
    while time.monotonic() < until:
        _check(children)
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):  # noqa: S310 - our own http address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise DemoStoppedError(f"the server did not answer within {_HEALTHY_SECONDS} s: see log/serve.log in the data folder.")


def _check(children: _Children) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise DemoStoppedError(f"`liangzheng {name}` ended ({child.returncode}): see log/{name}.log in the data folder.")


def _as_ctrl_c(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
