"""Typed readers of environment variables. A value of the wrong form stops the start with one sentence that names it."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off", "")


class SettingError(ImproperlyConfigured):
    """An environment variable holds a value that cannot be used; the message is for the person who set it."""


def envstr(name: str, default: str = "") -> str:
    """Read a text; surrounding blanks are dropped."""
    return os.environ.get(name, default).strip()


def envint(name: str, default: int, *, least: int, most: int) -> int:
    """Read a whole number within bounds."""
    text = envstr(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingError(f"{name}={text!r}: expected a whole number from {least} to {most}.")
    return int(text)


def envbool(name: str, *, default: bool) -> bool:
    """Read yes or no: 1, true, yes, on / 0, false, no, off or empty."""
    text = envstr(name, "1" if default else "0").lower()
    if text not in _TRUE + _FALSE:
        raise SettingError(f"{name}={text!r}: expected 1 or 0.")
    return text in _TRUE


def envchoice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Read one of a few words."""
    text = envstr(name, default)
    if text not in choices:
        raise SettingError(f"{name}={text!r}: expected one of {', '.join(choices)}.")
    return text


def envpath(name: str, default: Path) -> Path:
    """Read a folder or file; `~` and relative paths are resolved."""
    return Path(envstr(name) or default).expanduser().resolve()


def envsecret(name: str, default: str) -> str:
    """Read a secret from NAME, or from the file that NAME_FILE names (one trailing newline is dropped); never from both."""
    text, file = envstr(name), envstr(f"{name}_FILE")
    if text and file:
        raise SettingError(f"{name} and {name}_FILE are both set: keep one.")
    if not file:
        return text or default
    try:
        secret = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name}_FILE={file!r}: cannot be read ({error.__class__.__name__}).") from error
    if not secret:
        raise SettingError(f"{name}_FILE={file!r}: the file is empty.")
    return secret
