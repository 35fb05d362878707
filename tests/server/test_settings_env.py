"""Settings: a wrong value is named in one sentence, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from liangzheng.server.database import django_database, read_database_url
from liangzheng.server.settings_env import SettingError, envbool, envchoice, envint, envpath, envsecret, envstr


@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False), ("", False)])
def test_yes_and_no(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:  # noqa: FBT001 - table
    monkeypatch.setenv("X", text)
    assert envbool("X", default=not value) is value


@pytest.mark.parametrize("text", ["ja", "2", "tru", "\uff11"])
def test_neither_yes_nor_no(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("X", text)
    with pytest.raises(SettingError, match="X="):
        envbool("X", default=False)


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "65536", "8000.0", "\uff18", "1e3"])
def test_no_port(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(SettingError, match="from 1 to 65535"):
        envint("PORT", 8000, least=1, most=65535)


def test_defaults_hold_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("X", "X_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert envint("X", 7, least=1, most=9) == 7
    assert envstr("X", "word") == "word"
    assert envbool("X", default=True)
    assert envsecret("X", "default") == "default"
    assert envpath("X", Path("a/b")) == Path("a/b").resolve()


def test_one_of_a_few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "des")
    with pytest.raises(SettingError, match="sm4, aes"):
        envchoice("X", "sm4", ("sm4", "aes"))


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    assert envsecret("X", "") == "s3cret"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_secret_file_that_holds_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingError, match="X_FILE="):
        envsecret("X", "default")


def test_a_secret_is_not_taken_from_two_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("X", "one")
    monkeypatch.setenv("X_FILE", str(tmp_path))
    with pytest.raises(SettingError, match="both"):
        envsecret("X", "")


def test_a_database_address() -> None:
    address = read_database_url("DATABASE_URL", "postgresql://app:p%40ss@db.example:6432/city?sslmode=verify-full")
    assert (address.name, address.user, address.password, address.host, address.port) == (
        "city",
        "app",
        "p@ss",
        "db.example",
        "6432",
    )
    entry = django_database(address, statement_timeout_ms=15_000)
    options = entry["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "verify-full"
    assert options["options"] == "-c statement_timeout=15000"
    assert options["tcp_user_timeout"] == 20_000
    assert (entry["CONN_MAX_AGE"], entry["CONN_HEALTH_CHECKS"]) == (60, True)


@pytest.mark.parametrize(
    "url",
    ["mysql://a@b/c", "postgresql://", "postgresql://user@host", "postgresql://host/name", "postgresql://u@h/n?nonsense=1", "x"],
)
def test_no_database_address(url: str) -> None:
    with pytest.raises(SettingError, match="DATABASE_URL"):
        read_database_url("DATABASE_URL", url)


def test_a_refused_address_does_not_repeat_its_password() -> None:
    with pytest.raises(SettingError) as refused:
        read_database_url("DATABASE_URL", "postgresql://user:hunter2@host/name?nonsense=1")
    assert "hunter2" not in str(refused.value)
