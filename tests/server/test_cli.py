"""The command: one clear line for each thing that is wrong, and no start with secrets that everyone knows."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from liangzheng.crypto import libcrypto
from liangzheng.server import cli, machine, startup
from liangzheng.server.commands import doctor
from liangzheng.server.machine import Finding

OWN_SECRETS = {
    "LIANGZHENG_SECRET_KEY": "an-own-secret-of-more-than-32-characters",
    "LIANGZHENG_MASTER_KEY": "0123456789abcdef" * 2,
}


def liangzheng(*words: str, **environment: str) -> tuple[int, str]:
    """Run the command as a program; give its exit code and what it said about errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIANGZHENG_", "DATABASE_URL", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "liangzheng.server.cli", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=kept | environment,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stderr.strip()


@pytest.fixture
def busy_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


@pytest.fixture
def pages_are_built(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    settings.WEB_FOLDER = tmp_path


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("demo", "serve", "work", "doctor", "verify", "manage"))


def test_an_unknown_command_is_refused() -> None:
    code, said = liangzheng("fly")
    assert code == 2
    assert "invalid choice: 'fly'" in said


def test_a_wrong_setting_is_one_line() -> None:
    assert liangzheng("doctor", LIANGZHENG_PORT="eight") == (
        1,
        "liangzheng: LIANGZHENG_PORT='eight': expected a whole number from 1 to 65535.",
    )


def test_serving_with_the_demo_secrets_is_refused(tmp_path: Path) -> None:
    code, said = liangzheng("serve", LIANGZHENG_DATA=str(tmp_path))
    assert code == 1
    assert said.startswith("liangzheng serve: LIANGZHENG_SECRET_KEY is not set")
    assert len(said.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_working_with_the_demo_secrets_is_refused(tmp_path: Path) -> None:
    code, said = liangzheng("work", LIANGZHENG_DATA=str(tmp_path))
    assert code == 1
    assert said.startswith("liangzheng work: LIANGZHENG_SECRET_KEY is not set")


def test_another_server_program_cannot_start_it_with_the_demo_secrets_either() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIANGZHENG_")}
    environment["DJANGO_SETTINGS_MODULE"] = "liangzheng.server.settings"
    program = [sys.executable, "-c", "import liangzheng.server.wsgi"]
    refused = subprocess.run(program, check=False, capture_output=True, text=True, env=environment)
    accepted = subprocess.run(program, check=False, capture_output=True, text=True, env=environment | OWN_SECRETS)
    assert (refused.returncode, accepted.returncode) == (1, 0), refused.stderr + accepted.stderr
    assert "LIANGZHENG_SECRET_KEY" in refused.stderr


@pytest.mark.parametrize(
    ("secret", "master", "named"),
    [
        (django_settings.DEMO_SECRET_KEY, OWN_SECRETS["LIANGZHENG_MASTER_KEY"], "LIANGZHENG_SECRET_KEY"),
        ("short", OWN_SECRETS["LIANGZHENG_MASTER_KEY"], "LIANGZHENG_SECRET_KEY"),
        (OWN_SECRETS["LIANGZHENG_SECRET_KEY"], django_settings.DEMO_MASTER_KEY, "LIANGZHENG_MASTER_KEY"),
        (OWN_SECRETS["LIANGZHENG_SECRET_KEY"], "not hex", "LIANGZHENG_MASTER_KEY"),
        (OWN_SECRETS["LIANGZHENG_SECRET_KEY"], "abcd", "LIANGZHENG_MASTER_KEY"),
        (OWN_SECRETS["LIANGZHENG_SECRET_KEY"], OWN_SECRETS["LIANGZHENG_MASTER_KEY"], ""),
    ],
)
def test_secrets_outside_demo_mode(settings: Settings, secret: str, master: str, named: str) -> None:
    settings.DEMO, settings.SECRET_KEY, settings.MASTER_KEY = False, secret, master
    assert startup.secrets_problem().startswith(named)
    assert bool(startup.secrets_problem()) == bool(named)


@pytest.mark.parametrize(
    ("host", "url", "refused"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", False),
        ("::1", "http://localhost:8000", False),
        ("0.0.0.0", "http://10.0.0.5:8000", True),  # noqa: S104 - the case under test
        ("lz.example", "http://lz.example", True),
        ("0.0.0.0", "https://lz.example", False),  # noqa: S104
    ],
)
def test_personal_data_does_not_go_out_without_tls(settings: Settings, host: str, url: str, refused: bool) -> None:  # noqa: FBT001 - table
    settings.DEMO, settings.HOST, settings.PUBLIC_URL = False, host, url
    assert bool(startup.transport_problem()) is refused


@pytest.mark.usefixtures("pages_are_built")
def test_a_busy_port_is_one_line(busy_port: str) -> None:
    assert machine.port_problem("127.0.0.1", int(busy_port)) == (
        f"port {busy_port} on 127.0.0.1 is busy: stop what uses it, or choose another with LIANGZHENG_PORT."
    )


def test_a_host_that_is_not_ours() -> None:
    assert "LIANGZHENG_HOST" in machine.port_problem("no such host", 8000)


def test_pages_that_are_not_built(settings: Settings, tmp_path: Path) -> None:
    settings.WEB_FOLDER = tmp_path
    assert "run `make web`" in startup.web_problem()


@pytest.mark.django_db
def test_an_up_to_date_database_has_no_problem() -> None:
    assert startup.schema_problem() == ""


@pytest.mark.parametrize(("version", "told"), [((3, 10), "Python 3.10"), ((2, 7), "Python 2.7"), ((3, 11), ""), ((4, 0), "")])
def test_an_old_python_is_named(version: tuple[int, int], told: str) -> None:
    line = machine.python_problem(version)
    assert told in line
    assert bool(line) == bool(told)


@pytest.mark.parametrize(
    ("text", "version"), [("v20.20.2\n", (20, 20, 2)), ("v24.0.0-nightly", (24, 0, 0)), ("", (0,)), ("node", (0,))]
)
def test_node_versions(text: str, version: tuple[int, ...]) -> None:
    assert machine.read_node_version(text) == version


@pytest.mark.parametrize(("version", "good"), [("v20.19.0", True), ("v18.20.4", False), ("v20.18.9", False), ("v24.1.0", True)])
def test_an_old_node_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, good: bool) -> None:  # noqa: FBT001 - table
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    finding = machine.find_node()
    assert finding.found == version
    assert bool(finding.advice) is not good


def test_a_missing_node_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.find_node() == Finding("Node.js", "missing", "web", machine.GET_NODE)


def test_a_chromium_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nothing"))
    assert machine.find_chromium().advice == machine.GET_CHROMIUM


def test_a_data_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert machine.folder_problem(tmp_path / "new" / "folder") == ""
    assert "is not a folder" in machine.folder_problem(tmp_path / "file" / "var")


def test_doctor_finds_what_this_run_uses() -> None:
    found = {finding.what: finding for finding in doctor.examine()}
    assert len(found) >= 10
    for what in ("Python", "SM2 (OpenSSL)", "PostgreSQL", "document fonts"):
        assert found[what].advice == ""


def test_doctor_says_what_to_do_and_fails_only_for_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: [Finding("ffmpeg", "missing", "", "get it")])
    assert doctor.main([]) == 0
    monkeypatch.setattr(doctor, "examine", lambda: [Finding("Python", "3.9", "run", "get a newer one")])
    assert doctor.main([]) == 1
    assert "→ get a newer one" in capsys.readouterr().out


def test_without_sm2_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert startup.sm2_problem() == ""
    monkeypatch.setenv("LIANGZHENG_LIBCRYPTO", "/nowhere/libcrypto.so")
    monkeypatch.setattr(libcrypto, "_found", libcrypto._found.__wrapped__)
    assert "LIANGZHENG_LIBCRYPTO" in startup.sm2_problem()
    assert "LIANGZHENG_LIBCRYPTO" in machine.find_sm2().advice
