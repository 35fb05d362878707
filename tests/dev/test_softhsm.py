"""SoftHSM for the token tests: named when there, installed where that is allowed, else one line that says how."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from dev import chromium, softhsm
from liangzheng.server.machine import GET_SOFTHSM, Finding

THERE, MISSING = Finding("SoftHSM", "/usr/lib/softhsm/libsofthsm2.so", "test"), Finding("SoftHSM", "missing", "test", GET_SOFTHSM)


def play(monkeypatch: pytest.MonkeyPatch, findings: list[Finding]) -> list[str]:
    """Let the machine answer with these findings in turn; give what was installed."""
    installed: list[str] = []
    monkeypatch.setattr(softhsm, "find_softhsm", lambda: findings.pop(0))
    monkeypatch.setattr(softhsm, "apt_install", installed.append)
    return installed


def test_where_it_is_nothing_is_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    installed = play(monkeypatch, [THERE, THERE])
    assert softhsm.main() == 0
    assert not installed
    assert THERE.found in capsys.readouterr().out


def test_where_it_is_missing_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = play(monkeypatch, [MISSING, THERE])
    assert softhsm.main() == 0
    assert installed == ["softhsm2"]


def test_where_it_stays_missing_one_line_says_how(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    play(monkeypatch, [MISSING, MISSING])
    assert softhsm.main() == 1
    assert capsys.readouterr().err == f"The token tests need SoftHSM: {GET_SOFTHSM}.\n"


def test_only_root_with_apt_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    chromium.apt_install("softhsm2")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    chromium.apt_install("softhsm2")
    assert not ran
