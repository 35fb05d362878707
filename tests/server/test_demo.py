"""The demo as a newcomer meets it: it shows the whole job, keeps serving, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from liangzheng.server.machine import port_problem
from liangzheng.server.postgres import EmbeddedPostgres

DEMO = [sys.executable, "-m", "liangzheng.server.cli", "demo"]
LAST_LINE = "Ctrl-C 停止"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIANGZHENG_", "DATABASE_URL", "DJANGO_"))}
    ports = {"LIANGZHENG_PORT": str(port), "LIANGZHENG_SANDBOX_PORT": str(free_port())}
    return kept | ports | {"LIANGZHENG_DATA": str(folder), "PYTHONUNBUFFERED": "1"}


def lines_until_serving(demo: subprocess.Popen[str]) -> Iterator[str]:
    assert demo.stdout is not None
    for line in demo.stdout:
        yield line
        if LAST_LINE in line:
            return


def family(folder: Path) -> list[psutil.Process]:
    """Every process that was given this data folder, by its environment or its words."""
    found = []
    for process in psutil.process_iter():
        try:
            told = " ".join(process.cmdline()) + process.environ().get("LIANGZHENG_DATA", "")
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if str(folder) in told and process.pid != os.getpid():
            found.append(process)
    return found


def test_the_demo_shows_the_job_serves_and_stops_without_a_trace(data_folder: Path) -> None:
    folder, port = data_folder / "var", free_port()
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, text=True, env=environment(folder, port)) as demo:
        try:
            told = "".join(lines_until_serving(demo))
            for expected in (
                "证件有效",
                "officers_not_shown",
                "扫码 → 有效",
                "出示码已失效",
                "已吊销",
                "免填",
                "SM3",
                "使用",
                "liangzheng-demo",
            ):
                assert expected in told
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                assert answer.status == 200
            assert family(folder)
            refused = subprocess.run(
                [*DEMO, "--reset"], check=False, capture_output=True, text=True, env=environment(folder, free_port())
            )
            assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
            assert "another process uses" in refused.stderr
            demo.send_signal(signal.SIGINT)
            assert demo.wait(30) == 0
        finally:
            demo.kill()
    assert not family(folder)
    assert not port_problem("127.0.0.1", port)
    assert not EmbeddedPostgres(folder).is_used()
    again = subprocess.run([*DEMO, "--once"], check=False, capture_output=True, text=True, env=environment(folder, port))
    assert again.returncode == 0, again.stderr
    assert LAST_LINE in again.stdout
    assert not family(folder)


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_busy_port_is_one_line_before_anything_is_made(tmp_path: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = environment(tmp_path / "var", port) | {"LIANGZHENG_DEMO": "1"}
        done = subprocess.run([*DEMO[:-1], command], check=False, capture_output=True, text=True, env=settings)
    assert done.returncode == 1
    assert done.stderr == (
        f"liangzheng {command}: port {port} on 127.0.0.1 is busy: stop what uses it, or choose another with LIANGZHENG_PORT.\n"
    )
    assert not (tmp_path / "var").exists()
