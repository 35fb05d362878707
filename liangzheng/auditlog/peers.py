"""Who cosigns whom: the file that names the logs this machine is a witness of, and the witnesses of its own log.

{"logs": ["vkey", …], "witnesses": [{"key": "vkey", "url": "https://…/witness"}, …]}; a log may be named by several keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from liangzheng.auditlog.note import MalformedNote, NoteKey, read_key
from liangzheng.auditlog.stopped import LogStopped
from liangzheng.formats.strict_json import BadJson, read_object


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """A witness of this log; `url` is its submission prefix."""

    key: NoteKey
    url: str


@dataclass(frozen=True, slots=True)
class Peers:
    """The contents of the file; without one, nobody."""

    logs: tuple[NoteKey, ...] = ()
    witnesses: tuple[WitnessAddress, ...] = ()


def read_peers(path: Path | None) -> Peers:
    """Read the file. LogStopped when it is there and not as above."""
    if path is None:
        return Peers()
    try:
        whole = read_object(path.read_bytes())
        logs = tuple(read_key(str(vkey)) for vkey in _list(whole, "logs"))
        witnesses = tuple(_witness(item) for item in _list(whole, "witnesses"))
    except (OSError, BadJson, MalformedNote, KeyError, TypeError) as error:
        raise LogStopped("config_unreadable", f"{path}: {error}") from error
    if set(whole) - {"logs", "witnesses"} or any(key.kind == "cosignature" for key in logs):
        raise LogStopped("config_unreadable", f"{path}: only `logs` and `witnesses`, and logs sign with keys of logs")
    return Peers(logs, witnesses)


def _list(whole: dict[str, object], name: str) -> list[object]:
    found = whole.get(name, [])
    if not isinstance(found, list):
        raise TypeError(f"{name} is a list")
    return found


def _witness(item: object) -> WitnessAddress:
    if not isinstance(item, dict) or set(item) != {"key", "url"}:
        raise TypeError("a witness has a key and a url")
    key, url = read_key(str(item["key"])), str(item["url"])
    if key.kind != "cosignature" or not url.startswith(("https://", "http://")):
        raise TypeError("a witness has a key of type 04 and an http(s) address")
    return WitnessAddress(key, url.rstrip("/"))
